"""Name servers of others and ours, in one folder, for tests that have several of them."""

import contextlib
import os
import signal
import subprocess
import sys
import time

REED = os.environ["REED"]
SECRET = "c2VjcmV0IG9mIHR3bywgYW5kIG9mIHRoZW0gYWxvbmU="
KEY = f"hmac-sha256:xfr.test:{SECRET}"
WRONG = "hmac-sha256:xfr.test:d3JvbmcgYXMgaXQgY2FuIGJl"


def check(condition, *what):
    if not condition:
        sys.exit("\n".join(["not so:"] + [str(w) for w in what]))


def run(*command, text=None):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          timeout=60, check=False, input=text)
    return done.stdout + done.stderr


def dig(port, *words):
    return run("dig", "@127.0.0.1", "-p", port, "+norec", "+tries=1", "+time=5", *words)


def serial(port, zone, *words):
    answer = run("dig", "@127.0.0.1", "-p", port, "+norec", "+short", "+tries=1", "+time=5", *words,
                 zone, "SOA").split()
    return int(answer[2]) if len(answer) == 7 else None


def wait_for(port, zone, wanted, what):
    for _ in range(150):
        if serial(port, zone) == wanted:
            return
        time.sleep(0.2)
    sys.exit(f"{what}: {zone} has serial {serial(port, zone)} and not {wanted}")


def axfr(port, zone, *words):
    lines = dig(port, "-y", KEY, "+nocmd", "+nostats", *words, zone, "AXFR").splitlines()
    return sorted(" ".join(line.split()).lower() for line in lines
                  if line and not line.startswith(";") and "TSIG" not in line)


def knot_from(port):
    """How Knot knows ours as its primary."""
    return (f"remote:\n  - id: reed\n    address: 127.0.0.1@{port}\n    key: xfr.test\n"
            "acl:\n  - id: reed\n    key: xfr.test\n    action: [notify, transfer]\n")


class Peers:
    """All processes, in one folder."""

    def __init__(self, folder):
        self.folder, self.running = folder, {}
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost", "-addext",
                        "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", folder / "tls.key",
                        "-out", folder / "tls.crt"], check=True, capture_output=True)
        (folder / "tls.pem").write_text((folder / "tls.crt").read_text()
                                        + (folder / "tls.key").read_text())

    def start(self, name, *command):
        log = open(self.folder / f"{name}.log", "a", encoding="utf-8")
        self.running[name] = subprocess.Popen([str(word) for word in command], stdout=log,
                                              stderr=log, cwd=self.folder)

    def home(self, name):
        home = self.folder / name
        home.mkdir(exist_ok=True)
        return home

    def knot(self, name, port, zones):
        home = self.home(name)
        (self.folder / f"{name}.conf").write_text(
            f"server:\n  rundir: {home}\n  listen: 127.0.0.1@{port}\n"
            f"database:\n  storage: {home}\nlog:\n  - target: stderr\n    any: info\n"
            f"key:\n  - id: xfr.test\n    algorithm: hmac-sha256\n    secret: {SECRET}\n"
            + zones.replace("HOME", str(home)))
        self.start(name, "knotd", "-c", self.folder / f"{name}.conf")

    def nsd(self, name, port, zones):
        home = self.home(name)
        (self.folder / f"{name}.conf").write_text(
            f"server:\n  ip-address: 127.0.0.1@{port}\n  username: \"\"\n  zonesdir: \"{home}\"\n"
            f"  pidfile: \"{home}/pid\"\n  xfrdfile: \"{home}/xfrd\"\n  database: \"\"\n"
            f"  xfrdir: \"{home}\"\n  zonelistfile: \"{home}/zones\"\n  verbosity: 1\n"
            "remote-control:\n  control-enable: no\n"
            f"key:\n  name: xfr.test\n  algorithm: hmac-sha256\n  secret: \"{SECRET}\"\n" + zones)
        self.start(name, "nsd", "-d", "-c", self.folder / f"{name}.conf")

    def bind(self, name, port, tls_port, zones, options=""):
        home = self.home(name)
        (self.folder / f"{name}.conf").write_text(
            f"tls here {{ cert-file \"{self.folder}/tls.crt\"; key-file \"{self.folder}/tls.key\"; }};\n"
            f"options {{ directory \"{home}\"; pid-file \"{home}/pid\"; recursion no;\n"
            f"  session-keyfile \"{home}/session\"; dnssec-validation no;\n"
            f"  listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }};\n"
            f"  listen-on port {tls_port} tls here {{ 127.0.0.1; }};\n{options} }};\n"
            "controls { };\n"
            f"key xfr.test {{ algorithm hmac-sha256; secret \"{SECRET}\"; }};\n" + zones)
        self.start(name, "named", "-g", "-c", self.folder / f"{name}.conf")

    def command(self, name):
        return REED, "dns", "-c", self.folder / f"{name}.yaml", "--state", self.home(name)

    def reed(self, name, port, tls_port, text, start=True):
        config = self.folder / f"{name}.yaml"
        config.write_text(
            f"listen: [\"udp:{port}:interface=127.0.0.1\", \"tcp:{port}:interface=127.0.0.1\","
            f" \"tls:{tls_port}:interface=127.0.0.1:cert={self.folder}/tls.pem:alpn=dot\"]\n"
            f"key:\n  - {{id: xfr.test, secret: {{file: {self.folder}/secret}}}}\n"
            f"  - {{id: other.test, algorithm: hmac-sha512, secret: {SECRET}}}\n" + text)
        (self.folder / "secret").write_text(SECRET + "\n")
        said = run(*self.command(name), "--check")
        check(said == "" or "warning" in said, said)
        if start:
            self.start(name, *self.command(name))

    def ctl(self, name, *words):
        return run(REED, "ctl", "--state", self.folder / name, *words)

    def stop(self, name, signo=signal.SIGTERM):
        process = self.running.pop(name)
        process.send_signal(signo)
        return process.wait(30)

    def stop_all(self):
        for process in self.running.values():
            process.terminate()
        return {name: process.wait(30) for name, process in self.running.items()}

    def wait_log(self, name, text):
        path = self.folder / f"{name}.log"
        for _ in range(150):
            if path.exists() and text in path.read_text():
                return
            time.sleep(0.1)
        sys.exit(f"{path} does not say {text}:\n" + path.read_text())

    def end(self):
        """All go, those of ours well, and none has told the secret."""
        for name, code in self.stop_all().items():
            check(code == 0 or not name.startswith("reed"), name, code,
                  (self.folder / f"{name}.log").read_text()[-3000:])
        for each in self.folder.glob("reed*.log"):
            check(SECRET not in each.read_text(), each, "tells the secret")

    @contextlib.contextmanager
    def told(self):
        """What they said is shown when the test fails."""
        try:
            yield
        except BaseException:
            for each in sorted(self.folder.glob("*.log")):
                print(f"---- {each.name}", each.read_text()[-2500:], sep="\n")
            raise
        finally:
            self.stop_all()
