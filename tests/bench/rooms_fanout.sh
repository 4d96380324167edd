#!/bin/sh
# rooms_fanout.sh: what it costs to tell a room, without I/O.
exec "${REED_BUILD:-build/release}/bench/rooms_fanout"
