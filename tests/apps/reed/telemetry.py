#!/usr/bin/env python3
"""--metrics: how a server is, over HTTP, and what becomes of clients that speak something else."""

import contextlib
import socket

from tool import folder, has, is_equal, main, run, server

ANY = "tcp:0:interface=127.0.0.1"


@contextlib.contextmanager
def _watched(*more):
    """A server whose only port is that of its metrics."""
    with folder() as state:
        with server("echo", "--state", state, "--listen", "unix:" + state + "/sock", "--metrics",
                    ANY, *more) as s:
            yield s


def _say(s, request, half_close=False):
    with s.connect() as client:
        client.sendall(request)
        if half_close:
            client.shutdown(socket.SHUT_WR)
        answer = b""
        while True:
            try:
                more = client.recv(65536)
            except ConnectionResetError:
                more = b""
            if not more:
                return answer
            answer += more


def _get(path, method="GET"):
    return f"{method} {path} HTTP/1.1\r\nHost: h\r\nX: y\r\n\r\n".encode()


def monitors_are_told_what_they_ask_for():
    with _watched() as s:
        head, _, body = _say(s, _get("/metrics")).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 OK\r\n"), head
        has(head, b"Content-Length: %d\r\n" % len(body))
        assert body.endswith(b"# EOF\n")
        for path, body in (("/healthz", b"alive\n"), ("/readyz?x=y", b"ready\n")):
            assert _say(s, _get(path)).endswith(b"\r\n\r\n" + body)
        assert _say(s, _get("/healthz", "HEAD")).endswith(b"Connection: close\r\n\r\n")


def nothing_else_is_told_or_done():
    with _watched() as s:
        for path in ("/", "/stop", "/metrics/", "/tasks", "/metricsx", "/" + "a" * 3000):
            assert _say(s, _get(path)).startswith(b"HTTP/1.1 404 "), path
        for method in ("POST", "get", "DELETE"):
            answer = _say(s, _get("/metrics", method))
            assert answer.startswith(b"HTTP/1.1 405 "), answer
            has(answer, b"Allow: GET, HEAD\r\n")
        assert _say(s, _get("/healthz")).endswith(b"alive\n")


def rubbish_is_refused_or_cut_off():
    with _watched() as s:
        for rubbish in (b"\r\n", b"hello\n", b"GET\r\n", b"GET  HTTP/1.1\r\n", b"\0\xff\x16\n",
                        b"GET metrics HTTP/1.1\r\n\r\n", b"GET /metrics HTTP/2.0\r\n\r\n"):
            assert _say(s, rubbish).startswith(b"HTTP/1.1 400 "), rubbish
        for cut in (b"", b"GET /metr", b"GET /metrics HTTP/1.1\r\nHost: h\r\n"):
            is_equal(_say(s, cut, half_close=True), b"")
        is_equal(_say(s, b"a" * 100000), b"")
        assert _say(s, _get("/healthz")).endswith(b"alive\n")


def a_port_that_is_taken_is_told_with_its_place():
    with _watched() as s, folder() as state:
        port = s.address[1]
        done = run("echo", "--state", state, "--listen", "unix:" + state + "/sock", "--log-format",
                   "text", "--metrics", f"tcp:{port}:interface=127.0.0.1")
        is_equal(done.returncode, 1)
        has(done.stderr, f"--metrics: cannot listen on 127.0.0.1:{port}: Address already in use")


def one_that_is_none_does_not_pass_the_check():
    done = run("echo", "--check", "--metrics", "tcp:99999")
    is_equal(done.returncode, 2)
    has(done.stderr, '--metrics: "tcp:99999", column 5')


if __name__ == "__main__":
    main(globals())
