#!/usr/bin/env python3
"""The manual pages written by hand: well-formed, and true to what the program says of itself."""

import glob
import os
import re
import subprocess

from tool import has, is_equal, main, run

PAGES = os.path.join(os.environ["REED_SOURCE"], "docs", "man")


def _text(page):
    done = subprocess.run(["mandoc", "-Tascii", os.path.join(PAGES, page)], capture_output=True,
                          text=True, check=True)
    return re.sub(".\b", "", done.stdout)


def mandoc_has_nothing_to_say():
    pages = glob.glob(os.path.join(PAGES, "*.1"))
    assert len(pages) >= 3
    for page in pages:
        done = subprocess.run(["mandoc", "-Tlint", "-W", "warning", page], capture_output=True,
                              text=True, check=False)
        is_equal((page, done.stdout, done.returncode), (page, "", 0))


def every_flag_that_servers_have_is_explained():
    page = _text("reed.1")
    flags = set(re.findall(r"--(?:\[no-\])?([a-z-]+)", run("echo", "--help-all").stdout))
    for flag in flags - {"listen", "greeting", "mood", "print-man", "print-completions"}:
        has(page, "--" + flag)


def every_request_is_explained():
    page = _text("reed-ctl.1")
    requests = run("ctl", "--help").stdout.partition("Requests:\n")[2].splitlines()
    assert len(requests) > 10
    for request in requests:
        assert re.search(rf"^     {re.escape(request.split()[0])}\b", page, re.M), request


def every_command_of_its_own_is_explained():
    page = _text("reed.1")
    for command in ("run", "check", "ctl", "completions", "endpoints", "modules", "help"):
        has(page, "     " + command)


if __name__ == "__main__":
    main(globals())
