#!/bin/bash
# adapters.sh: echo inside each foreign loop beside Reed's own, per second of the server's CPU; the
# last lines are the ratios.  CASES="CONNS:BYTES ..." narrows it; settings as in lib.sh.
. "$(dirname "$0")/lib.sh"
: "${CASES=1:64 100:64 1000:64 100:16384}"

for name in native libuv libev libevent glib sd-event qt6; do
    if wanted "$name" && [ -x "$bin/echo_in_$name" ]; then
        new_port
        start "$name" "$port" "$bin/echo_in_$name" "tcp:$port:interface=127.0.0.1"
    fi
done
for ((r = 0; r < ROUNDS; r++)); do
    for c in $CASES; do
        for n in "${names[@]}"; do
            record "echo-$c" "$n" "$(load "$bin/echoload" -p "${port_of[$n]}" -P "${pid_of[$n]}" \
                -c "${c%:*}" -s "${c#*:}" -d "$SECONDS_EACH" | sed 's/ [a-z_]*bytes=[0-9.-]*//g')"
        done
    done
done
report
# Medians once more, as shares of what the native driver does with the same CPU.
report | awk '{ for (i = 3; i <= NF; i++) if (sub(/^cpu_rate=/, "", $i)) rate[$1, $2] = $i; at[$1] = 1; who[$2] = 1 }
    END { for (c in at) for (w in who) if (rate[c, "native"] > 0 && (c, w) in rate)
        printf "%-22s %-16s ratio=%.2f\n", c, w, rate[c, w] / rate[c, "native"] }' | sort
