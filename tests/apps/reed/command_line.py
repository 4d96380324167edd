#!/usr/bin/env python3
"""The program from outside: commands, help, what is wrong with a command line."""

import re
import subprocess

from tool import folder, has, has_not, is_equal, main, run, write


def without_a_command_it_says_what_there_is_and_fails():
    done = run()
    is_equal(done.returncode, 2)
    has(done.stdout, "Usage: reed [-m MODULE]... COMMAND")


def help_lists_commands_in_groups():
    for flag in ("--help", "-h", "help"):
        done = run(flag)
        is_equal(done.returncode, 0)
        servers, _, tools = done.stdout.partition("Tools:")
        has(servers, "Servers:\n")
        has(servers, "\n  echo         Say back what is heard.\n")
        for group in done.stdout.split("\n\n"):
            names = re.findall(r"^  (\S+) ", group, re.M)
            is_equal(names, sorted(names))
        has(servers, "\n  run  ")
        has(tools, "  ctl  ")
        has(tools, "  endpoints  ")
        has(tools, "  help  ")


def a_command_explains_itself():
    for args in (("help", "echo"), ("echo", "--help")):
        done = run(*args)
        is_equal(done.returncode, 0)
        has(done.stdout, "Usage: reed echo [FLAG]...")
        has(done.stdout, "--listen ENDPOINT")
        has(done.stdout, "--state DIR")
        has_not(done.stdout, "--log-format")
    has(run("echo", "--help-all").stdout, "--log-format")


def the_version_is_told():
    for args in (("--version",), ("echo", "--version")):
        done = run(*args)
        is_equal(done.returncode, 0)
        is_equal(done.stdout.split()[0], "reed")


def an_unknown_command_is_refused_with_what_was_meant():
    done = run("ehco")
    is_equal(done.returncode, 2)
    is_equal(done.stderr, 'reed: there is no command "ehco"; did you mean echo?\n')
    done = run("frobnicate")
    is_equal(done.returncode, 2)
    is_equal(done.stderr, 'reed: there is no command "frobnicate"; see reed --help\n')
    is_equal(run("help", "frobnicate").returncode, 2)


def a_word_that_is_nearly_right_is_understood_everywhere():
    for args, said in {
            ("help", "ehco"): 'reed: there is no command "ehco"; did you mean echo?',
            ("check", "ehco"): 'reed check: there is no server and no file "ehco"; did you mean '
                               "echo?",
            ("check", "frobnicate"): 'reed check: there is no server and no file "frobnicate"',
            ("endpoints", "tpc"): 'reed endpoints: there is no scheme "tpc"; did you mean tcp',
            ("echo", "-c", "/nonexistent"): "/nonexistent: cannot be read: there is no such file",
    }.items():
        done = run(*args)
        is_equal((args, done.returncode, done.stderr), (args, 2, said + "\n"))
    is_equal(run("version").stdout, run("--version").stdout)


def endpoints_are_explained():
    done = run("endpoints")
    is_equal(done.returncode, 0)
    has(done.stdout, "\ntcp\n    TCP, over IPv4 and IPv6.\n    listen  tcp:PORT[")
    assert max(len(line) for line in done.stdout.splitlines()) <= 80
    has(done.stdout, "\nunix\n")
    has(done.stdout, "\nsim\n    A host of a simulation, and nothing else.")
    has(done.stdout, "\n    listen  sim:HOST:PORT\n    dial    sim:HOST:PORT\n")
    one = run("endpoints", "unix")
    is_equal(one.returncode, 0)
    is_equal(one.stdout.splitlines()[0], "unix")
    has_not(one.stdout, "tcp")
    done = run("endpoints", "tpc")
    is_equal(done.returncode, 2)
    has(done.stderr, 'no scheme "tpc"')


def kinds_of_accounts_are_explained():
    done = run("echo", "--help-auth")
    is_equal(done.returncode, 0)
    has(done.stdout, "memory:")
    has(done.stdout, "file:PATH")


def an_unknown_flag_is_refused_with_what_was_meant():
    done = run("echo", "--lisetn=tcp:1")
    is_equal(done.returncode, 2)
    is_equal(done.stderr, "--lisetn: no such flag; did you mean --listen?\n")


def settings_that_are_right_can_be_checked_without_a_run():
    with folder() as state:
        done = run("echo", "--check", "--state", state + "/not-made", "--listen", "tcp:1")
        is_equal((done.returncode, done.stderr), (0, ""))
        is_equal(run("echo", "--check", "--listen", "tcp").returncode, 2)


def an_endpoint_that_will_not_do_is_found_by_the_check():
    done = run("echo", "--check", "--listen", "tcp:xx")
    is_equal((done.returncode, done.stderr),
             (2, '--listen: "tcp:xx", column 5: "xx" is no port; a number from 0 to 65535 must '
                 'stand here\n'))
    with folder() as state:
        file = write(state + "/echo.yaml", "listen:\n  - tcp:1\n  - tcpp:2\n")
        done = run("echo", "--check", "-c", file)
        is_equal((done.returncode, done.stderr),
                 (2, f'{file}:3:5: listen[1]: "tcpp:2": there is no scheme "tcpp"; did you mean '
                     'tcp?\n'))
        done = run("echo", "--check", "--listen", f"log:[tcp:0]:file={state}/none/traffic")
        is_equal((done.returncode, done.stderr),
                 (2, f"--listen: there is no folder {state}/none; make it first\n"))


def a_driver_there_is_none_of_is_refused():
    done = run("echo", "--driver", "kqueue")
    is_equal(done.returncode, 2)
    has(done.stderr, "--driver: ")
    with folder() as state:
        for flags in ((), ("--check",)):
            done = run("echo", "--state", state + "/s", *flags, env={"REED_DRIVER": "kqueue"})
            is_equal((done.returncode, done.stderr), (2 if flags else 1, "reed echo: this system "
                     "has no driver kqueue; leave out REED_DRIVER\n"))


def the_manual_page_and_completions_come_from_the_settings():
    has(run("echo", "--print-man").stdout, ".Sh NAME")
    has(run("echo", "--print-completions", "bash").stdout, "listen")


def completions_are_written_for_all_commands():
    for shell in ("bash", "zsh", "fish"):
        done = run("completions", shell)
        is_equal(done.returncode, 0)
        for word in ("echo", "ctl", "endpoints", "greeting"):
            has(done.stdout, word)
    done = run("completions", "tcsh")
    is_equal(done.returncode, 2)
    is_equal(done.stderr, 'reed completions: there is no "tcsh"; did you mean bash?\n')


def bash_takes_them():
    script = run("completions", "bash").stdout + """
COMP_WORDS=(reed echo --gree); COMP_CWORD=2; COMP_LINE="reed echo --gree"; COMP_POINT=16
$(complete -p reed | sed 's/.*-F \\([^ ]*\\).*/\\1/') reed --gree echo
echo "${COMPREPLY[@]}"
"""
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    is_equal((done.stdout.strip(), done.stderr), ("--greeting", ""))


def ctl_says_what_is_wrong_with_its_command_line():
    is_equal(run("ctl", "--help").returncode, 0)
    has(run("ctl", "--help").stdout, "tasks [--json]    what every task waits for")
    for args in ((), ("--stat", "x", "stop"), ("--state",), ("--state", "/nowhere", "two\nlines")):
        done = run("ctl", *args)
        is_equal((args, done.returncode), (args, 2))
        has(done.stderr, "reed ctl: ")


def ctl_without_a_server_says_so():
    with folder() as state:
        done = run("ctl", "--state", state, "stats")
        is_equal(done.returncode, 1)
        has(done.stderr, "reed ctl: no server runs there: unix:" + state + "/ctl.sock: ")
        home = {"HOME": state, "XDG_STATE_HOME": state, "STATE_DIRECTORY": ""}
        done = run("ctl", "stats", env={**home, "STATE_DIRECTORY": state})
        is_equal(done.returncode, 1)
        is_equal(done.stderr, f"reed ctl: no server of yours runs in {state}; say where with "
                              "--state DIR\n")


if __name__ == "__main__":
    main(globals())
