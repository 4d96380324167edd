#!/bin/bash
# sandbox.sh: what the sandbox and the duties of a daemon cost. TCP echo by a bare program, by a daemon
# without its sandbox, and by one with it whose metrics are asked for every second; then IRC fan-out by
# `reed chat` both ways. CASES="CONNS:BYTES ..." and IRC="CLIENTS:CHANNELS ..." narrow it; settings as
# in lib.sh.
. "$(dirname "$0")/lib.sh"
: "${CASES=1:64 100:64 1000:64 100:16384}" "${IRC=500:1 2000:100}"

# daemon NAME off|require DOOR COMMAND...: it listens at DOOR, which is the name of a flag
daemon() {
    local name=$1 sandbox=$2 door=$3 metrics=()
    shift 3
    if [ "$sandbox" = require ]; then
        new_port
        metrics=(--metrics "tcp:$port:interface=127.0.0.1")
        scrape "$port" & started+=($!)
    fi
    new_port
    start "$name" "$port" "$@" --state "$work/$name" --log warn --sandbox "$sandbox" "${metrics[@]}" \
        "--$door" "tcp:$port:interface=127.0.0.1"
}

# As a monitor does, and more often than most.
scrape() {
    while sleep 1; do
        taskset -c "$CLIENT_CPU" curl -s -o /dev/null "http://127.0.0.1:$1/metrics"
    done
}

new_port
start bare "$port" "$bin/../examples/echo" "tcp:$port:interface=127.0.0.1"
daemon daemon off listen "$bin/echo_daemon"
daemon sandboxed require listen "$bin/echo_daemon"
for ((r = 0; r < ROUNDS; r++)); do
    for c in $CASES; do
        for n in "${names[@]}"; do
            record "echo-$c" "$n" "$(load "$bin/echoload" -p "${port_of[$n]}" -P "${pid_of[$n]}" \
                -c "${c%:*}" -s "${c#*:}" -d "$SECONDS_EACH" | sed 's/ [a-z_]*bytes=[0-9.-]*//g')"
        done
    done
done

names=()
daemon chat off irc "${REED:-$bin/../bin/reed}" chat
daemon chat-sandboxed require irc "${REED:-$bin/../bin/reed}" chat
for ((r = 0; r < ROUNDS; r++)); do
    for c in $IRC; do
        for n in "${names[@]}"; do
            record "irc-$c" "$n" "$(load "$bin/ircload" -p "${port_of[$n]}" -P "${pid_of[$n]}" \
                -c "${c%:*}" -k "${c#*:}" -s 1 -d "$SECONDS_EACH" | pick 'rate|cpu_rate')"
            sleep 0.5
        done
    done
done
report
