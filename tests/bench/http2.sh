#!/bin/bash
# http2.sh: HTTP/2 over plain TCP (prior knowledge) of http_reed.c beside h2o and nginx, loaded by
# h2load. hello: a small answer, 64 connections of 16 requests at a time; one: the same, one at a time; 1k
# and 100k: files. Prints medians, and cpu_rate as a ratio to that of each peer. CASES narrows it.
. "$(dirname "$0")/lib.sh"
: "${CASES:=hello one 1k 100k}"

fill_site

if wanted nginx && command -v nginx > /dev/null; then
    new_port; fill nginx.conf
    sed -i "s|listen 127.0.0.1:$port|& http2|" "$work/nginx.conf"
    start nginx "$port" nginx -p "$work" -c "$work/nginx.conf"
fi
if wanted h2o && command -v h2o > /dev/null; then
    new_port; fill h2o.conf
    start h2o "$port" h2o -m worker -c "$work/h2o.conf"
fi
new_port
start reed "$port" "$bin/http_reed" "$port" "$work/www"

# one_load NAME PATH STREAMS
one_load() {
    measured "${pid_of[$1]}" h2load -t1 -c64 -m"$3" -D"$SECONDS_EACH" --warm-up-time=0 \
        "http://127.0.0.1:${port_of[$1]}$2"
    awk -v cpu="$cpu_s" -v rss="$rss_kb" '
        /^finished in/ { rate = $4 }
        /^requests:/ { n = $8; failed = $10 + $12 + $14 }
        END { printf "rate=%.0f cpu_rate=%.0f failed=%d rss_kb=%d", rate,
                     (cpu > 0 ? n / cpu : 0), failed, rss }' <<< "$output"
}

one() { # CASE NAME
    case $1 in
    hello) one_load "$2" /hello 16 ;;
    one) one_load "$2" /hello 1 ;;
    *) one_load "$2" "/$1" 16 ;;
    esac
}

play_rounds http2
