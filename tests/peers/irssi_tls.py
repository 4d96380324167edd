"""A conversation over irssi with TLS and SASL, as the daemon says that one connects."""

import re
import sys
import tempfile

from ports import free_port
from screen import Daemon, Terminal, need, wait_for_alice

need("irssi")
tls = free_port()
daemon = Daemon("--irc", "tcp:PORT:interface=127.0.0.1", "--irc", f"tls:{tls}:interface=localhost",
                "--motd", "A fine day.")


def told(pattern):
    """What the start text says; once."""
    found = re.findall(pattern, daemon.said)
    if len(found) != 1:
        sys.exit(f"told {len(found)} times: {pattern}\n{daemon.said}")
    return found[0]


where = told(rf"\n    /connect -tls (localhost {tls})    \(in irssi; ")
trust = told(r"must be told to trust it \(irssi by (-tls_verify -tls_cafile \S+)\)")

bob = wait_for_alice(daemon)

home = tempfile.TemporaryDirectory()
irssi = Terminal(f"irssi --home={home.name} -n alice", width=120, height=40)
irssi.see(r"\[\(status\)\]")

# whom nobody has told to trust the certificate does not come in
irssi.keys(f"/connect -tls -tls_verify {where}")
irssi.see("Could not verify TLS servers certificate")
irssi.see("Connection lost to localhost")
irssi.keys("/network add -sasl_mechanism PLAIN -sasl_username alice -sasl_password "
           "wonderland reed")  # irssi 1.4 knows PLAIN and EXTERNAL
irssi.see("Network reed saved")
irssi.keys(f"/server add -tls {trust} -network reed {where}")
irssi.keys("/connect reed")
irssi.see("Subject: CN: reed.test")
irssi.see("SASL authentication succeeded")
irssi.see("A fine day")

irssi.keys("/join #reed")
bob.hear(":alice!.* JOIN #reed")
irssi.see("alice.*has joined #reed")
irssi.keys("hello from irssi")
bob.hear("PRIVMSG #reed :hello from irssi")
bob.say("PRIVMSG #reed :good evening, alice", "TOPIC #reed :About reeds")
irssi.see("<.?bob> good evening, alice")
irssi.see("About reeds")
bob.say("WHOIS alice")
bob.hear(" 330 bob alice alice ")
bob.hear(" 671 bob alice ")

irssi.keys("/quit")
bob.hear(":alice!.* QUIT")
irssi.close()
bob.close()
daemon.stop()
print("ok")
