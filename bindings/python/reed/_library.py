"""The C libraries, and what of their headers this package relies on.

The structs are those of core/include/reed; they are part of the ABI that the
number in the soname stands for.  A test compares them with what a C compiler
makes of the headers.
"""

import ctypes
import os
from ctypes import (CFUNCTYPE, POINTER, Structure, c_bool, c_char, c_char_p, c_int, c_int32,
                    c_int64, c_size_t, c_uint, c_uint16, c_uint32, c_uint64, c_ubyte,
                    c_void_p)

SOVERSION = 0
NEVER = (1 << 63) - 1  # in nanoseconds


def load(name):
    """libNAME, with the number of the ABI that is described here."""
    folder = os.environ.get("REED_LIBRARY_PATH", "")
    return ctypes.CDLL(os.path.join(folder, f"lib{name}.so.{SOVERSION}"))


def declare(library, text):
    """Gives functions their types, from lines such as "void reed_drop(p)"."""
    types = {"void": None, "p": c_void_p, "int": c_int, "i64": c_int64, "size": c_size_t,
             "bool": c_bool, "str": c_char_p, "slice": Slice, "u8": c_char}
    for line in text.split("\n"):
        if not line.strip():
            continue
        result, _, rest = line.strip().partition(" ")
        name, _, arguments = rest.rstrip(")").partition("(")
        function = getattr(library, name)
        function.restype = types[result]
        function.argtypes = [types[a.strip()] for a in arguments.split(",") if a.strip()]


class Slice(Structure):
    _fields_ = [("p", c_void_p), ("n", c_size_t)]

    def bytes(self):
        return ctypes.string_at(self.p, self.n) if self.n else b""

    def text(self):
        return self.bytes().decode("utf-8", "replace")


def slice_of(content):
    """What it borrows from is held by the slice itself."""
    if isinstance(content, str):
        content = content.encode()
    elif not isinstance(content, bytes):
        content = bytes(content)
    borrowed = Slice(ctypes.cast(c_char_p(content), c_void_p), len(content))
    borrowed.content = content
    return borrowed


class List(Structure):
    _fields_ = [("prev", c_void_p), ("next", c_void_p)]


class Fault(Structure):
    _fields_ = [("err", c_int), ("line", c_int), ("file", c_char_p), ("sentence", c_char_p),
                ("cause", c_void_p)]


WAKE = CFUNCTYPE(None, c_void_p, c_int, c_void_p)


class Waiter(Structure):
    _fields_ = [("wake", WAKE), ("future", c_void_p)]


class CFuture(Structure):
    _fields_ = [("kind", c_void_p), ("loop", c_void_p), ("parent", c_void_p),
                ("waiter", c_void_p), ("ready", List), ("fault", c_void_p), ("err", c_int),
                ("bits", c_uint)]


TELL = CFUNCTYPE(None, c_void_p)


class FutureKind(Structure):
    _fields_ = [("name", c_char_p), ("cancel", TELL), ("attempt", c_void_p),
                ("deliver", c_void_p), ("free", TELL), ("leg", c_void_p), ("hear", c_void_p),
                ("interrupt", TELL)]


UNHEARD = CFUNCTYPE(None, c_void_p, c_void_p, c_char_p, c_int, c_char_p)


READY = CFUNCTYPE(None, c_void_p, c_uint)


class FdWatch(Structure):
    READ = 1
    _fields_ = [("loop", c_void_p), ("ready", READY), ("fd", c_int), ("slot", c_int),
                ("wanted", c_ubyte), ("armed", c_ubyte), ("idle", c_bool), ("always", c_bool),
                ("exclusive", c_bool), ("link", List)]


class LoopOptions(Structure):
    _fields_ = [("size", c_size_t), ("driver", c_char_p), ("unheard", UNHEARD),
                ("arg", c_void_p), ("shuffle", c_uint64)]


class LoopStats(Structure):
    _fields_ = [("size", c_size_t), ("turns", c_uint64), ("wakes", c_uint64),
                ("events", c_uint64), ("timers_fired", c_uint64), ("posts", c_uint64),
                ("watches", c_size_t), ("tasks", c_size_t), ("bytes_in", c_uint64),
                ("bytes_out", c_uint64), ("input_held", c_size_t), ("output_held", c_size_t),
                ("input_full", c_uint64), ("output_full", c_uint64)]


class Address(Structure):
    _fields_ = [("family", c_int), ("port", c_uint16), ("scope_id", c_uint32),
                ("ip", c_ubyte * 16), ("path", c_char * 108)]


class StreamFacts(Structure):
    _fields_ = [("size", c_size_t), ("peer", Address), ("local", Address), ("secure", c_bool),
                ("has_credentials", c_bool), ("uid", c_uint32), ("gid", c_uint32),
                ("pid", c_int32), ("tls", c_void_p), ("proxy", c_void_p)]


SESSION = CFUNCTYPE(c_void_p, c_void_p, c_void_p)

reed = load("reed")
declare(reed, """
    int reed_loop_new(p, p)
    void reed_loop_free(p)
    int reed_loop_attach(p, p, p)
    void reed_loop_detach(p)
    void reed_loop_turn(p, i64)
    void reed_fd_watch(p, int)
    void reed_fd_unwatch(p)
    void reed_loop_stats(p, p)
    str reed_err_name(int)
    str reed_strerror(int)
    str reed_fault_why(p, int)
    void reed_fault_free(p)
    void reed_drop(p)
    void reed_interrupt(p)
    void reed_wait(p, p)
    void reed_unwait(p, p)
    p reed_sleep_ns(p, i64)
    p reed_within(i64, p)
    p reed_any_of(p, p)
    p reed_all_of(p)
    void reed_future_init(p, p, p)
    void reed_settle(p, int)
    void reed_fail_with(p, p)
    p reed_fault_new(int, p, str, int, str, str)
    p reed_dial(p, str, p)
    p reed_listen(p, str, p)
    p reed_accept(p, p)
    p reed_serve(p, p, p, p)
    bool reed_listener_address(p, size, p)
    void reed_listener_close(p)
    str reed_address_text(p, p, size)
    slice reed_peek(p)
    void reed_skip(p, size)
    bool reed_take(p, size, p)
    bool reed_take_line(p, p)
    p reed_more(p)
    p reed_read_exactly(p, size, p)
    p reed_read_line(p, p)
    void reed_write(p, slice)
    bool reed_must_drain(p)
    p reed_drain(p)
    p reed_flush(p)
    void reed_shutdown(p)
    void reed_close(p)
    void reed_abort(p)
    str reed_stream_why(p)
    void reed_stream_facts(p, p)
""")
