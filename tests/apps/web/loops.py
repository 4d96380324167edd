#!/usr/bin/env python3
"""reed web on several loops, from outside: one server, however many threads it has."""

import contextlib
import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "reed"))
import tool
from ports import free_port
from tool import PATIENCE, folder, has, is_equal, main, run, server, write

tool.PROGRAM = [os.environ["REED"]]

ANY = "tcp:0:interface=127.0.0.1"


@contextlib.contextmanager
def _web(state, *flags, text="hello", **more):
    os.makedirs(state + "/www", exist_ok=True)
    write(state + "/www/index.html", text)
    with server("web", "--state", state + "/s", "--path", state + "/www", "--listen", ANY,
                "--loops", "2", *flags, **more) as s:
        yield s


class _Guest:
    """A connection that stays."""

    def __init__(self, s):
        self.connection = http.client.HTTPConnection(*s.address, timeout=PATIENCE)
        self.connection.connect()

    def ask(self):
        self.connection.request("GET", "/")

    def hear(self):
        answer = self.connection.getresponse()
        return answer.status, answer.read().decode()

    def get(self):
        self.ask()
        return self.hear()

    def close(self):
        self.connection.close()


def _ctl(state, *words):
    result = run("ctl", "--state", state + "/s", *words)
    is_equal((words, result.returncode, result.stderr), (words, 0, ""))
    return result.stdout


def each_loop_serves_its_share():
    with folder() as state, _web(state, "--limits-connections", "2") as s:
        guests = [_Guest(s) for _ in range(3)]
        is_equal([guests[0].get(), guests[1].get()], [(200, "hello")] * 2)
        guests[2].ask()  # each loop has one, and takes no more
        has(_ctl(state, "stats"), 'reed_http_connections{service="web"} 2\n')
        guests[0].close()
        is_equal(guests[2].hear(), (200, "hello"))
        for guest in guests[1:]:
            guest.close()
        is_equal(s.stop()[0], 0)


def figures_are_those_of_all_loops():
    with folder() as state, _web(state, "--metrics", ANY, ready=False) as s:
        telemetry = s.record("listening")["address"]
        web = s.record("listening")
        is_equal((web["service"], "loop" in web), ("web", False))
        has(str(s.record("listening")["loop"]), "1")
        is_equal(s.record("ready")["loops"], 2)
        for _ in range(10):
            guest = _Guest(s)
            is_equal(guest.get(), (200, "hello"))
            guest.close()
        host, _, port = telemetry.rpartition(":")
        scrape = http.client.HTTPConnection(host, int(port), timeout=PATIENCE)
        scrape.request("GET", "/metrics")
        page = scrape.getresponse().read().decode()
        scrape.close()
        has(page, 'reed_http_requests_total{service="web"} 10\n')
        has(page, 'reed_service_ready{service="web"} 1\n')
        is_equal(page.count("# EOF"), 1)
        for word in ("tasks", "services", "blame"):
            has(_ctl(state, word), "\nloop 1:\n")
        is_equal(_ctl(state, "/readyz"), "ready\n")


def connections_of_all_loops_are_listed_and_ended_by_their_numbers():
    with folder() as state, _web(state) as s:
        guests = [_Guest(s) for _ in range(4)]
        is_equal([guest.get() for guest in guests], [(200, "hello")] * 4)
        numbers = {}
        for line in _ctl(state, "conns", "--json").splitlines():
            conn = json.loads(line)
            numbers[int(conn["peer"].rpartition(":")[2])] = conn["conn"]
        is_equal(len(set(numbers.values())), 4)
        for guest in guests:
            _ctl(state, "kill", str(numbers[guest.connection.sock.getsockname()[1]]))
            is_equal(guest.connection.sock.recv(1), b"")
            guest.close()
        result = run("ctl", "--state", state + "/s", "kill", "4711")
        has(result.stderr, 'there is no connection "4711"')
        is_equal(s.stop()[0], 0)


def a_list_of_them_is_no_longer_than_was_asked_for():
    with folder() as state, _web(state) as s:
        guests = [_Guest(s) for _ in range(5)]
        is_equal([guest.get() for guest in guests], [(200, "hello")] * 5)
        for most, more in ((3, ["and 2 more"]), (1, ["and 4 more"]), (5, [])):
            lines = _ctl(state, "conns", str(most)).splitlines()
            is_equal(lines[most:], more)
        for guest in guests:
            guest.close()
        is_equal(s.stop()[0], 0)


def top_adds_up_what_all_loops_have():
    with folder() as state, _web(state) as s:
        guests = [_Guest(s) for _ in range(4)]
        is_equal([guest.get() for guest in guests], [(200, "hello")] * 4)
        figures = [line.split("\t") for line in _ctl(state, "top").splitlines()]
        is_equal([f for f in figures if f[0] == "conns"], [["conns", "4"]])
        peers = {f[4].rpartition(":")[2] for f in figures if f[0] == "conn"}
        is_equal(peers, {str(g.connection.sock.getsockname()[1]) for g in guests})
        names = [f[4] for f in figures if f[0] == "blame"]
        assert names
        is_equal(len(names), len(set(names)))
        process = next(f for f in figures if f[0] == "process")
        is_equal(len(process), 13)
        heard = sum(int(f[7]) for f in figures if f[0] == "conn")
        assert int(process[9]) >= heard > 0, (process, heard)
        is_equal(run("top", "--once", "--state", state + "/s").stdout.count(" 127.0.0.1:"), 4)
        for guest in guests:
            guest.close()
        is_equal(s.stop()[0], 0)


def a_drain_counts_those_of_all_loops():
    with folder() as state, _web(state) as s:
        guests = [_Guest(s) for _ in range(4)]
        for guest in guests:
            guest.connection.sock.sendall(b"GET / HTTP/1.1\r\n")
        while len(_ctl(state, "conns").splitlines()) < 4:
            pass
        drain = subprocess.Popen([*tool.PROGRAM, "ctl", "--state", state + "/s", "drain"],
                                 stdout=subprocess.PIPE, text=True, env=tool.environment(None))
        is_equal(drain.stdout.readline(), "4 connections left\n")
        for guest in guests:
            guest.close()
        is_equal(s.wait()[0], 0)
        drain.communicate(timeout=PATIENCE)
        is_equal(drain.returncode, 0)


def a_reload_is_for_all_loops():
    with folder() as state:
        for name in ("one", "two"):
            os.makedirs(f"{state}/{name}")
            write(f"{state}/{name}/index.html", name)
        text = f"state: {state}/s\nlisten: ['{ANY}']\nloops: 2\npath: {state}/%s\n"
        file = write(state + "/web.yaml", text % "one")
        with server("web", "-c", file) as s:
            guests = [_Guest(s) for _ in range(4)]
            is_equal([guest.get() for guest in guests], [(200, "one")] * 4)
            write(file, text % "two")
            has(_ctl(state, "reload"), "path: ")
            later = [_Guest(s) for _ in range(4)]
            is_equal([guest.get() for guest in later], [(200, "two")] * 4)
            for guest in guests + later:
                guest.close()
            is_equal(s.stop()[0], 0)


def a_stop_ends_all_loops():
    with folder() as state, _web(state) as s:
        guests = [_Guest(s) for _ in range(4)]
        is_equal([guest.get() for guest in guests], [(200, "hello")] * 4)
        s.signal(signal.SIGTERM)
        for guest in guests:
            is_equal(guest.connection.sock.recv(1), b"")
            guest.close()
        is_equal(s.wait()[0], 0)


def a_drain_waits_for_who_is_there_on_any_loop():
    with folder() as state, _web(state) as s:
        guests = [_Guest(s) for _ in range(4)]
        is_equal([guest.get() for guest in guests], [(200, "hello")] * 4)
        drain = threading.Thread(target=_ctl, args=(state, "drain"))
        drain.start()
        s.record("nobody is let in any more")
        for guest in guests:
            is_equal(guest.get(), (200, "hello"))
            guest.close()
        is_equal(s.wait()[0], 0)
        drain.join()


def a_certificate_of_its_own_making_is_there_for_all_loops():
    trusting = ssl.create_default_context()
    trusting.check_hostname = False
    trusting.verify_mode = ssl.CERT_NONE
    with folder() as state, _web(state, "--listen", "tls:0:interface=127.0.0.1", ready=False) as s:
        s.record("listening")
        port = int(s.record("listening")["address"].rpartition(":")[2])
        s.record("ready")
        for _ in range(4):
            connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=PATIENCE,
                                                     context=trusting)
            connection.request("GET", "/")
            is_equal(connection.getresponse().read(), b"hello")
            connection.close()
        is_equal(s.stop()[0], 0)


def nobody_is_refused_while_one_process_takes_over_from_another():
    with folder() as state:
        port = free_port()
        os.makedirs(state + "/www")
        flags = ["web", "--state", state + "/s", "--path", state + "/www", "--loops", "2",
                 "--listen", f"tcp:{port}:interface=127.0.0.1"]
        with server(*flags) as first:
            refused, over = [], threading.Event()

            def knock():
                while not over.is_set():
                    try:
                        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE).close()
                    except OSError as error:
                        refused.append(error)

            load = threading.Thread(target=knock)
            load.start()
            with server(*flags, "--replace") as second:
                code, said = first.wait()
                is_equal(code, 0)
                has(said, "another process takes over")
                over.set()
                load.join()
                is_equal(refused, [])
                is_equal(second.stop()[0], 0)


def who_cannot_be_spread_says_why():
    with folder() as state:
        for flags, why in ((["chat"], "is known in one place"),
                           (["dns"], "one loop"),
                           (["web", "--protect"], "people with an account")):
            for check in ([], ["--check"]):
                result = run(*flags, "--loops", "2", "--state", state + "/s", *check)
                is_equal((flags, result.returncode), (flags, 2))
                has(result.stderr, f"{flags[0]} cannot be spread over several loops: ")
                has(result.stderr, why)
                has(result.stderr, "--loops")
        assert not os.path.exists(state + "/s")
        result = run("web", "--loops", "65", "--state", state + "/s", "--check")
        is_equal(result.returncode, 2)
        has(result.stderr, "64")


def in_a_suite_those_that_can_are_spread():
    with folder() as state:
        os.makedirs(state + "/www")
        write(state + "/www/index.html", "hello")
        file = write(state + "/suite.yaml", f"""\
state: {state}/s
loops: 2
web: {{ listen: ['{ANY}'], path: {state}/www }}
chat: {{ irc: ['unix:{state}/irc'] }}
""")
        with server("run", file, ready=False) as s:
            stays = s.record("stays on one loop")
            is_equal(stays["service"], "chat")
            has(stays["why"], "is known in one place")
            s.record("ready")
            guests = [_Guest(s) for _ in range(2)]
            is_equal([guest.get() for guest in guests], [(200, "hello")] * 2)
            other = _ctl(state, "services").partition("\nloop 1:\n")[2]
            has(other, "web ready")
            is_equal("chat" in other, False)
            for guest in guests:
                guest.close()
            is_equal(s.stop()[0], 0)


if __name__ == "__main__":
    main(globals())
