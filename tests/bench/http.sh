#!/bin/bash
# http.sh: HTTP/1.1 of http_reed.c beside nginx, h2o and raw, bare epoll that parses nothing and so
# is the practical limit. hello: a small answer, 64 connections; pipe: the same, 16 at a time; 1k and
# 100k: files. Prints medians, and cpu_rate as a ratio to that of each peer. CASES narrows it.
. "$(dirname "$0")/lib.sh"
: "${CASES:=hello pipe 1k 100k}"

mkdir -p "$work/www" "$work/nginx-tmp"
printf 'Hello, World!' > "$work/www/hello"
for f in 1k:1024 100k:102400; do
    head -c "${f#*:}" /dev/urandom | base64 -w0 | head -c "${f#*:}" > "$work/www/${f%:*}"
done
cat > "$work/pipe.lua" << 'END'
init = function(args)
    local r = {}
    for i = 1, 16 do r[i] = wrk.format("GET", "/hello") end
    all = table.concat(r)
end
request = function() return all end
END
fill() { sed -e "s|@WORK@|$work|g" -e "s|@PORT@|$port|g" "$here/conf/$1" > "$work/$1"; }

wanted raw && { new_port; start raw "$port" "$bin/http_raw" "$port"; }
if wanted nginx && command -v nginx > /dev/null; then
    new_port; fill nginx.conf
    start nginx "$port" nginx -p "$work" -c "$work/nginx.conf"
fi
if wanted h2o && command -v h2o > /dev/null; then
    new_port; fill h2o.conf
    start h2o "$port" h2o -m worker -c "$work/h2o.conf"
fi
new_port
start reed "$port" "$bin/http_reed" "$port" "$work/www"

# wrk_case NAME PATH [wrk arguments]
wrk_case() {
    local n=$1 path=$2
    shift 2
    measured "${pid_of[$n]}" wrk -t1 -c64 -d"${SECONDS_EACH}s" --latency "$@" \
        "http://127.0.0.1:${port_of[$n]}$path"
    awk -v cpu="$cpu_s" -v rss="$rss_kb" '
        function us(t) { return t ~ /us$/ ? t + 0 : t ~ /ms$/ ? t * 1e3 : t * 1e6 }
        $1 == "50%" { p50 = us($2) }
        $1 == "99%" { p99 = us($2) }
        /requests in/ { n = $1 }
        /Requests\/sec/ { rate = $2 }
        /Socket errors/ { gsub(",", ""); err += $4 + $6 + $8 + $10 }
        /Non-2xx/ { err += $NF }
        END { printf "rate=%.0f cpu_rate=%.0f p50_us=%.0f p99_us=%.0f failed=%d rss_kb=%d",
              rate, (cpu > 0 ? n / cpu : 0), p50, p99, err, rss }' <<< "$output"
}

one() { # CASE NAME
    case $1/$2 in
    100k/raw | pipe/raw) ;;
    pipe/*) wrk_case "$2" /hello -s "$work/pipe.lua" ;;
    *) wrk_case "$2" "/$1" ;;
    esac
}

play_rounds http
