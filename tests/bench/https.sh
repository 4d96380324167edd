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

own="ssl_certificate @WORK@/cert.pem; ssl_certificate_key @WORK@/key.pem; ssl_protocols TLSv1.3"
own="$own; ssl_session_cache shared:s:10m"
http_peer nginx nginx.conf "s|listen 127.0.0.1:@PORT@.*|listen 127.0.0.1:@PORT@ ssl http2 backlog=4096; $own;|"
own="certificate-file: @WORK@/cert.pem, key-file: @WORK@/key.pem"
http_peer h2o h2o.conf "s|^  port: @PORT@|&\n  ssl: { $own }|"
own="ssl crt @WORK@/both.pem\n    http-request return status 200"
origin=1 http_peer haproxy haproxy.conf "s|bind 127.0.0.1:@PORT@|& $own|"
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
