"""The live example in headless Chromium, its network cut and restored; and the fall-backs by hand."""

import asyncio
import http.client
import os
import re
import subprocess
import tempfile

from browser import Browser, wanted
from ports import free_port

example = os.path.join(os.environ["REED_BUILD"], "examples", "live")


class Wire:
    """Between the browser and the server: can be cut, and can refuse some requests."""

    def __init__(self, to):
        self.to, self.cut, self.refused, self.writers = to, False, (), set()

    async def open(self):
        self.server = await asyncio.start_server(self.carry, "127.0.0.1", 0)
        return self.server.sockets[0].getsockname()[1]

    async def carry(self, reader, writer):
        if self.cut:
            writer.transport.abort()
            return
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self.to)
            self.writers |= {writer, back}
            await asyncio.gather(self.copy(reader, back, True), self.copy(there, writer, False))
            self.writers -= {writer, back}
        except asyncio.CancelledError:  # all of this is over
            pass

    async def copy(self, reader, writer, asks):
        try:
            while data := await reader.read(65536):
                if self.cut or asks and any(data.split(b" ")[1:2] == [path] for path in self.refused):
                    break
                writer.write(data)
                await writer.drain()
        except (OSError, asyncio.CancelledError):
            pass
        for each in (writer, *(w for w in self.writers if self.cut)):
            each.transport.abort() if self.cut else each.close()

    def go(self):
        self.cut = True
        for writer in list(self.writers):
            writer.transport.abort()

    def come_back(self):
        self.cut = False


async def calls_survive_cuts(browser, wire, port, carrier):
    page = await browser.open(f"http://127.0.0.1:{port}/?carriers={carrier}")
    await page.until("live.state === 'online'")
    wanted(await page.value("live.carrier") == carrier, f"the carrier is {carrier}")
    await page.value("""window.results = []; window.failed = []; window.n = 0; $ = id => document.getElementById(id);
        window.timer = setInterval(() => {
            if (++n > 60) return clearInterval(timer);
            live.call("add").then(value => results.push(value), e => failed.push(e.message));
            live.call("write", "me", String(n)).catch(e => failed.push(e.message));
        }, 50); start = Number($("count").textContent); lines = $("lines").children.length""")
    for pause in (0.7, 1.5):
        await asyncio.sleep(pause)
        wire.go()
        await page.until("live.state !== 'online'")
        await asyncio.sleep(0.5)
        wire.come_back()
    await page.until("results.length + failed.length >= 60 && live.pending === 0")
    wanted(await page.value("failed.join()") == "", f"no call fails over {carrier}")
    wanted(await page.value("results.every((value, i) => value === start + 1 + i)"),
           f"each was made once and in order over {carrier}: {await page.value('results.join()')}")
    await page.until("$('lines').children.length === lines + 60 && Number($('count').textContent) === start + 60", 10)
    said = await page.value("[...$('lines').children].slice(lines).map(li => li.lastChild.data).join()")
    wanted(said == ",".join(map(str, range(1, 61))), f"what was said came once and in order over {carrier}: {said}")
    await page.close()


async def carriers_are_chosen(browser, wire, port):
    for refused, carrier in (((), "socket"), ((b"/live/socket",), "stream"),
                             ((b"/live/socket", b"/live/stream"), "poll")):
        wire.refused = refused
        page = await browser.open(f"http://127.0.0.1:{port}/")
        await page.until("live.state === 'online'")
        got = await page.value("live.carrier")
        wanted(got == carrier, f"{carrier} is chosen where {refused} is refused, not {got}")
        wanted(await page.value("live.call('add').then(n => n > 0)"), f"a call over {carrier}")
        text = await page.value("live.call('write', '', '<b>x</b>' + 'y'.repeat(2000)).then(() => 'no', e => e.message)")
        wanted("1000 bytes" in text, f"a refusal is an Error with its sentence: {text}")
        wanted("add and write" in await page.value("live.call('nothing').catch(e => e.message)"), "unknown names")
        await page.close()
    wire.refused = ()


async def what_it_looks_like(browser, port):
    page = await browser.open(f"http://127.0.0.1:{port}/")
    await page.until("live.state === 'online'")
    await page.value("live.call('write', 'Ada', 'It kept counting while I was in the tunnel.')")
    await page.value("live.call('write', 'Eve', '<img src=x onerror=alert(1)>')")
    await page.until("document.getElementById('lines').lastChild.lastChild.data.startsWith('<img')")
    wanted(await page.value("document.querySelectorAll('#lines img').length") == 0, "text is text")
    image = (await page.ask("Page.captureScreenshot"))["data"]
    wanted(len(image) > 10000, "a picture")
    if into := os.environ.get("REED_SCREENSHOT"):
        import base64
        with open(into, "wb") as file:
            file.write(base64.b64decode(image))
    await page.close()


# ---- without a browser ----

def post(port, what, body, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=40)
    connection.request("POST", f"/live/{what}", body, {"Reed-Live": "1"} if headers is None else headers)
    answer = connection.getresponse()
    return answer, connection


def said(port, what, body, headers=None):
    answer, _ = post(port, what, body, headers)
    return answer.status, answer.read().decode()


def polls_by_hand(port):
    status, text = said(port, "poll", "hello - 0\n")
    token = re.match(r"welcome ([a-z2-7]{32}) 0 60000\n", text)
    wanted(status == 200 and token, f"a welcome: {status} {text}")
    token = token[1]
    before = int(re.search(r"1 say count \[(\d+)\]", text)[1])
    wanted(said(port, "send", f"hello {token} 0\n1 call 1 add []\n2 call 2 add []\n") == (200, "ack 2\n"), "an ack")
    wanted(said(port, "send", f"hello {token} 0\n1 call 1 add []\n2 call 2 add []\n3 call 3 add []\n") == (200, "ack 3\n"),
           "what was had is passed over")
    wanted(said(port, "send", f"hello {token} 0\n5 call 5 add []\n")[0] == 400, "a missing message is told")
    wanted(said(port, "send", f"hello {token} 0\nrubbish\n")[0] == 400, "rubbish is told")
    again = [said(port, "poll", f"hello {token} 0\n")[1].split("\n", 1)[1] for _ in range(2)]
    wanted(again[0] == again[1] and f"ok 3 {before + 3}" in again[0] and "add []" not in again[0],
           f"what is not acknowledged comes again, once: {again}")
    wanted(re.findall(r"^(\d+) ", again[0], re.M) == [str(i + 1) for i in range(again[0].count("\n"))], "it is counted")
    last = again[0].count("\n")
    status, text = said(port, "poll", f"hello {token} {last}\nping\n")
    wanted("pong\n" in text and " ok " not in text, f"what was acknowledged does not: {text}")
    wanted(said(port, "poll", f"hello {token} 99999\n")[0] == 400, "nobody has had what was not said")
    wanted(said(port, "send", f"hello {token} {last}\nbye\n")[0] in (200, 410), "a goodbye")
    wanted(said(port, "poll", f"hello {token} {last}\n") == (410, "expired\n"), "who left is not known any more")


def streams_by_hand(port):
    answer, connection = post(port, "stream", "hello - 0\n")
    wanted(answer.getheader("Content-Type") == "text/event-stream", "events")
    first = answer.readline()
    wanted(first.startswith(b"data: welcome "), f"a welcome, not {first}")
    token = first.split()[2].decode()
    said(port, "send", f"hello {token} 0\n1 call 7 add []\n")
    for line in iter(answer.readline, b""):
        if b" ok 7 " in line:
            break
    second, other = post(port, "stream", f"hello {token} 1\n")
    wanted(b"welcome" in second.readline(), "a second stream")
    wanted(answer.read().count(b"data") <= 1, "which takes over from the first")
    connection.close()
    other.close()


def others_are_refused(port):
    evil = {"Reed-Live": "1", "Origin": "https://evil.example"}
    here = {"Reed-Live": "1", "Origin": f"http://127.0.0.1:{port}"}
    for what in ("poll", "stream", "send"):
        wanted(said(port, what, "hello - 0\n", evil)[0] == 403, f"{what} of another host is refused")
        wanted(said(port, what, "hello - 0\n", {})[0] == 403, f"{what} by a form is refused")
        wanted(said(port, what, "hello nobody 0\n")[0] == 410, f"{what} of nobody")
        wanted(said(port, what, "hallo\n")[0] == 400, f"{what} without a hello")
    wanted(said(port, "poll", "hello - 0\n", here)[0] == 200, "the host itself may")
    wanted(said(port, "send", "hello x 0\n" + "x" * 300000)[0] == 413, "too much is refused")
    connection = http.client.HTTPConnection("127.0.0.1", port)
    for method, path, status in (("GET", "poll", 405), ("GET", "x", 404), ("GET", "socket", 426), ("GET", "reed-live.js", 200)):
        connection.request(method, f"/live/{path}")
        answer = connection.getresponse()
        answer.read()
        wanted(answer.status in (status, 400 if status == 426 else status), f"{path} is {status}, not {answer.status}")
    etag = answer.getheader("ETag")
    connection.request("GET", "/live/reed-live.js", headers={"If-None-Match": etag})
    answer = connection.getresponse()
    wanted(answer.status == 304 and answer.read() == b"", "a script that is known")
    connection.request("GET", f"/live/reed-live.{etag[1:-1]}.js")
    answer = connection.getresponse()
    wanted("immutable" in answer.getheader("Cache-Control") and answer.read(), "a script for ever")


async def main():
    port = free_port()
    server = subprocess.Popen([example, f"tcp:{port}:interface=127.0.0.1"])
    wire = Wire(port)
    try:
        for _ in range(100):
            try:
                http.client.HTTPConnection("127.0.0.1", port).connect()
                break
            except ConnectionRefusedError:
                await asyncio.sleep(0.1)
        polls_by_hand(port)
        streams_by_hand(port)
        others_are_refused(port)
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            browser = Browser(folder)
            try:
                outside = await wire.open()
                for carrier in ("socket", "stream", "poll"):
                    await calls_survive_cuts(browser, wire, outside, carrier)
                await carriers_are_chosen(browser, wire, outside)
                await what_it_looks_like(browser, outside)
            finally:
                browser.close()
    finally:
        server.terminate()
        wanted(server.wait(20) in (0, 143, -15), "the server ends in good order")


asyncio.run(main())
