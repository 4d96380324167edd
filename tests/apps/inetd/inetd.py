#!/usr/bin/env python3
"""reed inetd from outside: programs with a socket of their own, through TLS, for datagrams; limits."""

import json
import os
import socket
import ssl
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "reed"))
import tool
from tool import PATIENCE, all_of, ask, folder, has, is_equal, main, run, server, write

tool.PROGRAM = [os.environ["REED"]]

# Answers datagrams until it is told to stop, so that no time decides who answers the next.
ANSWERER = """
import os, socket, sys
s = socket.socket(fileno=0)
while True:
    data, peer = s.recvfrom(999)
    if data == b"end":
        break
    s.sendto(b"%d %s" % (os.getpid(), data), peer)
"""


class _Inetd:
    """A server; its services are entries of JSON, which is YAML too."""

    def __init__(self, state, *services):
        path = write(state + "/inetd.yaml", json.dumps({"services": services}))
        self.context = server("inetd", "-c", path, "--state", state + "/s")

    def __enter__(self):
        self.server = self.context.__enter__()
        return self

    def __exit__(self, *what):
        return self.context.__exit__(*what)

    def port(self, endpoint):
        """Where that is listened on; it says so before it is ready."""
        for line in self.server.log.seen:
            record = json.loads(line)
            if record.get("endpoint") == endpoint:
                return int(record["address"].rpartition(":")[2])
        raise AssertionError(f"{endpoint} is not listened on")

    def connect(self, endpoint):
        return socket.create_connection(("127.0.0.1", self.port(endpoint)), timeout=PATIENCE)


TCP = "tcp:0:interface=127.0.0.1"
TLS = "tls:0:interface=127.0.0.1"
UDP = "udp:0:interface=127.0.0.1"


def a_program_has_the_connection():
    with folder() as state, _Inetd(
            state, {"name": "upper", "listen": [TCP], "environment": {"WORD": "a b"},
                    "directory": "/usr",
                    "command": ["sh", "-c", 'echo "$WORD $REMOTE_ADDR $LOCAL_PORT"; pwd; '
                                'echo oops >&2; tr a-z A-Z']}) as s:
        with s.connect(TCP) as stream:
            is_equal(ask(stream, b"abc"),
                     f"a b 127.0.0.1 {s.port(TCP)}\n/usr\nABC".encode())
        record = s.server.record("says")
        is_equal((record["program"], record["on"], record["line"]), ("upper", "stderr", "oops"))
        # each has a program of its own, and the socket is its own: it knows its peer
        is_equal(s.server.stop()[0], 0)


def the_socket_is_one_that_blocks_and_knows_its_peer():
    program = ("import socket; s = socket.socket(fileno=0); d = s.recv(9); "
               "s.sendall(d + b' %d' % s.getpeername()[1])")
    with folder() as state, _Inetd(
            state, {"name": "peer", "listen": [TCP],
                    "command": [sys.executable, "-c", program]}) as s:
        with s.connect(TCP) as one, s.connect(TCP) as two:
            for stream in (two, one):
                stream.sendall(b"hello")
                is_equal(all_of(stream), b"hello %d" % stream.getsockname()[1])
        is_equal(s.server.stop()[0], 0)


def tls_goes_through_us():
    with folder() as state:
        is_equal(run("cert", "new", "localhost", cwd=state).returncode, 0)
        listen = f"{TLS}:cert={state}/localhost.pem"
        with _Inetd(state, {"name": "upper", "listen": [listen],
                            "command": ["sh", "-c", "read a; echo \"got $a\""]}) as s:
            trusting = ssl.create_default_context()
            trusting.check_hostname = False
            trusting.verify_mode = ssl.CERT_NONE
            with s.connect(listen) as plain, trusting.wrap_socket(plain) as stream:
                stream.sendall(b"secret\n")
                is_equal(all_of(stream), b"got secret\n")
            is_equal(s.server.stop()[0], 0)


def a_program_has_the_datagrams_until_it_ends():
    with folder() as state, _Inetd(
            state, {"name": "answerer", "datagrams": [UDP],
                    "command": [sys.executable, "-c", ANSWERER]}) as s, \
            socket.socket(type=socket.SOCK_DGRAM) as client:
        client.settimeout(PATIENCE)
        client.connect(("127.0.0.1", s.port(UDP)))
        pids = []
        for text in (b"one", b"two"):
            client.send(text)
            pid, _, said = client.recv(99).partition(b" ")
            is_equal(said, text)
            pids.append(pid)
        is_equal(pids[0], pids[1])
        client.send(b"end")
        client.send(b"three")  # waits in the socket, or comes later: for the next one
        pid, _, said = client.recv(99).partition(b" ")
        is_equal(said, b"three")
        assert pid != pids[0]
        is_equal(s.server.stop()[0], 0)


def too_many_are_refused_and_others_wait():
    with folder() as state, _Inetd(
            state, {"name": "few", "listen": [TCP], "command": ["cat"], "most": 1, "rate": 2}) as s:
        with s.connect(TCP) as one, s.connect(TCP) as two:
            one.sendall(b"first")
            is_equal(one.recv(5), b"first")
            two.sendall(b"second")
            one.shutdown(socket.SHUT_WR)
            is_equal(all_of(one), b"")
            is_equal(two.recv(6), b"second")
        with s.connect(TCP) as three:
            try:
                is_equal(three.recv(1), b"")
            except ConnectionResetError:
                pass
        s.server.record("refused, as too many come in a minute")
        is_equal(s.server.stop()[0], 0)


def some_answers_need_no_program():
    with folder() as state:
        names = ("echo", "discard", "daytime", "time", "chargen")
        ports = {name: f"tcp:0:interface=127.0.0.{i + 1}" for i, name in enumerate(names)}
        with _Inetd(state, *({"name": name, "listen": [ports[name]], "builtin": name}
                             for name in names),
                    {"name": "echoes", "datagrams": [UDP], "builtin": "echo"}) as s:
            streams = {name: socket.create_connection((f"127.0.0.{i + 1}", s.port(ports[name])),
                                                      timeout=PATIENCE)
                       for i, name in enumerate(names)}
            is_equal(ask(streams["echo"], b"x" * 100000), b"x" * 100000)
            is_equal(ask(streams["discard"], b"x" * 100000), b"")
            has(all_of(streams["daytime"]).decode(), "Z\r\n")
            assert int.from_bytes(all_of(streams["time"]), "big") > 3900000000
            line = streams["chargen"].recv(74, socket.MSG_WAITALL)
            is_equal((line[:4], line[-2:]), (b"!\"#$", b"\r\n"))
            for stream in streams.values():
                stream.close()
            with socket.socket(type=socket.SOCK_DGRAM) as client:
                client.settimeout(PATIENCE)
                client.sendto(b"hello", ("127.0.0.1", s.port(UDP)))
                is_equal(client.recv(99), b"hello")
            is_equal(s.server.stop()[0], 0)


def who_cannot_be_started_is_told_and_who_runs_is_stopped():
    with folder() as state, _Inetd(
            state, {"name": "none", "listen": [TCP], "command": ["/no/such/program"]}) as s:
        with s.connect(TCP) as stream:
            is_equal(all_of(stream), b"")
        has(s.server.record("cannot be started")["why"], "/no/such/program")
        is_equal(s.server.stop()[0], 0)
    with folder() as state, _Inetd(
            state, {"name": "long", "listen": [TCP], "grace": "100ms",
                    "command": ["sh", "-c", "trap '' TERM; echo here; while :; do sleep 1; done"]}) as s:
        with s.connect(TCP) as stream:
            is_equal(stream.recv(5), b"here\n")
            is_equal(s.server.stop()[0], 0)
            is_equal(all_of(stream), b"")


def what_is_wrong_is_told():
    for entry, why in (({"name": "a", "command": ["x"]}, "listen or datagrams has to be given"),
                       ({"name": "a", "listen": [TCP]}, "a command has to be given"),
                       ({"name": "a", "listen": [TCP], "command": ["x"], "builtin": "echo"},
                        "one of them does"),
                       ({"name": "a", "datagrams": [TCP], "command": ["x"]}, "tcp"),
                       ({"name": "a", "listen": [UDP], "command": ["x"]}, "udp"),
                       ({"name": "a", "listen": [TCP], "command": ["x"], "user": "no-such-one"},
                        'there is no user "no-such-one"')):
        with folder() as state:
            path = write(state + "/inetd.yaml", json.dumps({"services": [entry]}))
            done = run("inetd", "-c", path, "--check")
            is_equal(done.returncode, 2)
            has(done.stderr, why)


if __name__ == "__main__":
    main(globals())
