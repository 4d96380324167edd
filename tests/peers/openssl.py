"""TLS with OpenSSL's own client and server: versions, verification, tickets, STARTTLS."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from ports import free_port
from screen import PATIENCE, Daemon, need

need("openssl")
folder = tempfile.mkdtemp()
examples = os.path.join(os.environ["REED_BUILD"], "examples")
running = []


def run(*command, stdin="", status=0):
    done = subprocess.run(command, cwd=folder, input=stdin, capture_output=True, text=True,
                          timeout=PATIENCE)
    if (done.returncode == 0) != (status == 0):
        fail(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def fail(text):
    for each in running:
        each.kill()
    sys.exit(text)


def expect(text, *patterns):
    for pattern in patterns:
        if not re.search(pattern, text):
            fail(f"no {pattern!r} in:\n{text}")


def start(*command, port):
    """Starts a server, and comes back when it listens."""
    running.append(subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE,
                                    stdout=subprocess.DEVNULL,
                                    stderr=subprocess.DEVNULL))
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            if time.monotonic() > deadline or running[-1].poll() is not None:
                fail(f"{command[0]} does not listen")


def cert(*words):
    run(os.environ["REED"], "cert", *words)


cert("ca", "Peers' CA")
cert("new", "server.example", "localhost", "--ca", "ca.pem", "--out", "ec.pem")
cert("new", "server.example", "localhost", "--ca", "ca.pem", "--out", "rsa.pem", "--key", "rsa")
cert("new", "walter.example", "--out", "walter.pem")
os.mkdir(os.path.join(folder, "certs"))
for name in ("ec.pem", "rsa.pem"):
    shutil.copy(os.path.join(folder, name), os.path.join(folder, "certs"))


# ---- our server, their client ----

port = free_port()
start(os.path.join(examples, "hello"),
      f"tls:{port}:interface=127.0.0.1:cert=certs:client=ask:alpn=greeting", port=port)


class Client:
    """openssl s_client, which says what it knows and then what it hears."""

    def __init__(self, *flags, to=None):
        self.process = subprocess.Popen(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{to or port}", "-CAfile", "ca.crt",
             "-verify_return_error", "-servername", "server.example", *flags],
            cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True)
        self.heard = ""

    def say(self, text):
        self.process.stdin.write(text)
        self.process.stdin.flush()

    def hear(self, pattern):
        for line in self.process.stdout:
            self.heard += line
            if re.search(pattern, line):
                return
        fail(f"never heard {pattern!r} in:\n{self.heard}")

    def end(self):
        self.process.stdin.close()
        self.heard += self.process.stdout.read()
        self.process.wait(timeout=PATIENCE)
        return self.heard


def talk(*flags):
    client = Client(*flags)
    client.say("are you there\n")
    client.hear("are you there")
    return client.end()


expect(talk("-tls1_3"), "Verification: OK", "TLSv1.3")
expect(talk("-tls1_2"), "Verification: OK", "TLSv1.2")
expect(talk("-alpn", "other,greeting"), "ALPN protocol: greeting")
expect(talk("-cert", "walter.pem"), "Verification: OK")
for kind in ("RSA", "ECDSA"):
    expect(talk("-tls1_2", "-cipher", f"ECDHE-{kind}-AES128-GCM-SHA256"), f"ECDHE-{kind}-AES128")
expect(talk("-tls1_2", "-sess_out", "ticket"), "New, TLSv1.2")
expect(talk("-tls1_2", "-sess_in", "ticket"), "Reused, TLSv1.2")
expect(talk("-tls1_3", "-sess_out", "ticket"), "New, TLSv1.3")
expect(talk("-tls1_3", "-sess_in", "ticket"), "Reused, TLSv1.3")
expect(Client("-tls1_1", "-cipher", "DEFAULT:@SECLEVEL=0").end(), "alert")
expect(Client("-alpn", "other").end(), "no application protocol")

# Much, both ways.
client = Client("-quiet", "-no_ign_eof")
much = "0123456789abcdef" * 20000
client.say(much + "\n")
client.hear(f"^{much}$")
client.end()

# STARTTLS.
port2 = free_port()
start(os.path.join(examples, "starttls"), f"tcp:{port2}:interface=127.0.0.1", "ec.pem", port=port2)
client = Client("-starttls", "smtp", "-crlf", to=port2)
client.say("NOOP\n")
client.hear("^250 between us: NOOP")
client.end()


# ---- their server, our client ----

def ask(*endpoint_and_lines, status=0):
    return run(os.path.join(examples, "ask"), *endpoint_and_lines, status=status)


def serve(*flags):
    at = free_port()
    start("openssl", "s_server", "-accept", f"127.0.0.1:{at}", "-rev", *flags, port=at)
    return at


at = serve("-cert", "rsa.pem")
expect(ask(f"tls:localhost:{at}:ca=ca.crt", "abc", "def"), "^cba\nfed\n$")
expect(ask(f"tls:localhost:{at}", "abc", status=1), "issued by Peers' CA, which is not known here")
expect(ask(f"tls:[tcp:127.0.0.1:{at}]:name=other.example:ca=ca.crt", "abc", status=1),
       "the certificate is for server.example, localhost, not for other.example")
at = serve("-cert", "ec.pem", "-tls1_2")
expect(ask(f"tls:localhost:{at}:ca=ca.crt", "abc"), "^cba\n$")
at = serve("-cert", "ec.pem", "-Verify", "1", "-CAfile", "walter.pem", "-verify_return_error")
expect(ask(f"tls:localhost:{at}:ca=ca.crt:cert=walter.pem", "abc"), "^cba\n$")
expect(ask(f"tls:localhost:{at}:ca=ca.crt", "abc", status=1),
       "localhost ended TLS: it wants a certificate of ours")
at = serve("-cert", "ec.pem", "-alpn", "greeting")
expect(ask(f"tls:localhost:{at}:ca=ca.crt:alpn=greeting", "abc"), "^cba\n$")
expect(ask(f"tls:localhost:{at}:ca=ca.crt:alpn=other", "abc", status=1),
       "it speaks none of the protocols offered")
at = serve("-cert", "walter.pem")
pin = re.search("pin +([0-9a-f]{64})", run(os.environ["REED"], "cert", "show", "walter.pem"))
expect(ask(f"tls:localhost:{at}:pin={pin.group(1)}", "abc"), "^cba\n$")
expect(ask(f"tls:localhost:{at}:pin={'0' * 64}", "abc", status=1), "another than the one pinned")
expect(ask(f"tls:localhost:{at}:dane=3 1 1 {pin.group(1)}", "abc"), "^cba\n$")
expect(ask(f"tls:localhost:{at}:dane=3 1 1 {'0' * 64}", "abc", status=1), "none of the TLSA records")

# OCSP: openssl is the responder, and staples what it has written.
def respond(name, status):
    """A response that says so of ec.pem, as its CA has it in its index."""
    serial = run("openssl", "x509", "-in", "ec.pem", "-noout", "-serial").split("=")[1].strip()
    revoked = "260101000000Z" if status == "R" else ""
    with open(os.path.join(folder, "index.txt"), "w") as index:
        index.write(f"{status}\t491231235959Z\t{revoked}\t{serial}\tunknown\t/CN=server.example\n")
    run("openssl", "ocsp", "-index", "index.txt", "-CA", "ca.crt", "-rsigner", "ca.crt",
        "-rkey", "ca.pem", "-issuer", "ca.crt", "-cert", "ec.pem", "-respout", name,
        "-ndays", "1")


respond("good.ocsp", "V")
respond("revoked.ocsp", "R")
at = serve("-cert", "ec.pem", "-status_file", "good.ocsp")
for how in ("check", "required"):
    expect(ask(f"tls:localhost:{at}:ca=ca.crt:staple={how}", "abc"), "^cba\n$")
at = serve("-cert", "ec.pem", "-status_file", "revoked.ocsp")
expect(ask(f"tls:localhost:{at}:ca=ca.crt:staple=check", "abc", status=1),
       "the certificate of server.example was revoked on 2026-01-01")
expect(ask(f"tls:localhost:{at}:ca=ca.crt", "abc"), "^cba\n$")
at = serve("-cert", "ec.pem")
expect(ask(f"tls:localhost:{at}:ca=ca.crt:staple=check", "abc"), "^cba\n$")
expect(ask(f"tls:localhost:{at}:ca=ca.crt:staple=required", "abc", status=1),
       "server.example shows no OCSP response")
expect(ask(f"tls:localhost:{at}:staple=yes", "abc", status=1), "check or required must stand here")

# ---- a daemon that is told of a renewal ----

shutil.copy(os.path.join(folder, "ec.pem"), os.path.join(folder, "chat.pem"))
daemon = Daemon("--irc", f"tls:PORT:interface=127.0.0.1:cert={folder}/chat.pem")


def shown():
    done = subprocess.run([os.environ["REED"], "cert", "show", f"tls:localhost:{daemon.port}"],
                          capture_output=True, text=True, timeout=PATIENCE)
    return re.search("fingerprint +([0-9a-f]{64})", done.stdout).group(1)


before = shown()
with open(os.path.join(folder, "chat.pem"), "w") as file:
    file.write("half of a renewal\n")
daemon.process.send_signal(signal.SIGHUP)
daemon.until("were not taken.*chat.pem holds no certificate")
if shown() != before:
    fail("a bad certificate was taken")
shutil.copy(os.path.join(folder, "rsa.pem"), os.path.join(folder, "chat.pem"))
daemon.process.send_signal(signal.SIGHUP)
daemon.until("certificates were read anew")
if shown() == before:
    fail("the new certificate was not taken")
daemon.stop()

for each in running:
    each.terminate()
    each.wait()
shutil.rmtree(folder)
print("ok")
