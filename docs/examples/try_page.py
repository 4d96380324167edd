#!/usr/bin/env python3
"""Does what a page of the guide shows, and fails where something else happens.

    try_page.py PAGE.md PROGRAMS

A block ```console holds commands after "$ " and what they print; a block ```yaml NAME is a file
that they find; every block ```c stands, as it is, in an example beside this script.  The
commands of a page run in one empty folder; PROGRAMS is the folder of the examples.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

BLOCK = re.compile(r"^```(\w+) ?(\S*)\n(.*?)^```$", re.M | re.S)


def dialogues(block):
    """Pairs of a command and what it is to print."""
    command, output = None, []
    for line in block.splitlines(keepends=True):
        if line.startswith("$ "):
            if command:
                yield command, "".join(output)
            command, output = line[2:], []
        else:
            output.append(line)
    if command:
        yield command, "".join(output)


def run(command, folder, programs):
    environment = {"PATH": f"{programs}:{os.environ['PATH']}", "HOME": folder, "LC_ALL": "C.UTF-8"}
    return subprocess.run(["bash", "-c", command], cwd=folder, env=environment, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=30).stdout


def try_block(kind, name, text, folder, programs, examples):
    """What is wrong with a block, or nothing."""
    if kind == "yaml" and name:
        pathlib.Path(folder, name).write_text(text)
    elif kind == "c" and not any(text in example for example in examples):
        yield f"stands in no example:\n{text}"
    elif kind == "console":
        for command, wanted in dialogues(text):
            got = run(command, folder, programs)
            if got != wanted:
                yield f"$ {command}printed:\n{got}and not:\n{wanted}"


def main(page, programs):
    examples = [path.read_text() for path in pathlib.Path(__file__).parent.glob("*.c")]
    blocks = BLOCK.findall(pathlib.Path(page).read_text())
    with tempfile.TemporaryDirectory() as folder:
        wrong = [line for block in blocks
                 for line in try_block(*block, folder, os.path.abspath(programs), examples)]
    for line in wrong:
        print(f"{page}: {line}")
    if not blocks:
        print(f"{page}: nothing to try")
    return 1 if wrong or not blocks else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
