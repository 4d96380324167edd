"""chat_window.py PROGRAM: a chat window of the examples in a display of its own, with `reed chat`.

A screenshot of the conversation stays beside the tests of the build, as PROGRAM.png.
"""

import os
import re
import subprocess
import sys
import time

from screen import Client, Daemon, need

need("Xvfb", "xdotool", "import", "identify")
name = sys.argv[1]
build = os.environ["REED_BUILD"]
daemon = Daemon("--irc", "tcp:PORT:interface=127.0.0.1")
read, write = os.pipe()
display = subprocess.Popen(["Xvfb", "-displayfd", str(write), "-screen", "0", "1000x640x24",
                            "-nolisten", "tcp"], pass_fds=[write], stderr=subprocess.DEVNULL)
os.close(write)
number = os.fdopen(read).readline().strip()
# The leaks of a toolkit at its end are not ours.
environment = dict(os.environ, DISPLAY=f":{number}", GDK_BACKEND="x11", QT_QPA_PLATFORM="xcb",
                   NO_AT_BRIDGE="1", ASAN_OPTIONS="detect_leaks=0", LC_ALL="C.UTF-8",
                   XDG_RUNTIME_DIR=daemon.state)


def xdotool(*words):
    return subprocess.run(["xdotool", *words], env=environment, check=True, text=True,
                          stdout=subprocess.PIPE).stdout.split()


def type_line(text):
    xdotool("type", "--delay", "5", text)
    xdotool("key", "Return")


def colours(path):
    """Takes a picture; how many colours it has."""
    subprocess.run(["import", "-window", "root", path], env=environment, check=True)
    return int(subprocess.run(["identify", "-format", "%k", path], check=True, text=True,
                              stdout=subprocess.PIPE).stdout)


def complaints():
    """How much of the window is of the colour in which it says what went wrong."""
    counts = subprocess.run(["import", "-window", "root", "-depth", "8", "-format", "%c",
                             "histogram:info:-"], env=environment, check=True, text=True,
                            stdout=subprocess.PIPE).stdout
    found = re.search(r"(\d+): .*#C01C28", counts)
    return int(found[1]) if found else 0


def until(so, what):
    end = time.monotonic() + 30
    while not so():
        assert time.monotonic() < end, what
        time.sleep(0.1)


def type_wrong(text):
    before = complaints()
    type_line(text)
    until(lambda: complaints() > before, f"nothing is said about {text}")


def main():
    picture = os.path.join(build, "tests", f"{name}.png")
    walter = Client(daemon.port, "walter")
    walter.say("JOIN #reed", "JOIN #garden", "TOPIC #reed :All about reeds")
    walter.hear(" TOPIC #reed ")
    window = subprocess.Popen([os.path.join(build, "examples", name),
                               f"tcp:127.0.0.1:{daemon.port}", "vera", "#garden,#reed"],
                              env=environment)
    try:
        walter.hear(":vera!.* JOIN #garden")
        walter.hear(":vera!.* JOIN #reed")
        shown = xdotool("search", "--sync", "--onlyvisible", "--name", "Reed")[0]
        xdotool("windowfocus", "--sync", shown)
        walter.say("PRIVMSG #reed :Good evening, Vera. Do you hear me?")
        type_line("Loud and clear, in a window")
        walter.hear(":vera!.* PRIVMSG #reed :Loud and clear, in a window")
        type_line("/me waves")
        walter.hear(":vera!.* PRIVMSG #reed :\1ACTION waves\1")
        walter.say("PRIVMSG #garden :somebody look at the <roses> & tulips",
                   "PRIVMSG vera :just between us", "PRIVMSG #reed :Grüße 🌾")
        type_line("/nick veronika")
        walter.hear(":vera!.* NICK :?veronika")
        until(lambda: colours(picture) >= 40, "the window stays empty")
        assert complaints() == 0
        type_wrong("/nick walter")
        type_wrong("/juggle")
        walter.say("MODE #reed +m")
        walter.hear(" MODE #reed ")
        type_wrong("May I?")
        colours(picture)
        walter.say("MODE #reed -m")
        walter.say("JOIN #lawn")
        walter.hear(" 366 ")
        type_line("/join #lawn")
        walter.hear(":veronika!.* JOIN #lawn")
        type_line("/quit")
        walter.hear(":veronika!.* QUIT")
        assert window.wait(timeout=60) == 0
    finally:
        window.kill()
        window.wait()


try:
    main()
finally:
    display.terminate()
    display.wait()
