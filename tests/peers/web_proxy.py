#!/usr/bin/env python3
"""reed web between others: nginx and h2o behind it and before it, PHP by FastCGI, curl as the client."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "apps", "reed"))
import tool
from ports import free_port
from tool import PATIENCE, folder, has, has_not, is_equal, main, server, write

tool.PROGRAM = [os.environ["REED"]]

ANY = "tcp:0:interface=127.0.0.1"


def _curl(*args):
    done = subprocess.run(["curl", "-s", "-m", str(PATIENCE), *args], capture_output=True,
                          timeout=2 * PATIENCE, check=False)
    return done.returncode, done.stdout


@contextlib.contextmanager
def _peer(port, *command):
    """A foreign server, from when it listens."""
    path = os.environ["PATH"] + ":/usr/sbin"
    program = shutil.which(command[0], path=path)
    if not program:
        raise AssertionError(f"{command[0]} is not installed")
    process = subprocess.Popen([program, *command[1:]], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            if process.poll() is not None or time.monotonic() > until:
                raise AssertionError(f"{command[0]} does not listen")
            select_nothing()
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)


def select_nothing():
    """Others get the processor."""
    os.sched_yield()


def _nginx(state, port, inside):
    return write(state + "/nginx.conf", f"""\
daemon off; master_process off; pid {state}/nginx.pid; error_log {state}/error.log;
events {{ }}
http {{
    access_log off; client_max_body_size 64m;
    client_body_temp_path {state}/t1; proxy_temp_path {state}/t2; fastcgi_temp_path {state}/t3;
    uwsgi_temp_path {state}/t4; scgi_temp_path {state}/t5;
    server {{ listen 127.0.0.1:{port}; {inside} }}
}}
""")


def _behind(state, upstream):
    return write(state + "/web.yaml", f"state: {state}/s\nlisten: ['{ANY}']\nproxy: ['{upstream}']\n")


def _exchange(s, state, data):
    """A large file down, and many requests on one connection."""
    url = "http://%s:%d" % s.address
    code, body = _curl(url + "/big")
    is_equal((code, body == data), (0, True))
    code, body = _curl(*[url + "/small"] * 20)
    is_equal((code, body), (0, b"small\n" * 20))
    code, body = _curl("-o", os.devnull, "-w", "%{http_code}", url + "/nothing")
    is_equal((code, body), (0, b"404"))
    code, body = _curl("-I", url + "/big")
    has(body.decode(), f"Content-Length: {len(data)}")
    code, body = _curl("-r", "10-19", url + "/big")
    is_equal(body, data[10:20])


def _files(state):
    data = os.urandom(3000000)
    os.makedirs(state + "/www")
    with open(state + "/www/big", "wb") as file:
        file.write(data)
    write(state + "/www/small", "small\n")
    os.chmod(state, 0o755)
    return data


def nginx_is_behind():
    with folder() as state:
        data, port = _files(state), free_port()
        file = _nginx(state, port, f"root {state}/www; location /who {{ return 200 "
                                   "'$http_x_forwarded_for|$http_via|$http_connection'; }")
        with _peer(port, "nginx", "-e", "stderr", "-c", file), \
                server("web", "-c", _behind(state, f"tcp:127.0.0.1:{port}")) as s:
            _exchange(s, state, data)
            is_equal(_curl("-H", "X-Forwarded-For: 6.6.6.6", "http://%s:%d/who" % s.address),
                     (0, b"127.0.0.1|1.1 reed|"))


def nginx_takes_the_proxy_protocol():
    with folder() as state:
        port, plain = free_port(), free_port()
        file = _nginx(state, plain, f"listen 127.0.0.1:{port} proxy_protocol; location / "
                                    "{ return 200 '$proxy_protocol_addr'; }")
        with _peer(plain, "nginx", "-e", "stderr", "-c", file), \
                server("web", "-c", _behind(state, f"haproxy:[tcp:127.0.0.1:{port}]")) as s:
            is_equal(_curl("http://%s:%d/" % s.address), (0, b"127.0.0.1"))


def h2o_is_behind():
    with folder() as state:
        data, port = _files(state), free_port()
        file = write(state + "/h2o.conf", f"""\
listen: {{ host: 127.0.0.1, port: {port} }}
hosts: {{ default: {{ paths: {{ /: {{ file.dir: {state}/www }} }} }} }}
{"user: root" if os.getuid() == 0 else ""}
""")
        with _peer(port, "h2o", "-m", "worker", "-c", file), \
                server("web", "-c", _behind(state, f"tcp:127.0.0.1:{port}")) as s:
            _exchange(s, state, data)


def nginx_is_before():
    with folder() as state:
        data, port = _files(state), free_port()
        with server("web", "--listen", ANY, "--path", state + "/www", "--state",
                    state + "/s") as s:
            file = _nginx(state, port, "location / { proxy_pass http://%s:%d; proxy_http_version "
                                       "1.1; proxy_set_header Connection ''; }" % s.address)
            with _peer(port, "nginx", "-e", "stderr", "-c", file):
                code, body = _curl(f"http://127.0.0.1:{port}/big")
                is_equal((code, body == data), (0, True))
                is_equal(_curl(*[f"http://127.0.0.1:{port}/small"] * 20), (0, b"small\n" * 20))


def h2o_is_before():
    with folder() as state:
        data, port = _files(state), free_port()
        with server("web", "--listen", ANY, "--path", state + "/www", "--state",
                    state + "/s") as s:
            file = write(state + "/h2o.conf", f"""\
listen: {{ host: 127.0.0.1, port: {port} }}
hosts: {{ default: {{ paths: {{ /: {{ proxy.reverse.url: "http://%s:%d/" }} }} }} }}
{"user: root" if os.getuid() == 0 else ""}
""" % s.address)
            with _peer(port, "h2o", "-m", "worker", "-c", file):
                code, body = _curl(f"http://127.0.0.1:{port}/big")
                is_equal((code, body == data), (0, True))
                is_equal(_curl(*[f"http://127.0.0.1:{port}/small"] * 20), (0, b"small\n" * 20))


def _php(state, port):
    os.makedirs(state + "/php/sub")
    write(state + "/php/index.php", "<?php header('X-Route: index'); echo $_SERVER['REQUEST_URI'];")
    write(state + "/php/sub/a.php", """<?php
if ($_SERVER['PATH_INFO'] === '/complain') { error_log('it itches'); exit; }
if ($_SERVER['PATH_INFO'] === '/sleep') { sleep(30); }
if ($_SERVER['PATH_INFO'] === '/gone') { http_response_code(410); header('X-A: b'); }
echo $_SERVER['REQUEST_METHOD'], '|', $_SERVER['PATH_INFO'], '|', $_SERVER['REMOTE_ADDR'], '|',
     strlen(file_get_contents('php://input')), '|', $_SERVER['HTTP_PROXY'] ?? 'none';""")
    write(state + "/php/big.php", "<?php for ($i = 0; $i < 300; $i++) echo str_repeat('x', 10000);")
    return write(state + "/fpm.conf", f"""\
[global]
error_log = {state}/fpm.log
daemonize = no
[www]
listen = 127.0.0.1:{port}
{"user = root" if os.getuid() == 0 else ""}
pm = static
pm.max_children = 2
catch_workers_output = no
php_admin_value[error_log] =
php_admin_flag[log_errors] = on
""")


def php_answers_by_fastcgi():
    with folder() as state:
        port = free_port()
        file = _php(state, port)
        upload = write(state + "/upload", "x" * 300000)
        settings = write(state + "/web.yaml", f"""\
state: {state}/s
listen: ['{ANY}']
path: {state}/php
fastcgi: tcp:127.0.0.1:{port}
proxy-answer: 2s
""")
        root = ["-R"] if os.getuid() == 0 else []
        with _peer(port, "php-fpm8.2", *root, "-n", "-y", file), \
                server("web", "-c", settings) as s:
            url = "http://%s:%d" % s.address
            is_equal(_curl(url + "/any/where?a=b"), (0, b"/any/where?a=b"))
            is_equal(_curl(url + "/sub/a.php"), (0, b"GET||127.0.0.1|0|none"))
            is_equal(_curl("-H", "Proxy: http://evil", "-d", "@" + upload,
                           url + "/sub/a.php/x%20y"), (0, b"POST|/x y|127.0.0.1|300000|none"))
            is_equal(_curl(url + "/big.php"), (0, b"x" * 3000000))
            code, body = _curl("-i", url + "/sub/a.php/gone")
            has(body.decode(), "HTTP/1.1 410 ")
            has(body.decode(), "X-A: b")
            code, body = _curl("-i", url + "/missing.php")
            has(body.decode(), "HTTP/1.1 404 ")
            _curl(url + "/sub/a.php/complain")
            has(s.record("a program complains")["said"], "Primary script unknown")
            has(s.record("a program complains")["said"], "it itches")
            code, body = _curl("-i", url + "/sub/a.php/sleep")
            has(body.decode(), "HTTP/1.1 504 ")
            has_not(body.decode(), state)
            is_equal(s.record("a program failed")["script"], "/sub/a.php")
            code, body = _curl("-i", "-H", "Transfer-Encoding: chunked", "-d", "x", url + "/a.php")
            has(body.decode(), "HTTP/1.1 411 ")


if __name__ == "__main__":
    main(globals())
