#!/usr/bin/env python3
"""The size budget: short functions, files of one story.  Needs universal-ctags.

    sizes.py ROOT

Half of the functions within 12 lines, 90 % within 40, none over 100 lines (a table is no
function), no file over 600.
"""

import json
import os
import statistics
import subprocess
import sys

import tree

MEDIAN, MOST, LONGEST, FILE = 12, 40, 100, 600


def functions(paths):
    """(lines, name, path), shortest first."""
    run = subprocess.run(
        ["ctags", "--output-format=json", "--fields=+ne", "--languages=C", "--kinds-C=f",
         "-f", "-", "-L", "-"],
        input="\n".join(paths), capture_output=True, text=True, check=True)
    tags = [json.loads(line) for line in run.stdout.splitlines()]
    return sorted((tag["end"] - tag["line"] + 1, tag["name"], tag["path"])
                  for tag in tags if "end" in tag)


def main(root):
    paths = list(tree.files(root, (".c",)))
    found = functions(paths)
    if not found:
        print("sizes: no function found")
        return 1
    lines = [size for size, _, _ in found]
    median, most = statistics.median(lines), lines[int(0.9 * (len(lines) - 1))]
    print(f"{len(lines)} functions: median {median:.0f} lines, 90 % within {most}, "
          f"the longest {lines[-1]}")
    bad = median > MEDIAN or most > MOST
    for size, name, path in found:
        if size > LONGEST:
            print(f"{os.path.relpath(path, root)}: {name}() has {size} lines, not {LONGEST}")
            bad = True
    for path in paths:
        size = tree.read(path).count("\n")
        if size > FILE:
            print(f"{os.path.relpath(path, root)}: {size} lines, not {FILE}")
            bad = True
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
