"""TCP echo in asyncio: echo_in.py WAY PORT

c          Reed is the guest, and echo_in.c echoes: what the adapter costs
below      the same with reed.run(): asyncio waits in Reed's loop
coroutine  Reed is the guest, and Python echoes: reed.serve()
streams    the same without Reed: asyncio.start_server()
"""

import asyncio
import ctypes
import os
import sys

way, port = sys.argv[1], sys.argv[2]


async def echo(stream):
    while content := await stream.read():
        stream.write(content)
        await stream.drain()


async def echo_by_streams(reader, writer):
    try:
        while content := await reader.read(65536):
            writer.write(content)
            await writer.drain()
    except ConnectionError:
        pass
    writer.close()


async def main():
    if way == "streams":
        server = await asyncio.start_server(echo_by_streams, "127.0.0.1", int(port))
        await server.serve_forever()
    import reed
    endpoint = f"tcp:{port}:interface=127.0.0.1"
    if way == "coroutine":
        await reed.serve(endpoint, echo)
    from reed._library import reed as library
    session = ctypes.CDLL(os.environ["ECHO_IN"]).echo_session
    listener = await reed.listen(endpoint)
    await reed.Future(reed.loop(), library.reed_serve(
        listener._let_go(), ctypes.cast(session, ctypes.c_void_p), None, None))


if way == "below":
    import reed
    reed.run(main())
else:
    asyncio.run(main())
