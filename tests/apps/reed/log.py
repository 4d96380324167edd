#!/usr/bin/env python3
"""reed log: files of logs, those that were moved away, and what is logged meanwhile."""

import contextlib
import gzip
import json
import os
import shutil
import subprocess

from tool import PATIENCE, PROGRAM, Lines, folder, has, has_not, is_equal, main, run, server, write

ANY = "tcp:0:interface=127.0.0.1"


def _line(n, level="info", **more):
    """The n-th record: one a millisecond, from a quarter past ten on."""
    return json.dumps({"time": f"2026-11-22T10:15:{n // 1000:02}.{n % 1000:03}000Z",
                       "level": level, "message": "said", "n": n, **more},
                      separators=(",", ":")) + "\n"


def _lines(*numbers):
    return "".join(_line(n) for n in numbers)


def _numbers(text):
    return [json.loads(line)["n"] for line in text.splitlines()]


def _log(*words, code=0):
    done = run("log", *words)
    is_equal((done.returncode, done.stderr), (code, done.stderr if code else ""))
    return done.stdout if code == 0 else (done.stdout, done.stderr)


def what_a_server_has_written_is_read_as_it_was():
    with folder() as state:
        path = state + "/log"
        with server("echo", "--state", state, "--listen", ANY, "--log-file", path,
                    "--log", "debug", "--sandbox", "off", ready=False) as s:
            while run("ctl", "--state", state, "/readyz").returncode:
                pass
            is_equal(s.stop()[0], 0)
        with open(path, encoding="utf-8") as file:
            written = file.read()
        assert len(written.splitlines()) > 5, written
        is_equal(_log("--json", path), written)
        shown = _log("--utc", path).splitlines()
        is_equal(len(shown), len(written.splitlines()))
        has(shown[-1], "Z info  stopped")
        has(_log("--module", "app/service", path), " debug service is ready ")
        has_not(_log("--module", "app/service", path), "stopped")


def files_that_were_moved_away_come_first():
    with folder() as where:
        path = where + "/log"
        write(path, _lines(7, 8))
        write(path + ".1", _lines(5, 6))
        for number, numbers in (2, (3, 4)), (3, (1, 2)):
            with gzip.open(f"{path}.{number}.gz", "wt") as file:
                file.write(_lines(*numbers))
        write(path + ".6", _lines(0))  # of another time: there is no 4 and no 5
        is_equal(_numbers(_log("--json", path)), [1, 2, 3, 4, 5, 6, 7, 8])
        is_equal(_numbers(_log("--json", "-n", "3", path)), [6, 7, 8])
        is_equal(_numbers(_log("--json", path + ".2.gz", path + ".1")), [3, 4, 5, 6])


def records_are_chosen_by_level_time_and_text():
    with folder() as where:
        path = write(where + "/log", _line(1, "debug") + _line(1000, "warn", nick="Ann") +
                     _line(2000, "error", at="protocols/http/h1.c:7") + _line(3000))
        for flags, numbers in (
                (["--level", "warn"], [1000, 2000]),
                (["--match", "NICK=ann"], [1000]),
                (["--module", "http"], [2000]),
                (["--since", "2026-11-22T10:15:01Z"], [1000, 2000, 3000]),
                (["--until", "2026-11-22T10:15:02Z"], [1, 1000, 2000]),
                (["--level", "info", "-n", "2", "--until", "2026-11-22T10:15:02Z"], [1000, 2000])):
            is_equal(_numbers(_log("--json", *flags, path)), numbers)
        for flags in ["--since", "soon"], ["--until", "2026-02-30"], ["--level", "loud"]:
            _, why = _log(*flags, path, code=2)
            has(why, flags[1])
        _log(code=2)


def what_is_no_record_is_told_with_its_place():
    with folder() as where:
        path = write(where + "/log", _line(1) + "2026-11-22 text\x1b[2J\n\n" + _line(2) +
                     "{" + "x" * 300000 + "\n" + _line(3) + _line(4)[:30])
        out, why = _log("--json", path, code=1)
        is_equal(_numbers(out), [1, 2, 3])
        why = why.splitlines()
        is_equal(len(why), 3)
        has(why[0], f"{path}:2: it is no object of JSON: 2026-11-22 text")
        has_not(why[0], "\x1b")
        has(why[1], f"{path}:5: it is longer than 256K: ")
        has(why[2], f"{path}:7: a text has no end: ")
        _, why = _log(path + "-", code=1)
        has(why, path + "-: ")
        with gzip.open(path + ".1.gz", "wt") as file:
            file.write(_lines(*range(10000)))
        os.truncate(path + ".1.gz", 5000)
        out, why = _log("--json", path, code=1)
        has(why, path + ".1.gz: it is packed, and broken")
        is_equal(_numbers(out)[-3:], [1, 2, 3])


def standard_input_is_a_file_too():
    done = subprocess.run([*PROGRAM, "log", "--json", "-n", "1", "-"], input=_lines(1, 2),
                          stdout=subprocess.PIPE, text=True, timeout=PATIENCE, check=True)
    is_equal(_numbers(done.stdout), [2])


@contextlib.contextmanager
def _followed(path, *flags):
    tail = subprocess.Popen([*PROGRAM, "log", "--json", *flags, "--follow", path],
                            stdout=subprocess.PIPE)
    try:
        lines = Lines(tail.stdout)
        yield lambda: json.loads(lines.next())["n"]
    finally:
        tail.kill()
        tail.wait(timeout=PATIENCE)
        tail.stdout.close()


def _move_away(path, keep, pack):
    for n in range(keep, 0, -1):
        for end in "", ".gz":
            if os.path.exists(f"{path}.{n}{end}"):
                os.rename(f"{path}.{n}{end}", f"{path}.{n + 1}{end}")
    os.rename(path, path + ".1")
    if pack:
        with open(path + ".1", "rb") as plain, gzip.open(path + ".packing", "wb") as packed:
            shutil.copyfileobj(plain, packed)
        os.rename(path + ".packing", path + ".1.gz")
        os.remove(path + ".1")


def _follow_moves(pack):
    with folder() as where:
        path = write(where + "/log", _lines(1, 2, 3))
        with _followed(path, "-n", "1") as following:
            is_equal(following(), 3)
            for n in range(4, 400):
                if n % 10 == 0:
                    _move_away(path, 100, pack)
                with open(path, "a", encoding="utf-8") as file:
                    file.write(_line(n)[:40])
                    file.flush()
                    file.write(_line(n)[40:])
            is_equal([following() for _ in range(4, 400)], list(range(4, 400)))


def nothing_is_missed_or_told_twice_when_a_file_is_moved_away():
    _follow_moves(False)


def nor_when_it_is_packed():
    _follow_moves(True)


def one_that_is_begun_anew_is_read_from_its_beginning():
    with folder() as where:
        path = write(where + "/log", _lines(1, 2, 3))
        with _followed(path) as following:
            is_equal([following() for _ in range(3)], [1, 2, 3])
            write(path, _lines(4))
            is_equal(following(), 4)


if __name__ == "__main__":
    main(globals())
