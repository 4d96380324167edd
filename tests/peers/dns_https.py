#!/usr/bin/env python3
"""DNS over HTTPS: asked by kdig, by curl (which looks names up by it, and as a client of ours with
its own hands), by `reed resolve`, and by another `reed dns` that forwards to it; the last two over TLS
alone, too."""

import base64
import json
import os
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile
import time

from dns_daemons import Daemon, doors, short
from dns_peers import check
from ports import free_port
from screen import need

REED = os.environ["REED"]
ZONE = """$TTL 300
@ SOA ns admin 1 3600 600 86400 60
@ NS ns
ns A 192.0.2.53
www A 192.0.2.1
www 77 AAAA 2001:db8::1
here A 127.0.0.1
$GENERATE 1-200 many A 192.0.3.$
"""


def run(*words, **more):
    return subprocess.run([str(w) for w in words], capture_output=True, timeout=60, **more)


def query(name, kind=1):
    labels = b"".join(bytes([len(p)]) + p.encode() for p in name.split(".")) + b"\0"
    return struct.pack(">6H", 0, 0x0100, 1, 0, 0, 0) + labels + struct.pack(">2H", kind, 1)


def curl(folder, *words, data=None):
    done = run("curl", "-sS", "--cacert", folder / "ca.crt", "-i", *words, input=data)
    check(done.returncode == 0, words, done)
    head, body = done.stdout.split(b"\r\n\r\n", 1)
    lines = head.decode().lower().split("\r\n")
    fields = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
    return lines[0].split()[0], int(lines[0].split()[1]), fields, body


def by_hand(folder, port):
    """GET and POST over either version of HTTP, and what is refused."""
    url = f"https://localhost:{port}/dns-query"
    asked = base64.urlsafe_b64encode(query("www.peer.test", 28)).decode().rstrip("=")
    kind = ["-H", "Content-Type: application/dns-message", "--data-binary", "@-"]
    for version, flag in (("http/1.1", "--http1.1"), ("http/2", "--http2")):
        for words, data in (([f"{url}?dns={asked}"], None),
                            ([url, *kind], query("www.peer.test", 28))):
            said, status, fields, body = curl(folder, flag, *words, data=data)
            check(said == version and status == 200, said, status, fields)
            check(fields["content-type"] == "application/dns-message", fields)
            check(fields["cache-control"] == "max-age=77", fields)
            check(bytes.fromhex("20010db8000000000000000000000001") in body, body)
    _, status, fields, body = curl(folder, url, *kind, data=query("no.peer.test"))
    check(status == 200 and body[3] & 15 == 3 and fields["cache-control"] == "max-age=60", fields)
    _, status, fields, body = curl(folder, url, *kind, data=query("www.elsewhere.test"))
    check(body[3] & 15 == 5 and fields["cache-control"] == "max-age=0", fields)
    for words, data, wanted in (([url], None, 400), ([url + "?dns=a.b"], None, 400),
                                ([url + "?dns=AAAA"], None, 400), ([url, *kind], b"short", 400),
                                ([url, *kind], query("www.peer.test")[:20], 200),
                                ([url, *kind], b"\0\0\x80" + query("x.peer.test")[3:], 400),
                                ([url, "-d", "x=y"], None, 415), ([url, "-X", "PUT"], None, 405),
                                ([f"https://localhost:{port}/"], None, 404)):
        _, status, fields, body = curl(folder, *words, data=data)
        check(status == wanted, words, status, body)


def others(folder, port, web):
    for flag in ("+https", "+https-get"):
        done = run("kdig", "@127.0.0.1", "-p", port, flag, "+tls-hostname=localhost",
                   f"+tls-ca={folder}/ca.crt", "www.peer.test", text=True)
        check("192.0.2.1" in done.stdout and "status: NOERROR" in done.stdout, done)
    done = run("kdig", "@127.0.0.1", "-p", port, "+https", f"+tls-ca={folder}/ca.crt",
               "+tls-hostname=localhost", "many.peer.test", text=True)
    check(done.stdout.count("192.0.3.") == 200, done)
    # curl finds a server of ours by it
    done = run("curl", "-sS", "--doh-url", f"https://localhost:{port}/dns-query", "--doh-insecure",
               f"http://here.peer.test:{web}/zone", text=True)
    check(done.stdout == ZONE, done)


def ours(url, port):
    done = run(REED, "resolve", "www.peer.test", "A", f"@{url}", "--json", text=True)
    check(done.returncode == 0, done)
    told = json.loads(done.stdout)
    check(told["answer"][0]["data"] == "192.0.2.1" and told["server"] == url, told)
    done = run(REED, "resolve", "many.peer.test", "A", f"@{url}", "+short", text=True)
    check(len(done.stdout.split()) == 200, done)
    # without a certificate that is known here nothing is believed
    done = run(REED, "resolve", "www.peer.test", "A", f"@localhost:{port}", "+https", text=True)
    check(done.returncode == 1 and "192.0.2.1" not in done.stdout and done.stderr, done)


def over_tls(folder, door, port):
    """`reed resolve` and who forwards ask over TLS as well, and believe no unknown certificate."""
    server = f"tls:127.0.0.1:{door}:name=localhost:ca={folder}/ca.crt"
    done = run(REED, "resolve", "www.peer.test", "A", f"@{server}", "+short", text=True)
    check(done.stdout == "192.0.2.1\n", done)
    done = run(REED, "resolve", "www.peer.test", "A", f"@localhost:{door}", "+tls", text=True)
    check(done.returncode == 1 and not done.stdout and "certificate" in done.stderr, done)
    daemon = Daemon([REED, "dns", *doors(port), "--forward", server, "--state", folder / "c"],
                    folder / "c.log")
    try:
        wait_for(port)
        check(len(short(port, "+tcp", "many.peer.test")) == 200)
    finally:
        daemon.stop()


def wait_for(port):
    for _ in range(200):
        if short(port, "+tries=1", "+timeout=1", "www.peer.test") == ["192.0.2.1"]:
            return
        time.sleep(0.05)
    sys.exit(f"nobody answers on port {port}")


def wait_for_listener(port):
    for _ in range(200):
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    sys.exit(f"nobody listens on port {port}")


def main():
    need("curl", "kdig", "dig")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="reed-https-"))
    (folder / "zone").write_text(ZONE)
    check(run(REED, "cert", "ca", cwd=folder).returncode == 0)
    check(run(REED, "cert", "new", "localhost", "127.0.0.1", "--ca", "ca.pem", "--out",
              "key.pem", cwd=folder).returncode == 0)
    plain, https, plain2, https2, web, dot, plain3 = [free_port() for _ in range(7)]
    cert = ["--tls-cert", folder / "key.pem"]
    first = Daemon([REED, "dns", "--zone", f"peer.test={folder}/zone", *doors(plain), "--listen",
                    f"tls:{dot}:interface=127.0.0.1:cert={folder}/key.pem", "--https",
                    f"tls:{https}:interface=127.0.0.1", *cert, "--state", folder / "a"],
                   folder / "a.log")
    url = (f"https://localhost:{https}/dns-query#tls:127.0.0.1:{https}:name=localhost:"
           f"ca={folder}/ca.crt")
    second = Daemon([REED, "dns", *doors(plain2), "--forward", url, "--https",
                     f"tls:{https2}:interface=127.0.0.1", *cert, "--state", folder / "b"],
                    folder / "b.log")
    site = Daemon([REED, "web", "--path", folder, "--listen", f"tcp:{web}:interface=127.0.0.1", "--state",
                   folder / "w"], folder / "w.log")
    try:
        wait_for(plain)
        for door in (https, https2, web, dot):  # which open behind those for datagrams
            wait_for_listener(door)
        by_hand(folder, https)
        others(folder, https, web)
        ours(url, https)
        wait_for(plain2)
        check(len(short(plain2, "+tcp", "many.peer.test")) == 200)
        loop = url.replace(str(https), str(https2))
        ours(loop, https2)
        over_tls(folder, dot, plain3)
    finally:
        for daemon in (site, second, first):
            daemon.stop()
    print("ok")


if __name__ == "__main__":
    main()
