#!/usr/bin/env python3
"""headers.py refuses headers that do not stand alone.

    headers_test.py COMPILER...
"""

import contextlib
import io
import os
import sys
import tempfile
import unittest

import headers

COMPILERS = []
GOOD = "/* Good. */\n#ifndef GOOD_H\n#define GOOD_H\n#include <stddef.h>\nextern size_t good;\n#endif\n"


def run(name, text):
    """What headers.py says of a tree with this header in it."""
    out = io.StringIO()
    files = {
        "core/CMakeLists.txt": "reed_library(reed SOURCES a.c)",
        "core/include/reed/good.h": GOOD,
        "protocols/irc/CMakeLists.txt": "reed_module(irc SOURCES a.c)",
        "protocols/irc/include/reed/irc.h": GOOD.replace("GOOD", "IRC"),
        name: text,
    }
    with tempfile.TemporaryDirectory() as root, contextlib.redirect_stdout(out):
        for path, content in files.items():
            os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                file.write(content)
        return headers.main(root, *COMPILERS), out.getvalue()


class Headers(unittest.TestCase):
    def refuses(self, text, sentence, name="core/include/reed/bad.h"):
        code, out = run(name, text)
        self.assertEqual(code, 1, out)
        self.assertIn(sentence, out)

    def accepts(self, text, name="core/include/reed/bad.h"):
        code, out = run(name, text)
        self.assertEqual(code, 0, out)

    def test_what_stands_alone_passes(self):
        self.accepts(GOOD)
        self.accepts('/* x */\n#pragma once\n#include "reed/good.h"\n',
                     "protocols/irc/include/reed/irc.h")

    def test_what_needs_another_include_does_not(self):
        self.refuses("/* x */\nextern size_t bad;\n", "unknown type name")

    def test_what_cannot_be_included_twice_does_not(self):
        self.refuses("/* x */\nstruct bad { int x; };\n", "redefinition")

    def test_what_another_header_has_too_does_not(self):
        self.accepts("/* x */\n#ifndef BAD_H\n#define BAD_H\n#define bad 2\n#endif\n")
        self.refuses("/* x */\n#ifndef BAD_H\n#define BAD_H\nextern char good;\n#endif\n",
                     "all headers with ")

    def test_what_is_not_for_cxx_says_so(self):
        text = "\n#pragma once\nstruct bad { int class; };\n"
        self.refuses("/* x */" + text, "bad.h with")
        self.accepts("/* C only: it has a class. */" + text)

    def test_a_warning_counts(self):
        self.refuses("/* x */\n#pragma once\n#if BAD\n#endif\n", "BAD")

    def test_a_header_of_a_stranger_is_not_found(self):
        self.refuses('/* x */\n#include "reed/irc.h"\n', "reed/irc.h")

    def test_a_header_says_what_it_is(self):
        self.refuses("#pragma once\n", "does not begin with a comment")


if __name__ == "__main__":
    COMPILERS = sys.argv[1:]
    unittest.main(argv=sys.argv[:1])
