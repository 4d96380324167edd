"""Streams, listeners, and the endpoints they come from."""

import ctypes
import dataclasses
import sys
import warnings
from ctypes import byref, c_void_p

from ._errors import Closed, EndOfStream, Reset
from ._future import Future, _Bridge
from ._library import SESSION, Address, Slice, StreamFacts, reed, slice_of
from ._loop import loop


def _text(address):
    room = ctypes.create_string_buffer(256)
    return reed.reed_address_text(byref(address), room, len(room)).decode("utf-8", "replace")


@dataclasses.dataclass(frozen=True)
class Facts:
    """What is known of the other side; is_secure: nobody in between can read it."""

    peer: str
    local: str
    is_secure: bool
    uid: int | None = None  # of the process at the other end of a UNIX stream
    pid: int | None = None


class _Thing:
    """Something of C's that is owned here until it is closed, or goes with the loop."""

    _ptr = None

    def __init__(self, owner, ptr):
        self._loop, self._ptr = owner, ptr
        owner.things.add(self)

    @property
    def is_closed(self):
        return self._ptr is None

    def _here(self):
        if self._ptr is None:
            raise Closed(f"the {type(self).__name__.lower()} is closed here")
        return self._ptr

    def _let_go(self):
        ptr, self._ptr = self._ptr, None
        self._loop.things.discard(self)
        return ptr

    async def __aenter__(self):
        return self

    async def __aexit__(self, *exc):
        self.close()

    def __del__(self):
        if self._ptr is not None and not sys.is_finalizing():
            warnings.warn(f"unclosed {self!r}", ResourceWarning, source=self)
            self._end()


class Stream(_Thing):
    """Bytes both ways.  One reader and one drainer at a time; writes queue and never wait.

    A read that is cancelled has read nothing.
    """

    _reading = _draining = False

    # ---- reading ----

    async def _more(self):
        if self._reading:
            raise RuntimeError("somebody else reads from this stream")
        self._reading = True
        try:
            await Future(self._loop, reed.reed_more(self._here()))
        finally:
            self._reading = False

    async def read(self, most=65536):
        """What is here, or will be: up to so many bytes; b"" at the end."""
        while not (here := reed.reed_peek(self._here())).n:
            try:
                await self._more()
            except EndOfStream:
                return b""
        n = min(here.n, most)
        content = ctypes.string_at(here.p, n)
        reed.reed_skip(self._ptr, n)
        return content

    async def read_exactly(self, n):
        """EndOfStream when there will not be so many; what is there can still be read."""
        out = Slice()
        while not reed.reed_take(self._here(), n, byref(out)):
            await self._more()
        return out.bytes()

    async def read_line(self):
        """Without its LF or CR LF; EndOfStream when there is none."""
        out = Slice()
        while not reed.reed_take_line(self._here(), byref(out)):
            await self._more()
        return out.bytes()

    def __aiter__(self):
        return self

    async def __anext__(self):
        try:
            return await self.read_line()
        except EndOfStream:
            raise StopAsyncIteration from None

    # ---- writing ----

    def write(self, content):
        """bytes, or text as UTF-8.  A write that fails is told by the next read or drain."""
        reed.reed_write(self._here(), slice_of(content))

    async def _drained(self, start):
        if self._draining:
            raise RuntimeError("somebody else drains this stream")
        self._draining = True
        try:
            await Future(self._loop, start(self._here()))
        finally:
            self._draining = False

    async def drain(self):
        """Until little enough is queued."""
        if reed.reed_must_drain(self._here()):
            await self._drained(reed.reed_drain)

    async def flush(self):
        """Until the system has taken all of it."""
        await self._drained(reed.reed_flush)

    def shutdown(self):
        """Nothing more will be written; the peer sees the end after what is queued."""
        reed.reed_shutdown(self._here())

    # ---- the end ----

    def close(self):
        """In good order: what is queued is written, and the peer heard out, behind our back."""
        if self._ptr is not None:
            reed.reed_close(self._let_go())

    def abort(self):
        """At once; what is queued is lost."""
        if self._ptr is not None:
            reed.reed_abort(self._let_go())

    _end = abort

    # ---- what is known ----

    @property
    def why(self):
        """Why it is broken, in a sentence."""
        return reed.reed_stream_why(self._here()).decode("utf-8", "replace")

    @property
    def facts(self):
        facts = StreamFacts(size=ctypes.sizeof(StreamFacts))
        reed.reed_stream_facts(self._here(), byref(facts))
        known = facts.has_credentials
        return Facts(_text(facts.peer), _text(facts.local), facts.secure,
                     facts.uid if known else None, facts.pid if known else None)


class Listener(_Thing):
    """async for stream in listener, accept(), or serve()."""

    _accepting = False

    @property
    def address(self):
        """Where it listens, with the port that the system chose."""
        address = Address()
        reed.reed_listener_address(self._here(), 0, byref(address))
        return _text(address)

    @property
    def port(self):
        address = Address()
        reed.reed_listener_address(self._here(), 0, byref(address))
        return address.port

    async def accept(self):
        """The next connection, which is the caller's."""
        if self._accepting:
            raise RuntimeError("somebody else accepts from this listener")
        out, owner = c_void_p(), self._loop
        self._accepting = True
        try:
            return await Future(owner, reed.reed_accept(self._here(), byref(out)),
                                lambda: Stream(owner, out.value), Stream.abort)
        finally:
            self._accepting = False

    def __aiter__(self):
        return self

    async def __anext__(self):
        try:
            return await self.accept()
        except EndOfStream:
            raise StopAsyncIteration from None

    def close(self):
        if self._ptr is not None:
            reed.reed_listener_close(self._let_go())

    _end = close

    async def serve(self, handler):
        """Calls handler(stream) for every connection, each in a task, until cancelled.

        The listener is used up.  A stream is closed when its handler ends; a handler that
        fails is told to asyncio's exception handler, and stops nobody else.
        """
        owner = self._loop
        self._here()

        @SESSION
        def session(arg, ptr):
            stream = Stream(owner, ptr)
            bridge = _Bridge(owner, _session(owner, handler, stream))
            bridge.task.add_done_callback(lambda task: stream.close())  # though it never began
            return bridge.address

        await Future(owner, reed.reed_serve(self._let_go(), session, None, None))


async def _session(owner, handler, stream):
    try:
        await handler(stream)
    except (EndOfStream, Reset):
        pass  # what befalls a peer is no news
    except Exception as error:
        owner.aio.call_exception_handler({"message": "a session failed", "exception": error})


def dial(endpoint):
    """Await it for a Stream: "tcp:host:port", "tls:host:port", "unix:/path", ..."""
    owner, out = loop(), c_void_p()
    return Future(owner, reed.reed_dial(owner.alive(), endpoint.encode(), byref(out)),
                  lambda: Stream(owner, out.value), Stream.abort)


def listen(endpoint):
    """Await it for a Listener: "tcp:6667", "tls:6697:cert=...", "unix:/path", ..."""
    owner, out = loop(), c_void_p()
    return Future(owner, reed.reed_listen(owner.alive(), endpoint.encode(), byref(out)),
                  lambda: Listener(owner, out.value), Listener.close)


async def serve(endpoint, handler):
    """listen() and Listener.serve()."""
    await (await listen(endpoint)).serve(handler)
