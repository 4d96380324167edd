#!/usr/bin/env python3
"""Does what a page of the guide shows, and fails where something else happens.

    try_page.py PAGE.md PROGRAMS

A block ```console holds commands after "$ " and what they print; a block ```yaml NAME or ```text NAME is a file
that they find; a block ```c NAME is all of that example beside this script, and every other
block ```c stands, as it is, in one of them.  The commands of a page run in one folder, which has
nothing in it but the examples that the page names as docs/examples/NAME.c or NAME*; PROGRAMS is the folder
where these were built.  Each command finds in $PORT a port of its own to listen on.
"""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

from ports import free_port

sessions = []  # one for each command
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
    environment = {"PATH": f"{programs}:{os.environ['PATH']}", "HOME": folder, "LC_ALL": "C.UTF-8",
                   "PORT": str(free_port()),
                   "PKG_CONFIG_PATH": os.environ.get("PKG_CONFIG_PATH", "")}
    process = subprocess.Popen(["bash", "-c", command], cwd=folder, env=environment, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               start_new_session=True)
    sessions.append(process.pid)
    try:
        return process.communicate(timeout=30)[0]
    except subprocess.TimeoutExpired:
        return "nothing for 30 s, or what it left behind still holds its output\n"


def end_what_is_left():
    """A page that failed half-way has not come to where it stops its servers."""
    for session in sessions:
        try:
            os.killpg(session, signal.SIGTERM)
        except ProcessLookupError:
            pass


def try_block(kind, name, text, folder, programs, examples):
    """What is wrong with a block, or nothing."""
    if kind in ("yaml", "text") and name:
        pathlib.Path(folder, name).write_text(text)
    elif kind == "c" and name:
        if text != examples.get(name):
            yield f"is not {name} as it is compiled:\n{text}"
    elif kind == "c" and not any(text in example for example in examples.values()):
        yield f"stands in no example:\n{text}"
    elif kind == "console":
        for command, wanted in dialogues(text):
            got = run(command, folder, programs)
            if got != wanted:
                yield f"$ {command}printed:\n{got}and not:\n{wanted}"


def main(page, programs):
    here = pathlib.Path(__file__).parent
    examples = {path.name: path.read_text() for path in here.glob("*.[ch]")}
    text = pathlib.Path(page).read_text()
    blocks = BLOCK.findall(text)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for name in re.findall(r"docs/examples/([\w*]+\.c|\w+\*)", text):
            for path in here.glob(name):
                shutil.copy(path, folder)
        try:
            wrong = [line for block in blocks
                     for line in try_block(*block, folder, os.path.abspath(programs), examples)]
        finally:
            end_what_is_left()
    for line in wrong:
        print(f"{page}: {line}")
    if not blocks:
        print(f"{page}: nothing to try")
    return 1 if wrong or not blocks else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
