"""Chromium without a window, driven over its debugging port."""

import asyncio
import http.client
import json
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, "/usr/lib/python3/dist-packages")  # Debian's, whichever python3 runs this

import websockets


def wanted(condition, what):
    if not condition:
        sys.exit(f"not so: {what}")


class Browser:
    def __init__(self, folder):
        program = shutil.which("chromium") or sys.exit("chromium is missing: ./dev setup installs it")
        environment = {**os.environ, "HOME": folder}
        environment.pop("LD_PRELOAD", None)
        self.process = subprocess.Popen(
            [program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             "--remote-debugging-port=0", f"--user-data-dir={folder}/profile", "--window-size=900,720",
             "about:blank"],
            stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=environment)
        for line in self.process.stderr:
            if found := re.search(r"listening on ws://127.0.0.1:(\d+)/", line):
                self.port = int(found[1])
                break
        else:
            sys.exit("chromium does not start")

    async def open(self, url):
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        connection.request("PUT", f"/json/new?{url}")
        target = json.load(connection.getresponse())
        return Page(await websockets.connect(target["webSocketDebuggerUrl"], max_size=1 << 24))

    def close(self):
        self.process.terminate()
        self.process.wait(20)


class Page:
    def __init__(self, ws):
        self.ws, self.number = ws, 0

    async def ask(self, method, **params):
        self.number += 1
        await self.ws.send(json.dumps({"id": self.number, "method": method, "params": params}))
        while True:
            message = json.loads(await asyncio.wait_for(self.ws.recv(), 60))
            if message.get("id") == self.number:
                return message["result"]

    async def value(self, text):
        answer = await self.ask("Runtime.evaluate", expression=text, awaitPromise=True, returnByValue=True)
        wanted("exceptionDetails" not in answer, f"{text} does not throw: {answer}")
        return answer["result"].get("value")

    async def until(self, text, seconds=60):
        """The condition may name what is not there yet."""
        for _ in range(seconds * 10):
            if await self.value(f"(() => {{ try {{ return {text} }} catch {{ return false }} }})()"):
                return
            await asyncio.sleep(0.1)
        state = await self.value("window.live && [live.state, live.carrier, live.pending, results.length]")
        sys.exit(f"not so after {seconds} s: {text} ({state})")

    async def close(self):
        await self.ask("Page.close")
        await self.ws.close()
