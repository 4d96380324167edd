"""A conversation over irssi, seen on its screen."""

import tempfile

from screen import Client, Daemon, Terminal, need

need("irssi")
daemon = Daemon("--irc", "tcp:PORT:interface=127.0.0.1", "--motd", "A fine day.")
home = tempfile.TemporaryDirectory()
irssi = Terminal(f"irssi --home={home.name} -n walter -c 127.0.0.1 -p {daemon.port}")
irssi.see("A fine day")

irssi.keys("/msg NickServ REGISTER wonderland")
irssi.see("You are now logged in as walter")
irssi.keys("/ns LOGOUT")  # an alias of irssi's, for the command NS
irssi.see("You are now logged out")
irssi.keys("/ns IDENTIFY wonderland")
irssi.see("(?s)You are now logged out.*You are now logged in as walter")
irssi.keys("/join #reed")
irssi.see("walter.*has joined #reed")
irssi.see("1 ops")

alice = Client(daemon.port, "alice")
alice.say("JOIN #reed")
alice.hear(" 366 ")
irssi.see("alice.*has joined #reed")
irssi.keys("hello from irssi")
alice.hear("PRIVMSG #reed :hello from irssi")
alice.say("PRIVMSG #reed :good evening, walter")
irssi.see("<.?alice> good evening, walter")
alice.say("PRIVMSG #reed :\1ACTION waves\1")
irssi.see(r"\* alice waves")
irssi.keys("/topic About reeds")
alice.hear("TOPIC #reed :About reeds")
irssi.keys("/op alice")
alice.hear(r"MODE #reed \+o alice")
irssi.see(r"mode/#reed \[\+o alice\]")
alice.say("MODE #reed +m")
irssi.see(r"mode/#reed \[\+m\]")
alice.say("QUIT :good night")
irssi.see("alice.*has quit.*good night")

irssi.keys("/quit")
irssi.close()
daemon.stop()
print("ok")
