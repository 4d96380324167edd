"""The guest book of docs/examples, by curl and in headless Chromium."""

import asyncio
import base64
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

from browser import Browser, wanted
from ports import free_port

example = os.path.join(os.environ["REED_BUILD"], "examples", "guestbook")


def listens(url):
    for _ in range(600):
        try:
            return urllib.request.urlopen(url, timeout=10)
        except OSError:
            time.sleep(0.05)
    sys.exit(f"nobody listens at {url}")


class Curl:
    """One browser without a window: cookies, and the token of the page it saw last."""

    def __init__(self, url, folder):
        self.program = shutil.which("curl") or sys.exit("curl is missing: ./dev setup installs it")
        self.url, self.jar, self.token = url, f"{folder}/jar", ""

    def ask(self, path, *words):
        done = subprocess.run(
            [self.program, "-sS", "-m", "30", "-b", self.jar, "-c", self.jar, "-w", "\n%{http_code}",
             *words, self.url + path], capture_output=True, text=True, check=True)
        body, _, status = done.stdout.rpartition("\n")
        return int(status), body

    def look(self):
        status, body = self.ask("/")
        wanted(status == 200, "the page is there")
        self.token = re.search(r'name="csrf" value="([0-9a-f]{64})"', body)[1]
        return body

    def post(self, path, *words):
        return self.ask(path, *words, "-F", f"csrf={self.token}")


def by_curl(url, folder):
    curl = Curl(url, folder)
    wanted('action="/login"' in curl.look(), "a form to log in")
    wanted(curl.ask("/login", "-d", "user=ada&password=lovelace")[0] == 403, "no form without its token")
    status, body = curl.post("/login", "-F", "user=ada", "-F", "password=wrong")
    wanted(status == 200 and "Password or name is wrong." in body and 'value="ada"' in body, "a wrong password")
    wanted(curl.post("/book/", "-F", "text=hello")[0] == 401, "strangers write nothing")
    wanted(curl.post("/login", "-F", "user=ada", "-F", "password=lovelace")[0] == 303, "a login")
    wanted(curl.post("/book/", "-F", "text=hello")[0] == 403, "the token of before the login is none")
    wanted("Log out" in curl.look(), "who has logged in may log out")
    wanted(curl.post("/book/", "-F", "text=Reeds <b>bend</b>")[0] == 303, "an entry")
    status, body = curl.post("/book/", "-F", "text=x")
    wanted("It must have at least 2 characters." in body and 'value="x"' in body, "what is wrong with it")
    wanted("Reeds &lt;b&gt;bend&lt;/b&gt;" in curl.look(), "text is text")
    json = ("-H", "Content-Type: application/json")
    wanted(curl.ask("/book/", *json, "-d", '{"text": "by a program"}') ==
           (201, '{"by":"ada","text":"by a program"}'), "an entry as JSON")
    wanted(curl.ask("/book/", *json, "-d", '{"text": ""}') ==
           (422, '{"errors":{"text":"is required"}}'), "errors as JSON")
    status, body = curl.ask("/book/", *json, "-d", '{"text":\n 1 2}')
    wanted(status == 400 and "line 2, column 4" in body, f"a place in JSON: {body}")
    wanted(curl.ask("/book/", *json, "-H", "Origin: https://evil.example", "-d", '{"text": "no"}')[0] == 403,
           "pages of others write nothing")
    wanted(curl.ask("/entries")[1] == '{"entries":[{"by":"ada","text":"by a program"},'
           '{"by":"ada","text":"Reeds <b>bend</b>"}]}', "all of them")
    wanted(curl.post("/book/logout")[0] == 303 and 'action="/login"' in curl.look(), "a logout")


async def send(page, button, **fields):
    """Fills in, presses, and waits for the page that follows."""
    for name, value in fields.items():
        await page.value(f"document.querySelector('[name={name}]').value = {value!r}")
    await page.value(f"window.old = true; setTimeout(() => document.querySelector('#{button}').click()); 0")
    await page.until("window.old === undefined && document.readyState === 'complete'")


async def shoot(page, name):
    image = base64.b64decode((await page.ask("Page.captureScreenshot"))["data"])
    wanted(len(image) > 5000, "a picture")
    if into := os.environ.get("REED_SCREENSHOT"):
        with open(f"{into}-{name}.png", "wb") as file:
            file.write(image)


async def in_browser(url, folder):
    browser = Browser(folder)
    try:
        await visit(await browser.open(url + "/"))
    finally:
        browser.close()


async def visit(page):
    await page.until("!!document.querySelector('#login')")
    await send(page, "login", user="ada", password="wrong")
    wanted(await page.value("document.querySelector('.wrong').textContent") == "Password or name is wrong.",
           "a wrong password")
    await shoot(page, "wrong")
    await send(page, "login", user="ada", password="lovelace")
    await send(page, "write", text="<img src=x onerror=alert(1)> and so on")
    wanted(await page.value("document.querySelectorAll('li img').length") == 0, "text is text")
    wanted(await page.value("document.querySelector('li p').textContent") == "<img src=x onerror=alert(1)> and so on",
           "what was written stands first")
    wanted(await page.value("document.cookie") == "", "no page reads the cookie of the session")
    await send(page, "write", text="x")
    wanted(await page.value("document.querySelector('.wrong').textContent") == "It must have at least 2 characters.",
           "what is wrong")
    wanted(await page.value("""fetch("/book/", {method: "POST", headers: {"Content-Type": "application/json"},
        body: JSON.stringify({text: "by a script of the page"})}).then(r => r.status)""") == 201, "a script of ours")
    await shoot(page, "written")
    await send(page, "logout")
    await page.until("!!document.querySelector('#login')")
    await page.close()


def main():
    with tempfile.TemporaryDirectory(prefix="reed-guestbook-", ignore_cleanup_errors=True) as folder:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        server = subprocess.Popen([example, f"tcp:{port}:interface=127.0.0.1"])
        try:
            listens(url)
            by_curl(url, folder)
            asyncio.run(in_browser(url, folder))
        finally:
            server.terminate()
        wanted(server.wait(30) in (0, 143), f"it ends well: {server.returncode}")


main()
