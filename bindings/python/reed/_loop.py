"""Reed's loop in the thread of an asyncio loop: a guest inside that, or below it."""

import asyncio
import ctypes
import selectors
import sys
import time
import weakref
from ctypes import byref, c_int, c_int64, c_void_p

from ._errors import check, error_of
from ._library import NEVER, READY, UNHEARD, FdWatch, LoopOptions, LoopStats, reed

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


# ---- who waits ----


class _Guest:
    """asyncio does, and gives Reed a turn when its descriptor is ready."""

    def __init__(self, owner):
        fd = c_int(-1)
        err = reed.reed_loop_attach(owner.ptr, None, byref(fd))
        check(err, f"cannot live in this loop: {reed.reed_strerror(err).decode()}")
        self.aio, self.ptr, self.fd = owner.aio, owner.ptr, fd.value
        self.aio.add_reader(self.fd, owner.turn)

    def close(self):
        if not self.aio.is_closed():
            self.aio.remove_reader(self.fd)
        reed.reed_loop_detach(self.ptr)


@READY
def _asyncio_is_ready(watch, events):
    tie = Loop.by_ptr[FdWatch.from_address(watch).loop].tie
    tie.is_ready = tie.selector.is_wanted = True


class _Below:
    """Reed does, for asyncio's descriptors and its next timer too.

    So what C does by itself, an echo or a client's pings, never comes to the interpreter: only
    what asyncio has to do ends a wait.
    """

    def __init__(self, owner):
        self.owner, self.selector = owner, owner.aio.selector
        self.is_ready = False
        self.watch = FdWatch(owner.ptr, _asyncio_is_ready, self.selector.fileno())
        reed.reed_fd_watch(byref(self.watch), FdWatch.READ)
        self.selector.below = self

    def wait(self, timeout):
        """At most so many seconds; whether a descriptor of asyncio's is ready."""
        self.is_ready = self.selector.is_wanted = False
        self.owner.in_turn = True
        try:
            if timeout is None:
                self.wait_for_ever()
            else:
                self.wait_until(time.monotonic() + timeout, int(timeout * 1e9))
        finally:
            self.owner.in_turn = False
        return self.is_ready

    # A turn each time, as signals are Python's to handle in between.

    def wait_for_ever(self):
        turn, selector = reed.reed_loop_turn, self.selector
        ptr, never = c_void_p(self.owner.ptr), c_int64(NEVER)
        while not selector.is_wanted:
            turn(ptr, never)

    def wait_until(self, end, ns):
        while ns >= 0 and not self.selector.is_wanted:
            reed.reed_loop_turn(self.owner.ptr, ns)
            ns = int((end - time.monotonic()) * 1e9)

    def close(self):
        self.selector.below = None
        reed.reed_fd_unwatch(byref(self.watch))


class _Selector(selectors.DefaultSelector):
    below = None
    is_wanted = False  # for a descriptor, or something that was scheduled meanwhile

    def select(self, timeout=None):
        if self.below is None:
            return super().select(timeout)
        return super().select(0) if self.below.wait(timeout) else []


class EventLoop(asyncio.SelectorEventLoop):
    """An asyncio loop that waits in Reed's, from the first call of this package on."""

    def __init__(self):
        self.selector = _Selector()
        super().__init__(self.selector)

    def call_soon(self, callback, *args, context=None):
        self.selector.is_wanted = True
        return super().call_soon(callback, *args, context=context)

    def call_at(self, when, callback, *args, context=None):
        self.selector.is_wanted = True
        return super().call_at(when, callback, *args, context=context)


def run(main, *, debug=None):
    """asyncio.run() with an EventLoop: for programs in which Reed has the most to do."""
    with asyncio.Runner(debug=debug, loop_factory=EventLoop) as runner:
        return runner.run(main)


# ---- Reed's loop ----


class Loop:
    """One per asyncio loop; reed.loop() makes and finds it."""

    by_ptr = {}

    def __init__(self):
        self.aio = asyncio.get_running_loop()
        if self.aio in _loops:
            raise RuntimeError("this asyncio loop has one already: reed.loop()")
        options = LoopOptions(size=ctypes.sizeof(LoopOptions), unheard=_unheard)
        ptr = c_void_p()
        check(reed.reed_loop_new(byref(options), byref(ptr)))
        self.ptr = ptr.value
        self.in_turn = False
        self.waits = set()             # of futures
        self.things = weakref.WeakSet()  # streams and the like, to be closed
        try:
            self.tie = (_Below if isinstance(self.aio, EventLoop) else _Guest)(self)
        except BaseException:
            reed.reed_loop_free(self.ptr)
            self.ptr = None
            raise
        self._generator = _until_shutdown(self)
        start = self._generator.__anext__()
        try:
            start.send(None)
        except StopIteration:
            pass
        Loop.by_ptr[self.ptr] = self
        _loops[self.aio] = self

    def turn(self):
        """What its host calls."""
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
        self.tie.close()
        ptr, self.ptr, self.tie = self.ptr, None, None
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
