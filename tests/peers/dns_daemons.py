"""Daemons that resolve, of ours and of others, and those who ask them."""

import signal
import subprocess


def dig(port, *words, program="dig"):
    return subprocess.run([program, "@127.0.0.1", "-p", str(port), *words], text=True,
                          capture_output=True, timeout=30).stdout


def short(port, *words):
    return sorted(dig(port, "+short", *words).split("\n")[:-1])


class Daemon:
    def __init__(self, words, log):
        self.log = open(log, "w+")
        self.child = subprocess.Popen(words, stdout=self.log, stderr=self.log)

    def stop(self, signal_number=signal.SIGTERM):
        if self.child.poll() is None:
            self.child.send_signal(signal_number)
        self.child.wait(20)
        self.log.close()


def doors(port):
    return ["--listen", f"udp:{port}:interface=127.0.0.1", "--listen",
            f"tcp:{port}:interface=127.0.0.1"]


def unbound(folder, port, section, kind, authority, zones):
    """Asks the authority for the zones, which are of that kind: stub or forward."""
    (folder / "unbound.conf").write_text(f"""server:
  interface: 127.0.0.1
  port: {port}
  username: ""
  chroot: ""
  directory: "{folder}"
  pidfile: ""
  use-syslog: no
  do-ip6: no
  do-not-query-localhost: no
{section}remote-control:
  control-enable: no
""" + "".join(f"""{kind}-zone:
  name: "{name}"
  {kind}-addr: 127.0.0.1@{authority}
""" for name in zones))
    return Daemon(["unbound", "-d", "-c", folder / "unbound.conf"], folder / "unbound.log")
