#!/usr/bin/env python3
"""`reed dns` validating, beside unbound and delv: a root of our own, signed by ldns and served by
NSD, with zones that are right, not signed, or bogus. All say the same of each name."""

import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time

from dns_daemons import Daemon, dig, doors, unbound
from dns_peers import REED, check
from ports import free_port
from screen import need

HEAD = "$ORIGIN {0}\n$TTL 300\n@ SOA ns.org. a.org. 1 3600 600 86400 60\n@ NS ns.org.\n"
LEAF = HEAD + """www A 192.0.2.1
*.wild A 192.0.2.2
a.b.ent A 192.0.2.3
al CNAME www
away CNAME www.plain.org.
lost CNAME www.changed.org.
"""
# name: (flags of ldns-signzone; None: not signed, whether the parent has its DS)
ZONES = {
    "good.org.": ([], True),
    "good3.org.": (["-n", "-t", "1", "-s", "ab"], True),
    "plain.org.": (None, False),
    "island.org.": ([], False),
    "expired.org.": (["-i", "20200101", "-e", "20200201"], True),
    "early.org.": (["-i", "20900101", "-e", "20900201"], True),
    "unsigned.org.": (None, True),
    "changed.org.": ([], True),
    "wrongds.org.": ([], True),
}
NAMES = ["www.{}", "no.{}", "any.wild.{}", "b.ent.{}", "al.{}", "{}"]
QUESTIONS = [(pattern.format(zone), "A") for i, zone in enumerate(ZONES)
             for pattern in (NAMES if i < 3 else NAMES[:2])]
QUESTIONS += [("away.good.org.", "A"), ("lost.good.org.", "A"), ("www.good3.org.", "MX"),
              ("good.org.", "DNSKEY"), ("good.org.", "DS"), ("plain.org.", "DS"),
              (".", "NS"), ("nowhere.", "A"), ("no.org.", "A")]


def run(folder, *words):
    done = subprocess.run([str(w) for w in words], cwd=folder, capture_output=True, text=True,
                          timeout=60)
    check(done.returncode == 0, words, done.stderr)
    return done.stdout.strip()


def sign(folder, name, text, flags):
    """Writes the zone's file, and returns its DS record."""
    file = folder / (name.strip(".") or "root")
    file.write_text(text)
    key = run(folder, "ldns-keygen", "-a", "ECDSAP256SHA256", "-k", name)
    ds = (folder / f"{key}.ds").read_text()
    if flags is None:
        (folder / f"{file.name}.signed").write_text(text)
    else:
        run(folder, "ldns-signzone", *flags, "-o", name, file.name, key)
    return ds


def make(folder):
    delegations = ""
    for name, (flags, has_ds) in ZONES.items():
        ds = sign(folder, name, LEAF.format(name), flags)
        delegations += f"{name} NS ns.org.\n"
        if name == "wrongds.org.":
            ds = re.sub(r"[0-9a-f]{8}\s*$", "00000000", ds)
        delegations += ds if has_ds else ""
    changed = folder / "changed.org.signed"
    changed.write_text(changed.read_text().replace("192.0.2.1", "192.0.2.9"))
    org = sign(folder, "org.", HEAD.format("org.") + "ns A 127.0.0.1\n" + delegations,
               ["-n", "-p"])
    return sign(folder, ".", HEAD.format(".") + "org. NS ns.org.\nns.org. A 127.0.0.1\n" + org, [])


def nsd(folder, port):
    text = f"""server:
  ip-address: 127.0.0.1
  port: {port}
  username: ""
  zonesdir: "{folder}"
  database: ""
  pidfile: ""
  xfrdfile: "{folder}/xfrd"
  zonelistfile: "{folder}/zones"
  xfrdir: "{folder}"
remote-control:
  control-enable: no
"""
    for name in [".", "org.", *ZONES]:
        text += f"zone:\n  name: \"{name}\"\n  zonefile: \"{name.strip('.') or 'root'}.signed\"\n"
    (folder / "nsd.conf").write_text(text)
    return Daemon(["nsd", "-d", "-c", folder / "nsd.conf"], folder / "nsd.log")


def theirs(folder, port, authority):
    return unbound(folder, port, f'  trust-anchor-file: "{folder}/anchor"\n', "stub", authority,
                   [".", "org.", *ZONES])


def wait_for(port):
    for _ in range(200):
        if "status: " in dig(port, "+tries=1", "+timeout=1", ".", "SOA"):
            return
        time.sleep(0.05)
    sys.exit(f"nobody answers on port {port}")


def verdict(port, name, kind):
    """secure, insecure, bogus, with what came; and the extended error."""
    said = dig(port, "+adflag", "+tries=2", "+timeout=8", name, kind)
    status = re.search(r"status: (\w+)", said)
    check(status, port, name, kind, said)
    if status.group(1) == "SERVFAIL":
        return "bogus", said
    flags = re.search(r"flags: ([a-z ]+);", said).group(1).split()
    return ("secure " if "ad" in flags else "insecure ") + status.group(1), said


def delv(folder, port, name, kind):
    done = subprocess.run(["delv", "@127.0.0.1", "-p", str(port), "-a", folder / "keys", "+root=.",
                           name, kind], capture_output=True, text=True, timeout=30)
    said = done.stdout + done.stderr
    if "resolution failed" in said and "ncache" not in said:
        return "bogus"
    if "unsigned answer" in said:
        return "insecure"
    return "secure" if "fully validated" in said else "bogus"


def tell(folder, authority, name, kind):
    done = subprocess.run([REED, "resolve", name, kind, "+dnssec", "--json",
                           "--trust-anchors", folder / "anchor", f"@127.0.0.1:{authority}"],
                          capture_output=True, text=True, timeout=30)
    check(done.stdout, done)
    return json.loads(done.stdout)


def compare(folder, ports):
    authority, theirs, ours = ports
    for name, kind in QUESTIONS:
        unbound_says, _ = verdict(theirs, name, kind)
        we_say, said = verdict(ours, name, kind)
        check(we_say == unbound_says, f"{name} {kind}: unbound {unbound_says}, we {we_say}", said)
        if we_say == "bogus":
            check("EDE: " in said, said)
        word = we_say.split()[0]
        # RFC 5155 9.2: what opt-out covers is not secure; delv looks at the signatures only
        if name != "no.org.":
            check(delv(folder, authority, name, kind) == word, name, kind, we_say)
        told = tell(folder, authority, name, kind)
        check(told["security"] == word and told["why"], name, kind, we_say, told)
        if word == "bogus":
            said = dig(ours, "+cd", "+dnssec", name, kind)
            check("SERVFAIL" not in said and " ad" not in said.split("QUERY: ")[0], said)


def settings(folder):
    """An anchor that is none is told before the start."""
    done = subprocess.run([REED, "dns", "--trust-anchor", ". A 192.0.2.1", "--check"],
                          capture_output=True, text=True, timeout=30)
    check(done.returncode and "only DS and DNSKEY" in done.stderr + done.stdout, done)
    (folder / "empty").write_text("; nothing\n")
    done = subprocess.run([REED, "dns", "--trust-anchors", folder / "empty", "--check"],
                          capture_output=True, text=True, timeout=30)
    check(done.returncode and "no DS or DNSKEY" in done.stderr + done.stdout, done)


def main():
    need("nsd", "unbound", "delv", "dig", "ldns-keygen", "ldns-signzone")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="reed-secure-"))
    folder.chmod(0o755)
    ds = make(folder)
    (folder / "anchor").write_text(ds)
    words = ds.split()[-4:]
    (folder / "keys").write_text('trust-anchors {{ "." static-ds {} {} {} "{}"; }};\n'.format(*words))
    ports = [free_port() for _ in range(3)]
    daemons = [nsd(folder, ports[0]), theirs(folder, ports[1], ports[0]),
               Daemon([REED, "dns", *doors(ports[2]), "--forward", f"udp:127.0.0.1:{ports[0]}",
                       "--trust-anchors", folder / "anchor", "--state", folder / "state"],
                      folder / "reed.log")]
    try:
        for port in ports:
            wait_for(port)
        compare(folder, ports)
        settings(folder)
        check("anchors " in (folder / "state" / "trust-anchors").read_text())
    finally:
        for daemon in daemons:
            daemon.stop()
    print("ok")


if __name__ == "__main__":
    main()
