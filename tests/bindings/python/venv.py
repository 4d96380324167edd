"""venv.py [SANITIZER]: the page's commands, in a folder that has only the tree's own; no network."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

build, source = pathlib.Path(os.environ["REED_BUILD"]), pathlib.Path(os.environ["REED_SOURCE"])
page = (source / "docs/guide/loops.md").read_text()
commands = re.search(r"^```sh\n(python3 -m venv .*?)^```$", page, re.M | re.S)[1].splitlines()
# Neither the user's settings nor the caller's paths: nobody has them but he.
plain = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1",
         "PIP_CONFIG_FILE": os.devnull, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
reeds = dict(plain, REED_LIBRARY_PATH=str(build / "lib"), ASAN_OPTIONS="detect_leaks=0")
if len(sys.argv) > 1:
    reeds["LD_PRELOAD"] = sys.argv[1]


def do(command, folder):
    environment = reeds if "docs/examples" in command else plain
    done = subprocess.run(["bash", "-c", command], cwd=folder, text=True, stdin=subprocess.DEVNULL,
                          env=dict(environment, HOME=folder), stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    if done.returncode:
        sys.exit(f"{command}: {done.returncode}\n{done.stdout}")
    return done.stdout


def listens(folder):
    server = subprocess.Popen([build / "examples/whoami", "unix:door"], cwd=folder)
    while server.poll() is None and not os.path.exists(os.path.join(folder, "door")):
        time.sleep(0.02)
    return server


def tree():
    return sorted((source / "bindings/python").rglob("*"))


with tempfile.TemporaryDirectory() as folder:
    for name in "bindings", "docs":
        os.symlink(source / name, os.path.join(folder, name))
    before, server = tree(), listens(folder)
    try:
        said = [do(command, folder) for command in commands]
    finally:
        server.terminate()
        server.wait()
    assert said[:2] == ["", ""], said
    assert said[2] == "you are unix: and came to unix:door\n", said
    assert tree() == before, "installing has left something in the tree"
    do("bots/bin/pip uninstall --yes reed", folder)
    assert not do("find bots -name 'reed*'", folder), "not all of it went"
