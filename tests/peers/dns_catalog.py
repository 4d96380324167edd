#!/usr/bin/env python3
"""Catalog zones (RFC 9432): `reed dns` lists zones for Knot, BIND and itself, and serves what Knot
lists; members come and go while all of them run."""

import os
import pathlib
import signal
import tempfile
import time

from dns_peers import KEY, Peers, axfr, check, dig, knot_from, run, serial, wait_for
from ports import free_port
from screen import need

ZONE = "$TTL 300\n@ SOA ns1 admin 1 4 2 600 60\n@ NS ns1\nns1 A 192.0.2.53\n"
ACL = "acl:\n  - {id: xfr, key: [xfr.test], action: [transfer, notify]}\n"


def settings(p, ports, members):
    """Of the one that makes the list."""
    told = "".join(f"  - {{id: {name}, address: \"udp:127.0.0.1:{ports[name]}\", key: xfr.test}}\n"
                   for name in ("knot2", "bind2", "reed2"))
    zones = "".join(f"  - {{domain: {name}, file: {p.folder}/zone, acl: [xfr], catalog-zone: Cat.test,"
                    " secondary: [knot2, bind2, reed2]}\n" for name in members)
    return (f"remote:\n{told}{ACL}zones:\n"
            "  - {domain: cat.test, catalog-role: generate, acl: [xfr],"
            f" secondary: [knot2, bind2, reed2]}}\n{zones}")


def interpret(port):
    return (f"remote:\n  - {{id: up, address: \"tcp:127.0.0.1:{port}\", key: xfr.test}}\n{ACL}zones:\n"
            "  - {domain: cat.test, catalog-role: interpret, primary: [up], acl: [xfr]}\n")


def wait_gone(port, zone):
    for _ in range(150):
        if "status: REFUSED" in dig(port, zone, "SOA"):
            return
        time.sleep(0.1)
    check(False, f"{zone} is served still", dig(port, zone, "SOA"))


def start_consumers(p, ports):
    up = ports["reed"]
    p.knot("knot2", ports["knot2"],
           knot_from(up) +
           "template:\n  - id: member\n    storage: HOME\n    master: reed\n    acl: reed\n"
           "zone:\n  - domain: cat.test\n    storage: HOME\n    master: reed\n    acl: reed\n"
           "    catalog-role: interpret\n    catalog-template: member\n")
    p.bind("bind2", ports["bind2"], ports["bind2-tls"],
           "zone cat.test { type secondary; file \"cat.test\";\n"
           f"  primaries {{ 127.0.0.1 port {up} key xfr.test; }};\n"
           "  allow-notify { key xfr.test; }; };\n",
           "catalog-zones { zone \"cat.test\" default-primaries"
           f" {{ 127.0.0.1 port {up} key xfr.test; }} in-memory no min-update-interval 1; }};\n"
           "allow-notify { key xfr.test; };\n")
    p.reed("reed2", ports["reed2"], ports["reed2-tls"], interpret(up))


def try_made(p, ports):
    """Listed by us, served by all."""
    (p.folder / "zone").write_text(ZONE)
    p.reed("reed", ports["reed"], ports["reed-tls"], settings(p, ports, ["a.test", "b.test"]))
    wait_for(ports["reed"], "a.test", 1, "reed")
    start_consumers(p, ports)
    for name in ("knot2", "bind2", "reed2"):
        for zone in ("a.test", "b.test"):
            wait_for(ports[name], zone, 1, name)
    before = serial(ports["reed"], "cat.test", "-y", KEY)
    check(before > 1700000000, before)
    check("REFUSED" in dig(ports["reed"], "cat.test", "SOA"))  # who may not have it may not look
    check("REFUSED" in dig(ports["reed"], "version.cat.test", "TXT"))
    p.reed("reed", ports["reed"], ports["reed-tls"], settings(p, ports, ["b.test", "c.test"]),
           start=False)
    said = p.ctl("reed", "reload")
    for name in ("knot2", "bind2", "reed2"):
        wait_for(ports[name], "c.test", 1, f"{name}: {said}")
        wait_gone(ports[name], "a.test")
        check(serial(ports[name], "b.test") == 1)
    after = serial(ports["reed"], "cat.test", "-y", KEY)
    check(after > before, before, after)
    check(len(axfr(ports["reed"], "cat.test")) == 5 + 1, axfr(ports["reed"], "cat.test"))
    ixfr = dig(ports["reed"], "-y", KEY, "+nocmd", "cat.test", f"IXFR={before}")
    check("a.test" in ixfr and "c.test" in ixfr and "b.test" not in ixfr, ixfr)


def try_kept(p, ports):
    """Members are there without their primary, also after a restart; the list is not made anew."""
    made = serial(ports["reed"], "cat.test", "-y", KEY)
    home = p.folder / "reed2"
    check(not list(home.glob("a.test*")), list(home.iterdir()))
    check(list(home.glob("c.test.zone")), list(home.iterdir()))
    check("c.test. serial 1, secondary" in p.ctl("reed2", "zone", "status"))
    check("c.test. serial 1" in p.ctl("reed2", "zone", "retransfer", "c.test"))
    p.stop("reed")
    p.stop("reed2", signal.SIGKILL)
    p.start("reed2", *p.command("reed2"))
    wait_for(ports["reed2"], "b.test", 1, "reed2 without its primary")
    wait_for(ports["reed2"], "c.test", 1, "reed2 without its primary")
    p.start("reed", *p.command("reed"))
    wait_for(ports["reed"], "c.test", 1, "reed")
    check(serial(ports["reed"], "cat.test", "-y", KEY) == made)


def list_of_knot(members, serial_):
    return (f"@ 0 SOA invalid. invalid. {serial_} 1 1 1000 0\n@ 0 NS invalid.\nversion 0 TXT \"2\"\n"
            + "".join(f"{label}.zones 0 PTR {name}.\n" for label, name in members))


def try_read(p, ports):
    """Listed by Knot, by hand: what is broken changes nothing, another label begins anew."""
    home = p.home("knot1")
    (home / "zone").write_text(ZONE)
    (home / "cat").write_text(list_of_knot([("l1", "one.test"), ("l2", "own.test")], 1))
    zones = "".join(f"  - domain: {name}\n    storage: HOME\n    file: zone\n    acl: all\n"
                    "    zonefile-sync: -1\n" for name in ("one.test", "two.test"))
    p.knot("knot1", ports["knot1"],
           f"remote:\n  - id: reed\n    address: 127.0.0.1@{ports['reed3']}\n    key: xfr.test\n"
           "acl:\n  - id: all\n    key: xfr.test\n    action: transfer\n"
           "zone:\n  - domain: cat.test\n    storage: HOME\n    file: cat\n    notify: reed\n    acl: all\n"
           "    zonefile-sync: -1\n" + zones)
    wait_for(ports["knot1"], "one.test", 1, "knot1")
    (p.folder / "own").write_text(ZONE.replace(" 1 4 2", " 7 4 2"))
    p.reed("reed3", ports["reed3"], ports["reed3-tls"], interpret(ports["knot1"]) +
           f"  - {{domain: own.test, file: {p.folder}/own}}\n")
    wait_for(ports["reed3"], "one.test", 1, "reed3")

    def now(members, version, broken=False):
        text = list_of_knot(members, version)
        (home / "cat").write_text(text.replace("\"2\"", "\"3\"") if broken else text)
        p.running["knot1"].send_signal(signal.SIGHUP)
        wait_for_key(ports["reed3"], "cat.test", version)

    now([("l1", "one.test"), ("l3", "two.test")], 2)
    wait_for(ports["reed3"], "two.test", 1, "reed3")
    now([("l3", "two.test")], 3, broken=True)
    p.wait_log("reed3", "catalog is not used")
    check(serial(ports["reed3"], "one.test") == 1)
    now([("l9", "two.test")], 4)
    wait_gone(ports["reed3"], "one.test")
    wait_for(ports["reed3"], "two.test", 1, "reed3")
    check(serial(ports["reed3"], "own.test") == 7)  # the settings' own stays the settings'
    p.wait_log("reed3", "zone of a catalog is served already")
    try_read_amid_reload(p, ports, lambda: now([("l1", "one.test"), ("l9", "two.test")], 5))
    p.reed("reed3", ports["reed3"], ports["reed3-tls"],
           f"zones:\n  - {{domain: own.test, file: {p.folder}/own}}\n", start=False)
    p.ctl("reed3", "reload")  # the list is gone, and so is what it listed
    wait_gone(ports["reed3"], "two.test")
    check(serial(ports["reed3"], "own.test") == 7)


def try_read_amid_reload(p, ports, change):
    """A list of our own takes its time on disk; one that has another place in the settings is read."""
    slow = p.home("reed3") / "made.test.zone"
    os.mkfifo(slow)
    p.reed("reed3", ports["reed3"], ports["reed3-tls"],
           interpret(ports["knot1"]).replace("zones:\n", "zones:\n"
                                             f"  - {{domain: own.test, file: {p.folder}/own}}\n"
                                             "  - {domain: made.test, catalog-role: generate}\n"),
           start=False)
    p.ctl("reed3", "reload")
    change()
    wait_for(ports["reed3"], "one.test", 1, "reed3 amid a reload")
    os.close(os.open(slow, os.O_WRONLY))  # waits for its reader, who may be late
    p.wait_log("reed3", '"zone":"made.test."')


def wait_for_key(port, zone, wanted):
    for _ in range(150):
        if serial(port, zone, "-y", KEY) == wanted:
            return
        time.sleep(0.1)
    check(False, zone, dig(port, "-y", KEY, zone, "SOA"))


def try_wrong(p, ports):
    """What settings say that is wrong is told."""
    for zones, why in (
            ("{domain: a.test, file: zone, catalog-zone: cat.test}", "there is no zone cat.test with"),
            ("{domain: cat.test, catalog-role: generate, file: zone}", "made of what others say"),
            ("{domain: cat.test, catalog-role: interpret, file: zone}", "has no primary"),
            ("{domain: cat.test, catalog-role: member}", "interpret")):
        path = p.folder / "wrong.yaml"
        path.write_text(f"listen: [\"udp:{ports['reed']}\"]\nzones:\n  - {zones}\n")
        said = run(*p.command("wrong"), "--check")
        check(why in said, why, said)


def main():
    os.environ["PATH"] += ":/usr/sbin"
    need("knotd", "named", "dig", "openssl")
    with tempfile.TemporaryDirectory() as name:
        p = Peers(pathlib.Path(name))
        ports = {name + end: free_port() for name in ("reed", "reed2", "reed3", "knot1", "knot2", "bind2")
                 for end in ("", "-tls")}
        with p.told():
            try_wrong(p, ports)
            try_made(p, ports)
            try_kept(p, ports)
            try_read(p, ports)
            p.end()


main()
