#!/usr/bin/env python3
"""`reed dns` with `sign: true`: judged by ldns, BIND and unbound, updated, rolled, killed and started again."""

import pathlib
import signal
import stat
import subprocess
import sys
import tempfile
import time

from dns_daemons import unbound
from dns_peers import REED, SECRET, check
from ports import free_port
from screen import need

ZONE = """$TTL 300
@ SOA ns1 admin 1 3600 600 86400 60
@ NS ns1
ns1 A 192.0.2.53
www A 192.0.2.1
*.wild TXT any
"""
SETTINGS = """listen: ["udp:{port}:interface=127.0.0.1", "tcp:{port}:interface=127.0.0.1"]
key: [{{id: k, secret: "{secret}"}}]
acl:
  - {{id: u, address: [127.0.0.1], key: [k], action: [update]}}
  - {{id: t, address: [127.0.0.1], action: [transfer]}}
zones:
  - {{domain: zone.test, file: {file}, acl: [u, t], sign: true, sign-nsec3: {nsec3}}}
"""


def run(*command, text=None):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          timeout=60, check=False, input=text)
    return done.returncode, done.stdout + done.stderr


class Server:
    def __init__(self, folder, nsec3):
        self.folder, self.port = folder, free_port()
        self.state = pathlib.Path(folder, "state")
        self.state.mkdir(exist_ok=True)
        self.file = pathlib.Path(folder, "zone")
        self.file.write_text(ZONE)
        self.settings = pathlib.Path(folder, "dns.yaml")
        self.settings.write_text(SETTINGS.format(port=self.port, secret=SECRET, file=self.file,
                                                 nsec3=nsec3))
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [REED, "dns", "-c", self.settings, "--state", self.state],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.wait("zone.test", "DNSKEY", "257 3 13")

    def dig(self, *words):
        return run("dig", "@127.0.0.1", "-p", self.port, "+norec", "+tries=1", "+time=2", *words)[1]

    def wait(self, name, kind, wanted):
        for _ in range(100):
            if wanted in self.dig("+tcp", name, kind):
                return
            time.sleep(0.1)
        sys.exit(f"not so: {wanted} does not come\n{self.dig('+tcp', name, kind)}")

    def ctl(self, *words):
        done, text = run(REED, "ctl", "--state", self.state, "zone", *words)
        check(done == 0, words, text)
        return text

    def verify(self):
        text = self.dig("+onesoa", "+nocmd", "+nostats", "+nocomments", "zone.test", "AXFR")
        made = pathlib.Path(self.folder, "transferred")
        made.write_text("\n".join(line for line in text.splitlines() if line[:1] != ";") + "\n")
        for command in (("ldns-verify-zone", made), ("dnssec-verify", "-z", "-o", "zone.test", made)):
            done, output = run(*command)
            check(done == 0, command, output, text)
        return text

    def trusts(self, *words):
        anchor = pathlib.Path(self.folder, "anchor")
        key = self.dig("+short", "zone.test", "DNSKEY").split("\n", maxsplit=1)[0].split(maxsplit=3)
        anchor.write_text('trust-anchors { "zone.test." static-key %s %s %s "%s"; };\n' % tuple(key))
        return run("delv", "@127.0.0.1", "-p", self.port, "-a", anchor, "+root=zone.test", *words)[1]


def unbound_believes(server):
    """From the DS record down: what is there, what comes of a wildcard, and what is not."""
    port, folder = free_port(), pathlib.Path(server.folder)
    (folder / "ds").write_text(server.ctl("ds", "zone.test"))
    process = unbound(folder, port, f"""  local-zone: "test." nodefault
  trust-anchor-file: "{folder}/ds"
""", "stub", server.port, ["zone.test"])
    try:
        for name, kind, status in (("www", "A", "NOERROR"), ("www", "AAAA", "NOERROR"),
                                   ("x.wild", "TXT", "NOERROR"), ("nx", "A", "NXDOMAIN")):
            words = ("dig", "@127.0.0.1", "-p", port, "+adflag", "+tries=1", "+time=2",
                     f"{name}.zone.test", kind)
            for _ in range(100):
                said = run(*words)[1]
                if "status: " in said:
                    break
                time.sleep(0.1)
            check(f"status: {status}" in said and " ad" in said.split("QUERY: ")[0], said)
    finally:
        process.stop()


def conversation(server):
    server.verify()
    unbound_believes(server)
    check("fully validated" in server.trusts("www.zone.test", "A"),
          server.trusts("www.zone.test", "A"))
    check("fully validated" in server.trusts("nx.zone.test", "A"),
          server.trusts("nx.zone.test", "A"))
    keys = next(server.state.rglob("*.keys"))
    check(stat.S_IMODE(keys.stat().st_mode) == 0o600, keys.stat())
    done, text = run("nsupdate", "-y", f"hmac-sha256:k:{SECRET}",
                     text=f"server 127.0.0.1 {server.port}\nzone zone.test\n"
                          "update add new.zone.test 60 A 192.0.2.9\nsend\n")
    check(done == 0, text)
    check("RRSIG" in server.dig("+dnssec", "new.zone.test", "A"))
    server.verify()
    before = server.ctl("keys", "zone.test")
    check("CSK" in before and "active" in before, before)
    check(" 13 2 " in server.ctl("ds", "zone.test"))
    server.process.send_signal(signal.SIGKILL)
    server.process.wait()
    server.start()
    server.wait("new.zone.test", "A", "192.0.2.9")
    check(server.ctl("keys", "zone.test") == before, server.ctl("keys", "zone.test"), before)
    rolled = server.ctl("roll", "zone.test")
    check("published" in rolled, rolled)
    server.verify()
    server.file.write_text(ZONE.replace("192.0.2.1\n", "192.0.2.7\n"))
    server.ctl("reload", "zone.test")
    server.wait("www.zone.test", "A", "192.0.2.7")
    server.verify()
    check(server.file.read_text().startswith("$TTL"))


def main():
    need("ldns-verify-zone", "dnssec-verify", "delv", "dig", "nsupdate", "unbound")
    for nsec3 in ("false", "true"):
        with tempfile.TemporaryDirectory() as folder:
            server = Server(folder, nsec3)
            try:
                conversation(server)
            finally:
                server.process.kill()
                server.process.wait()


main()
