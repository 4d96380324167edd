#!/usr/bin/env python3
"""What `reed chat` counts, through the door that monitors ask at: --metrics."""

import http.client
import os
import re
import socket
import sys

sys.path.insert(0, os.path.join(os.environ["REED_SOURCE"], "tests", "apps", "reed"))

from chat import ANY, Chat, Client  # noqa: E402
from tool import PATIENCE, folder, has, is_equal, main  # noqa: E402


class _Figures:
    def __init__(self, chat):
        connection = http.client.HTTPConnection(*chat.doors["metrics"], timeout=PATIENCE)
        connection.request("GET", "/metrics")
        self.text = connection.getresponse().read().decode()
        connection.close()

    def __getitem__(self, series):
        """Of reed_irc_..., reed_rooms_..."""
        found = re.findall(rf"^reed_{re.escape(series)} (\d+)$", self.text, re.M)
        is_equal(len(found), 1)
        return int(found[0])


def _chat(state, *flags):
    return Chat(state, "--metrics", ANY, *flags)


def clients_rooms_and_what_they_say_are_counted():
    with folder() as state, _chat(state) as chat:
        before = _Figures(chat)
        for name in "irc_connections", "irc_registered", "rooms_users", "rooms_rooms":
            is_equal(before[name], 0)
        ann, bob = chat.client("ann"), chat.client("bob")
        with socket.create_connection(chat.doors["tcp"], PATIENCE) as quiet:
            for client in (ann, bob):
                client.ask("JOIN #reed", " 366 ")
            ann.ask("PRIVMSG NickServ :REGISTER a-long-password", " 900 ")
            ann.say("PRIVMSG #reed :hello")
            bob.hear("hello")
            ann.ask("PRIVMSG ChanServ :REGISTER #reed", "the room is registered")
            now = _Figures(chat)
            is_equal(now["irc_connections"], 3)
            is_equal(now["irc_accepted_total"], 3)
            is_equal(now["irc_registered"], 2)
            for name in "users", "sessions":
                is_equal(now["rooms_" + name], 2)
            for name in "rooms", "registered", "accounts", "messages_total":
                is_equal(now["rooms_" + name], 1)
            assert now["irc_lines_in_total"] > 10
            assert now["irc_lines_out_total"] > 20
            quiet.shutdown(socket.SHUT_RDWR)
        for client in (ann, bob):
            client.say("QUIT")
            client.hear("ERROR")
        while _Figures(chat)["irc_connections"]:
            pass
        is_equal(_Figures(chat)["irc_registered"], 0)
        is_equal(_Figures(chat)["rooms_users"], 0)
        is_equal(_Figures(chat)["rooms_rooms"], 1)


def memory_that_a_peer_can_make_grow_has_a_limit_a_name_in_the_settings_and_a_metric():
    with folder() as state, _chat(state, "--limits-sendq", "300000", "--irc",
                                  f"unix:{state}/irc") as chat:
        small = socket.socket(socket.AF_UNIX)  # the system keeps less for it than for TCP
        small.connect(state + "/irc")
        deaf, ann = Client(small, "deaf"), chat.client("ann")
        for client in (deaf, ann):
            client.ask("JOIN #reed", " 366 ")
        most = 0
        while not _Figures(chat)['irc_sent_away_total{reason="sendq"}']:
            ann.say(*["PRIVMSG #reed :" + "x" * 400] * 100)
            ann.is_served()
            most = max(most, _Figures(chat)["irc_queued_bytes"])
        assert 0 < most <= 300000, most
        deaf.close()
        while _Figures(chat)["irc_connections"] > 1:
            pass
        is_equal(_Figures(chat)["irc_queued_bytes"], 0)


def refusals_are_counted_by_their_reason():
    with folder() as state, _chat(state, "--limit-loopback", "--limits-burst", "1000",
                                  "--limits-connections-per-address", "2",
                                  "--limits-sasl-attempts", "1") as chat:
        ann, bob = chat.client("ann"), chat.client("bob")
        with socket.create_connection(chat.doors["tcp"], PATIENCE) as third:
            has(third.recv(1000).decode(), "Too many connections from your address")
        ann.ask("MODE #reed", " 403 ")
        ann.ask("NICK bob", " 433 ")
        ann.ask("JOIN #reed", " 366 ")
        bob.ask("JOIN #reed", " 366 ")
        bob.ask("TOPIC #reed :mine", " 482 ")
        bob.ask("KILL ann :no", " 481 ")
        bob.ask("OPER root word", "ERROR")
        bob.close()
        with socket.create_connection(chat.doors["tcp"], PATIENCE) as rude:
            rude.sendall(b"?\r\n" * 20)
            with rude.makefile() as said:
                has(said.read(), "20 errors before you were registered")
        with socket.create_connection(chat.doors["tcp"], PATIENCE) as browser:
            browser.sendall(b"GET / HTTP/1.1\r\n\r\n")
            with browser.makefile() as said:
                has(said.read(), "This is IRC, not HTTP")
        now = _Figures(chat)
        for reason in "connections", "failed-logins", "errors", "other-protocol":
            is_equal(now[f'irc_sent_away_total{{reason="{reason}"}}'], 1)
        for reason in "NICK_IN_USE", "NEEDS_ROLE", "NEEDS_PRIVILEGE":
            is_equal(now[f'irc_refusals_total{{reason="{reason}"}}'], 1)


if __name__ == "__main__":
    main(globals())
