#!/usr/bin/env python3
"""Who a server is: the user it becomes, and the rights it keeps.

Most of it takes root; whoever else runs these sees that the rest is refused.
"""

import contextlib
import os
import pwd
import resource
import socket
import stat
import tempfile

from tool import PATIENCE, folder, has, is_equal, main, run, server, write

ROOT = os.geteuid() == 0
NOBODY = pwd.getpwnam("nobody")
ANY = "tcp:0:interface=127.0.0.1"
BIND, STAYS_ROOT = 1 << 10, 1 << 0 | 1 << 1 | 1 << 3  # CHOWN, DAC_OVERRIDE, FOWNER


def _status(pid, task=None):
    path = f"/proc/{pid}/task/{task}/status" if task else f"/proc/{pid}/status"
    with open(path, encoding="utf-8") as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)


@contextlib.contextmanager
def _open_folder():
    """One that other users can look into."""
    with folder() as above:
        os.chmod(above, 0o755)
        yield above


def _is(pid, uid, gid, groups, capabilities):
    for task in os.listdir(f"/proc/{pid}/task"):
        s = _status(pid, task)
        is_equal(s["Uid"].split(), [str(uid)] * 4)
        is_equal(s["Gid"].split(), [str(gid)] * 4)
        is_equal(sorted(s["Groups"].split()), sorted(str(g) for g in groups))
        is_equal(s["CapInh"], "0" * 16)
        is_equal(s["CapAmb"], "0" * 16)
        is_equal(s["NoNewPrivs"], "1")
        for which in ("CapPrm", "CapEff"):
            assert int(s[which], 16) & ~capabilities == 0, (task, which, s[which])
    main_task = _status(pid)
    is_equal(int(main_task["CapEff"], 16), capabilities)
    if ROOT:  # nobody else can lower that one
        is_equal(int(main_task["CapBnd"], 16) & ~capabilities, 0)


def it_becomes_the_user_that_is_asked_for():
    with _open_folder() as above:
        if not ROOT:
            done = run("echo", "--state", above + "/state", "--user", "root")
            is_equal(done.returncode, 1)
            has(done.stderr, "only root can become somebody else; leave out --user")
            return
        groups = os.getgrouplist("nobody", NOBODY.pw_gid)
        with server("echo", "--state", above + "/a/state", "--listen", ANY, "--user", "nobody",
                    "--log-file", above + "/log", ready=False) as s:
            while run("ctl", "--state", above + "/a/state", "/readyz").returncode != 0:
                assert s.process.poll() is None
            _is(s.process.pid, NOBODY.pw_uid, NOBODY.pw_gid, groups, 0)
            for name, mode in (("/a/state", 0o700), ("/a/state/lock", 0o600),
                               ("/a/state/ctl.sock", 0o600), ("/log", 0o640)):
                st = os.stat(above + name)
                is_equal((name, st.st_uid, st.st_gid, stat.S_IMODE(st.st_mode)),
                         (name, NOBODY.pw_uid, NOBODY.pw_gid, mode))
            is_equal(os.stat(above + "/a").st_uid, 0)
            is_equal(s.stop()[0], 0)
            with open(above + "/log", encoding="utf-8") as log:
                has(log.read(), f'"uid":{NOBODY.pw_uid},"capabilities":"none"')


def numbers_are_users_too():
    with _open_folder() as above:
        for name in ("--user", "--group"):
            done = run("echo", "--state", above + "/state", name, "no-such-name")
            is_equal(done.returncode, 2)
            has(done.stderr, f"{name}: there is no {name[2:]} \"no-such-name\" on this machine")
        done = run("echo", "--state", above + "/state", "--user", "471100")
        is_equal(done.returncode, 1)
        has(done.stderr, "--user: nobody has the number 471100, so say --group too")
        if not ROOT:
            return
        with server("echo", "--state", above + "/state", "--listen", ANY, "--user", "471100",
                    "--group", "471101") as s:
            _is(s.process.pid, 471100, 471101, [471101], 0)


def a_state_directory_of_root_is_told_and_left_alone():
    if not ROOT:
        done = run("echo", "--state", "/root")
        is_equal(done.returncode, 2)
        has(done.stderr, "--state: the state directory /root ")
        return
    with _open_folder() as above:
        os.mkdir(above + "/state", 0o700)
        done = run("echo", "--state", above + "/state", "--user", "nobody")
        is_equal(done.returncode, 1)
        has(done.stderr, f"the state directory {above}/state cannot be written to: Permission "
                         "denied")
        is_equal(os.stat(above + "/state").st_uid, 0)


def a_link_is_no_way_to_get_a_folder():
    """Who may write where the state directory is to be made gets nothing of others by it."""
    if not ROOT:
        return it_becomes_the_user_that_is_asked_for()
    with _open_folder() as above:
        os.mkdir(above + "/of-root", 0o700)
        os.symlink(above + "/of-root", above + "/state")
        write(above + "/of-root/log", "")
        os.symlink(above + "/of-root/log", above + "/log")
        run("echo", "--state", above + "/state", "--user", "nobody", "--log-file", above + "/log")
        is_equal(os.stat(above + "/of-root").st_uid, 0)
        is_equal(os.stat(above + "/of-root/log").st_uid, 0)


def _low_port():
    """As other tests look for one too, each process begins with another."""
    for i in range(300):
        port = 700 + (os.getpid() + i) % 300
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("all low ports are taken")


@contextlib.contextmanager
def _folder_of_root():
    """One with nothing above it that anybody else may write to, as /tmp is."""
    with tempfile.TemporaryDirectory(prefix="reed-", dir="/run") as path:
        os.chmod(path, 0o755)
        yield path


def _greets(path):
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(PATIENCE)
        s.connect(path)
        s.sendall(b"hello\n")
        is_equal(s.recv(100), b"hello\n")


def _is_scraped(path):
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(PATIENCE)
        s.connect(path)
        s.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
        has(s.recv(100).decode(), "200 OK")


def a_socket_where_only_root_may_make_one_is_bound_first_and_stays():
    """Also over a failure of its service; one mode is said, and one is not."""
    if not ROOT:
        return a_socket_out_of_reach_is_told_with_what_to_do()
    with _open_folder() as above, _folder_of_root() as of_root, \
            server("echo", "--state", above + "/state", "--user", "nobody", "--mood", "fails-later",
                   "--listen", f"throttle:[unix:{of_root}/echo:mode=600]:rate=1M", "--metrics",
                   f"unix:{of_root}/metrics", ready=False) as s:
        s.record("service has failed and will be started again")
        with socket.socket(socket.AF_UNIX) as early:
            early.connect(of_root + "/echo")  # which waits for the next life
        is_equal(s.record("service has failed and will be started again")["why"],
                 "it is in no mood to go on")
        _is_scraped(of_root + "/metrics")
        _is(s.process.pid, NOBODY.pw_uid, NOBODY.pw_gid,
            os.getgrouplist("nobody", NOBODY.pw_gid), 0)
        st = os.stat(of_root + "/echo")
        is_equal((st.st_uid, st.st_gid, stat.S_IMODE(st.st_mode)),
                 (NOBODY.pw_uid, NOBODY.pw_gid, 0o600))


def so_does_one_that_another_process_has_handed_over():
    if not ROOT:
        return a_socket_out_of_reach_is_told_with_what_to_do()
    with _open_folder() as above, _folder_of_root() as of_root:
        flags = ["echo", "--state", above + "/state", "--user", "nobody", "--listen",
                 f"unix:{of_root}/echo"]
        with server(*flags) as first, \
                server(*flags, "--mood", "fails-later", "--replace", ready=False) as second:
            is_equal(first.wait()[0], 0)
            for _ in range(2):
                is_equal(second.record("service has failed and will be started again")["why"],
                         "it is in no mood to go on")


def so_it_is_for_several_loops():
    """The web server can have them."""
    if not ROOT or run("web", "--version").returncode != 0:
        return a_socket_out_of_reach_is_told_with_what_to_do()
    with _open_folder() as above, _folder_of_root() as of_root, \
            server("web", "--state", above + "/state", "--user", "nobody", "--loops", "2",
                   "--path", above, "--listen", f"unix:{of_root}/web") as s:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(PATIENCE)
            client.connect(of_root + "/web")
            client.sendall(b"GET /none HTTP/1.0\r\n\r\n")
            has(client.recv(100).decode(), "HTTP/1.1 404")
        is_equal(s.stop()[0], 0)


def what_was_left_behind_there_is_in_nobodys_way():
    if not ROOT:
        return a_socket_out_of_reach_is_told_with_what_to_do()
    with _open_folder() as above, _folder_of_root() as of_root:
        for _ in range(2):
            with server("echo", "--state", above + "/state", "--user", "nobody", "--listen",
                        f"unix:{of_root}/echo") as s:
                _greets(of_root + "/echo")
                is_equal(s.stop()[0], 0)


def a_socket_out_of_reach_is_told_with_what_to_do():
    """Others may write above it, so that root does nothing there."""
    with _open_folder() as above:
        os.mkdir(above + "/closed", 0o700 if ROOT else 0o500)
        user = ["--user", "nobody"] if ROOT else []
        done = run("echo", "--state", above + "/state", *user, "--listen",
                   f"unix:{above}/closed/echo")
        is_equal(done.returncode, 1 if ROOT else 2)
        has(done.stderr, f"has to let user {NOBODY.pw_uid} make files" if ROOT else "may not")


def a_low_port_is_bound_by_who_is_not_root_also_a_second_time():
    with _open_folder() as above:
        if not ROOT:
            done = run("echo", "--state", above + "/state", "--listen",
                       "tcp:700:interface=127.0.0.1")
            has(done.stderr, "Permission denied")
            return
        port = _low_port()
        with server("echo", "--state", above + "/state", "--user", "nobody", "--listen",
                    f"tcp:{port}:interface=127.0.0.1", "--mood", "fails-later",
                    ready=False) as s:
            is_equal(s.record("sandbox")["capabilities"], "CAP_NET_BIND_SERVICE")
            s.record("listening")
            s.record("service has failed and will be started again")
            s.record("listening")
            _is(s.process.pid, NOBODY.pw_uid, NOBODY.pw_gid,
                os.getgrouplist("nobody", NOBODY.pw_gid), BIND)


def a_low_port_of_udp_is_one_too():
    if not ROOT:
        return a_low_port_is_bound_by_who_is_not_root_also_a_second_time()
    with _open_folder() as above:
        for endpoint, kept in (("udp:53", "CAP_NET_BIND_SERVICE"), ("udp:5353", "none"),
                               ("udp:192.0.2.1:53", "none")):
            with server("inmate", "--state", above + "/state", "--user", "nobody", "--listen", ANY,
                        "--dials", endpoint, ready=False) as s:
                is_equal(s.record("sandbox")["capabilities"], kept)
                s.record("ready")


def who_stays_root_has_little_left_of_it():
    with folder() as state, server("echo", "--state", state, "--listen", ANY) as s:
        _is(s.process.pid, os.getuid(), os.getgid(), os.getgroups(), STAYS_ROOT if ROOT else 0)


def nothing_of_its_memory_gets_out():
    with folder() as state, server("inmate", "--state", state, "--listen",
                                   "tcp:0:interface=127.0.0.1") as s:
        with s.connect() as client:
            client.sendall(b"secret\n")
            is_equal(client.recv(100), b"ok\n")
        with open(f"/proc/{s.process.pid}/limits", encoding="utf-8") as limits:
            core = next(line for line in limits if line.startswith("Max core file size"))
        is_equal(core.split()[4:6], ["0", "0"])


def _few_files():
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, 700))


def the_limit_of_open_files_is_raised_and_told():
    with folder() as state, server("inmate", "--state", state, "--listen", ANY, "--wants", "600",
                                   preexec_fn=_few_files, ready=False) as s:
        is_equal(s.record("sandbox")["files"], 700)
        s.record("ready")
        with open(f"/proc/{s.process.pid}/limits", encoding="utf-8") as limits:
            files = next(line for line in limits if line.startswith("Max open files"))
        is_equal(files.split()[3:5], ["700", "700"])
        _, rest = s.stop()
        assert "fewer files" not in rest + "".join(s.log.seen)


def a_limit_that_is_too_low_is_told():
    with folder() as state, server("inmate", "--state", state, "--listen", ANY, "--wants", "5000",
                                   preexec_fn=_few_files, ready=False) as s:
        told = s.record("fewer files can be open than the settings ask for; raise the limit "
                        "(LimitNOFILE=, ulimit -n)")
        is_equal((told["limit"], told["wanted"], told["level"]), (700, 5064, "warn"))
        s.record("ready")


def who_is_not_root_cannot_become_somebody_else():
    me = {"user": NOBODY.pw_uid, "group": NOBODY.pw_gid, "extra_groups": []} if ROOT else {}
    with tempfile.TemporaryDirectory(prefix="reed-") as above:
        os.chmod(above, 0o777)
        done = run("echo", "--state", above + "/state", "--user", "daemon", **me)
        is_equal(done.returncode, 1)
        has(done.stderr, "only root can become somebody else")
        name = pwd.getpwuid(me.get("user", os.getuid())).pw_name
        with server("echo", "--state", above + "/state", "--user", name, "--listen", ANY,
                    **me) as s:
            is_equal(_status(s.process.pid)["CapEff"], "0" * 16)


if __name__ == "__main__":
    main(globals())
