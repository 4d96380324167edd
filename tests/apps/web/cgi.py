#!/usr/bin/env python3
"""reed web and CGI programs of this machine: what they are told and say, and how they end."""

import http.client
import os
import select
import socket
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "reed"))
import tool
from tool import PATIENCE, folder, has, has_not, is_equal, main, refuses, run, server, write

tool.PROGRAM = [os.environ["REED"]]

ANY = "tcp:0:interface=127.0.0.1"

SCRIPTS = {
    "env": "#!/bin/sh\necho Content-Type: text/plain; echo; env; pwd\n",
    "echo": "#!/bin/sh\nprintf 'Content-Length: %s\\r\\n\\r\\n' $CONTENT_LENGTH; exec cat\n",
    "deaf": "#!/bin/sh\nprintf 'Status: 403 No\\n\\nno'\n",
    "complains": "#!/bin/sh\necho it itches >&2; printf 'X: y\\n\\n'; exit 3\n",
    "dies": "#!/bin/sh\nkill -SEGV $$\n",
    "wrong": "#!/bin/sh\necho what is a head\n",
    # It tells who it is, keeps a child, and neither of them ends by itself or heeds SIGTERM.
    "never": "#!/bin/sh\ntrap '' TERM; sleep 1000 & printf 'X: y\\n\\n%s %s\\n' $$ $!; wait; wait\n",
    "silent": "#!/bin/sh\nexec sleep 1000\n",
}


def _state(state):
    os.mkdir(state + "/cgi")
    for name, text in SCRIPTS.items():
        os.chmod(write(f"{state}/cgi/{name}", text), 0o755)
    write(state + "/cgi/plain", "no program\n")
    write(state + "/cgi/.secret", "no program\n")
    os.mkdir(state + "/www")
    write(state + "/www/index.html", "a page\n")
    return write(state + "/web.yaml", f"""\
state: {state}/s
listen: ['{ANY}']
path: {state}/www
routes:
  - at: /cgi-bin/
    path: {state}/cgi
    cgi: yes
    cgi-most: 2
  - at: /soon/
    path: {state}/cgi
    cgi: yes
    proxy-answer: 1s
""")


def _ask(s, path, method="GET", body=None, **fields):
    connection = http.client.HTTPConnection(*s.address, timeout=PATIENCE)
    connection.request(method, path, body, headers={"Host": "localhost", **fields})
    answer = connection.getresponse()
    got = answer.status, answer.read()
    connection.close()
    return got


def a_program_is_told_what_is_asked():
    with folder() as state, server("web", "-c", _state(state), env={"SECRET": "1"}) as s:
        status, body = _ask(s, "/cgi-bin/env/more/info?a=b&c", **{
            "X-Own": "1", "Proxy": "evil", "X_Odd": "2", "Cookie": "a=b"})
        is_equal(status, 200)
        lines = body.decode().splitlines()
        for line in ("GATEWAY_INTERFACE=CGI/1.1", "REQUEST_METHOD=GET", "SCRIPT_NAME=/cgi-bin/env",
                     "PATH_INFO=/more/info", "QUERY_STRING=a=b&c", "SERVER_PROTOCOL=HTTP/1.1",
                     "REMOTE_ADDR=127.0.0.1", f"SERVER_PORT={s.address[1]}", "SERVER_NAME=localhost",
                     f"SCRIPT_FILENAME={state}/cgi/env", f"PATH_TRANSLATED={state}/cgi/more/info",
                     "HTTP_X_OWN=1", "HTTP_COOKIE=a=b", "PATH=/usr/local/bin:/usr/bin:/bin"):
            is_equal((line, line in lines), (line, True))
        is_equal(lines[-1], os.path.realpath(state + "/cgi"))
        for word in ("SECRET", "evil", "ODD", "REED"):
            has_not(body.decode(), word)
        is_equal(_ask(s, "/"), (200, b"a page\n"))


def _mixed(state):
    """Programs by their endings, among files."""
    www = state + "/www"
    os.makedirs(www + "/deep/er")
    os.mkdir(www + "/.hidden")
    for name in "tool.cgi", "deep/er/tool.py", "deep/index.py", ".hidden/tool.cgi":
        text = "#!/bin/sh\nprintf 'X: y\\n\\n%s %s' $SCRIPT_NAME $PATH_INFO\n"
        os.chmod(write(f"{www}/{name}", text), 0o755)
    write(www + "/about.html", "about\n")
    write(www + "/deep/plain.cgi.txt", "text\n")
    write(www + "/deep/cgi", "cgi\n")
    return write(state + "/web.yaml", f"""\
state: {state}/s
listen: ['{ANY}']
path: {www}
index: index.py
endings: html
hidden: yes
cgi: yes
cgi-endings: cgi, py
""")


def programs_are_known_by_their_endings_among_files():
    with folder() as state, server("web", "-c", _mixed(state)) as s:
        for path, answer in (
                ("/tool.cgi", (200, b"/tool.cgi ")),
                ("/tool.cgi/", (200, b"/tool.cgi /")),
                ("/tool.cgi/a/b.py", (200, b"/tool.cgi /a/b.py")),
                ("/deep/er/tool.py/x", (200, b"/deep/er/tool.py /x")),
                ("/deep/", (200, b"/deep/index.py ")),
                ("/about", (200, b"about\n")),
                ("/about.html", (200, b"about\n")),
                ("/deep/plain.cgi.txt", (200, b"text\n")),
                ("/deep/cgi", (200, b"cgi\n"))):
            is_equal((path, _ask(s, path)), (path, answer))
        for path, status in (("/", 404), ("/tool", 404), ("/.hidden/tool.cgi", 404),
                             ("/gone.cgi", 404), ("/deep", 308), ("/about/", 404),
                             ("/about.html/x", 404), ("//tool.cgi", 404),
                             ("/deep//er/tool.py", 404), ("/deep/../tool.cgi", 400)):
            got, body = _ask(s, path)
            is_equal((path, got), (path, status))
            has_not(body.decode(), "printf")
        is_equal(_ask(s, "/about", "POST", b"")[0], 405)


def who_asks_without_an_ending_is_shown_no_program():
    with folder() as state:
        file = _mixed(state)
        with open(file, encoding="utf-8") as yaml:
            text = yaml.read()
        write(file, text.replace("endings: html", "endings: html, py", 1))
        done = run("web", "--check", "-c", file)
        is_equal(done.returncode, 2)
        has(done.stderr, "py is the ending of programs, which are asked for by their names")
        write(file, text.replace("cgi: yes\n", ""))
        done = run("web", "--check", "-c", file)
        is_equal(done.returncode, 2)
        has(done.stderr, "there is no cgi that they could be of")


def fields_of_one_name_are_one_variable():
    with folder() as state, server("web", "-c", _state(state)) as s, s.connect() as client:
        client.sendall(b"GET /cgi-bin/env HTTP/1.0\r\nHost: h\r\nX-A: 1\r\nx-a: 2\r\n"
                       b"Cookie: c=1\r\nCookie: d=2\r\n\r\n")
        text = b"".join(iter(lambda: client.recv(65536), b"")).decode()
        has(text, "\nHTTP_X_A=1, 2\n")
        has(text, "\nHTTP_COOKIE=c=1; d=2\n")


def bodies_stream_both_ways():
    data = os.urandom(1 << 20)
    with folder() as state, server("web", "-c", _state(state)) as s:
        is_equal(_ask(s, "/cgi-bin/echo", "POST", data) == (200, data), True)
        is_equal(_ask(s, "/cgi-bin/deaf", "POST", data), (403, b"no"))
        with s.connect() as client:  # the answer comes while the request goes
            client.sendall(b"POST /cgi-bin/echo HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nab")
            got = b""
            while not got.endswith(b"\r\n\r\nab"):
                got += client.recv(65536)
            client.sendall(b"cd")
            is_equal(client.recv(65536), b"cd")
        is_equal(_ask(s, "/cgi-bin/echo", "POST", iter([b"x"]))[0], 411)


def what_goes_wrong_is_told_and_logged():
    with folder() as state, server("web", "-c", _state(state)) as s:
        is_equal(_ask(s, "/cgi-bin/complains"), (200, b""))
        record = s.record("a program complains")
        is_equal((record["script"], record["said"]), ("/cgi-bin/complains", "it itches"))
        has(s.record("a program failed")["why"], "exited with status 3")
        is_equal(_ask(s, "/cgi-bin/dies")[0], 502)
        has(s.record("a program failed")["why"], "was killed by SIGSEGV")
        is_equal(_ask(s, "/cgi-bin/wrong")[0], 502)
        is_equal(_ask(s, "/soon/silent")[0], 504)
        for path, status in (("gone", 404), ("", 404), (".secret", 404), ("plain", 403),
                             ("%2e%2e/www/index.html", 400)):
            is_equal((path, _ask(s, "/cgi-bin/" + path)[0]), (path, status))


def _hear(client, until):
    got = b""
    while until not in got:
        piece = client.recv(65536)
        assert piece, f"{got!r} has no {until!r}"
        got += piece
    return got


def _wait_for_end(pid):
    """Of a process that is not our child."""
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        is_equal(bool(select.select([fd], [], [], PATIENCE)[0]), True)
    finally:
        os.close(fd)


def a_client_that_goes_takes_the_whole_group_along():
    with folder() as state, server("web", "-c", _state(state)) as s:
        clients = [s.connect() for _ in range(2)]
        pids = []
        for client in clients:
            client.sendall(b"GET /cgi-bin/never HTTP/1.1\r\nHost: h\r\n\r\n")
            lines = _hear(client, b"\r\n\r\n").partition(b"\r\n\r\n")[2]
            while lines.count(b"\n") < 2:
                lines += client.recv(65536)
            pids += [int(pid) for pid in lines.split(b"\n")[1].split()]
        is_equal(_ask(s, "/cgi-bin/env")[0], 503)  # two at a time
        for client in clients:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            client.close()
        for pid in pids:
            _wait_for_end(pid)
        is_equal(_ask(s, "/cgi-bin/env")[0], 200)


def a_program_has_one_place():
    refuses("web", ("cgi: yes", "begins at the root"),
            ("path: /\ncgi: yes\nproxy: ['tcp:h:80']", "one of them answers"),
            ("path: /\ncgi: yes\nfastcgi: tcp:h:80", "one of them answers"))


if __name__ == "__main__":
    main(globals())
