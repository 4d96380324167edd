"""redis-server and docs/examples/redis_guests: hiredis with its own adapter for libuv, inside Reed."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile

BUILD = os.environ["REED_BUILD"]
PATIENCE = 60


def is_equal(got, wanted):
    if got != wanted:
        sys.exit(f"{got!r} is not {wanted!r}")


class Redis:
    """Of its own, which keeps nothing."""

    def __init__(self, folder):
        self.process = subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", folder + "/redis", "--save", "",
             "--appendonly", "no", "--dir", folder], stdout=subprocess.PIPE, text=True)
        for line in self.process.stdout:
            if "ready to accept connections" in line.lower():
                return
        sys.exit("redis-server has ended")

    def stop(self):
        self.process.terminate()
        self.process.stdout.read()
        self.process.wait(PATIENCE)


def greeting(path):
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(PATIENCE)
        s.connect(path)
        return s.makefile().read()


def numbers_of(path, n):
    """Of n guests at once, in no order."""
    guests = [socket.socket(socket.AF_UNIX) for _ in range(n)]
    for guest in guests:
        guest.settimeout(PATIENCE)
        guest.connect(path)
    said = [guest.makefile().read() for guest in guests]
    for guest in guests:
        guest.close()
    return sorted(int(re.fullmatch(r"You are guest (\d+)\.\n", text).group(1)) for text in said)


def wait_for(path, server):
    while not os.path.exists(path):
        is_equal(server.poll(), None)
        try:
            server.wait(0.02)
        except subprocess.TimeoutExpired:
            pass


def main():
    with tempfile.TemporaryDirectory(prefix="reed-") as folder:
        path = folder + "/door"
        redis = Redis(folder)
        server = subprocess.Popen([BUILD + "/examples/redis_guests", "unix:" + path,
                                   folder + "/redis"])
        try:
            wait_for(path, server)
            is_equal(greeting(path), "You are guest 1.\n")
            is_equal(numbers_of(path, 100), list(range(2, 102)))
            with socket.socket(socket.AF_UNIX) as hasty:
                hasty.connect(path)
            redis.stop()
            is_equal(greeting(path), "Nobody counts today.\n")
            redis = Redis(folder)
            is_equal(greeting(path), "You are guest 1.\n")
            server.send_signal(signal.SIGTERM)
            server.wait(PATIENCE)
            is_equal(server.returncode in (0, -signal.SIGTERM, 128 + signal.SIGTERM), True)
        finally:
            server.kill()
            redis.stop()


main()
