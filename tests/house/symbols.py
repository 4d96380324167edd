#!/usr/bin/env python3
"""What the shared libraries export and load.

    symbols.py LIBDIR ROOT [--promises]

They export reed_* under one version node, and nothing that their public headers do not declare with
REED_API; and libreed loads nothing but what a program that links it has to expect.  With
--promises, whatever is declared has to be there too: a header may be written before its code, but
not be released before it.
"""

import glob
import os
import re
import subprocess
import sys

import tree

KERNEL_LOADS = re.compile(
    r"(libc|libm|libssl|libcrypto|libcares|libidn2|libpthread|libdl|librt"
    r"|libasan|libubsan|libclang_rt[\w.-]*|ld-linux-[\w-]+)\.so[.\d]*$")

COMMENT_OR_MACRO = re.compile(r"/\*.*?\*/|^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.S | re.M)
DECLARATION = re.compile(r"\bREED_API\b([^;{]*)")
NAME = re.compile(r"\b(reed_\w+)\s*(?:\(|\[|$)")
DESCRIPTOR = re.compile(r"reed_module_\w+$")    # made by REED_MODULE(), declared by nobody


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def exported(library):
    for line in output("nm", "-D", "--defined-only", library).splitlines():
        kind, symbol = line.split()[-2:]
        yield kind, symbol


def declared(part):
    """Names of the functions and objects that the part's public headers declare."""
    for header in part.headers:
        text = COMMENT_OR_MACRO.sub("", tree.read(os.path.join(part.folder, "include", header)))
        for declaration in DECLARATION.findall(text):
            name = NAME.search(declaration.strip())
            if name:
                yield name.group(1)


def faults(library, part, promises):
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
    here, wanted = {symbol.partition("@@")[0] for symbol in functions}, set(declared(part))
    for name in sorted(wanted - here) if promises else []:
        yield f"{name} is declared with REED_API, but nowhere defined"
    for name in sorted(here - wanted):
        if name.startswith("reed_") and not DESCRIPTOR.match(name):
            yield f"exports {name}, which no public header declares"
    dynamic = output("readelf", "-d", library)
    soname = re.search(r"SONAME.*\[(.*)\]", dynamic)
    if not soname or not re.fullmatch(r"libreed[\w-]*\.so\.\d+", soname.group(1)):
        yield f"has the soname {soname and soname.group(1)}"
    if os.path.basename(library) == "libreed.so":
        for loaded in re.findall(r"NEEDED.*\[(.*)\]", dynamic):
            if not KERNEL_LOADS.match(loaded):
                yield f"loads {loaded}"


def main(libdir, root, *options):
    parts = tree.libraries(tree.parts(os.path.abspath(root)))
    libraries = sorted(glob.glob(os.path.join(libdir, "libreed*.so")))
    bad = 0
    for library in libraries:
        name = os.path.basename(library)
        part = parts["reed" if name == "libreed.so" else name[len("libreed-"):-len(".so")]]
        for fault in faults(library, part, "--promises" in options):
            print(f"{name}: {fault}")
            bad += 1
    print(f"{len(libraries)} shared libraries, {bad} faults")
    return 1 if bad or not libraries else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
