#!/bin/bash
# http.sh: HTTP/1.1 of http_reed.c beside nginx, h2o, haproxy, Twisted and raw, bare epoll that parses nothing
# and so is the practical limit. hello: a small answer, 64 connections; pipe: the same, 16 at a time; 1k and
# 100k: files. Prints medians, and cpu_rate as a ratio to that of each peer. CASES narrows it.
# IDLE connections that were asked one thing come first: what memory each takes.
. "$(dirname "$0")/lib.sh"
: "${IDLE:=10000}"
: "${CASES:=hello pipe 1k 100k}"

fill_site
cat > "$work/pipe.lua" << 'END'
init = function(args)
    local r = {}
    for i = 1, 16 do r[i] = wrk.format("GET", "/hello") end
    all = table.concat(r)
end
request = function() return all end
END

wanted raw && { new_port; start raw "$port" "$bin/http_raw" "$port"; }
http_peer nginx nginx.conf
http_peer h2o h2o.conf
http_peer haproxy haproxy_site.conf
if wanted twisted && "$PYTHON" -c 'import twisted.web' 2> /dev/null; then
    new_port
    start twisted "$port" "$PYTHON" "$here/peers/http_twisted.py" "$port" "$work/www"
fi
new_port
start reed "$port" "$bin/http_reed" "$port" "$work/www"

if [ "$IDLE" != 0 ]; then
    for n in "${names[@]}"; do
        record "http-idle-$IDLE" "$n" \
            "$("$PYTHON" "$here/http_idle.py" "${port_of[$n]}" "${pid_of[$n]}" "$IDLE")"
    done
fi

one() { # CASE NAME
    case $1/$2 in
    100k/raw | pipe/raw | 1k/haproxy | 100k/haproxy) ;;
    pipe/*) wrk_case "$2" /hello -s "$work/pipe.lua" ;;
    *) wrk_case "$2" "/$1" ;;
    esac
}

play_rounds http
