"""The structs, defaults and errors that the package describes are those of the headers."""

import ctypes
import os
import subprocess
import sys

from reed import _errors, _irc_library, _library

program = os.path.join(os.environ["REED_BUILD"], "tests", "python_layout")
environment = {k: v for k, v in os.environ.items() if k != "LD_PRELOAD"}
lines = subprocess.run([program], env=environment, check=True, text=True,
                       stdout=subprocess.PIPE).stdout.splitlines()
wrong = []
errors = {}


def here(words):
    if words[0] == "default":
        return _irc_library.ClientOptions.DEFAULTS.get(words[1])
    name, _, member = words[0].partition(".")
    struct = getattr(_library, name, None) or getattr(_irc_library, name)
    return getattr(struct, member).offset if member else ctypes.sizeof(struct)


for line in lines:
    words = line.split()
    if words[0] == "err":
        errors[int(words[2])] = words[1]
    elif here(words) != int(words[-1]):
        wrong.append(f"{line} in C, {here(words)} in Python")
for number, cls in _errors._classes.items():
    if number not in errors:
        wrong.append(f"{cls.__name__} is {number}, which is no error of C's")
assert len(lines) > 80, lines
sys.exit("\n".join(wrong) or 0)
