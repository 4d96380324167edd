#!/usr/bin/env python3
"""`reed dns` beside knotd over the same zones, unsigned and signed: what they answer is the same.

And what dig, kdig, drill and delv say to it: transfers, truncation, cookies, bad queries, a
validated chain, a reload with a mistake in it.
"""

import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time

from ports import free_port
from screen import need

HERE = pathlib.Path(__file__).parent
REED = os.environ["REED"]
ZONES = {"plain.test": None, "nsec.test": [], "nsec3.test": ["-n", "-s", "ABCD", "-t", "2"],
         "optout.test": ["-n", "-p", "-t", "0"]}
NEEDED = ["knotd", "ldns-keygen", "ldns-signzone", "dig", "kdig", "drill", "delv",
          "openssl"]

NAMES = """@ www web WwW loop1 away dead x.wild y.x.wild host.wild q.host.wild wild *.wild z.wc z.ww
b.c.d c.d d a.b.c.d x.b.c.d sub x.sub ns.sub ds y.ds old x.old nope.old out x.out _sip._tcp _tcp
big nope a.nope zzz 0 ns1 mail svc unk""".split()
LONG = ".".join(["a" * 63] * 3 + ["a" * 45]) + ".old"
TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "MX": 15, "TXT": 16, "AAAA": 28, "SRV": 33,
         "DNAME": 39, "DS": 43, "NSEC": 47, "DNSKEY": 48, "HTTPS": 65, "TYPE65280": 65280}
WITH_NAME = {2: 0, 5: 0, 12: 0, 15: 2, 33: 6, 39: 0}  # and where it begins


def check(condition, *what):
    if not condition:
        sys.exit("\n".join(["not so:"] + [str(w) for w in what]))


# ---- messages ----

def wire(name):
    labels = [label for label in name.split(".") if label]
    return b"".join(bytes([len(label)]) + label.encode() for label in labels) + b"\0"


def read_name(message, at):
    labels, end = [], None
    while message[at]:
        if message[at] >= 0xc0:
            end = at + 2 if end is None else end
            at = int.from_bytes(message[at:at + 2], "big") & 0x3fff
            continue
        labels.append(message[at + 1:at + 1 + message[at]].lower())
        at += message[at] + 1
    return b".".join(labels) + b".", end or at + 1


def read_rdata(message, kind, at, size):
    if kind in WITH_NAME:
        skip = WITH_NAME[kind]
        return message[at:at + skip] + read_name(message, at + skip)[0]
    if kind == 6:
        mname, end = read_name(message, at)
        rname, end = read_name(message, end)
        return mname + rname + message[end:at + size]
    return message[at:at + size]


def read(message):
    """(rcode, flags, answer, authority, additional): RRsets are sets."""
    flags = int.from_bytes(message[2:4], "big")
    counts = [int.from_bytes(message[i:i + 2], "big") for i in (4, 6, 8, 10)]
    at, sections = 12, []
    for _ in range(counts[0]):
        at = read_name(message, at)[1] + 4
    for count in counts[1:]:
        section = []
        for _ in range(count):
            owner, at = read_name(message, at)
            kind, ttl = int.from_bytes(message[at:at + 2], "big"), message[at + 4:at + 8]
            size = int.from_bytes(message[at + 8:at + 10], "big")
            if kind != 41:
                section.append((owner, kind, ttl.hex(), read_rdata(message, kind, at + 10, size)))
            at += 10 + size
        sections.append(sorted(section))
    check(at == len(message), "bytes behind the end", message.hex())
    return flags & 15, hex(flags & 0x7f00), *sections


def query(name, kind, dnssec, size=4096):
    opt = b"\0\0\x29" + size.to_bytes(2, "big") + b"\0\0" + (b"\x80\0" if dnssec else b"\0\0") + b"\0\0"
    return b"\x12\x34\0\0\0\1\0\0\0\0\0\1" + wire(name) + kind.to_bytes(2, "big") + b"\0\1" + opt


def ask(port, message):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(10)
        s.sendto(message, ("127.0.0.1", port))
        return s.recv(65535)


# ---- servers ----

def make_zones(folder):
    for zone, options in ZONES.items():
        text = f"$ORIGIN {zone}.\n" + (HERE / "dns.zone").read_text()
        (folder / zone).write_text(text)
        if options is None:
            continue
        keys = [subprocess.run(["ldns-keygen", *kind, "-a", "ECDSAP256SHA256", zone], cwd=folder,
                               capture_output=True, text=True, check=True).stdout.strip()
                for kind in ([], ["-k"])]
        subprocess.run(["ldns-signzone", *options, "-o", zone, "-f", zone + ".signed", zone, *keys],
                       cwd=folder, check=True)
        (folder / (zone + ".signed")).rename(folder / zone)
        (folder / (zone + ".key")).write_text((folder / (keys[1] + ".key")).read_text())


def start_knot(folder, port):
    home = folder / "knot"
    home.mkdir()
    conf = f"server:\n  rundir: {home}\n  listen: 127.0.0.1@{port}\n" \
        f"database:\n  storage: {home}\nlog:\n  - target: stderr\n    any: error\n" \
        f"template:\n  - id: default\n    storage: {folder}\n    zonefile-sync: -1\n" \
        "    journal-content: none\nzone:\n" \
        + "".join(f"  - domain: {zone}\n    file: {zone}\n" for zone in ZONES)
    (folder / "knot.conf").write_text(conf)
    return subprocess.Popen(["knotd", "-c", folder / "knot.conf"])


def start_secondary(folder, port, primary):
    home = folder / "secondary"
    home.mkdir()
    (folder / "secondary.conf").write_text(
        f"server:\n  rundir: {home}\n  listen: 127.0.0.1@{port}\n"
        f"database:\n  storage: {home}\nlog:\n  - target: stderr\n    any: error\n"
        f"remote:\n  - id: reed\n    address: 127.0.0.1@{primary}\n"
        "acl:\n  - id: reed\n    address: 127.0.0.1\n    action: notify\n"
        f"template:\n  - id: default\n    storage: {home}\n    zonefile-sync: -1\n"
        "zone:\n  - domain: plain.test\n    master: reed\n    acl: reed\n")
    return subprocess.Popen(["knotd", "-c", folder / "secondary.conf"])


def start_reed(folder, port, secondary):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost", "-keyout",
                    folder / "cert.pem", "-out", folder / "cert"], check=True, capture_output=True)
    with open(folder / "cert.pem", "a", encoding="ascii") as file:
        file.write((folder / "cert").read_text())
    zones = [word for zone in ZONES for word in ("--zone", f"{zone}={folder / zone}")]
    return subprocess.Popen(
        [REED, "dns", *zones, "--listen", f"udp:{port}:interface=127.0.0.1", "--listen",
         f"tcp:{port}:interface=127.0.0.1", "--transfer", "127.0.0.1", "--notify",
         f"udp:127.0.0.1:{secondary}", "--identity", "reed-1",
         "--listen", f"tls:{port}:interface=127.0.0.2:cert={folder}/cert.pem",
         "--state", folder / "state"],
        stdout=subprocess.DEVNULL, stderr=open(folder / "log", "w", encoding="utf-8"))


def wait_for(port, zones, serial=7):
    """Until it serves them, with that serial number."""
    mark = serial.to_bytes(4, "big") + (3600).to_bytes(4, "big")
    for _ in range(300):
        try:
            if all(mark in ask(port, query(zone, 6, False)) for zone in zones):
                return
        except OSError:
            pass
        time.sleep(0.1)
    sys.exit(f"nobody serves the zones on port {port}")


# ---- the same answers ----

def compare(ours, theirs):
    count, different = 0, []
    for zone in ZONES:
        names = [zone if name == "@" else f"{name}.{zone}" for name in NAMES + [LONG]]
        for name in names + ["example.com", "test"]:
            for word, kind in TYPES.items():
                for dnssec in (False, True):
                    message = query(name, kind, dnssec)
                    count += 1
                    a, b = read(ask(ours, message)), read(ask(theirs, message))
                    # what of a truncated answer is there is everybody's own choice
                    if a[:2] != b[:2] or (a != b and not int(a[1], 16) & 0x200):
                        different.append((name, word, "DO" if dnssec else "", *a, "knot:", *b))
    for each in different:
        print(*each, sep="\n  ")
    check(not different, f"{len(different)} of {count} answers differ")
    print(f"{count} answers as knotd's")


# ---- what other tools say ----

def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          timeout=60, check=False)
    return done.stdout + done.stderr


def dig(port, *words):
    return run("dig", "@127.0.0.1", "-p", port, "+norec", "+tries=1", *words)


def try_tools(port, folder):
    check("status: NOERROR" in dig(port, "plain.test", "SOA"), dig(port, "plain.test", "SOA"))
    check("COOKIE" in dig(port, "plain.test", "SOA") and "(good)" in dig(port, "plain.test", "SOA"))
    check("reed-1" in dig(port, "+nsid", "plain.test", "SOA"))
    check("BADVERS" in dig(port, "+edns=1", "+noednsneg", "plain.test", "SOA"))
    check("NOTIMP" in dig(port, "+opcode=3", "plain.test", "SOA"))
    check("NOTAUTH" in dig(port, "+opcode=4", "plain.test", "SOA"))  # it is nobody's secondary
    check("status: REFUSED" in dig(port, "example.com", "A"))
    check("tc" in dig(port, "+noedns", "+ignore", "big.plain.test", "TXT").split("flags:")[1]
          .split(";")[0].split())
    check("ANSWER: 3" in dig(port, "+noedns", "big.plain.test", "TXT"))  # over TCP then
    check("192.0.2.1" in run("drill", "-p", port, "@127.0.0.1", "www.plain.test", "A"))
    check("192.0.2.99" in run("kdig", "-p", port, "@127.0.0.1", "+tcp", "x.wild.plain.test"))
    said = run("kdig", "-p", port, "@127.0.0.2", "+tls", "+padding", "www.plain.test")
    check("192.0.2.1" in said and "TLS1.3" in said and "PADDING" in said, said)
    check('"reed-1"' in dig(port, "id.server", "CH", "TXT"))
    check("REFUSED" in dig(port, "version.bind", "CH", "TXT"))


def try_transfer(port, folder):
    for zone in ZONES:
        lines = [line for line in dig(port, "+nocmd", "+nostats", zone, "AXFR").splitlines()
                 if line and not line.startswith(";")]
        check(len(lines) > 30 and lines[0].split()[3] == lines[-1].split()[3] == "SOA", lines)
        (folder / "transferred").write_text("\n".join(lines[:-1]) + "\n")
        sets = [set(run("ldns-read-zone", "-z", folder / name).lower().splitlines())
                for name in ("transferred", zone)]
        check(sets[0] == sets[1] and len(sets[0]) > 30, sets[0] ^ sets[1])
    # what comes behind the query for a transfer is answered behind the transfer
    with socket.create_connection(("127.0.0.1", port), 10) as s:
        for kind in (252, 1):
            message = query("plain.test", kind, False)
            s.sendall(len(message).to_bytes(2, "big") + message)
        s.shutdown(socket.SHUT_WR)
        data = b"".join(iter(lambda: s.recv(65536), b""))
        first = int.from_bytes(data[:2], "big") + 2
        check(len(read(data[2:first])[2]) > 30 and len(read(data[first + 2:])[2]) == 1)
    check("7 3600" in dig(port, "+short", "plain.test", "IXFR=6"))
    check(len(dig(port, "+short", "plain.test", "IXFR=7").splitlines()) == 1)


def try_validation(port, folder):
    for zone in ["nsec.test", "nsec3.test"]:  # below an opt-out nothing is proven
        flags, key = (folder / (zone + ".key")).read_text().split("DNSKEY")[1].split("\t;")[0] \
            .split(";")[0].strip().split(" ", 1)
        words = (flags + " " + key).split()
        anchor = folder / "anchor"
        anchor.write_text("trust-anchors { %s. static-key %s %s %s \"%s\"; };\n"
                          % (zone, *words[:3], "".join(words[3:])))
        for name, kind, wanted in (("www", "A", "fully validated"), ("x.wild", "A", "fully validated"),
                                   ("nope", "A", "negative response, fully validated"),
                                   ("x.b.c.d", "A", "negative response, fully validated"),
                                   ("mail", "AAAA", "negative response, fully validated"),
                                   ("c.d", "A", "negative response, fully validated"),
                                   ("x.wild", "MX", "negative response, fully validated"),
                                   ("sub", "DS", "negative response, fully validated")):
            said = run("delv", "@127.0.0.1", "-p", port, "-a", anchor, f"+root={zone}",
                       f"{name}.{zone}", kind)
            check(wanted in said, zone, name, kind, said)


# ---- reload ----

def wait_log(folder, text):
    for _ in range(300):
        if text in (folder / "log").read_text():
            return
        time.sleep(0.1)
    sys.exit(f"the log does not say {text}:\n" + (folder / "log").read_text())


def try_reload(reed, port, secondary, folder):
    plain = folder / "plain.test"
    good = plain.read_text()
    plain.write_text(good.replace(" 7 3600", " 8 3600") + "new A 192.0.2.200\nbad A 192.0.2\n")
    reed.send_signal(signal.SIGHUP)
    line = good.count("\n") + 2
    wait_log(folder, f"plain.test:{line}:7")
    check("7 3600" in dig(port, "+short", "plain.test", "SOA"))
    plain.write_text(good.replace(" 7 3600", " 8 3600") + "new A 192.0.2.200\n")
    reed.send_signal(signal.SIGHUP)
    wait_log(folder, '"serial":8')
    check("8 3600" in dig(port, "+short", "plain.test", "SOA"))
    check("192.0.2.200" in dig(port, "+short", "new.plain.test", "A"))
    # which asks again of itself in an hour only
    wait_for(secondary, ["plain.test"], 8)
    check("192.0.2.200" in dig(secondary, "+short", "new.plain.test", "A"))


# ---- an answer made by code ----

def try_code():
    port = free_port()
    program = pathlib.Path(os.environ["REED_BUILD"]) / "examples" / "dns_answer"
    with subprocess.Popen([program, f"udp:{port}:interface=127.0.0.1"]) as process:
        try:
            for _ in range(100):
                said = dig(port, "+short", "+time=1", "x.example.org", "A").strip()
                if said == "127.0.0.1":
                    break
                time.sleep(0.1)
            check(said == "127.0.0.1", said)
            check("status: REFUSED" in dig(port, "example.com", "A"))
        finally:
            process.terminate()


def try_dynamic(folder):
    """A signed zone that is code, which BIND's validator believes."""
    port, anchor = free_port(), folder / "dynamic.anchor"
    program = pathlib.Path(os.environ["REED_BUILD"]) / "examples" / "dns_dynamic"
    with subprocess.Popen([program, f"udp:{port}:interface=127.0.0.1"], text=True,
                          stdout=subprocess.PIPE) as process:
        try:
            words = process.stdout.readline().split()
            anchor.write_text(f"trust-anchors {{ {words[0]} static-ds {' '.join(words[4:7])}"
                              f" \"{words[7]}\"; }};\n")
            for _ in range(100):
                if "ns.example" in dig(port, "+short", "+time=1", "sum.example", "NS"):
                    break
                time.sleep(0.1)
            for name, kind, wanted in (("1.2.sum.example", "TXT", "; fully validated"),
                                       ("sum.example", "NS", "; fully validated"),
                                       ("1.2.sum.example", "A", "response, fully validated"),
                                       ("2.sum.example", "TXT", "response, fully validated"),
                                       ("x.2.sum.example", "A", "response, fully validated")):
                said = run("delv", "@127.0.0.1", "-p", port, "-a", anchor, "+root=sum.example",
                           name, kind)
                check(wanted in said, name, kind, said)
        finally:
            process.terminate()


def main():
    os.environ["PATH"] += ":/usr/sbin"
    need(*NEEDED)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        make_zones(folder)
        ports = free_port(), free_port(), free_port()
        processes = [start_reed(folder, ports[0], ports[2]), start_knot(folder, ports[1])]
        try:
            for port in ports[:2]:
                wait_for(port, ZONES)
            processes.append(start_secondary(folder, ports[2], ports[0]))
            wait_for(ports[2], ["plain.test"])
            compare(*ports[:2])
            try_tools(ports[0], folder)
            try_transfer(ports[0], folder)
            try_validation(ports[0], folder)
            try_reload(processes[0], ports[0], ports[2], folder)
        finally:
            for process in processes:
                process.terminate()
            codes = [process.wait(30) for process in processes]
        try_code()
        try_dynamic(folder)
        check(codes[0] == 0, "reed dns has failed", (folder / "log").read_text())


main()
