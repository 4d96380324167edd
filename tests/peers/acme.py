#!/usr/bin/env python3
"""Certificates from pebble, the test server of Let's Encrypt: over HTTP, over TLS, by DNS; and its refusals."""

import contextlib
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "apps", "reed"))
import tool
from tool import PATIENCE, folder, has, is_equal, main, server, write

tool.PROGRAM = [os.environ["REED"]]

# Ports that pebble looks at cannot be chosen by the system: each run has addresses of its own.
NUMBER = os.getpid() % 60000
HTTP, TLS, DNS, DIRECTORY, MANAGEMENT, CHALLENGES = 5002, 5001, 5053, 14000, 15000, 5055
BOUND_KEY = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"


# The checker of leaks traces the process, which a sandbox with programs in it forbids.
NO_TRACING = {"ASAN_OPTIONS": "detect_leaks=0"}


def _address(which):
    return f"127.{20 + which}.{NUMBER // 250}.{1 + NUMBER % 250}"


CA, CHAT, WEB, BOUND = range(4)


def _wait_for(address, process):
    until = time.monotonic() + PATIENCE
    while True:
        with contextlib.suppress(OSError), socket.create_connection(address, 1):
            return
        if process.poll() is not None or time.monotonic() > until:
            raise AssertionError(f"nobody listens at {address}")
        os.sched_yield()


@contextlib.contextmanager
def _peer(address, *command, **popen):
    program = shutil.which(command[0])
    if not program:
        raise AssertionError(f"{command[0]} is not installed")
    process = subprocess.Popen([program, *command[1:]], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, **popen)
    try:
        _wait_for(address, process)
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _tell(what, **values):
    """The name server of the tests, what names mean to pebble."""
    request = urllib.request.Request(f"http://{_address(CA)}:{CHALLENGES}/{what}",
                                     json.dumps(values).encode())
    urllib.request.urlopen(request, timeout=PATIENCE).read()


@contextlib.contextmanager
def _pebble(home, dns=None, **more):
    address = _address(CA)
    dns = dns or f"{address}:{DNS}"
    subprocess.run([os.environ["REED"], "cert", "new", address, "--out", f"{home}/ca.pem"],
                   check=True, capture_output=True, timeout=PATIENCE)
    settings = {"listenAddress": f"{address}:{DIRECTORY}", "certificate": f"{home}/ca.pem",
                "managementListenAddress": f"{address}:{MANAGEMENT}",
                "privateKey": f"{home}/ca.pem", "httpPort": HTTP, "tlsPort": TLS, **more}
    write(f"{home}/pebble.json", json.dumps({"pebble": settings}))
    env = {**os.environ, "PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "5",
           "PEBBLE_AUTHZREUSE": "0"}
    with _peer((address, CHALLENGES), "pebble-challtestsrv", "-dns01", f"{address}:{DNS}",
               "-http01", "", "-https01", "", "-tlsalpn01", "", "-defaultIPv6", "",
               "-management", f"{address}:{CHALLENGES}"), \
         _peer((address, DIRECTORY), "pebble", "-config", f"{home}/pebble.json", "-dnsserver",
               dns, env=env):
        yield


def _flags(home, name, which):
    here = f"interface={_address(which)}"
    _tell("add-a", host=name, addresses=[_address(which)])
    return ["--state", f"{home}/{name}", "--acme", name,
            "--acme-directory", f"https://{_address(CA)}:{DIRECTORY}/dir",
            "--acme-ca", f"{home}/ca.pem", "--acme-http", f"tcp:{HTTP}:{here}",
            "--acme-tls", f"tcp:{TLS}:{here}"]


def _root(home):
    """Whom pebble's certificates are vouched for by: it makes a new one each time."""
    context = ssl._create_unverified_context()
    url = f"https://{_address(CA)}:{MANAGEMENT}/"
    with open(f"{home}/root.pem", "wb") as file:
        for what in ("roots/0", "intermediates/0"):
            file.write(urllib.request.urlopen(url + what, timeout=PATIENCE,
                                              context=context).read())
    return f"{home}/root.pem"


def _is_served(home, address, name):
    context = ssl.create_default_context(cafile=_root(home))
    with socket.create_connection(address, PATIENCE) as plain, \
         context.wrap_socket(plain, server_hostname=name.replace("*", "any")) as secured:
        has(dict(secured.getpeercert()["subjectAltName"]).values(), name)


def _stops(daemon):
    code, rest = daemon.stop()
    assert code == 0, rest
    assert "ERROR: " not in rest and "runtime error" not in rest, rest


def _hook(home):
    """A program that an operator would have for the provider of a zone."""
    url = f"http://{_address(CA)}:{CHALLENGES}"
    path = write(f"{home}/hook", "#!/bin/sh\ncase $1 in\n"
                 f"show) curl -sf -d \"{{\\\"host\\\":\\\"$2.\\\",\\\"value\\\":\\\"$3\\\"}}\" {url}/set-txt ;;\n"
                 f"hide) curl -sf -d \"{{\\\"host\\\":\\\"$2.\\\"}}\" {url}/clear-txt ;;\nesac\n")
    os.chmod(path, 0o700)
    return path


def every_daemon_has_a_certificate_by_one_word():
    with folder() as home, _pebble(home):
        chat = ["chat", "--irc", f"tls:6697:interface={_address(CHAT)}",
                *_flags(home, "chat.example.org", CHAT)]
        web = ["web", "--path", home, f"--listen=tcp:{HTTP}:interface={_address(WEB)}",
               f"--listen=tls:{TLS}:interface={_address(WEB)}"]
        # nobody listens where pebble looks, but for the time it does; or both of its doors are
        # looked at: HTTP here, TLS below; or neither
        with server(*chat) as irc, server(*web, *_flags(home, "web.example.org", WEB)) as site, \
             server("acme", *_flags(home, "*.w.example.org", CA), "--acme-proof", "dns",
                    "--acme-program", _hook(home), env=NO_TRACING) as wild, \
             server("acme", *_flags(home, "nobody.example.org", CA), "--acme-proof", "http",
                    "--acme-http", f"tcp:5999:interface={_address(CA)}") as nobody:
            irc.record("a new certificate is served")
            _is_served(home, (_address(CHAT), 6697), "chat.example.org")
            site.record("a new certificate is served")
            _is_served(home, (_address(WEB), TLS), "web.example.org")
            wild.record("a new certificate is served")
            why = nobody.record("no certificate yet")["why"]
            has(why, "nobody.example.org, proven by http-01: ")
            has(why, "(connection)")

            # killed, and there again with what it had
            irc.signal(signal.SIGKILL)
            irc.wait()
            with server(*chat) as again:
                _is_served(home, (_address(CHAT), 6697), "chat.example.org")
                _stops(again)
                assert not any("asking for" in line for line in again.log.seen)
            for each in (site, wild, nobody):
                _stops(each)

        # the same site, with another name, is looked at over TLS by its own listener
        with server(*web, "--acme-proof", "tls", *_flags(home, "tls.example.org", WEB)) as site:
            site.record("a new certificate is served")
            _is_served(home, (_address(WEB), TLS), "tls.example.org")
            _stops(site)


def a_name_server_answers_for_itself():
    ours = _address(WEB)
    with folder() as home, _pebble(home, dns=f"{ours}:{DNS}"):
        zone = write(f"{home}/zone", "$TTL 60\n@ SOA ns1 admin 1 3600 600 86400 60\n@ NS ns1\n"
                     f"ns1 A {ours}\n")
        here = f"interface={ours}"
        suite = write(f"{home}/suite.yaml", json.dumps({
            "acme": {"names": ["*.d.example.org"], "proof": "dns", "ca": f"{home}/ca.pem",
                     "directory": f"https://{_address(CA)}:{DIRECTORY}/dir"},
            "dns": {"zone": {"d.example.org": zone},
                    "listen": [f"udp:{DNS}:{here}", f"tcp:{DNS}:{here}", f"tls:5853:{here}"]}}))
        with server("run", suite, "--state", f"{home}/state") as names:
            names.record("a new certificate is served")
            _is_served(home, (ours, 5853), "*.d.example.org")
            _stops(names)


def the_example_has_one_too():
    example = os.path.join(os.environ["REED_BUILD"], "examples", "secured")
    with folder() as home, _pebble(home):
        here = _address(CHAT)
        _tell("add-a", host="secured.example.org", addresses=[here])
        process = subprocess.Popen(
            [example, "secured.example.org", f"{home}/kept",
             f"tls:{TLS}:interface={here}:cert={home}/kept/certs",
             f"https://{_address(CA)}:{DIRECTORY}/dir", f"{home}/ca.pem"],
            stderr=subprocess.PIPE)
        try:
            tool.Lines(process.stderr).until("a new certificate is served")
            _is_served(home, (here, TLS), "secured.example.org")
            process.terminate()
            is_equal(process.wait(PATIENCE), 128 + signal.SIGTERM)
        finally:
            process.kill()
            process.wait(PATIENCE)


def an_account_may_have_to_be_bound_to_one_that_is_there():
    with folder() as home, _pebble(home, externalAccountBindingRequired=True,
                                   externalAccountMACKeys={"kid-1": BOUND_KEY}):
        with server("acme", *_flags(home, "a.example.org", BOUND)) as stranger:
            has(stranger.record("no certificate yet")["why"], "say its id and key")
            _stops(stranger)
        with server("acme", "--acme-account-id", "kid-1", *_flags(home, "a.example.org", BOUND),
                    env={"REED_ACME_ACME_ACCOUNT_KEY": BOUND_KEY}) as known:
            known.record("a new certificate is served")
            _stops(known)


main(globals())
