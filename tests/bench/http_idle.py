#!/usr/bin/env python3
"""http_idle.py PORT PID CONNECTIONS: what a connection costs that was asked one thing, and idles."""

import resource
import socket
import sys
import time


def resident(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))


def family(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [pid] + [p for child in file.read().split() for p in family(int(child))]


def total(pid):
    return sum(map(resident, family(pid)))


def main():
    port, pid, count = map(int, sys.argv[1:4])
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    before, all_of_them = total(pid), []
    for _ in range(count):
        s = socket.create_connection(("127.0.0.1", port))
        s.sendall(b"GET /hello HTTP/1.1\r\nHost: x\r\n\r\n")
        if not s.recv(4096).startswith(b"HTTP/1.1 200"):
            sys.exit("failed=1")
        all_of_them.append(s)
    time.sleep(0.5)  # for what is freed a little later
    print(f"connection_bytes={(total(pid) - before) * 1024 // count}")


main()
