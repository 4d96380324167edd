#!/usr/bin/env python3
"""reed dns from outside: what it tells of itself: the page, the log of queries, metrics, records published."""

import http.client
import os
import socket
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "reed"))
import tool
from tool import PATIENCE, folder, has, has_not, is_equal, main, run, server, write

tool.PROGRAM = [os.environ["REED"]]

ANY = "interface=127.0.0.1"
ZONE = "$TTL 60\n@ SOA ns1 admin 1 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.53\n"
TYPES = {"A": 1, "TXT": 16, "MX": 15}


def _settings(state, every=1):
    write(state + "/zone", ZONE)
    write(state + "/dns.yaml",
          f"listen: [\"tcp:0:{ANY}\"]\npage: [\"tcp:0:{ANY}\"]\nlog-queries: {every}\n"
          f"zone: {{zone.test: {state}/zone, \"a<b.test\": {state}/zone}}\n")
    return state + "/dns.yaml"


def _serve(state, every=1):
    return server("dns", "-c", _settings(state, every), "--state", state + "/s", ready=False)


def _ports(s):
    """Of the questions, and of the page."""
    ports = [int(s.record("listening")["address"].rpartition(":")[2]) for _ in range(2)]
    s.record("ready")
    return ports


def _ask(port, name, kind):
    query = struct.pack(">6H", 7, 0, 1, 0, 0, 0)
    for label in name.split("."):
        query += bytes([len(label)]) + label.encode()
    query += struct.pack(">BHH", 0, TYPES[kind], 1)
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as s:
        s.sendall(struct.pack(">H", len(query)) + query)
        answer = s.makefile("rb")
        return answer.read(struct.unpack(">H", answer.read(2))[0])


def _get(port, path, method="GET"):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request(method, path)
    response = connection.getresponse()
    body = response.read().decode()
    connection.close()
    return response.status, response.headers, body


def a_page_shows_what_is_asked():
    with folder() as state:
        with _serve(state) as s:
            port, page = _ports(s)
            for i in range(3):
                _ask(port, f"nx{i}.zone.test", "MX")
            _ask(port, "ns1.a<b.test", "A")
            status, fields, body = _get(page, "/")
            is_equal(status, 200)
            is_equal(fields["Refresh"], "2")
            has(fields["Content-Security-Policy"], "default-src 'none'")
            has(body, "<p>4 queries, ")
            has(body, "<td>MX</td><td>3</td><td>75.0 %</td>")
            has(body, "<td>NXDOMAIN</td><td>3</td>")
            has(body, "<td>zone.test.</td><td>3</td>")
            has(body, "a&lt;b.test. serial 1, from its file")
            has_not(body, "a<b")
            is_equal(_get(page, "/", "POST")[0], 405)
            is_equal(_get(page, "/other")[0], 404)
            has(_get(page, "/")[2], "points=\"")


def queries_are_logged_as_records():
    with folder() as state:
        with _serve(state) as s:
            port, _ = _ports(s)
            _ask(port, "x\"y.zone.test", "TXT")
            record = s.record("query")
            is_equal(record["name"], "x\\\"y.zone.test.")
            is_equal((record["type"], record["rcode"], record["transport"]),
                     ("TXT", "NXDOMAIN", "tcp"))
            has(record["client"], "127.0.0.1:")


def one_query_of_so_many_is_logged():
    with folder() as state:
        with _serve(state, 3) as s:
            port, _ = _ports(s)
            for i in range(1, 7):
                _ask(port, f"q{i}.zone.test", "A")
            is_equal([s.record("query")["name"] for _ in range(2)],
                     ["q3.zone.test.", "q6.zone.test."])


def metrics_tell_zones_and_types():
    with folder() as state:
        with _serve(state) as s:
            port, _ = _ports(s)
            _ask(port, "zone.test", "A")
            _ask(port, "other.test", "A")
            said = run("ctl", "--state", state + "/s", "/metrics").stdout
            has(said, "reed_dns_type_queries_total{type=\"A\"} 2")
            has(said, "reed_dns_zone_queries_total{zone=\"zone.test.\"} 1")


def a_record_is_published_from_outside_and_withdrawn():
    with folder() as state:
        with _serve(state) as s:
            port, _ = _ports(s)
            ctl = ("ctl", "--state", state + "/s")
            run(*ctl, "publish", "_acme-challenge.zone.test", "60", "TXT", "token")
            has(str(_ask(port, "_acme-challenge.zone.test", "TXT")), "token")
            run(*ctl, "withdraw", "_acme-challenge.zone.test", "TXT", "token")
            has_not(str(_ask(port, "_acme-challenge.zone.test", "TXT")), "token")
            said = run(*ctl, "publish", "x.elsewhere.test", "A", "192.0.2.1")
            has(said.stdout + said.stderr, "no zone here has the name")


main(globals())
