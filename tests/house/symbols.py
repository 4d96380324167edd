#!/usr/bin/env python3
"""What the libraries export and load.

    symbols.py LIBDIR ROOT

They export reed_* under one version node: what their public headers declare with REED_API, all of
that and nothing else; and libreed loads nothing but what a program that links it has to expect.
Modules, in LIBDIR/reed, export their descriptor and nothing else.  No name is defined in two static
libraries, whose private names meet when a program links both.
"""

import glob
import os
import re
import subprocess
import sys

import tree

KERNEL_LOADS = re.compile(
    r"(libc|libm|libssl|libcrypto|libcares|libidn2|liburing|libpthread|libdl|librt"
    r"|libasan|libubsan|libclang_rt[\w.-]*|ld-linux-[\w-]+)\.so[.\d]*$")

COMMENT_OR_MACRO = re.compile(r"/\*.*?\*/|^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.S | re.M)
DECLARATION = re.compile(r"\bREED_API\b([^;{]*)")
NAME = re.compile(r"\b(reed_\w+)\s*(?:\(|\[|$)")
DESCRIPTOR = "reed_module"    # made by REED_MODULE(), declared by nobody


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


def faults(library, part):
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
    for name in sorted(wanted - here):
        yield f"{name} is declared with REED_API, but nowhere defined"
    for name in sorted(here - wanted):
        if name.startswith("reed_"):
            yield f"exports {name}, which no public header declares"
    dynamic = output("readelf", "-d", library)
    soname = re.search(r"SONAME.*\[(.*)\]", dynamic)
    if not soname or not re.fullmatch(r"libreed[\w-]*\.so\.\d+", soname.group(1)):
        yield f"has the soname {soname and soname.group(1)}"
    if os.path.basename(library) == "libreed.so":
        for loaded in re.findall(r"NEEDED.*\[(.*)\]", dynamic):
            if not KERNEL_LOADS.match(loaded):
                yield f"loads {loaded}"


def module_faults(module):
    names = sorted(symbol for _, symbol in exported(module) if not symbol.startswith("__odr_asan"))
    if names != [DESCRIPTOR]:
        yield f"exports {', '.join(names) or 'nothing'}, and not just {DESCRIPTOR}"
    if "SONAME" in output("readelf", "-d", module):
        yield "has a soname, as if it were to be linked"


def archive_faults(archives):
    homes = {}
    for archive in archives:
        names = {line.split()[-1] for line in output("nm", "-g", "--defined-only", archive).splitlines()
                 if len(line.split()) == 3}
        for name in names:
            homes.setdefault(name, []).append(os.path.basename(archive))
    for name, where in sorted(homes.items()):
        if len(where) > 1 and not name.startswith("__odr_asan"):
            yield f"{name} is defined in {' and in '.join(where)}"


def main(libdir, root):
    parts = tree.libraries(tree.parts(os.path.abspath(root)))
    libraries = sorted(glob.glob(os.path.join(libdir, "libreed*.so")))
    bad = 0
    for library in libraries:
        name = os.path.basename(library)
        part = parts["reed" if name == "libreed.so" else name[len("libreed-"):-len(".so")]]
        for fault in faults(library, part):
            print(f"{name}: {fault}")
            bad += 1
    modules = sorted(glob.glob(os.path.join(libdir, "reed", "*.so")))
    for module in modules:
        for fault in module_faults(module):
            print(f"reed/{os.path.basename(module)}: {fault}")
            bad += 1
    archives = sorted(glob.glob(os.path.join(libdir, "libreed*.a")))
    for fault in archive_faults(archives):
        print(fault)
        bad += 1
    print(f"{len(libraries)} shared libraries, {len(archives)} static ones, {len(modules)} modules, "
          f"{bad} faults")
    return 1 if bad or not libraries else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
