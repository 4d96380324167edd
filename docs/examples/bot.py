"""A robot on IRC: bot.py [ENDPOINT [CHANNEL]]; IRC_USER and IRC_PASSWORD are its account."""

import asyncio
import os
import sys
import time

import reed.irc


async def remind(irc, event, seconds, what):
    await asyncio.sleep(seconds)
    await irc.reply(event, f"{event.who}: {what}")


async def answer(irc, event, tasks):
    command, _, rest = event.text.removeprefix("!").partition(" ")
    if command == "ping":
        await irc.reply(event, "pong")
    elif command == "time":
        await irc.reply(event, time.strftime("%H:%M UTC", time.gmtime(event.time)))
    elif command == "who":
        channel = irc.channel(event.target)
        await irc.reply(event, " ".join(m.nick for m in channel.members) if channel else "you")
    elif command == "remind" and rest.partition(" ")[0].isdecimal():
        seconds, _, what = rest.partition(" ")
        tasks.create_task(remind(irc, event, int(seconds), what))
    elif command == "quit" and event.is_private:
        return False
    return True


async def main(endpoint="tls:irc.libera.chat:6697", channel="#reed-test"):
    account = {"sasl_user": os.environ.get("IRC_USER"),
               "sasl_password": os.environ.get("IRC_PASSWORD")}
    async with reed.irc.Client(endpoint, nick="pyrobot", **account) as irc:
        events = irc.events()
        await irc.join(channel)
        async with asyncio.TaskGroup() as tasks:
            async for event in events:
                asked = event.is_private or event.text.startswith("!")
                if event.kind == "MESSAGE" and asked and not event.is_mine and not event.is_past:
                    if not await answer(irc, event, tasks):
                        break
        events.close()


if __name__ == "__main__":
    try:
        asyncio.run(main(*sys.argv[1:]))
    except reed.Error as error:
        sys.exit(f"bot.py: {error}")
    except KeyboardInterrupt:
        pass
