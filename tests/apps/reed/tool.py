"""What the tests of the program share: running it, and waiting for what it says."""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time

TESTS = os.path.join(os.environ["REED_BUILD"], "tests")
ECHO = os.path.join(TESTS, "echo.so")
STATIC = os.path.join(TESTS, "reed-with-echo")
PROGRAM = [os.environ["REED"], "-m", ECHO] if os.path.exists(ECHO) else [STATIC]
PATIENCE = 30


def run(*args, env=None, **popen):
    """The finished process of one call."""
    return subprocess.run([*PROGRAM, *args], capture_output=True, text=True, timeout=PATIENCE,
                          env=environment(env), check=False, **popen)


def environment(more):
    """Nothing of whoever runs the tests may decide how they end."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith(("REED_", "XDG_")) and name not in ("STATE_DIRECTORY", "NO_COLOR")}
    kept.update(more or {})
    return kept


def ask_control(state, request, shutdown=True):
    """What `reed ctl` would hear, without a process for each question."""
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(PATIENCE)
        s.connect(state + "/ctl.sock")
        s.sendall(request)
        if shutdown:
            s.shutdown(socket.SHUT_WR)
        answer = b""
        while True:
            more = s.recv(65536)
            if not more:
                return answer.decode()
            answer += more


def all_of(stream):
    """What a connection says to its end."""
    said = b""
    while more := stream.recv(65536):
        said += more
    return said


def ask(stream, text):
    """The whole answer to all that is said."""
    stream.sendall(text)
    stream.shutdown(socket.SHUT_WR)
    return all_of(stream)


class Lines:
    """Lines of a pipe, waited for with patience."""

    def __init__(self, pipe):
        self.pipe = pipe
        self.rest = b""
        self.seen = []

    def next(self):
        end = time.monotonic() + PATIENCE
        while b"\n" not in self.rest:
            if not select.select([self.pipe], [], [], max(0, end - time.monotonic()))[0]:
                raise AssertionError(f"waited in vain; so far: {self.seen}")
            more = os.read(self.pipe.fileno(), 65536)
            if not more:
                raise AssertionError(f"it has ended; it said: {self.seen}")
            self.rest += more
        line, _, self.rest = self.rest.partition(b"\n")
        self.seen.append(line.decode())
        return self.seen[-1]

    def until(self, text):
        while True:
            line = self.next()
            if text in line:
                return line


class Server:
    """A running server; ready when it has been made."""

    def __init__(self, *args, env=None, ready=True, **popen):
        self.process = subprocess.Popen([*PROGRAM, *args], stderr=subprocess.PIPE,
                                        stdout=subprocess.PIPE, env=environment(env), **popen)
        self.log = Lines(self.process.stderr)
        self.address = None
        if ready:
            self.record("ready")

    def record(self, message):
        """The next record with that message, as a dictionary."""
        while True:
            record = json.loads(self.log.until('"message":'))
            if record["message"] == "listening" and record["endpoint"].startswith("tcp:"):
                host, _, port = record["address"].rpartition(":")
                self.address = (host, int(port))
            if record["message"] == message:
                return record

    def connect(self):
        return socket.create_connection(self.address, timeout=PATIENCE)

    def signal(self, signo):
        self.process.send_signal(signo)

    def wait(self):
        code = self.process.wait(timeout=PATIENCE)
        rest = self.process.stderr.read().decode()
        self.process.stdout.close()
        self.process.stderr.close()
        return code, self.log.rest.decode() + rest

    def stop(self):
        self.signal(signal.SIGTERM)
        return self.wait()


@contextlib.contextmanager
def server(*args, **more):
    """A server that is gone when the block ends."""
    s = Server(*args, **more)
    try:
        yield s
    finally:
        if s.process.poll() is None:
            s.process.kill()
            s.process.wait()


@contextlib.contextmanager
def folder():
    with tempfile.TemporaryDirectory(prefix="reed-") as path:
        yield path


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def is_equal(got, wanted):
    assert got == wanted, f"{got!r} is not {wanted!r}"


def has(text, part):
    assert part in text, f"{part!r} is not in {text!r}"


def has_not(text, part):
    assert part not in text, f"{part!r} is in {text!r}"


def refuses(command, *pairs):
    """Settings, each with what is said of it before the start, with its place."""
    for text, wrong in pairs:
        with folder() as state:
            file = write(f"{state}/{command}.yaml", f"state: {state}/s\n{text}\n")
            done = run(command, "--check", "-c", file)
            is_equal((text, done.returncode), (text, 2))
            has(done.stderr, file + ":")
            has(done.stderr, wrong)


def main(tests):
    """Runs every function whose name is not one of ours."""
    for name, test in list(tests.items()):
        if callable(test) and getattr(test, "__module__", None) == "__main__" and \
                not name.startswith("_"):
            test()
            print("ok", name, flush=True)
    sys.exit(0)
