"""Says lines to a server and prints what it answers, a line each: ask.py ENDPOINT LINE..."""

import asyncio
import sys

import reed


async def main(endpoint, *lines):
    async with await reed.dial(endpoint) as stream:
        for line in lines:
            stream.write(line + "\n")
            print((await stream.read_line()).decode())


asyncio.run(main(*sys.argv[1:]))
