"""An IRC client that comes back, over the client kit of libreed-irc.

    async with reed.irc.Client("tls:irc.example.org:6697", nick="robot") as irc:
        await irc.join("#reed")
        async for event in irc:
            if event.kind == "MESSAGE" and event.text == "!ping":
                await irc.reply(event, "pong")

A refusal of the server's (433, 473, FAIL ...) raises Refusal; the connection's
own errors are reed.Error.  Kinds of events are those of reed/irc/event.h.
"""

import asyncio
import contextlib
import ctypes
import dataclasses
from ctypes import byref

from ._errors import Closed, EndOfStream, Error
from ._future import Future
from ._irc_library import (Answer, CChannel, CEvent, CEvents, CMember, ClientOptions, Refused,
                           irc)
from ._library import slice_of
from ._loop import loop
from ._stream import _Thing

EVENTS_WAITING = 1000  # of one reader


class Refusal(Exception):
    """The server will not: numeric is 433 and the like, code what FAIL has instead."""

    def __init__(self, numeric, code, text):
        super().__init__(text)
        self.numeric, self.code, self.text = numeric, code, text


@dataclasses.dataclass(frozen=True)
class Message:
    """A line of the server's."""

    tags: str
    source: str
    verb: str
    params: tuple


@dataclasses.dataclass(frozen=True)
class Event:
    """What happened; see reed/irc/event.h for what text and subject are of each kind."""

    kind: str
    who: str
    user: str
    host: str
    target: str
    reply_to: str
    text: str
    subject: str
    account: str
    id: str
    batch: str
    time: float  # seconds since 1970 UTC, by the server where it says
    numeric: int
    is_mine: bool
    is_private: bool
    is_past: bool
    is_over: bool
    message: Message | None


@dataclasses.dataclass(frozen=True)
class Member:
    nick: str
    modes: str  # letters, the highest first: "ov"
    account: str | None
    is_away: bool


@dataclasses.dataclass(frozen=True)
class Channel:
    """As it is now; members in the order they came."""

    name: str
    topic: str
    members: tuple


def _message(c):
    return Message(c.tags.text(), c.source.text(), c.verb.text(),
                   tuple(c.params[i].text() for i in range(c.count)))


def _event(c):
    return Event(irc.reed_irc_event_name(c.kind).decode(), c.nick.text(), c.user.text(),
                 c.host.text(), c.target.text(), c.reply_to.text(), c.text.text(),
                 c.subject.text(), c.account.text(), c.id.text(), c.batch.text(), c.time / 1000,
                 c.numeric, c.is_mine, c.is_private, c.is_past, c.is_over,
                 _message(c.message.contents) if c.message else None)


def _text(c):
    return (c or b"").decode("utf-8", "replace")


class Events(_Thing):
    """async for: what happens from here on, until the client is closed."""

    def __init__(self, client, capacity=EVENTS_WAITING):
        self._c, self._has, self.missed = CEvents(), False, 0
        self._client = client
        irc.reed_irc_events_begin(byref(self._c), client._here(), capacity)
        super().__init__(client._loop, ctypes.addressof(self._c))

    def __aiter__(self):
        return self

    def _took(self):
        self._has = True

    async def __anext__(self):
        """Lost ones are counted in missed: whoever is slow misses the oldest."""
        while not self._has:
            if self._ptr is None:
                raise StopAsyncIteration
            try:
                future = Future(self._loop, irc.reed_irc_events_next(self._ptr), self._took)
                future._client = self._client
                await future
            except EndOfStream:
                raise StopAsyncIteration from None
            except Error as error:
                if error.name != "REED_EOVERFLOW":
                    raise
                self.missed += self._c.queue.missed
        self._has = False
        if self._ptr is None:
            raise StopAsyncIteration
        return _event(self._c.event.contents)

    def close(self):
        if self._ptr is not None:
            irc.reed_irc_events_end(self._let_go())

    _end = close


class Client(_Thing):
    """Options are those of struct reed_irc_client_options, by name.

    Used with `async with`, it is ready inside, and says QUIT at the end.
    """

    def __init__(self, endpoint, **options):
        owner = loop()
        owner.alive()
        c = ClientOptions.with_defaults(endpoint=endpoint, **options)
        self._run = None
        super().__init__(owner, irc.reed_irc_client_new(owner.ptr, byref(c)))

    # ---- the connection ----

    async def run(self):
        """Connects, and again, until quit(); raises what trying again does not help against."""
        if self._run:
            raise RuntimeError("it runs already")
        self._run = asyncio.ensure_future(self._until(irc.reed_irc_client_run))
        try:
            await self._run
        finally:
            self._run = None

    async def ready(self):
        """Until the server has let us in; raises what the run ended with, if that comes first."""
        run, task = self._run, asyncio.ensure_future(self._until(irc.reed_irc_ready))
        try:
            await asyncio.wait({task, run} if run else {task},
                               return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                run.result()
                raise Closed("the client's run has ended")
            task.result()
        finally:
            task.cancel()

    async def _until(self, call):
        await self._future(call(self._here()))

    async def __aenter__(self):
        task = asyncio.ensure_future(self.run())
        task.add_done_callback(lambda t: t.cancelled() or t.exception())
        await asyncio.sleep(0)
        try:
            await self.ready()
        except BaseException:
            self.close()
            raise
        return self

    async def __aexit__(self, *exc):
        try:
            if self._run and not self._run.done():
                with contextlib.suppress(Error):
                    await self.quit()
        finally:
            self.close()

    async def quit(self, reason=""):
        """Ends the run in good order."""
        run = self._run
        await self._say(irc.reed_irc_quit, reason)
        if run:
            await asyncio.wait({run})

    def close(self):
        """At once; what waits for the client is canceled."""
        if self._ptr is None:
            return
        if self._loop.in_turn:
            self._loop.aio.call_soon(self.close)
            return
        for wait in [w for w in self._loop.waits if w.future._client is self]:
            wait.abandon()
        irc.reed_irc_client_free(self._let_go())

    _end = close

    # ---- what happens ----

    def events(self, capacity=EVENTS_WAITING):
        """From here on; the oldest of more than so many that wait are lost."""
        return Events(self, capacity)

    def __aiter__(self):
        return self.events()

    # ---- what is known ----

    @property
    def nick(self):
        return irc.reed_irc_client_nick(self._here()).text()

    @property
    def account(self):
        """What we are logged in to; empty: nothing."""
        return irc.reed_irc_client_account(self._here()).text()

    def is_me(self, nick):
        return irc.reed_irc_client_is_me(self._here(), slice_of(nick))

    def has(self, capability):
        return irc.reed_irc_client_has(self._here(), capability.encode())

    @property
    def channels(self):
        """Those we are in, in the order they were joined."""
        found, each = [], irc.reed_irc_channel_next(self._here(), None)
        while each:
            found.append(self._channel(each))
            each = irc.reed_irc_channel_next(self._ptr, each)
        return found

    def channel(self, name):
        """None: not in it."""
        found = irc.reed_irc_channel_find(self._here(), slice_of(name))
        return self._channel(found) if found else None

    def _channel(self, ptr):
        members, each = [], irc.reed_irc_member_next(ptr, None)
        while each:
            member = CMember.from_address(each)
            user = member.user.contents
            members.append(Member(_text(user.nick), _text(member.modes),
                                  None if user.account is None else _text(user.account),
                                  user.is_away))
            each = irc.reed_irc_member_next(ptr, each)
        channel = CChannel.from_address(ptr)
        return Channel(_text(channel.name), _text(channel.topic), tuple(members))

    # ---- saying ----

    def _future(self, ptr):
        future = Future(self._loop, ptr)
        future._client = self
        return future

    async def _say(self, call, *words):
        await self._future(call(self._here(), *[slice_of(word) for word in words]))

    async def say(self, target, text):
        """Settles when it has left; split where it does not fit into a line."""
        await self._say(irc.reed_irc_say, target, text)

    async def notice(self, target, text):
        await self._say(irc.reed_irc_say_notice, target, text)

    async def act(self, target, text):
        await self._say(irc.reed_irc_act, target, text)

    async def reply(self, event, text):
        """Where the event came from."""
        await self.say(event.reply_to, text)

    async def ping(self):
        """The round trip, in seconds."""
        ms = ctypes.c_int64()
        await self._future(irc.reed_irc_ping(self._here(), byref(ms)))
        return ms.value / 1000

    # ---- asking ----

    async def _ask(self, call, *words):
        refusal = Refused()
        await self._future(call(self._here(), *[slice_of(word) for word in words],
                                byref(refusal)))
        _raise(refusal)

    async def join(self, channel, key=""):
        """Settles when the members are known; joined again after a reconnect."""
        await self._ask(irc.reed_irc_join, channel, key)

    async def part(self, channel, reason=""):
        await self._ask(irc.reed_irc_part, channel, reason)

    async def kick(self, channel, nick, reason=""):
        await self._ask(irc.reed_irc_kick, channel, nick, reason)

    async def invite(self, nick, channel):
        await self._ask(irc.reed_irc_invite, nick, channel)

    async def set_topic(self, channel, topic):
        await self._ask(irc.reed_irc_set_topic, channel, topic)

    async def set_nick(self, nick):
        await self._ask(irc.reed_irc_set_nick, nick)

    async def set_away(self, reason=""):
        await self._ask(irc.reed_irc_set_away, reason)

    async def set_modes(self, target, changes):
        """changes: "+o-v alice bob"."""
        await self._ask(irc.reed_irc_set_modes, target, changes)

    async def request(self, line):
        """Any command, as a list of Messages that answer it."""
        answer = Answer()
        try:
            await self._future(irc.reed_irc_request(self._here(), slice_of(line), byref(answer)))
            _raise(answer.refusal)
            return [_message(answer.messages[i]) for i in range(answer.count)]
        finally:
            irc.reed_irc_answer_finish(byref(answer))


def _raise(refusal):
    if refusal.numeric or refusal.code:
        raise Refusal(refusal.numeric, _text(refusal.code), _text(refusal.text))
