"""reed fetch: what it asks for, where it writes, what it says when that goes wrong."""

import gzip
import hashlib
import http.server
import json
import os
import pty
import re
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading

os.environ.pop("http_proxy", None)
folder = tempfile.mkdtemp()
content = os.urandom(300000)
seen = []  # what the server heard: method, path, headers, body
failures = {"n": 0}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def address_string(self):
        return "somebody"

    def answer(self, status, body=b"", **fields):
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        seen.append((self.command, self.path, self.headers, body))
        if self.path == "/file":
            self.file()
        elif self.path == "/json":
            self.answer(200, b'{"a":[1,2,{"b":"x,{}\\"y"}],"c":{},"d":[]}',
                        Content_Type="application/json")
        elif self.path == "/gzip":
            self.answer(200, gzip.compress(b"unpacked\n" * 100), Content_Encoding="gzip")
        elif self.path == "/there":
            self.answer(302, Location="/hello")
        elif self.path == "/round":
            self.answer(302, Location="/round")
        elif self.path == "/busy" and failures["n"] > 0:
            failures["n"] -= 1
            self.answer(503, b"later")
        elif self.path == "/set":
            self.answer(200, b"set\n", Set_Cookie="colour=green; Max-Age=60; HttpOnly")
        elif self.path.startswith("/digest"):
            self.digest()
        elif self.path == "/cut":
            self.send_response(200)
            self.send_header("Content-Length", "40000")
            self.end_headers()
            self.wfile.write(b"x" * 10000)
            self.close_connection = True
        elif self.path == "/stream":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(content)
            self.close_connection = True
        elif self.path == "/missing":
            self.answer(404, b"nothing here\n")
        else:
            self.answer(200, b"hello\n")

    def digest(self):
        """RFC 7616 3.4, for Mufasa of the realm "pride"."""
        said = dict(re.findall(r'(\w+)="?([^",]*)', self.headers.get("Authorization", "")))
        kind = "md5" if "md5" in self.path else "sha256"

        def h(text):
            return hashlib.new(kind, text.encode()).hexdigest()
        right = h(":".join((h("Mufasa:pride:Circle of Life"), "abc", said.get("nc", ""),
                            said.get("cnonce", ""), "auth", h(f"{self.command}:{self.path}"))))
        if said.get("response") == right and said["uri"] == self.path:
            self.answer(200, b"Hakuna matata\n")
            return
        name = "MD5" if kind == "md5" else "SHA-256"
        self.answer(401, b"who?\n", WWW_Authenticate="Basic realm=pride, Digest realm=\"pride\", "
                    f"qop=\"auth\", nonce=\"abc\", algorithm={name}, opaque=xyz")

    def file(self):
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if not wanted:
            self.answer(200, content)
            return
        first = int(wanted[1])
        if first >= len(content):
            self.answer(416, Content_Range=f"bytes */{len(content)}")
            return
        self.answer(206, content[first:],
                    Content_Range=f"bytes {first}-{len(content) - 1}/{len(content)}")

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do


class UnixServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    pass


def serve(server):
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


server = serve(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler))
base = f"http://127.0.0.1:{server.server_address[1]}"


def fetch(*words, status=0):
    done = subprocess.run([os.environ["REED"], "fetch", *words], cwd=folder, capture_output=True,
                          timeout=60)
    if done.returncode != status:
        sys.exit(f"reed fetch {' '.join(words)}: {done.returncode}, not {status}:\n"
                 f"{done.stdout[:500]}{done.stderr.decode()}")
    return done.stdout, done.stderr.decode()


def wanted(condition, what):
    if not condition:
        sys.exit(f"not so: {what}\n{seen[-1] if seen else ''}")


# Cookies are kept from one to the next, in a file that curl would read.
jar = os.path.join(folder, "cookies.txt")
fetch("-b", "cookies.txt", base + "/set")
fetch("-b", "cookies.txt", base + "/hello")
wanted(seen[-1][2]["Cookie"] == "colour=green", "a cookie is kept")
with open(jar) as f:
    line = f.read().splitlines()[-1].split("\t")
wanted(line[:4] == ["#HttpOnly_127.0.0.1", "FALSE", "/", "FALSE"] and
       line[5:] == ["colour", "green"], f"Netscape's format: {line}")
wanted(os.stat(jar).st_mode & 0o777 == 0o600, "nobody else reads it")
fetch("-b", "cookies.txt", base.replace("127.0.0.1", "localhost") + "/hello")
wanted("Cookie" not in seen[-1][2], "another host gets none")
with open(jar, "a") as f:
    f.write("and now something else\n")
_, said = fetch("-b", "cookies.txt", base + "/hello", status=1)
wanted("cookies.txt:4: a cookie is seven words" in said, said)

# Who knows a password proves it, and sends it to nobody.
for path in ("/digest/md5?a=b", "/digest/sha256"):
    out, _ = fetch("--digest", "-u", "Mufasa:Circle of Life", base + path)
    wanted(out == b"Hakuna matata\n", "Digest")
    wanted("Authorization" not in seen[-2][2], "nothing is said before it is asked for")
    fetch("--digest", "-u", "Mufasa:Circle of Lies", base + path, status=1)
fetch("--digest", "-u", "Mufasa:Circle of Life", "-d", "{}", base + "/digest")
wanted([s[0] for s in seen[-2:]] == ["POST", "POST"] and seen[-1][3] == b"{}", "with a body")
with open(os.path.join(folder, "netrc"), "w") as f:
    f.write("machine 127.0.0.1 login Mufasa password nothing\n")
fetch("--digest", "--netrc", "netrc", base + "/digest", status=1)
wanted(not any("Basic" in s[2].get("Authorization", "") for s in seen), "no Basic")
_, said = fetch("--digest", base + "/digest", status=2)
wanted("-u NAME:PASSWORD" in said, said)

# To standard output, and what was asked for.
out, said = fetch(base + "/hello")
wanted(out == b"hello\n" and said == "", "a body and nothing else")
out, _ = fetch("-i", base.removeprefix("http://") + "/hello")
wanted(out.startswith(b"HTTP/1.1 200 OK\n") and out.endswith(b"\n\nhello\n"), "a head before it")
out, _ = fetch("-I", base + "/file")
wanted(b"Content-Length: 300000\n" in out and seen[-1][0] == "HEAD", "HEAD")
fetch("-H", "X-One: 1", "-H", "X-Two:2", "-X", "DELETE", "-u", "me:word", base + "/x")
wanted(seen[-1][0] == "DELETE" and seen[-1][2]["X-One"] == "1" and seen[-1][2]["X-Two"] == "2",
       "fields and method")
wanted(seen[-1][2]["Authorization"] == "Basic bWU6d29yZA==", "a login")
fetch("-d", "a=b", base + "/x")
wanted(seen[-1][0] == "POST" and seen[-1][3] == b"a=b", "a form")
wanted(seen[-1][2]["Content-Type"] == "application/x-www-form-urlencoded", "it is a form")
with open(os.path.join(folder, "data"), "wb") as f:
    f.write(b'{"k": 1}')
fetch("-X", "PUT", "-d", "@data", base + "/x")
wanted(seen[-1][0] == "PUT" and seen[-1][3] == b'{"k": 1}', "a file sent")
wanted(seen[-1][2]["Content-Type"] == "application/json", "it is JSON")

# Redirects, coding, JSON, again.
out, _ = fetch(base + "/there")
wanted(out == b"hello\n", "a redirect")
out, said = fetch("--redirects", "3", base + "/round")
wanted(len([s for s in seen if s[1] == "/round"]) == 4, "an end of redirects")
out, _ = fetch(base + "/gzip")
wanted(out == b"unpacked\n" * 100, "decoding")
out, _ = fetch(base + "/json")
wanted(b"\n" not in out, "JSON as it is, where nobody looks")
out, _ = fetch("--json", "always", base + "/json")
wanted(json.loads(out) == {"a": [1, 2, {"b": 'x,{}"y'}], "c": {}, "d": []}, "the same JSON")
wanted(out.decode().splitlines()[:3] == ["{", '  "a": [', "    1,"], f"lines: {out}")
wanted(b'  "c": {},\n  "d": []\n}\n' in out, f"empty ones stay together: {out}")
failures["n"] = 2
fetch("--retries", "2", base + "/busy")
failures["n"] = 1
_, said = fetch(base + "/busy", status=1)
wanted(f"{base}/busy: 503 Service Unavailable" in said, said)

# Files, and going on with them.
path = os.path.join(folder, "out")


def lies_there():
    with open(path, "rb") as f:
        return f.read()


fetch("-o", "out", base + "/file")
wanted(lies_there() == content, "a file")
with open(path, "r+b") as f:
    f.truncate(1234)
fetch("-C", "-o", "out", base + "/file")
wanted(lies_there() == content and seen[-1][2]["Range"] == "bytes=1234-", "the rest of a file")
fetch("-C", "-o", "out", base + "/file")
wanted(lies_there() == content, "a file that was whole")
_, said = fetch("-o", "out", base + "/missing", status=1)
wanted(lies_there() == content and "404 Not Found" in said, "an error does not replace a file")
fetch("-o", "/dev/null", base + "/file")
os.remove(path)
fetch("-C", "-o", "out", base + "/file")
wanted(lies_there() == content, "a new file")

# How far it is: shown to somebody who looks, where nothing else is.


def watched(*words, stdout=subprocess.DEVNULL, status=0):
    """What a terminal shows of it, by lines; a line of which only the last picture stays."""
    master, slave = pty.openpty()
    process = subprocess.Popen([os.environ["REED"], "fetch", *words], cwd=folder, stderr=slave,
                               stdout=stdout or slave)
    os.close(slave)
    seen_there = b""
    try:
        while more := os.read(master, 65536):
            seen_there += more
    except OSError:
        pass  # nobody has it open any more
    os.close(master)
    wanted(process.wait(60) == status, f"{process.returncode}: {seen_there[:500]}")
    return [line.rpartition("\r\33[K")[2] for line in seen_there.decode().split("\r\n")]


full = r"\[#{30}\] 100 % 293K, [0-9.]+[BKMG]/s"
for more in (("-o", "out"), ()):
    shown = watched(*more, base + "/file")
    wanted(len(shown) == 2 and re.fullmatch(full, shown[0]) and shown[1] == "", f"a bar: {shown}")
with open(path, "r+b") as f:
    f.truncate(150000)
wanted(re.fullmatch(full, watched("-C", "-o", "out", base + "/file")[0]), "a bar that went on")
shown = watched(base + "/stream")
wanted(re.fullmatch(r"293K, [0-9.]+[BKMG]/s", shown[0]), f"of an unknown length: {shown}")
shown = watched(base + "/cut", status=1)
wanted(re.fullmatch(r"\[#{7}\.{23}\]  25 % 9.8K, .*", shown[0]) and
       shown[1].startswith("reed fetch: "), f"an end amid it has a line of its own: {shown}")
wanted(watched("-s", base + "/file") == [""], "no bar for -s")
wanted(watched(base + "/hello", stdout=None) == ["hello", ""], "no bar amid what is shown")
wanted(fetch("-o", "out", base + "/file") == (b"", ""), "no bar where nobody looks")

# A UNIX socket, a proxy.
unix = serve(UnixServer(os.path.join(folder, "sock"), Handler))
out, _ = fetch("--endpoint", f"unix:{folder}/sock", "http://any.example/hello")
wanted(out == b"hello\n" and seen[-1][2]["Host"] == "any.example", "a UNIX socket")
fetch("-x", base, "http://elsewhere.example/hello")
wanted(seen[-1][1] == "http://elsewhere.example/hello", "a proxy")
os.environ["http_proxy"] = base
fetch("http://elsewhere.example/again")
wanted(seen[-1][1] == "http://elsewhere.example/again", "a proxy of the environment")
os.environ["no_proxy"] = "127.0.0.1"
fetch(base + "/hello")
wanted(seen[-1][1] == "/hello", "but not to there")
del os.environ["http_proxy"], os.environ["no_proxy"]

# What goes wrong is told with what would be right.
with socket.socket() as s:
    s.bind(("127.0.0.1", 0))
    closed = s.getsockname()[1]
    _, said = fetch(f"http://127.0.0.1:{closed}/", status=1)
    wanted("onnection refused" in said, said)
for words, sentence in (
        ((), "it wants one URL, such as https://example.org/"),
        (("-C", base), "--resume needs a file to go on with: -o FILE"),
        (("ftp://x/",), "a URL is http://HOST/PATH or https://HOST/PATH"),
        (("-H", "nonsense", base), '--header "nonsense": write NAME: VALUE'),
        (("-d", "@none", base), "none: no such file"),
        (("-x", "gopher://x", base), "a proxy is http://HOST:PORT, socks5://HOST:PORT")):
    code = 1 if words and words[0] in ("ftp://x/", "-H", "-d", "-x") else 2
    _, said = fetch(*words, status=code)
    wanted(sentence in said, f"{sentence!r} in {said!r}")
wanted("http" in fetch("--print-man")[0].decode(), "a manual page")
