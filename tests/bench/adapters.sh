#!/bin/bash
# adapters.sh: echo inside each foreign loop beside Reed's own, per second of the server's CPU; the
# last lines are the ratios.  CASES="CONNS:BYTES ..." narrows it; settings as in lib.sh.
# asyncio is Reed's echo inside of Python's loop, as the others are, and asyncio-below the same with
# reed.run(), where asyncio waits in Reed's; asyncio-coroutine has the echo in Python, and
# asyncio-streams is the same without Reed, to be compared with that.
. "$(dirname "$0")/lib.sh"
: "${CASES=1:64 100:64 1000:64 100:16384}"

for name in native libuv libev libevent glib sd-event qt6; do
    if wanted "$name" && [ -x "$bin/echo_in_$name" ]; then
        new_port
        start "$name" "$port" "$bin/echo_in_$name" "tcp:$port:interface=127.0.0.1"
    fi
done
python_in() { # NAME WAY
    wanted "$1" && [ -f "$bin/echo_in_asyncio.so" ] || return
    new_port
    start "$1" "$port" env PYTHONPATH="$here/../../bindings/python" REED_LIBRARY_PATH="$bin/../lib" \
        PYTHONDONTWRITEBYTECODE=1 ECHO_IN="$bin/echo_in_asyncio.so" "$PYTHON" "$here/echo_in.py" "$2" "$port"
}
python_in asyncio c
python_in asyncio-below below
python_in asyncio-coroutine coroutine
python_in asyncio-streams streams

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
