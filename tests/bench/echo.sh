#!/bin/bash
# echo.sh: TCP echo ping-pong, idle memory and timers, beside the bare epoll loop, libuv, libevent
# and libev. CASES="CONNS:BYTES ..." narrows it; settings as in lib.sh. At the end, per CPU-second:
# each case of Reed's to the bare loop and to the best library, how far its rounds lie apart, and
# the geometric mean of the cases.
: "${ROUNDS:=5}"
. "$(dirname "$0")/lib.sh"
: "${IDLE:=10000}" "${CASES=1:64 100:64 1000:64 10000:64 1:16384 100:16384 1000:16384 10000:16384}"
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
report | tee "$work/report"
awk '
FNR == 1 { file++ }
!/^echo-/ { next }
{ for (i = 3; i <= NF; i++) if (sub(/^cpu_rate=/, "", $i)) {
      if (file == 1) { rate[$1, $2] = $i; cases[$1]; continue }
      id = $1 SUBSEP $2
      if (!(id in least) || $i + 0 < least[id]) least[id] = $i + 0
      if ($i + 0 > most[id]) most[id] = $i + 0 } }
END { for (m = split("push pull uring", modes); m; m--) {
          me = "reed-" modes[m]; n = sum = 0
          for (c in cases) if (rate[c, me] > 0) {
              best = rate[c, "libuv"]
              if (rate[c, "libev"] > best) best = rate[c, "libev"]
              if (rate[c, "libevent"] > best) best = rate[c, "libevent"]
              if (rate[c, "epoll"] > 0) { sum += log(rate[c, me] / rate[c, "epoll"]); n++ }
              printf "%-22s %-16s /epoll=%.2f /best=%.2f apart=%.0f%%\n", c, me,
                  (rate[c, "epoll"] > 0 ? rate[c, me] / rate[c, "epoll"] : 0),
                  (best > 0 ? rate[c, me] / best : 0),
                  100 * (most[c, me] - least[c, me]) / rate[c, me]
          }
          if (n) printf "%-22s %-16s /epoll=%.2f\n", "echo-mean", me, exp(sum / n)
      } }' "$work/report" "$rows" | sort
