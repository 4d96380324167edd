"""The IRC client of the package, and the robot of docs/examples, against `reed chat`."""

import asyncio
import os
import signal
import subprocess
import sys

import reed
import reed.irc
from screen import Client, Daemon

daemon = Daemon("--irc", "tcp:PORT:interface=127.0.0.1")
endpoint = f"tcp:127.0.0.1:{daemon.port}"


async def event_of(events, kind):
    async with asyncio.timeout(30):
        async for event in events:
            if event.kind == kind:
                return event
    raise AssertionError(f"no {kind}")


async def converse(walter):
    async with reed.irc.Client(endpoint, nick="robot", flood_ms=0) as irc:
        events = irc.events()
        await irc.join("#reed")
        assert irc.nick == "robot" and irc.is_me("ROBOT")
        assert {m.nick for m in irc.channel("#reed").members} == {"robot", "walter"}
        assert irc.channel("#other") is None and [c.name for c in irc.channels] == ["#reed"]
        walter.say("PRIVMSG #reed :grüße")
        event = await event_of(events, "MESSAGE")
        assert (event.who, event.target, event.text) == ("walter", "#reed", "grüße"), event
        assert event.message.verb == "PRIVMSG" and not event.is_private
        await irc.reply(event, "auch so")
        walter.hear(":robot!.* PRIVMSG #reed :auch so")
        await irc.act("#reed", "nods")
        walter.hear("ACTION nods")
        await irc.set_nick("roberta")
        walter.hear(" NICK :?roberta")
        assert irc.nick == "roberta"
        try:
            await irc.set_nick("walter")
            raise AssertionError("took the nick of another")
        except reed.irc.Refusal as refusal:
            assert refusal.numeric == 433, refusal
        try:
            await irc.join("#no good")
            raise AssertionError("joined what is no name")
        except reed.Error as error:
            assert "spaces" in str(error), error
        answer = await irc.request("VERSION")
        assert answer[0].verb == "351", answer
        assert await irc.ping() < 10
        few = irc.events(capacity=2)
        for i in range(5):
            walter.say(f"PRIVMSG roberta :number {i}")
        while (last := await event_of(events, "MESSAGE")).text != "number 4":
            pass
        assert last.is_private
        assert (await event_of(few, "MESSAGE")).text == "number 3" and few.missed == 3
        asking = asyncio.create_task(irc.request("MOTD"))
        await asyncio.sleep(0)
        asking.cancel()
        await asyncio.wait({asking})
        assert asking.cancelled()
    walter.hear(":roberta!.* QUIT")
    assert irc.is_closed and "QUIT" not in [e.kind async for e in few]


async def end_badly():
    try:
        async with reed.irc.Client("tcp:127.0.0.1:1", no_reconnect=True):
            raise AssertionError("there is nobody")
    except ConnectionRefusedError as error:
        assert "127.0.0.1:1" in str(error), error
    try:
        async with reed.irc.Client(endpoint, sasl_user="nobody", sasl_password="wrong",
                                   plain_in_clear=True):
            raise AssertionError("let in")
    except reed.AuthError as error:
        assert str(error), error
    try:
        reed.irc.Client(endpoint, nik="typo")
        raise AssertionError("an option that is none")
    except TypeError as error:
        assert "'nik'" in str(error), error
    irc = reed.irc.Client(endpoint, nick="lost")
    running = asyncio.create_task(irc.run())
    await asyncio.sleep(0)
    await irc.ready()
    waiting = asyncio.create_task(event_of(irc.events(), "MESSAGE"))
    await asyncio.sleep(0)
    reed.loop().close()
    await asyncio.wait({running, waiting}, timeout=30)
    assert running.done() and waiting.done() and irc.is_closed


def try_robot(walter):
    program = os.path.join(os.environ["REED_SOURCE"], "docs/examples/bot.py")
    robot = subprocess.Popen([sys.executable, "-X", "dev", program, endpoint, "#reed"],
                             stderr=subprocess.PIPE, text=True)
    walter.hear(":pyrobot!.* JOIN #reed")
    walter.say("PRIVMSG #reed :!ping")
    walter.hear(":pyrobot!.* PRIVMSG #reed :pong")
    walter.say("PRIVMSG #reed :!who")
    walter.hear(":pyrobot!.* PRIVMSG #reed :(walter pyrobot|pyrobot walter)")
    walter.say("PRIVMSG #reed :!remind 0 tea")
    walter.hear(":pyrobot!.* PRIVMSG #reed :walter: tea")
    walter.say("PRIVMSG pyrobot :quit")
    walter.hear(":pyrobot!.* QUIT")
    said = robot.communicate(timeout=60)[1]
    assert robot.returncode == 0, said
    sys.stderr.write(said)
    refused = subprocess.run([sys.executable, program, "tcp:nowhere"], capture_output=True,
                             text=True, timeout=60)
    assert refused.returncode == 1 and "tcp:HOST:PORT" in refused.stderr, refused
    robot = subprocess.Popen([sys.executable, program, endpoint, "#reed"])
    walter.hear(":pyrobot!.* JOIN #reed")
    robot.send_signal(signal.SIGINT)
    walter.hear(":pyrobot!.* QUIT")
    assert robot.wait(timeout=60) == 0


def main():
    walter = Client(daemon.port, "walter")
    walter.say("JOIN #reed")
    walter.hear(" 366 ")
    asyncio.run(converse(walter))
    asyncio.run(end_badly())
    try_robot(walter)
    walter.socket.close()


main()
