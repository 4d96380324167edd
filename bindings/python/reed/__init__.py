"""Reed inside asyncio: its endpoints, streams, futures and its IRC client.

    stream = await reed.dial("tls:example.org:6697")
    stream.write("hello\\r\\n")
    line = await stream.read_line()

The C libraries do the work; this package calls them with ctypes and has nothing
to be built.  They are looked for where the system looks, or in the folder that
REED_LIBRARY_PATH names.

Reed's loop lives in the running asyncio loop, from the first call until
asyncio.run() ends or until reed.loop().close().  An idle one wakes nobody.
All of it belongs to that loop's thread.  With reed.run() in place of
asyncio.run() it is Reed's that waits, for asyncio too.
"""

from ._errors import (AuthError, BrokenProtocol, Canceled, CertificateError, Closed, EndOfStream,
                      Error, NameNotFound, Refused, Reset, SyntaxFault, TimedOut, TooBig)
from ._future import Future, all_of, first_of, future_of, sleep, within
from ._loop import EventLoop, Loop, loop, run
from ._stream import Facts, Listener, Stream, dial, listen, serve

__all__ = ["AuthError", "BrokenProtocol", "Canceled", "CertificateError", "Closed", "EndOfStream",
           "Error", "EventLoop", "Facts", "Future", "Listener", "Loop", "NameNotFound", "Refused",
           "Reset", "Stream", "SyntaxFault", "TimedOut", "TooBig", "all_of", "dial", "first_of",
           "future_of", "listen", "loop", "run", "serve", "sleep", "within"]
