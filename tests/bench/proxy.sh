#!/bin/bash
# proxy.sh: the reverse proxy of http_reed.c beside nginx, haproxy and h2o, all before one nginx that runs
# on the load's core. hello: a small answer, 64 connections; 1k, 100k: files; post: 10 KiB up. Prints
# medians, and cpu_rate as a ratio to that of each peer. CASES narrows it.
. "$(dirname "$0")/lib.sh"
: "${CASES:=hello 1k 100k post}"

fill_site
cat > "$work/post.lua" << 'END'
wrk.method = "POST"
wrk.body = string.rep("x", 10240)
END

new_port; origin=$port; fill nginx.conf; mv "$work/nginx.conf" "$work/origin.conf"
SERVER_CPU=$CLIENT_CPU start origin "$origin" nginx -p "$work" -c "$work/origin.conf"
names=()

http_peer nginx nginx_proxy.conf
http_peer haproxy haproxy.conf
http_peer h2o h2o_proxy.conf
new_port
start reed "$port" "$bin/http_reed" "$port" "$work/www" "tcp:127.0.0.1:$origin"

one() { # CASE NAME
    case $1 in
    post) wrk_case "$2" /echo -s "$work/post.lua" ;;
    *) wrk_case "$2" "/$1" ;;
    esac
}

play_rounds proxy
