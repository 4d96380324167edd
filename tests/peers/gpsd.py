"""Debian's gpsd, which hears a receiver of gpsfake's and tells us."""

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

from nmea import journey
from ports import free_port
from screen import PATIENCE, need

os.environ["PATH"] += ":/usr/sbin"
need("gpsd")
need("gpsfake")
reed = os.environ["REED"]
port = free_port()


def answers():
    try:
        socket.create_connection(("127.0.0.1", port)).close()
        return True
    except OSError:
        return False


with tempfile.NamedTemporaryFile("w", suffix=".nmea") as track:
    track.write(journey(60))
    track.flush()
    fake = subprocess.Popen(["gpsfake", "-q", "-c", "0.02", "-P", str(port), track.name],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                            start_new_session=True)
    atexit.register(lambda: (os.killpg(fake.pid, signal.SIGKILL), fake.wait()))
    deadline = time.monotonic() + PATIENCE
    while not answers():
        if time.monotonic() > deadline or fake.poll() is not None:
            sys.exit("gpsd does not come up")
        time.sleep(0.05)
    # gpsd knows of everything when it has heard some moments
    done = subprocess.run([reed, "position", "--json", "-n", "12", f"tcp:127.0.0.1:{port}"],
                          capture_output=True, text=True, timeout=PATIENCE)
fixes = [json.loads(line) for line in done.stdout.splitlines()]
if done.returncode != 0 or len(fixes) != 12:
    sys.exit(f"{done.returncode}, {len(fixes)} fixes: {done.stderr}")
last = fixes[-1]
if not (48.1166 < last["latitude"] < 48.1267 and abs(last["longitude"] - 11.516667) < 1e-5 and
        last["time"].startswith("2026-11-22T10:36:") and abs(last["altitude"] - 545.4) < 1e-6 and
        last["seen"] == 4 and "climb" in last and abs(last["hdop"] - 1.3) < 0.01):
    sys.exit(f"gpsd told {last}")
print("ok gpsd is asked to watch, and tells")
