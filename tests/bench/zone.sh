#!/bin/bash
# zone.sh [RECORDS]: what reading a zone file costs, beside the checkers of Knot, NSD and ldns.
# They do more than read: they build a tree and look it over.  `load` is Reed keeping all of it.
set -euo pipefail

bench=${REED_BUILD:-build/release}/bench/dns_zone
records=${1:-1000000}
zone=$(mktemp -t reed-zone-XXXXXX)
trap 'rm -f "$zone"' EXIT
PATH=$PATH:/usr/sbin

"$bench" make "$records" >"$zone"
"$bench" read "$zone"
echo "records: $records"

# timed NAME COMMAND...: CPU seconds of the best of three
timed() {
	local name=$1 best='' t
	shift

	command -v "$1" >/dev/null || [ -x "$1" ] || {
		echo "$name: not installed (./dev setup --bench)"
		return
	}
	for _ in 1 2 3; do
		t=$({ TIMEFORMAT='%U %S'; time "$@" >/dev/null 2>&1; } 2>&1 | awk '{ print $1 + $2 }')
		best=$(awk -v a="${best:-999999}" -v b="$t" 'BEGIN { print (b < a ? b : a) }')
	done
	[ -n "${ours:-}" ] || ours=$best
	awk -v name="$name" -v t="$best" -v n="$records" -v ours="$ours" 'BEGIN {
		printf "%-16s %7.3f s  %6.2f M records/s  %6.2f x our time\n", name, t, n / t / 1e6,
		       t / ours }'
}

timed "reed (load)" "$bench" load "$zone"
timed kzonecheck kzonecheck -o example.org "$zone"
timed nsd-checkzone nsd-checkzone example.org "$zone"
timed ldns-read-zone ldns-read-zone "$zone"
