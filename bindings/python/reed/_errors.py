"""Faults as exceptions: the number for programs, the sentence for people.

Every one is a reed.Error, which is an OSError; where Python has a class for the
case it is one of those too: `except ConnectionRefusedError` works.
"""

import asyncio

from ._library import reed

SYSTEM_ERRNO_MOST = 4000  # what stands beyond is Reed's own, and no errno


class Error(OSError):
    """err is of enum reed_err, name its name there, str() the fault's sentence."""

    err = -5

    def __init__(self, sentence="", err=None):
        super().__init__(sentence)
        if err is not None:
            self.err = err
        self.sentence = sentence or reed.reed_strerror(self.err).decode()
        self.errno = -self.err if -self.err < SYSTEM_ERRNO_MOST else None

    @property
    def name(self):
        return reed.reed_err_name(self.err).decode()

    def __str__(self):
        return self.sentence


class Refused(Error, ConnectionRefusedError):
    err = -111


class Reset(Error, ConnectionResetError):
    err = -104


class TimedOut(Error, TimeoutError):
    err = -110


class Canceled(Error):
    err = -125


class EndOfStream(Error, EOFError):
    err = -4095


class Closed(Error):
    err = -4094


class NameNotFound(Error):
    err = -4093


class SyntaxFault(Error, ValueError):
    err = -4092


class CertificateError(Error):
    err = -4091


class AuthError(Error, PermissionError):
    err = -4090


class BrokenProtocol(Error):
    err = -71


class TooBig(Error):
    err = -90


_classes = {c.err: c for c in (Refused, Reset, TimedOut, Canceled, EndOfStream, Closed,
                               NameNotFound, SyntaxFault, CertificateError, AuthError,
                               BrokenProtocol, TooBig)}


def error_of(err, sentence=""):
    return _classes.get(err, Error)(sentence, err)


def take_fault(err, fault):
    """The exception for how a future ended; frees the fault, which may be None."""
    sentence = reed.reed_fault_why(fault, err).decode("utf-8", "replace")
    reed.reed_fault_free(fault)
    return error_of(err, sentence)


def check(err, sentence=""):
    if err:
        raise error_of(err, sentence)


def err_of(exception):
    """The number that an exception of Python's is in C."""
    if isinstance(exception, Error):
        return exception.err
    if isinstance(exception, asyncio.CancelledError):
        return Canceled.err
    if isinstance(exception, TimeoutError):
        return TimedOut.err
    return Error.err


def fault_of(exception):
    """A fault for C, which is the caller's."""
    if isinstance(exception, Error):
        sentence = exception.sentence
    else:
        sentence = f"{type(exception).__name__}: {exception}"
    frame = exception.__traceback__
    while frame and frame.tb_next:
        frame = frame.tb_next
    return reed.reed_fault_new(err_of(exception), None, b"python",
                               frame.tb_lineno if frame else 0, b"%s",
                               sentence.encode("utf-8", "replace"))
