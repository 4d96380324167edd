#!/bin/bash
# http2.sh: HTTP/2 over plain TCP (prior knowledge) of http_reed.c beside h2o, haproxy and nginx, loaded by
# h2load. hello: a small answer, 64 connections of 16 requests at a time; one: the same, one at a time; 1k
# and 100k: files. Prints medians, and cpu_rate as a ratio to that of each peer. CASES narrows it.
. "$(dirname "$0")/lib.sh"
: "${CASES:=hello one 1k 100k}"

fill_site

http_peer nginx nginx.conf 's|listen 127.0.0.1:@PORT@|& http2|'
http_peer h2o h2o.conf
http_peer haproxy haproxy_site.conf 's|bind 127.0.0.1:@PORT@|& proto h2|'
new_port
start reed "$port" "$bin/http_reed" "$port" "$work/www"

one() { # CASE NAME
    case $1/$2 in
    1k/haproxy | 100k/haproxy) return ;;
    esac
    case $1 in
    hello) h2load_case "$2" /hello 16 ;;
    one) h2load_case "$2" /hello 1 ;;
    *) h2load_case "$2" "/$1" 16 ;;
    esac
}

play_rounds http2
