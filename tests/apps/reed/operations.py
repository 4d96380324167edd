#!/usr/bin/env python3
"""What an operator meets on a bad day: logs that go nowhere, settings that are nonsense, old programs."""

import gzip
import json
import os
import signal
import socket
import stat
import struct
import time

from ports import free_port
from tool import PATIENCE, ask_control, folder, has, has_not, is_equal, main, run, server, write

ANY = "tcp:0:interface=127.0.0.1"
DNS = os.path.exists(os.path.join(os.environ["REED_BUILD"], "lib", "reed", "dns.so"))


def _echo(state, *more, **others):
    return server("echo", "--state", state, "--listen", ANY, *more, **others)


class _Sink:
    """Who the log is shipped to; what came is complete when the connections are over."""

    def __init__(self):
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen()
        self.socket.settimeout(PATIENCE)
        self.port = self.socket.getsockname()[1]

    def connection(self):
        """All of the next one, up to its end."""
        client, _ = self.socket.accept()
        client.settimeout(PATIENCE)
        text = b""
        with client:
            while True:
                more = client.recv(65536)
                if not more:
                    return text
                text += more


def _frames(data):
    """RFC 6587 3.4.1: each has its length before it."""
    frames = []
    while data:
        digits, _, data = data.partition(b" ")
        frames.append(data[:int(digits)].decode())
        is_equal(len(data) >= int(digits), True)
        data = data[int(digits):]
    return frames


def the_log_is_shipped_to_the_last_word():
    sink = _Sink()
    with folder() as state, _echo(state, "--sandbox", "auto",
                                  "--log-ship-syslog", f"tcp:127.0.0.1:{sink.port}") as s:
        s.signal(signal.SIGTERM)
        frames = _frames(sink.connection()) + _frames(sink.connection())
        is_equal(s.wait()[0], 0)
        for frame in frames:
            has(frame, f" reed-echo {s.process.pid} - ")
            assert frame.startswith("<30>1 2"), frame
        assert frames[0].endswith("] listening"), frames[0]
        has(frames[1], '[reed@32473 service="process" name="')
        assert frames[-1].endswith(" - - stopped"), frames[-1]


def objects_and_datagrams_are_shipped_too():
    sink = _Sink()
    with folder() as state, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, \
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as local:
        udp.bind(("127.0.0.1", 0))
        udp.settimeout(PATIENCE)
        local.bind(state + "/devlog")
        local.settimeout(PATIENCE)
        file = write(state + "/echo.yaml",
                     f"state: {state}/state\nlisten: {ANY}\nlog.ship:\n"
                     f"  json: tcp:127.0.0.1:{sink.port}\n  facility: local3\n"
                     f"  syslog: [udp:127.0.0.1:{udp.getsockname()[1]}, unix:{state}/devlog]\n")
        with server("echo", "-c", file) as s:
            assert udp.recv(4096).startswith(b"<158>1 2")
            line = local.recv(4096)
            assert line.startswith(b"<158>") and b" reed-echo[" in line, line
            s.signal(signal.SIGTERM)
            lines = sink.connection().decode() + sink.connection().decode()
            messages = [json.loads(line)["message"] for line in lines.splitlines()]
            is_equal((messages[0], messages[-1]), ("listening", "stopped"))
            is_equal(s.wait()[0], 0)


def a_peer_that_is_dead_does_not_keep_it_from_serving_or_stopping():
    port = free_port()
    with folder() as state, _echo(state, "--log-ship-json", f"tcp:127.0.0.1:{port}") as s:
        failure = s.record("the log cannot be shipped")
        is_equal(failure["to"], f"tcp:127.0.0.1:{port}")
        has(failure["why"], "refused")
        has(run("ctl", "--state", state, "stats").stdout, "reed_ship_waiting_bytes{")
        with s.connect() as client:
            client.sendall(b"hello")
            is_equal(client.recv(5), b"hello")
        is_equal(s.stop()[0], 0)


def where_the_log_goes_can_be_changed_by_a_reload():
    one, other = _Sink(), _Sink()
    with folder() as state:
        text = f"state: {state}/state\nlisten: {ANY}\nsandbox: off\n"
        file = write(state + "/echo.yaml", text + f"log.ship.json: tcp:127.0.0.1:{one.port}\n")
        with server("echo", "-c", file) as s:
            write(file, text + f"log.ship.json: tcp:127.0.0.1:{other.port}\n")
            s.signal(signal.SIGHUP)
            has(one.connection().decode(), '"ready"')
            s.signal(signal.SIGTERM)
            has(other.connection().decode(), '"stopping"')
            other.connection()
            is_equal(s.wait()[0], 0)


def what_cannot_be_shipped_to_is_told_before():
    with folder() as state:
        for given, why in (("tcp:host", "tcp"), ("udp:514", "udp"), ("carrier-pigeon:x", "pigeon")):
            done = run("echo", "--state", state, "--check", "--log-ship-syslog", given)
            is_equal(done.returncode, 2)
            has(done.stderr, "--log-ship-syslog: ")
            has(done.stderr, why)
        done = run("echo", "--state", state, "--check", "--log-ship-id", "reed")
        is_equal(done.returncode, 2)
        has(done.stderr, "IANA")


def a_log_file_is_moved_away_inside_the_sandbox():
    with folder() as above:
        os.mkdir(above + "/logs")
        file = above + "/logs/echo.log"
        with _echo(above + "/state", "--log-file", file, "--log-rotate", "64K", "--log-keep", "2",
                   "--log", "debug", ready=False) as s:
            _rotate(above + "/state", file)
            assert os.path.exists(file + ".1")
            is_equal(s.stop()[0], 0)
        for line in open(file, encoding="utf-8"):
            json.loads(line)


def _unpacked(path):
    """All of it, or the error of a file that is not whole."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def _which_and_how_long(file):
    try:
        st = os.stat(file)
    except FileNotFoundError:  # just moved away
        return 0, 0
    return st.st_ino, st.st_size


def _rotate(state, file):
    """Reloads, which are logged, until the log was moved away, once: what is written is waited for."""
    while run("ctl", "--state", state, "/readyz").returncode:
        pass
    first = now = _which_and_how_long(file)
    while now[0] == first[0]:
        before = now
        has(ask_control(state, b"reload\n"), "ok\n")
        while (now := _which_and_how_long(file)) == before:
            pass


def _wait_for(place, *names):
    """All that is there, when everything has been packed and what it was packed from has gone."""
    end = time.monotonic() + PATIENCE
    while (there := sorted(os.listdir(place))) != sorted(names):
        assert time.monotonic() < end, there


def files_moved_away_are_packed_inside_the_sandbox():
    with folder() as above:
        os.mkdir(above + "/logs")
        file, state = above + "/logs/echo.log", above + "/state"
        flags = ("--log-file", file, "--log-rotate", "64K", "--log-keep", "3", "--log-compress",
                 "--log", "debug")
        write(file + ".2", '{"left":"by one that was killed"}\n' * 3)
        write(file + ".packing", "half of it")
        with _echo(state, *flags, ready=False) as s:
            _rotate(state, file)
            _wait_for(above + "/logs", "echo.log", "echo.log.1.gz", "echo.log.3.gz")
            is_equal([r["left"] for r in _unpacked(file + ".3.gz")],
                     ["by one that was killed"] * 3)
            assert len(_unpacked(file + ".1.gz")) > 100
            s.process.kill()
            s.process.wait()
        with _echo(state, *flags, ready=False) as s:
            _rotate(state, file)
            packed = [f"echo.log.{number}.gz" for number in (1, 2, 3)]
            _wait_for(above + "/logs", "echo.log", *packed)
            for name in packed:
                _unpacked(above + "/logs/" + name)
            is_equal(s.stop()[0], 0)


def what_cannot_be_packed_stays_and_is_told():
    with folder() as above:
        os.makedirs(above + "/logs/echo.log.packing/x")
        file, state = above + "/logs/echo.log", above + "/state"
        with _echo(state, "--log-file", file, "--log-compress", "--log-rotate", "1M",
                   ready=False) as s:
            while run("ctl", "--state", state, "/readyz").returncode:
                pass
            write(file + ".1", "{}\n")
            is_equal(run("ctl", "--state", state, "reload").returncode, 0)
            said = "a log file cannot be packed, so it stays as it is"
            while said not in open(file, encoding="utf-8").read():
                pass
            is_equal(open(file + ".1", encoding="utf-8").read(), "{}\n")
            is_equal(s.stop()[0], 0)
        is_equal(sorted(os.listdir(above + "/logs")),
                 ["echo.log", "echo.log.1", "echo.log.packing"])


def a_full_log_disk_is_told_once_and_the_service_goes_on():
    with folder() as state, _echo(state, "--log-file", "/dev/full", "--sandbox", "off",
                                  ready=False) as s:
        has(s.log.next(), "the log /dev/full cannot be written, so records are lost until it can: "
                          "No space left")
        while run("ctl", "--state", state, "/readyz").returncode:
            pass
        has(run("ctl", "--state", state, "stats").stdout, "reed_log_failing 1\n")
        s.signal(signal.SIGTERM)
        code, rest = s.wait()
        is_equal(code, 0)
        has_not(rest, "cannot be written")


def settings_that_became_nonsense_change_nothing():
    with folder() as state:
        text = f"state: {state}/state\nlisten: {ANY}\ngreeting: hello\nlog.format: json\n"
        file = write(state + "/echo.yaml", text)
        with server("echo", "-c", file) as s:
            for nonsense in ("[[[", "\0\xff\x01", "greeting: [1, {2: 3}]\nlog: 7\n", "- a\n- b\n",
                             "&a [*a, *a]\n", "x" * 100000, ""):
                with open(file, "wb") as f:
                    f.write(nonsense.encode("latin-1"))
                done = run("ctl", "--state", state + "/state", "reload")
                if nonsense:
                    is_equal(done.returncode, 1)
                    assert done.stderr.startswith("reed ctl: "), done.stderr
                with s.connect() as client:
                    greeting = client.recv(100) if nonsense else b"hello\n"
                    is_equal(greeting, b"hello\n")
            write(file, text.replace("hello", "good day"))
            is_equal(run("ctl", "--state", state + "/state", "reload").returncode, 0)
            with s.connect() as client:
                is_equal(client.recv(100), b"good day\n")


def a_notify_socket_that_is_missing_is_no_reason_to_fail():
    with folder() as state:
        for path in (state + "/nowhere", "@nobody-listens-here", "relative", "/" + "x" * 200):
            with _echo(state + "/state", env={"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "200000"}) as s:
                is_equal(run("ctl", "--state", state + "/state", "reload").returncode, 0)
                is_equal(s.stop()[0], 0)


def the_state_of_a_newer_version_is_refused_in_words():
    with folder() as state:
        with _echo(state) as s:
            is_equal(open(state + "/version", encoding="utf-8").read(), "1\n")
            is_equal(stat.S_IMODE(os.stat(state + "/version").st_mode), 0o600)
            write(state + "/version", "7\n")
            done = run("echo", "--state", state, "--replace", "--listen", ANY)
            is_equal(done.returncode, 2)
            has(done.stderr, f"--state: the state directory {state} was written by a newer "
                             "version of this program (format 7, and this one knows 1); start "
                             "that one, or take another with --state DIR\n")
            is_equal(run("ctl", "--state", state, "/healthz").stdout, "alive\n")
            is_equal(s.stop()[0], 0)
        write(state + "/version", "what\n")
        has(run("echo", "--state", state).stderr, "that is no number; write 1 into it")
        write(state + "/version", "1\n")
        with _echo(state):
            pass


def children_get_no_descriptor_but_their_own():
    """A session dialled by exec: is a child of a server that has listeners, a log and state open."""
    with folder() as state:
        out = state + "/out"
        with _echo(state + "/state", "--sandbox", "off", "--log-ship-json",
                   f"exec:/bin/sh -c \"ls -l /proc/self/fd >{out}.new; mv {out}.new {out}\"") as s:
            while not os.path.exists(out):
                pass
            s.stop()
        fds = [line for line in open(out, encoding="utf-8") if "->" in line]
        names = sorted(line.split(" -> ")[0].split()[-1] for line in fds)
        is_equal(names, ["0", "1", "2", "3"])  # 3 is the directory that ls reads
        has([line for line in fds if " 3 ->" in line][0], "/proc/")


def connections_to_a_name_server_are_listed():
    if not DNS:
        return
    with folder() as state:
        zone = write(state + "/zone", "$TTL 60\n@ SOA ns. host. 1 60 60 60 60\n@ NS ns.\n"
                                      "www A 192.0.2.1\n")
        with server("dns", "--state", state + "/state", "--zone", f"example.org={zone}",
                    "--listen", ANY) as s, s.connect() as client:
            name = b"\3www\7example\3org\0"
            query = struct.pack(">HHHHHH", 7, 0, 1, 0, 0, 0) + name + struct.pack(">HH", 1, 1)
            client.sendall(struct.pack(">H", len(query)) + query)
            assert client.recv(512)[2:4] == b"\0\7"
            line = run("ctl", "--state", state + "/state", "conns", "service=dns").stdout
            has(line, f" dns tcp 127.0.0.1:{client.getsockname()[1]} clear ")
            has(line, ": 1 query\n")
            number = line.split()[0]
            is_equal(run("ctl", "--state", state + "/state", "kill", number).returncode, 0)
            is_equal(client.recv(1), b"")


if __name__ == "__main__":
    main(globals())
