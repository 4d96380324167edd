#!/usr/bin/env python3
"""The start of `reed chat`: how soon it listens, and what it says of how to connect."""

import os
import select
import statistics
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "reed"))
import tool
from tool import folder, has, has_not, is_equal, main, server

tool.PROGRAM = [os.environ["REED"]]
SANITIZED = "-fsanitize" in open(os.path.join(os.environ["REED_BUILD"], "build.ninja"),
                                 encoding="utf-8").read()
# what the promise is, and what it may become with sanitizers, which take four times as long
MOST_MS = 400 if SANITIZED else 100
TRIES = 7


def _scheduled(process):
    """Of its threads: ms on a processor, and ms that they were ready and others had it."""
    tasks = f"/proc/{process.pid}/task"
    times = [0, 0]
    for task in os.listdir(tasks):
        with open(f"{tasks}/{task}/schedstat", encoding="ascii") as file:
            times = [a + int(b) / 1e6 for a, b in zip(times, file.read().split())]
    return times


def _start(*flags):
    """From the call of the program to the last door, with nothing there yet: ms in all but those
    in which other programs had the processor, and ms of a processor."""
    with folder() as state:
        began = time.monotonic()
        with server("chat", "--state", state + "/new", "--name", "chat.example", *flags) as s:
            took = (time.monotonic() - began) * 1000
            worked, waited = _scheduled(s.process)
            s.stop()
    return took - waited, worked


def it_listens_within_a_tenth_of_a_second_of_its_first_start():
    doors = ["--irc", "tcp:0:interface=127.0.0.1", "--irc", "tls:0:interface=127.0.0.1"]
    for times in zip(*(_start(*doors) for _ in range(TRIES))):
        assert statistics.median(times) <= MOST_MS, times


def _hello(s):
    """What it prints when it is there."""
    text = b""
    while b"--help" not in text:
        assert select.select([s.process.stdout], [], [], tool.PATIENCE)[0], text
        text += os.read(s.process.stdout.fileno(), 65536)
    return text.decode()


def _said(command, *flags):
    """That, and its log until then."""
    with folder() as state, server(command, "--state", state + "/state", *flags) as s:
        text = _hello(s)
        s.stop()
        return text, [tool.json.loads(line) for line in s.log.seen]


def _ports(log):
    return [record["address"].rpartition(":")[2] for record in log
            if record["message"] == "listening"]


def without_settings_it_is_on_the_ports_of_irc():
    with folder() as state:
        done = tool.run("chat", "--print-settings", "--state", state + "/state")
    is_equal(done.returncode, 0)
    has(done.stdout, "\nirc:  # default\n  - tcp:6667:interface=localhost  # default\n"
                     "  - tls:6697  # default\n#")


def the_first_operator_is_invited():
    doors = ["--irc", "tcp:0:interface=127.0.0.1"]
    with folder() as state, server("chat", "--state", state, *doors) as s:
        text = _hello(s)
        with open(state + "/invitation", encoding="ascii") as file:
            has(text, f"\n    /oper owner {file.read().strip()}\n")
        s.stop()


def the_ports_that_the_system_chose_are_told():
    text, log = _said("chat", "--name", "chat.example", "--irc", "tcp:0:interface=127.0.0.1",
                      "--irc", "tls:0")
    plain, tls = _ports(log)
    has(text, f"    irssi -c 127.0.0.1 -p {plain} ")
    has(text, f"    /connect -tls chat.example {tls} ")
    has_not(text, " 0 ")


def all_addresses_of_a_name_are_told():
    text, log = _said("chat", "--name", "chat.example", "--irc", "tcp:0:interface=localhost")
    port = _ports(log)[0]
    has(text, f"    irssi -c 127.0.0.1 -p {port} ")
    has(text, f"    irssi -c ::1 -p {port} ")


def this_machine_is_localhost_for_tls_and_told_once():
    text, log = _said("chat", "--name", "chat.example", "--irc", "tls:0:interface=localhost",
                      "--irc", "tls:0:interface=127.0.0.1")
    ports = _ports(log)
    is_equal(len(ports), 2)
    for port in ports:
        is_equal(text.count(f"    /connect -tls localhost {port} "), 1)
    has_not(text, "127.0.0.1")
    has(text, "to trust it (irssi by -tls_verify -tls_cafile /")


def sockets_and_proxies_are_told_as_what_they_are():
    with folder() as where:
        text, log = _said("chat", "--name", "chat.example", "--irc", f"unix:{where}/plain",
                          "--irc", f"tls:[unix:{where}/tls]",
                          "--irc", "haproxy:[tcp:0:interface=127.0.0.1]")
        is_equal(text.splitlines()[2:5], [
            f"    an IRC client at unix:{where}/plain",
            f"    an IRC client with TLS at unix:{where}/tls",
            "    a proxy in front, which speaks the PROXY protocol to "
            f"127.0.0.1:{_ports(log)[2]}"])


def a_name_server_tells_how_to_ask_it():
    with folder() as where:
        zone = tool.write(where + "/zone", "$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 127.0.0.1\n")
        text, log = _said("dns", "--zone", f"example.org={zone}", "--listen",
                          "udp:0:interface=127.0.0.1", "--listen", "tcp:0:interface=localhost")
        udp, tcp = _ports(log)
        is_equal(text.splitlines()[2], f"    dig @127.0.0.1 -p {udp} example.org. SOA")
        has(text, f"    dig @127.0.0.1 -p {tcp} +tcp example.org. SOA")
        has(text, f"    dig @::1 -p {tcp} +tcp example.org. SOA")


if __name__ == "__main__":
    main(globals())
