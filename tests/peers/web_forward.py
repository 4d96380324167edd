#!/usr/bin/env python3
"""reed web as a forward proxy: curl goes through it, to HTTP and to HTTPS, or is told why not."""

import contextlib
import json
import os
import socket
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "apps", "reed"))
import tool
from tool import PATIENCE, folder, is_equal, main, refuses, run, server, write

tool.PROGRAM = [os.environ["REED"]]

ANY = "tcp:0:interface=127.0.0.1"
TLS = "tls:0:interface=127.0.0.1"
HERE = "['127.0.0.0/8:*']"


def _curl(proxy, url, *args):
    """Its status and body; that of CONNECT when the proxy refused."""
    command = ["curl", "-s", "-k", "--proxy-insecure", "-m", str(PATIENCE), "-x", proxy, "--noproxy",
               "", "-w", "\n%{http_connect} %{http_code}", *args, url]
    done = subprocess.run(command, capture_output=True, timeout=2 * PATIENCE, check=False)
    body, _, status = done.stdout.rpartition(b"\n")
    connect, code = status.decode().split()
    return connect if code == "000" else code, body


@contextlib.contextmanager
def _web(state, name, text):
    """The URLs of its two doors."""
    file = write(f"{state}/{name}.yaml",
                 f"state: {state}/{name}\nlisten: ['{ANY}', '{TLS}']\n{text}")
    with server("web", "-c", file, ready=False) as s:
        s.file = file
        doors = [s.record("listening") for _ in range(2)]
        ports = {door["endpoint"][:3]: door["address"].rpartition(":")[2] for door in doors}
        s.record("ready")
        yield s, f"http://127.0.0.1:{ports['tcp']}", f"https://127.0.0.1:{ports['tls']}"


@contextlib.contextmanager
def _both(text):
    with folder() as state:
        os.mkdir(state + "/www")
        write(state + "/www/page", "here I am\n")
        with _web(state, "site", f"path: {state}/www\n") as (_, http, https), \
                _web(state, "proxy", f"access: {{ file: {state}/access, format: json }}\n"
                                     f"auth: [memory:alice:wonderland]\n{text}") as (s, way, tls):
            s.access = state + "/access"
            yield s, way, tls, http + "/page", https + "/page"


def pages_come_through_it_with_and_without_tls():
    with _both(f"forward: {{ allow: {HERE} }}\n") as (s, way, tls, http, https):
        for proxy in way, tls:
            is_equal(_curl(proxy, http), ("200", b"here I am\n"))
            is_equal(_curl(proxy, https), ("200", b"here I am\n"))
            is_equal(_curl(proxy, http, "--proxytunnel"), ("200", b"here I am\n"))
            is_equal(_curl(proxy, http, "-X", "POST", "-d", "x")[0], "405")
        s.stop()
        with open(s.access, encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
        is_equal(len(lines), 8)
        is_equal((lines[0]["method"], lines[0]["status"], lines[0]["bytes"]), ("GET", 200, 10))
        ways = [line for line in lines if "https://" + line["target"] + "/page" == https]
        is_equal([(line["method"], line["status"]) for line in ways], [("CONNECT", 200)] * 2)
        is_equal(ways[0]["bytes"] > 1000, True)  # a handshake at least


def without_a_word_about_it_there_is_none():
    with _both("") as (_, way, _, http, https):
        is_equal(_curl(way, http)[0], "404")
        is_equal(_curl(way, https)[0], "400")


def a_star_does_not_lead_inside():
    with _both("forward: { allow: ['*:*'] }\n") as (_, way, _, http, https):
        is_equal(_curl(way, http), ("403", b"403 Forbidden: this proxy does not go there\n"))
        is_equal(_curl(way, https)[0], "403")
        is_equal(_curl(way, https.replace("127.0.0.1", "localhost"))[0], "403")


def an_account_is_asked_for():
    text = f"forward: {{ allow: {HERE}, auth: yes, clients: '0.0.0.0/0' }}\n"
    with _both(text) as (s, way, tls, http, https):
        for url in http, https:
            is_equal(_curl(way, url)[0], "407")
            is_equal(_curl(way, url, "-U", "alice:guess")[0], "407")
            is_equal(_curl(way, url, "-U", "alice:wonderland"), ("200", b"here I am\n"))
            is_equal(_curl(tls, url, "-U", "alice:wonderland"), ("200", b"here I am\n"))


def rules_are_changed_by_a_reload():
    with _both("forward: { allow: ['example.org'] }\n") as (s, way, _, http, _):
        is_equal(_curl(way, http)[0], "403")
        with open(s.file, encoding="utf-8") as file:
            text = file.read()
        write(s.file, text.replace("['example.org']", HERE))
        state = os.path.splitext(s.file)[0]
        is_equal(run("ctl", "--state", state, "reload").returncode, 0)
        is_equal(_curl(way, http)[0], "200")


def an_open_proxy_is_refused_before_the_start():
    refuses("web", *((f"forward: {{ {line} }}", wrong) for line, wrong in (
        ("allow: ['*'], clients: '0.0.0.0/0'", "open proxy"),
        ("allow: ['*'], clients: '127.0.0.0/8, ::/0'", "open proxy"),
        ("allow: ['*'], clients: everybody", "everybody"),
        ("allow: ['http://a']", "is no rule"),
        ("allow: ['a:0']", "is no rule"),
        ("auth: yes", "nothing is allowed"))))


if __name__ == "__main__":
    main(globals())
