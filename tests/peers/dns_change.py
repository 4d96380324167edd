#!/usr/bin/env python3
"""`reed dns` as primary and as secondary of Knot, NSD and BIND; updates by nsupdate and knsupdate.

With keys, over TCP and TLS; what is refused; what is there after kill -9; `reed ctl zone`.
"""

import os
import pathlib
import signal
import tempfile

from dns_peers import KEY, SECRET, WRONG, Peers, axfr, check, dig, knot_from, run, serial, wait_for
from ports import free_port
from screen import need

NEEDED = ["knotd", "nsd", "named", "dig", "kdig", "nsupdate", "knsupdate", "openssl"]
ZONE = """$TTL 300
@ SOA ns1 admin 1 4 2 600 60
@ NS ns1
ns1 A 192.0.2.53
www A 192.0.2.1
""" + "".join(f"host{i} A 10.0.0.{i}\n" for i in range(1, 201))


# ---- reed as the primary ----

def start_primary(p, ports):
    (p.folder / "zone").write_text(ZONE)
    (p.folder / "dyn").write_text(ZONE)
    remotes = "".join(f"  - {{id: {name}, address: \"udp:127.0.0.1:{ports[name]}\", key: xfr.test}}\n"
                      for name in ("knot2", "nsd2", "bind2", "reed2"))
    p.reed("reed", ports["reed"], ports["reed-tls"],
           "remote:\n" + remotes +
           "acl:\n"
           "  - {id: xfr, address: [127.0.0.1], key: [xfr.test], action: [transfer]}\n"
           "  - {id: never, key: [xfr.test], action: [update], deny: true,"
           " update-owner: [ns1.dyn.test], update-owner-match: equal}\n"
           "  - {id: all, key: [xfr.test], action: [update]}\n"
           "  - {id: some, key: [other.test], action: [update], update-type: [TXT],"
           " update-owner: [acme.dyn.test], update-owner-match: sub-or-equal}\n"
           "zones:\n"
           f"  - {{domain: zone.test, file: {p.folder}/zone, journal: true, acl: [xfr],"
           " secondary: [knot2, nsd2, bind2, reed2]}\n"
           f"  - {{domain: dyn.test, file: {p.folder}/dyn, sync: 1h, acl: [xfr, never, all, some],"
           " secondary: [knot2, nsd2, bind2, reed2]}\n")
    wait_for(ports["reed"], "dyn.test", 1, "reed")


def start_secondaries(p, ports):
    port = ports["reed"]
    p.knot("knot2", ports["knot2"],
           knot_from(port) +
           "template:\n  - id: default\n    storage: HOME\n    master: reed\n    acl: reed\n"
           "zone:\n  - domain: zone.test\n  - domain: dyn.test\n")
    p.nsd("nsd2", ports["nsd2"], "".join(
        f"zone:\n  name: {zone}\n  zonefile: {zone}\n  allow-notify: 127.0.0.1 xfr.test\n"
        f"  request-xfr: 127.0.0.1@{port} xfr.test\n  provide-xfr: 127.0.0.1 xfr.test\n"
        for zone in ("zone.test", "dyn.test")))
    p.bind("bind2", ports["bind2"], ports["bind2-tls"], "".join(
        f"zone {zone} {{ type secondary; file \"{zone}\"; masterfile-format text;\n"
        f"  primaries {{ 127.0.0.1 port {where} key xfr.test{tls}; }};\n"
        "  allow-notify { key xfr.test; }; allow-transfer { key xfr.test; }; };\n"
        for zone, where, tls in (("zone.test", port, ""),
                                 ("dyn.test", ports["reed-tls"], " tls ephemeral"))))
    p.reed("reed2", ports["reed2"], ports["reed2-tls"],
           "remote:\n"
           f"  - {{id: dead, address: \"tcp:127.0.0.1:{ports['dead']}\"}}\n"
           f"  - {{id: up, address: \"tls:127.0.0.1:{ports['reed-tls']}:ca={p.folder}/tls.crt:"
           "alpn=dot\", key: xfr.test}\n"
           "acl:\n  - {id: up, key: [xfr.test], action: [notify, transfer]}\n"
           "zones:\n" + "".join(f"  - {{domain: {zone}, primary: [dead, up], acl: [up]}}\n"
                                for zone in ("zone.test", "dyn.test")))
    for name in ("knot2", "nsd2", "bind2", "reed2"):
        for zone in ("zone.test", "dyn.test"):
            wait_for(ports[name], zone, 1, name)


def try_signatures(port):
    check("Transfer failed" in dig(port, "zone.test", "AXFR"))  # nobody without a key
    check("BADSIG" in dig(port, "-y", WRONG, "zone.test", "SOA"))
    check("BADKEY" in dig(port, "-y", KEY.replace("xfr.test", "nobody.test"), "zone.test", "SOA"))
    check("Transfer failed" in dig(port, "-y", f"hmac-sha512:other.test:{SECRET}", "zone.test",
                                   "AXFR"))
    check("BADTRUNC" in dig(port, "-y", KEY.replace("sha256", "sha256-128"), "zone.test", "SOA"))
    check("BADTIME" in dig(port, "+fuzztime=1000000000", "-y", KEY, "zone.test", "SOA"))
    for tool in ("dig", "kdig"):
        said = run(tool, "@127.0.0.1", "-p", port, "-y", KEY, "www.zone.test", "A")
        check("192.0.2.1" in said and "TSIG" in said and "ailed" not in said, said)
        said = run(tool, "@127.0.0.1", "-p", port, "-y", KEY, "zone.test", "AXFR")
        check("host200.zone.test" in said and "ailed" not in said, said)
    said = run("kdig", "@127.0.0.1", "-p", port, "-y", f"hmac-sha512:other.test:{SECRET}",
               "zone.test", "SOA")
    check("TSIG" in said and "ailed" not in said, said)


def same_everywhere(p, ports, zone, wanted):
    for name in ("knot2", "nsd2", "bind2", "reed2"):
        wait_for(ports[name], zone, wanted, name)
    ours = axfr(ports["reed"], zone)
    check(len(ours) > 3, ours)
    for name in ("knot2", "nsd2", "bind2", "reed2"):
        theirs = axfr(ports[name], zone)
        check(ours == theirs, name, set(ours) ^ set(theirs))


def update(port, *lines, tool="nsupdate", key=KEY, zone="dyn.test"):
    return run(tool, "-y", key, text="\n".join(
        [f"server 127.0.0.1 {port}", f"zone {zone}", *lines, "send", "answer", ""]))


def try_updates(p, ports):
    port = ports["reed"]
    said = update(port, "update add new.dyn.test 60 A 192.0.2.7",
                  "update delete host1.dyn.test")
    check("NOERROR" in said, said)
    check("192.0.2.7" in dig(port, "+short", "new.dyn.test", "A"))
    check(serial(port, "dyn.test") == 2)
    said = update(port, "update add knot.dyn.test 60 TXT \"a b\"", tool="knsupdate")
    check('"a b"' in dig(port, "+short", "knot.dyn.test", "TXT"), said)
    check("YXDOMAIN" in update(port, "prereq nxdomain new.dyn.test",
                               "update add x.dyn.test 60 A 192.0.2.8"))
    check("NXRRSET" in update(port, "prereq yxrrset new.dyn.test A 192.0.2.9",
                              "update add x.dyn.test 60 A 192.0.2.8"))
    check("NOERROR" in update(port, "prereq yxrrset new.dyn.test A 192.0.2.7",
                              "update add x.dyn.test 60 A 192.0.2.8"))
    check("REFUSED" in update(port, "update add ns1.dyn.test 60 A 192.0.2.8"))
    check("REFUSED" in update(port, "update add x.dyn.test 60 A 192.0.2.8",
                              key=f"hmac-sha512:other.test:{SECRET}"))
    check("NOERROR" in update(port, "update add x.acme.dyn.test 60 TXT token",
                              key=f"hmac-sha512:other.test:{SECRET}"))
    check("NOTZONE" in update(port, "update add x.zone.test 60 A 192.0.2.8"))
    check("NOTAUTH" in update(port, "update add a.none.test 60 A 192.0.2.8", zone="none.test"))
    check("REFUSED" in update(port, "update add a.zone.test 60 A 192.0.2.8", zone="zone.test"))
    check("ignored" not in update(port, "update add new.dyn.test 60 CNAME www.dyn.test"))
    check("192.0.2.7" in dig(port, "+short", "new.dyn.test", "A"))  # an alias beside it is not
    check(serial(port, "dyn.test") == 5, serial(port, "dyn.test"))
    same_everywhere(p, ports, "dyn.test", 5)
    ixfr = dig(port, "-y", KEY, "+nocmd", "dyn.test", "IXFR=4")
    check("x.acme" in ixfr and "host100" not in ixfr, ixfr)


def try_crash(p, ports):
    """What was answered is there after kill -9, also with a torn end of the journal."""
    port = ports["reed"]
    check("NOERROR" in update(port, "update add kept.dyn.test 60 A 192.0.2.66"))
    p.stop("reed", signal.SIGKILL)
    with open(p.folder / "reed" / "dyn.test.journal", "ab") as file:
        file.write(b"\x01\x02\x03 torn")
    p.start("reed", *p.command("reed"))
    wait_for(port, "dyn.test", 6, "reed after kill -9")
    p.wait_log("reed", "torn")
    check("192.0.2.66" in dig(port, "+short", "kept.dyn.test", "A"))
    check("kept" not in (p.folder / "dyn").read_text())
    same_everywhere(p, ports, "dyn.test", 6)


def try_control(p, ports):
    port = ports["reed"]
    said = p.ctl("reed", "zone", "status")
    check("dyn.test. serial 6, primary, file has serial 1" in said, said)
    check("frozen" in p.ctl("reed", "zone", "freeze", "dyn.test"))
    check("kept.dyn.test." in (p.folder / "dyn").read_text())
    check("SERVFAIL" in update(port, "update add no.dyn.test 60 A 192.0.2.8"))
    text = (p.folder / "dyn").read_text()
    (p.folder / "dyn").write_text(text + "hand.dyn.test. 60 IN A 192.0.2.77\n")
    said = p.ctl("reed", "zone", "thaw", "dyn.test")
    check("its serial 6 is not above 6" in said, said)
    (p.folder / "dyn").write_text(text.replace(" 6 4 2 ", " 7 4 2 ")
                                  + "hand.dyn.test. 60 IN A 192.0.2.77\n")
    said = p.ctl("reed", "zone", "thaw", "dyn.test")
    check("serial 7" in said and "frozen" not in said, said)
    same_everywhere(p, ports, "dyn.test", 7)
    p.ctl("reed", "publish", "_acme-challenge.dyn.test", "60", "TXT", "token")
    same_everywhere(p, ports, "dyn.test", 8)
    check("token" in dig(ports["nsd2"], "+short", "_acme-challenge.dyn.test", "TXT"))
    p.ctl("reed", "withdraw", "_acme-challenge.dyn.test", "TXT", "token")
    same_everywhere(p, ports, "dyn.test", 9)
    check("a record is as" in p.ctl("reed", "publish", "dyn.test", "NOTYPE"))
    (p.folder / "zone").write_text(ZONE.replace(" 1 4 2 ", " 2 4 2 ") + "more A 192.0.2.9\n")
    check("serial 2" in p.ctl("reed", "zone", "reload", "zone.test"))
    same_everywhere(p, ports, "zone.test", 2)
    ixfr = dig(port, "-y", KEY, "+nocmd", "zone.test", "IXFR=1")
    check("more.zone.test" in ixfr and "host100" not in ixfr, ixfr)
    check("secondary" in p.ctl("reed2", "zone", "retransfer", "dyn.test"))
    check("for a secondary" in p.ctl("reed", "zone", "refresh", "dyn.test"))
    check("no zone" in p.ctl("reed", "zone", "reload", "nope.test"))
    check("write zone" in p.ctl("reed", "zone", "dance"))
    check("no zone dyn.test x" in p.ctl("reed", "zone", "reload", "dyn.test x"))
    check("zone ACTION" in p.ctl("reed", "help"))
    check("reed_dns_updates_done" in p.ctl("reed", "/metrics"))
    # secondaries have them on disk
    p.stop("reed")
    p.stop("reed2", signal.SIGKILL)
    p.start("reed2", *p.command("reed2"))
    wait_for(ports["reed2"], "dyn.test", 9, "a secondary without its primary")


# ---- reed as the secondary ----

def try_secondary(p, ports):
    for name in ("knot1", "nsd1", "bind1"):
        p.home(name)
        (p.folder / name / "zone.test").write_text(ZONE)
    p.knot("knot1", ports["knot1"],
           f"remote:\n  - id: reed\n    address: 127.0.0.1@{ports['reed3']}\n    key: xfr.test\n"
           "acl:\n  - id: all\n    key: xfr.test\n    action: [transfer, update]\n"
           "zone:\n  - domain: zone.test\n    storage: HOME\n    file: zone.test\n"
           "    notify: reed\n    acl: all\n    zonefile-sync: -1\n    zonefile-load: difference\n")
    p.nsd("nsd1", ports["nsd1"],
          "zone:\n  name: zone.test\n  zonefile: zone.test\n  provide-xfr: 127.0.0.1 xfr.test\n"
          f"  notify: 127.0.0.1@{ports['reed4']} xfr.test\n")
    p.bind("bind1", ports["bind1"], ports["bind1-tls"],
           "zone zone.test { type primary; file \"zone.test\"; allow-transfer { key xfr.test; };\n"
           f"  allow-update {{ key xfr.test; }}; notify explicit;\n"
           f"  also-notify {{ 127.0.0.1 port {ports['reed5']} key xfr.test; }}; }};\n")
    for name, up in (("reed3", f"tcp:127.0.0.1:{ports['knot1']}"),
                     ("reed4", f"tcp:127.0.0.1:{ports['nsd1']}"),
                     ("reed5", f"tls:127.0.0.1:{ports['bind1-tls']}:ca={p.folder}/tls.crt:alpn=dot")):
        p.reed(name, ports[name], ports[name + "-tls"],
               f"remote:\n  - {{id: up, address: \"{up}\", key: xfr.test}}\n"
               "acl:\n  - {id: up, key: [xfr.test], action: [notify, transfer]}\n"
               "zones:\n  - {domain: zone.test, primary: [up], acl: [up]}\n")
    for name in ("reed3", "reed4", "reed5"):
        wait_for(ports[name], "zone.test", 1, name)
    for ours, theirs in (("reed3", "knot1"), ("reed5", "bind1")):
        said = update(ports[theirs], "update add new.zone.test 60 A 192.0.2.7",
                      "update delete www.zone.test", zone="zone.test")
        check("NOERROR" in said, theirs, said)
        wanted = serial(ports[theirs], "zone.test")
        wait_for(ports[ours], "zone.test", wanted, f"{ours} behind {theirs}")
        check(axfr(ports[ours], "zone.test") == axfr(ports[theirs], "zone.test"), ours)
        check("1 changes" in p.ctl(ours, "zone", "status"), p.ctl(ours, "zone", "status"))
    (p.folder / "nsd1" / "zone.test").write_text(ZONE.replace(" 1 4 2 ", " 9 4 2 "))
    p.running["nsd1"].send_signal(signal.SIGHUP)
    wait_for(ports["reed4"], "zone.test", 9, "reed4 behind nsd1")
    check(axfr(ports["reed4"], "zone.test") == axfr(ports["nsd1"], "zone.test"))


def main():
    os.environ["PATH"] += ":/usr/sbin"
    need(*NEEDED)
    names = [n + e for n in ("reed", "knot2", "nsd2", "bind2", "reed2", "dead", "knot1", "nsd1", "bind1",
                             "reed3", "reed4", "reed5") for e in ("", "-tls")]
    with tempfile.TemporaryDirectory() as name:
        ports = {name: free_port() for name in names}
        p = Peers(pathlib.Path(name))
        with p.told():
            start_primary(p, ports)
            start_secondaries(p, ports)
            try_signatures(ports["reed"])
            try_updates(p, ports)
            try_crash(p, ports)
            try_control(p, ports)
            try_secondary(p, ports)
            p.end()


main()
