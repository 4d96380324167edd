#!/bin/bash
# ws.sh: WebSocket echo ping-pong of ws_reed.c, over epoll and over io_uring, beside libwebsockets. Prints
# medians, and cpu_rate as a ratio. CASES="CONNS:BYTES ..." narrows it; settings as in lib.sh.
. "$(dirname "$0")/lib.sh"
: "${CASES=1:64 100:64 1000:64 100:4096}"

wanted lws && [ -x "$bin/ws_lws" ] && { new_port; start lws "$port" "$bin/ws_lws" "$port"; }
new_port; start reed "$port" "$bin/ws_reed" "$port"
wanted uring && { new_port; REED_DRIVER=uring start uring "$port" "$bin/ws_reed" "$port"; }

for ((r = 0; r < ROUNDS; r++)); do
    for c in $CASES; do
        for n in "${names[@]}"; do
            record "ws-$c" "$n" "$(load "$bin/echoload" -p "${port_of[$n]}" -P "${pid_of[$n]}" -w / \
                -c "${c%:*}" -s "${c#*:}" -d "$SECONDS_EACH" | sed 's/ [a-z_]*bytes=[0-9.-]*//g')"
        done
    done
done
report | tee "$work/report"
awk '{ for (i = 3; i <= NF; i++) if (sub(/^cpu_rate=/, "", $i)) { rate[$1, $2] = $i; cases[$1]; names[$2] } }
     END { for (c in cases) for (n in names) if (n != "lws" && rate[c, "lws"] > 0)
               printf "%-22s %s/lws %.2f\n", c, n, rate[c, n] / rate[c, "lws"] }' "$work/report" | sort
