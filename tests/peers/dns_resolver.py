#!/usr/bin/env python3
"""`reed dns` as a resolver: behind it unbound, which has a zone of `reed dns`; before it dig and kdig.

What clients get through both is what the zone has; lists block, records of one's own go first, a
private address is withheld, what has expired is said when nobody answers, others are refused.
"""

import json
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

from dns_daemons import Daemon, dig, doors, short, unbound
from dns_peers import REED, check
from ports import free_port
from screen import need

ZONE = """$TTL 300
@ SOA ns admin 1 3600 600 86400 60
@ NS ns
ns A 192.0.2.53
www A 192.0.2.1
short 1 A 192.0.2.2
alias CNAME www
ads A 192.0.2.66
good.ads A 192.0.2.67
inside A 192.168.7.7
$GENERATE 1-200 many A 192.0.3.$
txt TXT "one" "two"
"""


def wait_for(port, name):
    for _ in range(200):
        if "status: NOERROR" in dig(port, "+tries=1", "+timeout=1", name):
            return
        time.sleep(0.05)
    sys.exit(f"nobody answers on port {port}")


def middle(folder, port, authority):
    return unbound(folder, port, """  access-control: 127.0.0.0/8 allow
  module-config: "iterator"
  local-zone: "test." nodefault
""", "forward", authority, ["peer.test"])


def answers(port):
    check(short(port, "www.peer.test") == ["192.0.2.1"], dig(port, "www.peer.test"))
    check(short(port, "alias.peer.test") == ["192.0.2.1", "www.peer.test."])
    check(short(port, "txt.peer.test", "TXT") == ['"one" "two"'])
    said = dig(port, "nope.peer.test")
    check("status: NXDOMAIN" in said and re.search(r"peer.test.\s+\d+\s+IN\s+SOA", said), said)
    said = dig(port, "www.peer.test", "AAAA")
    check("status: NOERROR" in said and "ANSWER: 0" in said and "SOA" in said, said)
    check("flags: qr rd ra;" in said, said)
    # two hundred addresses are too many for a datagram: TC, and all of them over TCP
    said = dig(port, "+ignore", "many.peer.test")
    check(re.search(r"flags: qr tc rd ra;", said), said)
    check(len(short(port, "many.peer.test")) == 200)
    check("status: NOERROR" in dig(port, "+tcp", "+dnssec", "www.peer.test"))
    said = dig(port, "+retry=0", "www.peer.test", program="kdig")
    check("192.0.2.1" in said, said)


def refusals(port):
    said = dig(port, "+norecurse", "www.peer.test")
    check("status: REFUSED" in said, said)
    said = dig(port, "www.peer.test", "AXFR", "+tcp")
    check("192.0.2.1" not in said, said)


def resolve(port):
    """`reed resolve` is told the same as dig."""
    def said(*words):
        return subprocess.run([REED, "resolve", *words, f"@127.0.0.1:{port}"], text=True,
                              capture_output=True, timeout=30)

    run = said("many.peer.test", "A", "+short")
    check(sorted(run.stdout.split()) == short(port, "many.peer.test"), run)
    check("many.peer.test.  " in said("many.peer.test", "A").stdout)
    run = said("nope.peer.test")
    check(run.returncode == 1 and "There is no name nope.peer.test." in run.stdout, run)
    run = said("txt.peer.test", "TXT", "--json")
    check(json.loads(run.stdout)["answer"][0]["data"] == '"one" "two"', run)
    run = said("www.peer.test", "+tcp")
    check("192.0.2.1\n" in run.stdout and f"of tcp:127.0.0.1:{port}" in run.stdout, run)
    run = said("www.peer.test", "NOTHING")
    check(run.returncode == 2 and "NOTHING is no type" in run.stderr, run)


def trace(port):
    """It begins where it is told to, and nowhere else."""
    run = subprocess.run([REED, "resolve", "www.peer.test", "A", "+trace", f"@127.0.0.1:{port}"],
                         text=True, capture_output=True, timeout=30)
    check(run.returncode == 0 and "192.0.2.1\nof udp:127.0.0.1:%d, in " % port in run.stdout, run)


def filters(port, folder, daemon):
    said = dig(port, "ads.peer.test")
    check("status: NXDOMAIN" in said and "Blocked" in said, said)
    check(short(port, "good.ads.peer.test") == ["192.0.2.67"])
    check(short(port, "nas.home.peer.test") == ["192.168.1.2"])
    said = dig(port, "inside.peer.test")
    check("ANSWER: 0" in said and "Filtered" in said, said)
    (folder / "list").write_text("other.peer.test\n")
    daemon.child.send_signal(signal.SIGHUP)
    for _ in range(100):
        if short(port, "ads.peer.test") == ["192.0.2.66"]:
            return
        time.sleep(0.05)
    sys.exit("the list was not read again")


def stale(port, behind):
    check(short(port, "short.peer.test") == ["192.0.2.2"])
    behind.stop()
    time.sleep(1.1)  # the TTL is a second, and a cache can only be waited for
    said = dig(port, "+timeout=10", "short.peer.test")
    check("192.0.2.2" in said and "Stale" in said, said)
    said = dig(port, "+timeout=15", "never.peer.test")
    check("status: SERVFAIL" in said, said)


def outsiders(folder, behind):
    port = free_port()
    daemon = Daemon([REED, "dns", *doors(port), "--allow", "192.0.2.0/24", "--forward",
                     f"udp:127.0.0.1:{behind}", "--state", str(folder / "o")], folder / "o.log")
    for _ in range(200):
        said = dig(port, "+tries=1", "+timeout=1", "www.peer.test")
        if "status:" in said:
            break
        time.sleep(0.05)
    check("status: REFUSED" in said and "flags: qr rd;" in said, said)
    daemon.stop()


def nothing_said(folder):
    """With no settings it is there, on port 53 or on another, and tells how to ask it."""
    daemon = Daemon([REED, "dns", "--state", str(folder / "n")], folder / "n.log")
    for _ in range(200):
        said = (folder / "n.log").read_text()
        if "reed dns --help" in said:
            break
        time.sleep(0.05)
    port = re.search(r"dig @127.0.0.1 -p (\d+) example.org A", said)
    check(port and ("resolv.conf" in said or "so it took udp:5335" in said), said)
    check(short(port.group(1), "localhost") == ["127.0.0.1"])
    daemon.stop()


def main():
    need("unbound", "dig", "kdig")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="reed-resolver-"))
    folder.chmod(0o755)
    (folder / "zone").write_text(ZONE)
    (folder / "list").write_text("||ads.peer.test^\n@@||good.ads.peer.test^\n")
    authority, between, port = free_port(), free_port(), free_port()
    first = Daemon([REED, "dns", "--zone", f"peer.test={folder}/zone", *doors(authority), "--state",
                    str(folder / "a")], folder / "a.log")
    wait_for(authority, "www.peer.test")
    second = middle(folder, between, authority)
    wait_for(between, "www.peer.test")
    third = Daemon([REED, "dns", *doors(port), "--forward", f"udp:127.0.0.1:{between}", "--block",
                    f"{folder}/list", "--local", "nas.home.peer.test A 192.168.1.2", "--state",
                    str(folder / "r")], folder / "r.log")
    wait_for(port, "www.peer.test")
    try:
        answers(port)
        refusals(port)
        resolve(port)
        trace(authority)
        filters(port, folder, third)
        outsiders(folder, between)
        stale(port, second)
        nothing_said(folder)
    finally:
        for daemon in (third, second, first):
            daemon.stop()
    print("ok")


if __name__ == "__main__":
    main()
