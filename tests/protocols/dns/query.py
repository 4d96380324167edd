#!/usr/bin/env python3
"""docs/examples/dns_query against a server that is played here."""

import os
import socket
import subprocess
import sys
import threading

PROGRAM = os.path.join(os.environ["REED_BUILD"], "examples", "dns_query")

ANSWER = """\
;; QUERY, NOERROR, id %d, flags: qr aa rd; 1 question, 2 answers, 0 authority, 1 additional
;; EDNS version 0, UDP up to 1232 bytes
;; error 22 (No Reachable Authority): "try later"
;; question
;Example.org. IN MX
;; answer
Example.org. 300 IN MX 10 mail.Example.org.
Example.org. 300 IN TYPE65280 \\# 2 ABCD
"""


def record(kind, rdata):
    return b"\xc0\x0c" + kind.to_bytes(2, "big") + b"\0\1\0\0\1\x2c" \
        + len(rdata).to_bytes(2, "big") + rdata


def answer(query):
    error = b"\0\x16try later"
    opt = b"\0\0\x0f" + len(error).to_bytes(2, "big") + error
    question = query[12:12 + 17]
    return query[:2] + b"\x85\0" + b"\0\1\0\2\0\0\0\1" + question \
        + record(15, b"\0\x0a\4mail\xc0\x0c") + record(65280, b"\xab\xcd") \
        + b"\0\0\x29\x04\xd0\0\0\0\0" + (len(opt) - 1).to_bytes(2, "big") + opt[1:]


def serve(listener, seen, damage):
    connection, _ = listener.accept()
    with connection:
        data = b""
        while len(data) < 2 or len(data) < 2 + int.from_bytes(data[:2], "big"):
            data += connection.recv(4096)
        seen.append(data[2:])
        reply = damage(answer(data[2:]))
        # In two pieces, as TCP may.
        connection.sendall(len(reply).to_bytes(2, "big") + reply[:5])
        connection.sendall(reply[5:])


def ask(damage=lambda reply: reply):
    seen = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener, seen, damage))
        thread.start()
        endpoint = f"tcp:127.0.0.1:{listener.getsockname()[1]}"
        done = subprocess.run([PROGRAM, endpoint, "Example.org", "mx"], capture_output=True,
                              text=True, timeout=60, check=False)
        thread.join()
    return done, seen[0]


def check(condition, *what):
    if not condition:
        sys.exit("\n".join(["not so:"] + [str(w) for w in what]))


def main():
    done, query = ask()
    check(done.returncode == 0, done.stderr)
    check(done.stdout == ANSWER % int.from_bytes(query[:2], "big"), done.stdout, done.stderr)
    check(len(query) == 128, len(query))

    for damage in (lambda r: bytes([r[0] ^ 1]) + r[1:], lambda r: r[:-1], lambda r: r[:4],
                   lambda r: b""):
        done, _ = ask(damage)
        check(done.returncode != 0 and "no answer to what was asked" in done.stderr,
              done.stdout, done.stderr)


main()
