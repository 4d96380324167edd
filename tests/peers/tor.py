"""Debian's tor, a private one without a network: cookies, passwords, onion services, its return."""

import atexit
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from screen import PATIENCE, need

os.environ["PATH"] += ":/usr/sbin"
need("tor")
reed = os.environ["REED"]
example = os.path.join(os.environ["REED_BUILD"], "examples", "onion")
folder = tempfile.mkdtemp()
running = []


def stop():
    for each in running:
        if each.poll() is None:
            each.kill()
        each.wait(timeout=PATIENCE)
    shutil.rmtree(folder)


atexit.register(stop)


def path(name):
    return os.path.join(folder, name)


def read(name):
    with open(path(name)) as file:
        return file.read()


def wait_for(what, true):
    """Polls what no event tells of: files and logs of other programs."""
    deadline = time.monotonic() + PATIENCE
    while True:
        found = true()
        if found:
            return found
        if time.monotonic() > deadline:
            sys.exit(f"never: {what}")
        time.sleep(0.05)


def start(name, *command, **extra):
    with open(path(name), "w") as log:
        running.append(subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, **extra))
    return running[-1]


def answers(control):
    with socket.socket(socket.AF_UNIX) as s:
        try:
            s.connect(path(control))
            return True
        except OSError:
            return False


def start_tor(name, *options):
    """Its control port is a socket NAME in the folder."""
    tor = start(f"{name}.log", "tor", "-f", path("torrc"), "--defaults-torrc",
                path("torrc"), "--DataDirectory", path(f"{name}.data"), "--DisableNetwork", "1",
                "--SocksPort", "0", "--ControlPort", f"unix:{path(name)}", *options)
    wait_for(f"tor takes commands:\n{read(f'{name}.log')}", lambda: answers(name))
    return tor


def logged(name, message):
    """Records with that message, as the program has written them so far."""
    found = []
    for line in read(name).splitlines():
        if line.startswith("{"):
            record = json.loads(line)
            if record["message"] == message:
                found.append(record)
    return found


def end(process):
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=PATIENCE)


def expect(text, pattern):
    if not re.search(pattern, text):
        sys.exit(f"no {pattern!r} in:\n{text}")


def run_example(control, key):
    """Until it has said its address, which is returned, or has failed."""
    log = f"example-{time.monotonic()}.log"
    process = start(log, example, control, path(key))
    wait_for("the example says its address",
             lambda: process.poll() is not None or re.search(r"http://\S+\n", read(log)))
    if process.poll() is None:
        end(process)
    return read(log)


def say_hello(port):
    """Registers with the chat server behind the onion, as tor would pass it on."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as s:
        s.sendall(b"NICK alice\r\nUSER alice 0 * :Alice\r\n")
        heard = b""
        while b" 001 alice " not in heard:
            more = s.recv(4096)
            if not more:
                sys.exit(f"the server hung up: {heard}")
            heard += more


# ---- each way to log in ----

open(path("torrc"), "w").close()

tor = start_tor("nothing")
expect(run_example(f"unix:{path('nothing')}", "a.key"), r"(?m)^tor 0\.4\.\S+, logged in by nothing\n")
end(tor)

tor = start_tor("cookie", "--CookieAuthentication", "1")
said = run_example(f"unix:{path('cookie')}", "a.key")
expect(said, r"logged in by safe cookie\nNOTICE BOOTSTRAP PROGRESS=0 ")
address = re.search(r"http://(\w{56}\.onion)\n", said)[1]
if read("a.key.hostname") != address + "\n":
    sys.exit("another address is in the file than was told")
if os.stat(path("a.key")).st_mode & 0o777 != 0o600:
    sys.exit("others may read the key")
if address not in run_example(f"unix:{path('cookie')}", "a.key"):
    sys.exit("the same key has another address")

# A password is what HashedControlPassword takes, and nothing else.
hashed = subprocess.run(["tor", "--hash-password", "ses \"ame\\"], capture_output=True, text=True,
                        check=True, timeout=PATIENCE).stdout.split()[-1]
locked = start_tor("locked", "--HashedControlPassword", hashed)
expect(run_example(f"unix:{path('locked')}", "a.key"), r"tor wants the password of Hashed")


# The checker of leaks traces the process, which a sandbox with programs in it forbids.
NO_TRACING = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}


def chat(name, *endpoints, **extra):
    command = [reed, "chat", "--state", path(f"{name}.state"), "--name", "chat.example"]
    for endpoint in endpoints:
        command += ["--irc", endpoint]
    return start(f"{name}.log", *command, **extra)


wrong = chat("wrong", f"onion:6667:control=[unix:{path('locked')}]:password=guessed")
wrong.wait(timeout=PATIENCE)
expect(read("wrong.log"), r"tor refuses AUTHENTICATE: 515 ")
if "guessed" in read("wrong.log"):
    sys.exit("a password is told")
right = chat("right", f"onion:6667:control=[unix:{path('locked')}]:password=ses \"ame\\\\")
wait_for("chat has logged in", lambda: logged("right.log", "onion service"))
wait_for("chat is ready, by password", lambda: logged("right.log", "ready"))
if logged("right.log", "onion service")[0]["login"] != "password":
    sys.exit(read("right.log"))
end(right)
if "ses \\" in read("right.log"):
    sys.exit("a password is told:\n" + read("right.log"))
end(locked)

# ---- a program unchanged, in its sandbox; tor gone and back ----

cookie = path("cookie.data/control_auth_cookie")
server = chat("chat", f"onion:6667:control=[unix:{path('cookie')}]:cookie={cookie}")
wait_for("chat is ready", lambda: logged("chat.log", "ready"))
published = logged("chat.log", "onion service")[0]
if published["address"] != read("chat.state/onion-6667.key.hostname").strip() + ":6667":
    sys.exit("another address is in the file than was told")
say_hello(int(logged("chat.log", "listening")[0]["address"].split(":")[1]))
expect(read("chat.log"), r"irssi through Tor, at the address in \S+/onion-6667\.key\.hostname, port 6667")

end(tor)
wait_for("it is noticed that tor is gone",
         lambda: logged("chat.log", "tor is gone, and the onion service with it"))
tor = start_tor("cookie", "--CookieAuthentication", "1")
again = wait_for("the service is published again",
                 lambda: logged("chat.log", "onion service")[1:])[0]
if again["address"] != published["address"]:
    sys.exit("it has come back with another address")

# Two of one key: tor knows.
twin = run_example(f"unix:{path('cookie')}", "chat.state/onion-6667.key")
expect(twin, r"give each of them a key= of its own.*collision")
end(server)
if server.returncode != 0:
    sys.exit(f"chat ended with {server.returncode}:\n{read('chat.log')}")
end(tor)

# ---- a key that tor has made ----

tor = start_tor("theirs", "--HiddenServiceDir", path("hidden"), "--HiddenServicePort", "80")
theirs = wait_for("tor has made a key", lambda: os.path.exists(path("hidden/hostname"))
                  and read("hidden/hostname"))
shutil.copy(path("hidden/hs_ed25519_secret_key"), path("theirs.key"))
end(tor)
tor = start_tor("nothing")
if theirs.strip() not in run_example(f"unix:{path('nothing')}", "theirs.key"):
    sys.exit("a key of tor's has another address here")
end(tor)

# ---- clients of a service that knows its clients; who dials without a tor ----

with open(path("clients"), "w") as file:
    file.write("AEBAGBAFAYDQQCIKBMGA2DQPCAIREEYUCULBOGAZDINRYHI6D4QA\n")
tor = start_tor("nothing")
few = chat("few", f"onion:6667:control=[unix:{path('nothing')}]:clients={path('clients')}")
wait_for("chat is ready, for few", lambda: logged("few.log", "ready"))
end(few)
end(tor)

# ---- a tor that is started with the server, hidden and not, and ends with it ----


def make_place(name):
    """The folder of a tor to come, which its own torrc keeps off the network."""
    os.makedirs(path(name), mode=0o700)
    with open(path(f"{name}/torrc"), "w") as file:
        file.write("DisableNetwork 1\n")


def is_running(pid):
    """A zombie has ended; whoever is to bury it may be slow."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


os.mkdir(path("own.state"), mode=0o700)
make_place("own.state/tor")
make_place("own.state/tor-single-hop")
own = chat("own", "onion:6667:launch=yes", "onion:6668:launch=yes",
           "onion:6667:launch=yes:single-hop=yes", env=NO_TRACING)
wait_for("chat is ready, with its own tor", lambda: logged("own.log", "ready"))
pids = [record["pid"] for record in logged("own.log", "tor is started")]
if len(pids) != 2 or len({r["address"] for r in logged("own.log", "onion service")}) != 3:
    sys.exit(f"not two tors for three services:\n{read('own.log')}")
if not logged("own.log", "everybody can find out where this onion service is"):
    sys.exit(read("own.log"))
for name in ("onion-6667.key", "onion-6668.key", "onion-6667-single-hop.key"):
    if not os.path.exists(path(f"own.state/{name}.hostname")):
        sys.exit(f"{name} was not made")
os.kill(pids[1], signal.SIGKILL)
third = wait_for("another tor is started", lambda: logged("own.log", "tor is started")[2:])[0]
wait_for("its service is published again",
         lambda: len(logged("own.log", "onion service")) == 4)
pids.append(third["pid"])
own.kill()
for pid in pids:
    wait_for(f"tor {pid} has ended with its server", lambda: not is_running(pid))
own.wait(timeout=PATIENCE)

# ---- and when there is none, or one that will not do ----

lost = chat("lost", "onion:6667:launch=yes", env={**NO_TRACING, "PATH": path("nowhere")})
lost.wait(timeout=PATIENCE)
expect(read("lost.log"), r"tor is not installed, or not in PATH; apt-get install tor")
make_place("bad.state/tor")
with open(path("bad.state/tor/torrc"), "a") as file:
    file.write("Nonsense 1\n")
bad = chat("bad", "onion:6667:launch=yes", env=NO_TRACING)
bad.wait(timeout=PATIENCE)
expect(read("bad.log"), r"tor has ended at once: .*Unknown option 'Nonsense'")
