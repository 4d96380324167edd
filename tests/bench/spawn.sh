#!/usr/bin/env bash
# spawn.sh: children started and reaped by Reed and by libuv, one or 16 at a time, from a small
# program and from one that has 512 MiB in use.  cpu is microseconds of processor time a child,
# the child's own included; the ratios are how many times better Reed is.  Medians of ROUNDS.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
: "${COUNT:=1000}"

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

# of CASE PEER KEY
of() {
    awk -F'\t' -v c="$1" -v n="$2" '$1 == c && $2 == n { print $3 }' "$rows" |
        sed "s/.*$3=\([0-9]*\).*/\1/" | median
}

cases=()
for ballast in 0 512; do
    for width in 1 16; do
        case="${width}-wide-${ballast}-MiB"
        cases+=("$case")
        for ((round = 0; round < ROUNDS; round++)); do
            for peer in reed libuv; do
                record "$case" "$peer" "$("$bin/spawn_$peer" "$COUNT" "$width" "$ballast")"
            done
        done
    done
done

printf '%-18s %8s %8s %6s %10s %10s %6s\n' case reed/s libuv/s ratio reed-cpu libuv-cpu ratio
for case in "${cases[@]}"; do
    reed=$(of "$case" reed rate) libuv=$(of "$case" libuv rate)
    reed_cpu=$(of "$case" reed cpu_us) libuv_cpu=$(of "$case" libuv cpu_us)
    printf '%-18s %8s %8s %6s %10s %10s %6s\n' "$case" "$reed" "$libuv" \
        "$(ratio "$reed" "$libuv" 2)" "$reed_cpu" "$libuv_cpu" "$(ratio "$libuv_cpu" "$reed_cpu" 2)"
done
