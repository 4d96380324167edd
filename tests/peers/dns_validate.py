#!/usr/bin/env python3
"""Zones that BIND and ldns have signed, in all ways we know, judged by our validator."""

import os
import pathlib
import subprocess
import sys
import tempfile

from screen import need

PROGRAM = os.path.join(os.environ["REED_BUILD"], "tests", "dns.validate")
ZONE = """$TTL 300
@ SOA ns1 admin 7 3600 600 86400 60
@ NS ns1
ns1 A 192.0.2.53
*.wild TXT "any"
a.b.c.ent A 192.0.2.3
Alias CNAME WWW
WWW A 192.0.2.4
sub NS ns.sub
ns.sub A 192.0.2.5
secure NS ns1
secure DS 4711 13 2 0102030405060708091011121314151617181920212223242526272829303132
"""


def run(folder, *command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          timeout=120, check=False, cwd=folder)
    if done.returncode:
        sys.exit(f"not so: {command}\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


def bind(folder, algorithm, denial):
    size = ["-b", "2048"] if algorithm.startswith("RSA") else []
    keys = [run(folder, "dnssec-keygen", "-q", "-a", algorithm, *size, *flags, "example.org")
            for flags in ([], ["-f", "KSK"])]
    text = ZONE + "".join(pathlib.Path(folder, key + ".key").read_text() for key in keys)
    pathlib.Path(folder, "zone").write_text(text)
    run(folder, "dnssec-signzone", "-q", *denial, "-o", "example.org", "-f", "signed", "zone")


def ldns(folder, algorithm, denial):
    size = ["-b", "2048"] if algorithm.startswith("RSA") else []
    keys = [run(folder, "ldns-keygen", "-a", algorithm, *size, *flags, "example.org")
            for flags in ([], ["-k"])]
    pathlib.Path(folder, "zone").write_text(ZONE)
    run(folder, "ldns-signzone", *denial, "-o", "example.org", "-f", "signed", "zone", *keys)


def main():
    need("dnssec-keygen", "dnssec-signzone", "ldns-keygen", "ldns-signzone")
    for algorithm in ("RSASHA256", "RSASHA512", "ECDSAP256SHA256", "ECDSAP384SHA384", "ED25519"):
        for denial in ([], ["-3", "abcd"], ["-3", "-", "-A"]):
            with tempfile.TemporaryDirectory() as folder:
                bind(folder, algorithm, denial)
                run(folder, PROGRAM, "example.org", "signed")
        for denial in ([], ["-n", "-t", "5", "-s", "abcd"], ["-n", "-p"]):
            with tempfile.TemporaryDirectory() as folder:
                ldns(folder, algorithm, denial)
                run(folder, PROGRAM, "example.org", "signed")


main()
