#!/usr/bin/env python3
"""Zones signed by docs/examples/dns_sign, looked at by ldns, BIND and Knot."""

import os
import pathlib
import subprocess
import sys
import tempfile

from screen import need

PROGRAM = os.path.join(os.environ["REED_BUILD"], "examples", "dns_sign")
ZONE = r"""$TTL 300
@ SOA ns1 admin 7 3600 600 86400 60
@ NS ns1
@ NS ns.other.example.
@ MX 10 mail
@ TXT "a text" "another"
ns1 A 192.0.2.53
ns1 AAAA 2001:db8::53
mail A 192.0.2.2
mail A 192.0.2.10
*.wild TXT "any"
a.b.c.ent A 192.0.2.3
Alias CNAME WWW
WWW A 192.0.2.4
sub NS ns.sub
ns.sub A 192.0.2.5
below.sub TXT "hidden"
insecure NS ns.other.example.
deep.x.insecure2 NS ns.other.example.
secure NS ns.other.example.
secure DS 4711 13 2 0102030405060708091011121314151617181920212223242526272829303132
dn DNAME other.example.
_sip._tcp SRV 1 2 5060 WWW
@ CAA 0 issue "ca.example"
h HTTPS 1 . alpn=h2
t TYPE65280 \# 2 ABCD
""" + "".join(f"host{i} A 10.0.0.{i}\n" for i in range(1, 201))


def passes(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          timeout=120, check=False)
    if done.returncode:
        sys.exit(f"not so: {command}\n{done.stdout}{done.stderr}")
    return done.stdout


def main():
    need("ldns-verify-zone", "dnssec-verify", "kzonecheck")
    with tempfile.TemporaryDirectory() as folder:
        plain, made = pathlib.Path(folder, "plain"), pathlib.Path(folder, "example.org")
        plain.write_text(ZONE)
        for words in ([], ["nsec3"], ["opt-out"], ["ed25519"], ["nsec3", "ed25519"]):
            text = passes(PROGRAM, "example.org", plain, *words)
            made.write_text(text)
            passes("ldns-verify-zone", made)
            passes("dnssec-verify", "-z", "-o", "example.org", made)
            passes("kzonecheck", "-d", "on", "-o", "example.org", made)
            spoilt = text.replace("10.0.0.77", "10.0.0.78")
            made.write_text(spoilt)
            if not subprocess.run(["ldns-verify-zone", made], capture_output=True,
                                  check=False).returncode:
                sys.exit("not so: what was changed is still taken")


main()
