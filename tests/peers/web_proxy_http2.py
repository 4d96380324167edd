#!/usr/bin/env python3
"""reed web before servers of HTTP/2: nginx, h2o and nghttpd, by ALPN and without TLS."""

import os
import subprocess

from http2_fetch import _h2o, _nghttpd, _nginx, _peer, _site
from tool import PATIENCE, folder, has, has_not, is_equal, main, server, write

ANY = "tcp:0:interface=127.0.0.1"


def _curl(*args):
    done = subprocess.run(["curl", "-s", "-m", str(PATIENCE), *args], capture_output=True,
                          timeout=2 * PATIENCE, check=False)
    return done.returncode, done.stdout


def _nghttp(*args):
    """What it has seen, frame by frame: curl does not tell of trailers."""
    done = subprocess.run(["nghttp", "-v", *args], capture_output=True, timeout=PATIENCE,
                          check=True)
    return done.stdout.decode()


def _before(state, upstream, lines=""):
    return server("web", "-c", write(state + "/web.yaml", f"""\
state: {state}/s
listen: ['{ANY}']
proxy: ['{upstream}']
{lines}
"""))


def _secure(state, port):
    return f"tls:localhost:{port}:ca={state}/cert.pem"


def _exchange(url, data, at_once="20"):
    """A large file down, many small ones at a time, none, and a part."""
    code, body = _curl(url + "/big")
    is_equal((code, body == data), (0, True))
    code, body = _curl("--parallel", "--parallel-max", at_once, *[url + "/small"] * 50)
    is_equal((code, body), (0, b"small\n" * 50))
    code, body = _curl("-o", os.devnull, "-w", "%{http_code}", url + "/nothing")
    is_equal((code, body), (0, b"404"))
    code, body = _curl("-I", url + "/big")
    has(body.decode().lower(), f"content-length: {len(data)}")
    code, body = _curl("--http2-prior-knowledge", "-r", "10-19", url + "/big")
    is_equal(body, data[10:20])


WHO = ("location /who { return 200 '$server_protocol|$connection|$http_via|$scheme|"
       "$http_x_forwarded_for|$host'; }")


def nginx_is_behind():
    with folder() as state:
        data = _site(state)
        with _peer(lambda port: _nginx(state, "ssl http2", port, WHO)) as port:
            with _before(state, _secure(state, port)) as s:
                url = "http://%s:%d" % s.address
                _exchange(url, data)
                code, first = _curl(url + "/who")
                code, then = _curl(url + "/who")
                is_equal((code, first), (0, then))
                has(first.decode(), "HTTP/2.0|")
                has(first.decode(), "|1.1 reed|https|127.0.0.1|127.0.0.1")
            with _before(state, _secure(state, port), "proxy-http: 1") as s:
                has(_curl("http://%s:%d/who" % s.address)[1].decode(), "HTTP/1.1|")
        with _peer(lambda port: _nginx(state, "http2", port, WHO)) as port, \
                _before(state, f"tcp:127.0.0.1:{port}", "proxy-http: 2") as s:
            url = "http://%s:%d" % s.address
            _exchange(url, data)
            has(_curl(url + "/who")[1].decode(), "HTTP/2.0|")


def nginx_without_it_is_spoken_http_1_to():
    with folder() as state:
        data = _site(state)
        with _peer(lambda port: _nginx(state, "ssl", port, WHO)) as port, \
                _before(state, _secure(state, port)) as s:
            url = "http://%s:%d" % s.address
            _exchange(url, data, "1")
            has(_curl(url + "/who")[1].decode(), "HTTP/1.1|")


def h2o_is_behind():
    with folder() as state:
        data = _site(state)
        with _peer(lambda port: _h2o(state, True, port)) as port, \
                _before(state, _secure(state, port)) as s:
            _exchange("http://%s:%d" % s.address, data)
        with _peer(lambda port: _h2o(state, False, port)) as port, \
                _before(state, f"tcp:127.0.0.1:{port}", "proxy-http: 2") as s:
            _exchange("http://%s:%d" % s.address, data)


def nghttpd_gives_trailers_and_takes_bodies():
    """As gRPC does: trailers go to who says that it takes them."""
    with folder() as state:
        _site(state)
        up = write(state + "/up", "up and down" * 100000)
        with _peer(lambda port: _nghttpd(state, False, port, "--echo-upload",
                                         "--trailer=grpc-status: 0")) as port, \
                _before(state, f"tcp:127.0.0.1:{port}", "proxy-http: 2") as s:
            url = "http://%s:%d" % s.address
            has(_nghttp("-H", "te: trailers", url + "/small"), "grpc-status: 0")
            has_not(_nghttp(url + "/small"), "grpc-status")
            for way in ("--http2-prior-knowledge", "--http1.1"):
                code, out = _curl(way, "--data-binary", "@" + up, url + "/")
                is_equal((code, out), (0, b"up and down" * 100000))


if __name__ == "__main__":
    main(globals())
