#!/usr/bin/env python3
"""reed dns is replaced by another process, or kept by systemd's store, and no question over UDP is lost."""

import contextlib
import os
import select
import socket
import struct
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "reed"))
import tool
from ports import free_port
from tool import PATIENCE, folder, has, is_equal, main, server, write

tool.PROGRAM = [os.environ["REED"]]

AHEAD = 64  # questions that wait for their answers at a time
NAME = b"\3www\4zone\4test\0"
QUESTION = NAME + struct.pack(">HH", 1, 1)


def _query(number):
    return struct.pack(">6H", number, 0x100, 1, 0, 0, 0) + QUESTION


def _answer(query, last):
    """That of a server elsewhere: 192.0.2.LAST.  The name's case is the asker's."""
    question = query[12:12 + len(QUESTION)]
    return (query[:2] + struct.pack(">5H", 0x8180, 1, 1, 0, 0) + question +
            struct.pack(">HHHIHBBBB", 0xc00c, 1, 1, 60, 4, 192, 0, 2, last))


def _asked(wire):
    """The next question of a server; over TCP, where it waits for longest (RFC 1035 4.2.2)."""
    n, = struct.unpack(">H", wire.recv(2, socket.MSG_WAITALL))
    return wire.recv(n, socket.MSG_WAITALL)


def _answer_until_heard(wire, query, asker):
    """From the first question on: a machine may be so busy that it is asked once more meanwhile."""
    while True:
        answer = _answer(query, 9)
        wire.sendall(struct.pack(">H", len(answer)) + answer)
        if asker in select.select([wire, asker], [], [], PATIENCE)[0]:
            return
        query = _asked(wire)


def _last(answer):
    """Of the address that is told; an answer without one is none."""
    flags, questions, answers = struct.unpack(">HHH", answer[2:8])
    assert flags & 0x800f == 0x8000 and questions == answers == 1, answer
    return answer[-1]


class _Load(threading.Thread):
    """Asks on and on, and remembers which question has been answered by whom."""

    def __init__(self, port):
        super().__init__()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(("127.0.0.1", port))
        self.asked = self.answered = self.latest = 0
        self.open = set()
        self.over = False
        self.start()

    def _ask(self):
        number = self.asked % 65536
        self.asked += 1
        self.open.add(number)
        self.socket.send(_query(number))

    def _hear(self):
        answer = self.socket.recv(1000)
        self.open.remove(struct.unpack(">H", answer[:2])[0])
        self.latest = _last(answer)
        self.answered += 1

    def run(self):
        with self.socket:
            while self.open or not self.over:
                while not self.over and len(self.open) < AHEAD:
                    self._ask()
                self._hear()

    def until(self, last):
        while self.latest != last:
            assert self.is_alive(), f"{self.asked} were asked, and {len(self.open)} not answered"

    def stop(self):
        self.over = True
        self.join()


def _serve(stack, state, port, last, *more):
    write(state + "/zone", f"$TTL 60\n@ SOA ns1 a 1 2 3 4 5\n@ NS ns1\nwww A 192.0.2.{last}\n")
    return stack.enter_context(server(
        "dns", "--state", state + "/s", "--zone", f"zone.test={state}/zone",
        "--listen", f"udp:{port}:interface=127.0.0.1", *more))


def no_question_is_lost_while_one_process_takes_over_from_another():
    with folder() as state, contextlib.ExitStack() as stack:
        port = free_port()
        current = _serve(stack, state, port, 1)
        load = _Load(port)
        load.until(1)
        for last in range(2, 5):
            after = _serve(stack, state, port, last, "--replace")
            code, said = current.wait()
            is_equal(code, 0)
            has(said, "another process takes over")
            load.until(last)
            current = after
        load.stop()
        is_equal((load.answered, load.open), (load.asked, set()))
        is_equal(current.stop()[0], 0)


def who_has_asked_already_is_answered_by_the_old_process():
    with folder() as state, contextlib.ExitStack() as stack:
        port = free_port()
        elsewhere = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        elsewhere.settimeout(PATIENCE)
        flags = ["dns", "--state", state, "--listen", f"udp:{port}:interface=127.0.0.1",
                 "--forward", f"tcp:127.0.0.1:{elsewhere.getsockname()[1]}", "--dnssec", "off"]
        first = stack.enter_context(server(*flags))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(PATIENCE)
            s.connect(("127.0.0.1", port))
            s.send(_query(7))
            wire = stack.enter_context(elsewhere.accept()[0])
            wire.settimeout(PATIENCE)
            query = _asked(wire)
            started = threading.Thread(
                target=lambda: stack.enter_context(server(*flags, "--replace")))
            started.start()
            first.record("stopping")
            _answer_until_heard(wire, query, s)
            is_equal(_last(s.recv(1000)), 9)
        is_equal(first.wait()[0], 0)
        started.join()


if __name__ == "__main__":
    main(globals())
