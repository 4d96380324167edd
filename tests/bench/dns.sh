#!/bin/bash
# dns.sh: answers with authority over UDP, beside NSD and Knot, asked by dnsperf: a zone of
# NAMES=100000 hosts, up to 200 queries outstanding from 16 sockets. OVER=tcp and OVER=dot ask over
# connections (Knot has no DoT). FROM=cache asks resolvers, Unbound and `reed dns`, for what they
# have in their cache, with authority behind them. Settings as in lib.sh. The ratios at the end
# are per CPU-second of the server.
. "$(dirname "$0")/lib.sh"
: "${NAMES:=100000}" "${QUERIES:=500000}" "${OVER:=udp}" "${FROM:=authority}"
command -v dnsperf > /dev/null || { echo "dnsperf is not installed: ./dev setup --bench"; exit 1; }
"$PYTHON" "$here/conf/mkzone.py" "$NAMES" "$QUERIES" "$work/load.test.zone" "$work/queries"
mkdir -p "$work/knot-db"

has() { wanted "$1" && command -v "$2" > /dev/null; }

cat > "$work/nsd.template" << END
server:
    ip-address: 127.0.0.1
    port: PORT
    server-count: 1
    username: ""
    chroot: ""
    zonesdir: "$work"
    database: ""
    pidfile: "$work/nsd.pid"
    xfrdfile: "$work/nsd-xfrd.state"
    zonelistfile: "$work/nsd-zone.list"
    xfrdir: "$work"
    verbosity: 0
    minimal-responses: yes
    rrl-ratelimit: 0
remote-control:
    control-enable: no
zone:
    name: load.test
    zonefile: load.test.zone
END
cat > "$work/knot.template" << END
server:
    rundir: "$work"
    listen: 127.0.0.1@PORT
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
log:
  - target: stderr
    any: error
database:
    storage: "$work/knot-db"
template:
  - id: default
    storage: "$work"
    zonefile-load: whole
    journal-content: none
zone:
  - domain: load.test
    file: load.test.zone
END
fill() { sed "s/PORT/$port/" "$work/$1.template" > "$work/$1.conf"; }

cat > "$work/unbound.template" << END
server:
    interface: 127.0.0.1
    port: PORT
    num-threads: 1
    username: ""
    chroot: ""
    directory: "$work"
    pidfile: ""
    use-syslog: no
    do-not-query-localhost: no
    msg-cache-size: 128m
    rrset-cache-size: 256m
    minimal-responses: yes
    module-config: "iterator"
    incoming-num-tcp: 200
    local-zone: "test." nodefault
remote-control:
    control-enable: no
stub-zone:
    name: load.test
    stub-addr: 127.0.0.1@AUTHORITY
END
if [ "$OVER" = dot ]; then
    (cd "$work" && "$bin/../bin/reed" cert new localhost 127.0.0.1 --key ecdsa --out cert.pem) > /dev/null
    sed -i "s|ip-address: 127.0.0.1|&@PORT|; s|    port: PORT|    tls-port: PORT\n    tls-service-key: $work/cert.pem\n    tls-service-pem: $work/cert.pem|" "$work/nsd.template"
    sed -i "s|    port: PORT|    tls-port: PORT\n    tls-service-key: $work/cert.pem\n    tls-service-pem: $work/cert.pem|; s|interface: 127.0.0.1|&@PORT|" "$work/unbound.template"
fi
door() { # door PORT: where reed listens
    case $OVER in
    dot) echo "--listen tls:$1:interface=127.0.0.1:cert=$work/cert.pem" ;;
    *) echo "--listen udp:$1:interface=127.0.0.1 --listen tcp:$1:interface=127.0.0.1" ;;
    esac
}
resolvers() {
    new_port
    authority=$port
    start behind "$port" "$bin/../bin/reed" dns --zone load.test="$work/load.test.zone" \
        --listen "udp:$port:interface=127.0.0.1" --listen "tcp:$port:interface=127.0.0.1" \
        --state "$work/behind" --rate-answers 0
    names=()
    sed -i "s/AUTHORITY/$authority/" "$work/unbound.template"
    if has unbound unbound; then new_port; fill unbound; start unbound "$port" unbound -d -c "$work/unbound.conf"; fi
    new_port
    start reed "$port" "$bin/../bin/reed" dns --forward "udp:127.0.0.1:$authority" $(door "$port") \
        --own load.test --cache-size 256M --rate-answers 0 --state "$work/state"
}

authorities() {
    if has nsd nsd; then new_port; fill nsd; start nsd "$port" nsd -d -c "$work/nsd.conf"; fi
    if [ "$OVER" != dot ] && has knot knotd; then
        new_port; fill knot; start knot "$port" knotd -c "$work/knot.conf"
    fi
    new_port
    wanted reed && start reed "$port" "$bin/../bin/reed" dns --zone load.test="$work/load.test.zone" \
        $(door "$port") --rate-answers 0 --state "$work/state"
}
if [ "$FROM" = cache ]; then resolvers; else authorities; fi

# dns_case NAME
dns_case() {
    measured "${pid_of[$1]}" dnsperf -s 127.0.0.1 -p "${port_of[$1]}" -d "$work/queries" -T 1 -c 16 \
        -m "$OVER" -q 200 -t 2 -l "$SECONDS_EACH"
    awk -v cpu="$cpu_s" -v rss="$rss_kb" '
        /Queries completed/ { n = $3 }
        /Queries lost/ { lost = $3 }
        /Queries per second/ { rate = $4 }
        END { printf "rate=%.0f per_cpu_s=%.0f lost=%d rss_kb=%d", rate, (cpu > 0 ? n / cpu : 0), lost, rss }' \
        <<< "$output"
}

if [ "$FROM" = cache ]; then
    for n in "${names[@]}"; do
        dnsperf -s 127.0.0.1 -p "${port_of[$n]}" -d "$work/queries" -m "$OVER" -q 200 -t 2 -n 1 > /dev/null
    done
fi
for ((r = 0; r < ROUNDS; r++)); do
    for n in "${names[@]}"; do
        record "dns-$FROM-$OVER" "$n" "$(dns_case "$n")"
    done
done
report | tee "$work/report"
awk '{ for (i = 3; i <= NF; i++) if (sub(/^per_cpu_s=/, "", $i)) v[$2] = $i }
END { for (n in v) if (n != "reed" && v["reed"]) printf("reed: %.2f of %s\n", v["reed"] / v[n], n) }' \
    "$work/report"
