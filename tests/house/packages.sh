#!/usr/bin/env bash
# Makes the packages, has lintian read them, installs them into a Debian 12 of their own, lives there
# with them, and takes them away again. For root, on Debian; takes what the system's own sources have.
#
#	packages.sh SOURCE
# shellcheck disable=SC2016 # what is inside expands there
set -euo pipefail

source=$1
packages=$source/build/package/packages
[ "$(id -u)" = 0 ] || { echo "only root can make a folder that programs take for the whole system"; exit 1; }
for tool in lintian debootstrap; do
	command -v $tool >/dev/null || { echo "$tool is not there: apt-get install $tool"; exit 1; }
done

root=$(mktemp -d /var/tmp/reed-packages.XXXXXX)
end() {
	if mountpoint -q "$root/proc"; then
		umount "$root/proc"
	fi
	rm -rf --one-file-system "$root"
}
trap end EXIT
chmod 755 "$root"

step() {
	printf '== %s\n' "$*"
}

inside() {
	chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive "$@"
}

fail() {
	printf 'FAILED: %s\n' "$*"
	exit 1
}

step "making them"
"$source/dev" package >"$root.log" 2>&1 || { tail -n 30 "$root.log"; exit 1; }
rm "$root.log"

step "lintian"
lintian --fail-on error --tag-display-limit 0 "$packages"/*.deb

step "a Debian 12"
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Codename: bookworm' | head -n 1)
debootstrap --variant=minbase --include=ca-certificates bookworm "$root" "${mirror:?no source has bookworm}" \
	>/dev/null
mount -t proc proc "$root/proc"
cp /etc/resolv.conf "$root/etc/"
cp -r /etc/apt/apt.conf.d/. "$root/etc/apt/apt.conf.d/"
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
mkdir "$root/packages"
cp "$packages"/*.deb "$root/packages"

step "installed"
inside apt-get -q update >/dev/null
inside sh -c 'apt-get install -qy --no-install-recommends /packages/libreed0_*.deb /packages/reed_*.deb' >/dev/null
inside reed --version
inside id reed
inside install -d -m 700 -o reed -g reed /tmp/state
inside setpriv --reuid=reed --regid=reed --clear-groups \
	reed chat -c /etc/reed/chat.yaml --state /tmp/state --check
inside setpriv --reuid=reed --regid=reed --clear-groups \
	reed dns -c /etc/reed/dns.yaml --state /tmp/state --check
[ "$(inside reed modules | grep -c '^    commands')" -ge 3 ] || fail "modules are missing"

step "lived with"
inside install -d -o reed -g reed /run/reed /var/lib/reed/chat
inside setpriv --reuid=reed --regid=reed --clear-groups \
	reed chat -c /etc/reed/chat.yaml --state /var/lib/reed/chat --irc unix:/run/reed/irc \
	>"$root/log" 2>&1 &
until inside reed ctl --state /var/lib/reed/chat /readyz >/dev/null 2>&1; do
	kill -0 $! || { cat "$root/log"; fail "reed chat has ended"; }
	sleep 0.1
done
inside reed ctl --state /var/lib/reed/chat services
inside reed ctl --state /var/lib/reed/chat stop
wait $!

step "built against"
inside sh -c 'apt-get install -qy --no-install-recommends gcc pkg-config /packages/libreed-dev_*.deb' >/dev/null
cp "$source/docs/examples/hello.c" "$root/tmp"
inside sh -c 'gcc -o /tmp/hello /tmp/hello.c $(pkg-config --cflags --libs reed)'
[ "$(echo "Be as the reed" | inside /tmp/hello stdio:)" = "Be as the reed" ] || fail "hello says something else"

step "Python's"
inside sh -c 'apt-get install -qy --no-install-recommends /packages/python3-reed_*.deb' >/dev/null
inside python3 -c 'import reed.irc' || fail "the Python package does not find its libraries"

step "adapters"
inside sh -c 'apt-get install -qy --no-install-recommends libuv1-dev /packages/libreed-*.deb' >/dev/null
cp "$source/docs/examples/uv_inside.c" "$root/tmp"
inside sh -c 'gcc -o /tmp/inside /tmp/uv_inside.c $(pkg-config --cflags --libs reed-libuv libuv)'
inside sh -c 'ldd /tmp/inside' | grep -q libreed-libuv || fail "the adapter is not linked"

step "installed again, as an upgrade is"
inside sh -c 'apt-get install -qy --reinstall /packages/*.deb' >/dev/null
inside reed --version

step "taken away"
inside apt-get -qy purge reed python3-reed 'libreed*' >/dev/null
[ -e "$root/var/lib/reed/chat/accounts.db" ] || fail "accounts were thrown away"
left=$(cd "$root" && find etc lib/systemd usr -name '*reed*' ! -path 'usr/share/doc/*')
[ -z "$left" ] || fail "left behind: $left"
echo "packages: well"
