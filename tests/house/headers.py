#!/usr/bin/env python3
"""Every public header compiles alone, twice in a row, as C17 and as C++17, without a warning; and
so do all of them in one file, in order of their names and the other way round.

    headers.py ROOT COMPILER...

A header that says "C only" in its first comment is not tried as C++.  A header sees its own
part's, the kernel's and what its part depends on: nothing else is in the search path.
"""

import concurrent.futures
import os
import subprocess
import sys

import tree

WARNINGS = """-Wall -Wextra -Wpedantic -Wshadow -Wcast-qual -Wpointer-arith -Wundef -Wvla
    -Wformat=2 -Wswitch-enum -Wimplicit-fallthrough -Werror -fsyntax-only""".split()
C = "-std=c17 -Wmissing-prototypes -Wstrict-prototypes -x c".split()
CXX = "-std=c++17 -x c++".split()


def is_cxx(compiler):
    return "++" in os.path.basename(compiler)


def opening(path):
    """The comment that a header begins with, or nothing."""
    text = tree.read(path).lstrip()
    return text[:text.find("*/")] if text.startswith("/*") else ""


def compiled(compiler, headers, flags):
    run = subprocess.run(
        [compiler, *WARNINGS, *(CXX if is_cxx(compiler) else C), *flags, "-"],
        input="".join(f"#include <{header}>\n" for header in headers) + "extern int end;\n",
        capture_output=True, text=True)
    return run.stderr if run.returncode else ""


def compile_alone(compiler, header, flags):
    return compiled(compiler, [header, header], flags)


def together(all_parts, compilers):
    """Names that two headers have, each for itself, meet only here."""
    flags = [f"-I{part.folder}/include" for part in all_parts if part.headers]
    for part in all_parts:
        flags += tree.pkg_config_cflags(part.libs)
    headers = sorted((header, "C only" in opening(os.path.join(part.folder, "include", header)))
                     for part in all_parts for header in part.headers)
    for compiler in compilers:
        these = [header for header, c_only in headers if not (c_only and is_cxx(compiler))]
        yield compiler, "all headers", these, flags
        yield compiler, "all headers, the last first", these[::-1], flags


def jobs(root, compilers):
    all_parts = tree.parts(root)
    for part in all_parts:
        around = tree.closure(part, all_parts)
        flags = [f"-I{other.folder}/include" for other in around]
        flags += tree.pkg_config_cflags(part.libs)
        for header in part.headers:
            comment = opening(os.path.join(part.folder, "include", header))
            for compiler in compilers:
                if not (is_cxx(compiler) and "C only" in comment):
                    yield compiler, header, flags, comment


def main(root, *compilers):
    bad = count = 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        waiting = [
            (header, compiler, comment, pool.submit(compile_alone, compiler, header, flags))
            for compiler, header, flags, comment in jobs(os.path.abspath(root), compilers)]
        waiting += [
            (name, compiler, name, pool.submit(compiled, compiler, headers, flags))
            for compiler, name, headers, flags in
            together(tree.parts(os.path.abspath(root)), compilers)]
        for header, compiler, comment, result in waiting:
            count += 1
            errors = result.result()
            if errors:
                print(f"{header} with {compiler}:\n{errors}")
                bad += 1
            if not comment:
                print(f"{header}: does not begin with a comment that says what it is")
                bad += 1
    print(f"{count} compilations of public headers, {bad} faults")
    return 1 if bad or not count else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
