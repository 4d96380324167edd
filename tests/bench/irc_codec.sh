#!/bin/sh
# irc_codec.sh: what reading and writing IRC lines costs, without I/O.
exec "${REED_BUILD:-build/release}/bench/irc_codec"
