#!/bin/bash
# sandbox.sh: what the sandbox and the duties of a daemon cost: TCP echo by a bare program, by a daemon
# without its sandbox, and by one with it. CASES="CONNS:BYTES ..." narrows it; settings as in lib.sh.
. "$(dirname "$0")/lib.sh"
: "${CASES=1:64 100:64 1000:64 100:16384}"

daemon() {
    new_port
    start "$1" "$port" "$bin/echo_daemon" --state "$work/$1" --sandbox "$2" \
        --listen "tcp:$port:interface=127.0.0.1"
}
new_port
start bare "$port" "$bin/../examples/echo" "tcp:$port:interface=127.0.0.1"
daemon daemon off
daemon sandboxed require

for ((r = 0; r < ROUNDS; r++)); do
    for c in $CASES; do
        for n in "${names[@]}"; do
            record "echo-$c" "$n" "$(load "$bin/echoload" -p "${port_of[$n]}" -P "${pid_of[$n]}" \
                -c "${c%:*}" -s "${c#*:}" -d "$SECONDS_EACH" | sed 's/ [a-z_]*bytes=[0-9.-]*//g')"
        done
    done
done
report
