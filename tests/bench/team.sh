#!/bin/bash
# team.sh: echo on one loop and on two, by every way in which two come by their connections (see
# echo_team.c; "team" is the one of reed/team.h). Server and load have both processors, so that it is
# the CPU of an operation that is compared. churn: a connection for each message. The last lines are
# the cost of an operation with two loops as a ratio to that with one, and how many connections each
# of the two got. CASES="CONNS:BYTES[:MESSAGES] ..." and HOW="..." narrow it; settings as in lib.sh.
# http: `reed web --loops 2` beside --loops 1, a file of WEB bytes (WEB="" leaves them out). There is no
# such row of IRC: `reed chat` refuses --loops 2, as who is in which room is known in one place.
SERVER_CPU=${SERVER_CPU:-0,1} CLIENT_CPU=${CLIENT_CPU:-0,1}
. "$(dirname "$0")/lib.sh"
: "${CASES=100:64 1000:64 100:16384 100:64:1}" "${HOW=team herd exclusive reuseport handed}"
: "${WEB=1k 100k}"

new_port; start one "$port" "$bin/echo_team" team 1 "$port"
for how in $HOW; do
    new_port; start "$how" "$port" "$bin/echo_team" "$how" 2 "$port"
done

echoing=("${names[@]}")

web() { # NAME LOOPS
    new_port
    start "$1" "$port" "${REED:-$bin/../bin/reed}" web --state "$work/$1" --log warn --loops "$2" \
        --listen "tcp:$port:interface=127.0.0.1" --path "$work/www"
}
if [ -n "$WEB" ]; then
    fill_site
    web web-one 1 && web web-team 2 || WEB=""
fi

# How many came to each of the two since it was last asked: A/B, the smaller number first.
shares() {
    local lines
    lines=$(wc -l < "$work/$1.log")
    kill -USR1 "${pid_of[$1]}"
    until [ "$(wc -l < "$work/$1.log")" -gt "$lines" ]; do sleep 0.01; done
    tail -1 "$work/$1.log" | awk -F/ 'NF == 2 { print ($1 < $2 ? $1 : $2) / ($1 + $2) }'
}

for ((r = 0; r < ROUNDS; r++)); do
    for c in $CASES; do
        IFS=: read -r conns bytes each <<< "$c"
        for n in "${echoing[@]}"; do
            shares "$n" > /dev/null
            row=$(load "$bin/echoload" -p "${port_of[$n]}" -P "${pid_of[$n]}" -c "$conns" -s "$bytes" \
                -k "${each:-0}" -d "$SECONDS_EACH" | sed 's/ [a-z_]*bytes=[0-9.-]*//g; s/ rss_kb=.*//')
            record "$([ -n "$each" ] && echo churn || echo echo)-$conns:$bytes" "$n" "$row least=$(shares "$n")"
        done
    done
    for c in $WEB; do
        for n in one team; do
            record "http-$c" "$n" "$(wrk_case "web-$n" "/$c" | sed 's/ rss_kb=.*//')"
        done
    done
done
report
# Cost is the inverse of cpu_rate. least: the part of the connections that the smaller half had.
report | awk '{ for (i = 3; i <= NF; i++) { split($i, kv, "="); v[$1, $2, kv[1]] = kv[2] } at[$1] = 1; who[$2] = 1 }
    END { for (c in at) for (w in who) if (w != "one" && v[c, w, "cpu_rate"] > 0)
        printf "%-22s %-16s cost=%.2f%s\n", c, w, v[c, "one", "cpu_rate"] / v[c, w, "cpu_rate"],
            (c, w, "least") in v ? sprintf(" least=%.2f", v[c, w, "least"]) : "" }' | sort
