#!/bin/bash
# echo.sh: TCP echo ping-pong, idle memory and timers, beside the bare epoll loop, libuv, libevent
# and libev. CASES="CONNS:BYTES ..." narrows it; settings as in lib.sh.
. "$(dirname "$0")/lib.sh"
: "${IDLE:=10000}" "${CASES=1:64 100:64 1000:64 10000:64 1:16384 100:16384 1000:16384}"
examples=$bin/../examples

peer() { wanted "$1" && [ -x "$bin/$2" ] && { new_port; start "$1" "$port" "$bin/$2" "$port" ${3-}; }; }
peer epoll echo_epoll
peer libev echo_libev
peer libevent echo_libevent
peer libevent-bufev echo_libevent b
peer libuv echo_libuv
new_port; start reed-push "$port" "$examples/echo" "tcp:$port:interface=127.0.0.1"
new_port; start reed-pull "$port" "$examples/echo" "tcp:$port:interface=127.0.0.1" pull
new_port; start reed-uring "$port" env REED_DRIVER=uring "$examples/echo" "tcp:$port:interface=127.0.0.1"

if [ "$IDLE" != 0 ]; then
    for n in "${names[@]}"; do
        row=$(load "$bin/echoload" -p "${port_of[$n]}" -P "${pid_of[$n]}" -c "$IDLE" -d 0.5)
        record "idle-$IDLE" "$n" "$(tr ' ' '\n' <<< "$row" | grep -E 'connect_rate|bytes|rss' | tr '\n' ' ')"
    done
fi
for ((r = 0; r < ROUNDS; r++)); do
    for c in $CASES; do
        for n in "${names[@]}"; do
            record "echo-$c" "$n" "$(load "$bin/echoload" -p "${port_of[$n]}" -P "${pid_of[$n]}" \
                -c "${c%:*}" -s "${c#*:}" -d "$SECONDS_EACH" | sed 's/ [a-z_]*bytes=[0-9.-]*//g')"
        done
    done
    for t in reed libev libevent libuv; do
        [ -x "$bin/timers_$t" ] \
            && record timers-1M "$t" "$(taskset -c "$SERVER_CPU" "$bin/timers_$t")"
    done
done
report
