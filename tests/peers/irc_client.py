"""docs/examples/bot against `reed chat`: TLS, SASL, commands, loss and return, bad news."""

import os
import re
import sys

from robot import Robot
from ports import free_port
from screen import Client, Daemon

tls = free_port()
daemon = Daemon("--irc", "tcp:PORT:interface=127.0.0.1", "--irc", f"tls:{tls}:interface=127.0.0.1")
certificate = os.path.join(daemon.state, "cert.pem")
trusting = f"tls:127.0.0.1:{tls}:ca={certificate}"


def walter_comes():
    """In the room; whoever else was there before stands in his .names."""
    client = Client(daemon.port, "walter")
    client.say("JOIN #reed")
    client.names = client.hear(" 353 ").split(":")[-1].split()
    client.hear(" 366 ")
    return client


owner = Client(daemon.port, "robot")
owner.say("REGISTER * * :tin woodman")
owner.hear("REGISTER SUCCESS robot")
owner.say("QUIT")
owner.hear("ERROR")
walter = walter_comes()

# It comes over TLS, logs in, and does what it is told.
robot = Robot(trusting, "#reed,#other", user="robot", password="tin woodman")
robot.hear("on IRC.*account\\W+robot")
walter.hear(":reed!.* JOIN #reed")
walter.say("WHOIS reed")
walter.hear(" 671 walter reed ")
walter.say("WHOIS reed")
walter.hear(" 330 walter reed robot ")
walter.say("PRIVMSG #reed :!ping")
walter.hear(":reed!.* PRIVMSG #reed :pong")
walter.say("PRIVMSG #reed :reed: echo ärgerlich, nicht?")
walter.hear(":reed!.* PRIVMSG #reed :ärgerlich, nicht\\?")
walter.say("PRIVMSG reed :uptime")
walter.hear(":reed!.* PRIVMSG walter :up for [0-9]+ s")
walter.say("PRIVMSG #reed :!help")
walter.hear("!ping says pong; !echo TEXT: says it back")
walter.say("PRIVMSG reed :\1VERSION\1")
walter.hear(":reed!.* NOTICE walter :\1VERSION Reed ")

# The server dies, and comes back; so does the robot, logged in, and into its rooms.
daemon.kill()
robot.hear("off IRC.*why\\W+.*connection ended")
robot.hear("off IRC.*Connection refused")
daemon.start()
walter = walter_comes()
robot.hear("on IRC.*account\\W+robot")
if not {"reed", "@reed"} & set(walter.names):
    walter.hear(":reed!.* JOIN #reed")
walter.say("WHOIS reed")
walter.hear(" 319 walter reed :.*#other")
walter.say("PRIVMSG #reed :!ping")
walter.hear(":reed!.* PRIVMSG #reed :pong")

# A second one has to take another nick, and gets the one it wants when it is free.
second = Robot(trusting, "#reed")
second.hear("on IRC.*nick\\W+reed_")
walter.hear(":reed_!.* JOIN #reed")
robot.stop()
walter.hear(":reed!.* QUIT")
walter.hear(":reed_!.* NICK :?reed")
walter.say("PRIVMSG #reed :reed: ping")
walter.hear(":reed!.* PRIVMSG #reed :pong")

# A room that is shut is told of.
walter.say("JOIN #shut", "MODE #shut +i")
walter.hear(" MODE #shut .*i")
third = Robot(trusting, "#shut,no room")
third.hear("cannot join.*channel\\W+no\\W.*begins with '#'.*numeric\\W+476")
third.hear("cannot join.*channel\\W+#shut\\W.*invited users only.*numeric\\W+473")
third.stop()
second.stop()


# What is wrong is said so that one knows what to do.
def ends(robot, *patterns):
    said = robot.end(1)
    for pattern in patterns:
        if not re.search(pattern, said):
            sys.exit(f"no {pattern!r} in what the robot said:\n{said}")


def goes_on(robot, pattern):
    robot.hear(pattern)
    robot.stop()


ends(Robot(trusting, user="robot", password="wrong"),
     f"(?m)^tls:127.0.0.1:{tls}.*: SASL: .*the name or the password is wrong \\(904\\)")
ends(Robot(trusting, user="robot"), "sasl_user is given, but neither sasl_password")
ends(Robot(trusting, password="x"), "sasl_password is given, but no sasl_user")
ends(Robot("tsl:127.0.0.1:1"), 'no scheme "tsl"')
goes_on(Robot(f"tls:127.0.0.1:{tls}"), "is self-signed; to trust it, pin its key \\([0-9a-f]{64}\\)")
goes_on(Robot(f"tls:[tcp:127.0.0.1:{tls}]:name=other.test:ca={certificate}"),
        "the certificate is for .*, not for other.test")
goes_on(Robot(f"tls:127.0.0.1:{tls}:pin={'0' * 64}"), "another than the one pinned")
goes_on(Robot(f"tcp:127.0.0.1:{free_port()}"), "Connection refused")
goes_on(Robot(f"tcp:127.0.0.1:{tls}"), "hung up without a word; it may want TLS")

daemon.stop()
print("ok")
