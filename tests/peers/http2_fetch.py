#!/usr/bin/env python3
"""reed fetch over HTTP/2: from nghttpd, nginx, h2o and reed web, by ALPN and without."""

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
from tool import PATIENCE, folder, has, is_equal, main, server, write

REED = os.environ["REED"]
tool.PROGRAM = [REED]
TRIES = 5


def _listens(process, port):
    """True when it does, false when it has ended: somebody else has the port."""
    until = time.monotonic() + PATIENCE
    while process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return process.poll() is None
        if time.monotonic() > until:
            raise AssertionError("it does not listen")
        os.sched_yield()
    return False


@contextlib.contextmanager
def _peer(command):
    """A foreign server, from when it listens; command makes its words out of a port."""
    path = os.environ["PATH"] + ":/usr/sbin"
    for _ in range(TRIES):
        port = free_port()
        words = command(port)
        program = shutil.which(words[0], path=path)
        assert program, f"{words[0]} is not installed"
        process = subprocess.Popen([program, *words[1:]], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        try:
            if _listens(process, port):
                yield port
                return
        finally:
            process.terminate()
            process.wait(PATIENCE)
    raise AssertionError(f"{words[0]} found no port in {TRIES} tries")


def _fetch(*args):
    done = subprocess.run([REED, "fetch", "-s", *args], capture_output=True, timeout=PATIENCE,
                          check=False, env=tool.environment(None))
    return done.returncode, done.stdout, done.stderr.decode("utf-8", "replace")


def _site(state):
    data = os.urandom(3000000)
    os.makedirs(state + "/www")
    with open(state + "/www/big", "wb") as file:
        file.write(data)
    write(state + "/www/small", "small\n")
    subprocess.run([REED, "cert", "new", "localhost", "127.0.0.1", "--out", state + "/cert.pem"],
                   check=True, stdout=subprocess.DEVNULL, env=tool.environment(None))
    os.chmod(state, 0o755)
    return data


def _head(out):
    return out.partition(b"\n")[0].decode()


def _looks_at(state, port, data, secure, *args):
    """A small answer, a large one, none, and a body that goes up."""
    if secure:
        args += ("--endpoint", f"tls:localhost:{port}:ca={state}/cert.pem")
    url = f"{'https' if secure else 'http'}://localhost:{port}"
    code, out, err = _fetch("-i", *args, url + "/small")
    is_equal((code, err, _head(out)), (0, "", "HTTP/2 200 OK"))
    is_equal(out.endswith(b"\n\nsmall\n"), True)
    code, out, err = _fetch(*args, url + "/big")
    is_equal((code, err, out == data), (0, "", True))
    code, out, err = _fetch("-i", *args, url + "/nothing")
    is_equal((code, _head(out)), (1, "HTTP/2 404 Not Found"))
    code, out, err = _fetch("-I", *args, url + "/big")
    has(out.decode().lower(), "content-length: 3000000")


def _nghttpd(state, secure, port, *more):
    keys = [state + "/cert.pem"] * 2 if secure else []
    return ["nghttpd", "-a", "127.0.0.1", "-d", state + "/www", *more,
            *([] if secure else ["--no-tls"]), str(port), *keys]


def nghttpd_is_understood():
    with folder() as state:
        data = _site(state)
        with _peer(lambda port: _nghttpd(state, True, port)) as port:
            _looks_at(state, port, data, True)
        with _peer(lambda port: _nghttpd(state, False, port, "--echo-upload")) as port:
            _looks_at(state, port, data, False, "--http2")
            write(state + "/up", "up and down" * 100000)
            code, out, _ = _fetch("--http2", "-d", f"@{state}/up", f"http://127.0.0.1:{port}/")
            is_equal((code, out), (0, b"up and down" * 100000))


def _nginx(state, listen, port, inside=""):
    file = write(state + "/nginx.conf", f"""\
daemon off; master_process off; pid {state}/nginx.pid; error_log {state}/error.log;
events {{ }}
http {{
    access_log off; client_body_temp_path {state}/t1; proxy_temp_path {state}/t2;
    fastcgi_temp_path {state}/t3; uwsgi_temp_path {state}/t4; scgi_temp_path {state}/t5;
    server {{
        listen 127.0.0.1:{port} {listen}; root {state}/www; {inside}
        ssl_certificate {state}/cert.pem; ssl_certificate_key {state}/cert.pem;
    }}
}}
""")
    return ["nginx", "-e", "stderr", "-c", file]


def nginx_is_understood():
    with folder() as state:
        data = _site(state)
        with _peer(lambda port: _nginx(state, "ssl http2", port)) as port:
            _looks_at(state, port, data, True)


def _h2o(state, secure, port):
    tls = f"ssl: {{ certificate-file: {state}/cert.pem, key-file: {state}/cert.pem }}"
    file = write(state + "/h2o.conf", f"""\
user: {os.environ.get('USER', 'root')}
pid-file: {state}/h2o.pid
num-threads: 1
listen:
  host: 127.0.0.1
  port: {port}
  {tls if secure else ""}
hosts:
  default:
    paths:
      "/":
        file.dir: {state}/www
""")
    return ["h2o", "-c", file]


def h2o_is_understood():
    with folder() as state:
        data = _site(state)
        with _peer(lambda port: _h2o(state, True, port)) as port:
            _looks_at(state, port, data, True)


def reed_web_is_understood():
    with folder() as state:
        data = _site(state)
        with server("web", "--listen", "tcp:0:interface=127.0.0.1", "--path", state + "/www",
                    "--state", state + "/s") as s:
            _looks_at(state, s.address[1], data, False, "--http2")
            url = "http://127.0.0.1:%d/small" % s.address[1]
            code, out, _ = _fetch("-i", url)
            is_equal((code, _head(out)), (0, "HTTP/1.1 200 OK"))


def who_agrees_on_nothing_speaks_http_1():
    with folder() as state:
        _site(state)
        with server("web", "--no-http2", "--path", state + "/www", "--state", state + "/s",
                         "--listen", f"tls:0:interface=127.0.0.1:cert={state}/cert.pem",
                         ready=False) as s:
            port = int(s.record("listening")["address"].rpartition(":")[2])
            s.record("ready")
            args = ("--endpoint", f"tls:localhost:{port}:ca={state}/cert.pem",
                    f"https://localhost:{port}/small")
            code, out, _ = _fetch("-i", *args)
            is_equal((code, _head(out)), (0, "HTTP/1.1 200 OK"))
            code, out, err = _fetch("--http2", *args)
            is_equal(code, 1)
            code, out, err = _fetch("--http2", "--http1", *args)
            is_equal(code, 2)


if __name__ == "__main__":
    main(globals())
