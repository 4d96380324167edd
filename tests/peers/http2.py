#!/usr/bin/env python3
"""curl, nghttp and h2load against `reed web`: HTTP/2 by ALPN and without, files, a stop, a flood."""

import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "apps", "reed"))
import tool
from tool import PATIENCE, folder, has, is_equal, main, write

tool.PROGRAM = [os.environ["REED"]]
BIG = os.urandom(300000)


class _Site:
    """A folder over TLS."""

    def __init__(self, state, *args):
        os.makedirs(state + "/www")
        write(state + "/www/index.html", "<h1>hello</h1>\n")
        with open(state + "/www/big", "wb") as out:
            out.write(BIG)
        self.server = tool.Server("web", "--listen", "tls:0:interface=127.0.0.1",
                                  "--path", state + "/www", "--state", state + "/s", *args,
                                  ready=False)
        self.port = int(self.server.record("listening")["address"].rpartition(":")[2])
        self.server.record("ready")

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if error[0]:
            self.server.process.kill()
        self.server.stop()


def _run(*args):
    done = subprocess.run(args, capture_output=True, timeout=PATIENCE)
    return done.returncode, done.stdout, done.stderr.decode("utf-8", "replace")


def _curl(s, path, *args):
    code, out, err = _run("curl", "-sk", "-w", "%{stderr}%{http_version} %{http_code}", *args,
                          "https://127.0.0.1:%d%s" % (s.port, path))
    is_equal(code, 0)
    return err, out


def curl_agrees_on_http2():
    with folder() as state, _Site(state) as s:
        is_equal(_curl(s, "/"), ("2 200", b"<h1>hello</h1>\n"))
        is_equal(_curl(s, "/big"), ("2 200", BIG))
        is_equal(_curl(s, "/big", "-r", "5-9"), ("2 206", BIG[5:10]))
        is_equal(_curl(s, "/nothing")[0], "2 404")
        is_equal(_curl(s, "/", "-I")[0], "2 200")
        is_equal(_curl(s, "/", "-T", "/dev/null")[0], "2 405")
        is_equal(_curl(s, "/", "-d", "x" * 100000)[0], "2 405")
        is_equal(_curl(s, "/", "--http1.1")[0], "1.1 200")


def it_can_be_left_out():
    with folder() as state, _Site(state, "--no-http2") as s:
        is_equal(_curl(s, "/")[0], "1.1 200")


def many_streams_at_a_time_are_served():
    with folder() as state, _Site(state) as s:
        code, out, err = _run("h2load", "-n500", "-c5", "-m20",
                              "https://127.0.0.1:%d/big" % s.port)
        is_equal(code, 0)
        has(out.decode(), "500 succeeded, 0 failed, 0 errored")


def nghttp_takes_it():
    with folder() as state, _Site(state) as s:
        code, out, err = _run("nghttp", "-nv", "-m", "9", "https://127.0.0.1:%d/big" % s.port)
        is_equal(code, 0)
        is_equal(len(re.findall(":status: 200", out.decode())), 9)


if __name__ == "__main__":
    main(globals())
