#!/usr/bin/env python3
"""The manual pages, written by hand and made: well-formed, and true to what the program says."""

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
    made = glob.glob(os.path.join(os.environ["REED_BUILD"], "share", "*.[15]"))
    assert len(made) > 10, made
    pages = glob.glob(os.path.join(PAGES, "*.1"))
    assert len(pages) >= 3
    assert not {os.path.basename(page) for page in pages} & {os.path.basename(page) for page in made}
    pages += made
    for page in pages:
        done = subprocess.run(["mandoc", "-Tlint", "-W", "warning", page], capture_output=True,
                              text=True, check=False)
        is_equal((page, done.stdout, done.returncode), (page, "", 0))


def every_flag_that_servers_have_is_explained():
    page = _text("reed.1")
    flags = set(re.findall(r"--(?:\[no-\])?([a-z-]+)", run("echo", "--help-all").stdout))
    for flag in flags - {"listen", "greeting", "mood", "print-man", "print-man-file",
                         "print-completions"}:
        has(page, "--" + flag)


def every_request_is_explained():
    page = _text("reed-ctl.1")
    requests = run("ctl", "--help").stdout.partition("Requests:\n")[2].splitlines()
    assert len(requests) > 10
    for request in requests:
        if request.startswith(" "):  # what is told of the line before
            continue
        assert re.search(rf"^     {re.escape(request.split()[0])}\b", page, re.M), request


def every_command_of_its_own_is_explained():
    page = _text("reed.1")
    for command in ("run", "check", "ctl", "log", "top", "completions", "endpoints", "modules", "help"):
        has(page, "     " + command)


def _commands():
    return re.findall(r"^  ([a-z-]+) ", _help(), re.M)


def _is_there(page):
    folders = os.path.join(os.environ["REED_BUILD"], "share"), PAGES
    return any(os.path.exists(os.path.join(folder, page)) for folder in folders)


def every_command_has_a_page():
    assert len(_commands()) > 10
    for name in _commands():
        assert _is_there(f"reed-{name}.1"), name


def every_settings_file_has_a_page():
    servers = [name for name in _commands() if "--config" in _answer(name, "--help")]
    assert len(servers) > 3, servers
    for name in servers:
        assert _is_there(f"reed-{name}.5"), name
        page = _answer(name, "--print-man-file")
        has(page, f".Dt REED-{name.upper()} 5\n")
        has(page, f".Xr reed-{name} 1\n")
        has(_answer(name, "--print-man"), f".Xr reed-{name} 5\n")
    has(_answer("chat", "--print-man-file"), '.It Ic "irc"\n')


def every_command_writes_its_own_page():
    for name in _commands():
        has(_answer(name, "--print-man"), f".Dt REED-{name.upper()} 1\n")


def every_shell_completes_every_command():
    for shell in ("bash", "zsh", "fish"):
        script = _answer("completions", shell)
        for name in _commands():
            assert re.search(rf"\b{name}\b", script), (shell, name)


def _answer(*words):
    done = subprocess.run([os.environ["REED"], *words], capture_output=True, text=True, check=False)
    is_equal((words, done.returncode, done.stderr), (words, 0, ""))
    return done.stdout


def _help():
    return subprocess.run([os.environ["REED"], "--help"], capture_output=True, text=True,
                          check=True).stdout


if __name__ == "__main__":
    main(globals())
