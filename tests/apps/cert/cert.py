"""reed cert: what it makes, what it refuses, and what openssl says to that."""

import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile

if not shutil.which("openssl"):
    sys.exit("openssl is not installed: ./dev setup --tests")
folder = tempfile.mkdtemp()


def run(*command):
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)


def cert(*words, status=0):
    done = run(os.environ["REED"], "cert", *words)
    if done.returncode != status:
        sys.exit(f"reed cert {' '.join(words)}: {done.returncode}, not {status}:\n"
                 f"{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def expect(text, *patterns):
    for pattern in patterns:
        if not re.search(pattern, text):
            sys.exit(f"no {pattern!r} in:\n{text}")


def mode(name):
    return stat.S_IMODE(os.stat(os.path.join(folder, name)).st_mode)


def openssl(*words):
    done = run("openssl", *words)
    if done.returncode != 0:
        sys.exit(f"openssl {' '.join(words)}:\n{done.stdout}{done.stderr}")
    return done.stdout


# A CA, and a server's certificate by it.
expect(cert("ca", "House CA"), "ca.pem written", "CN=House CA, a CA")
assert mode("ca.pem") == 0o600 and mode("ca.crt") == 0o644
expect(cert("new", "chat.example", "*.chat.example", "192.0.2.1", "--ca", "ca.pem", "--days", "90"),
       "for          chat.example, \\*.chat.example, 192.0.2.1", "90 days left",
       "issued by    CN=House CA")
assert mode("chat.example.pem") == 0o600
openssl("verify", "-x509_strict", "-CAfile", "ca.crt", "-purpose", "sslserver",
        "-verify_hostname", "x.chat.example", "chat.example.pem")
openssl("verify", "-x509_strict", "-CAfile", "ca.crt", "-purpose", "sslclient",
        "chat.example.pem")
expect(openssl("x509", "-in", "ca.crt", "-noout", "-text"), "CA:TRUE, pathlen:0")

# Keys of every kind, signed by themselves.
for kind, words in (("ecdsa", "ECDSA P-256"), ("ecdsa-384", "ECDSA P-384"), ("rsa", "RSA 3072"),
                    ("ed25519", "Ed25519")):
    expect(cert("new", "a.example", "--key", kind, "--out", f"{kind}.pem"), f"key          {words}")
    openssl("verify", "-CAfile", f"{kind}.pem", "-verify_hostname", "a.example", f"{kind}.pem")

# Requests: ours signed by ours, ours read by openssl, one of openssl's signed by ours.
cert("request", "b.example")
assert mode("b.example.key") == 0o600
openssl("req", "-in", "b.example.csr", "-noout", "-verify")
cert("sign", "b.example.csr", "--ca", "ca.pem")
openssl("verify", "-CAfile", "ca.crt", "-verify_hostname", "b.example", "b.example.crt")
openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", "c.key", "-subj", "/CN=c",
        "-addext", "subjectAltName=DNS:c.example", "-addext", "basicConstraints=CA:TRUE",
        "-out", "c.csr")
expect(cert("sign", "c.csr", "--ca", "ca.pem"), "for          c.example")
expect(openssl("x509", "-in", "c.crt", "-noout", "-text"), "CA:FALSE")

# What is looked at, and what is wrong with it.
expect(cert("show", "chat.example.pem", "ca.crt"), "CN=chat.example\n", "CN=House CA, a CA\n")
run("sh", "-c", "cat b.example.crt c.key > mixed.pem")
expect(cert("show", "mixed.pem", status=1), "WRONG        the private key does not belong to it")
expect(cert("show", "nowhere.pem", status=1), "there is no file nowhere.pem")
expect(cert("show", "b.example.csr", status=1),
       "b.example.csr is a request, and no certificate yet; `reed cert sign b.example.csr --ca ca.pem`")
expect(cert("show", "b.example.key", status=1), "b.example.key is a private key without a certificate")

# What is refused, with a sentence.
expect(cert("new", "chat.example", status=1), "chat.example.pem exists already")
expect(cert("new", "not a name", status=1), "is neither a host name")
expect(cert("sign", "c.csr", "--ca", "b.example.crt", "--out", "x", status=1),
       "holds no private key")
expect(cert("sign", "c.csr", "--ca", "chat.example.pem", "--out", "x", status=1),
       "is not a CA's: it may not sign others")
expect(cert("new", status=2), "new wants a name")
expect(cert("new", "d.example", "--key", "dsa", status=2), "--key: \"dsa\" is none of")
expect(cert("new", "d.example", "--days", "0", status=2), "--days: 0 is too little")
expect(cert("new", "d.example", "--colour", "red", status=2), "--colour: no such flag")
expect(cert("sell", status=2), 'there is no "sell"')
expect(cert("sigm", status=2), 'there is no "sigm"; did you mean sign\\?')
expect(cert(status=2), "^Usage: reed cert new NAME... \\[FLAG]...\n       reed cert ca ")
expect(cert("--help"), "^Usage: reed cert new", "\n  request  What a CA wants to see",
       "--key KIND|--key ecdsa")

shutil.rmtree(folder)
print("ok")
