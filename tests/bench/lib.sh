# lib.sh - sourced by the other scripts: starts peers pinned to one core, runs the
# load on the other, collects key=value rows, prints medians.
#
# Settings from the environment:
#   ROUNDS=3        how often every case is measured; peers take turns in a round
#   SECONDS_EACH=3  length of one measurement
#   SERVER_CPU=0 CLIENT_CPU=1
#   PEERS="a b"     only these of the peers that a script knows
#   OUT=FILE        keep the raw rows there
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bin=${REED_BUILD:-$here/../../build/release}/bench
: "${ROUNDS:=3}" "${SECONDS_EACH:=3}" "${SERVER_CPU:=0}" "${CLIENT_CPU:=1}"
: "${PYTHON:=/usr/bin/python3}" # the one that Debian's python3-twisted belongs to
PATH=$PATH:/usr/sbin
work=$(mktemp -d)
chmod 755 "$work"
rows=${OUT:-$work/rows}
: > "$rows"
declare -A pid_of=() port_of=()
names=()          # servers in the order they were added
started=()
next_port=${BASE_PORT:-21000}
ulimit -n "$(ulimit -Hn)"


# Ends what was started here, and only that: by pid, children first.
stop_all() {
    local p
    for p in ${started[@]+"${started[@]}"}; do
        kill $(descendants "$p") "$p" 2>/dev/null
    done
    sleep 0.3
    for p in ${started[@]+"${started[@]}"}; do
        kill -9 $(descendants "$p") "$p" 2>/dev/null
    done
    wait 2>/dev/null
    rm -rf "$work"
}
trap stop_all EXIT
trap 'exit 130' INT TERM

descendants() {
    local c
    for c in $(cat /proc/"$1"/task/*/children 2>/dev/null); do
        descendants "$c"
        echo "$c"
    done
}

wanted() { [ -z "${PEERS+x}" ] || case " $PEERS " in *" $1 "*) ;; *) return 1 ;; esac; }

# new_port: sets $port
new_port() { port=$next_port; next_port=$((next_port + 1)); }

# wait_port PORT [SECONDS]
wait_port() {
    local i
    for ((i = 0; i < ${2:-20} * 10; i++)); do
        (exec 3<> "/dev/tcp/127.0.0.1/$1") 2>/dev/null && return 0
        sleep 0.1
    done
    echo "port $1 did not open" >&2
    return 1
}

# start NAME PORT COMMAND...: a peer in the foreground, pinned to the server's core
start() {
    local name=$1 p=$2
    shift 2
    taskset -c "$SERVER_CPU" "$@" > "$work/$name.log" 2>&1 &
    started+=($!)
    pid_of[$name]=$! port_of[$name]=$p
    if [ "$p" != 0 ] && ! wait_port "$p"; then
        tail -5 "$work/$name.log" >&2
        return 1
    fi
    case " ${names[*]-} " in *" $name "*) ;; *) names+=("$name") ;; esac
}

# stop NAME: ends a peer and waits for it
stop() {
    local p=${pid_of[$1]}
    kill $(descendants "$p") "$p" 2> /dev/null
    wait "$p" 2> /dev/null
}

# add_servers NAME=PORT:PID...: servers under test that run already (pin them to
# the server's core yourself: taskset -c 0 ...)
add_servers() {
    local a rest
    for a; do
        rest=${a#*=}
        names+=("${a%%=*}")
        port_of[${a%%=*}]=${rest%%:*}
        pid_of[${a%%=*}]=${rest#*:}
        taskset -acp "$SERVER_CPU" "${rest#*:}" > /dev/null || exit 1
    done
}

load() { taskset -c "$CLIENT_CPU" "$@"; }

# record CASE NAME "key=value ..."
record() {
    printf '%s\t%s\t%s\n' "$1" "$2" "$3" >> "$rows"
    printf '%-22s %-16s %s\n' "$1" "$2" "$3" >&2
}

# measured PID COMMAND...: runs it through procuse, leaves its output in $output
# and sets $wall_s $cpu_s $rss_kb
measured() {
    local p=$1 last
    shift
    output=$(load "$bin/procuse" "$p" "$@" 2>&1)
    last=${output##*$'\n'}
    wall_s=0 cpu_s=0 rss_kb=0
    case $last in wall_s=*) eval "$last" ;; esac
}

# ratio A B [DECIMALS] -> A/B or 0
ratio() { awk -v a="$1" -v b="$2" -v d="${3:-0}" 'BEGIN { printf "%.*f", d, (b > 0 ? a / b : 0) }'; }

# pick KEYS: of a row, those keys ("a|b") and whatever tells of a failure
pick() { tr ' ' '\n' | grep -E "^($1|failed|lost|reordered)=" | tr '\n' ' '; }

# Prints one table: the median over the rounds of every case, peer and key.
report() {
    awk -F'\t' '
    { id = $1 "\t" $2
      if (!(id in seen)) { seen[id] = ++n; order[n] = id }
      k = split($3, kv, " ")
      for (i = 1; i <= k; i++) {
          split(kv[i], p, "=")
          if (!((id, p[1]) in cnt)) keys[id] = keys[id] " " p[1]
          v[id, p[1], ++cnt[id, p[1]]] = p[2]
      } }
    END { for (j = 1; j <= n; j++) {
              id = order[j]; split(id, c, "\t")
              line = sprintf("%-22s %-16s", c[1], c[2])
              m = split(keys[id], ks, " ")
              for (i = 1; i <= m; i++) {
                  q = cnt[id, ks[i]]
                  for (a = 1; a <= q; a++) s[a] = v[id, ks[i], a]
                  for (a = 2; a <= q; a++)
                      for (b = a; b > 1 && s[b] + 0 < s[b-1] + 0; b--) { t = s[b]; s[b] = s[b-1]; s[b-1] = t }
                  line = line " " ks[i] "=" s[int((q + 1) / 2)]
              }
              print line
          } }' "$rows"
}

# ---- HTTP ----

# The files that all servers have, in $work/www.
fill_site() {
    mkdir -p "$work/www" "$work/nginx-tmp"
    printf 'Hello, World!' > "$work/www/hello"
    for f in 1k:1024 100k:102400; do
        head -c "${f#*:}" /dev/urandom | base64 -w0 | head -c "${f#*:}" > "$work/www/${f%:*}"
    done
}

# fill FILE [SED]: of conf/, into $work; SED sees it before the @NAMES@ are filled in
fill() {
    sed -e "${2-}" -e "s|@WORK@|$work|g" -e "s|@PORT@|$port|g" -e "s|@ORIGIN@|${origin-}|g" \
        "$here/conf/$1" > "$work/$1"
}

# http_peer nginx|h2o|haproxy FILE [SED]: starts it with that file of conf/, if it is wanted and here
http_peer() {
    wanted "$1" && command -v "$1" > /dev/null || return 0
    new_port; fill "$2" "${3-}"
    case $1 in
    nginx) start nginx "$port" nginx -p "$work" -c "$work/$2" ;;
    h2o) start h2o "$port" h2o -m worker -c "$work/$2" ;;
    haproxy) start haproxy "$port" haproxy -db -f "$work/$2" ;;
    esac
}

# wrk_case NAME PATH [wrk arguments]
wrk_case() {
    local n=$1 path=$2
    shift 2
    measured "${pid_of[$n]}" wrk -t1 -c64 -d"${SECONDS_EACH}s" --latency "$@" \
        "${scheme:-http}://127.0.0.1:${port_of[$n]}$path"
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

# h2load_case NAME PATH STREAMS
h2load_case() {
    measured "${pid_of[$1]}" h2load -t1 -c64 -m"$3" -D"$SECONDS_EACH" --warm-up-time=0 \
        "${scheme:-http}://127.0.0.1:${port_of[$1]}$2"
    awk -v cpu="$cpu_s" -v rss="$rss_kb" '
        /^finished in/ { rate = $4 }
        /^requests:/ { n = $8; failed = $10 + $12 + $14 }
        END { printf "rate=%.0f cpu_rate=%.0f failed=%d rss_kb=%d", rate,
                     (cpu > 0 ? n / cpu : 0), failed, rss }' <<< "$output"
}

# play_rounds PREFIX: ROUNDS times all CASES with each of the names, by the caller's `one CASE NAME`,
# which prints a row or nothing; then the table, and reed to each peer per CPU-second.
play_rounds() {
    local r c n row
    for ((r = 0; r < ROUNDS; r++)); do
        for c in $CASES; do
            for n in "${names[@]}"; do
                row=$(one "$c" "$n")
                [ -n "$row" ] && record "$1-$c" "$n" "$row"
            done
        done
    done
    report | tee "$work/report"
    awk '{ for (i = 3; i <= NF; i++) if (sub(/^cpu_rate=/, "", $i)) { rate[$1, $2] = $i; cases[$1]; peers[$2] } }
         END { for (c in cases) for (p in peers) if (p != "reed" && rate[c, p] > 0)
                   printf "%-22s reed/%-11s %.2f\n", c, p, rate[c, "reed"] / rate[c, p] }' "$work/report" | sort
}
