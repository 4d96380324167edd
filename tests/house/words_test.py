#!/usr/bin/env python3
"""words.py finds its words and only those."""

import contextlib
import io
import os
import tempfile
import unittest

import words


def run(line):
    out = io.StringIO()
    with tempfile.TemporaryDirectory() as root, contextlib.redirect_stdout(out):
        os.makedirs(os.path.join(root, "protocols/irc"))
        with open(os.path.join(root, "protocols/irc/m.c"), "w", encoding="utf-8") as file:
            file.write("\n" + line + "\n")
        return words.main(root), out.getvalue()


class Words(unittest.TestCase):
    def test_promises_are_found(self):
        for word in ("TODO", "FIXME", "XXX", "HACK", "for now", "Not implemented"):
            code, out = run(f"/* {word}: later */")
            self.assertEqual(code, 1)
            self.assertIn(f"protocols/irc/m.c:2: \"{word}\"", out)

    def test_other_words_are_not(self):
        for line in ("MASTODON XXXL", "before nowhere", "hack", "for nowadays"):
            self.assertEqual(run(line), (0, ""))


if __name__ == "__main__":
    unittest.main()
