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

if wanted nginx && command -v nginx > /dev/null; then
    new_port; fill nginx_proxy.conf
    start nginx "$port" nginx -p "$work" -c "$work/nginx_proxy.conf"
fi
if wanted haproxy && command -v haproxy > /dev/null; then
    new_port; fill haproxy.conf
    start haproxy "$port" haproxy -db -f "$work/haproxy.conf"
fi
if wanted h2o && command -v h2o > /dev/null; then
    new_port; fill h2o_proxy.conf
    start h2o "$port" h2o -m worker -c "$work/h2o_proxy.conf"
fi
new_port
start reed "$port" "$bin/http_reed" "$port" "$work/www" "tcp:127.0.0.1:$origin"

one() { # CASE NAME
    case $1 in
    post) wrk_case "$2" /echo -s "$work/post.lua" ;;
    *) wrk_case "$2" "/$1" ;;
    esac
}

play_rounds proxy
