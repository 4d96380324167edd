"""redis-server and docs/examples/redis_guests: hiredis with its own adapter for libuv, inside Reed."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

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


def guest_at(path):
    """A file is there before anybody listens at it, and the server before its file."""
    while True:
        guest = socket.socket(socket.AF_UNIX)
        guest.settimeout(PATIENCE)
        try:
            guest.connect(path)
            return guest
        except (FileNotFoundError, ConnectionRefusedError):
            guest.close()
            time.sleep(0.02)


def greeting(path):
    with guest_at(path) as s:
        return s.makefile().read()


def all_said_to(guests):
    said = [guest.makefile().read() for guest in guests]
    for guest in guests:
        guest.close()
    return said


def while_redis_does_not_read(path, redis):
    """What it was asked is unread when it dies: its connection ends by a reset."""
    redis.process.send_signal(signal.SIGSTOP)
    guests = [guest_at(path) for _ in range(20)]
    redis.process.kill()
    return set(all_said_to(guests))


def numbers_of(path, n):
    """Of n guests at once, in no order."""
    guests = [guest_at(path) for _ in range(n)]
    return sorted(int(re.fullmatch(r"You are guest (\d+)\.\n", text).group(1))
                  for text in all_said_to(guests))


def main():
    with tempfile.TemporaryDirectory(prefix="reed-") as folder:
        path = folder + "/door"
        redis = Redis(folder)
        server = subprocess.Popen([BUILD + "/examples/redis_guests", "unix:" + path,
                                   folder + "/redis"])
        try:
            is_equal(greeting(path), "You are guest 1.\n")
            is_equal(numbers_of(path, 100), list(range(2, 102)))
            guest_at(path).close()
            redis.stop()
            is_equal(greeting(path), "Nobody counts today.\n")
            redis = Redis(folder)
            is_equal(greeting(path), "You are guest 1.\n")
            is_equal(while_redis_does_not_read(path, redis), {"Nobody counts today.\n"})
            server.send_signal(signal.SIGTERM)
            server.wait(PATIENCE)
            is_equal(server.returncode in (0, -signal.SIGTERM, 128 + signal.SIGTERM), True)
        finally:
            server.kill()
            redis.stop()


main()
