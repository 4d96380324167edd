#!/usr/bin/env python3
"""symbols.py finds what a shared library should not export or load.

    symbols_test.py COMPILER
"""

import contextlib
import io
import os
import subprocess
import sys
import tempfile
import unittest

import symbols

COMPILER = "cc"
MAP = "REED_0 { global: *; };\n"
HEADER = "#define REED_API\nREED_API int reed_good(void);\n"
SOURCE = "int reed_good(void) { return 1; }\n"


def run(source=SOURCE, header=HEADER, flags=(), version_script=MAP, module=None, archives=()):
    out = io.StringIO()
    files = {
        "core/CMakeLists.txt": "reed_library(reed SOURCES a.c)",
        "core/include/reed/good.h": header,
        "core/a.c": source,
        "map": version_script,
    }
    with tempfile.TemporaryDirectory() as root, contextlib.redirect_stdout(out):
        for path, content in files.items():
            os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                file.write(content)
        subprocess.run(
            [COMPILER, "-shared", "-fPIC", "-o", "libreed.so", "core/a.c",
             "-Wl,-soname,libreed.so.0", "-Wl,--version-script=map", *flags],
            cwd=root, check=True)
        if module:
            os.makedirs(os.path.join(root, "reed"))
            subprocess.run([COMPILER, "-shared", "-fPIC", "-o", "reed/x.so", "-x", "c", "-"],
                           input=module, text=True, cwd=root, check=True)
        for name, text in archives:
            subprocess.run([COMPILER, "-c", "-o", name + ".o", "-x", "c", "-"], input=text,
                           text=True, cwd=root, check=True)
            subprocess.run(["ar", "rc", f"lib{name}.a", name + ".o"], cwd=root, check=True)
        return symbols.main(root, root), out.getvalue()


class Symbols(unittest.TestCase):
    def refuses(self, sentence, **how):
        code, out = run(**how)
        self.assertEqual(code, 1, out)
        self.assertIn(sentence, out)

    def test_what_is_declared_and_no_more_passes(self):
        code, out = run()
        self.assertEqual(code, 0, out)

    def test_a_foreign_name_is_found(self):
        self.refuses("exports oops", source=SOURCE + "int oops(void) { return 2; }\n")

    def test_a_private_function_is_found(self):
        self.refuses("exports reed_inner, which no public header declares",
                     source=SOURCE + "int reed_inner(void) { return 2; }\n")

    def test_a_promise_without_code_is_found(self):
        header = (HEADER + "/* REED_API int reed_not(void); */\n"
                  "REED_API const char *reed_later(int (*f)(void));\n")
        self.refuses("1 faults", header=header)
        self.refuses("reed_later is declared with REED_API, but nowhere defined", header=header)

    def test_a_module_that_exports_more_than_its_descriptor_is_found(self):
        self.assertEqual(run(module="int reed_module;")[0], 0)
        self.refuses("reed/x.so: exports reed_module, reed_more, and not just reed_module",
                     module="int reed_module; int reed_more;")
        self.refuses("reed/x.so: exports nothing", module="static int reed_module;")

    def test_a_name_in_two_static_libraries_is_found(self):
        one = ("reed-one", "int reed_same; static int reed_own; int *reed_one(void)"
                           " { return &reed_own; }")
        two = ("reed-two", "static int reed_own; int *reed_two(void) { return &reed_own; }")
        self.assertEqual(run(archives=[one, two])[0], 0)
        self.refuses("reed_same is defined in libreed-one.a and in libreed-two.a",
                     archives=[one, (two[0], two[1] + " int reed_same;")])

    def test_a_missing_version_is_found(self):
        self.refuses("reed_good has no version", version_script="{ global: *; };\n")

    def test_a_wrong_soname_is_found(self):
        self.refuses("has the soname libreed.so", flags=["-Wl,-soname,libreed.so"])

    def test_one_more_library_is_found(self):
        self.refuses("loads libresolv", flags=["-Wl,--no-as-needed", "-lresolv"])

    def test_no_library_at_all_is_found(self):
        with tempfile.TemporaryDirectory() as empty, contextlib.redirect_stdout(io.StringIO()):
            os.makedirs(os.path.join(empty, "core"))
            with open(os.path.join(empty, "core/CMakeLists.txt"), "w", encoding="utf-8") as file:
                file.write("reed_library(reed SOURCES a.c)")
            self.assertEqual(symbols.main(empty, empty), 1)


if __name__ == "__main__":
    COMPILER = sys.argv[1]
    unittest.main(argv=sys.argv[:1])
