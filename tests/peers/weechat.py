"""A conversation over WeeChat: TLS, SASL SCRAM-SHA-256, seen on its screen."""

import tempfile

from ports import free_port
from screen import Daemon, Terminal, need, wait_for_alice

need("weechat")
tls = free_port()
daemon = Daemon("--irc", "tcp:PORT:interface=127.0.0.1", "--irc", f"tls:{tls}:interface=127.0.0.1",
                "--motd", "A fine day.")
bob = wait_for_alice(daemon)

home = tempfile.TemporaryDirectory()
commands = [
    "/set weechat.look.paste_max_lines -1",  # two lines that are read at once are no paste
    f"/server add reed 127.0.0.1/{tls} -ssl",
    "/set irc.server.reed.ssl_verify off",
    "/set irc.server.reed.nicks alice",
    "/set irc.server.reed.sasl_mechanism scram-sha-256",
    "/set irc.server.reed.sasl_username alice",
    "/set irc.server.reed.sasl_password wonderland",
    "/set irc.look.server_buffer independent",
    "/connect reed",
]
runs = " ".join(f"-r '{command}'" for command in commands)
weechat = Terminal(f"weechat -d {home.name} {runs}", width=120, height=40)
bob.say("MONITOR + alice")
bob.hear(" 730 bob :alice!")
weechat.keys("/buffer irc.server.reed")
weechat.see("SASL authentication successful")
weechat.see("A fine day")
weechat.keys("/join #reed")
bob.hear(":alice!.* JOIN #reed")
weechat.see("alice.*has joined #reed")
weechat.keys("hello from weechat")
bob.hear("PRIVMSG #reed :hello from weechat")
bob.say("PRIVMSG #reed :good evening, alice", "TOPIC #reed :About reeds")
weechat.see("good evening, alice")
weechat.see("About reeds")
bob.say("WHOIS alice")
bob.hear(" 330 bob alice alice ")
bob.hear(" 671 bob alice ")

weechat.keys("/quit")
bob.hear(":alice!.* QUIT")
weechat.close()
bob.close()
daemon.stop()
print("ok")
