#!/bin/bash
# team.sh: echo on one loop and on two, by every way in which two come by their connections (see
# echo_team.c; "team" is the one of reed/team.h). Server and load have both processors, so that it is
# the CPU of an operation that is compared. churn: a connection for each message. The last lines are
# the cost of an operation with two loops as a ratio to that with one, and how many connections each
# of the two got. CASES="CONNS:BYTES[:MESSAGES] ..." and HOW="..." narrow it; settings as in lib.sh.
#
# echo: the same load, which keeps one loop busy, for one loop and for two. Two then have time to spare
# and are woken more often, each time for less, so that what it shows is for a good part the price of
# waking up: `batch` is how many messages there are to a sleep of the server.
# each: for each of the loops as many connections, and a load of its own, so that they are as busy as the
# one is. That is what several loops are for, and what their cost is told by.
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

# How often its loops have gone to sleep.
naps() { cat "/proc/${pid_of[$1]}"/task/*/status | awk '/^voluntary_ctxt/ { n += $2 } END { print n }'; }

# loads HOW_MANY NAME CONNS BYTES MESSAGES: so many at once; their rates together, the slowest of their times
loads() {
    local i running=() before
    before=$(naps "$2")
    for ((i = 0; i < $1; i++)); do
        load "$bin/echoload" -p "${port_of[$2]}" -P "${pid_of[$2]}" -c "$3" -s "$4" -k "$5" \
            -d "$SECONDS_EACH" > "$work/load.$i" &
        running+=($!)
    done
    wait "${running[@]}"
    for ((i = 0; i < $1; i++)); do cat "$work/load.$i"; done \
        | awk -v naps="$(($(naps "$2") - before))" -v s="$SECONDS_EACH" '
        { for (i = 1; i <= NF; i++) { split($i, kv, "="); k = kv[1]; x = kv[2]
              if (k ~ /_us$/) v[k] = x > v[k] + 0 ? x : v[k]; else v[k] += x } }
        END { printf "rate=%d cpu_rate=%d p50_us=%.1f p99_us=%.1f batch=%.1f", v["rate"], v["cpu_rate"],
              v["p50_us"], v["p99_us"], v["rate"] * s / (naps + 1) }'
}

# echoing_case KIND CASE: each of the servers, with one load or with one to a loop
echoing_case() {
    local conns bytes each n row many
    IFS=: read -r conns bytes each <<< "$2"
    for n in "${echoing[@]}"; do
        many=1
        [ "$1" = each ] && [ "$n" != one ] && many=2
        shares "$n" > /dev/null
        row=$(loads "$many" "$n" "$conns" "$bytes" "${each:-0}")
        record "$1-$conns:$bytes" "$n" "$row least=$(shares "$n")"
    done
}

for ((r = 0; r < ROUNDS; r++)); do
    for c in $CASES; do
        case $c in
        *:*:*) echoing_case churn "$c" ;;
        *) echoing_case echo "$c" && echoing_case each "$c" ;;
        esac
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
