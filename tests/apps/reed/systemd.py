#!/usr/bin/env python3
"""The units in contrib/systemd: systemd has nothing to say about them, and a server lives by them.

The part of systemd is played here: sockets, credentials, notifications, the store of descriptors.
"""

import configparser
import contextlib
import glob
import os
import re
import shlex
import signal
import socket
import subprocess

from ports import free_port
from tool import PATIENCE, folder, has, is_equal, main, write

UNITS = os.path.join(os.environ["REED_SOURCE"], "contrib", "systemd")
PROGRAM = os.path.join(os.environ["REED_BUILD"], "bin", "reed")


def _read(name):
    with open(os.path.join(UNITS, name), encoding="utf-8") as file:
        return file.read()


@contextlib.contextmanager
def _units():
    """All of them, for a program that is not installed."""
    with folder() as path:
        for unit in glob.glob(UNITS + "/*.service") + glob.glob(UNITS + "/*.socket"):
            name = os.path.basename(unit)
            write(f"{path}/{name}", _read(name).replace("/usr/bin/reed", PROGRAM))
        yield path


def _tool(*args):
    done = subprocess.run(args, capture_output=True, text=True, timeout=PATIENCE, check=False)
    return done.returncode, done.stdout, done.stderr


def systemd_finds_nothing_wrong_with_the_units():
    with _units() as path:
        units = sorted(glob.glob(path + "/*"))
        is_equal([os.path.basename(u) for u in units],
                 ["reed-chat.service", "reed-chat.socket", "reed-dns.service", "reed-dns.socket",
                  "reed-web.service", "reed-web.socket", "reed@.service"])
        is_equal(_tool("systemd-analyze", "verify", "--man=no", *units), (0, "", ""))
        broken = write(path + "/reed-broken.service",
                       _read("reed-chat.service").replace("WatchdogSec=30", "WatchdogSec=often"))
        has(_tool("systemd-analyze", "verify", "--man=no", broken)[2], "often")


def they_expose_little():
    with _units() as path:
        for name in ("reed-chat.service", "reed-dns.service", "reed-web.service",
                     "reed@.service"):
            code, out, _ = _tool("systemd-analyze", "security", "--offline=true", "--threshold=20",
                                 "--no-pager", f"{path}/{name}")
            level = float(re.search(r"Overall exposure level for [^:]*: ([0-9.]+)", out).group(1))
            assert level < 2.0, out
            is_equal(code, 0)


def users_and_folders_are_made_as_they_say():
    with folder() as root:
        os.mkdir(root + "/etc")
        code, _, err = _tool("systemd-sysusers", "--root=" + root, UNITS + "/reed.sysusers")
        is_equal((code, err.count("Failed")), (0, 0))
        with open(root + "/etc/passwd", encoding="utf-8") as users:
            has(users.read(), "reed:x:")
        code, _, err = _tool("systemd-tmpfiles", "--root=" + root, "--create",
                             UNITS + "/reed.tmpfiles")
        if os.geteuid() == 0:
            is_equal((code, err), (0, ""))
            is_equal(os.stat(root + "/var/lib/reed").st_mode & 0o777, 0o755)
            assert os.stat(root + "/run/reed").st_uid != 0


# ---- a life by the unit ----

class _Systemd:
    """What it does for one service of the type notify."""

    def __init__(self, above, unit, settings):
        parser = configparser.RawConfigParser(strict=False)
        parser.optionxform = str
        parser.read_string(_read(unit))
        self.service = dict(parser["Service"])
        self.above = above
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.settimeout(PATIENCE)
        self.socket.bind(above + "/notify")
        self.settings = settings
        self.kept = []
        self.pid = None

    def _environment(self, names):
        us = int(self.service["WatchdogSec"]) * 1000  # a thousandth of it: this is a test
        state = self.above + "/" + self.service["StateDirectory"]
        os.makedirs(state, mode=0o700, exist_ok=True)
        return {"NOTIFY_SOCKET": self.above + "/notify", "WATCHDOG_USEC": str(us),
                "STATE_DIRECTORY": state, "CREDENTIALS_DIRECTORY": self.above + "/credentials",
                "LISTEN_FDS": str(len(names)), "LISTEN_FDNAMES": ":".join(names),
                "PATH": os.environ["PATH"]}

    def start(self, sockets):
        fds = [(s.fileno(), name) for s, name in sockets] + [(fd, "reed-listen")
                                                             for fd in self.kept]
        env = self._environment([name for _, name in fds])
        words = shlex.split(self.service["ExecStart"])
        words = [PROGRAM if w == "/usr/bin/reed" else self.settings if w.startswith("/etc/") else w
                 for w in words]
        self.pid = os.fork()
        if self.pid == 0:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            high = [os.dup2(fd, 200 + i) for i, (fd, _) in enumerate(fds)]
            for i, fd in enumerate(high):
                os.dup2(fd, 3 + i, inheritable=True)
            env["LISTEN_PID"] = str(os.getpid())
            env["WATCHDOG_PID"] = str(os.getpid())
            os.execve(PROGRAM, words, env)

    def until(self, wanted):
        """Keeps what is to be kept meanwhile."""
        while True:
            text, fds, _, _ = socket.recv_fds(self.socket, 4000, 253)
            lines = text.decode().splitlines()
            if "FDSTOREREMOVE=1" in lines:
                self.forget()
            if "FDSTORE=1" in lines:
                self.kept += fds
                assert len(self.kept) <= int(self.service["FileDescriptorStoreMax"])
            if wanted in lines:
                return lines

    def reload(self):
        is_equal(self.service["ExecReload"], "/bin/kill -HUP $MAINPID")
        os.kill(self.pid, signal.SIGHUP)

    def stop(self):
        os.kill(self.pid, signal.SIGTERM)
        self.until("STOPPING=1")
        is_equal(os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1]), 0)

    def forget(self):
        for fd in self.kept:
            os.close(fd)
        self.kept = []

    def close(self):
        self.forget()
        self.socket.close()


def _hears(address, password):
    """The first words of the server to who comes with that password."""
    with socket.create_connection(address, timeout=PATIENCE) as s, s.makefile("rw") as file:
        file.write(f"PASS {password}\r\nNICK ann\r\nUSER ann 0 * :Ann\r\n")
        file.flush()
        for line in file:
            if " 001 " in line or " 464 " in line:
                return line
    return ""


def a_chat_server_lives_by_its_unit():
    with folder() as above, socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen()
        os.mkdir(above + "/credentials")
        write(above + "/credentials/password", "open sesame\n")
        os.mkdir(above + "/etc")
        port = free_port()
        text = (f"irc: [systemd:name=irc, tcp:{port}:interface=127.0.0.1]\n"
                "password: {credential: password}\nname: chat.example\nsandbox: require\n"
                f"log.file: {above}/etc/log\n")
        systemd = _Systemd(above, "reed-chat.service", write(above + "/etc/chat.yaml", text))
        for _ in range(2):
            systemd.start([(door, "irc")])
            has(systemd.until("READY=1"), "STATUS=chat.example is ready")
            has(_hears(door.getsockname(), ":open sesame"), " 001 ann ")
            has(_hears(door.getsockname(), "wrong"), " 464 ")
            for _ in range(2):
                systemd.until("WATCHDOG=1")
            write(above + "/etc/chat.yaml", text + "motd: Hello.\n")
            systemd.reload()
            assert any(line.startswith("MONOTONIC_USEC=") for line in systemd.until("RELOADING=1"))
            systemd.until("READY=1")
            assert len(systemd.kept) >= 2  # the port of its own, and the control socket
            systemd.stop()
            with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE):
                pass  # which waits for the next one
        systemd.close()
        with open(above + "/etc/log", encoding="utf-8") as log:
            said = log.read()
        has(said, '"key":"motd"')
        is_equal(said.count(f'"address":"127.0.0.1:{port}"'), 2)


def a_socket_is_found_by_its_number_too():
    with folder() as above, contextlib.ExitStack() as stack:
        doors = [stack.enter_context(socket.socket()) for _ in range(2)]
        for door in doors:
            door.bind(("127.0.0.1", 0))
            door.listen()
        os.mkdir(above + "/etc")
        text = "irc: systemd:index=1\nname: chat.example\n"
        systemd = _Systemd(above, "reed-chat.service", write(above + "/etc/chat.yaml", text))
        systemd.start([(door, "unknown") for door in doors])
        systemd.until("READY=1")
        has(_hears(doors[1].getsockname(), "anything"), " 001 ann ")
        systemd.stop()
        systemd.close()


def _answers(datagrams, address):
    """What a name server says of x.test, an address."""
    query = b"\0\7\0\0\0\1\0\0\0\0\0\0\1x\4test\0\0\1\0\1"
    with socket.socket(type=socket.SOCK_DGRAM if datagrams else socket.SOCK_STREAM) as s:
        s.settimeout(PATIENCE)
        s.connect(address)
        s.sendall(query if datagrams else bytes([0, len(query)]) + query)
        if datagrams:
            return s.recv(512)[-4:]
        with s.makefile("rb") as file:
            return file.read(int.from_bytes(file.read(2), "big"))[-4:]


def a_name_server_has_its_port_of_systemd():
    with folder() as above, socket.socket(type=socket.SOCK_DGRAM) as datagrams, \
         socket.socket() as streams:
        address = ("127.0.0.1", free_port())
        datagrams.bind(address)
        streams.bind(address)
        streams.listen()
        os.mkdir(above + "/etc")
        zone = write(above + "/etc/zone", "@ 60 SOA a b 1 1 1 1 1\n@ 60 NS a\nx 60 A 192.0.2.7\n")
        text = f"listen: [systemd:index=0, systemd:index=1]\nzone: {{test: {zone}}}\n"
        systemd = _Systemd(above, "reed-dns.service", write(above + "/etc/dns.yaml", text))
        systemd.start([(datagrams, "dns"), (streams, "dns")])
        systemd.until("READY=1")
        for kind in (True, False):
            is_equal(_answers(kind, address), bytes([192, 0, 2, 7]))
        systemd.stop()
        systemd.close()


def several_servers_live_by_the_template():
    with folder() as above:
        os.mkdir(above + "/etc")
        text = "chat.irc: tcp:0:interface=127.0.0.1\nname: here.example\n"
        systemd = _Systemd(above, "reed@.service", write(above + "/etc/x.yaml", text))
        systemd.start([])
        has(systemd.until("READY=1"), "STATUS=here.example is ready")
        systemd.until("WATCHDOG=1")
        systemd.stop()
        assert os.path.isdir(above + "/reed/%i/chat")
        systemd.close()


if __name__ == "__main__":
    main(globals())
