#!/bin/bash
# irc.sh: IRC fan-out, latency, registration and memory of `reed chat`, beside InspIRCd, ngIRCd and
# fan-out on the bare epoll loop. CASES="NAME:CLIENTS:CHANNELS:SENDERS:RATE ..." narrows it; RATE 0
# is as fast as every member has got the messages. FRESH clients log in first, INFLIGHT at a time.
# Then IDLE clients say nothing for IDLE_S seconds: wake-ups of the server, and its pings, are counted.
. "$(dirname "$0")/lib.sh"
: "${FRESH:=5000}" "${INFLIGHT:=256}" "${IDLE:=10000}" "${IDLE_S:=20}"
: "${CASES=1x500:500:1:1:0 100x20:2000:100:1:0 1x500-paced:500:1:1:40}"

fill() { sed -e "s|@WORK@|$work|g" -e "s|@PORT@|$port|g" "$here/conf/$1" > "$work/$1"; }
quiet() { exec "$@" > /dev/null 2>&1; }
export -f quiet

if wanted ngircd && command -v ngircd > /dev/null; then
    new_port; fill ngircd.conf
    start ngircd "$port" bash -c 'quiet "$@"' - ngircd -n -f "$work/ngircd.conf"
fi
if wanted inspircd && command -v inspircd > /dev/null; then
    new_port; fill inspircd.conf
    chmod 777 "$work"
    start inspircd "$port" inspircd --nofork --runasroot --nolog --config "$work/inspircd.conf"
fi
wanted raw && { new_port; start raw "$port" "$bin/irc_raw" "$port"; }
new_port
start reed "$port" "${REED:-$bin/../bin/reed}" chat --state "$work/reed" --log warn \
    --irc "tcp:$port:interface=127.0.0.1"

irc_load() {
    local n=$1 inflight=$INFLIGHT
    shift
    [ "$n" = ngircd ] && inflight=8
    load "$bin/ircload" -p "${port_of[$n]}" -P "${pid_of[$n]}" -j "$inflight" "$@" || echo failed=1
}

if [ "$FRESH" != 0 ]; then
    for n in "${names[@]}"; do
        record "irc-fresh-$FRESH" "$n" "$(irc_load "$n" -c "$FRESH" -k $((FRESH / 20)) -d 0.5 \
            | pick 'reg_rate|reg_cpu_rate|join_rate|client_bytes|rss_kb')"
        sleep 1
    done
fi
if [ "$IDLE" != 0 ]; then
    for n in "${names[@]}"; do
        record "irc-idle-$IDLE" "$n" "$(irc_load "$n" -c "$IDLE" -k $((IDLE / 20)) -i "$IDLE_S")"
        sleep 1
    done
fi
for ((r = 0; r < ROUNDS; r++)); do
    for c in $CASES; do
        IFS=: read -r name clients channels senders rate <<< "$c"
        for n in "${names[@]}"; do
            record "irc-$name" "$n" "$(irc_load "$n" -c "$clients" -k "$channels" -s "$senders" \
                -d "$SECONDS_EACH" $([ "$rate" != 0 ] && echo "-r $rate") \
                | pick 'rate|cpu_rate|p50_us|p99_us|rss_kb')"
            sleep 0.5
        done
    done
done
report
