"""Ports to listen on that are free when they are needed, whatever else runs on this machine."""

import itertools
import os
import socket

# Below those the system gives to clients, which may have one by the time it is listened on, and
# other ones for each process, as many tests run side by side.
FIRST, SHARE, SHARES = 10000, 24, 900
_places = itertools.count(SHARE * (os.getpid() % SHARES))


def _is_free(port):
    try:
        for kind in socket.SOCK_STREAM, socket.SOCK_DGRAM:
            with socket.socket(type=kind) as s:
                s.bind(("", port))
    except OSError:
        return False
    return True


def free_port():
    """For TCP and UDP; never the same again in this process."""
    while True:
        port = FIRST + next(_places) % (SHARE * SHARES)
        if _is_free(port):
            return port
