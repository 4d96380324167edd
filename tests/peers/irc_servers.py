"""The IRC client against ngircd and InspIRCd: the robot, and every call there is."""

import atexit
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from robot import Robot
from ports import free_port
from screen import PATIENCE, Client, need

need("ngircd", "inspircd")
folder = tempfile.mkdtemp()
os.chmod(folder, 0o755)

NGIRCD = """
[Global]
	Name = irc.ng.test
	Info = for tests
	AdminEMail = nobody@ng.test
	Listen = 127.0.0.1
	Ports = {port}
	MotdPhrase = "A fine day."
	{password}
[Limits]
	MaxConnectionsIP = 0
	MaxPenaltyTime = 0
[Options]
	DNS = no
	Ident = no
	PAM = no
[SSL]
	Ports = {tls}
	CertFile = {folder}/cert.pem
	KeyFile = {folder}/cert.pem
"""

INSPIRCD = """
<server name="irc.insp.test" description="for tests" network="Insp">
<admin name="nobody" nick="nobody" email="nobody@insp.test">
<sslprofile name="clients" provider="gnutls" certfile="{folder}/cert.pem"
            keyfile="{folder}/cert.pem">
<bind address="127.0.0.1" port="{port}" type="clients">
<bind address="127.0.0.1" port="{tls}" type="clients" sslprofile="clients">
<connect name="all" allow="*" timeout="60" localmax="100" globalmax="100" limit="100"
         fakelag="no" threshold="1000" commandrate="1000000" resolvehostnames="no" useident="no"
         {password}>
<performance nouserdns="yes">
<pid file="{folder}/inspircd.pid">
<module name="ssl_gnutls">
{modules}
"""

MODERN = "".join(f'<module name="{name}">\n' for name in (
    "cap", "ircv3", "ircv3_accounttag", "ircv3_batch", "ircv3_capnotify", "ircv3_chghost",
    "ircv3_ctctags", "ircv3_echomessage", "ircv3_invitenotify", "ircv3_labeledresponse",
    "ircv3_msgid", "ircv3_servertime", "monitor", "namesx", "uhnames", "setname"))


class Server:
    """A foreign daemon that can be killed and started again."""

    def __init__(self, name, text, command, password="", **more):
        self.name, self.port, self.tls = name, free_port(), free_port()
        self.settings = os.path.join(folder, f"{name}.conf")
        with open(self.settings, "w") as file:
            file.write(text.format(port=self.port, tls=self.tls, folder=folder,
                                   password=password, **more))
        self.command = [word.replace("FILE", self.settings) for word in command]
        self.log = os.path.join(folder, f"{name}.log")
        self.start()
        atexit.register(self.kill)

    def start(self):
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, start_new_session=True)
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.tls)).close()
                return
            except OSError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    with open(self.log) as log:
                        sys.exit(f"{self.name} does not listen:\n{log.read()}")

    def kill(self):
        """With the helpers that it has for a while."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def ngircd(**more):
    return Server("ngircd", NGIRCD, ["ngircd", "-n", "-f", "FILE"], **more)


def inspircd(modules, **more):
    return Server("inspircd", INSPIRCD,
                  ["inspircd", "--nofork", *(["--runasroot"] if os.getuid() == 0 else []),
                   "--config", "FILE"], modules=modules, **more)


def calls(server, *password, status=0):
    """Every call, over TLS."""
    program = os.path.join(os.environ["REED_BUILD"], "tests", "irc_calls")
    done = subprocess.run(
        [program, f"tls:127.0.0.1:{server.tls}:ca={folder}/cert.pem", *password],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PATIENCE * 2)
    if done.returncode != status:
        sys.exit(f"the calls ended with {done.returncode} on {server.name}:\n{done.stdout}")
    return done.stdout


def expect(pattern, text):
    if not re.search(pattern, text):
        sys.exit(f"no {pattern!r} in:\n{text}")


def walter_comes(server):
    client = Client(server.port, "walter")
    client.say("JOIN #reed")
    names = client.hear(" 353 ").split(":")[-1].split()
    client.hear(" 366 ")
    if not {"reed", "@reed"} & set(names):
        client.hear(":reed!.* JOIN ")
    return client


def robot_lives(server):
    """Comes over TLS, answers, survives a kill -9 of the server, and knows when to go."""
    robot = Robot(f"tls:127.0.0.1:{server.tls}:ca={folder}/cert.pem", "#reed")
    walter = walter_comes(server)
    walter.say("PRIVMSG #reed :!ping")
    walter.hear(":reed!.* PRIVMSG #reed :pong")
    second = Robot(f"tcp:127.0.0.1:{server.port}", "#reed")
    walter.hear(":reed_!.* JOIN ")
    walter.say("PRIVMSG #reed :reed_: echo two")
    walter.hear(":reed_!.* PRIVMSG #reed :two")
    second.stop()
    walter.hear(":reed_!.* QUIT ")
    server.kill()
    robot.hear("off IRC.*why\\W+.*connection ended")
    server.start()
    robot.hear("on IRC")
    walter = walter_comes(server)
    walter.say("PRIVMSG reed :ping")
    walter.hear(":reed!.* PRIVMSG walter :pong")
    walter.say("PRIVMSG #reed :!help")
    walter.hear("!ping says pong; !echo TEXT: says it back")
    robot.stop()
    walter.hear(":reed!.* QUIT ")


subprocess.run([os.environ["REED"], "cert", "new", "127.0.0.1", "localhost", "--out", "cert.pem"],
               cwd=folder, check=True, stdout=subprocess.DEVNULL)

server = ngircd()
expect("labels: no", calls(server))
robot_lives(server)
server.kill()

server = inspircd(MODERN)
expect("labels: yes", calls(server))
robot_lives(server)
server.kill()

server = inspircd("")
expect("labels: no", calls(server))
server.kill()

# The password of a server, right and wrong.
for server, words in ((ngircd(password="Password = sesame"), "the server said: .*Bad password"),
                      (inspircd(MODERN, password='password="sesame"'),
                       "the server said: .*Access denied")):
    calls(server, "sesame")
    expect(words, calls(server, "guess", status=1))
    server.kill()

shutil.rmtree(folder)
print("ok")
