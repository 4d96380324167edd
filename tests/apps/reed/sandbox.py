#!/usr/bin/env python3
"""What a server cannot do: a service that does what it is told tries it from inside."""

import contextlib
import ctypes
import errno
import os
import signal
import socket
import struct

from ports import free_port
from tool import folder, has, has_not, is_equal, main, run, server, write


class _Inmate:
    """Gives orders to the server, and hears how they went."""

    def __init__(self, s):
        self.socket = s.connect()
        self.file = self.socket.makefile("rw")

    def does(self, order):
        self.file.write(order + "\n")
        self.file.flush()
        return self.file.readline().rstrip("\n")

    def close(self):
        self.file.close()
        self.socket.close()


@contextlib.contextmanager
def _starting(above, *flags, **more):
    with server("inmate", "--state", above + "/state", "--listen",
                f"tcp:{free_port()}:interface=127.0.0.1", *flags, ready=False, **more) as s:
        yield s


@contextlib.contextmanager
def _inmate(above, *flags, **more):
    with _starting(above, *flags, **more) as s:
        s.record("ready")
        inmate = _Inmate(s)
        try:
            yield s, inmate
        finally:
            inmate.close()


@contextlib.contextmanager
def _listening():
    """At a port, which it yields, and at an abstract name."""
    with socket.socket() as s, socket.socket(socket.AF_UNIX) as u:
        for each, at in ((s, ("127.0.0.1", 0)), (u, f"\0reed-{os.getpid()}")):
            each.bind(at)
            each.listen()
        yield s.getsockname()[1]


# What it can be told to do that no setting of it asks for, and how that ends.
def _forbidden(above, port):
    return [("read " + above + "/secret", "EACCES"), ("read /etc/passwd", "EACCES"),
            ("write " + above + "/secret", "EACCES"), ("write " + above + "/new", "EACCES"),
            ("remove " + above + "/secret", "EACCES"), ("write /dev/shm/reed-inmate", "EACCES"),
            (f"dial {port}", "EACCES"), ("bind 0", "EACCES"),
            ("socket 17:3", "EPERM"), ("socket 2:3:1", "EPERM"), ("socket 16:3:15", "EPERM"),
            ("socket 16:3:9", "EPROTONOSUPPORT"),
            ("socket 38:5", "EPERM"), (f"abstract reed-{os.getpid()}", "EPERM"),
            (f"signal {os.getpid()}", "EPERM"), ("run /bin/true", "EPERM"),
            ("mount " + above, "EPERM"), ("ring", "EPERM"), ("code", "EPERM"), ("type x", "EPERM"),
            ("user 4711", "EPERM")]


def what_no_setting_asks_for_is_refused_and_the_server_goes_on():
    with folder() as above, _listening() as port:
        write(above + "/secret", "x")
        with _inmate(above) as (s, inmate):
            for order, error in _forbidden(above, port):
                is_equal((order, inmate.does(order)), (order, error))
            with open(above + "/secret", encoding="utf-8") as secret:
                is_equal(secret.read(), "x")
            is_equal(inmate.does("write " + above + "/state/new"), "ok")
            is_equal(run("ctl", "--state", above + "/state", "/readyz").stdout, "ready\n")
            is_equal(s.stop()[0], 0)


def the_threads_of_the_pool_are_inside_too():
    with folder() as above, _listening() as port:
        write(above + "/secret", "x")
        with _inmate(above) as (s, inmate):
            for order, error in _forbidden(above, port):
                is_equal((order, inmate.does("thread " + order)), (order, error))
            is_equal(inmate.does("thread write " + above + "/state/new"), "ok")
            tasks = os.listdir(f"/proc/{s.process.pid}/task")
            assert len(tasks) > 1
            for task in tasks:
                with open(f"/proc/{s.process.pid}/task/{task}/status", encoding="utf-8") as file:
                    status = file.read()
                has(status, "\nSeccomp:\t2\n")
                has(status, "\nNoNewPrivs:\t1\n")


def _system_has_rings():
    """io_uring_setup() without arguments: EFAULT where there is one."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall(425, 1, None)
    return ctypes.get_errno() == errno.EFAULT


def the_driver_uring_has_its_rings_and_nothing_more():
    with folder() as above, _listening() as port:
        write(above + "/secret", "x")
        with _starting(above, "--driver", "uring") as s:
            is_equal(s.record("sandbox")["seccomp"], "on")
            driver = s.record("ready")["driver"]
            is_equal(driver, "uring" if _system_has_rings() else "epoll")
            inmate = _Inmate(s)
            for order, error in _forbidden(above, port):
                if order != "ring":
                    is_equal((order, inmate.does(order)), (order, error))
            if driver == "uring":
                is_equal(inmate.does("ring"), "EFAULT")
            is_equal(inmate.does("write " + above + "/state/new"), "ok")
            inmate.close()
            is_equal(s.stop()[0], 0)


def without_it_the_same_is_allowed():
    with folder() as above, _listening() as port:
        write(above + "/secret", "x")
        with _starting(above, "--sandbox", "off") as s:
            off = s.record("sandbox")
            is_equal((off["landlock"], off["seccomp"], off["why"]), (0, "off", "--sandbox off"))
            s.record("ready")
            again = _Inmate(s)
            for order in ("read " + above + "/secret", "read /etc/passwd", f"dial {port}", "bind 0",
                          f"abstract reed-{os.getpid()}", f"signal {os.getpid()}", "run /bin/true", "write " + above + "/new"):
                is_equal((order, again.does(order)), (order, "ok"))
            is_equal(again.does("secret"), "EINVAL")
            again.close()


def what_the_settings_and_the_service_ask_for_is_allowed():
    with folder() as above, _listening() as port:
        os.makedirs(above + "/in/deep")
        os.makedirs(above + "/out")
        write(above + "/in/a", "x")
        write(above + "/in/deep/b", "x")
        with _inmate(above, "--reads", above + "/in/a", "--writes", above + "/out", "--dials",
                     f"tcp:127.0.0.1:{port}") as (_, inmate):
            for order, error in ((f"dial {port}", "ok"), (f"dial {port ^ 1}", "EACCES"),
                                 ("read " + above + "/in/a", "ok"),
                                 ("read " + above + "/in/deep/b", "ok"),
                                 ("write " + above + "/in/a", "EACCES"),
                                 ("write " + above + "/out/c", "ok"),
                                 ("remove " + above + "/out/c", "ok"),
                                 ("socket 16:3:0", "ok"), ("socket 2:2", "ok"),
                                 ("socket 10:1", "ok"), ("run /bin/true", "EPERM"),
                                 ("secret", "ok")):
                is_equal((order, inmate.does(order)), (order, error))


def programs_are_run_inside():
    with folder() as above:
        write(above + "/secret", "x")
        tool = write(above + "/state-tool", "#!/bin/sh\nread x <" + above + "/secret && exit 1\n"
                                            "exit 0\n")
        os.chmod(tool, 0o755)
        with _inmate(above, "--runs", tool) as (_, inmate):
            is_equal(inmate.does("run /bin/true"), "ok")
            is_equal(inmate.does("run " + tool), "ok")  # which has found it closed
            is_equal(inmate.does("read " + above + "/secret"), "EACCES")
            is_equal(inmate.does("mount " + above), "EPERM")


def names_are_looked_up_inside():
    with folder() as above, _inmate(above) as (_, inmate):
        is_equal(inmate.does("name localhost"), "ok")


class _NameServer:
    """Answers whatever is asked with 192.0.2.7, on the loopback."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]

    def answer(self):
        asked, who = self.socket.recvfrom(1000)
        end = asked.index(b"\0", 12) + 5
        kind = asked[end - 4:end - 2]
        found = b"\xc0\x0c\0\1\0\1\0\0\0\1\0\4\xc0\0\2\7" if kind == b"\0\1" else b""
        self.socket.sendto(asked[:2] + b"\x81\x80\0\1" + struct.pack("!H", bool(found)) +
                           b"\0\0\0\0" + asked[12:end] + found, who)


def name_servers_are_asked_inside():
    with folder() as above:
        names = _NameServer()
        with _inmate(above, "--servers", f"127.0.0.1:{names.port}") as (_, inmate):
            inmate.file.write("name example.test\n")
            inmate.file.flush()
            names.answer()
            names.answer()  # AAAA
            is_equal(inmate.file.readline(), "ok\n")
        names.socket.close()


def a_unix_socket_is_made_and_removed():
    with folder() as above:
        os.mkdir(above + "/run")
        with _inmate(above, "--listen", f"unix:{above}/run/door") as (s, _):
            with socket.socket(socket.AF_UNIX) as door:
                door.connect(above + "/run/door")
                door.sendall(b"read /etc/passwd\n")
                is_equal(door.recv(100), b"EACCES\n")
            is_equal(s.stop()[0], 0)
            is_equal(os.listdir(above + "/run"), [])


def the_log_is_opened_anew():
    with folder() as above:
        os.mkdir(above + "/log")
        file = above + "/log/reed.log"
        with _inmate_with_log(above, file) as process:
            os.rename(file, file + ".1")
            process.signal(signal.SIGHUP)
            while not (os.path.exists(file) and os.path.getsize(file)):
                os.sched_yield()
            is_equal(process.stop()[0], 0)
            with open(file, encoding="utf-8") as log:
                has(log.read(), '"stopped"')


@contextlib.contextmanager
def _inmate_with_log(above, file):
    with server("inmate", "--state", above + "/state", "--log-file", file, ready=False) as s:
        while not (os.path.exists(file) and '"ready"' in open(file, encoding="utf-8").read()):
            assert s.process.poll() is None
            os.sched_yield()
        yield s


def _replace(path, text):
    write(path + ".new", text)
    os.rename(path + ".new", path)


def files_that_take_the_place_of_others_are_read():
    """As editors and certbot do it: a new file, or a link that is set anew."""
    with folder() as above:
        for name in ("live", "archive", "etc"):
            os.mkdir(f"{above}/{name}")
        write(above + "/archive/word1", "one")
        os.symlink("../archive/word1", above + "/live/word")
        text = (f"state: {above}/state\nlisten: tcp:0:interface=127.0.0.1\n"
                f"word: {{file: {above}/live/word}}\n")
        file = write(above + "/etc/inmate.yaml", text)
        with server("inmate", "-c", file) as s:
            inmate = _Inmate(s)
            write(above + "/archive/word2", "two")
            os.symlink("../archive/word2", above + "/live/new")
            os.rename(above + "/live/new", above + "/live/word")
            _replace(file, text + "grace: 5s\n")
            s.signal(signal.SIGHUP)
            is_equal(s.record("setting has changed")["key"], "grace")
            is_equal(s.record("setting has changed")["key"], "word")
            is_equal(inmate.does("read " + above + "/archive/word2"), "ok")
            inmate.close()


def a_reload_that_needs_more_says_so():
    with folder() as above:
        for name in ("etc", "other"):
            os.mkdir(f"{above}/{name}")
        text = f"state: {above}/state\nlisten: tcp:0:interface=127.0.0.1\n"
        file = write(above + "/etc/inmate.yaml", text)
        write(above + "/other/a", "x")
        with server("inmate", "-c", file) as s:
            inmate = _Inmate(s)
            _replace(file, text + f"reads: {above}/other/a\n")
            s.signal(signal.SIGHUP)
            told = s.record("the sandbox does not allow what the settings ask for, so that needs a "
                            "restart")
            is_equal(told["what"], f"to read {above}/other/a")
            is_equal(told["level"], "warn")
            is_equal(inmate.does(f"read {above}/other/a"), "EACCES")
            inmate.close()


# ---- systems that have less ----

_LANDLOCK = 444  # landlock_create_ruleset(2), on every machine


def _without_landlock():
    """The child's kernel says that it knows no such call."""
    code = b"".join(struct.pack("HBBI", *each) for each in (
        (0x20, 0, 0, 0), (0x15, 0, 1, _LANDLOCK), (0x06, 0, 0, 0x50000 | 38),
        (0x06, 0, 0, 0x7fff0000)))
    buffer = ctypes.create_string_buffer(code)
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", 4, ctypes.addressof(buffer)))
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(38, 1, 0, 0, 0) == 0
    assert libc.prctl(22, 2, program) == 0


def what_the_system_lacks_is_told():
    with folder() as above:
        with _starting(above, preexec_fn=_without_landlock) as s:
            told = s.record("sandbox")
            is_equal((told["landlock"], told["seccomp"]), (0, "on"))
            is_equal(told["why"], "this kernel has no Landlock")
            s.record("ready")
        with _starting(above, "--sandbox", "require") as s:
            assert s.record("sandbox")["landlock"] > 0
            s.record("ready")


def what_is_required_and_not_there_keeps_it_from_starting():
    with folder() as above:
        done = run("inmate", "--state", above + "/state", "--sandbox", "require",
                   preexec_fn=_without_landlock)
        is_equal(done.returncode, 1)
        has(done.stderr, "reed inmate: the sandbox that --sandbox require asks for is not to be had: "
                         "this kernel has no Landlock")


# ---- in words ----

def it_can_be_looked_at_before():
    with folder() as above:
        os.makedirs(above + "/in")
        write(above + "/in/a", "x")
        flags = ("--state", above + "/state", "--listen", "tcp:6697", "--listen",
                 f"unix:{above}/door", "--reads", above + "/in/a", "--log-file", above + "/log")
        done = run("inmate", *flags, "--print-sandbox")
        is_equal((done.returncode, done.stderr), (0, ""))
        for line in (f"  read and written      {above}/state\n",
                     f"  written and removed   {above}\n", f"  sockets are made in   {above}\n",
                     f"  read                  {above}/in\n", "  listened on           6697\n",
                     "  dialled               53 (name servers)\n", "and no programs, "):
            has(done.stdout, line)
        is_equal(run("check", "inmate", "--sandbox", *flags).stdout, done.stdout)
        assert not os.path.exists(above + "/state")
        done = run("inmate", "--print-sandbox", "--runs", "true", "--dials", "srv:_x._tcp.example")
        has(done.stdout, "  run                   ")
        has(done.stdout, "  dialled               any port\n")


def accounts_that_others_write_are_read_and_no_more():
    with folder() as above:
        os.makedirs(above + "/in")
        os.makedirs(above + "/keys")
        write(above + "/in/secrets", "alice:wonderland\n")
        os.chmod(above + "/in/secrets", 0o600)
        done = run("inmate", "--print-sandbox", "--state", above + "/state", "--auth",
                   f"secrets:{above}/in/secrets", "--auth", f"sshkeys:{above}/keys/%u/all")
        is_equal(done.stderr, "")
        for line in (f" {above}/in\n", f" {above}/keys\n"):
            has(done.stdout, line)
            has_not(done.stdout.partition("  read  ")[0], line)


def a_file_in_a_folder_of_all_is_allowed_alone():
    done = run("inmate", "--print-sandbox", "--reads", "/etc/passwd")
    has(done.stdout, "  read                  /etc/passwd (but not a new file in its place: it has no "
                     "folder of its own)\n")


def the_command_check_checks():
    with folder() as above:
        file = write(above + "/echo.yaml", "lsten: tcp:1\n")
        done = run("check", "echo", "-c", file)
        is_equal(done.returncode, 2)
        has(done.stderr, f"{file}:1:1: lsten: no such setting; did you mean listen?")
        file = write(above + "/suite.yaml", f"state: {above}/state\necho.listen: tcp:7007\n"
                                            "inmate.listen: tcp:7008\n")
        is_equal(run("check", file).returncode, 0)
        has(run("check", "--sandbox", file).stdout, "  listened on           7007\n"
                                                    "                        7008\n")
        write(file, "echo.lsten: x\n")
        is_equal(run("check", file).returncode, 2)
        is_equal(run("check").returncode, 2)
        ours = run("check", "--help").stdout  # and not that of the server, or of run
        has(ours, "--sandbox ")
        for flag in ("--print-sandbox", "--print-settings", "--state", "--config"):
            has_not(ours, flag)


if __name__ == "__main__":
    main(globals())
