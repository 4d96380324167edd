#!/usr/bin/env python3
"""reed monitor from outside: real programs, users, signals, what they say, and reloads."""

import os
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "reed"))
import tool
from tool import folder, has, is_equal, main, run, server, write

tool.PROGRAM = [os.environ["REED"]]


def _monitor(state, text):
    path = write(state + "/monitor.yaml", text)
    return server("monitor", "-c", path, "--state", state + "/s", "--sandbox", "off")


def _ctl(state, *words):
    done = run("ctl", "--state", state + "/s", *words)
    is_equal((done.returncode, done.stderr), (0, ""))
    return done.stdout


def _said(s, program):
    """The next line of a program."""
    while True:
        record = s.record("says")
        if record["program"] == program:
            return record["on"], record["line"]


def what_programs_say_is_logged_line_by_line():
    with folder() as state, _monitor(state, """
programs:
  - name: talker
    command: [sh, -c, 'echo "one $A"; echo two >&2; pwd; printf tail; exec sleep 1000']
    environment: {A: b=c d}
    directory: /usr
""") as s:
        lines = [_said(s, "talker") for _ in range(3)]
        is_equal(sorted(lines), [("stderr", "two"), ("stdout", "/usr"), ("stdout", "one b=c d")])
        has(_ctl(state, "program", "list"), "talker running, pid ")
        has(_ctl(state, "stats"), 'reed_monitor_running{program="talker"} 1')
        s.signal(signal.SIGTERM)
        is_equal(_said(s, "talker"), ("stdout", "tail"))  # a last line needs no end
        is_equal(s.record("ended")["how"], "was killed by SIGTERM")
        is_equal(s.wait()[0], 0)


def a_long_line_is_several():
    with folder() as state, _monitor(state, """
programs:
  - {name: long, command: [sh, -c, 'printf %05000d 7; echo'], restart: never}
""") as s:
        is_equal(len(_said(s, "long")[1]), 4096)
        is_equal(len(_said(s, "long")[1]), 904)
        is_equal(s.stop()[0], 0)


def who_takes_no_term_is_killed_with_its_children():
    with folder() as state, _monitor(state, """
programs:
  - name: stubborn
    command: [sh, -c, 'trap "" TERM; (sleep 1000; :) & echo $!; while :; do wait; sleep 1; done']
    grace: 100ms
""") as s:
        child = int(_said(s, "stubborn")[1])
        os.kill(child, 0)
        s.signal(signal.SIGTERM)
        is_equal(s.record("ended")["how"], "was killed by SIGKILL")
        is_equal(s.wait()[0], 0)
        try:
            with open(f"/proc/{child}/stat", encoding="ascii") as file:
                assert " Z " in file.read(), "a child is left"
        except FileNotFoundError:
            pass


def programs_run_as_whom_the_settings_name():
    if os.geteuid() != 0:
        print("skipped: that takes root", file=sys.stderr)
        return
    with folder() as state, _monitor(state, """
programs:
  - {name: who, command: [id, -un], user: nobody, restart: never}
""") as s:
        is_equal(_said(s, "who"), ("stdout", "nobody"))
        is_equal(s.stop()[0], 0)
    with folder() as state:
        path = write(state + "/m.yaml", "programs: [{name: a, command: [x], user: no-such-one}]")
        has(run("monitor", "-c", path, "--check").stderr,
            'there is no user "no-such-one" on this machine')


def a_reload_starts_stops_and_restarts():
    text = "programs:\n  - {name: %s, command: [sh, -c, 'echo %s; exec sleep 1000']}\n"
    with folder() as state, _monitor(state, text % ("old", "first")) as s:
        is_equal(_said(s, "old"), ("stdout", "first"))
        write(state + "/monitor.yaml", text % ("old", "second"))
        s.signal(signal.SIGHUP)
        is_equal(_said(s, "old"), ("stdout", "second"))
        write(state + "/monitor.yaml", text % ("new", "third"))
        _ctl(state, "reload")
        is_equal(_said(s, "new"), ("stdout", "third"))
        listed = _ctl(state, "program", "list")
        has(listed, "new running")
        write(state + "/monitor.yaml", "programs: nonsense")
        done = run("ctl", "--state", state + "/s", "reload")
        is_equal(done.returncode, 1)
        has(_ctl(state, "program", "list"), "new running")
        is_equal(s.stop()[0], 0)


def an_operator_stops_and_starts():
    with folder() as state, _monitor(state, """
programs:
  - {name: a, command: [sh, -c, 'echo $$; exec sleep 1000']}
""") as s:
        first = _said(s, "a")[1]
        _ctl(state, "program", "restart", "a")
        second = _said(s, "a")[1]
        assert first != second
        _ctl(state, "program", "stop")
        s.record("ended")
        has(_ctl(state, "program", "list"), "a stopp")
        for words, why in ((("frob",), "write program list, start, stop or restart"),
                           (("stop", "b"), "there is no program b")):
            done = run("ctl", "--state", state + "/s", "program", *words)
            is_equal(done.returncode, 1)
            has(done.stderr, why)
        is_equal(s.stop()[0], 0)


def there_is_no_sandbox_around_them_and_that_is_told():
    with folder() as state:
        path = write(state + "/m.yaml", "programs: [{name: a, command: [x]}]")
        has(run("monitor", "-c", path, "--print-sandbox").stdout, "Everything: there is no sandbox")
        done = run("monitor", "-c", path, "--state", state + "/s", "--sandbox", "require")
        is_equal(done.returncode, 1)
        has(done.stderr, "the programs that it runs need what they need")


if __name__ == "__main__":
    main(globals())
