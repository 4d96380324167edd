"""docs/examples/files and irssi: files both ways, some that go on, and a DCC CHAT."""

import os
import random
import tempfile
import time

from robot import Robot
from screen import PATIENCE, Daemon, Terminal, need

need("irssi")
daemon = Daemon("--irc", "tcp:PORT:interface=127.0.0.1", "--motd", "A fine day.")
home, folder = tempfile.TemporaryDirectory(), tempfile.TemporaryDirectory()
BYTES = random.Random(7).randbytes(2_000_000)


def write(folder_, name, data):
    path = os.path.join(folder_.name, name)
    with open(path, "wb") as file:
        file.write(data)
    return path


def read(folder_, name):
    with open(os.path.join(folder_.name, name), "rb") as file:
        return file.read()


def comes(name):
    """The robot gives a file its name when it is whole."""
    deadline = time.monotonic() + PATIENCE
    while not os.path.exists(os.path.join(folder.name, name)):
        assert time.monotonic() < deadline, f"{name} never came: {os.listdir(folder.name)}"
        time.sleep(0.05)
    return read(folder, name)


write(folder, "two words.bin", BYTES)
robot = Robot(folder.name, f"tcp:127.0.0.1:{daemon.port}", "#reed", example="files",
              DCC_ANYWHERE="1")
robot.hear("on IRC")
irssi = Terminal(f"irssi --home={home.name} -n walter -c 127.0.0.1 -p {daemon.port}")
irssi.see("A fine day")
irssi.keys(f"/set dcc_download_path {home.name}")
irssi.keys("/set dcc_own_ip 127.0.0.1")
irssi.keys("/join #reed")
irssi.see("walter.*has joined #reed")
irssi.keys("/window goto 1")  # where it tells of DCC

# Offered by the robot: all of it, and the rest of it.
for begun in (0, 700_000):
    name = "two words.bin" if begun == 0 else "more words.bin"
    write(folder, name, BYTES)
    if begun:
        write(home, name, BYTES[:begun])
    irssi.keys(f"/msg #reed !give {name}")
    irssi.see(f"DCC SEND from files .*{name}")
    irssi.keys(f"/dcc {'resume' if begun else 'get'} files")
    irssi.see(f"DCC received file {name}")
    assert read(home, name) == BYTES, name

# Offered by irssi: it listens, then the robot has to.
write(home, "up.bin", BYTES)
irssi.keys(f"/dcc send files {home.name}/up.bin")
irssi.see("DCC sent file up.bin")
assert comes("up.bin") == BYTES
write(home, "later.bin", BYTES)
write(folder, "later.bin.part", BYTES[:500_000])
irssi.keys(f"/dcc send -passive files {home.name}/later.bin")
irssi.see("DCC sent file later.bin")
assert comes("later.bin") == BYTES

irssi.keys("/dcc chat files")
irssi.see("DCC CHAT connection with files")
irssi.keys("/msg =files good evening")
irssi.keys("/window goto =files")
irssi.see("You say: good evening")

irssi.keys("/quit")
irssi.close()
robot.stop()
daemon.stop()
print("ok")
