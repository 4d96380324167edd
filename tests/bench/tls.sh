#!/bin/sh
# tls.sh: TLS over streams beside OpenSSL on its own (SSL_set_fd), and what an idle one holds.
exec "${REED_BUILD:-build/release}/bench/tls"
