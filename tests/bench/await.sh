#!/bin/bash
# await.sh: what the kernel's words cost when nothing waits, linked statically and shared.
# SKETCH=PROGRAM is another bench of the same shape to be run beside it.
. "$(dirname "$0")/lib.sh"

for program in "$bin/await" "$bin/await_shared" ${SKETCH-}; do
    echo "== ${program##*/}"
    taskset -c "$SERVER_CPU" "$program"
done
