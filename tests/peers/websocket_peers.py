"""WebSockets with python3-websockets at the other end, and `reed chat` reached from a page."""

import asyncio
import os
import shutil
import ssl
import subprocess
import sys
import tempfile

sys.path.insert(0, "/usr/lib/python3/dist-packages")  # Debian's, whichever python3 runs this

import websockets

from ports import free_port
from screen import Client, Daemon

example = os.path.join(os.environ["REED_BUILD"], "examples", "websocket")


def wanted(condition, what):
    if not condition:
        sys.exit(f"not so: {what}")


async def connected(url, **options):
    """Also while the server is about to listen."""
    for _ in range(100):
        try:
            return await websockets.connect(url, **options)
        except ConnectionRefusedError:
            await asyncio.sleep(0.1)
    sys.exit(f"nobody listens at {url}")


async def our_server(port):
    url = f"ws://127.0.0.1:{port}/echo"
    for compression in (None, "deflate"):
        ws = await connected(url, compression=compression, max_size=1 << 21)
        for message in ("", "hello", "kößlich " * 1000, b"\0\xff", os.urandom(100000), "x" * (1 << 20)):
            await ws.send(message)
            wanted(await ws.recv() == message, f"an echo of {len(message)} ({compression})")
        await ws.send(["in ", "three ", "fragments"])
        wanted(await ws.recv() == "in three fragments", "fragments")
        await asyncio.wait_for(await ws.ping(b"are you there"), 10)
        await ws.close(4000, "enough")
        wanted(ws.close_code == 4000, "the code of a Close")
    ws = await connected(url, max_size=1 << 22, compression=None)
    await ws.send("x" * (1 << 20) + "y")
    try:
        await ws.recv()
    except websockets.ConnectionClosed as e:
        wanted(e.rcvd and e.rcvd.code == 1009, f"1009 for what is too long, not {e}")
    try:
        await websockets.connect(url, origin="https://evil.example")
        sys.exit("a page of anybody's may connect")
    except Exception as e:
        wanted("403" in str(e), f"403 for another origin, not {e}")


async def our_client(scheme, serving=None, more={}):
    port = free_port()

    async def answer(ws, *_):
        await ws.ping(b"first")
        async for message in ws:
            await ws.send(message.upper() + "!" * 1000)

    async with websockets.serve(answer, "127.0.0.1", port, ssl=serving):
        process = await asyncio.create_subprocess_exec(
            example, f"{scheme}://127.0.0.1:{port}/x", "kind", stdout=subprocess.PIPE,
            env={**os.environ, **more})
        out = (await asyncio.wait_for(process.communicate(), 30))[0]
        wanted(out.decode().strip() == "KIND" + "!" * 1000, f"an answer, not {out[:100]}")
        wanted(process.returncode == 0, "our client ends well")


async def hear(ws, word):
    while True:
        line = await asyncio.wait_for(ws.recv(), 30)
        line = line.decode() if isinstance(line, bytes) else line
        wanted(not line.endswith("\n"), f"a message without a line end: {line!r}")
        if line.startswith("PING"):
            await ws.send("PONG" + line[4:])
        if word in line:
            return line


async def irc_from_a_page(daemon, port, scheme="ws", trusting=None):
    walter = Client(daemon.port, f"walter_{scheme}")
    walter.say("JOIN #reed")
    walter.hear(" 366 ")
    for protocol, nick in (("text.ircv3.net", "alice"), ("binary.ircv3.net", "bob")):
        tls = {"ssl": trusting} if trusting else {}
        ws = await connected(f"{scheme}://127.0.0.1:{port}/",
                             origin=f"{'https' if trusting else 'http'}://127.0.0.1:{port}",
                             subprotocols=[protocol], **tls)
        wanted(ws.subprotocol == protocol, "the subprotocol")
        binary = protocol.startswith("binary")

        async def say(line):
            await ws.send(line.encode() if binary else line)

        await say(f"NICK {nick}")
        await say(f"USER {nick} 0 * :{nick}")
        await hear(ws, " 001 ")
        await say("JOIN #reed")
        await hear(ws, " 366 ")
        walter.hear(f":{nick}!.* JOIN #reed")
        walter.say("PRIVMSG #reed :hello, nämlich")
        wanted("nämlich" in await hear(ws, "PRIVMSG #reed"), "text as it was said")
        await say("PRIVMSG #reed :from a page")
        walter.hear(f":{nick}!.* PRIVMSG #reed :from a page")
        await say("QUIT")
        await hear(ws, "ERROR")
        await ws.wait_closed()
        wanted(ws.close_code == 1000, f"a Close after QUIT, not {ws.close_code}")
    walter.say("QUIT")


port = free_port()
server = subprocess.Popen([example, f"tcp:{port}:interface=127.0.0.1"])
try:
    asyncio.run(our_server(port))
finally:
    server.terminate()
    server.wait(10)
asyncio.run(our_client("ws"))

# The same over TLS, with a certificate that both trust.
folder = tempfile.mkdtemp()
pem = os.path.join(folder, "here.pem")
subprocess.run([os.environ["REED"], "cert", "new", "127.0.0.1", "--out", pem], check=True,
               stdout=subprocess.DEVNULL)
serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
serving.load_cert_chain(pem)
asyncio.run(our_client("wss", serving, {"SSL_CERT_FILE": pem}))

ws_port, wss_port = free_port(), free_port()
daemon = Daemon("--irc", "tcp:PORT:interface=127.0.0.1", "--irc", f"ws:{ws_port}:interface=127.0.0.1",
                "--irc", f"wss:{wss_port}:interface=127.0.0.1:cert={pem}")
asyncio.run(irc_from_a_page(daemon, ws_port))
asyncio.run(irc_from_a_page(daemon, wss_port, "wss", ssl.create_default_context(cafile=pem)))
daemon.stop()
shutil.rmtree(folder)
