"""Futures both ways: Reed's are awaited in Python, awaitables are Reed's futures."""

import asyncio
import ctypes
import sys
import warnings
from ctypes import byref, c_int, c_void_p

from ._errors import Canceled, err_of, fault_of, take_fault
from ._library import TELL, WAKE, CFuture, FutureKind, Waiter, reed
from ._loop import loop

_waits = {}    # the address of a waiter: who waits
_bridges = {}  # the address of a future of C: the awaitable behind it


@WAKE
def _wake(waiter, err, fault):
    _waits.pop(waiter).woken(err, fault)


class _Wait:
    """Somebody in asyncio who waits for a future of C, which is its own from here on."""

    def __init__(self, future):
        self.loop, self.future = future._loop, future
        self.done = self.loop.aio.create_future()
        self.waiter = Waiter(wake=_wake)
        self.address = ctypes.addressof(self.waiter)
        _waits[self.address] = self
        self.loop.waits.add(self)
        reed.reed_wait(future._release(), self.address)

    def woken(self, err, fault):
        self.loop.waits.discard(self)
        if not err:
            value = self.future._collect()
            if self.done.done():
                self.future._discard(value)
            else:
                self.done.set_result(value)
            return
        error = take_fault(err, fault)
        if self.done.done():
            return
        if err == Canceled.err:
            self.done.cancel(error.sentence)
            return
        for bridge in self.future._bridges:
            if bridge.exception is not None:
                error.__cause__ = bridge.exception
        self.done.set_exception(error)

    def leave(self):
        """Nobody waits any more: an outcome that is there already goes back."""
        if _waits.pop(self.address, None):
            self.loop.waits.discard(self)
            reed.reed_unwait(self.loop.ptr, self.address)
        elif self.done.done() and not self.done.cancelled() and not self.done.exception():
            self.future._discard(self.done.result())

    def abandon(self):
        """The loop closes."""
        self.leave()
        if not self.done.done() and not self.loop.aio.is_closed():
            self.done.cancel("Reed's loop was closed")


class Future:
    """One thing that will happen; await it once, give it to a combinator, or drop() it.

    What starts it has started.  Cancelling the task that awaits it drops it.
    """

    _client = None  # that it waits for, and that is freed after it

    def __init__(self, owner, ptr, collect=None, discard=None, bridges=()):
        self._loop, self._ptr = owner, ptr
        self._collect = collect or (lambda: None)
        self._discard = discard or (lambda value: None)
        self._bridges = bridges
        owner.things.add(self)

    def _release(self):
        ptr, self._ptr = self._ptr, None
        if ptr is None:
            raise RuntimeError("a Reed future is awaited, combined or dropped once")
        self._loop.alive()
        return ptr

    def __await__(self):
        wait = _Wait(self)
        try:
            return (yield from wait.done.__await__())
        except BaseException:
            wait.leave()
            raise

    def drop(self):
        """Cancels, at once.  Nothing happens when it is not ours any more."""
        if self._ptr is not None and not self._loop.is_closed:
            reed.reed_drop(self._release())
        self._ptr = None

    _end = drop

    def interrupt(self):
        """A polite drop, of one that is not awaited yet: what it is made of may say goodbye."""
        if self._ptr is None:
            raise RuntimeError("it is not ours any more")
        reed.reed_interrupt(self._ptr)

    def __del__(self):
        if self._ptr is not None and not sys.is_finalizing():
            if not self._loop.is_closed:
                warnings.warn("a Reed future was never awaited", ResourceWarning, source=self)
            self.drop()


# ---- Python's awaitables ----


@TELL
def _cancel(f):
    bridge = _bridges[f]
    bridge.is_open = False
    bridge.task.cancel()


@TELL
def _free(f):
    bridge = _bridges.pop(f)
    if bridge.is_open:
        bridge.is_open = False
        bridge.task.cancel()


@TELL
def _interrupt(f):
    _bridges[f].task.cancel()


_kind = FutureKind(name=b"python", cancel=_cancel, free=_free, interrupt=_interrupt)


class _Bridge:
    """A task of asyncio's that settles a future of C; drops and interrupts cancel it."""

    def __init__(self, owner, awaitable):
        self.exception = self.result = None
        self.is_open = True
        self.task = asyncio.ensure_future(awaitable)
        self.c = CFuture()
        self.address = ctypes.addressof(self.c)
        _bridges[self.address] = self
        reed.reed_future_init(self.address, owner.alive(), ctypes.addressof(_kind))
        self.task.add_done_callback(self.ended)

    def ended(self, task):
        if task.cancelled():
            self.settle(Canceled.err)
        elif task.exception() is None:
            self.result = task.result()
            self.settle(0)
        else:
            self.exception = task.exception()
            self.fail()

    def settle(self, err):
        if self.is_open:
            self.is_open = False
            reed.reed_settle(self.address, err)

    def fail(self):
        if not self.is_open:  # nobody will hear of it otherwise
            self.task.get_loop().call_exception_handler({
                "message": "failed when it was no longer wanted", "exception": self.exception})
        elif err_of(self.exception) == Canceled.err:
            self.settle(Canceled.err)
        else:
            self.is_open = False
            reed.reed_fail_with(self.address, fault_of(self.exception))


def future_of(awaitable):
    """A Reed future that ends as the awaitable does: with its result, or with its error.

    A drop cancels the task at once; an interrupt cancels it, and waits for it.
    """
    owner = loop()
    bridge = _Bridge(owner, awaitable)
    return Future(owner, bridge.address, lambda: bridge.result, bridges=(bridge,))


# ---- those of the kernel ----


def _adopted(future):
    return future if isinstance(future, Future) else future_of(future)


def _array(futures):
    return (c_void_p * (len(futures) + 1))(*[f._release() for f in futures], None)


def sleep(seconds):
    """On Reed's clock."""
    owner = loop()
    return Future(owner, reed.reed_sleep_ns(owner.alive(), int(seconds * 1e9)))


def within(seconds, future):
    """As it ends, or TimedOut; an awaitable of Python's will do too."""
    f = _adopted(future)
    return Future(f._loop, reed.reed_within(int(seconds * 1000), f._release()), f._collect,
                  f._discard, f._bridges)


def first_of(*futures):
    """(index, result) of the one that ends first; the others are dropped."""
    if not futures:
        raise ValueError("first_of() of nothing would never end")
    fs = [_adopted(f) for f in futures]
    which = c_int()
    return Future(fs[0]._loop, reed.reed_any_of(byref(which), _array(fs)),
                  lambda: (which.value, fs[which.value]._collect()),
                  lambda value: fs[value[0]]._discard(value[1]),
                  sum((tuple(f._bridges) for f in fs), ()))


def all_of(*futures):
    """A list of all results; when one fails the others are dropped."""
    if not futures:
        raise ValueError("all_of() of nothing has no loop to be in")
    fs = [_adopted(f) for f in futures]

    def discard(values):
        for f, value in zip(fs, values):
            f._discard(value)

    return Future(fs[0]._loop, reed.reed_all_of(_array(fs)), lambda: [f._collect() for f in fs],
                  discard, sum((tuple(f._bridges) for f in fs), ()))
