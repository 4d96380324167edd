"""What RFC 6455 and RFC 7692 say of frames, case by case, of both sides of ours.

Each case is what a peer sends, and what it hears until the connection ends.  A peer is a client of our
server, and a server of our client; frames are put together here, so that they can be wrong.
"""

import base64
import collections
import hashlib
import itertools
import os
import socket
import subprocess
import sys
import zlib

from ports import free_port

PATIENCE = 30
ECHO = os.path.join(os.environ["REED_BUILD"], "tests", "websocket_echo")
MORE, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
MASK = b"\x5a\x00\xff\x21"
END = b"\0\0\xff\xff"  # RFC 7692 7.2.1

# frames: what is sent; heard: (opcode, payload) of messages and pongs; code: of the Close that ends it;
# step: bytes sent at a time, 0: all.
Case = collections.namedtuple("Case", "name frames heard code step", defaults=([], 1000, 0))


# ---- frames ----


def masked(payload):
    n = len(payload)
    key = (MASK * (n // 4 + 1))[:n]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(n, "big")


class Frame:
    def __init__(self, opcode, payload=b"", fin=True, rsv=0, cut=None, width=None, unmask=False):
        self.first = fin << 7 | rsv << 4 | opcode
        self.payload, self.cut, self.width, self.unmask = payload, cut, width, unmask

    def encode(self, mask):
        n, width = len(self.payload), self.width
        mask ^= self.unmask
        if width is None:
            width = 0 if n < 126 else 2 if n < 65536 else 8
        length = n if width == 0 else 126 if width == 2 else 127
        head = bytes([self.first, mask << 7 | length]) + (n.to_bytes(width, "big") if width else b"")
        payload = masked(self.payload) if mask else self.payload
        return head + (MASK if mask else b"") + payload[:self.cut]


def text(payload, **how):
    return Frame(TEXT, payload.encode() if isinstance(payload, str) else payload, **how)


def close(code=None, why=b"", **how):
    return Frame(CLOSE, (b"" if code is None else code.to_bytes(2, "big")) + why, **how)


def fragments(opcode, payload, size, between=()):
    pieces = [payload[i:i + size] for i in range(0, len(payload), size)] or [b""]
    for i, piece in enumerate(pieces):
        yield Frame(MORE if i else opcode, piece, fin=i == len(pieces) - 1)
        if i < len(pieces) - 1:
            yield from between


# ---- cases of RFC 6455 ----


def lengths():
    """5.2: each form of a length, at its borders; and what is cut anywhere."""
    for opcode, n in itertools.product((TEXT, BINARY), (0, 1, 125, 126, 127, 128, 65535, 65536)):
        payload = (b"*" if opcode == TEXT else b"\xfe") * n
        yield Case(f"5.2 {n} bytes", [Frame(opcode, payload)], [(opcode, payload)])
        if n in (125, 126):
            yield Case(f"5.2 {n} bytes, one at a time", [Frame(opcode, payload)],
                       [(opcode, payload)], step=1)
    payload = b"*" * 65536
    yield Case("5.2 in pieces", [text(payload)], [(TEXT, payload)], step=997)
    for n, width in (125, 2), (0, 2), (65535, 8), (125, 8):
        yield Case(f"5.2 {n} in {width} bytes", [text(b"*" * n, width=width)], code=1002)
    yield Case("5.1 the wrong side masks", [text("x", unmask=True)], code=1002)
    yield Case("5.1 of a control frame", [Frame(PING, unmask=True)], code=1002)


def pings():
    """5.5.2, 5.5.3"""
    for payload in b"", b"Hello", b"\0\xff\xfe", b"\xfe" * 125:
        for step in 0, 1:
            yield Case(f"5.5.2 {len(payload)} bytes", [Frame(PING, payload)], [(PONG, payload)],
                       step=step)
    yield Case("5.5 126 bytes", [Frame(PING, b"\xfe" * 126)], code=1002)
    yield Case("5.5.3 nobody asked", [Frame(PONG), Frame(PONG, b"x"), Frame(PING, b"y")],
               [(PONG, b"y")])
    ten = [b"payload-%d" % i for i in range(10)]
    for step in 0, 1:
        yield Case("5.5.2 ten", [Frame(PING, p) for p in ten], [(PONG, p) for p in ten], step=step)


def reserved():
    """5.2: bits that nobody has agreed on, and opcodes that mean nothing."""
    for rsv, step in itertools.product(range(1, 8), (0, 1)):
        yield Case(f"5.2 RSV {rsv}", [text("small", rsv=rsv), Frame(PING)], code=1002, step=step)
        yield Case(f"5.2 RSV {rsv} behind a message", [text("a"), Frame(BINARY, rsv=rsv)],
                   [(TEXT, b"a")], 1002, step)
    for rsv, opcode in itertools.product(range(1, 8), (CLOSE, PING, PONG)):
        yield Case(f"5.2 RSV {rsv} of {opcode}", [Frame(opcode, rsv=rsv)], code=1002)
    for opcode, payload in itertools.product((3, 4, 5, 6, 7, 11, 12, 13, 14, 15), (b"", b"x")):
        yield Case(f"5.2 opcode {opcode}", [text("a"), Frame(opcode, payload), Frame(PING)],
                   [(TEXT, b"a")], 1002)


def fragmented():
    """5.4"""
    for opcode in PING, PONG, CLOSE:
        yield Case(f"5.5 {opcode} in fragments",
                   [Frame(opcode, b"a", fin=False), Frame(MORE, b"b")], code=1002)
    for step in 0, 1:
        yield Case("5.4 two", fragments(TEXT, b"onetwo", 3), [(TEXT, b"onetwo")], step=step)
        yield Case("5.4 with pings between", fragments(TEXT, b"abc", 1, [Frame(PING, b"p")]),
                   [(PONG, b"p"), (PONG, b"p"), (TEXT, b"abc")], step=step)
        yield Case("5.4 empty ones", [text("", fin=False), Frame(MORE, fin=False), Frame(MORE)],
                   [(TEXT, b"")], step=step)
        yield Case("5.4 what begins with nothing", [Frame(MORE, b"x"), text("y")], code=1002,
                   step=step)
        yield Case("5.4 nor goes on", [Frame(MORE, b"x", fin=False), text("y")], code=1002,
                   step=step)
        yield Case("5.4 one within another", [text("a", fin=False), text("b")], code=1002, step=step)
    yield Case("5.4 behind the last", [*fragments(TEXT, b"ab", 1), Frame(MORE, b"c")],
               [(TEXT, b"ab")], 1002)
    yield Case("5.4 another kind goes on", [text("a", fin=False), Frame(BINARY, b"b")], code=1002)
    yield Case("5.4 two messages with pongs among them",
               [*fragments(BINARY, b"\xff" * 9, 2, [Frame(PONG)]), *fragments(TEXT, b"xyz", 1)],
               [(BINARY, b"\xff" * 9), (TEXT, b"xyz")])


# 8.1, RFC 3629: what is UTF-8, and what is not, and where it is not any more.
GOOD = ["", "Hello-µ@ßöäüàá-UTF-8!!", "κόσμε", "\x00", "\x7f", "\x80", "\u07ff", "\u0800", "\ud7ff",
        "\ue000", "\ufffd", "\ufffe", "\uffff", "\ufdd0", "\U00010000", "\U0001fffe", "\U0010ffff"]
BAD = [b"\x80", b"\xbf", b"\x80\xbf", b"\x80" * 7, b"\xc0", b"\xc1\x80", b"\xc0\xaf", b"\xc1\xbf",
       b"\xe0\x80\xaf", b"\xe0\x9f\xbf", b"\xf0\x80\x80\xaf", b"\xf0\x8f\xbf\xbf",
       b"\xf8\x80\x80\x80\xaf", b"\xfc\x80\x80\x80\x80\xaf", b"\xf8\x88\x80\x80\x80",
       b"\xfb\xbf\xbf\xbf\xbf", b"\xfc\x84\x80\x80\x80\x80", b"\xfd\xbf\xbf\xbf\xbf\xbf", b"\xfe",
       b"\xff", b"\xfe\xfe\xff\xff", b"\xed\xa0\x80", b"\xed\xad\xbf", b"\xed\xae\x80", b"\xed\xbf\xbf",
       b"\xed\xa0\x80\xed\xb0\x80", b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\xf7\xbf\xbf\xbf",
       b"\xc3 ", b"\xe2\x82 ", b"\xf0\x9f\x98 ", b"\xc3\xc3\xa9"]
CUT = [b"\xc3", b"\xdf", b"\xe0\xa0", b"\xe2", b"\xe2\x82", b"\xef\xbf", b"\xf0\x90", b"\xf0\x9f\x98",
       b"\xf4\x8f\xbf"]


def utf8():
    for s in GOOD:
        payload = s.encode("utf-8", "surrogatepass")
        yield Case(f"8.1 {s!a}", [text(payload)], [(TEXT, payload)])
        yield Case(f"8.1 {s!a} in fragments", fragments(TEXT, payload, 1), [(TEXT, payload)])
    for bad in BAD:
        yield Case(f"8.1 {bad}", [text(b"ok" + bad)], code=1007)
        yield Case(f"8.1 {bad} in fragments", fragments(TEXT, bad, 1), code=1007)
        yield Case(f"8.1 {bad}, and the rest does not come", [text(bad + b"x" * 9, cut=len(bad))],
                   code=1007)
        yield Case(f"5.5.1 {bad} as a reason", [close(1000, bad)], code=1007)
    for cut in CUT:
        yield Case(f"8.1 {cut} at the end", [text(cut)], code=1007)
        yield Case(f"8.1 {cut}, and a fragment", [text(cut, fin=False), Frame(MORE)], code=1007)


def closes():
    """5.5.1, 7.4: how it ends is said by these themselves."""
    yield Case("5.5.1 nothing in it", [close()], code=None)
    yield Case("5.5.1 half a code", [Frame(CLOSE, b"\x03")], code=1002)
    for why in b"", b"Hello", b"x" * 123, "µ".encode() * 61:
        yield Case(f"5.5.1 {len(why)} bytes of a reason", [close(1000, why)])
    yield Case("5.5 a reason of 124", [close(1000, b"x" * 124)], code=1002)
    for late in text("late"), Frame(PING), close(1000), Frame(3):
        yield Case("1.4 what comes behind", [close(1001), late], code=1001)
    yield Case("5.5.1 amid a message", [text("half", fin=False), close(1000)])
    yield Case("5.5.1 behind one", [text("a"), close(1000)], [(TEXT, b"a")])
    for code in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999,
                 4000, 4999):
        yield Case(f"7.4 {code}", [close(code)], code=code)
    for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535):
        yield Case(f"7.4 {code}", [close(code)], code=1002)


def large():
    for n, size in (65536, 64), (1 << 20, 4096), (2 << 20, 2 << 20):
        payload = bytes(range(32, 96)) * (n // 64)
        yield Case(f"{n} bytes, {size} each", fragments(TEXT, payload, size), [(TEXT, payload)])
    yield Case("10.4 too much", [Frame(BINARY, b"x" * (2 << 20) + b"y", cut=0)], code=1009)
    yield Case("10.4 too much in fragments", [Frame(BINARY, b"x" * (2 << 20), fin=False),
                                              Frame(MORE, b"y", fin=False)], code=1009)


# ---- cases of RFC 7692 ----


def deflated(payload, flush=zlib.Z_SYNC_FLUSH, level=6):
    z = zlib.compressobj(level, zlib.DEFLATED, -15)
    out = z.compress(payload) + z.flush(flush)
    return out.removesuffix(END)


def compressed():
    """Where it was agreed on, without takeover.  What comes back is decompressed before it is compared."""
    words = b"a reed is bent and does not break; " * 40
    for payload in b"", b"Hello", words, words * 100:
        for opcode in TEXT, BINARY:
            yield Case(f"7.2 {len(payload)} bytes", [Frame(opcode, deflated(payload), rsv=4)],
                       [(opcode, payload)])
        for size in 1, 100, 1000:
            pieces = list(fragments(TEXT, deflated(payload), size, [Frame(PING, b"p")]))
            pieces[0].first |= 0x40
            if len(pieces) < 50:
                yield Case(f"6.1 {len(payload)} bytes in fragments of {size}", pieces,
                           [(PONG, b"p")] * (len([p for p in pieces if p.first & 15 == PING])) +
                           [(TEXT, payload)])
    yield Case("7.2.3.1 of the RFC", [Frame(TEXT, b"\xf2\x48\xcd\xc9\xc9\x07\x00", rsv=4)],
               [(TEXT, b"Hello")])
    yield Case("7.2.3.3 not compressed in DEFLATE",
               [Frame(TEXT, b"\x00\x05\x00\xfa\xffHello\x00", rsv=4)], [(TEXT, b"Hello")])
    yield Case("7.2.3.4 with a last block", [Frame(TEXT, b"\xf3\x48\xcd\xc9\xc9\x07\x00\x00", rsv=4)],
               [(TEXT, b"Hello")])
    yield Case("7.2.3.5 two blocks",
               [Frame(TEXT, b"\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00", rsv=4)],
               [(TEXT, b"Hello")])
    yield Case("7.2.3.6 an empty one", [Frame(TEXT, b"\x00", rsv=4)], [(TEXT, b"")])
    yield Case("6 not compressed, though it may be", [text(words)], [(TEXT, words)])
    yield Case("6.1 the bit on a fragment",
               [Frame(TEXT, deflated(b"ab")[:2], fin=False, rsv=4), Frame(MORE, b"", rsv=4)],
               code=1002)
    for opcode in PING, PONG, CLOSE:
        yield Case(f"6 the bit on {opcode}", [Frame(opcode, rsv=4)], code=1002)
    for rsv in 1, 2, 3, 5, 6, 7:
        yield Case(f"6 RSV {rsv}", [text("x", rsv=rsv)], code=1002)
    yield Case("7.2.2 no DEFLATE", [Frame(BINARY, b"\xff" * 20, rsv=4)], code=1007)
    yield Case("7.2.2 cut off", [Frame(TEXT, deflated(words)[:-5] + b"\xff" * 9, rsv=4)], code=1007)
    yield Case("8.1 no UTF-8 in it", [Frame(TEXT, deflated(b"ok \xff"), rsv=4)], code=1007)
    yield Case("8.1 half a character", [Frame(TEXT, deflated(b"ok \xe2\x82"), rsv=4)], code=1007)
    yield Case("10.4 a bomb", [Frame(BINARY, deflated(b"x" * (8 << 20)), rsv=4)], code=1009)


# ---- the other end ----


class Wire:
    def __init__(self, connection, mask):
        connection.settimeout(PATIENCE)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket, self.mask, self.file = connection, mask, connection.makefile("rb")

    def head(self):
        """The first line, and fields by their names in lower case."""
        first = self.file.readline().decode().strip()
        fields = {}
        while line := self.file.readline().decode().strip():
            name, _, value = line.partition(":")
            fields[name.lower()] = value.strip()
        return first, fields

    def send(self, case):
        data = b"".join(f.encode(self.mask) for f in case.frames)
        try:
            for i in range(0, len(data), case.step or len(data) or 1):
                self.socket.sendall(data[i:i + case.step] if case.step else data)
        except OSError:
            pass  # it was sent away already, which is what it hears

    def frame(self):
        head = self.file.read(2)
        if len(head) < 2:
            return None
        n, mask = head[1] & 127, head[1] >> 7
        assert mask != self.mask, "5.1: a client masks, a server does not"
        if n > 125:
            n = int.from_bytes(self.file.read(2 if n == 126 else 8), "big")
        key = self.file.read(4) if mask else bytes(4)
        payload = self.file.read(n)
        if mask:
            whole = (key * (n // 4 + 1))[:n]
            payload = (int.from_bytes(payload, "big") ^ int.from_bytes(whole, "big")).to_bytes(n, "big")
        return head[0], payload

    def hear(self, inflate):
        """Messages and pongs; and the code of the Close, None in an empty one, False without any."""
        heard, whole, kind = [], b"", None
        while got := self.frame():
            first, payload = got
            opcode = first & 15
            if opcode == CLOSE:
                return heard, int.from_bytes(payload[:2], "big") if payload else None
            if opcode in (PING, PONG):
                heard.append((opcode, payload))
                continue
            kind, whole = (kind, whole + payload) if opcode == MORE else (first, payload)
            if first & 0x80:
                heard.append((kind & 15, inflate(whole) if kind & 0x40 else whole))
        return heard, False

    def done(self):
        self.file.close()
        self.socket.close()


def inflate_alone(payload):
    return zlib.decompressobj(-15).decompress(payload + END)


def judge(case, wire):
    wants_close = case.frames and case.frames[-1].first & 15 != CLOSE and case.code == 1000
    case = case._replace(frames=case.frames + [close(1000)] if wants_close else case.frames)
    wire.send(case)
    try:
        got = wire.hear(inflate_alone)
    except TimeoutError:
        sys.exit(f"{case.name}: it waits")
    if wire.mask:  # RFC 6455 7.1.1: a server closes first
        assert got[1] is False or not wire.file.read(), f"{case.name}: something behind the Close"
    wire.done()
    short = [(opcode, payload[:60]) for opcode, payload in got[0]]
    assert got == (case.heard, case.code), f"{case.name}: {short} and {got[1]}, not {case.code}"


def listed(*groups):
    return [case._replace(frames=list(case.frames)) for group in groups for case in group()]


# ---- of our server ----

KEY = "dGhlIHNhbXBsZSBub25jZQ=="


def connect(port, offer=None):
    wire = Wire(socket.create_connection(("127.0.0.1", port), PATIENCE), True)
    more = f"Sec-WebSocket-Extensions: {offer}\r\n" if offer else ""
    wire.socket.sendall(f"GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        f"Sec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n{more}\r\n".encode())
    first, fields = wire.head()
    assert first.startswith("HTTP/1.1 101 "), first
    return wire, fields.get("sec-websocket-extensions", "")


def converse(wire, own, theirs):
    """Messages that need what came before, as far as that may be; own and theirs are windows."""
    z = zlib.compressobj(6, zlib.DEFLATED, -own[0])
    back = zlib.decompressobj(-theirs[0])
    for i in range(20):
        payload = b"".join(b"%d %d;" % (i * k % 97, k) for k in range(300))
        packed = (z.compress(payload) + z.flush(zlib.Z_SYNC_FLUSH)).removesuffix(END)
        if not own[1]:
            z = zlib.compressobj(6, zlib.DEFLATED, -own[0])
        wire.socket.sendall(Frame(TEXT, packed, rsv=4).encode(wire.mask))
        first, got = wire.frame()
        assert first == 0xc1, hex(first)
        assert back.decompress(got + END) == payload, f"message {i}"
        if not theirs[1]:
            back = zlib.decompressobj(-theirs[0])
    judge(Case("7.1 and the end", [text("bye")], [(TEXT, b"bye")]), wire)


def our_server(port):
    cases = listed(lengths, pings, reserved, fragmented, utf8, closes, large)
    for case in cases:
        judge(case, connect(port)[0])
    packed = listed(compressed)
    for case in packed:
        wire, agreed = connect(port, "permessage-deflate; client_no_context_takeover; "
                                     "server_no_context_takeover")
        assert agreed.startswith("permessage-deflate"), agreed
        judge(case, wire)
    return len(cases) + len(packed)


def our_server_agrees(port):
    """RFC 7692 7.1: every pair of windows, and who takes over."""
    for bits, no_server, no_client in itertools.product((None, 9, 12, 15), (False, True), (False, True)):
        offer = "permessage-deflate" + "; server_no_context_takeover" * no_server + \
            "; client_no_context_takeover" * no_client + \
            (f"; server_max_window_bits={bits}" if bits else "")
        wire, agreed = connect(port, offer)
        words = [word.strip() for word in agreed.split(";")]
        assert words[0] == "permessage-deflate", agreed
        assert not no_server or "server_no_context_takeover" in words, agreed
        assert not bits or f"server_max_window_bits={bits}" in words, agreed
        converse(wire, (15, "client_no_context_takeover" not in words),
                 (bits or 15, "server_no_context_takeover" not in words))
    return 16


# ---- of our client ----


class Listener:
    """Our client comes again after each connection."""

    def __init__(self, *more):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.socket.settimeout(PATIENCE)
        url = "ws://127.0.0.1:%d/" % self.socket.getsockname()[1]
        self.process = subprocess.Popen([ECHO, url, *more])

    def accept(self, agreed=None):
        wire = Wire(self.socket.accept()[0], False)
        first, fields = wire.head()
        assert first == "GET / HTTP/1.1" and fields["sec-websocket-version"] == "13", first
        accept = base64.b64encode(hashlib.sha1(
            fields["sec-websocket-key"].encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
        more = f"Sec-WebSocket-Extensions: {agreed}\r\n" if agreed else ""
        wire.socket.sendall(b"HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            b"Sec-WebSocket-Accept: " + accept + f"\r\n{more}\r\n".encode())
        return wire

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.socket.close()
        if error[0]:
            self.process.kill()
        assert self.process.wait(PATIENCE) == 0 or error[0]


NO_TAKEOVER = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"


def our_client():
    cases, packed = listed(lengths, pings, reserved, fragmented, utf8, closes, large), listed(compressed)
    with Listener() as listener:
        for case in cases:
            judge(case, listener.accept())
        for case in packed:
            judge(case, listener.accept(NO_TAKEOVER))
    return len(cases) + len(packed)


def our_client_agrees():
    count = 0
    with Listener("takeover") as listener:
        for own, theirs in itertools.product((None, 9, 15), (None, 9, 15)):
            for no_server, no_client in itertools.product((False, True), (False, True)):
                wire = listener.accept(
                    "permessage-deflate" + "; server_no_context_takeover" * no_server +
                    "; client_no_context_takeover" * no_client +
                    (f"; server_max_window_bits={own}" if own else "") +
                    (f"; client_max_window_bits={theirs}" if theirs else ""))
                converse(wire, (own or 15, not no_server), (theirs or 15, not no_client))
                count += 1
        for wrong in ("permessage-deflate; mode=1", "permessage-deflate; server_max_window_bits=7",
                      "permessage-deflate; client_max_window_bits", "x-none",
                      "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
                      "permessage-deflate; client_max_window_bits=16",
                      "permessage-deflate, permessage-deflate"):
            wire = listener.accept(wrong)
            assert wire.hear(inflate_alone)[0] == [], wrong  # RFC 7692 5.1: it fails the connection
            wire.done()
            count += 1
    return count


def serving(*more):
    port = free_port()
    process = subprocess.Popen([ECHO, f"tcp:{port}:interface=127.0.0.1", *more])
    while process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), PATIENCE).close()
            return process, port
        except ConnectionRefusedError:
            pass
    sys.exit(f"{ECHO} did not start")


def main():
    for more, test in ((), our_server), (("takeover",), our_server_agrees):
        process, port = serving(*more)
        try:
            print(test.__name__, test(port))
        finally:
            process.terminate()
            process.wait(PATIENCE)
    for test in our_client, our_client_agrees:
        print(test.__name__, test())


main()
