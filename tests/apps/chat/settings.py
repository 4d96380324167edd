#!/usr/bin/env python3
"""What is wrong with the settings of the chat server is told with the place it was written."""

import os
import socket
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "reed"))
import tool
from tool import folder, has, is_equal, main, run, write

tool.PROGRAM = [os.environ["REED"]]


def an_endpoint_without_a_certificate_passes_the_check():
    done = run("chat", "--check", "--irc", "tls:6697")
    is_equal((done.returncode, done.stderr), (0, ""))


def one_that_will_not_do_is_told_with_line_and_column():
    with folder() as state:
        file = write(state + "/chat.yaml", "irc: [tcp:6667, 'tls:xx', tls:1:cret=x]\n")
        done = run("chat", "--check", "-c", file)
        is_equal(done.returncode, 2)
        is_equal(done.stderr.splitlines(), [
            f'{file}:1:17: irc[1]: "tls:xx", column 5: "xx" is no port; a number from 0 to 65535 '
            "must stand here",
            f'{file}:1:27: irc[2]: "tls:1:cret=x", column 12: tls has no key "cret"; did you mean '
            "cert?"])


def a_port_that_is_taken_is_told_so_with_a_certificate_of_our_own_too():
    with folder() as state, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        file = write(state + "/chat.yaml", f"state: {state}/state\nlog.format: text\nirc:\n"
                                           f"  - tls:{port}:interface=127.0.0.1\n")
        done = run("chat", "-c", file)
        is_equal(done.returncode, 1)
        has(done.stderr, f"{file}:4:5: cannot listen on 127.0.0.1:{port}: Address already in use")


if __name__ == "__main__":
    main(globals())
