#!/usr/bin/env bash
# Installs the build into a folder, moves that folder, and builds programs of somebody else's
# against it: in C and C++, through pkg-config (shared libraries and archives) and through CMake.
#
#	install.sh BUILD CC CXX [FLAGS]
set -euo pipefail

build=$1 cc=$2 cxx=$3 flags=${4:-}
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

expect() {
	local what=$1 said
	shift

	said=$("$@") || { echo "$what: ends with $?"; exit 1; }
	[ "$said" = "consumer: success" ] || { echo "$what: says '$said'"; exit 1; }
	echo "$what: well"
}

cmake --install "$build" --prefix "$scratch/first" >"$scratch/log" || { cat "$scratch/log"; exit 1; }
mv "$scratch/first" "$scratch/moved"
prefix=$scratch/moved

PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name reed.pc)")
export PKG_CONFIG_PATH
libdir=$(pkg-config --variable=libdir reed)
packages=()
for pc in "$PKG_CONFIG_PATH"/*.pc; do
	packages+=("$(basename "$pc" .pc)")
done
echo "packages: ${packages[*]}"
if grep -rl "$build" "$PKG_CONFIG_PATH" "$libdir/cmake" "$prefix/include"; then
	echo "these name the build folder"
	exit 1
fi

# shellcheck disable=SC2046,SC2086
for language in c cc; do
	compiler=$cc std=-std=c17
	[ $language = c ] || compiler=$cxx std=-std=c++17
	program=$scratch/$language

	$compiler $std $flags -o "$program" "$here/consumer/consumer.$language" \
		$(pkg-config --cflags --libs "${packages[@]}") -Wl,-rpath,"$libdir"
	expect "$language, pkg-config" "$program"

	# The archives of Reed over the shared libraries of others: --static would go on to
	# what those need, whose development files are not everywhere.
	libs=$(pkg-config --libs "${packages[@]}" | sed -E 's/-l(reed[a-z0-9-]*)/-l:lib\1.a/g')
	others=$(pkg-config --print-requires-private "${packages[@]}")
	[ -z "$others" ] || libs+=" $(pkg-config --libs $others)"
	$compiler $std $flags -o "$program-static" "$here/consumer/consumer.$language" \
		$(pkg-config --cflags "${packages[@]}") -pthread -Wl,--start-group $libs -Wl,--end-group
	expect "$language, archives" "$program-static"
	if readelf -d "$program-static" | grep 'NEEDED.*libreed'; then
		echo "$language, archives: loads a shared library of Reed"
		exit 1
	fi
done

components=$(printf '%s\n' "${packages[@]}" | sed 's/^reed-//' | paste -sd ';')
if ! cmake -G Ninja -S "$here/consumer" -B "$scratch/build" -DCMAKE_PREFIX_PATH="$prefix" \
	-DCMAKE_C_COMPILER="$cc" -DCMAKE_CXX_COMPILER="$cxx" \
	-DCMAKE_C_FLAGS="$flags" -DCMAKE_CXX_FLAGS="$flags" \
	-DCOMPONENTS="$components" >"$scratch/log" 2>&1 ||
	! cmake --build "$scratch/build" >"$scratch/log" 2>&1; then
	cat "$scratch/log"
	exit 1
fi
expect "c, CMake" "$scratch/build/consumer-c"
expect "cc, CMake" "$scratch/build/consumer-cc"

if [ -x "$prefix/bin/reed" ]; then
	"$prefix/bin/reed" --version
	for file in man/man1/reed.1 man/man1/reed-run.1 man/man1/reed-help.1 man/man5/reed-run.5 \
		bash-completion/completions/reed zsh/site-functions/_reed fish/vendor_completions.d/reed.fish; do
		[ -s "$prefix/share/$file" ] || { echo "share/$file is not installed"; exit 1; }
	done
	bash -n "$prefix/share/bash-completion/completions/reed"
	# Its modules have moved along.
	real=$(realpath "$libdir")
	for index in "$real"/reed/*.index; do
		[ -e "$index" ] || continue # all is linked in
		module=$(basename "$index" .index)
		said=$("$prefix/bin/reed" -m "$module" modules) ||
			{ echo "the module $module: ends with $?: $said"; exit 1; }
		[[ $said == *"$real/reed/$module.so"* ]] ||
			{ echo "the module $module is not of $real: $said"; exit 1; }
		echo "module $module: well"
	done
fi
