#!/usr/bin/env python3
"""Accounts of `reed chat`, in the hands of their owners and of who runs it."""

import hashlib
import itertools
import os
import pty
import select
import signal
import socket
import ssl
import subprocess

from chat import ANY, TLS, Chat, Client  # and where tool is
import tool
from tool import PATIENCE, folder, has, has_not, is_equal, main, run, write


def _certificate(above, name):
    """The file with certificate and key, and the SHA-256 of the former."""
    path = f"{above}/{name}.pem"
    is_equal(run("cert", "new", name, "--out", path).returncode, 0)
    with open(path, encoding="ascii") as file:
        text = file.read()
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    pem = begin + text.partition(begin)[2].partition(end)[0] + end
    return path, hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()


def _tls(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.load_cert_chain(certificate)
    return context


def _external(chat, certificate):
    """What the server says to who comes with that certificate and no more."""
    with socket.create_connection(chat.doors["tls"], timeout=PATIENCE) as plain, \
            _tls(certificate).wrap_socket(plain) as s, s.makefile("r", encoding="utf-8") as lines:
        s.sendall(b"CAP LS 302\r\nCAP REQ :sasl\r\nNICK other\r\nUSER other 0 * :O\r\n"
                  b"AUTHENTICATE EXTERNAL\r\nAUTHENTICATE +\r\n")
        while True:
            line = lines.readline()
            assert line, "it has gone"
            if line.split()[1] in ("900", "904", "908"):
                return line


def _ctl(state, *words, secret=None):
    done = run("ctl", "--state", state, "accounts", *words, input=secret)
    is_equal((done.returncode, done.stderr), (0, ""))
    return done.stdout


def _refused(state, *words, secret=None):
    done = run("ctl", "--state", state, "accounts", *words, input=secret)
    assert done.returncode != 0 and not done.stdout
    return done.stderr


_numbers = itertools.count()


def _identify(chat, account, password):
    # a nick of its own: who had it a moment ago may not have gone yet
    client = Client(chat.doors["tcp"], f"{account}-{next(_numbers)}")
    client.say(f"PRIVMSG NickServ :IDENTIFY {account} {password}", "PING end")
    lines = []
    while not lines or "PONG" not in lines[-1]:
        lines.append(client.hear(""))
    client.close()
    return any(" 900 " in line for line in lines)


# ---- the first operator ----

def _operators(client):
    """What STATS o tells, when it tells something: an account's role is written behind OPER."""
    lines = []
    while len(lines) < 2:
        client.say("STATS o")
        lines = [client.hear("")]
        while " 219 " not in lines[-1]:
            lines.append(client.hear(""))
    return [line.partition(" 243 " + client.nick)[2] for line in lines[:-1]]


def who_has_taken_the_invitation_is_shown_as_an_operator():
    with folder() as state, Chat(state) as chat:
        with open(state + "/invitation", encoding="ascii") as file:
            word = file.read().strip()
        ann, bob = chat.client("ann"), chat.client("bob")
        for client in (ann, bob):
            client.ask("PRIVMSG NickServ :REGISTER a-long-password", " 900 ")
        ann.ask(f"OPER owner {word}", " 381 ")
        is_equal(_operators(ann), [" O *@* ann admin 0 admin"])  # bob is none
        has(bob.ask("STATS o", " 481 "), "ermission")


# ---- one's own ----

def a_certificate_added_with_nickserv_logs_in_and_survives_a_kill():
    with folder() as state, folder() as own:
        mine, digest = _certificate(own, "ann")
        strange, _ = _certificate(own, "strange")
        with Chat(state, irc=(ANY, TLS)) as chat:
            has(_external(chat, mine), " 904 ")
            ann = Client(chat.doors["tls"], "ann", _tls(mine))
            ann.ask("PRIVMSG NickServ :REGISTER a-long-password", " 900 ")
            has(ann.ask("PRIVMSG NickServ :CERT ADD", ":NickServ!"), "made; the nick is yours")
            ann.hear("logs you in from now on")
            has(ann.ask("PRIVMSG NickServ :CERT LIST", ":NickServ!"), digest)
            has(_external(chat, mine), " ann :")
            has(_external(chat, strange), " 904 ")
            chat.signal(signal.SIGKILL)
            chat.wait()
        with Chat(state, irc=(ANY, TLS)) as chat:
            has(_external(chat, mine), " ann :")
            has(_ctl(state, "show", "ann"), f"  certificate {digest}\n")


# ---- those of everybody, by who runs it ----

def accounts_are_made_listed_changed_and_removed():
    with folder() as state, Chat(state) as chat:
        is_equal(_ctl(state, "list"), "")
        is_equal(_ctl(state, "add", "bob", secret="the-first-one\n"), "")
        is_equal(_ctl(state, "add", "Ann", secret="another one, without end of line"), "")
        is_equal(_ctl(state, "list"), "ann: password\nbob: password\n")
        is_equal(_ctl(state, "list", "ann"), "bob: password\n")
        assert _identify(chat, "bob", "the-first-one")
        assert _identify(chat, "ann", "another one, without end of line")
        is_equal(_ctl(state, "password", "bob", secret="the-second-one\n"), "")
        assert not _identify(chat, "bob", "the-first-one")
        assert _identify(chat, "bob", "the-second-one")
        _ctl(state, "roles", "bob", "admin")
        _ctl(state, "fingerprint", "add", "bob", "AB:" * 31 + "AB")
        is_equal(_ctl(state, "list"), "ann: password\nbob: password, 1 certificate, roles admin\n")
        has(_ctl(state, "show", "bob"), "\n  certificate " + "ab" * 32 + "\n")
        _ctl(state, "fingerprint", "remove", "bob", "ab" * 32)
        _ctl(state, "roles", "bob")
        _ctl(state, "remove", "ann")
        is_equal(_ctl(state, "list"), "bob: password\n")
        assert not _identify(chat, "ann", "another one, without end of line")
        chat.record("account")
        code, log = chat.stop()
        is_equal(code, 0)
        has(log, '"what":"account removed","outcome":"done","account":"ann"')


def who_is_here_is_shown_and_is_a_guest_when_the_account_is_removed():
    with folder() as state, Chat(state) as chat:
        ann = chat.client("ann")
        ann.ask("PRIVMSG NickServ :REGISTER a-long-password", " 900 ")
        ann.ask("JOIN #home", " 366 ")
        ann.ask("PRIVMSG ChanServ :REGISTER #home", "the room is registered")
        has(_ctl(state, "show", "ann"), "\n  here by password over irc from 127.0.0.1, ")
        _ctl(state, "remove", "ann")
        ann.hear(" 901 ")
        ann.is_served()
        ann.close()
        eve = chat.client("ann")
        eve.ask("PRIVMSG NickServ :REGISTER another-password", " 900 ")
        has(eve.ask("PRIVMSG ChanServ :REGISTER #home", ":ChanServ!"), "no such room")


def what_cannot_be_done_is_told_with_what_would_be_right():
    with folder() as state, Chat(state):
        _ctl(state, "add", "bob", secret="the-first-one\n")
        has(_refused(state, "add", "bob", secret="another-one\n"), "there is an account bob")
        has(_refused(state, "add", "carl", secret="short\n"), "at least 8 characters")
        has(_refused(state, "add", "carl", secret=""), "the first line of standard input")
        has(_refused(state, "add", "carl", secret="\n"), "no password came")
        has(_refused(state, "add", "carl", secret="x" * 2000), "at most 1023 bytes")
        has(_refused(state, "add", "a,b", secret="the-first-one\n"), "is no name for an account")
        has(_refused(state, "password", "carl", secret="the-first-one\n"), "no account carl")
        has(_refused(state, "remove", "carl"), "no account carl")
        has(_refused(state, "fingerprint", "add", "bob", "beef"), "64 hexadecimal digits")
        has(_refused(state, "fingerprint", "put", "bob", "beef"), "fingerprint add or")
        has(_refused(state, "roles", "bob", "No!"), "roles: words of a-z")
        has(_refused(state), "write accounts and one of: list [--json] [AFTER], show NAME, add NAME")
        has(_refused(state, "add"), "write accounts add NAME")
        has(_refused(state, "add", "carl", "secret-on-the-line"), "write accounts add NAME")


def a_list_that_is_long_goes_on_where_it_ended():
    people = "memory:" + ":".join(f"p{i:03}:a-long-password" for i in range(201))
    with folder() as state, Chat(state, "--auth", people):
        lines = _ctl(state, "list").splitlines()
        is_equal(len(lines), 201)
        is_equal(lines[-1], "and more: accounts list p199")
        is_equal(_ctl(state, "list", "p199"), "p200: password\n")


def without_accounts_that_is_told():
    with folder() as state:
        zone = write(state + "/zone", "@ 60 SOA ns x 1 2 3 4 5\n@ 60 NS ns\nns 60 A 192.0.2.1\n")
        server = tool.server("dns", "--state", state, "--zone", f"example.org={zone}",
                             "--listen", "udp:0:interface=127.0.0.1")
        with server:
            has(_refused(state, "list"), "this server keeps no accounts")


# ---- passwords, as people type them ----

class _Terminal:
    """`reed ctl accounts ...` with somebody at the keyboard."""

    def __init__(self, state, *words):
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen([*tool.PROGRAM, "ctl", "--state", state, "accounts",
                                         *words], stdin=slave, stdout=slave, stderr=slave)
        os.close(slave)
        self.seen = ""

    def wait_for(self, text):
        while text not in self.seen:
            assert select.select([self.master], [], [], PATIENCE)[0], self.seen
            self.seen += os.read(self.master, 1000).decode()

    def type(self, prompt, keys):
        self.wait_for(prompt)
        self.seen = self.seen.partition(prompt)[2]
        os.write(self.master, keys)

    def end(self):
        """How it ended, and what was on the screen since the last prompt."""
        code = self.process.wait(PATIENCE)
        while select.select([self.master], [], [], 0)[0]:
            try:
                self.seen += os.read(self.master, 1000).decode()
            except OSError:
                break
        os.close(self.master)
        return code, self.seen


def at_a_terminal_the_password_is_asked_twice_and_not_seen():
    with folder() as state, Chat(state) as chat:
        terminal = _Terminal(state, "add", "bob")
        terminal.type("Password: ", b"wrong\x15the-first-ono\x7fe\r")
        terminal.type("Password again: ", b"the-first-one\n")
        code, seen = terminal.end()
        is_equal((code, seen.strip()), (0, ""))
        assert _identify(chat, "bob", "the-first-one")
        terminal = _Terminal(state, "password", "bob")
        terminal.type("Password: ", b"the-second-one\n")
        terminal.type("Password again: ", b"the-third-one\n")
        code, seen = terminal.end()
        assert code != 0
        has(seen, "the two passwords are not the same")
        has_not(seen, "third")
        terminal = _Terminal(state, "password", "bob")
        terminal.type("Password: ", b"the-second\x03")
        code, seen = terminal.end()
        assert code != 0
        has(seen, "interrupted")
        assert _identify(chat, "bob", "the-first-one")


if __name__ == "__main__":
    main(globals())
