#!/usr/bin/env python3
"""reed run: services of one file in one process."""

import os
import signal

from tool import folder, has, has_not, is_equal, main, run, server, write

ANY = "tcp:0:interface=127.0.0.1"


def the_keys_of_the_file_are_its_services():
    with folder() as state:
        file = write(state + "/suite.yaml", f"""\
state: {state}
name: here.example
echo:
  listen: {ANY}
  greeting: welcome
""")
        for args in ((file,), ("-c", file)):
            with server("run", *args) as s, s.connect() as client:
                is_equal(client.recv(100), b"welcome\n")
                tree = run("ctl", "--state", state, "services").stdout.splitlines()
                has(tree[0], "process ready")
                has(tree[1], "  echo ready")
                assert os.path.isdir(state + "/echo")


def a_service_with_nothing_to_say_has_its_defaults():
    with folder() as state:
        for text in ("echo:\n", "echo: {}\n", "echo.greeting: x\n"):
            file = write(state + "/suite.yaml", f"state: {state}\n" + text)
            with server("run", file) as s:
                assert s.address[1] > 0


def flags_and_environment_reach_the_services():
    with folder() as state:
        file = write(state + "/suite.yaml", f"state: {state}\necho: {{greeting: file}}\n")
        with server("run", file, "--echo-greeting", "flag") as s, s.connect() as client:
            is_equal(client.recv(100), b"flag\n")
        with server("run", file, env={"REED_RUN_ECHO_GREETING": "env"}) as s, \
                s.connect() as client:
            is_equal(client.recv(100), b"env\n")


def a_file_must_be_named_and_must_name_a_service():
    done = run("run")
    is_equal(done.returncode, 2)
    is_equal(done.stderr, "reed run: say which file has the settings; see --help\n")
    with folder() as state:
        done = run("run", state + "/nowhere.yaml")
        is_equal(done.returncode, 2)
        has(done.stderr, state + "/nowhere.yaml: cannot be read: there is no such file")
        file = write(state + "/suite.yaml", f"state: {state}\n")
        done = run("run", file)
        is_equal(done.returncode, 2)
        is_equal(done.stderr, "reed run: the settings name no service\n")


def what_is_wrong_is_told_with_its_place():
    with folder() as state:
        file = write(state + "/suite.yaml", "ehco:\n  listen: tcp:1\n")
        done = run("run", file)
        is_equal(done.returncode, 2)
        is_equal(done.stderr.splitlines()[0],
                 f"{file}:1:1: ehco: no such setting; did you mean echo?")
        file = write(state + "/suite.yaml", "echo:\n  lsten: tcp:1\n")
        done = run("run", "--check", file)
        is_equal(done.returncode, 2)
        has(done.stderr, f"{file}:2:3: echo.lsten: no such setting; did you mean listen?")


def help_knows_all_services():
    done = run("run", "--help")
    is_equal(done.returncode, 0)
    has(done.stdout, "--echo-listen")


def a_reload_cannot_add_a_service_and_says_so():
    with folder() as state:
        file = write(state + "/suite.yaml", f"state: {state}\necho: {{listen: '{ANY}'}}\n")
        with server("run", file) as s:
            write(file, f"state: {state}\necho: {{greeting: x}}\n")
            s.signal(signal.SIGHUP)
            is_equal(s.record("setting has changed")["key"], "echo.greeting")
            write(file, f"state: {state}\n")
            s.signal(signal.SIGHUP)
            is_equal(s.record("a service was taken out of the settings, and goes on until a "
                              "restart")["name"], "echo")


def a_service_whose_directory_will_not_do_is_not_started():
    with folder() as state:
        file = write(state + "/suite.yaml", f"state: {state}\necho:\n")
        write(state + "/echo", "")
        done = run("run", file)
        is_equal(done.returncode, 1)
        has(done.stderr, f"the state directory {state}/echo is no directory")


if __name__ == "__main__":
    main(globals())
