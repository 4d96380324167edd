#!/usr/bin/env python3
"""One process takes over from another, and nobody who connects meanwhile is refused."""

import array
import contextlib
import os
import signal
import socket
import threading

from ports import free_port
from tool import PATIENCE, PROGRAM, folder, has, is_equal, main, run, server


class _Load(threading.Thread):
    """Connects again and again; remembers who greeted it and what went wrong."""

    def __init__(self, port):
        super().__init__()
        self.port = port
        self.greetings = []
        self.refused = []
        self.over = False
        self.start()

    def run(self):
        while not self.over:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as s:
                    self.greetings.append(s.recv(100).split(b"\n")[0])
            except OSError as error:
                self.refused.append(error)

    def until(self, greeting):
        while not (self.greetings and self.greetings[-1] == greeting):
            assert not self.refused, self.refused
            assert self.is_alive()

    def stop(self):
        self.over = True
        self.join()


def nobody_is_refused_while_one_process_takes_over_from_another():
    with folder() as state, contextlib.ExitStack() as stack:
        port = free_port()
        flags = ["echo", "--state", state, "--listen", f"tcp:{port}:interface=127.0.0.1"]
        current = stack.enter_context(server(*flags, "--greeting", "0"))
        load = _Load(port)
        load.until(b"0")
        for i in range(1, 6):
            after = stack.enter_context(server(*flags, "--greeting", str(i), "--replace"))
            code, said = current.wait()
            is_equal(code, 0)
            has(said, "another process takes over")
            load.until(str(i).encode())
            current = after
        load.stop()
        is_equal(load.refused, [])
        is_equal(run("ctl", "--state", state, "/readyz").stdout, "ready\n")
        is_equal(current.stop()[0], 0)


def a_unix_socket_stays_where_it_is():
    with folder() as state:
        path = state + "/door"
        flags = ["echo", "--state", state, "--listen", "unix:" + path]
        with server(*flags) as first:
            before = os.stat(path).st_ino
            with server(*flags, "--replace") as second:
                is_equal(first.wait()[0], 0)
                is_equal(os.stat(path).st_ino, before)
                with socket.socket(socket.AF_UNIX) as s:
                    s.connect(path)
                    s.sendall(b"x")
                    is_equal(s.recv(10), b"x")
                is_equal(second.stop()[0], 0)
                is_equal(os.path.exists(path), False)


def with_nobody_to_replace_it_just_starts():
    with folder() as state, server("echo", "--state", state, "--replace") as s:
        is_equal(s.stop()[0], 0)


def who_may_not_take_over_is_told_how():
    with folder() as state, server("echo", "--state", state) as s:
        done = run("echo", "--state", state)
        is_equal(done.returncode, 1)
        has(done.stderr, f"in use by process {s.process.pid}")
        has(done.stderr, "--replace")
        os.unlink(state + "/ctl.sock")
        done = run("echo", "--state", state, "--replace")
        is_equal(done.returncode, 1)
        has(done.stderr, "ctl.sock cannot be asked for its sockets")


def wrong_settings_do_not_stop_what_runs():
    with folder() as state, server("echo", "--state", state) as s:
        is_equal(run("echo", "--state", state, "--replace", "--mood", "x").returncode, 2)
        is_equal(run("ctl", "--state", state, "/readyz").stdout, "ready\n")
        is_equal(s.stop()[0], 0)


class _Store:
    """systemd's store of descriptors, as far as a service sees it."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.settimeout(PATIENCE)
        self.socket.bind(path)
        self.path = path
        self.kept = []

    def until_ready(self):
        while True:
            text, fds, _, _ = socket.recv_fds(self.socket, 1000, 253)
            if b"FDSTORE=1" in text:
                has(text, b"FDNAME=reed-listen")
                self.kept += fds
            if b"FDSTOREREMOVE=1" in text:
                self.drop()
            if b"READY=1" in text:
                return

    def drop(self):
        for fd in self.kept:
            os.close(fd)
        self.kept = []

    def start(self, *args):
        """As sd_listen_fds(3) has it: descriptors from 3 on, and whom they are meant for."""
        names = ":".join(["reed-listen"] * len(self.kept))
        fds = array.array("i", self.kept)
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            high = [os.dup2(fd, 100 + i) for i, fd in enumerate(fds)]
            for i, fd in enumerate(high):
                os.dup2(fd, 3 + i, inheritable=True)
            os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(fds)),
                              LISTEN_FDNAMES=names, NOTIFY_SOCKET=self.path)
            os.execv(PROGRAM[0], [*PROGRAM, *args])
        os.close(read)
        os.close(write)
        return pid


def systemd_keeps_the_sockets_between_two_lives():
    with folder() as state:
        port = free_port()
        store = _Store(state + "/notify")
        flags = ["echo", "--state", state, "--listen", f"tcp:{port}:interface=127.0.0.1"]
        pid = store.start(*flags, "--greeting", "0")
        store.until_ready()
        is_equal(len(store.kept), 2)  # and the control socket
        load = _Load(port)
        load.until(b"0")
        for i in range(1, 4):
            os.kill(pid, signal.SIGTERM)
            is_equal(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0)
            pid = store.start(*flags, "--greeting", str(i))
            store.until_ready()
            load.until(str(i).encode())
        load.stop()
        is_equal(load.refused, [])
        os.kill(pid, signal.SIGTERM)
        is_equal(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0)
        store.drop()
        store.socket.close()


if __name__ == "__main__":
    main(globals())
