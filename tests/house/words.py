#!/usr/bin/env python3
"""Words that promise later work, in what is shipped.

    words.py ROOT
"""

import os
import re
import sys

import tree

LATER = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|\b([Ff]or now|[Nn]ot implemented)\b")
TEXT = (".c", ".h", ".cc", ".cpp", ".py", ".md", ".txt", ".in", ".yaml", ".1", ".5", ".7")


def main(root):
    bad = 0
    for path in tree.files(root, TEXT):
        for number, line in enumerate(tree.read(path).splitlines(), 1):
            word = LATER.search(line)
            if word:
                print(f"{os.path.relpath(path, root)}:{number}: \"{word.group()}\": do it, or say "
                      "in docs/ that it is left out")
                bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
