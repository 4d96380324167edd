#!/usr/bin/env python3
"""dnstap of `reed dns`, read by dnstap-read of BIND: over a UNIX stream and from a file, as server, as
resolver and over every transport; a reader that does not read costs no query."""

import os
import pathlib
import socket
import struct
import tempfile
import threading

from dns_peers import Peers, check, dig, run, wait_for
from ports import free_port
from screen import need

ZONE = "$TTL 300\n@ SOA ns1 admin 1 3600 600 86400 60\n@ NS ns1\nns1 A 192.0.2.53\nbig TXT " + \
    " ".join(f"\"{'x' * 250}\"" for _ in range(8)) + "\n"
CONTENT = b"protobuf:dnstap.Dnstap"
ACCEPT, START, STOP, READY, FINISH = range(1, 6)


def control(kind, content=False):
    body = struct.pack(">I", kind)
    if content:
        body += struct.pack(">II", 1, len(CONTENT)) + CONTENT
    return struct.pack(">II", 0, len(body)) + body


class Reader:
    """Listens, shakes hands, and keeps all frames: the file of them is one dnstap-read reads."""

    def __init__(self, path, reads=True):
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen()
        self.reads, self.frames = reads, []
        self.started, self.stopped, self.more = threading.Event(), threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def exactly(self, n):
        data = b""
        while len(data) < n:
            piece = self.peer.recv(n - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data

    def control(self):
        kind = struct.unpack(">I", self.exactly(4))[0]
        if kind:
            return None, self.exactly(kind)
        return 0, self.exactly(struct.unpack(">I", self.exactly(4))[0])

    def run(self):
        self.peer, _ = self.listener.accept()
        check(self.control()[1] == control(READY, True)[8:])
        self.peer.sendall(control(ACCEPT, True))
        check(self.control()[1] == control(START, True)[8:])
        self.started.set()
        if not self.reads:
            return
        while True:
            kind, frame = self.control()
            if kind == 0:
                check(frame == control(STOP)[8:], frame)
                self.peer.sendall(control(FINISH))
                self.stopped.set()
                return
            self.frames.append(struct.pack(">I", len(frame)) + frame)
            self.more.set()

    def wait(self, n):
        while len(self.frames) < n:
            self.more.clear()
            if len(self.frames) < n:
                check(self.more.wait(30), f"{len(self.frames)} frames and not {n}")

    def save(self, path):
        path.write_bytes(control(START, True) + b"".join(self.frames) + control(STOP))


def read(path):
    return run("dnstap-read", path), run("dnstap-read", "-y", path)


def try_server(p, port, tls):
    (p.folder / "zone").write_text(ZONE)
    reader = Reader(p.folder / "tap")
    p.reed("reed", port, tls, f"identity: ns1.test\ndnstap: {{to: \"unix:{p.folder}/tap\"}}\n"
           f"zones:\n  - {{domain: zone.test, file: {p.folder}/zone}}\n")
    check(reader.started.wait(30), "nobody has come")
    wait_for(port, "zone.test", 1, "reed")
    seen = len(reader.frames) // 2
    dig(port, "ns1.zone.test", "A")
    dig(port, "+tcp", "big.zone.test", "TXT")
    run("kdig", "@127.0.0.1", "-p", tls, "+tls", "no.zone.test", "A")
    dig(port, "x.else.test", "A")
    reader.wait(2 * (seen + 4))
    p.stop("reed")
    check(reader.stopped.wait(30), "it went without a word")
    reader.save(p.folder / "frames")
    short, long = read(p.folder / "frames")
    lines = [line.split()[2:] for line in short.splitlines()]
    check(len(lines) == len(reader.frames), short)
    for kind, protocol, what in (("AQ", "UDP", "ns1.zone.test/IN/A"), ("AR", "UDP", "ns1.zone.test/IN/A"),
                                 ("AQ", "TCP", "big.zone.test/IN/TXT"), ("AR", "TCP", "big.zone.test/IN/TXT"),
                                 ("AR", "UDP", "x.else.test/IN/A")):
        check(any(line[0] == kind and protocol in line and what in line for line in lines), kind, protocol,
              what, short)
    # IPv4, and DoT, which dnstap-read of BIND 9.18 does not know yet
    check(sum(b"\x10\x01\x18\x03" in frame and b"\2no\4zone" in frame for frame in reader.frames) == 2)
    for what in ("identity: ns1.test", "version: reed ", "type: AUTH_RESPONSE", "status: NXDOMAIN",
                 'query_address: "127.0.0.1"', "socket_family: INET", "query_time: !!timestamp 2"):
        check(what in long, what, long)


def try_resolver(p, port, up, tls):
    """To a file; beside clients there is who is asked for them."""
    p.reed("up", up, tls, f"zones:\n  - {{domain: zone.test, file: {p.folder}/zone}}\n")
    wait_for(up, "zone.test", 1, "up")
    p.reed("reed2", port, free_port(), f"forward: [\"udp:127.0.0.1:{up}\"]\n"
           f"dnstap: {{file: {p.folder}/file}}\n")
    p.wait_log("reed2", "\"message\":\"ready\"")
    said = run("dig", "@127.0.0.1", "-p", port, "big.zone.test", "TXT")
    check("NOERROR" in said, said)
    p.stop("reed2")
    short, long = read(p.folder / "file")
    for kind in ("CLIENT_QUERY", "CLIENT_RESPONSE", "FORWARDER_QUERY", "FORWARDER_RESPONSE"):
        check(f"type: {kind}" in long, kind, long)
    check(f"response_port: {up}" in long, long)
    kinds = [(line.split()[2], protocol) for line in short.splitlines() for protocol in ("UDP", "TCP")
             if protocol in line.split() and "big.zone.test" in line.lower()]
    check(kinds[-8:] == [("CQ", "UDP"), ("FQ", "UDP"), ("FR", "UDP"), ("FQ", "TCP"), ("FR", "TCP"),
                         ("CR", "UDP"), ("CQ", "TCP"), ("CR", "TCP")], kinds, short)


def try_slow(p, port, tls):
    """Whoever does not read is dropped from, and counted; queries are answered all the same."""
    reader = Reader(p.folder / "slow", reads=False)
    p.reed("reed3", port, tls, f"dnstap: {{to: \"unix:{p.folder}/slow\", buffer: 64K}}\n"
           f"zones:\n  - {{domain: zone.test, file: {p.folder}/zone}}\n")
    check(reader.started.wait(30), "nobody has come")
    wait_for(port, "zone.test", 1, "reed3")
    (p.folder / "queries").write_text("big.zone.test TXT\n")
    said = run("dnsperf", "-p", port, "-d", p.folder / "queries", "-m", "tcp", "-n", "2000", "-q", "20")
    check("Queries lost:         0" in said, said)
    metrics = p.ctl("reed3", "/metrics")
    dropped = [line for line in metrics.splitlines() if line.startswith("reed_dns_tap_frames")
               and "dropped" in line]
    check(dropped and int(float(dropped[0].split()[-1])) > 100, metrics)
    p.stop("reed3")


def main():
    os.environ["PATH"] += ":/usr/sbin"
    need("dnstap-read", "dig", "kdig", "dnsperf", "openssl")
    with tempfile.TemporaryDirectory() as name:
        p = Peers(pathlib.Path(name))
        with p.told():
            try_server(p, free_port(), free_port())
            try_resolver(p, free_port(), free_port(), free_port())
            try_slow(p, free_port(), free_port())
            p.end()


main()
