#!/usr/bin/env python3
"""The control socket: reed ctl, and what a client of one's own may do."""

import json
import os
import signal
import socket
import subprocess

from tool import PATIENCE, PROGRAM, Lines, ask_control, folder, has, has_not, is_equal, main, run, \
    server

ANY = "tcp:0:interface=127.0.0.1"


def _echo(state, *more):
    return server("echo", "--state", state, "--listen", ANY, *more)


def _ctl(state, *words):
    done = run("ctl", "--state", state, *words)
    is_equal((done.returncode, done.stderr), (0, ""))
    return done.stdout


def tasks_tell_where_they_wait_and_since_when():
    with folder() as state, _echo(state) as s, s.connect() as client:
        client.sendall(b"x")
        client.recv(1)
        tasks = _ctl(state, "tasks")
        has(tasks, "\necho client tests/core/app/echo.c:")
        has(tasks, "\n  (more)\n")


def _objects(text):
    return [json.loads(line) for line in text.splitlines()]


def _all_of(task):
    yield task
    for waits in task.get("waits", []):
        yield from _all_of(waits)


def tasks_are_told_to_programs():
    with folder() as state, _echo(state) as s, s.connect() as client:
        client.sendall(b"x")
        client.recv(1)
        roots = _objects(_ctl(state, "tasks", "--json"))
        echo = [t for t in roots if t["task"] == "echo client"]
        is_equal(len(echo), 1)
        is_equal((echo[0]["file"], echo[0]["waits"]),
                 ("tests/core/app/echo.c", [{"wait": "more"}]))
        assert echo[0]["line"] > 0 and echo[0]["age"] >= 0, echo
        lines = [line for line in _ctl(state, "tasks").splitlines() if ".c:" in line]
        is_equal(len([t for root in roots for t in _all_of(root) if "line" in t]), len(lines))
        done = run("ctl", "--state", state, "tasks", "--jsn")
        is_equal((done.returncode, done.stderr),
                 (1, 'reed ctl: "--jsn" is not understood: write tasks [--json]\n'))


def tables_are_told_to_programs():
    with folder() as state, _echo(state):
        services = _objects(_ctl(state, "services", "--json"))
        is_equal([(s["service"], s["state"]) for s in services],
                 [("process", "ready"), ("process/echo", "ready")])
        has(services[1]["status"], "listening on 1")
        stats = _objects(_ctl(state, "stats", "--json"))
        has([(s["metric"], s["labels"], s.get("value")) for s in stats],
            ("reed_log_records", {"level": "info"}, 3))
        is_equal(len(stats), len(_ctl(state, "stats").splitlines()))
        blame = _objects(_ctl(state, "blame", "--json", "1"))
        is_equal(len(blame), 1)
        assert blame[0]["seconds"] >= blame[0]["longest"] > 0 < blame[0]["times"], blame
        has(run("ctl", "--state", state, "blame", "1", "2").stderr, '"2" is no number up to')


def connections_are_listed():
    with folder() as state, _echo(state) as s, s.connect() as client:
        client.sendall(b"hello")
        client.recv(5)
        line = _ctl(state, "conns")
        host, port = client.getsockname()
        has(line, f" echo echo {host}:{port} clear ")
        has(line, f" s, 5 in, 5 out, at 127.0.0.1:{s.address[1]}, nobody: says it back\n")
        is_equal(_ctl(state, "conns", "0"), "and 1 more\n")


def connections_are_filtered_and_told_to_programs():
    with folder() as state, _echo(state) as s, s.connect() as one, s.connect() as other:
        for client in (one, other):
            client.sendall(b"hello")
            client.recv(5)
        ports = sorted(c.getsockname()[1] for c in (one, other))
        conns = [json.loads(line) for line in _ctl(state, "conns", "--json").splitlines()]
        is_equal(sorted(c["peer"] for c in conns), [f"127.0.0.1:{p}" for p in ports])
        is_equal({(c["service"], c["door"], c["in"], c["out"], c["secure"], c["account"],
                   c["note"]) for c in conns},
                 {("echo", "echo", 5, 5, False, "nobody", "says it back")})
        is_equal(len({c["conn"] for c in conns}), 2)
        has(_ctl(state, "conns", f"peer=127.0.0.1:{ports[0]}"), f"127.0.0.1:{ports[0]} ")
        is_equal(_ctl(state, "conns", "peer=127.0.0.1").count("\n"), 2)
        is_equal(_ctl(state, "conns", "service=echo", "note=it back", "1").count("\n"), 2)
        for nobody in ("service=chat", "door=irc", "peer=192.", "account=ann", "older=3600"):
            is_equal(_ctl(state, "conns", nobody), "")
        done = run("ctl", "--state", state, "conns", "colour=red")
        is_equal(done.returncode, 1)
        has(done.stderr, '"colour=red" is no number up to 2147483647, no --json and no filter')


def a_connection_can_be_ended():
    with folder() as state, _echo(state) as s, s.connect() as one, s.connect() as other:
        for client in (one, other):
            client.sendall(b"hello")
            client.recv(5)
        host, port = one.getsockname()
        number = _ctl(state, "conns", f"peer={host}:{port}").split()[0]
        is_equal(_ctl(state, "kill", number), f"{host}:{port}\n")
        is_equal(one.recv(1), b"")
        other.sendall(b"again")
        is_equal(other.recv(5), b"again")
        done = run("ctl", "--state", state, "kill", number)
        is_equal(done.returncode, 1)
        is_equal(done.stderr, f'reed ctl: there is no connection "{number}"; "conns" has their '
                              "numbers in front\n")
        has(run("ctl", "--state", state, "kill", "x").stderr, "there is no connection")


def a_drain_lets_nobody_in_and_waits_for_the_rest():
    with folder() as state, _echo(state) as s, s.connect() as one, s.connect() as other:
        for client in (one, other):
            client.sendall(b"hello")
            client.recv(5)
        drain = subprocess.Popen([*PROGRAM, "ctl", "--state", state, "drain"],
                                 stdout=subprocess.PIPE)
        lines = Lines(drain.stdout)
        is_equal(lines.next(), "2 connections left")
        try:
            s.connect().recv(1)
            assert False, "it was let in"
        except ConnectionError:
            pass
        has(run("ctl", "--state", state, "/readyz").stderr, "not ready: ")
        other.close()
        is_equal(lines.next(), "1 connection left")
        one.sendall(b"still")
        is_equal(one.recv(5), b"still")
        one.close()
        is_equal(drain.wait(timeout=PATIENCE), 0)
        drain.stdout.close()
        code, log = s.wait()
        is_equal(code, 0)
        has(log, '"why":"all have left"')


def a_drain_goes_on_without_whoever_asked():
    with folder() as state, _echo(state) as s, s.connect() as client:
        client.sendall(b"hello")
        client.recv(5)
        with socket.socket(socket.AF_UNIX) as c:
            c.connect(state + "/ctl.sock")
            c.sendall(b"drain\n")
            has(c.recv(100).decode(), "ok\n")
        client.close()
        is_equal(s.wait()[0], 0)


def services_are_shown_as_a_tree():
    with folder() as state, _echo(state):
        lines = _ctl(state, "services").splitlines()
        has(lines[0], "process ready, ")
        has(lines[1], "  echo ready, ")
        has(lines[1], ": listening on 1")


def metrics_are_told_to_people_and_to_programs():
    with folder() as state, _echo(state):
        has(_ctl(state, "stats"), 'reed_log_records{level="info"} 3\n')
        metrics = _ctl(state, "/metrics")
        has(metrics, "# TYPE reed_loop_turns counter\n")
        has(metrics, 'reed_log_records_total{level="info"} 3\n')
        has(metrics, '\nreed_service_ready{service="echo"} 1\n')
        assert metrics.endswith("\n# EOF\n")


def monitors_can_ask():
    with folder() as state:
        with _echo(state):
            is_equal(_ctl(state, "/healthz"), "alive\n")
            is_equal(_ctl(state, "/readyz"), "ready\n")
        with _echo(state, "--mood", "stubborn") as s:
            s.signal(signal.SIGTERM)
            s.record("stopping")
            is_equal(_ctl(state, "/healthz"), "alive\n")
            done = run("ctl", "--state", state, "/readyz")
            is_equal(done.returncode, 1)
            has(done.stderr, "reed ctl: not ready")


def _wait_for_a_follower(state):
    """One whose request has been read, and not only one that has connected."""
    while "  lasting core/app/control.c:" not in _ctl(state, "tasks"):
        pass


def the_log_can_be_followed():
    with folder() as state, _echo(state) as s:
        tail = subprocess.Popen([*PROGRAM, "ctl", "--state", state, "log", "info"],
                                stdout=subprocess.PIPE)
        _wait_for_a_follower(state)
        s.signal(signal.SIGHUP)
        has(Lines(tail.stdout).until("no setting"), " info  no setting has changed")
        is_equal(s.stop()[0], 0)
        is_equal(tail.wait(timeout=PATIENCE), 0)
        tail.stdout.close()


def who_follows_the_log_leaves_room_for_who_asks():
    with folder() as state, _echo(state):
        tails = []
        for n in range(9):
            tail = socket.socket(socket.AF_UNIX)
            tail.settimeout(PATIENCE)
            tail.connect(state + "/ctl.sock")
            tail.sendall(b"log follow --last 0\n")
            tails.append(tail)
            answer = tail.recv(100)
            if n < 8:
                is_equal(answer, b"ok\n")
            else:
                has(answer.decode(), "error: 8 others follow the log already")
        is_equal(_ctl(state, "/readyz"), "ready\n")
        tails[0].close()
        while True:
            tails[0] = socket.socket(socket.AF_UNIX)
            tails[0].settimeout(PATIENCE)
            tails[0].connect(state + "/ctl.sock")
            tails[0].sendall(b"log follow --last 0\n")
            if tails[0].recv(100) == b"ok\n":
                break
            tails[0].close()
        for tail in tails:
            tail.close()


def the_log_can_be_followed_by_what_is_in_it():
    with folder() as state, _echo(state) as s:
        tail = subprocess.Popen([*PROGRAM, "ctl", "--state", state, "log", "follow", "--level",
                                 "info", "--match", "NO SETTING", "--json"],
                                stdout=subprocess.PIPE)
        _wait_for_a_follower(state)
        s.signal(signal.SIGHUP)
        is_equal(json.loads(Lines(tail.stdout).next())["message"], "no setting has changed")
        is_equal(s.stop()[0], 0)
        is_equal(tail.wait(timeout=PATIENCE), 0)
        tail.stdout.close()


def what_has_just_happened_is_shown_and_then_what_happens():
    with folder() as state, _echo(state) as s:
        before = _ctl(state, "log", "--no-follow").splitlines()
        assert 0 < len(before) <= 10, before
        has(before[-1], "ready")
        is_equal(_ctl(state, "log", "-n", "1", "--no-follow").splitlines(), before[-1:])
        is_equal(_ctl(state, "log", "--last=0", "--no-follow"), "")
        is_equal(_ctl(state, "log", "--no-follow", "--match", "of nobody"), "")
        is_equal(_ctl(state, "log", "--no-follow", "--module", "protocols/irc"), "")
        is_equal(_ctl(state, "log", "--no-follow", "--since", "1h").splitlines(), before)
        is_equal(_objects(_ctl(state, "log", "-n", "1", "--no-follow", "--json"))[0]["level"],
                 "info")
        tail = subprocess.Popen([*PROGRAM, "ctl", "--state", state, "log", "-n", "1"],
                                stdout=subprocess.PIPE)
        lines = Lines(tail.stdout)
        is_equal(lines.next(), before[-1])
        _wait_for_a_follower(state)
        s.signal(signal.SIGHUP)
        has(lines.next(), " info  reading the settings anew")
        is_equal(s.stop()[0], 0)
        is_equal(tail.wait(timeout=PATIENCE), 0)
        tail.stdout.close()


def what_stays_in_memory_can_be_bounded():
    with folder() as state, _echo(state, "--log-history", "0"):
        is_equal(_ctl(state, "log", "--no-follow"), "")


def a_part_of_the_program_has_a_level_of_its_own():
    with folder() as state, _echo(state, "--log-module", "app/service=debug") as s:
        has(_ctl(state, "log", "--no-follow", "--level", "debug"), " debug service is ready ")
        is_equal(_ctl(state, "level"), "info\napp/service=debug\n")
        is_equal(_ctl(state, "level", "app/service=error"), "info\napp/service=error\n")
        is_equal(_ctl(state, "level", "http=warn"), "info\napp/service=error\nhttp=warn\n")
        for wrong in "http=loud", "=info", "a b=info":
            done = run("ctl", "--state", state, "level", wrong)
            is_equal(done.returncode, 1)
            has(done.stderr, "write one as in http=debug")
        code, said = s.stop()
        is_equal(code, 0)
    done = run("echo", "--log-module", "http", "--check")
    is_equal(done.returncode, 2)
    has(done.stderr, "write one as in http=debug")


def the_level_can_be_changed():
    with folder() as state, _echo(state):
        is_equal(_ctl(state, "level"), "info\n")
        is_equal(_ctl(state, "level", "debug"), "debug\n")
        is_equal(_ctl(state, "level"), "debug\n")
        for word in ("level", "log"):
            done = run("ctl", "--state", state, word, "loud")
            is_equal(done.returncode, 1)
            has(done.stderr, '"loud" is no level: debug, info, warn, error, critical')


def stop_stops():
    with folder() as state, _echo(state) as s:
        is_equal(_ctl(state, "stop"), "")
        code, log = s.wait()
        is_equal(code, 0)
        has(log, '"why":"reed ctl stop"')


def what_is_not_understood_is_refused_in_words():
    with folder() as state, _echo(state):
        done = run("ctl", "--state", state, "taks")
        is_equal(done.returncode, 2)
        is_equal(done.stderr, 'reed ctl: "taks" is not understood; did you mean tasks?\n')
        done = run("ctl", "--state", state, "conns", "many")
        has(done.stderr, '"many" is no number')
        done = run("ctl", "--state", state, "stop", "now")
        is_equal((done.returncode, done.stderr),
                 (2, "reed ctl: too many words: write stop\n"))
        is_equal(run("ctl", "--state", state, "kill").returncode, 2)
        is_equal(run("ctl", "--state", state, "kill", "0").returncode, 1)
        is_equal(ask_control(state, b"taks\n"),
                 'error: "taks" is not understood; did you mean tasks?\nusage\n')


def a_shell_is_a_client_too():
    with folder() as state, _echo(state):
        is_equal(ask_control(state, b"/healthz\n"), "ok\nalive\n")
        is_equal(ask_control(state, b"/healthz\r\n", shutdown=False), "ok\nalive\n")
        is_equal(ask_control(state, b"\n"), 'error: an empty request; "help" lists what there is\n')
        has(ask_control(state, b"x\x1b[2J\n"), "error: a request is UTF-8 without control characters")
        has(ask_control(state, b"x" * 1100 + b"\n"), "error: a request has at most 1024 bytes")
        has(ask_control(state, b"x" * 8000), "error: ")
        is_equal(ask_control(state, b""), "")


def many_clients_at_a_time_wait_for_each_other():
    with folder() as state, _echo(state):
        idle = []
        for _ in range(15):
            idle.append(socket.socket(socket.AF_UNIX))
            idle[-1].connect(state + "/ctl.sock")
        is_equal(_ctl(state, "/healthz"), "alive\n")
        for s in idle:
            s.close()


def a_stranger_is_refused():
    if os.geteuid() != 0:
        return
    with folder() as state, _echo(state):
        os.chmod(state, 0o755)
        os.chmod(state + "/ctl.sock", 0o666)
        child = os.fork()
        if child == 0:
            os.setuid(65534)
            os._exit(0 if "only its own user" in ask_control(state, b"stop\n") else 1)
        is_equal(os.waitpid(child, 0)[1], 0)
        is_equal(_ctl(state, "/readyz"), "ready\n")


def what_there_is_not_is_told_without_a_server_too():
    done = run("ctl", "relod", "--state", "/nonexistent")
    is_equal((done.returncode, done.stderr),
             (2, 'reed ctl: there is no request "relod"; did you mean reload?\n'))
    done = run("ctl", "zone", "--state", "/nonexistent")
    is_equal((done.returncode, done.stderr),
             (2, 'reed ctl: there is no request "zone"; no server runs there that could have it\n'))
    done = run("ctl", "reload", "--state", "/nonexistent")
    is_equal(done.returncode, 1)
    has(done.stderr, "reed ctl: no server runs there: unix:/nonexistent/ctl.sock: ")
    with folder() as empty:
        env = {"STATE_DIRECTORY": empty}
        done = run("ctl", "relod", env=env)
        is_equal((done.returncode, done.stderr),
                 (2, 'reed ctl: there is no request "relod"; did you mean reload?\n'))
        done = run("ctl", "frobnicate", env=env)
        is_equal((done.returncode, done.stderr),
                 (2, 'reed ctl: there is no request "frobnicate"; --help lists all\n'))


def flags_may_stand_behind_the_request():
    with folder() as state, _echo(state):
        is_equal(run("ctl", "/readyz", "--state", state).stdout, "ready\n")
        is_equal(run("ctl", "/readyz", f"--state={state}").stdout, "ready\n")
    done = run("ctl", "--stat", "x", "stop")
    is_equal((done.returncode, done.stderr),
             (2, "reed ctl: the flags are --state DIR and --of COMMAND; see --help\n"))


def without_a_flag_the_only_server_is_meant():
    with folder() as home:
        state = home + "/state"
        with _echo(state):
            done = run("ctl", "/readyz", env={"STATE_DIRECTORY": state})
            is_equal(done.stdout, "ready\n")


if __name__ == "__main__":
    main(globals())
