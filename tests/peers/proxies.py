"""Behind HAProxy and as its client; through microsocks, Dante, OpenSSH and tinyproxy."""

import getpass
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

from ports import free_port
from screen import PATIENCE, need

# Debian has the daemons where only root's path leads.
os.environ["PATH"] += ":/usr/sbin"
need("haproxy", "microsocks", "danted", "tinyproxy", "ssh", "sshd")
folder = tempfile.mkdtemp()
examples = os.path.join(os.environ["REED_BUILD"], "examples")
running = []


def fail(text):
    stop()
    sys.exit(text)


def stop():
    for each in running:
        each.terminate()
    for each in running:
        each.wait(timeout=PATIENCE)
    shutil.rmtree(folder)


def expect(text, pattern):
    if not re.search(pattern, text):
        fail(f"no {pattern!r} in:\n{text}")


def listens(port):
    try:
        socket.create_connection(("127.0.0.1", port)).close()
        return True
    except OSError:
        return False


def start(*command, port):
    """Starts a server, and comes back when it listens."""
    log = open(os.path.join(folder, f"{os.path.basename(command[0])}-{port}.log"), "w+")
    running.append(subprocess.Popen(command, cwd=folder, stdout=log, stderr=log))
    deadline = time.monotonic() + PATIENCE
    while not listens(port):
        if time.monotonic() > deadline or running[-1].poll() is not None:
            log.seek(0)
            fail(f"{command[0]} does not listen:\n{log.read()}")
    return port


def example(name, endpoint):
    port = free_port()
    return start(os.path.join(examples, name), endpoint.replace("PORT", str(port)), port=port)


def write(name, text):
    with open(os.path.join(folder, name), "w") as file:
        file.write(text)
    return name


def ask(endpoint, *lines, status=0):
    done = subprocess.run([os.path.join(examples, "ask"), endpoint, *(lines or ["who am I"])],
                          cwd=folder, capture_output=True, text=True, timeout=PATIENCE)
    said = done.stdout + done.stderr
    if (done.returncode == 0) != (status == 0):
        fail(f"ask {endpoint} ended with {done.returncode}:\n{said}")
    if "sesame" in said:
        fail(f"a password is told:\n{said}")
    return said


def cert(*words):
    subprocess.run([os.environ["REED"], "cert", *words], cwd=folder, check=True,
                   capture_output=True, timeout=PATIENCE)


cert("ca", "Peers' CA")
cert("new", "localhost", "--ca", "ca.pem", "--out", "server.pem")
cert("new", "alice", "--ca", "ca.pem", "--out", "alice.pem")


# ---- HAProxy in front of us: both versions, and all it tells with the second ----

inner = example("whoami", "haproxy:[tcp:PORT:interface=127.0.0.1]")
ports = [free_port() for _ in range(5)]
one, two, over_tls, checked, accepting = ports
write("haproxy.cfg", f"""
global
    maxconn 100
defaults
    mode tcp
    timeout connect 10s
    timeout client 60s
    timeout server 60s
listen one
    bind 127.0.0.1:{one}
    server us 127.0.0.1:{inner} send-proxy
listen two
    bind 127.0.0.1:{two}
    unique-id-format number-%pid
    server us 127.0.0.1:{inner} send-proxy-v2 proxy-v2-options unique-id,crc32c
listen over_tls
    bind 127.0.0.1:{over_tls} ssl crt server.pem ca-file ca.crt verify optional
    server us 127.0.0.1:{inner} send-proxy-v2-ssl-cn proxy-v2-options authority,ssl,cert-cn
listen checked
    bind 127.0.0.1:{checked}
    server us 127.0.0.1:{inner} check inter 100ms send-proxy-v2
listen accepting
    bind 127.0.0.1:{accepting} accept-proxy
    server us 127.0.0.1:{inner} send-proxy-v2
""")
start("haproxy", "-db", "-f", "haproxy.cfg", port=one)


def own_address(port):
    """What is answered to a connection whose address we know."""
    with socket.create_connection(("127.0.0.1", port)) as s:
        s.sendall(b"who am I\n")
        answer = s.makefile().readline()
        expect(answer, f"^you are 127.0.0.1:{s.getsockname()[1]} and came to 127.0.0.1:{port} ")
        return answer


expect(own_address(one), "by PROXY 1 through 127.0.0.1$")
expect(own_address(two), r"by PROXY 2 .* as number-\d+ \(checked\)$")
expect(own_address(checked), "by PROXY 2")
expect(ask(f"tls:127.0.0.1:{over_tls}:name=localhost:ca=ca.crt"),
       r"by PROXY 2 through 127.0.0.1 for localhost over TLSv1.3$")
expect(ask(f"tls:127.0.0.1:{over_tls}:name=localhost:ca=ca.crt:cert=alice.pem"),
       r"over TLSv1.3 with the certificate of alice$")

# HAProxy believes what we tell as a proxy, of both versions and families, and passes it on.
for version in (1, 2):
    told = f"haproxy:[tcp:127.0.0.1:{accepting}]:version={version}"
    expect(ask(f"{told}:source=[192.0.2.1:1234]:destination=[198.51.100.2:443]"),
           "^you are 192.0.2.1:1234 and came to 198.51.100.2:443 ")
    expect(ask(f"{told}:source=[[2001:db8::1]:1234]:destination=[[2001:db8::2]:443]"),
           r"^you are \[2001:db8::1\]:1234 and came to \[2001:db8::2\]:443 ")
    expect(ask(told), f"^you are 127.0.0.1:\\d+ and came to 127.0.0.1:{accepting} ")

# Much, both ways, behind it.
much = "x" * 1000000
with socket.create_connection(("127.0.0.1", two)) as s:
    s.sendall((much + "\n").encode())
    expect(s.makefile().readline(), "^you are ")


# ---- through SOCKS ----

plain = example("whoami", "tcp:PORT:interface=127.0.0.1")
secure = example("whoami", f"tls:PORT:interface=127.0.0.1:cert={folder}/server.pem")
dead = free_port()
open_socks, closed_socks, dante = free_port(), free_port(), free_port()
start("microsocks", "-i", "127.0.0.1", "-p", str(open_socks), port=open_socks)
start("microsocks", "-i", "127.0.0.1", "-p", str(closed_socks), "-u", "alice", "-P", "sesame",
      port=closed_socks)
write("danted.conf", f"""
logoutput: stderr
internal: 127.0.0.1 port = {dante}
external: 127.0.0.1
socksmethod: none
clientmethod: none
{"user.privileged: root" if os.geteuid() == 0 else ""}
client pass {{ from: 127.0.0.0/8 to: 0.0.0.0/0 }}
socks block {{ from: 0.0.0.0/0 to: 0.0.0.0/0 port = {secure} }}
socks pass {{ from: 127.0.0.0/8 to: 0.0.0.0/0 }}
""")
start("danted", "-f", "danted.conf", "-p", os.path.join(folder, "danted.pid"), port=dante)

for host in ("127.0.0.1", "localhost"):
    expect(ask(f"socks5:[tcp:127.0.0.1:{open_socks}]:{host}:{plain}"), "^you are 127.0.0.1:")
    expect(ask(f"socks5:[tcp:127.0.0.1:{dante}]:{host}:{plain}"), "^you are 127.0.0.1:")
logged_in = f"socks5:[tcp:127.0.0.1:{closed_socks}]:localhost:{plain}"
expect(ask(f"{logged_in}:user=alice:password=sesame"), "^you are 127.0.0.1:")
expect(ask(f"{logged_in}:user=mallory:password=sesame", status=1),
       "through the SOCKS5 proxy at 127.0.0.1:.*does not accept this user and password")
expect(ask(logged_in, status=1), "it wants a user and password")
expect(ask(f"socks5:[tcp:127.0.0.1:{open_socks}]:127.0.0.1:{dead}", status=1), "refused")
expect(ask(f"socks5:[tcp:127.0.0.1:{dante}]:127.0.0.1:{secure}", status=1),
       "its rules do not allow this")
expect(ask(f"socks4a:[tcp:127.0.0.1:{dante}]:127.0.0.1:{plain}:user=alice"),
       "^you are 127.0.0.1:")
expect(ask(f"socks4a:[tcp:127.0.0.1:{dante}]:127.0.0.1:{dead}", status=1), "it refuses")
expect(ask(f"socks4a:[tcp:127.0.0.1:{open_socks}]:127.0.0.1:{plain}", status=1),
       "end of stream|no SOCKS4a")

# OpenSSH speaks both, and resolves names for both.
for key in ("host_key", "user_key"):
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], cwd=folder,
                   check=True, timeout=PATIENCE)
ssh, forwarding = free_port(), free_port()
write("sshd.conf", f"""
Port {ssh}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/user_key.pub
PidFile none
StrictModes no
PermitRootLogin yes
UsePAM no
""")
if os.geteuid() == 0:
    os.makedirs("/run/sshd", exist_ok=True)
start("/usr/sbin/sshd", "-D", "-e", "-f", os.path.join(folder, "sshd.conf"), port=ssh)
start("ssh", "-F", "none", "-N", "-D", f"127.0.0.1:{forwarding}", "-p", str(ssh), "-i", "user_key",
      "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
      f"{getpass.getuser()}@127.0.0.1", port=forwarding)
for scheme in ("socks5", "socks4a"):
    expect(ask(f"{scheme}:[tcp:127.0.0.1:{forwarding}]:localhost:{plain}"), "^you are 127.0.0.1:")

expect(ask(f"tls:[socks5:[tcp:127.0.0.1:{open_socks}]:localhost:{secure}]:ca=ca.crt"),
       "^you are 127.0.0.1:")
expect(ask(f"tls:[socks5:[tcp:127.0.0.1:{open_socks}]:127.0.0.1:{secure}]:ca=ca.crt", status=1),
       "127.0.0.1")


# ---- through HTTP ----

http, http_closed = free_port(), free_port()
common = f"Listen 127.0.0.1\nMaxClients 20\nTimeout 60\nConnectPort {plain}\nConnectPort {dead}\n"
write("open.conf", f"Port {http}\n{common}")
write("closed.conf", f"Port {http_closed}\nBasicAuth alice sesame\n{common}")
start("tinyproxy", "-d", "-c", "open.conf", port=http)
start("tinyproxy", "-d", "-c", "closed.conf", port=http_closed)

expect(ask(f"http-connect:[tcp:127.0.0.1:{http}]:localhost:{plain}"), "^you are 127.0.0.1:")
expect(ask(f"http-connect:[tcp:127.0.0.1:{http_closed}]:localhost:{plain}"
           ":user=alice:password=sesame"), "^you are 127.0.0.1:")
expect(ask(f"http-connect:[tcp:127.0.0.1:{http_closed}]:localhost:{plain}"
           ":user=alice:password=sesamee", status=1), "it answered 40[17] ")
expect(ask(f"http-connect:[tcp:127.0.0.1:{http}]:127.0.0.1:{secure}", status=1),
       "it answered 403 ")
expect(ask(f"http-connect:[tcp:127.0.0.1:{http}]:127.0.0.1:{dead}", status=1),
       "it answered 50[0-9] ")

# All of it at once: SOCKS behind HTTP, logged and throttled.
chain = free_port()
write("chain.conf", f"Port {chain}\nListen 127.0.0.1\nMaxClients 20\nTimeout 60\n"
      f"ConnectPort {open_socks}\n")
start("tinyproxy", "-d", "-c", "chain.conf", port=chain)
expect(ask(f"throttle:[tls:[socks5:[http-connect:[log:[tcp:127.0.0.1:{chain}]:file=traffic]:"
           f"127.0.0.1:{open_socks}]:localhost:{secure}]:ca=ca.crt]:rate=64k"),
       "^you are 127.0.0.1:")
with open(os.path.join(folder, "traffic"), encoding="ascii") as file:
    expect(file.read(), r"CONNECT 127\.")
stop()
