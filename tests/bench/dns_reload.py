#!/usr/bin/env python3
"""How fast `reed dns` has its zones: a million records ready, one changed zone of ten thousand, and
whether a reload loses a query under load (dnsperf). REED is the program, RECORDS and ZONES how many."""

import operator
import os
import pathlib
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

REED = os.environ.get("REED", "build/release/bin/reed")
RECORDS = int(os.environ.get("RECORDS", "1000000"))
ZONES = int(os.environ.get("ZONES", "10000"))
HEAD = "$TTL 300\n@ SOA ns a {} 3600 600 86400 60\n@ NS ns\nns A 192.0.2.1\n"


def free_port():
    with socket.socket(type=socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    def __init__(self, folder, *words):
        self.port = free_port()
        self.log = open(folder / "log", "w", encoding="utf-8")
        self.begin = time.monotonic()
        self.process = subprocess.Popen(
            [REED, "dns", *words, "--listen", f"udp:{self.port}:interface=127.0.0.1", "--state",
             folder / "state"], stdout=self.log, stderr=self.log)

    def serial(self, zone, patience=0.005):
        query = struct.pack(">6H", 7, 0, 1, 0, 0, 0)
        for label in zone.split("."):
            query += bytes([len(label)]) + label.encode()
        with socket.socket(type=socket.SOCK_DGRAM) as s:
            s.settimeout(patience)
            s.connect(("127.0.0.1", self.port))
            try:
                s.send(query + struct.pack(">BHH", 0, 6, 1))
                answer = s.recv(4096)
            except OSError:
                return None
        return struct.unpack(">I", answer[-20:-16])[0] if answer[7] else None

    def until(self, zone, serial, since):
        while self.serial(zone) != serial:
            if time.monotonic() - since > 60:
                sys.exit(f"{zone} has no serial {serial} after a minute")
            time.sleep(0.0005)
        return time.monotonic() - since

    def scheduled(self):
        """Seconds that its threads ran, and that they waited for a core that somebody else had."""
        tasks = pathlib.Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        figures = [[int(word) / 1e9 for word in task.read_text().split()[:2]] for task in tasks]
        return sum(f[0] for f in figures), sum(f[1] for f in figures)

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


def million(folder):
    zone = folder / "big"
    with open(zone, "w", encoding="utf-8") as file:
        file.write(HEAD.format(1))
        file.writelines(f"h{i} A 10.{i >> 16}.{i >> 8 & 255}.{i & 255}\n" for i in range(RECORDS))
    server = Server(folder, "--zone", f"big.test={zone}")
    took = server.until("big.test", 1, server.begin)
    ran, waited = server.scheduled()
    print(f"{RECORDS} records ready after {took:.2f} s (goal 2): ran for {ran:.2f} s, had no core for "
          f"{waited:.2f} s")
    return zone, server


def dropped(port):
    """Queries that had no room in the server's socket."""
    with open("/proc/net/udp", encoding="utf-8") as file:
        return sum(int(line.split()[-1]) for line in file if f":{port:04X} " in line)


def under_load(folder, zone, server, reloads):
    queries = folder / "queries"
    queries.write_text("".join(f"h{i * 7}.big.test A\n" for i in range(1000)))
    before = dropped(server.port)
    with subprocess.Popen(["dnsperf", "-p", str(server.port), "-d", queries, "-Q", "20000", "-l",
                           "12", "-q", "1000", "-t", "2"], stdout=subprocess.PIPE, text=True) as perf:
        text = zone.read_text() if reloads else ""
        for serial in range(2, 2 + reloads):
            zone.write_text(text.replace(" 1 3600 ", f" {serial} 3600 ", 1))
            server.process.send_signal(signal.SIGHUP)
            server.until("big.test", serial, time.monotonic())
        said = perf.communicate()[0]
    lost, sent = (re.search(rf"Queries {what}: +(\d+)", said).group(1) for what in ("lost", "sent"))
    latency = re.search(r"Average Latency.*", said).group(0)
    print(f"{reloads} reloads under load: {dropped(server.port) - before} queries of {sent} dropped "
          f"by the server (goal 0), {lost} lost by the client; {latency}")


def ten_thousand(folder):
    zones = folder / "zones"
    zones.mkdir()
    lines = ["zone:"]
    for i in range(ZONES):
        (zones / f"z{i}").write_text(HEAD.format(1))
        lines.append(f"  z{i}.test: {zones}/z{i}")
    settings = folder / "dns.yaml"
    settings.write_text("\n".join(lines) + "\n")
    server = Server(folder, "-c", settings)
    print(f"{ZONES} zones ready after {server.until('z0.test', 1, server.begin):.2f} s")
    times = {"SIGHUP": [], "reed ctl zone reload": []}
    for serial in range(2, 8):
        for how, took in times.items():
            name = f"z{serial * 1000 + len(took)}"
            (zones / name).write_text(HEAD.format(serial))
            before = server.scheduled()
            begin = time.monotonic()
            if how == "SIGHUP":
                server.process.send_signal(signal.SIGHUP)
            else:
                subprocess.run([REED, "ctl", "--state", folder / "state", "zone", "reload",
                                f"{name}.test"], check=True, capture_output=True)
            wall = server.until(f"{name}.test", serial, begin)
            took.append([1000 * s for s in (wall, *map(operator.sub, server.scheduled(), before))])
            time.sleep(0.5)
    for how, took in times.items():
        median = [sorted(column)[len(took) // 2] for column in zip(*took)]
        print(f"one changed of {ZONES} by {how}: median {median[0]:.0f} ms, most"
              f" {max(took)[0]:.0f} ms (goal 50); ran for {median[1]:.0f} ms, had no core for "
              f"{median[2]:.0f} ms")
    server.stop()


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        zone, server = million(folder)
        under_load(folder, zone, server, 0)
        under_load(folder, zone, server, 3)
        server.stop()
        ten_thousand(folder)


if __name__ == "__main__":
    main()
