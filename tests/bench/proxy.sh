#!/bin/bash
# proxy.sh: the reverse proxy of http_reed.c beside nginx, haproxy and h2o, all before one nginx that runs
# on the load's core. hello: a small answer, 64 connections; 1k, 100k: files; post: 10 KiB up. Prints
# medians, and cpu_rate as a ratio to that of each peer. reed2 and haproxy2 speak HTTP/2 to the origin, as
# the other peers do only over TLS or for gRPC. CASES narrows it.
. "$(dirname "$0")/lib.sh"
: "${CASES:=hello 1k 100k post}"

fill_site
cat > "$work/post.lua" << 'END'
wrk.method = "POST"
wrk.body = string.rep("x", 10240)
END

new_port; origin=$port; fill nginx.conf; mv "$work/nginx.conf" "$work/origin.conf"
SERVER_CPU=$CLIENT_CPU start origin "$origin" nginx -p "$work" -c "$work/origin.conf"
new_port; origin2=$port; fill nginx.conf 's|@PORT@|& http2|'; mv "$work/nginx.conf" "$work/origin2.conf"
SERVER_CPU=$CLIENT_CPU start origin2 "$origin2" nginx -p "$work" -c "$work/origin2.conf"
names=()

http_peer nginx nginx_proxy.conf
http_peer haproxy haproxy.conf
if wanted haproxy2 && command -v haproxy > /dev/null; then
    new_port; fill haproxy.conf "s|@ORIGIN@|$origin2 proto h2|"
    start haproxy2 "$port" haproxy -db -f "$work/haproxy.conf"
fi
http_peer h2o h2o_proxy.conf
new_port
start reed "$port" "$bin/http_reed" "$port" "$work/www" "tcp:127.0.0.1:$origin"
new_port
start reed2 "$port" "$bin/http_reed" "$port" "$work/www" "tcp:127.0.0.1:$origin2" 2

one() { # CASE NAME
    case $1/$2 in
    post/*2) return ;; # a body that it does not look at is a flood of HTTP/2 to nginx
    post/*) wrk_case "$2" /echo -s "$work/post.lua" ;;
    *) wrk_case "$2" "/$1" ;;
    esac
}

play_rounds proxy
