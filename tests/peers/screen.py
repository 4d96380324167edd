"""What tests with foreign programs are made with: a terminal to look at, a daemon to talk to."""

import atexit
import os
import re
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time

from ports import free_port

PATIENCE = 90


def need(*programs):
    """A peer that is missing is a failure, not a pass."""
    for program in programs:
        if not shutil.which(program):
            sys.exit(f"{program} is not installed: ./dev setup --tests")


class Terminal:
    """A program in a terminal of its own, whose screen can be looked at."""

    def __init__(self, command, width=100, height=30):
        need("tmux")
        self.folder = tempfile.mkdtemp()
        self.socket = os.path.join(self.folder, "tmux")
        self.fifo = os.path.join(self.folder, "output")
        os.mkfifo(self.fifo)
        self.events = os.open(self.fifo, os.O_RDWR | os.O_NONBLOCK)
        self.tmux("new-session", "-d", "-x", str(width), "-y", str(height), "sh")
        self.tmux("pipe-pane", f"cat > {self.fifo}")
        self.keys(f"exec {command}")

    def tmux(self, *words):
        env = dict(os.environ, TERM="screen", LC_ALL="C.UTF-8", TMUX="")
        run = subprocess.run(["tmux", "-S", self.socket, "-f", "/dev/null", *words],
                             capture_output=True, text=True, env=env)
        return run.stdout

    def keys(self, text, enter=True):
        self.tmux("send-keys", "-l", text)
        if enter:
            self.tmux("send-keys", "Enter")

    def screen(self):
        return self.tmux("capture-pane", "-p")

    def see(self, pattern, patience=PATIENCE):
        """Waits until the screen shows it; every change of the screen is an event."""
        deadline = time.monotonic() + patience
        while not re.search(pattern, self.screen()):
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.events], [], [], left)[0]:
                sys.exit(f"never seen: {pattern}\non this screen:\n{self.screen()}")
            os.read(self.events, 65536)

    def close(self):
        self.tmux("kill-server")
        os.close(self.events)
        shutil.rmtree(self.folder)


class Daemon:
    """`reed chat` on a free port, with a state directory of its own."""

    def __init__(self, *flags):
        self.state = tempfile.mkdtemp()
        self.port = free_port()
        self.command = [os.environ["REED"], "chat", "--state", self.state, "--name", "reed.test",
                        *[flag.replace("PORT", str(self.port)) for flag in flags]]
        self.said = ""
        self.start()
        atexit.register(lambda: self.process.kill())  # a test that fails leaves nothing behind

    def start(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True)
        self.until('"ready"|ready ')

    def kill(self):
        """As a power cut does; start() brings it back."""
        self.process.kill()
        self.process.communicate()

    def until(self, pattern):
        for line in self.process.stdout:
            self.said += line
            if re.search(pattern, line):
                return
        sys.exit(f"the daemon ended:\n{self.said}")

    def stop(self):
        self.process.terminate()
        rest = self.process.communicate(timeout=PATIENCE)[0]
        self.said += rest
        shutil.rmtree(self.state)
        if self.process.returncode != 0:
            sys.exit(f"the daemon ended with {self.process.returncode}:\n{self.said}")


class Client:
    """A client of few words, for the other side of a conversation."""

    def __init__(self, port, nick):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.file = self.socket.makefile("rw", encoding="utf-8", newline="\n")
        self.say(f"NICK {nick}", f"USER {nick} 0 * :{nick}")
        self.hear(" 001 ")

    def say(self, *lines):
        for line in lines:
            self.file.write(line + "\r\n")
        self.file.flush()

    def hear(self, pattern):
        for line in self.file:
            if line.startswith("PING"):
                self.say(line.replace("PING", "PONG", 1).strip())
            if re.search(pattern, line):
                return line
        sys.exit(f"never heard: {pattern}")

    def close(self):
        self.socket.close()


def wait_for_alice(daemon):
    """Alice has an account, with the password wonderland, and Bob is in #reed already."""
    alice = Client(daemon.port, "alice")
    alice.say("REGISTER * * wonderland")
    alice.hear("REGISTER SUCCESS alice")
    alice.say("QUIT")
    alice.hear("ERROR")
    bob = Client(daemon.port, "bob")
    bob.say("JOIN #reed")
    bob.hear(" 366 ")
    return bob
