#!/usr/bin/env python3
"""The program with everything linked into it."""

import tool
from tool import STATIC, folder, has, is_equal, main, run, server

ANY = "tcp:0:interface=127.0.0.1"

tool.PROGRAM = [STATIC]


def it_has_its_commands():
    done = run("--help")
    is_equal(done.returncode, 0)
    has(done.stdout, "\n  echo         Say back what is heard.\n")
    has(run("modules").stdout, "\necho: A service for tests.\n    commands  echo, inmate\n"
                               "    linked into this program\n")


def it_serves():
    with folder() as state, server("echo", "--state", state, "--listen", ANY) as s, \
            s.connect() as client:
        client.sendall(b"hello\n")
        is_equal(client.recv(100), b"hello\n")


def it_loads_no_module_and_says_so():
    done = run("-m", "./gopher.so", "gopher")
    is_equal(done.returncode, 2)
    is_equal(done.stderr, "reed: this program has everything linked into it, and loads no modules "
                          "such as ./gopher.so; one that does is built without REED_STATIC\n")


if __name__ == "__main__":
    main(globals())
