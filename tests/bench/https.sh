#!/bin/bash
# https.sh: TLS of http_reed.c beside nginx, h2o and haproxy, with an ECDSA certificate: full and resumed
# handshakes one after another (openssl s_time), and 1 MiB over HTTP/1.1 and HTTP/2. Prints medians, and
# cpu_rate (handshakes or downloads per CPU-second of the server) as a ratio to that of each peer.
. "$(dirname "$0")/lib.sh"
: "${CASES:=full resumed 1m h2-1m}"

fill_site
head -c 1048576 /dev/urandom > "$work/www/1m"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 -subj /CN=localhost \
    -keyout "$work/key.pem" -out "$work/cert.pem" 2> /dev/null
cat "$work/cert.pem" "$work/key.pem" > "$work/both.pem"

if wanted nginx && command -v nginx > /dev/null; then
    new_port; fill nginx.conf
    sed -i "s|listen 127.0.0.1:$port.*|listen 127.0.0.1:$port ssl http2 backlog=4096; ssl_certificate $work/cert.pem; ssl_certificate_key $work/key.pem; ssl_protocols TLSv1.3; ssl_session_cache shared:s:10m;|" "$work/nginx.conf"
    start nginx "$port" nginx -p "$work" -c "$work/nginx.conf"
fi
if wanted h2o && command -v h2o > /dev/null; then
    new_port; fill h2o.conf
    sed -i "s|^  port: $port|&\n  ssl: { certificate-file: $work/cert.pem, key-file: $work/key.pem }|" "$work/h2o.conf"
    start h2o "$port" h2o -m worker -c "$work/h2o.conf"
fi
if wanted haproxy && command -v haproxy > /dev/null; then
    new_port; origin=1; fill haproxy.conf
    sed -i "s|bind 127.0.0.1:$port|& ssl crt $work/both.pem\n    http-request return status 200|" "$work/haproxy.conf"
    start haproxy "$port" haproxy -db -f "$work/haproxy.conf"
fi
new_port
start reed "$port" "$bin/http_reed" "tls:$port:interface=127.0.0.1:cert=$work/cert.pem:key=$work/key.pem" "$work/www"

# handshakes NAME -new|-reuse; with a small request, as tickets of TLS 1.3 come with its answer
handshakes() {
    measured "${pid_of[$1]}" openssl s_time -connect "127.0.0.1:${port_of[$1]}" "$2" \
        -www /hello -time "$SECONDS_EACH"
    awk -v cpu="$cpu_s" '/ connections in .* real seconds/ { n = $1; rate = $1 / $4 }
        END { printf "rate=%.0f cpu_rate=%.0f", rate, (cpu > 0 ? n / cpu : 0) }' <<< "$output"
}

one() { # CASE NAME
    case $1/$2 in
    *1m/haproxy) ;;
    full/*) handshakes "$2" -new ;;
    resumed/*) handshakes "$2" -reuse ;;
    1m/*) wrk_case "$2" /1m ;;
    h2-1m/*) h2load_case "$2" /1m 4 ;;
    esac
}

scheme=https
play_rounds https
