#!/usr/bin/env python3
"""reed top in a terminal: what it shows, its keys, another size, and the way out."""

import os
import pty
import re
import select
import subprocess
import sys
import tempfile
import termios

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "apps", "reed"))

from screen import PATIENCE, Terminal
from tool import PROGRAM, Server

CALM = 'stty -a | tr " ;" "\\n\\n" | grep -x -e icanon -e echo | tr "\\n" +'


def _has_read(process):
    """How many bytes; of one whose server says nothing these are keys."""
    with open(f"/proc/{process.pid}/io", encoding="ascii") as file:
        return int(file.readline().split()[1])


def a_terminal_that_was_slow_sees_the_latest_picture():
    """Pressed keys are seen to be read, and only then is the screen looked at again."""
    with tempfile.TemporaryDirectory(prefix="reed-top-") as state:
        server = Server("echo", "--state", state, "--listen", "tcp:0:interface=127.0.0.1")
        master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (50, 200))
        top = subprocess.Popen([*PROGRAM, "top", "--state", state, "--interval", "1h"],
                               stdin=slave, stdout=slave, stderr=slave)
        seen = b""
        while b"q quit" not in seen:
            seen += os.read(master, 65536)
        for key in b"s" * 300 + b"p":
            before = _has_read(top)
            os.write(master, bytes([key]))
            while _has_read(top) == before:
                assert top.poll() is None
        seen = b""
        while b"PAUSED" not in seen:
            assert select.select([master], [], [], PATIENCE)[0], seen[-2000:]
            seen += os.read(master, 65536)
        os.write(master, b"q")
        while top.poll() is None:
            if select.select([master], [], [], 0.1)[0]:
                os.read(master, 65536)
        os.close(master)
        os.close(slave)
        assert top.returncode == 0
        server.stop()


def main():
    with tempfile.TemporaryDirectory(prefix="reed-top-") as state:
        server = Server("echo", "--state", state, "--listen", "tcp:0:interface=127.0.0.1")
        clients = [server.connect() for _ in range(3)]
        for n, client in enumerate(clients):
            client.sendall(b"x" * (1000 * n + 1))
        ports = [c.getsockname()[1] for c in clients]
        t = Terminal("sh", width=80, height=24)
        t.keys(" ".join(PROGRAM) + f" top --state {state} --interval 200ms; echo le''ft")
        t.see(r"reed top: .* pid \d+ ")
        t.see(r"(?s)echo +ready .*listening on 1")
        t.see(r"3 connections  q quit")
        lines = t.screen().splitlines()
        assert len(lines) <= 24 and all(len(line) <= 80 for line in lines), t.screen()
        t.keys("s", enter=False)
        t.see(r"sort: in")
        t.see(rf"(?s):{ports[2]} .*:{ports[1]} .*:{ports[0]} ")
        t.see(r"LOOP HELD BY +TIMES +LONGEST TASK .*\d%")
        t.keys(f"/:{ports[1]}")
        t.see(rf"filter: :{ports[1]}")
        t.see(rf"(?s)AGE WHO *\n\d+ +echo +127.0.0.1:{ports[1]} .*\nLOOP")
        t.keys("\x1b", enter=False)
        t.see(rf"(?s):{ports[2]} .*:{ports[1]} .*:{ports[0]} ")
        server.signal(1)
        t.see(r"(?s)LOG.*no setting has changed")
        t.keys("p", enter=False)
        t.see("PAUSED")
        t.keys("p", enter=False)
        t.tmux("resize-window", "-x", "60", "-y", "15")
        t.see(r"(?s)^reed top.*q quit[^\n]*\n*$")
        assert all(len(line) <= 60 for line in t.screen().splitlines()), t.screen()
        server.stop()
        t.see("no server runs there")
        t.keys("q", enter=False)
        t.see(r"left")  # keys that come sooner are for the one that goes
        t.keys(CALM)
        t.see(r"icanon\+echo\+|echo\+icanon\+")
        t.keys("clear; " + " ".join(PROGRAM) + f" top --state {state}; echo l''eft")
        t.see("no server runs there")
        t.tmux("send-keys", "C-c")
        t.see(r"left")
        t.keys("clear; " + CALM)
        t.see(r"icanon\+echo\+|echo\+icanon\+")

        with_one = Server("echo", "--state", state, "--listen", "tcp:0:interface=127.0.0.1")
        with_one.connect().close()
        done = subprocess.run([*PROGRAM, "top", "--state", state, "--once"], text=True,
                              capture_output=True, check=True)
        assert re.match(r"reed top: .* pid \d+ ", done.stdout), done.stdout
        assert "\x1b" not in done.stdout and "LOOP HELD BY" in done.stdout, done.stdout
        with_one.stop()
        done = subprocess.run([*PROGRAM, "top", "--state", state, "--once"], text=True,
                              capture_output=True, check=False)
        assert done.returncode == 1 and "reed top: " in done.stderr, done
    a_terminal_that_was_slow_sees_the_latest_picture()
    print("ok")


if __name__ == "__main__":
    main()
