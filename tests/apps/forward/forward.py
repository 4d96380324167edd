#!/usr/bin/env python3
"""reed forward from outside: endpoints of several kinds, half-closes, reload, drain, what is wrong."""

import os
import socket
import ssl
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "reed"))
import tool
from tool import PATIENCE, Lines, ask, folder, has, is_equal, main, run, server, write

tool.PROGRAM = [os.environ["REED"]]

ANY = "tcp:0:interface=127.0.0.1"


class _Echo:
    """Says a word, and then what it has heard when that has ended."""

    def __init__(self, word, path=None):
        self.word = word
        if path:
            self.listener = socket.socket(socket.AF_UNIX)
            self.listener.bind(path)
            self.listener.listen()
        else:
            self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()

    def endpoint(self):
        return f"tcp:127.0.0.1:{self.listener.getsockname()[1]}"

    def _serve(self):
        while True:
            stream = self.listener.accept()[0]
            threading.Thread(target=self._answer, args=(stream,), daemon=True).start()

    def _answer(self, stream):
        heard = b""
        try:
            stream.sendall(self.word)
            while more := stream.recv(65536):
                heard += more
            stream.sendall(heard)
        except OSError:
            pass  # it was cut off
        stream.close()


def _ctl(state, *words):
    done = run("ctl", "--state", state, *words)
    is_equal((done.returncode, done.stderr), (0, ""))
    return done.stdout


def an_end_goes_one_way_and_the_answer_the_other():
    echo = _Echo(b"hello ")
    with folder() as state, server("forward", ANY, echo.endpoint(), "--state", state) as s:
        for _ in range(3):
            with s.connect() as stream:
                is_equal(ask(stream, b"x" * 300000), b"hello " + b"x" * 300000)
        stats = _ctl(state, "stats")
        has(stats, "reed_forward_connections 3")
        has(stats, 'reed_forward_bytes{way="to"} 900000')
        is_equal(s.stop()[0], 0)


def sockets_programs_and_tls_are_ends_like_others():
    with folder() as state:
        _Echo(b"unix ", state + "/socket")
        with server("forward", ANY, f"unix:{state}/socket", "--state", state + "/a") as s, \
                s.connect() as stream:
            is_equal(ask(stream, b"abc"), b"unix abc")
        with server("forward", ANY, "exec:tr a-z A-Z", "--state", state + "/b") as s, \
                s.connect() as stream:
            is_equal(ask(stream, b"abc"), b"ABC")
        log = state + "/traffic"
        echo = _Echo(b"tls ")
        with server("forward", "--listen", "tls:0:interface=127.0.0.1", "--to",
                    f"throttle:[log:[{echo.endpoint()}]:file={log}]:rate=10M", "--state",
                    state + "/c") as s:
            door = next(line for line in s.log.seen if '"listening"' in line)
            port = int(door.split('"address":"127.0.0.1:')[1].split('"')[0])
            trusting = ssl.create_default_context()
            trusting.check_hostname = False
            trusting.verify_mode = ssl.CERT_NONE
            with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as plain, \
                    trusting.wrap_socket(plain) as stream:
                stream.sendall(b"secret")
                is_equal(stream.recv(4), b"tls ")
            is_equal(s.stop()[0], 0)
        with open(log, encoding="utf-8") as file:
            has(file.read(), "secret")


def who_is_there_is_listed_and_drained():
    echo = _Echo(b"hello")
    with folder() as state, server("forward", ANY, echo.endpoint(), "--state", state) as s, \
            s.connect() as stream:
        is_equal(stream.recv(5), b"hello")
        has(_ctl(state, "conns"), echo.endpoint())
        drain = subprocess.Popen([*tool.PROGRAM, "ctl", "--state", state, "drain"],
                                 stdout=subprocess.PIPE)
        is_equal(Lines(drain.stdout).next(), "1 connection left")
        is_equal(ask(stream, b"still"), b"still")
        is_equal(drain.wait(timeout=PATIENCE), 0)
        drain.stdout.close()
        is_equal(s.wait()[0], 0)


def a_reload_leads_new_ones_elsewhere_and_leaves_the_others():
    one, two = _Echo(b"one "), _Echo(b"two ")
    text = "listen: %s\nto: %s\n"
    with folder() as state:
        path = write(state + "/forward.yaml", text % (ANY, one.endpoint()))
        # a sandbox lets nobody dial a port that was not in the settings at the start
        with server("forward", "-c", path, "--state", state + "/s", "--sandbox", "off") as s, \
                s.connect() as old:
            is_equal(old.recv(4), b"one ")
            write(path, text % (ANY, two.endpoint()))
            has(_ctl(state + "/s", "reload"), f"-> {two.endpoint()}\n")
            with s.connect() as new:
                is_equal(ask(new, b"x"), b"two x")
            is_equal(ask(old, b"x"), b"x")
            is_equal(s.stop()[0], 0)


def who_cannot_be_handed_on_is_cut_off_and_told():
    with socket.socket() as closed, folder() as state:
        closed.bind(("127.0.0.1", 0))  # and does not listen
        port = closed.getsockname()[1]
        with server("forward", ANY, f"tcp:127.0.0.1:{port}", "--state", state) as s, \
                s.connect() as stream:
            try:
                is_equal(stream.recv(1), b"")
            except ConnectionResetError:
                pass
            has(s.record("cannot be handed on")["why"], "refused")
            is_equal(s.stop()[0], 0)


def what_is_wrong_is_told():
    for words, why in (((), "listen: has to be given"), (("tcp:1",), "to: has to be given"),
                       (("tcp:1", "tcp:2"), "tcp"), (("nothing:1", "tcp:a:2"), "no scheme"),
                       (("tcp:1", "tcp:a:2", "tcp:b:3"), "nothing is taken but flags")):
        done = run("forward", *words, "--check")
        is_equal(done.returncode, 2)
        has(done.stderr, why)
    has(run("forward", "--help").stdout, "Usage: reed forward [FLAG]... [LISTEN] [TO]")


if __name__ == "__main__":
    main(globals())
