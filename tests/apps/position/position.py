"""reed position: files, standard input, programs, sockets and serial ports; and what goes wrong."""

import json
import os
import pty
import socket
import subprocess
import sys
import tempfile
import threading
import tty

from nmea import journey, moment, sentence

reed = os.environ["REED"]
folder = tempfile.mkdtemp()
track = os.path.join(folder, "a: track.nmea")
with open(track, "w", newline="") as file:
    file.write(journey(3))


def run(*words, **rest):
    return subprocess.run([reed, "position", *words], capture_output=True, text=True, timeout=100,
                          **rest)


def check(said, wanted, what):
    if said != wanted:
        sys.exit(f"{what}: {said!r} is not {wanted!r}")


def fails(words, code, told, **rest):
    done = run(*words, **rest)
    if done.returncode != code or told not in done.stderr:
        sys.exit(f"{words}: {done.returncode}, {done.stderr!r} is not {code}, {told!r}")


FIRST = ("2026-11-22T10:36:00.000Z 48.116667 11.516667, 545.4 m, 11.52 m/s, course 84.4, "
         "hdop 1.3, 4 satellites\n")


def a_file_is_shown_from_beginning_to_end():
    lines = run(track).stdout.splitlines(keepends=True)
    check(len(lines), 3, "lines")
    check(lines[0], FIRST, "the first")
    check(run(track, "--count", "1").stdout, FIRST, "one only")
    check(run("file:" + track.replace(":", "\\:"), "-n1").stdout, FIRST, "as an endpoint")


def json_has_all_there_is():
    fix = json.loads(run(track, "--json", "-n1").stdout)
    check(fix, {"quality": "plain", "time": "2026-11-22T10:36:00.000Z", "latitude": 48.11666667,
                "longitude": 11.51666667, "altitude": 545.4, "speed": 11.52, "course": 84.4,
                "pdop": 2.5, "hdop": 1.3, "vdop": 2.1, "used": 4, "seen": 4}, "JSON")


def standard_input_and_programs_are_listened_to():
    check(run("-", input=moment(0)).stdout, FIRST, "standard input")
    check(run(f"exec:cat '{track}'".replace("a:", "a\\:"), "-n1").stdout, FIRST, "a program")


def a_socket_is_listened_to():
    with socket.create_server(("127.0.0.1", 0)) as server:
        def serve():
            with server.accept()[0] as client:
                client.sendall(journey(2).encode())

        thread = threading.Thread(target=serve)
        thread.start()
        port = server.getsockname()[1]
        check(run(f"tcp:127.0.0.1:{port}", "-n1").stdout, FIRST, "a socket")
        thread.join()


def a_serial_port_is_listened_to():
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    process = subprocess.Popen([reed, "position", "-n1",
                                f"serial:{os.ttyname(theirs)}:baud=4800"],
                               stdout=subprocess.PIPE, text=True)
    # what was sent before the port was opened may be lost; a receiver goes on and on
    stop = threading.Event()

    def serve():
        second = 0
        while not stop.wait(0.05):
            os.write(ours, moment(second).encode())
            second = (second + 1) % 60

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        line = process.communicate(timeout=100)[0]
    finally:
        stop.set()
        thread.join()
        process.kill()
    if not line.startswith("2026-11-22T10:36:") or "11.516667" not in line:
        sys.exit(f"a serial port: {line!r}")
    os.close(ours)
    os.close(theirs)


def a_replay_takes_its_time():
    """At a hundred times the speed two seconds are 20 ms; that it waits at all is seen by less."""
    check(len(run(track, "--pace", "100").stdout.splitlines()), 3, "all of it")


def what_is_wrong_is_told():
    fails([os.path.join(folder, "none")], 1, "no such file")
    fails([folder], 1, "is a directory")
    fails([], 2, "it wants one place to listen to")
    fails(["nowhere:7"], 2, "nowhere")
    fails(["tcp:127.0.0.1:x"], 2, "port")
    fails(["-"], 1, "no position came; 0 lines told something else, and 0 could not", input="")
    fails(["-"], 1, "could not be understood", input="rubbish\n" * 9)
    fails(["-"], 1, "its checksum is another", input=sentence("HEHDT,80.0,T").replace("80", "81"))
    fails(["-", "--strict"], 1, "it has no checksum", input="$HEHDT,80.0,T\n")
    fails(["-"], 1, "is that a receiver, at its speed?", input="x" * 70000)


for each in (a_file_is_shown_from_beginning_to_end, json_has_all_there_is,
             standard_input_and_programs_are_listened_to, a_socket_is_listened_to,
             a_serial_port_is_listened_to, a_replay_takes_its_time, what_is_wrong_is_told):
    each()
    print("ok", each.__name__)
os.unlink(track)
os.rmdir(folder)
