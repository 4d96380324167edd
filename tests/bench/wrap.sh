#!/bin/sh
# wrap.sh: what PROXY, SOCKS5, HTTP CONNECT, limits, throttle and log cost after their handshake,
# beside plain TCP in the same run.
exec taskset -c "${SERVER_CPU:-0}" "${REED_BUILD:-build/release}/bench/wrap"
