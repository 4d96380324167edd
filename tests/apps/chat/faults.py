#!/usr/bin/env python3
"""What goes wrong around `reed chat`: what it says then, and that it goes on."""

import ctypes
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.environ["REED_SOURCE"], "tests", "apps", "reed"))

import tool  # noqa: E402
from chat import ANY, TLS, Chat, Client  # noqa: E402
from tool import PATIENCE, folder, has, has_not, is_equal, main, run, write  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
GOING_DOWN = "ERROR :Closing link: (The server is going down)"


def _fails(*flags):
    """Why it does not start, as the log has it at last."""
    with folder() as state:
        done = run("chat", "--state", state, *flags)
        is_equal(done.returncode, 1)
        record = tool.json.loads(done.stderr.splitlines()[-1])
        is_equal((record["level"], record["message"]), ("critical", "failed"))
        return record["why"]


def _refused(*flags):
    """What it says to settings that cannot do, before it starts anything."""
    with folder() as above:
        done = run("chat", "--state", above + "/state", *flags)
        is_equal((done.returncode, os.listdir(above)), (2, []))
        return done.stderr.removesuffix("\n")


# ---- certificates ----

def _certificate(above, name):
    """Its blocks, by kind."""
    path = f"{above}/{name}.pem"
    is_equal(run("cert", "new", name, "--out", path).returncode, 0)
    with open(path, encoding="ascii") as file:
        text = file.read()
    blocks = re.findall(r"(-----BEGIN ([A-Z ]+)-----.*?-----END \2-----\n)", text, re.S)
    return {kind: block for block, kind in blocks}


def a_certificate_that_is_not_there_is_told_with_what_makes_one():
    why = _refused("--irc", TLS, "--tls-cert", "/nowhere/cert.pem")
    is_equal(why, "--tls-cert: cannot read /nowhere/cert.pem: No such file or directory; "
                  "`reed cert new NAME` makes one")
    with folder() as above:
        file = write(above + "/chat.yaml", f"tls-cert: {above}/none.pem\nirc:\n  - {TLS}\n")
        has(_refused("-c", file), f"{file}:1:11: tls-cert: cannot read {above}/none.pem: ")


def a_certificate_that_has_expired_is_told_with_the_day():
    why = _refused("--irc", TLS, "--tls-cert", HERE + "/expired.pem")
    is_equal(why, f"--tls-cert: the certificate of old.example in {HERE}/expired.pem "
                  "expired on 2020-01-31: renew it")


def a_key_of_another_certificate_is_told():
    with folder() as above:
        mine = _certificate(above, "mine.example")
        other = _certificate(above, "other.example")
        mixed = write(above + "/mixed.pem", mine["CERTIFICATE"] + other["PRIVATE KEY"])
        is_equal(_refused("--irc", TLS, "--tls-cert", mixed),
                 f"--tls-cert: the private key in {mixed} does not belong to the first "
                 "certificate in it, that of mine.example; put the key into it that this was "
                 "issued for, and the certificates of its issuers behind it")
        bare = write(above + "/bare.pem", mine["CERTIFICATE"])
        is_equal(_refused("--irc", TLS, "--tls-cert", bare),
                 f"--tls-cert: {bare} holds no private key; put it behind the chain, or "
                 "name the file it is in")


# ---- what belongs to somebody else ----

def a_port_that_is_taken_is_told_with_what_to_do():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        for door in (f"tcp:{port}:interface=127.0.0.1", f"tls:{port}:interface=127.0.0.1"):
            is_equal(_fails("--irc", door),
                     f"chat: --irc: cannot listen on 127.0.0.1:{port}: Address already in use; "
                     "another program listens there; stop that one, or take another port")


def an_address_of_another_machine_is_told_with_what_to_do():
    why = _fails("--irc", "tcp:0:interface=192.0.2.1")
    has(why, "chat: --irc: cannot listen on 192.0.2.1:0: ")
    has(why, "; this machine has no such address; `ip address` shows those it has")


def _without_privileges():
    """Root too is refused what the modes of files refuse, and ports under 1024."""
    libc = ctypes.CDLL(None)
    for capability in (1, 2, 10):  # CAP_DAC_OVERRIDE, _DAC_READ_SEARCH, _NET_BIND_SERVICE
        libc.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP


def _run_plainly(*args):
    return subprocess.run([*tool.PROGRAM, *args], capture_output=True, text=True, timeout=PATIENCE,
                          env=tool.environment(None), preexec_fn=_without_privileges)


def a_state_directory_that_cannot_be_written_to_is_told_with_what_to_do():
    with folder() as state:
        os.chmod(state, 0o500)
        advice = "; make it and give it to the user who runs this (chown), or take another with " \
                 "--state DIR\n"
        for path, what in ((state, "cannot be written to"), (state + "/x", "cannot be made")):
            done = _run_plainly("chat", "--state", path)
            is_equal(done.returncode, 2)
            is_equal(done.stderr, f"--state: the state directory {path} {what}: "
                                  "Permission denied" + advice)


def whatever_is_wrong_with_the_state_directory_another_one_can_be_taken():
    with folder() as above:
        file = write(above + "/file", "")
        os.mkdir(above + "/open")
        os.chmod(above + "/open", 0o777)
        for path, what in (("/proc/x", "cannot be made: "), ("/proc", "cannot be used: "),
                           (file, "is no directory; make one there, or "),
                           (file + "/x", "cannot be made: Not a directory; "),
                           (above + "/open", "can be written to by everybody; chmod 700 it, or "),
                           (above + "/" + "x" * 120, "has too long a path for a socket in it; ")):
            done = run("chat", "--state", path)
            is_equal(done.returncode, 2)
            has(done.stderr, f"--state: the state directory {path} {what}")
            assert done.stderr.endswith("take another with --state DIR\n"), done.stderr


def a_port_for_root_is_told_with_what_to_do():
    with open("/proc/sys/net/ipv4/ip_unprivileged_port_start", encoding="ascii") as first:
        if int(first.read()) <= 81:
            return  # here everybody may
    with folder() as state:
        done = _run_plainly("chat", "--state", state, "--irc", "tcp:81:interface=127.0.0.1")
        is_equal(done.returncode, 1)
        has(done.stderr, "chat: --irc: cannot listen on 127.0.0.1:81: Permission denied; a port "
                         "under 1024 takes root or CAP_NET_BIND_SERVICE, or systemd listens "
                         "(systemd:name=NAME)")


def a_second_one_on_the_same_state_names_the_first():
    with folder() as state, Chat(state) as chat:
        done = run("chat", "--state", state, "--irc", ANY)
        is_equal(done.returncode, 1)
        is_equal(done.stderr, f"reed chat: the state directory {state} is in use by process "
                              f"{chat.process.pid}; stop that one, take over from it with "
                              "--replace, or take another with --state DIR\n")
        chat.client("ann").is_served()


# ---- a full disk ----

class _Disk:
    """That of the state directory; see full_disk.c."""

    def __init__(self, state):
        self.flag = state + "/full"
        asan = os.environ.get("ASAN_OPTIONS", "")
        self.env = {"FULL_DISK": state, "ASAN_OPTIONS": asan + ":verify_asan_link_order=0",
                    "LD_PRELOAD": os.path.join(os.environ["REED_BUILD"], "tests", "full-disk.so")}

    def fill(self):
        write(self.flag, "")

    def empty(self):
        os.unlink(self.flag)


NOT_NOW = "That is not possible just now; try again later"
ADVICE = " cannot grow, the disk is full: nothing was changed; make room there, and what is " \
         "tried next succeeds"


def _check_full(chat, disk, ann, bob, state):
    """Nobody can register, the operator is told, and all else goes on."""
    has(bob.ask("REGISTER * * :bob-secret", "REGISTER"),
        f" FAIL REGISTER TEMPORARILY_UNAVAILABLE bob :{NOT_NOW}")
    record = chat.record("account")
    while record["what"] != "account created" or record["outcome"] == "done":
        record = chat.record("account")
    is_equal((record["level"], record["account"]), ("error", "bob"))
    is_equal(record["why"], f"{state}/accounts.db{ADVICE}")
    has(bob.ask("PRIVMSG NickServ :REGISTER bob-secret", ":NickServ!"), NOT_NOW)
    ann.ask("TOPIC #kept :while it is full", "TOPIC")
    record = chat.record("rooms are not saved yet")
    is_equal((record["level"], record["why"]), ("error", f"{state}/rooms.db{ADVICE}"))
    bob.say("PRIVMSG #kept :still here")
    ann.hear("PRIVMSG #kept :still here")
    carl = chat.client("carl")
    carl.ask("JOIN #kept", " 366 ")
    carl.ask("JOIN #own", " 366 ")
    carl.close()


def a_full_disk_is_told_and_survived_and_forgotten_when_there_is_room():
    with folder() as state:
        disk = _Disk(state)
        with Chat(state, env=disk.env) as chat:
            ann, bob = chat.client("ann"), chat.client("bob")
            ann.ask("REGISTER * * :ann-secret", "REGISTER SUCCESS ann")
            for client in (ann, bob):
                client.ask("JOIN #kept", " 366 ")
            ann.ask("PRIVMSG ChanServ :REGISTER #kept", "the room is registered")
            disk.fill()
            _check_full(chat, disk, ann, bob, state)
            disk.empty()
            bob.ask("REGISTER * * :bob-secret", "REGISTER SUCCESS bob")
            chat.record("rooms are saved again")
            for client in (ann, bob):
                client.close()
            is_equal(chat.stop()[0], 0)
        with Chat(state) as chat:
            _log_in(chat, "bob", "bob-secret")
            ann = chat.client("ann2")
            has(ann.ask("JOIN #kept", " 332 "), "#kept :while it is full")


def a_disk_that_is_full_from_the_start_is_told():
    with folder() as state:
        disk = _Disk(state)
        disk.fill()
        done = run("chat", "--state", state, "--irc", ANY, env=disk.env)
        is_equal(done.returncode, 1)
        has(done.stderr, "cannot grow, the disk is full")
        has(done.stderr, "make room there")
        disk.empty()
        with Chat(state, env=disk.env) as chat:
            chat.client("ann").is_served()


# ---- the end ----

class _Talker(threading.Thread):
    """Says something whenever each of the others has, until the end."""

    def __init__(self, chat, nick, others):
        super().__init__()
        self.others = others
        self.client = chat.client(nick)
        self.client.ask("JOIN #loud", " 366 ")
        self.heard, self.last, self.error = 0, "", None
        self.is_warm = threading.Event()

    def run(self):
        try:
            for line in self.client.file:
                self.last = line.strip() or self.last
                self.heard += 1
                if self.heard > 50:
                    self.is_warm.set()
                if self.heard % self.others == 0 and not line.startswith("ERROR"):
                    self.client.say("PRIVMSG #loud :" + "x" * 300)
        except OSError as error:
            self.error = error
        self.is_warm.set()
        self.client.close()


def _under_load(chat, count=20):
    """As many talkers, and one who never reads what is said."""
    deaf = chat.client("deaf")
    deaf.ask("JOIN #loud", " 366 ")
    talkers = [_Talker(chat, f"t{i}", count - 1) for i in range(count)]
    for talker in talkers:
        talker.start()
        talker.client.say(*["PRIVMSG #loud :" + "y" * 300] * 20)
    for talker in talkers:
        assert talker.is_warm.wait(PATIENCE)
    return deaf, talkers


def under_load_sigterm_says_goodbye_and_ends_within_its_time():
    with folder() as state, Chat(state, "--grace", "3s") as chat:
        deaf, talkers = _under_load(chat)
        start = time.monotonic()
        code, log = chat.stop()
        took = time.monotonic() - start
        for talker in talkers:
            talker.join(PATIENCE)
            is_equal((talker.last, talker.error), (GOING_DOWN, None))
        is_equal(code, 0)
        has(log, '"message":"the grace time is over, so what is left is dropped"')
        has(log, '"message":"stopped"')
        assert took < 3 + 1.5, f"it took {took} s"
        deaf.close()


def nobody_is_waited_for_who_has_gone():
    with folder() as state, Chat(state, "--grace", "60s") as chat:
        client = chat.client("ann")
        chat.signal(signal.SIGTERM)
        client.hear(GOING_DOWN)
        client.close()
        start = time.monotonic()
        is_equal(chat.wait()[0], 0)
        assert time.monotonic() - start < 3


def who_has_heard_the_goodbye_and_stays_is_not_waited_for():
    with folder() as state, Chat(state, "--grace", "60s", irc=(ANY, TLS)) as chat:
        quiet = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        quiet.check_hostname, quiet.verify_mode = False, ssl.CERT_NONE
        clients = [chat.client("ann"), Client(chat.doors["tls"], "bob", quiet)]
        start = time.monotonic()
        is_equal(chat.stop()[0], 0)
        took = time.monotonic() - start
        assert took < 4, f"it took {took} s"  # a closed stream lingers for 5
        for client in clients:
            client.hear(GOING_DOWN)
            is_equal(client.file.readline(), "")
            client.close()


def a_second_sigterm_ends_it_at_once_even_so():
    with folder() as state, Chat(state, "--grace", "60s") as chat:
        deaf, talkers = _under_load(chat, 5)
        chat.signal(signal.SIGTERM)
        record = chat.record("stopping")
        is_equal((record["why"], record["grace"]), ("SIGTERM", 60.0))
        start = time.monotonic()
        chat.signal(signal.SIGTERM)
        code, log = chat.wait()
        took = time.monotonic() - start
        if code != -signal.SIGTERM:  # by the system: only goodbyes were left to be taken
            is_equal(code, 128 + signal.SIGTERM)
            has(log, '"message":"ended at once","why":"SIGTERM"')
        assert took < 5, f"it took {took} s"
        for talker in talkers:
            talker.join(PATIENCE)
        deaf.close()


def _log_in(chat, account, password):
    client = Client(chat.doors["tcp"], account + "-")
    has(client.ask(f"PRIVMSG NickServ :IDENTIFY {account} {password}", " 900 "), f" {account} :")
    client.close()


def a_kill_loses_no_account_whose_making_was_told():
    with folder() as state:
        for i in range(5):
            nick, password = f"nick{i}", f"a-secret-of-{i}"
            with Chat(state) as chat:
                chat.client(nick).ask(f"REGISTER * * :{password}", f"REGISTER SUCCESS {nick}")
                chat.signal(signal.SIGKILL)
                chat.wait()
            with Chat(state) as chat:
                for j in range(i + 1):
                    _log_in(chat, f"nick{j}", f"a-secret-of-{j}")
                chat.signal(signal.SIGKILL)
                chat.wait()


# ---- handshakes that stop halfway ----

def _client_hello():
    context = ssl.create_default_context()
    to_us, from_us = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(to_us, from_us, server_hostname="chat.example")
    try:
        tls.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return from_us.read()


def a_tls_handshake_that_is_never_finished_times_out():
    with folder() as state, Chat(state, "--limits-registration-seconds", "1", "--log", "debug",
                                  irc=(ANY, TLS)) as chat:
        hello = _client_hello()
        parts = b"", hello[:1], hello[:100], hello
        start = time.monotonic()
        sockets = [socket.create_connection(chat.doors["tls"], PATIENCE) for _ in parts]
        for part, half in zip(parts, sockets):
            half.sendall(part)
        for half in sockets:
            while half.recv(10000):
                pass
        took = time.monotonic() - start
        for _ in parts:
            record = chat.record("a TLS handshake was not finished, so the connection is closed; "
                                 "does the client speak TLS?")
            has(record["peer"], "127.0.0.1:")
            is_equal(record["seconds"], 1)
        assert 0.9 < took < 4, f"it took {took} s"
        for half in sockets:
            half.close()
        chat.client("ann").is_served()
        has_not(run("ctl", "--state", state, "conns").stdout, "tls")
        is_equal(chat.stop()[0], 0)


if __name__ == "__main__":
    main(globals())
