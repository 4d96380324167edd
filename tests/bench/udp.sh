#!/bin/bash
# udp.sh: UDP echo beside the bare recvmmsg loop and libuv. CASES="SOCKETS:WINDOW:BYTES ..."
# narrows it; settings as in lib.sh. The ratios at the end are per CPU-second of the server:
# to libuv's best, and the cost beside that of the raw loops.
. "$(dirname "$0")/lib.sh"
: "${CASES=1:1:64 1:64:64 10:16:64 100:8:64 100:8:1200}"
examples=$bin/../examples

# udp_server NAME COMMAND...: there is no connect that would tell when it is ready.
udp_server() {
    local name=$1
    shift
    wanted "$name" && [ -x "$1" ] || return 0
    start "$name" 0 "$@"
    port_of[$name]=$port
}
new_port; udp_server raw "$bin/udp_raw" "$port"
new_port; udp_server raw-epoll "$bin/udp_raw" "$port" epoll
new_port; udp_server libuv "$bin/udp_libuv" "$port"
new_port; udp_server libuv-mmsg "$bin/udp_libuv" "$port" mmsg
new_port; udp_server reed-push "$examples/udp_echo" "udp:$port:interface=127.0.0.1:buffer=4194304"
new_port; udp_server reed-pull "$examples/udp_echo" "udp:$port:interface=127.0.0.1:buffer=4194304" pull
sleep 0.5

for ((r = 0; r < ROUNDS; r++)); do
    for c in $CASES; do
        IFS=: read -r socks window bytes <<< "$c"
        for n in "${names[@]}"; do
            record "udp-$c" "$n" "$(load "$bin/udpload" -p "${port_of[$n]}" -P "${pid_of[$n]}" \
                -c "$socks" -w "$window" -s "$bytes" -d "$SECONDS_EACH")"
        done
    done
done
report | tee "$work/report"
awk '{ for (i = 3; i <= NF; i++) if (sub(/^per_cpu_s=/, "", $i)) v[$1, $2] = $i; seen[$1] = 1 }
function best(a, b) { return a > b ? a : b }
END { for (c in seen)
          for (k = split("push pull", face, " "); k > 0; k--) {
              us = v[c, "reed-" face[k]]
              uv = best(v[c, "libuv"], v[c, "libuv-mmsg"])
              if (us) printf("%-16s reed-%s: %.2f of libuv, cost %.2f of raw with epoll, %.2f of raw\n",
                             c, face[k], uv ? us / uv : 0, v[c, "raw-epoll"] / us, v[c, "raw"] / us)
          } }' "$work/report" | sort
