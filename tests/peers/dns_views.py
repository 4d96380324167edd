#!/usr/bin/env python3
"""Views of `reed dns`: who asks, by address, by key and by door, gets zones, lists and upstreams of
his own; dig asks. A reload changes them."""

import os
import pathlib
import signal
import subprocess
import tempfile
import time

from dns_daemons import Daemon, dig, doors, short
from dns_peers import check
from ports import free_port
from screen import need

REED = os.environ["REED"]
ZONE = "$TTL 300\n@ SOA ns admin 1 3600 600 86400 60\n@ NS ns\nns A 192.0.2.53\nwww A {}\nads A {}\n"
KEY = "hmac-sha256:inside:c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"
SETTINGS = """listen: ["udp:{port}:interface=127.0.0.1", "tcp:{port}:interface=127.0.0.1"]
key: [{{id: inside, secret: c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0}}]
resolver: on
dnssec: off
forward: ["udp:127.0.0.1:{world}"]
zone: {{own.test: {folder}/outside}}
views:
  - id: children
    client: [127.0.0.2]
    block: [{folder}/list]
  - id: inside
    key: [inside]
    zone: {{own.test: {folder}/inside}}
  - id: lab
    listen: ["udp:{lab}:interface=127.0.0.1"]
    zone: {{own.test: {folder}/lab}}
    forward: ["udp:127.0.0.1:{other}"]
    local: [nas.lab A 192.168.1.2]
"""


def wait_for(port, *words, wanted):
    for _ in range(200):
        if short(port, "+tries=1", "+timeout=1", *words) == wanted:
            return
        time.sleep(0.05)
    check(False, port, words, dig(port, *words))


def write(folder, name, address):
    (folder / name).write_text(ZONE.format(address, address))
    return f"world.test={folder}/{name}"


def main():
    need("dig")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="reed-views-"))
    (folder / "list").write_text("ads.world.test\n")
    for name, address in (("outside", "192.0.2.1"), ("inside", "192.0.2.2"), ("lab", "192.0.2.3")):
        write(folder, name, address)
    port, lab, world, other = [free_port() for _ in range(4)]
    upstreams = [Daemon([REED, "dns", "--zone", write(folder, name, address), *doors(at), "--state",
                         folder / f"s{name}"], folder / f"{name}.log")
                 for name, address, at in (("w", "192.0.2.8", world), ("o", "192.0.2.9", other))]
    config = folder / "dns.yaml"
    config.write_text(SETTINGS.format(port=port, lab=lab, world=world, other=other, folder=folder))
    daemon = Daemon([REED, "dns", "-c", config, "--state", folder / "s"], folder / "log")
    try:
        wait_for(world, "www.world.test", wanted=["192.0.2.8"])
        wait_for(other, "www.world.test", wanted=["192.0.2.9"])
        wait_for(port, "www.own.test", wanted=["192.0.2.1"])
        wait_for(lab, "www.own.test", wanted=["192.0.2.3"])  # opened last
        signed = ["-y", KEY]
        check(short(port, *signed, "www.own.test") == ["192.0.2.2"])
        check(short(port, *signed, "+tcp", "www.own.test") == ["192.0.2.2"])
        check(short(port, "ads.world.test") == ["192.0.2.8"])
        check(short(port, "-b", "127.0.0.2", "www.world.test") == ["192.0.2.8"])
        said = dig(port, "-b", "127.0.0.2", "ads.world.test")
        check("status: NXDOMAIN" in said and "Blocked" in said, said)
        # what is outside of a view is not in it
        said = dig(port, "-b", "127.0.0.2", "www.own.test")
        check("status: NXDOMAIN" in said or "status: SERVFAIL" in said, said)
        check(short(lab, "www.world.test") == ["192.0.2.9"])
        check(short(lab, "nas.lab") == ["192.168.1.2"] and not short(port, "nas.lab"))
        config.write_text(config.read_text().replace("127.0.0.2", "127.0.0.1"))
        daemon.child.send_signal(signal.SIGHUP)
        wait_for(port, "ads.world.test", wanted=[])
        check(short(port, "-b", "127.0.0.2", "ads.world.test") == ["192.0.2.8"])
        config.write_text(config.read_text().replace("key: [inside]", "key: [nobody]"))
        done = subprocess.run([REED, "dns", "-c", config, "--check"], capture_output=True, text=True,
                              timeout=30)
        check(done.returncode and "nobody" in done.stdout + done.stderr, done)
    finally:
        for each in (daemon, *upstreams):
            each.stop()
    print("ok")


if __name__ == "__main__":
    main()
