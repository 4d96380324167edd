#!/usr/bin/env python3
"""Includes and calls that break the layers of the tree.

    layers.py ROOT

- The kernel includes nothing of Reed but itself; any other library what it names in DEPENDS; a
  command what it likes.  Nobody includes a command, or a private header of another part.
- Only core/drivers/ and files called os_*.c talk to the system; the headers that they alone may
  include are SYSTEM, and for protocols and commands SYSTEM_OUTSIDE_CORE too.
- Time and entropy come from the loop, memory from reed_alloc(): CALLS are refused.

An exception stands in layers.allow, beside this file's tests: "PATH WORD  # why".
"""

import os
import re
import sys

import tree

SYSTEM = {
    "liburing.h", "poll.h", "signal.h", "sys/epoll.h", "sys/eventfd.h", "sys/inotify.h",
    "sys/poll.h", "sys/random.h", "sys/select.h", "sys/signalfd.h", "sys/timerfd.h", "sys/wait.h",
}
SYSTEM_OUTSIDE_CORE = {
    "arpa/inet.h", "fcntl.h", "netdb.h", "sys/socket.h", "sys/un.h", "time.h", "unistd.h",
}
CALLS = {
    "clock_gettime", "gettimeofday", "time", "nanosleep", "sleep", "usleep",
    "arc4random", "getentropy", "getrandom", "rand", "random",
    "asprintf", "calloc", "malloc", "realloc", "strdup", "strndup", "vasprintf",
}

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)
CALL = re.compile(r"(?<![\w.>])(" + "|".join(sorted(CALLS)) + r")\s*\(")
NOT_CODE = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def talks_to_system(path):
    """Whether this file of the tree is one of those that are made for it."""
    words = path.split("/")
    return words[0] == "core" and (
        words[1] == "drivers" or words[-1].startswith("os_") or path == "core/alloc.c")


def system_header(path, header):
    if talks_to_system(path):
        return None
    if header in SYSTEM:
        return f"<{header}> belongs into core/drivers/ or core/os_*.c"
    if path.startswith("core/"):
        return None
    if header in SYSTEM_OUTSIDE_CORE or header.startswith("netinet/"):
        return f"<{header}> belongs into the kernel"
    return None


class Layers:
    def __init__(self, root):
        self.root = root
        self.parts = tree.parts(root)
        self.owner = {
            header: part for part in self.parts for header in part.headers}

    def relative(self, path):
        return os.path.relpath(path, self.root)

    def target(self, path, header):
        """The part that `#include "header"` in path reaches, and whether it is a public header."""
        if header in self.owner:
            return self.owner[header], True
        for folder in (os.path.dirname(path), self.root):
            there = os.path.normpath(os.path.join(folder, header))
            if os.path.exists(there):
                return tree.part_of(there, self.parts), False
        return None, False

    def reed_header(self, path, header):
        part = tree.part_of(path, self.parts)
        other, public = self.target(path, header)
        if part is None or other is None or other is part:
            return None
        if other.is_command:
            return f"{header} is of the command {other.name}, which nobody includes"
        if not public:
            return f"{header} is private to {other.name}"
        if part.is_command:
            return None
        if other.name != "reed" and other.name not in part.depends:
            return f"{header} is of {other.name}, which {part.name} does not name in DEPENDS"
        return None

    def faults(self, path):
        """Yields (line, word, sentence)."""
        text = tree.read(path)
        for match in INCLUDE.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            header = match.group(2)
            fault = self.reed_header(path, header)
            if not fault and match.group(1) == "<":
                fault = system_header(self.relative(path), header)
            if fault:
                yield line, header, fault
        if talks_to_system(self.relative(path)):
            return
        code = NOT_CODE.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)
        for match in CALL.finditer(code):
            line = code.count("\n", 0, match.start()) + 1
            yield line, match.group(1), (
                f"{match.group(1)}(): time and entropy come from the loop, memory from reed_alloc()")


def allowed(root):
    """{(path, word)} of layers.allow; a line without a reason is refused."""
    found = set()
    path = os.path.join(root, "tests/house/layers.allow")
    for number, line in enumerate(tree.read(path).splitlines() if os.path.exists(path) else [], 1):
        entry, _, why = line.partition("#")
        if not entry.strip():
            continue
        if len(entry.split()) != 2 or not why.strip():
            sys.exit(f"{path}:{number}: should be: PATH WORD  # why")
        found.add(tuple(entry.split()))
    return found


def main(root):
    layers = Layers(os.path.abspath(root))
    if not layers.parts:
        sys.exit(f"layers: no CMakeLists.txt declares anything in {root}")
    exceptions = allowed(layers.root)
    used, bad = set(), 0
    for path in tree.files(layers.root, (".c", ".h", ".cc", ".cpp")):
        name = layers.relative(path)
        for line, word, sentence in layers.faults(path):
            if (name, word) in exceptions:
                used.add((name, word))
                continue
            print(f"{name}:{line}: {sentence}")
            bad += 1
    for name, word in sorted(exceptions - used):
        print(f"tests/house/layers.allow: {name} {word}: no longer needed")
        bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
