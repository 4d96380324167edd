#!/usr/bin/env python3
"""What is wrong with the settings of the chat server is told with the place it was written."""

import os
import re
import signal
import socket
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "reed"))
import tool
from tool import folder, has, is_equal, main, run, server, write

tool.PROGRAM = [os.environ["REED"]]


def an_endpoint_without_a_certificate_passes_the_check():
    done = run("chat", "--check", "--irc", "tls:6697")
    is_equal((done.returncode, done.stderr), (0, ""))


def one_that_will_not_do_is_told_with_line_and_column():
    with folder() as state:
        file = write(state + "/chat.yaml", "irc: [tcp:6667, 'tls:xx', tls:1:cret=x]\n")
        done = run("chat", "--check", "-c", file)
        is_equal(done.returncode, 2)
        is_equal(done.stderr.splitlines(), [
            f'{file}:1:17: irc[1]: "tls:xx", column 5: "xx" is no port; a number from 0 to 65535 '
            "must stand here",
            f'{file}:1:27: irc[2]: "tls:1:cret=x", column 12: tls has no key "cret"; did you mean '
            "cert?"])


def a_port_that_is_taken_is_told_so_with_a_certificate_of_our_own_too():
    with folder() as state, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        file = write(state + "/chat.yaml", f"state: {state}/state\nlog.format: text\nirc:\n"
                                           f"  - tls:{port}:interface=127.0.0.1\n")
        done = run("chat", "-c", file)
        is_equal(done.returncode, 1)
        has(done.stderr, f"{file}:4:5: cannot listen on 127.0.0.1:{port}: Address already in use")


def _refusal(file, text, command="chat"):
    """What --check says to settings that it refuses, without the name of the file."""
    write(file, text)
    done = run(command, "--check", "-c", file)
    is_equal((text, done.returncode, done.stdout), (text, 2, ""))
    lines = done.stderr.splitlines()
    assert all(line.startswith(file + ":") for line in lines), done.stderr
    return [line[len(file) + 1:] for line in lines]


def what_cannot_start_does_not_pass_the_check():
    junk, missing = "no certificate here\n", "/nonexistent/x"
    with folder() as state:
        file = state + "/chat.yaml"
        pem, link = write(state + "/junk.pem", junk), state + "/link"
        os.symlink(missing, link)
        oneself = "no host name; write one as in chat.example.org, with no more than 63 letters, " \
                  "digits, hyphens and dots"
        no_folder = "there is no folder /nonexistent; make it first"
        no_file = f"cannot read {missing}: No such file or directory; `reed cert new NAME` makes one"
        for text, wanted in {
                "auth: sqlit:x": '1:7: auth[0]: "sqlit:x": no accounts of kind "sqlit": did you mean '
                                 "sqlite:PATH?",
                "auth: ['sqlite:']": "1:8: auth[0]: sqlite: which file? sqlite:PATH",
                f"auth: sqlite:{missing}": f"1:7: auth[0]: {no_folder}",
                f"auth: sqlite:{state}": f"1:7: auth[0]: {state} is a folder; write the path of a "
                                         "file",
                f"auth: file:{missing}": f"1:7: auth[0]: {no_folder}",
                "auth: memory:alice": "1:7: auth[0]: memory: the password of alice: a password has "
                                      "at least one character",
                "auth: anonymous:x": "1:7: auth[0]: anonymous: nothing comes after the colon",
                "name: a b": f'1:7: name: "a b" is {oneself}',
                "name: ':x'": f'1:7: name: ":x" is {oneself}',
                "name: a..b": f'1:7: name: "a..b" is {oneself}',
                "name: a.": f'1:7: name: "a." is {oneself}',
                "network: a b": '1:10: network: "a b" is no name of a network; write one word, as '
                                "in ExampleNet",
                f"tls-cert: {missing}": f"1:11: tls-cert: {no_file}",
                f"tls-cert: {pem}": f"1:11: tls-cert: {pem} holds no certificate in PEM format "
                                    "(-----BEGIN CERTIFICATE-----)",
                f"irc: ['tls:6697:cert={missing}']": f"1:7: irc[0]: {no_file}",
                f"irc: ['haproxy:[tls:6697:cert={missing}]']": f"1:7: irc[0]: {no_file}",
                f"irc: ['unix:{missing}']": f"1:7: irc[0]: {no_folder}",
                f"irc: ['unix:{pem}']": f"1:7: irc[0]: {pem} is there already and is no socket; "
                                        "take another path",
                f"log.file: {missing}": f"1:11: log.file: {no_folder}",
                f"log.file: {link}": f"1:11: log.file: {no_folder}",
                f"log.file: {state}": f"1:11: log.file: {state} is a folder; write the path of a "
                                      "file",
                f"state: {pem}/x": f"1:8: state: the state directory {pem}/x cannot be made: Not a "
                                   "directory; take another with --state DIR",
                "user: nobody-of-that-name": '1:7: user: there is no user "nobody-of-that-name" on '
                                             "this machine",
                "group: nobody-of-that-name": '1:8: group: there is no group "nobody-of-that-name" '
                                              "on this machine",
                "rooms.nick-bytes: 0": "1:19: rooms.nick-bytes: 0 is too little; write a number "
                                       "from 9 to 255",
                "limits.sendq: 5": "1:15: limits.sendq: 5 is too little; write a number from 16384 "
                                   "to 1000000000",
                "limits.burst: 1000000": "1:15: limits.burst: 1000000 is too much; write a number "
                                         "from 1 to 100000",
                "operators: [{name: a b, account: c}]":
                    "1:20: operators[0].name: nobody can give that name with OPER; write one word",
                "operators: [{name: a, verifier: secret}]":
                    "1:33: operators[0].verifier: is no verifier; one is "
                    "SCRAM-SHA-256$ITERATIONS:SALT$STOREDKEY:SERVERKEY",
                "operators: [{name: a}]": "1:20: operators[0].name: anybody could be this one; "
                                          "give it an account or a verifier"}.items():
            is_equal(_refusal(file, text + "\n"), [wanted])


def a_folder_that_takes_no_files_does_not_pass_the_check():
    # root may write to /proc by its permissions, and yet nothing can be made there
    with folder() as state:
        for text, where in (("log.file: /proc/nope", "1:11: log.file: /proc is a folder that "),
                            ("auth: file:/proc/nope", "1:7: auth[0]: /proc is a folder that "),
                            ("irc: ['unix:/proc/nope']", "1:7: irc[0]: /proc is a folder that "),
                            ("state: /proc/nope", "1:8: state: the state directory /proc/nope ")):
            refusal, = _refusal(state + "/chat.yaml", text + "\n")
            has(refusal, where)
        done = run("chat", "--check", "--log-file", "/proc/nope")
        is_equal((done.returncode, done.stdout), (2, ""))
        has(done.stderr, "--log-file: /proc is a folder that ")


def a_staple_that_is_not_there_does_not_pass_the_check():
    with folder() as state:
        done = run("cert", "new", "chat.example", "--out", state + "/c.pem")
        is_equal(done.returncode, 0)
        is_equal(_refusal(state + "/chat.yaml",
                          f"irc: ['tls:6697:cert={state}/c.pem:staple={state}/none']\n"),
                 [f"1:7: irc[0]: cannot read {state}/none: No such file or directory"])


def a_state_directory_of_a_newer_version_does_not_pass_the_check():
    with folder() as state:
        os.mkdir(state + "/new", 0o700)
        write(state + "/new/version", "99\n")
        refusal, = _refusal(state + "/chat.yaml", f"state: {state}/new\n")
        has(refusal, "1:8: state: the state directory")
        has(refusal, "was written by a newer version of this program (format 99,")


def the_least_and_the_most_that_the_schema_allows_do_start():
    with folder() as state:
        for which in range(2):
            bounds = _bounds(which)
            assert len(bounds) > 40, bounds
            # who has no descriptors for so many clients is told so at the start
            write(state + "/chat.yaml", "".join(f"{key}: {value}\n" for key, value in bounds))
            with server("chat", "-c", state + "/chat.yaml", "--state", state + "/state",
                        "--irc", "tcp:0:interface=127.0.0.1") as s:
                is_equal(s.stop()[0], 0)


def _bounds(which):
    """Of each number among the limits the least, or the most: (key, value)."""
    found, group, comment = [], "", ""
    for line in run("chat", "--print-example").stdout.splitlines():
        word = line.strip()
        if word.startswith("# "):
            comment += " " + word[2:]
            continue
        if re.fullmatch(r"[a-z]+:", line):
            group = line[:-1]
        bounds = re.search(r"a number from (\d+) to (\d+)", comment)
        if group in ("limits", "rooms") and bounds and word.startswith("#"):
            found.append((group + "." + word[1:].partition(":")[0], bounds.group(which + 1)))
        comment = ""
    return found


def a_reload_into_what_cannot_start_keeps_the_old_settings():
    with folder() as state:
        file = state + "/chat.yaml"
        good = f"state: {state}/state\nirc: ['tcp:0:interface=127.0.0.1']\nnetwork: Good\n"
        refused = "settings are wrong and were not taken"
        write(file, good)
        with server("chat", "-c", file) as s:
            for text in ("rooms.nick-bytes: 0", "auth: sqlit:x", "tls-cert: missing.pem",
                         "log.file: /nonexistent/x", "irc: ['unix:/nonexistent/x']",
                         "operators: [{name: a}]"):
                problem = _refusal(state + "/other.yaml", text + "\n")[0]
                write(file, text + "\n")
                done = run("ctl", "--state", state + "/state", "reload")
                is_equal((text, done.returncode), (text, 1))
                has(done.stderr, f"{file}:{problem}")
                is_equal(s.record(refused)["problem"], f"{file}:{problem}")
                s.signal(signal.SIGHUP)
                is_equal(s.record(refused)["problem"], f"{file}:{problem}")
            write(file, good)
            done = run("ctl", "--state", state + "/state", "reload")
            is_equal((done.returncode, done.stderr), (0, ""))
            is_equal(s.stop()[0], 0)


def what_a_running_server_may_not_look_at_is_for_the_next_start():
    with folder() as state, folder() as other:
        file = state + "/chat.yaml"
        good = f"state: {state}/state\nirc: ['tcp:0:interface=127.0.0.1']\n"
        pem = other + "/cert.pem"
        is_equal(run("cert", "new", "chat.example", "--out", pem).returncode, 0)
        with server("chat", "-c", write(file, good)) as s:
            write(file, good + f"tls-cert: {pem}\n")
            done = run("ctl", "--state", state + "/state", "reload")
            is_equal((done.returncode, done.stderr), (0, ""))
            is_equal(s.record("setting has changed and needs a restart")["key"], "tls-cert")
            is_equal(s.stop()[0], 0)


if __name__ == "__main__":
    main(globals())
