#!/usr/bin/env python3
"""docs/examples/uv_irc: an echo server of libuv's that is on IRC, through docs/examples/ircd."""

import os
import socket
import subprocess
import sys
import time

from ports import free_port

EXAMPLES = os.path.join(os.environ["REED_BUILD"], "examples")
PATIENCE = 30


def connect(port):
    """As soon as somebody listens there."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        except ConnectionRefusedError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)


def expect(lines, word):
    for line in lines:
        print("<", line.rstrip())
        if word in line:
            return line
    sys.exit(f"no {word}: the connection has ended")


def main():
    irc_port, echo_port = free_port(), free_port()
    endpoint = f"tcp:{irc_port}:interface=127.0.0.1"
    ircd = subprocess.Popen([os.path.join(EXAMPLES, "ircd"), endpoint])
    try:
        irc = connect(irc_port)
        lines = irc.makefile("r", encoding="utf-8")
        irc.sendall(b"NICK watcher\r\nUSER w 0 * :w\r\n")
        expect(lines, " 001 ")
        irc.sendall(b"JOIN #lobby\r\n")
        expect(lines, " 366 ")
        server = subprocess.Popen([os.path.join(EXAMPLES, "uv_irc"), str(echo_port),
                                   f"tcp:127.0.0.1:{irc_port}", "#lobby"])
        try:
            expect(lines, "JOIN")
            for number in (1, 2):
                echo = connect(echo_port)
                echo.sendall(b"hello\n")
                assert echo.makefile("rb").readline() == b"hello\n"
                expect(lines, f"PRIVMSG #lobby :guest number {number}")
            echo.sendall(b"quit\n")
            assert server.wait(PATIENCE) == 0, "uv_irc did not end well"
        finally:
            server.kill()
    finally:
        ircd.kill()


if __name__ == "__main__":
    main()
