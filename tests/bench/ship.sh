#!/bin/bash
# ship.sh: what it costs to ship the log to a peer that is dead: a million records with and without one,
# in turns; the ratio is to stay under 1.05 and the memory within its bound. RECORDS and SHIP_ROUNDS change how many.
. "$(dirname "$0")/lib.sh"

taskset -c "$SERVER_CPU" "$bin/ship" "${RECORDS:-1000000}" "${SHIP_ROUNDS:-7}"
