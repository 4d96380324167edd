"""curl and raw sockets against docs/examples/web: routes, bodies, files."""

import gzip
import os
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile

from ports import free_port

BUILD = os.environ["REED_BUILD"]


def check(so, what):
    if not so:
        sys.exit("not so: %s" % (what,))


class Site:
    def __init__(self, folder):
        self.port = free_port()
        self.server = subprocess.Popen(
            [os.path.join(BUILD, "examples", "web"),
             "tcp:%d:interface=127.0.0.1" % self.port, folder])
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 5).close()
                return
            except ConnectionRefusedError:
                check(self.server.poll() is None, "the server runs")
                select.select([], [], [], 0.02)

    def curl(self, path, *args):
        """Status, fields, body."""
        out = subprocess.run(
            ["curl", "-s", "-i", "-m", "20", "--path-as-is", *args,
             "http://127.0.0.1:%d%s" % (self.port, path)],
            capture_output=True, check=True).stdout
        while True:
            head, _, out = out.partition(b"\r\n\r\n")
            lines = head.decode("latin-1").split("\r\n")
            status = int(lines[0].split()[1])
            if status >= 200:
                break
        fields = {l.split(":", 1)[0].lower(): l.split(":", 1)[1].strip() for l in lines[1:]}
        return status, fields, out

    def say(self, text):
        s = socket.create_connection(("127.0.0.1", self.port), 10)
        s.sendall(text)
        out = b""
        while True:
            more = s.recv(65536)
            if not more:
                return out
            out += more

    def stop(self):
        self.server.send_signal(signal.SIGTERM)
        check(self.server.wait(20) in (0, 128 + signal.SIGTERM), "it ends in good order")


def bodies(site, folder):
    status, fields, body = site.curl("/hello/you")
    check((status, body) == (200, b"Hello, you!\n"), "hello")
    status, fields, body = site.curl("/hello/you", "-I")
    check((status, fields["content-length"], body) == (200, "12", b""), "HEAD")
    big = os.path.join(folder, "big.bin")
    for how in ([], ["-H", "Transfer-Encoding: chunked"], ["-0"]):
        status, fields, body = site.curl("/upload", "-T", big, *how)
        check((status, body) == (200, b"3000000 bytes\n"), ("upload", how))
    out = site.say(b"GET /hello/a HTTP/1.1\r\nHost: x\r\n\r\n" * 50 +
                   b"GET /hello/b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    check(out.count(b"Hello, a!") == 50 and out.endswith(b"Hello, b!\n"), "a pipeline")


def whole_files(site, folder):
    big = open(os.path.join(folder, "big.bin"), "rb").read()
    for _ in range(2):  # looked at, then kept
        status, fields, body = site.curl("/files/a.txt")
        check((status, body, fields["content-type"]) ==
              (200, b"hello\n", "text/plain; charset=utf-8"), "a file")
    status, fields, body = site.curl("/files/big.bin")
    check(status == 200 and body == big, "a large file")
    status, fields, body = site.curl("/files/big.bin", "-I")
    check((status, fields["content-length"], body) == (200, "3000000", b""), "its head")
    status, fields, body = site.curl("/files/empty")
    check((status, body) == (200, b""), "an empty file")
    status, fields, body = site.curl("/files/a.txt", "-X", "DELETE")
    check(status == 405 and "GET" in fields["allow"], "no DELETE")


def conditions(site):
    status, fields, body = site.curl("/files/a.txt")
    etag, date = fields["etag"], fields["last-modified"]
    for wanted, *args in (
            (304, "-H", "If-None-Match: " + etag),
            (304, "-H", "If-None-Match: \"x\", W/" + etag),
            (200, "-H", "If-None-Match: \"x\""),
            (304, "-H", "If-Modified-Since: " + date),
            (200, "-H", "If-Modified-Since: Thu, 01 Jan 1970 00:00:01 GMT"),
            (200, "-H", "If-None-Match: \"x\"", "-H", "If-Modified-Since: " + date),
            (412, "-H", "If-Match: \"x\""),
            (200, "-H", "If-Match: " + etag),
            (412, "-H", "If-Unmodified-Since: Thu, 01 Jan 1970 00:00:01 GMT"),
    ):
        status, fields, body = site.curl("/files/a.txt", *args)
        check(status == wanted and (status != 304 or body == b""), (wanted, args))
        check(status != 304 or fields["etag"] == etag, "304 has its tag")


def ranges(site, folder):
    big = open(os.path.join(folder, "big.bin"), "rb").read()
    for name, whole in (("a.txt", b"hello\n"), ("big.bin", big)):
        n = len(whole)
        for text, first, end in (("0-0", 0, 1), ("1-3", 1, 4), ("-2", n - 2, n),
                                 ("2-", 2, n), ("-9999999", 0, n), ("1-9999999", 1, n)):
            status, fields, body = site.curl("/files/" + name, "-H", "Range: bytes=" + text)
            check(status == 206 and body == whole[first:end], (name, text))
            check(fields["content-range"] == "bytes %d-%d/%d" % (first, end - 1, n), text)
        for text, wanted in (("9999999-", 416), ("-0", 416), ("5-1", 200), ("x", 200),
                             ("0-" + ",0-" * 20, 200)):
            status, fields, body = site.curl("/files/" + name, "-H", "Range: bytes=" + text)
            check(status == wanted, (name, text, status))
            check(status != 416 or fields["content-range"] == "bytes */%d" % n, "416 says how long")
        status, fields, body = site.curl("/files/" + name, "-H", "Range: bytes=0-1,3-4")
        boundary = re.match("multipart/byteranges; boundary=(.+)", fields["content-type"]).group(1)
        parts = body.split(b"\r\n--" + boundary.encode())
        check(status == 206 and len(parts) == 4 and parts[3] == b"--\r\n", "parts")
        check(int(fields["content-length"]) == len(body), "their length")
        check(parts[1].endswith(b"\r\n\r\n" + whole[0:2]), "the first part")
        check(parts[2].endswith(b"\r\n\r\n" + whole[3:5]), "the second part")
        status, fields, body = site.curl("/files/" + name, "-H", "Range: bytes=0-1",
                                         "-H", "If-Range: \"x\"")
        check(status == 200 and body == whole, "If-Range")


def codings(site):
    for accept, coding in (("gzip", "gzip"), ("br, gzip", "br"), ("br;q=0, gzip", "gzip"),
                           ("identity", None), ("*", "br"), ("gzip;q=0.0", None)):
        status, fields, body = site.curl("/files/page.html", "-H", "Accept-Encoding: " + accept)
        check(fields.get("content-encoding") == coding, (accept, fields))
        check(fields["content-type"].startswith("text/html"), "its own type")
        check(fields["vary"] == "Accept-Encoding", "Vary")
    status, fields, body = site.curl("/files/page.html", "-H", "Accept-Encoding: gzip")
    check(gzip.decompress(body) == b"<p>page", "gzip")


def folders(site):
    status, fields, body = site.curl("/files/sub")
    check(status == 308 and fields["location"] == "/files/sub/", "a slash is added")
    status, fields, body = site.curl("/files/sub/")
    check((status, body) == (200, b"index of sub"), "an index")
    status, fields, body = site.curl("/files/list/")
    check(status == 200 and b"&lt;b&gt;.txt" in body and b"%3Cb%3E.txt" in body, "a listing")
    check(b".secret" not in body and b"out" not in body, "what is hidden is not listed")


def escapes(site):
    for path in ("../secret", "..%2Fsecret", "%2e%2e/secret", "sub/../../secret", "/etc/passwd",
                 "%2Fetc/passwd", "sub//../a.txt", "out", "out/secret", "absolute", "./a.txt",
                 ".hidden", "sub/.hidden", "a.txt/", "a.txt/x", "pipe", "a%00.txt", "x" * 300):
        status, fields, body = site.curl("/files/" + path)
        check(status in (400, 403, 404) and b"SECRET" not in body and b"root:" not in body,
              (path, status))


def make(top):
    folder = os.path.join(top, "root")

    def put(name, content):
        with open(os.path.join(folder, name), "wb") as out:
            out.write(content)

    for name in ("", "sub", "list"):
        os.mkdir(os.path.join(folder, name))
    put("../secret", b"SECRET")
    put("a.txt", b"hello\n")
    put("empty", b"")
    put("big.bin", os.urandom(3000000))
    put("page.html", b"<p>page")
    put("page.html.gz", gzip.compress(b"<p>page"))
    put("page.html.br", b"not looked at")
    put("sub/index.html", b"index of sub")
    put("list/<b>.txt", b"")
    put("list/.secret", b"SECRET")
    put(".hidden", b"SECRET")
    put("sub/.hidden", b"SECRET")
    os.symlink("..", os.path.join(folder, "out"))
    os.symlink("..", os.path.join(folder, "list", "out"))
    os.symlink("/etc/passwd", os.path.join(folder, "absolute"))
    os.mkfifo(os.path.join(folder, "pipe"))
    return folder


with tempfile.TemporaryDirectory() as top:
    folder = make(top)
    site = Site(folder)
    try:
        bodies(site, folder)
        whole_files(site, folder)
        conditions(site)
        ranges(site, folder)
        codings(site)
        folders(site)
        escapes(site)
    except BaseException:
        site.server.kill()
        site.server.wait()
        raise
    site.stop()
print("ok")
