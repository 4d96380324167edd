#!/bin/bash
# http_client.sh: Reed's HTTP client beside libcurl's multi interface, TASKS requests at a time of the
# bare canned-answer server. Prints medians, and requests per CPU-second of the client as a ratio.
. "$(dirname "$0")/lib.sh"
: "${CASES:=1 64 1000}"

new_port; start raw "$port" "$bin/http_raw" "$port"
url=http://127.0.0.1:$port/hello
names=()
[ -x "$bin/http_ask_curl" ] && names+=(libcurl)
names+=(reed)

one() { # TASKS NAME
    case $2 in
    reed) load "$bin/http_ask" "$url" "$1" "$SECONDS_EACH" ;;
    *) load "$bin/http_ask_curl" "$url" "$1" "$SECONDS_EACH" ;;
    esac
}

play_rounds client
