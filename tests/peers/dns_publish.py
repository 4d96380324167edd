#!/usr/bin/env python3
"""`reed chat` and `reed web` tell DNS of themselves: SRV, TLSA of the key they have and of the next,
SSHFP; at `reed dns` and at Knot, by updates that are signed; asked for with dig, judged by openssl
and ssh-keygen."""

import hashlib
import os
import pathlib
import subprocess
import tempfile
import time

from dns_peers import REED, SECRET, Peers, check, dig, run, wait_for
from ports import free_port
from screen import need

ZONE = "$TTL 300\n@ SOA ns1 admin 1 3600 600 86400 60\n@ NS ns1\nns1 A 192.0.2.53\n"


def key(p, name):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes", "-subj", "/CN=host.zone.test", "-keyout", p.folder / f"{name}.key", "-out",
                    p.folder / f"{name}.crt"], check=True, capture_output=True)
    (p.folder / f"{name}.pem").write_text((p.folder / f"{name}.crt").read_text()
                                          + (p.folder / f"{name}.key").read_text())
    der = subprocess.run(["openssl", "pkey", "-in", p.folder / f"{name}.key", "-pubout", "-outform",
                          "DER"], check=True, capture_output=True).stdout
    return f"3 1 1 {hashlib.sha256(der).hexdigest().upper()}"


def answers(port, name, kind):
    return sorted(dig(port, "+short", "+nosplit", name, kind).splitlines())


def wait_answers(port, name, kind, wanted):
    for _ in range(300):
        if answers(port, name, kind) == sorted(wanted):
            return
        time.sleep(0.1)
    check(False, name, kind, answers(port, name, kind), sorted(wanted))


def publish(server, secret=SECRET):
    return (f"publish:\n  server: tcp:127.0.0.1:{server}\n  zone: zone.test\n  host: host.zone.test\n"
            f"  key: {{id: xfr.test, secret: {secret}}}\n  every: 1s\n")


def begin(p, name, command, text):
    (p.folder / f"{name}.yaml").write_text(text)
    said = run(REED, command, "-c", p.folder / f"{name}.yaml", "--check")
    check("error" not in said and "no such" not in said, said)
    p.start(name, REED, command, "-c", p.folder / f"{name}.yaml", "--state", p.home(name))


def try_chat(p, server):
    """The key that is next is told before it is in use."""
    first, second, third = (key(p, name) for name in ("one", "two", "three"))
    (p.folder / "now.pem").write_text((p.folder / "one.pem").read_text())
    (p.folder / "next.pem").write_text((p.folder / "two.key").read_text())
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", p.folder / "ssh"], check=True)
    port = free_port()
    begin(p, "reedchat", "chat", f"irc: [\"tls:{port}:interface=127.0.0.1:cert={p.folder}/now.pem\"]\n"
          + publish(server) +
          f"  next-keys: [{p.folder}/next.pem]\n  ssh-keys: [{p.folder}/ssh.pub]\n")
    name = f"_{port}._tcp.host.zone.test"
    wait_answers(server, name, "TLSA", [first, second])
    check(answers(server, "_ircs-u._tcp.zone.test", "SRV") == [f"0 0 {port} host.zone.test."])
    ours = run("ssh-keygen", "-r", "host.zone.test", "-f", p.folder / "ssh.pub").splitlines()
    wanted = [line.split()[3:] for line in ours if line.split()[4] == "2"]
    told = dig(server, "+short", "+nosplit", "host.zone.test", "SSHFP").lower().split()
    check([told] == wanted, ours, told)
    (p.folder / "now.pem").write_text((p.folder / "two.pem").read_text())
    (p.folder / "next.pem").write_text((p.folder / "three.key").read_text())
    wait_answers(server, name, "TLSA", [second, third])
    p.stop("reedchat")
    check(answers(server, name, "TLSA") == sorted([second, third]))  # restarts are not seen


def try_web(p, server, knot):
    """The same at Knot; and who may not change the zone is told so."""
    only = key(p, "web")
    port = free_port()
    (p.folder / "site").mkdir(exist_ok=True)
    text = (f"listen: [\"tls:{port}:interface=127.0.0.1:cert={p.folder}/web.pem\"]\n"
            f"path: {p.folder}/site\n")
    begin(p, "reedweb", "web", text + publish(knot))
    wait_answers(knot, f"_{port}._tcp.host.zone.test", "TLSA", [only])
    check(answers(knot, "_https._tcp.zone.test", "SRV") == [f"0 0 {port} host.zone.test."])
    p.stop("reedweb")
    begin(p, "reedweb", "web", text + publish(server, "d3JvbmcgYXMgaXQgY2FuIGJl"))
    p.wait_log("reedweb", "records were not published")
    check("key" in (p.folder / "reedweb.log").read_text().split("records were not published")[1])
    check(not answers(server, "_https._tcp.zone.test", "SRV"))
    p.stop("reedweb")


def main():
    os.environ["PATH"] += ":/usr/sbin"
    need("knotd", "dig", "openssl", "ssh-keygen")
    with tempfile.TemporaryDirectory() as name:
        p = Peers(pathlib.Path(name))
        server, knot = free_port(), free_port()
        with p.told():
            (p.folder / "zone").write_text(ZONE)
            p.reed("reed", server, free_port(),
                   "acl:\n  - {id: all, key: [xfr.test], action: [update]}\n"
                   f"zones:\n  - {{domain: zone.test, file: {p.folder}/zone, acl: [all]}}\n")
            (p.home("knot") / "zone").write_text(ZONE)
            p.knot("knot", knot, "acl:\n  - id: all\n    key: xfr.test\n    action: update\n"
                   "zone:\n  - domain: zone.test\n    storage: HOME\n    file: zone\n    acl: all\n")
            wait_for(server, "zone.test", 1, "reed")
            wait_for(knot, "zone.test", 1, "knot")
            try_chat(p, server)
            try_web(p, server, knot)
            p.end()


main()
