"""WebSockets over HTTP/2 (RFC 8441) with python3-h2 at the other end: to a server, and through `reed web`."""

import os
import socket
import subprocess
import sys

sys.path.insert(0, "/usr/lib/python3/dist-packages")  # Debian's, whichever python3 runs this
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "apps", "reed"))

import h2.config
import h2.connection
import h2.events
import h2.settings

import tool
from ports import free_port
from tool import PATIENCE, folder, is_equal, main, server, write

tool.PROGRAM = [os.environ["REED"]]
EXAMPLE = os.path.join(os.environ["REED_BUILD"], "examples", "websocket")
LARGE = os.urandom(200000)


class _Echo:
    """The example, which listens when its port can be reached."""

    def __enter__(self):
        self.port = free_port()
        self.process = subprocess.Popen([EXAMPLE, "tcp:%d:interface=127.0.0.1" % self.port])
        while self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), PATIENCE).close()
                break
            except ConnectionRefusedError:
                pass
        return self

    def __exit__(self, *error):
        self.process.terminate()
        self.process.wait(PATIENCE)


class _Client:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
        self.h2.initiate_connection()
        self.heard, self.status, self.ended = b"", None, False
        while not self.h2.remote_settings.enable_connect_protocol:
            self.listen()

    def listen(self):
        self.socket.sendall(self.h2.data_to_send())
        came = self.socket.recv(65536)
        if not came:
            raise AssertionError("the server has gone")
        for event in self.h2.receive_data(came):
            if isinstance(event, h2.events.ResponseReceived):
                self.status = dict(event.headers)[":status"]
                self.fields = dict(event.headers)
            elif isinstance(event, h2.events.DataReceived):
                self.heard += event.data
                self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, (h2.events.StreamEnded, h2.events.StreamReset)):
                self.ended = True
        self.socket.sendall(self.h2.data_to_send())

    def ask(self, path):
        """A WebSocket at path; how that was answered."""
        self.stream = self.h2.get_next_available_stream_id()
        self.heard, self.status, self.ended = b"", None, False
        self.h2.send_headers(self.stream, [(":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "http"),
                                           (":authority", "localhost"), (":path", path),
                                           ("sec-websocket-version", "13")])
        while self.status is None:
            self.listen()
        return self.status

    def say(self, opcode, payload):
        """One frame, with a mask of zeros (RFC 6455 5.2)."""
        n = len(payload)
        size = bytes([128 + n]) if n < 126 else b"\xfe" + n.to_bytes(2, "big") if n < 65536 else b"\xff" + n.to_bytes(8, "big")
        rest = bytes([0x80 + opcode]) + size + bytes(4) + payload
        while rest:
            n = min(self.h2.local_flow_control_window(self.stream), self.h2.max_outbound_frame_size)
            self.h2.send_data(self.stream, rest[:n])
            rest = rest[n:]
            if rest and n == 0:
                self.listen()

    def bytes(self, n):
        while len(self.heard) < n:
            self.listen()
        taken, self.heard = self.heard[:n], self.heard[n:]
        return taken

    def hear(self):
        """(opcode, payload) of a frame."""
        opcode, n = self.bytes(2)
        n = int.from_bytes(self.bytes({126: 2, 127: 8}[n]), "big") if n > 125 else n
        return opcode & 15, self.bytes(n)


def _converse(port):
    c = _Client(port)
    is_equal(c.ask("/echo/"), "200")
    is_equal("sec-websocket-accept" in c.fields, False)
    for message in (b"", b"hello", b"k\xc3\xb6\xc3\x9flich" * 1000):
        c.say(1, message)
        is_equal(c.hear(), (1, message))
    c.say(2, LARGE)
    is_equal(c.hear(), (2, LARGE))
    c.say(9, b"are you there")
    is_equal(c.hear(), (10, b"are you there"))
    c.say(8, (4000).to_bytes(2, "big"))
    is_equal(c.hear()[0], 8)
    while not c.ended:
        c.listen()
    c.socket.close()


def a_server_speaks_it():
    with _Echo() as echo:
        _converse(echo.port)


def a_proxy_asks_for_an_upgrade():
    with folder() as state, _Echo() as echo:
        settings = write(state + "/web.yaml", f"""\
listen: ["tcp:0:interface=127.0.0.1"]
state: {state}/s
path: {state}
routes: [{{ at: /echo/, proxy: ["tcp:127.0.0.1:{echo.port}"] }}]
""")
        with server("web", "-c", settings) as s:
            _converse(s.address[1])
            is_equal(_Client(s.address[1]).ask("/nothing"), "404")


if __name__ == "__main__":
    main(globals())
