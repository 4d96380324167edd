"""`reed chat` as it runs, and a client of few words."""

import os
import socket
import sys

sys.path.insert(0, os.path.join(os.environ["REED_SOURCE"], "tests", "apps", "reed"))

import tool  # noqa: E402
from tool import PATIENCE  # noqa: E402

tool.PROGRAM = [os.environ["REED"]]
ANY = "tcp:0:interface=127.0.0.1"
TLS = "tls:0:interface=127.0.0.1"


class Chat(tool.Server):
    """`reed chat` with the address of each of its doors, by scheme."""

    def __init__(self, state, *flags, irc=(ANY,), env=None):
        doors = [flag for door in irc for flag in ("--irc", door)]
        super().__init__("chat", "--state", state, "--name", "chat.example", *doors, *flags,
                         env=env, ready=False)
        self.doors = {}
        while True:
            record = tool.json.loads(self.log.until('"message":'))
            if record["message"] == "listening":
                host, _, port = record["address"].rpartition(":")
                if not port.isdigit():
                    continue  # a socket in the file system
                ours = record["service"] == "chat"  # else the process's own: --metrics
                door = record["endpoint"].partition(":")[0] if ours else "metrics"
                self.doors[door] = (host, int(port))
            if record["message"] == "ready":
                break

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def client(self, nick):
        return Client(self.doors["tcp"], nick)


class Client:
    """A client of few words."""

    def __init__(self, door, nick, tls=None):
        """A door is a host and a port, or a socket that is there already."""
        self.nick = nick
        self.socket = door
        if isinstance(door, tuple):
            self.socket = socket.create_connection(door, timeout=PATIENCE)
        if tls:
            self.socket = tls.wrap_socket(self.socket)
        self.file = self.socket.makefile("r", encoding="utf-8", newline="\n")
        self.say("CAP REQ :standard-replies draft/account-registration", f"NICK {nick}",
                 f"USER {nick} 0 * :{nick}", "CAP END")
        self.hear(" 001 ")

    def say(self, *lines):
        self.socket.sendall("".join(line + "\r\n" for line in lines).encode())

    def hear(self, part):
        """The next line with that part in it."""
        while True:
            line = self.file.readline().rstrip("\r\n")
            assert line, f"{self.nick} waited in vain for {part!r}"
            if part in line:
                return line

    def ask(self, line, part):
        self.say(line)
        return self.hear(part)

    def is_served(self):
        self.ask("PING here", "PONG")

    def close(self):
        self.file.close()
        self.socket.close()
