"""Reed's loop as a guest of the asyncio loop that runs."""

import asyncio
import ctypes
import sys
import weakref
from ctypes import byref, c_int, c_void_p

from ._errors import check, error_of
from ._library import UNHEARD, LoopOptions, LoopStats, reed

_loops = weakref.WeakKeyDictionary()  # of asyncio to Reed's


@UNHEARD
def _unheard(arg, ptr, what, err, why):
    self = Loop.by_ptr.get(ptr)
    error = error_of(err, why.decode("utf-8", "replace"))
    if self:
        self.aio.call_exception_handler({
            "message": f"nobody heard how {what.decode()} ended", "exception": error})


async def _until_shutdown(self):
    """asyncio closes what generators it knows before itself, which is when Reed has to go."""
    try:
        yield
    finally:
        self.close()


class Loop:
    """One per asyncio loop; reed.loop() makes and finds it."""

    by_ptr = {}

    def __init__(self):
        self.aio = asyncio.get_running_loop()
        if self.aio in _loops:
            raise RuntimeError("this asyncio loop has one already: reed.loop()")
        options = LoopOptions(size=ctypes.sizeof(LoopOptions), unheard=_unheard)
        ptr, fd = c_void_p(), c_int(-1)
        check(reed.reed_loop_new(byref(options), byref(ptr)))
        err = reed.reed_loop_attach(ptr, None, byref(fd))
        if err:
            reed.reed_loop_free(ptr)
            check(err, f"cannot live in this loop: {reed.reed_strerror(err).decode()}")
        self.ptr, self.fd = ptr.value, fd.value
        self.in_turn = False
        self.waits = set()             # of futures
        self.things = weakref.WeakSet()  # streams and the like, to be closed
        self.aio.add_reader(self.fd, self._turn)
        self._generator = _until_shutdown(self)
        start = self._generator.__anext__()
        try:
            start.send(None)
        except StopIteration:
            pass
        Loop.by_ptr[self.ptr] = self
        _loops[self.aio] = self

    def _turn(self):
        self.in_turn = True
        try:
            reed.reed_loop_turn(self.ptr, 0)
        finally:
            self.in_turn = False

    @property
    def is_closed(self):
        return self.ptr is None

    def alive(self):
        """The C loop, for a call to it."""
        if self.ptr is None:
            raise RuntimeError("Reed's loop is closed")
        return self.ptr

    def stats(self):
        """Counts since the beginning: turns, wakes, events, ..., and what there is now."""
        stats = LoopStats(size=ctypes.sizeof(LoopStats))
        reed.reed_loop_stats(self.alive(), byref(stats))
        return {name: getattr(stats, name) for name, _ in LoopStats._fields_[1:]}

    def close(self):
        """Drops what is waited for and closes what is open.  Once more does nothing."""
        if self.ptr is None:
            return
        if self.in_turn:  # a session that begins in a turn, say
            self.aio.call_soon(self.close)
            return
        for wait in list(self.waits):
            wait.abandon()
        for thing in sorted(self.things, key=lambda t: hasattr(t, "is_closed")):
            thing._end()  # futures before what they are of
        _loops.pop(self.aio, None)
        del Loop.by_ptr[self.ptr]
        if not self.aio.is_closed():
            self.aio.remove_reader(self.fd)
        ptr, self.ptr = self.ptr, None
        reed.reed_loop_detach(ptr)
        reed.reed_loop_free(ptr)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def __del__(self):
        if getattr(self, "ptr", None) is not None and not sys.is_finalizing():
            self.close()


def loop():
    """The one in the running asyncio loop, which is made when there is none."""
    return _loops.get(asyncio.get_running_loop()) or Loop()
