#!/usr/bin/env bash
# refuse.sh SOURCE "CASE;CASE..." COMPILER FLAG...: compiles, and does not with any case defined.

source=$1
IFS=';' read -ra cases <<<"$2"
shift 2
bad=0

"$@" -fsyntax-only "$source" || { echo "$source should compile as it is"; bad=1; }
[ ${#cases[@]} -gt 0 ] || { echo "no case to refuse"; bad=1; }
for case in "${cases[@]}"; do
	grep -qw "$case" "$source" || { echo "$source has no case $case"; bad=1; }
	if said=$("$@" -fsyntax-only "-D$case" "$source" 2>&1); then
		echo "$case should not compile"
		bad=1
	else
		echo "$case: $(grep -m1 error: <<<"$said")"
	fi
done
exit $bad
