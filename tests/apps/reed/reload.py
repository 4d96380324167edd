#!/usr/bin/env python3
"""SIGHUP: settings are read anew, and it is told what that means."""

import os
import signal

from tool import folder, has, has_not, is_equal, main, run, server, write

ANY = "tcp:0:interface=127.0.0.1"


def _settings(state, text):
    return write(state + "/echo.yaml", f"state: {state}\nlisten: {ANY}\n" + text)


def what_a_running_service_can_take_it_takes():
    with folder() as state:
        file = _settings(state, "greeting: good morning\n")
        with server("echo", "-c", file) as s:
            with s.connect() as client:
                is_equal(client.recv(100), b"good morning\n")
            _settings(state, "greeting: good evening\n")
            s.signal(signal.SIGHUP)
            change = s.record("setting has changed")
            is_equal((change["key"], change["before"], change["after"]),
                     ("greeting", "good morning", "good evening"))
            is_equal(run("ctl", "--state", state, "/readyz").stdout, "ready\n")
            with s.connect() as client:
                is_equal(client.recv(100), b"good evening\n")


def what_needs_a_restart_is_told_each_time():
    with folder() as state:
        file = _settings(state, "mood: well\n")
        with server("echo", "-c", file) as s:
            _settings(state, "mood: ends\n")
            for _ in range(2):
                s.signal(signal.SIGHUP)
                change = s.record("setting has changed and needs a restart")
                is_equal((change["key"], change["after"]), ("mood", "ends"))
            _settings(state, "mood: well\n")
            s.signal(signal.SIGHUP)
            s.record("no setting has changed")


def settings_that_are_wrong_change_nothing():
    with folder() as state:
        file = _settings(state, "greeting: good morning\n")
        with server("echo", "-c", file) as s:
            _settings(state, "greeting: good evening\ngreting: x\n")
            s.signal(signal.SIGHUP)
            problem = s.record("settings are wrong and were not taken")["problem"]
            is_equal(problem, f"{file}:4:1: greting: no such setting; did you mean greeting?")
            os.remove(file)
            done = run("ctl", "--state", state, "reload")
            is_equal(done.returncode, 1)
            has(done.stderr, "reed ctl: " + file + ": cannot be read")
            with s.connect() as client:
                is_equal(client.recv(100), b"good morning\n")


def ctl_waits_until_it_is_done():
    with folder() as state:
        file = _settings(state, "greeting: good morning\n")
        with server("echo", "-c", file) as s:
            _settings(state, "greeting: good evening\n")
            done = run("ctl", "--state", state, "reload")
            is_equal(done.returncode, 0)
            with s.connect() as client:
                is_equal(client.recv(100), b"good evening\n")


def ctl_tells_what_has_changed_and_what_needs_a_restart():
    with folder() as state:
        file = _settings(state, "greeting: good morning\nauth: ['memory:ann:secret-word']\n")
        with server("echo", "-c", file):
            _settings(state, "greeting: good evening\nauth: ['memory:ann:another-word']\n")
            done = run("ctl", "--state", state, "reload")
            is_equal((done.returncode, done.stderr), (0, ""))
            is_equal(sorted(done.stdout.splitlines()),
                     ["auth (needs a restart)", "greeting: good morning -> good evening"])
            done = run("ctl", "--state", state, "reload")
            is_equal(done.stdout, "auth (needs a restart)\n")
            _settings(state, "greeting: good evening\nauth: ['memory:ann:secret-word']\n")
            is_equal(run("ctl", "--state", state, "reload").stdout, "no setting has changed\n")


def ctl_tells_how_much_is_wrong():
    with folder() as state:
        file = _settings(state, "greeting: x\n")
        with server("echo", "-c", file):
            _settings(state, "greting: x\nmod: well\n")
            done = run("ctl", "--state", state, "reload")
            is_equal(done.returncode, 1)
            has(done.stderr, f"{file}:3:1: greting: no such setting")
            has(done.stderr, "(the log has 1 more)")


def the_log_takes_its_settings_too():
    with folder() as state:
        file = _settings(state, "log.level: info\n")
        with server("echo", "-c", file):
            _settings(state, "log.level: error\n")
            is_equal(run("ctl", "--state", state, "reload").returncode, 0)
            is_equal(run("ctl", "--state", state, "level").stdout, "error\n")


def a_log_file_that_was_moved_is_opened_anew():
    with folder() as state:
        log = state + "/log"
        file = _settings(state, f"log.file: {log}\n")
        with server("echo", "-c", file, ready=False) as s:
            while run("ctl", "--state", state, "/readyz").returncode != 0:
                assert s.process.poll() is None
            os.rename(log, log + ".1")
            is_equal(run("ctl", "--state", state, "reload").returncode, 0)
            is_equal(s.stop()[0], 0)
        with open(log + ".1", encoding="utf-8") as old:
            has(old.read(), '"message":"ready"')
        with open(log, encoding="utf-8") as new:
            text = new.read()
            has(text, '"message":"stopped"')
            has_not(text, '"message":"ready"')


def passwords_are_not_told():
    with folder() as state:
        file = _settings(state, "auth: ['memory:ann:secret-word']\n")
        with server("echo", "-c", file) as s:
            _settings(state, "auth: ['memory:ann:another-word']\n")
            s.signal(signal.SIGHUP)
            change = s.record("setting has changed and needs a restart")
            is_equal(change["key"], "auth")
            has_not(str(change), "word")


def who_is_started_again_has_the_newest_settings():
    with folder() as state:
        file = _settings(state, "greeting: good morning\nmood: fails-later\n")
        with server("echo", "-c", file) as s:
            s.record("service has failed and will be started again")
            _settings(state, "greeting: good evening\nmood: well\n")
            is_equal(run("ctl", "--state", state, "reload").returncode, 0)
            s.record("listening")
            with s.connect() as client:
                is_equal(client.recv(100), b"good evening\n")


if __name__ == "__main__":
    main(globals())
