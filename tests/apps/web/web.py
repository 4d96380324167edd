#!/usr/bin/env python3
"""reed web from outside: sites, redirects, accounts, reload, and what is wrong with its settings."""

import base64
import contextlib
import gzip
import hashlib
import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "reed"))
import tool
from ports import free_port
from tool import PATIENCE, folder, has, has_not, is_equal, main, refuses, run, server, write

tool.PROGRAM = [os.environ["REED"]]

ANY = "tcp:0:interface=127.0.0.1"


class _Answer:
    def __init__(self, response):
        self.status = response.status
        self.fields = response.headers
        self.body = response.read()


def _get(s, path, host="localhost", method="GET", port=None, **fields):
    """One request; with a port over TLS, whose certificate nobody knows."""
    if port:
        trusting = ssl.create_default_context()
        trusting.check_hostname = False
        trusting.verify_mode = ssl.CERT_NONE
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=PATIENCE,
                                                 context=trusting)
    else:
        connection = http.client.HTTPConnection(*s.address, timeout=PATIENCE)
    connection.request(method, path, headers={"Host": host, **fields})
    answer = _Answer(connection.getresponse())
    connection.close()
    return answer


def _site(state):
    os.makedirs(state + "/www/sub")
    os.makedirs(state + "/other")
    write(state + "/www/index.html", "<h1>hello</h1>\n")
    write(state + "/www/sub/a <b>.txt", "text\n")
    write(state + "/www/big", "x" * 300000)
    write(state + "/other/index.html", "other\n")
    return state + "/www"


def a_folder_is_served():
    with folder() as state:
        path = _site(state)
        with server("web", "--listen", ANY, "--path", path, "--state", state + "/s") as s:
            answer = _get(s, "/")
            is_equal((answer.status, answer.body), (200, b"<h1>hello</h1>\n"))
            is_equal(answer.fields["X-Content-Type-Options"], "nosniff")
            is_equal(answer.fields["X-Frame-Options"], "SAMEORIGIN")
            is_equal(answer.fields["Cache-Control"], "no-cache")
            is_equal(_get(s, "/", **{"If-None-Match": answer.fields["ETag"]}).status, 304)
            is_equal(_get(s, "/big").body, b"x" * 300000)
            is_equal(_get(s, "/big", Range="bytes=299990-").body, b"x" * 10)
            is_equal(len(_get(s, "/big", Range="bytes=0-9,20-29").body.split(b"\r\n--")), 4)
            is_equal(_get(s, "/sub/").status, 403)
            is_equal(_get(s, "/sub").status, 308)
            is_equal(_get(s, "/../../etc/passwd").status, 404)
            is_equal(_get(s, "/", method="POST").status, 405)
            is_equal(_get(s, "*", method="OPTIONS").status, 204)
            has(_get(s, "localhost:80", method="CONNECT").body.decode(), "is no proxy")


def text_is_compressed_where_that_is_wished():
    with folder() as state:
        path = _site(state)
        write(path + "/long.txt", "a line of text\n" * 20000)
        with server("web", "--listen", ANY, "--path", path, "--compress", "--state",
                    state + "/s") as s:
            answer = _get(s, "/long.txt", **{"Accept-Encoding": "gzip"})
            is_equal(gzip.decompress(answer.body), b"a line of text\n" * 20000)
            again = _get(s, "/long.txt", **{"If-None-Match": answer.fields["ETag"]})
            is_equal(again.status, 304)
            answer = _get(s, "/long.txt", **{"Accept-Encoding": "gzip", "Range": "bytes=0-5"})
            is_equal((answer.status, answer.body), (206, b"a line"))


def errors_are_pages_for_browsers_and_text_for_others():
    with folder() as state, server("web", "--listen", ANY, "--path", _site(state), "--state",
                                   state + "/s") as s:
        is_equal(_get(s, "/nothing").body, b"404 Not Found\n")
        page = _get(s, "/nothing", Accept="text/html,*/*;q=0.8")
        is_equal((page.status, page.fields["Content-Type"]), (404, "text/html; charset=utf-8"))
        has(page.body.decode(), "There is nothing at this address")


def a_folder_is_shown_where_that_is_wished():
    with folder() as state, server("web", "--listen", ANY, "--path", _site(state), "--listing",
                                   "--state", state + "/s") as s:
        page = _get(s, "/sub/")
        is_equal(page.status, 200)
        has(page.body.decode(), '<a href="./a%20%3Cb%3E.txt">a &lt;b&gt;.txt</a>')
        has(page.fields["Content-Security-Policy"], "default-src 'none'")


def without_a_folder_there_is_a_welcome():
    with folder() as state, server("web", "--listen", ANY, "--state", state + "/s") as s:
        page = _get(s, "/")
        is_equal(page.status, 200)
        has(page.body.decode(), "It works.")
        is_equal(_get(s, "/else").status, 404)


def _settings(state, more=""):
    path = _site(state)
    return write(state + "/web.yaml", f"""\
state: {state}/s
listen: ['{ANY}', 'tls:0:interface=127.0.0.1']
auth: [memory:alice:wonderland]
path: {path}
hosts:
  - names: [other.example, '*.other.example']
    path: other
    cache: 5m
    headers: {{ X-Frame-Options: '', X-Own: 'yes' }}
    redirects: {{ /old/*: /new/*, /away: 'https://example.net/x' }}
    rewrites: {{ /also: /index.html, /big/*: /index.html }}
    routes:
      - at: /part/
        path: www
        cache: 1h
      - at: /part/locked/
        path: other
        auth: yes
  - names: [safe.example]
    path: other
    https: yes
    onion: http://abc.onion
{more}""")


def hosts_have_folders_and_fields_of_their_own():
    with folder() as state, server("web", "-c", _settings(state)) as s:
        is_equal(_get(s, "/", host="unknown").body, b"<h1>hello</h1>\n")
        for host in ("other.example", "OTHER.example:80", "www.other.example"):
            is_equal(_get(s, "/", host=host).body, b"other\n")
        answer = _get(s, "/", host="other.example")
        is_equal(answer.fields["X-Frame-Options"], None)
        is_equal(answer.fields["X-Own"], "yes")
        is_equal(answer.fields["Cache-Control"], "max-age=300")
        part = _get(s, "/part/index.html", host="other.example")
        is_equal((part.body, part.fields["Cache-Control"]), (b"<h1>hello</h1>\n", "max-age=3600"))


def what_has_moved_is_told_and_what_is_rewritten_is_not():
    with folder() as state, server("web", "-c", _settings(state)) as s:
        for path, to in (("/old/a%20b?q=1", "/new/a%20b?q=1"), ("/old/", "/new/"),
                         ("/away", "https://example.net/x")):
            answer = _get(s, path, host="other.example")
            is_equal((answer.status, answer.fields["Location"]), (308, to))
        is_equal(_get(s, "/also", host="other.example").body, b"other\n")
        is_equal(_get(s, "/big/a/b", host="other.example").body, b"other\n")
        is_equal(_get(s, "/old", host="other.example").status, 404)


def a_redirect_leads_to_no_host_of_a_stranger():
    with folder() as state:
        file = write(state + "/w.yaml", f"state: {state}/s\nlisten: ['{ANY}']\n"
                                        "redirects: { /x*: /* }\n")
        with server("web", "-c", file) as s:
            is_equal(_get(s, "/x/evil.example").fields["Location"], "/evil.example")


def who_comes_without_tls_is_sent_to_it():
    with folder() as state, server("web", "-c", _settings(state), ready=False) as s:
        tls = None
        while True:
            record = s.record("listening")
            if record["endpoint"].startswith("tls:"):
                tls = int(record["address"].rpartition(":")[2])
                break
        s.record("ready")
        answer = _get(s, "/a?b", host="safe.example")
        is_equal((answer.status, answer.fields["Location"]),
                 (308, "https://safe.example:0/a?b"))
        is_equal(answer.fields["Strict-Transport-Security"], None)
        answer = _get(s, "/", host="safe.example", port=tls)
        is_equal((answer.status, answer.body), (200, b"other\n"))
        has(answer.fields["Strict-Transport-Security"], "max-age=")
        is_equal(answer.fields["Onion-Location"], "http://abc.onion/")


def accounts_are_asked_for_and_remembered():
    with folder() as state, server("web", "-c", _settings(state)) as s:
        answer = _get(s, "/part/locked/", host="other.example")
        is_equal(answer.status, 401)
        has(answer.fields["WWW-Authenticate"], "Basic realm=")
        for password, status in (("wonderland", 200), ("other", 401), ("wonderland", 200)):
            word = base64.b64encode(b"alice:" + password.encode()).decode()
            answer = _get(s, "/part/locked/", host="other.example", Authorization="Basic " + word)
            is_equal(answer.status, status)
        is_equal(answer.fields["Cache-Control"], "private, max-age=300")


def _curl(s, *args):
    """curl's statuses and bodies, and the heads of its requests and of the answers."""
    done = subprocess.run(["curl", "-sv", "-m", str(PATIENCE), "--digest", *args,
                           "http://%s:%d/" % s.address], capture_output=True, text=True, check=True)
    return done.stdout, done.stderr


def _with_digest(state, kind, accounts, name="house"):
    write(state + "/accounts", accounts)
    os.chmod(state + "/accounts", 0o600)
    return write(state + "/web.yaml", f"""\
state: {state}/s
name: {name}
listen: ['{ANY}']
auth: ['{kind}:{state}/accounts']
path: {_site(state)}
protect: yes
digest: yes
""")


def a_password_is_proved_to_be_known_by_digest():
    with folder() as state:
        file = _with_digest(state, "secrets", "alice:wonderland\n")
        with server("web", "-c", file) as s:
            body, heads = _curl(s, "-u", "alice:wonderland", "--next", "-s", "--digest",
                                "-u", "alice:wonderland", "http://%s:%d/index.html" % s.address)
            is_equal(body.count("<h1>hello</h1>"), 2)
            has(heads, "algorithm=SHA-256")
            has_not(heads, "Authorization: Basic")
            is_equal(_curl(s, "-u", "alice:other", "-o", "/dev/null", "-w", "%{http_code}")[0],
                     "401")
            result = run("fetch", "--digest", "-u", "alice:wonderland", "http://%s:%d/" % s.address)
            is_equal(result.stdout, "<h1>hello</h1>\n")


def a_file_of_htdigest_is_enough_for_digest():
    """md5 of alice:house:wonderland, as Apache's tool keeps it."""
    with folder() as state:
        kept = "alice:house:" + hashlib.md5(b"alice:house:wonderland").hexdigest() + "\n"
        with server("web", "-c", _with_digest(state, "htdigest", kept)) as s:
            body, heads = _curl(s, "-u", "alice:wonderland")
            has(body, "hello")
            has_not(heads, "SHA-256")


def digest_needs_accounts_that_can():
    with folder() as state:
        file = _with_digest(state, "file", "")
        result = run("web", "-c", file)
        is_equal(result.returncode != 0, True)
        has(result.stdout + result.stderr, "no accounts of --auth can prove by Digest")


def digest_needs_somebody_who_is_asked():
    with folder() as state:
        text = "path: .\ndigest: yes\nroutes:\n  - at: /a/\n    digest: yes\n%s"
        file = write(state + "/w.yaml", text % "forward:\n  allow: ['*:443']\n  digest: yes\n")
        done = run("web", "--check", "-c", file)
        is_equal(done.returncode, 2)
        is_equal([line.split(": nobody is asked who they are")[0]
                  for line in done.stderr.splitlines()],
                 [f"{file}:2:9: digest", f"{file}:5:13: routes[0].digest",
                  f"{file}:8:11: forward.digest"])
        for asks in "    role: staff\n", "    auth: yes\n", "protect: yes\n":
            write(file, text % asks)
            done = run("web", "--check", "-c", file)
            is_equal((done.returncode, done.stderr), (0, ""))


def a_reload_takes_new_sites_and_keeps_old_ones_when_they_are_wrong():
    with folder() as state:
        file = _settings(state)
        with server("web", "-c", file) as s:
            text = open(file, encoding="utf-8").read()
            write(file, text.replace("path: other\n    cache", "path: www\n    cache"))
            run("ctl", "--state", state + "/s", "reload")
            is_equal(_get(s, "/", host="other.example").body, b"<h1>hello</h1>\n")
            write(file, text.replace("path: other\n    cache", "path: nowhere\n    cache"))
            run("ctl", "--state", state + "/s", "reload")
            is_equal(_get(s, "/", host="other.example").body, b"<h1>hello</h1>\n")
            code, _ = s.stop()
            is_equal(code, 0)


def requests_are_logged_to_a_file_that_may_be_rotated():
    with folder() as state:
        path = _site(state)
        os.mkdir(state + "/log")
        log = state + "/log/access"
        with server("web", "--listen", ANY, "--path", path, "--state", state + "/s",
                    "--access-file", log) as s:
            _get(s, "/first")
            os.rename(log, log + ".1")
            s.signal(signal.SIGHUP)
            s.record("no setting has changed")
            _get(s, "/second")
            s.stop()
        has(open(log + ".1", encoding="utf-8").read(), '"GET /first HTTP/1.1" 404')
        has(open(log, encoding="utf-8").read(), '"GET /second HTTP/1.1" 404')


def _ask_from(address, s, path, **fields):
    """One request from another address of this machine."""
    connection = http.client.HTTPConnection(*s.address, timeout=PATIENCE,
                                            source_address=(address, 0))
    connection.request("GET", path, headers={"Host": "localhost", **fields})
    status = _Answer(connection.getresponse()).status
    connection.close()
    is_equal(status, 404)


def _clients(log):
    """Whom the log has seen ask for what."""
    with open(log, encoding="utf-8") as file:
        return {(line.split()[0], line.split()[-1]) for line in file}


def the_access_log_has_the_clients_of_proxies_that_are_believed():
    with folder() as state:
        path, log = _site(state), state + "/access"
        told = free_port()
        with server("web", "--listen", ANY,
                    "--listen", f"haproxy:[tcp:{told}:interface=127.0.0.1]:trust=127.0.0.1",
                    "--path", path, "--state", state + "/b", "--sandbox", "off",
                    "--access-file", log, "--access-trust", "127.0.0.1",
                    "--access-line", "%h %>s %U") as back:
            host, port = back.address
            with server("web", "--listen", ANY, "--state", state + "/f",
                        "--proxy", f"tcp:{host}:{port}") as front:
                _ask_from("127.0.0.2", front, "/through")
                _ask_from("127.0.0.2", front, "/forged", **{"X-Forwarded-For": "192.0.2.9"})
            _ask_from("127.0.0.3", back, "/untrusted", **{"X-Forwarded-For": "192.0.2.9"})
            _ask_from("127.0.0.1", back, "/trusted", **{"X-Forwarded-For": "192.0.2.9, 192.0.2.7"})
            _ask_from("127.0.0.1", back, "/other", **{"Forwarded": "for=192.0.2.9"})
            with socket.create_connection(("127.0.0.1", told), timeout=PATIENCE) as proxy:
                proxy.sendall(b"PROXY TCP4 192.0.2.5 127.0.0.1 1 2\r\n"
                              b"GET /told HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                while proxy.recv(4096):
                    pass
            back.stop()
        is_equal(_clients(log), {
            ("127.0.0.2", "/through"), ("127.0.0.2", "/forged"), ("127.0.0.3", "/untrusted"),
            ("192.0.2.7", "/trusted"), ("127.0.0.1", "/other"), ("192.0.2.5", "/told")})
        for flags in ("--access-line", "%z"), ("--access-trust", "all"):
            done = run("web", "--check", *flags)
            is_equal(done.returncode, 2)
            has(done.stderr, flags[1])


def what_is_wrong_is_told_with_its_place():
    with folder() as state:
        file = write(state + "/w.yaml", """\
path: nowhere
redirects: { old: /new }
routes:
  - at: /a/
    path: missing
""")
        done = run("web", "--check", "-c", file)
        is_equal(done.returncode, 2)
        is_equal(done.stderr.splitlines(), [
            f"{file}:1:7: path: {state}/nowhere: there is no such folder",
            f"{file}:5:11: routes[0].path: {state}/missing: there is no such folder",
            f"{file}:2:12: redirects: old must begin with a slash: /old, /old/*"])
        for flags, words in ((("--onion", "x"), '"x" is no onion address'),
                             (("--listen", "tls:xx"), '"xx" is no port'),
                             (("--redirects", "/a=b"), "leads nowhere"),
                             (("--headers", "a b=c"), "is no name of a header field"),
                             (("--tls-cert", state), f"{state} holds no file *.pem")):
            done = run("web", "--check", *flags)
            is_equal(done.returncode, 2)
            has(done.stderr, words)


def the_start_tells_where_to_look():
    port = free_port()
    with folder() as state, server("web", "--listen", f"tcp:{port}:interface=127.0.0.1", "--path",
                                   _site(state), "--state", state + "/s") as s:
        text = os.read(s.process.stdout.fileno(), 4096).decode()
        has(text, f"    http://127.0.0.1:{port}/\n")
        has(text, "--listing")
        has_not(text, "https")


def telemetry_is_on_a_listener_of_its_own():
    with folder() as state:
        with server("web", "--path", _site(state), "--listen", "unix:" + state + "/sock",
                    "--metrics", ANY, "--state", state + "/s") as s:
            answer = _get(s, "/metrics")
            is_equal(answer.status, 200)
            has(answer.fields["Content-Type"], "application/openmetrics-text")
            assert answer.body.endswith(b"# EOF\n")
            has(answer.body.decode(), 'reed_http_requests_total{service="web"} 0')
            is_equal(_get(s, "/healthz").body, b"alive\n")
            is_equal(_get(s, "/readyz").body, b"ready\n")
            is_equal(_get(s, "/").status, 404)
            is_equal(_get(s, "/readyz", method="POST").status, 405)
            is_equal(_get(s, "/healthz", method="HEAD").body, b"")


def _upstream(answer):
    """A server behind: answer(request line, head) is what it says, and None that it goes."""
    listener = socket.create_server(("127.0.0.1", 0))
    heard = []

    def talk(connection):
        with contextlib.suppress(ConnectionResetError), connection, \
                connection.makefile("rb") as lines:
            while True:
                head = []
                while (line := lines.readline().decode().rstrip()):
                    head.append(line)
                if not head:
                    return
                heard.append(head)
                said = answer(head[0], head)
                if said is None:
                    return
                connection.sendall(said)

    def serve():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=talk, args=(connection,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    return f"tcp:127.0.0.1:{listener.getsockname()[1]}", heard


def _says(text):
    return lambda line, head: (f"HTTP/1.1 200 OK\r\nContent-Length: {len(text)}\r\n"
                               f"X-Frame-Options: DENY\r\n\r\n{text}").encode()


def requests_go_on_to_servers_behind():
    app, heard = _upstream(_says("app"))
    with folder() as state:
        path = _site(state)
        file = write(state + "/web.yaml", f"""\
state: {state}/s
listen: ['{ANY}']
auth: [memory:alice:wonderland]
path: {path}
rewrites: {{ /new/*: /api/v2/* }}
routes:
  - at: /api/
    proxy: ['{app}']
  - at: /cut/
    proxy: ['{app}']
    proxy-strip: yes
    proxy-host: inside
  - at: /api/staff/
    proxy: ['{app}']
    auth: yes
""")
        with server("web", "-c", file) as s:
            answer = _get(s, "/api/a%20b?c=%2F")
            is_equal((answer.status, answer.body), (200, b"app"))
            is_equal(answer.fields.get_all("X-Frame-Options"), ["DENY"])
            is_equal(heard[-1][0], "GET /api/a%20b?c=%2F HTTP/1.1")
            has("\n".join(heard[-1]), "X-Forwarded-For: 127.0.0.1")
            is_equal(_get(s, "/cut/x%3Fy?q").status, 200)
            is_equal(heard[-1][0:2], ["GET /x%3Fy?q HTTP/1.1", "Host: inside"])
            is_equal(_get(s, "/new/a").status, 200)
            is_equal(heard[-1][0], "GET /api/v2/a HTTP/1.1")
            is_equal(_get(s, "/").body, b"<h1>hello</h1>\n")
            before = len(heard)
            for path in ("/api/../etc", "/api/%2e%2e/x", "/api/..%2fx", "/api/..;/x",
                         "/api//staff/", "/api/./staff/", "/api/x\\..\\staff/"):
                is_equal(_get(s, path).status, 400)
            is_equal(_get(s, "/api/staff/").status, 401)
            is_equal(_get(s, "/api/%73taff/").status, 401)
            is_equal(len(heard), before)


def _conns(state, *more):
    done = run("ctl", "--state", state + "/s", "conns", "--json", *more)
    is_equal((done.returncode, done.stderr), (0, ""))
    return [json.loads(line) for line in done.stdout.splitlines()]


def _rests(conn):
    """Its answer is here, and its handler has ended too."""
    return not conn["note"].endswith("1 under way")


def _conns_at_rest(state):
    while not all(map(_rests, conns := _conns(state))):
        pass
    return conns


def _kill(state, conn):
    return run("ctl", "--state", state + "/s", "kill", str(conn["conn"])).returncode


def connections_are_listed_and_ended():
    with folder() as state:
        path = _site(state)
        with server("web", "--listen", ANY, "--path", path, "--state", state + "/s") as s, \
                s.connect() as one, s.connect() as other:
            for client in (one, other):
                client.sendall(b"HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                has(client.recv(4096), b" 200 OK")
            conns = _conns_at_rest(state)
            is_equal([(c["service"], c["door"], c["in"], c["secure"], c["note"]) for c in conns],
                     [("web", "http", 36, False, "HTTP/1, 1 request, 0 under way")] * 2)
            assert all(c["out"] > 100 and c["age"] >= 0 for c in conns), conns
            host, port = one.getsockname()
            is_equal(_kill(state, _conns(state, f"peer={host}:{port}")[0]), 0)
            is_equal(one.recv(1), b"")
            other.sendall(b"HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            has(other.recv(4096), b" 200 OK")
            is_equal([c["note"] for c in _conns_at_rest(state)], ["HTTP/1, 2 requests, 0 under way"])


def connections_over_tls_are_listed():
    with folder() as state, server("web", "-c", _settings(state), ready=False) as s:
        while not (record := s.record("listening"))["endpoint"].startswith("tls:"):
            pass
        s.record("ready")
        trusting = ssl.create_default_context()
        trusting.check_hostname = False
        trusting.verify_mode = ssl.CERT_NONE
        address = ("127.0.0.1", int(record["address"].rpartition(":")[2]))
        with socket.create_connection(address, timeout=PATIENCE) as raw, \
                trusting.wrap_socket(raw, server_hostname="safe.example") as client:
            client.sendall(b"HEAD / HTTP/1.1\r\nHost: safe.example\r\n\r\n")
            has(client.recv(4096), b" 200 OK")
            is_equal([(c["door"], c["secure"], c["in"]) for c in _conns_at_rest(state)],
                     [("https", True, 39)])


def an_upgraded_connection_is_listed_as_long_as_it_lives():
    app, _ = _upstream(lambda line, head: b"HTTP/1.1 101 Switching Protocols\r\n"
                                          b"Connection: upgrade\r\nUpgrade: x\r\n\r\nhello"
                       if line.startswith("GET") else line.encode())
    with folder() as state, \
            server("web", "--listen", ANY, "--proxy", app, "--state", state + "/s") as s, \
            s.connect() as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\n"
                       b"Upgrade: x\r\n\r\n")
        answer = b""
        while not answer.endswith(b"hello"):
            answer += client.recv(4096)
        conns = _conns(state)
        host, port = client.getsockname()
        is_equal([(c["peer"], c["note"]) for c in conns],
                 [(f"{host}:{port}", "upgraded, 1 request, 1 under way")])
        is_equal(conns[0]["out"], len(answer))
        is_equal(_kill(state, conns[0]), 0)
        with contextlib.suppress(ConnectionResetError):  # what was not read may be lost
            is_equal(client.recv(1), b"")
        while _conns(state):  # the tunnel waits for the other end
            pass


def what_is_wrong_behind_is_told_little_outside_and_all_in_the_log():
    dead = f"tcp:127.0.0.1:{free_port()}"
    gone, _ = _upstream(lambda line, head: None)
    with folder() as state:
        _site(state)
        file = write(state + "/web.yaml", f"""\
state: {state}/s
listen: ['{ANY}']
routes:
  - at: /dead/
    proxy: ['{dead}']
  - at: /gone/
    proxy: ['{gone}']
""")
        with server("web", "-c", file) as s:
            answer = _get(s, "/dead/x", Accept="text/html")
            is_equal(answer.status, 502)
            has_not(answer.body.decode(), "127.0.0.1:")
            record = s.record("an upstream failed")
            is_equal((record["upstream"], record["target"]), (dead, "/dead/x"))
            has(record["why"], "refused")
            is_equal(_get(s, "/gone/").status, 502)


def servers_behind_are_changed_by_a_reload():
    one, _ = _upstream(_says("one"))
    two, _ = _upstream(_says("two"))
    with folder() as state:
        text = f"state: {state}/s\nlisten: ['{ANY}']\nproxy: ['%s']\n"
        file = write(state + "/web.yaml", text % one)
        with server("web", "-c", file) as s:
            is_equal(_get(s, "/").body, b"one")
            write(file, text % two)
            run("ctl", "--state", state + "/s", "reload")
            is_equal(_get(s, "/").body, b"two")


def a_tunnel_keeps_its_server_behind_over_a_reload():
    switch = b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"
    one, _ = _upstream(lambda line, head: switch if line.startswith("GET") else b"one\n")
    two, _ = _upstream(_says("two"))
    with folder() as state:
        text = f"state: {state}/s\nlisten: ['{ANY}']\nproxy: ['%s']\n"
        file = write(state + "/web.yaml", text % one)
        with server("web", "-c", file) as s, s.connect() as client, \
                client.makefile("rb") as answer:
            client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\n"
                           b"Upgrade: x\r\n\r\n")
            is_equal(answer.readline(), b"HTTP/1.1 101 Switching Protocols\r\n")
            while answer.readline() != b"\r\n":
                pass
            write(file, text % two)
            run("ctl", "--state", state + "/s", "reload")
            is_equal(_get(s, "/").body, b"two")
            client.sendall(b"still there?\n\n")
            is_equal(answer.readline(), b"one\n")


def events_pass_one_by_one_from_any_kind_of_server():
    with folder() as state:
        pem = state + "/behind.pem"
        is_equal(run("cert", "new", "localhost", "--out", pem).returncode, 0)
        secured = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        secured.load_cert_chain(pem)
        for endpoint, family, address, context in (
                ("tcp:127.0.0.1:%d", socket.AF_INET, ("127.0.0.1", 0), None),
                (f"unix:{state}/behind", socket.AF_UNIX, state + "/behind", None),
                (f"tls:localhost:%d:ca={pem}", socket.AF_INET, ("127.0.0.1", 0), secured)):
            with socket.create_server(address, family=family) as listener:
                if "%d" in endpoint:
                    endpoint %= listener.getsockname()[1]
                _hears_events(state, listener, endpoint, context)


def _hears_events(state, listener, endpoint, context):
    """The second is not said before the first has been heard."""
    heard = threading.Semaphore(0)

    def tell():
        connection, _ = listener.accept()
        connection.settimeout(PATIENCE)
        with context.wrap_socket(connection, server_side=True) if context else connection as wire:
            wire.recv(4096)
            wire.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
            for event in b"data: 1\n\n", b"data: 2\n\n":
                wire.sendall(event)
                heard.acquire(timeout=PATIENCE)

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    with server("web", "--listen", ANY, "--proxy", endpoint, "--state", state + "/s") as s:
        connection = http.client.HTTPConnection(*s.address, timeout=PATIENCE)
        connection.request("GET", "/")
        answer = connection.getresponse()
        is_equal((answer.status, answer.headers["Content-Type"]), (200, "text/event-stream"))
        for event in b"data: 1\n", b"data: 2\n":
            is_equal((answer.readline(), answer.readline()), (event, b"\n"))
            heard.release()
        is_equal(answer.read(), b"")
        connection.close()
    teller.join(PATIENCE)


def requests_are_as_large_and_take_as_long_as_is_set():
    never = threading.Event()
    silent, _ = _upstream(lambda line, head: never.wait(PATIENCE) and None)
    with folder() as state:
        file = write(state + "/web.yaml", f"state: {state}/s\nlisten: ['{ANY}']\n"
                     f"proxy: ['{silent}']\nlimits: {{ head-size: 2K, fields: 12, body: 1 }}\n")
        with server("web", "-c", file) as s:
            is_equal(_get(s, "/", **{"X-Large": "x" * 2048}).status, 431)
            is_equal(_get(s, "/", **{f"X-{i}": "x" for i in range(13)}).status, 431)
            is_equal(_get(s, "/", method="POST", **{"Content-Length": "5"}).status, 408)
        with server("web", "--listen", ANY, "--proxy", silent, "--limits-total", "1",
                    "--state", state + "/s") as s:
            is_equal(_get(s, "/").status, 503)
        never.set()


def _frame(kind, flags, stream, payload):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def _block(fields):
    """GET / of h, and fields that no table knows (RFC 7541 6.2.2)."""
    return b"\x82\x84\x86\x41\x01h" + b"".join(
        bytes([0, len(name)]) + name + bytes([len(value)]) + value for name, value in fields)


def _over_http2(wire, fields):
    """A request with these, and a plain one behind it: the data of each stream, and a GOAWAY's code."""
    block = _block(fields)
    pieces = [block[i:i + 16384] for i in range(0, len(block), 16384)]
    out = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + _frame(4, 0, 0, b"")
    for i, piece in enumerate(pieces):
        last = 4 if piece is pieces[-1] else 0
        out += _frame(9, last, 1, piece) if i else _frame(1, last | 1, 1, piece)
    wire.sendall(out + _frame(1, 5, 3, _block([])))
    heard = wire.makefile("rb")
    data, code = {}, None
    while len(data) < 2 and code is None:
        head = heard.read(9)
        payload = heard.read(int.from_bytes(head[:3], "big"))
        if head[3] == 0:
            data[int.from_bytes(head[5:9], "big")] = payload
        elif head[3] == 7:
            code = int.from_bytes(payload[4:8], "big")
    return data, code


def _memory(s):
    with open(f"/proc/{s.process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmRSS"))


def ten_thousand_fields_are_refused_and_not_kept():
    """Each connection stays open, so that what it holds is still there at the end."""
    small = [(b"x-%d" % i, b"v") for i in range(10000)]
    large = [(name, b"v" * 100) for name, _ in small]
    sanitizer = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1"  # which keeps what was freed
    with folder() as state, contextlib.ExitStack() as open_ones, server(
            "web", "--listen", ANY, "--path", _site(state), "--state", state + "/s",
            env={"ASAN_OPTIONS": sanitizer}) as s:
        def connect():
            return open_ones.enter_context(s.connect())

        is_equal(_over_http2(connect(), [])[0][3], b"<h1>hello</h1>\n")
        before = _memory(s)
        for _ in range(8):
            for fields in small, large:
                wire = connect()
                wire.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n" + b"".join(
                    b"%s: %s\r\n" % field for field in fields) + b"\r\n")
                is_equal(wire.recv(12), b"HTTP/1.1 431")
            data, _ = _over_http2(connect(), small)
            is_equal(data[1][:4], b"431 ")
            is_equal(data[3], b"<h1>hello</h1>\n")
            is_equal(_over_http2(connect(), large), ({}, 11))  # ENHANCE_YOUR_CALM
        grown = _memory(s) - before
        assert grown < 12 << 20, f"{grown} bytes are kept of 30 MB"


def servers_behind_are_checked_before_the_start():
    refuses("web", ("proxy: ['tcp:1.2.3.4']", "tcp:"),
            ("proxy: ['tcp:h:80']\nproxy-trust: everybody", "everybody"),
            ("proxy: ['tcp:h:80']\nproxy-balance: best", "round-robin"),
            ("proxy: ['tcp:h:80']\nproxy-check: health", "slash"))


if __name__ == "__main__":
    main(globals())
