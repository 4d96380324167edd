"""docs/examples/bot, or another robot, with its log to be listened to."""

import atexit
import os
import re
import select
import signal
import subprocess
import sys
import time

from screen import PATIENCE


class Robot:
    def __init__(self, *arguments, user=None, password=None, example="bot", **variables):
        environment = {key: value for key, value in os.environ.items()
                       if not key.startswith("IRC_")}
        environment.update(variables)
        if user is not None:
            environment["IRC_USER"] = user
        if password is not None:
            environment["IRC_PASSWORD"] = password
        program = os.path.join(os.environ["REED_BUILD"], "examples", example)
        self.process = subprocess.Popen([program, *arguments], env=environment,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT)
        self.said, self.heard = "", 0
        atexit.register(self.process.kill)

    def read(self, deadline):
        """More of what it says; False at the end of it."""
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([self.process.stdout], [], [], left)[0]:
            self.fail("nothing more is heard of the robot")
        bytes_read = os.read(self.process.stdout.fileno(), 65536)
        self.said += bytes_read.decode(errors="replace")
        return bytes_read

    def hear(self, pattern, patience=PATIENCE):
        """Waits for this in what it says after what was heard before."""
        deadline = time.monotonic() + patience
        while not (found := re.compile(pattern).search(self.said, self.heard)):
            if not self.read(deadline):
                self.fail(f"never heard: {pattern}")
        self.heard = found.end()
        return found

    def fail(self, why):
        self.process.kill()
        sys.exit(f"{why}\nthe robot said:\n{self.said}")

    def end(self, status):
        """Waits until it ends by itself."""
        deadline = time.monotonic() + PATIENCE
        while self.read(deadline):
            continue
        if self.process.wait(PATIENCE) != status:
            self.fail(f"it ended with {self.process.returncode} and not with {status}")
        if "ERROR: " in self.said or "runtime error" in self.said:
            self.fail("a sanitizer has found something")
        return self.said

    def stop(self, status=128 + signal.SIGTERM):
        self.process.terminate()
        return self.end(status)
