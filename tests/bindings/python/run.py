"""run.py TEST.py[:ARGUMENT] [SANITIZER]: a test in Python's development mode, with the C side looked at too.

What Python complains of (an unclosed stream, a callback that raised) fails the test, and so does
memory of Reed's that nobody holds at the end; the interpreter's own is not our business.
"""

import os
import re
import subprocess
import sys

build, source = os.environ["REED_BUILD"], os.environ["REED_SOURCE"]
environment = dict(
    os.environ, REED_LIBRARY_PATH=os.path.join(build, "lib"), PYTHONDONTWRITEBYTECODE="1",
    PYTHONPATH=os.pathsep.join([os.path.join(source, "bindings/python"),
                                os.path.join(source, "tests"),
                                os.path.join(source, "tests/peers")]))
if len(sys.argv) > 2:
    environment["LD_PRELOAD"] = sys.argv[2]
    environment["ASAN_OPTIONS"] = "detect_leaks=1:exitcode=23:fast_unwind_on_malloc=0"
    environment["LSAN_OPTIONS"] = "exitcode=0"
done = subprocess.run([sys.executable, "-X", "dev", *sys.argv[1].split(":")], env=environment, text=True,
                      stdout=sys.stdout, stderr=subprocess.PIPE, errors="replace")
said, _, leaks = done.stderr.partition("\n=================")
# A frame right above the allocator's that is Reed's: the stack of a leak of the interpreter may
# have Reed further up, where it calls Python.
ours = [block for block in re.split(r"\n\n", leaks) if re.search(r" #[12] .*libreed", block)]
sys.stderr.write(said + "\n\n".join(ours))
if ours:
    sys.exit("memory of Reed's was lost")
if re.search(r"ResourceWarning|Exception ignored|never retrieved|never awaited", said):
    sys.exit("Python complained")
sys.exit(done.returncode)
