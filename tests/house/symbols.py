#!/usr/bin/env python3
"""What the shared libraries export and load.

    symbols.py LIBDIR

They export reed_* and nothing else, under one version node; and libreed loads nothing but what
a program that links it has to expect.
"""

import glob
import os
import re
import subprocess
import sys

KERNEL_LOADS = re.compile(
    r"(libc|libm|libssl|libcrypto|libcares|libidn2|libpthread|libdl|librt"
    r"|libasan|libubsan|libclang_rt[\w.-]*|ld-linux-[\w-]+)\.so[.\d]*$")


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def exported(library):
    for line in output("nm", "-D", "--defined-only", library).splitlines():
        kind, symbol = line.split()[-2:]
        yield kind, symbol


def faults(library):
    symbols = list(exported(library))
    nodes = {symbol for kind, symbol in symbols if kind == "A"}
    functions = [symbol for kind, symbol in symbols if kind != "A"]
    if not functions:
        yield "exports nothing"
    for symbol in functions:
        name, _, node = symbol.partition("@@")
        if not name.startswith("reed_"):
            yield f"exports {symbol}"
        elif node not in nodes:
            yield f"{name} has no version"
    dynamic = output("readelf", "-d", library)
    soname = re.search(r"SONAME.*\[(.*)\]", dynamic)
    if not soname or not re.fullmatch(r"libreed[\w-]*\.so\.\d+", soname.group(1)):
        yield f"has the soname {soname and soname.group(1)}"
    if os.path.basename(library) == "libreed.so":
        for loaded in re.findall(r"NEEDED.*\[(.*)\]", dynamic):
            if not KERNEL_LOADS.match(loaded):
                yield f"loads {loaded}"


def main(libdir):
    libraries = sorted(glob.glob(os.path.join(libdir, "libreed*.so")))
    bad = 0
    for library in libraries:
        for fault in faults(library):
            print(f"{os.path.basename(library)}: {fault}")
            bad += 1
    print(f"{len(libraries)} shared libraries, {bad} faults")
    return 1 if bad or not libraries else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
