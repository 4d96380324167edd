#!/usr/bin/env python3
"""layers.py finds what it is there to find: each test breaks a small tree in one way."""

import contextlib
import io
import os
import tempfile
import unittest

import layers

TREE = {
    "core/CMakeLists.txt": "reed_library(reed SOURCES a.c)",
    "core/include/reed/loop.h": "/* The loop. */",
    "core/private.h": "",
    "core/a.c": '#include "reed/loop.h"\n#include "private.h"\n',
    "core/os_clock.c": "#include <signal.h>\nvoid f(void) { clock_gettime(0, 0); }\n",
    "core/drivers/epoll.c": "#include <sys/epoll.h>\n",
    "core/app/CMakeLists.txt": "reed_library(app SOURCES b.c LIBS yaml-0.1)",
    "core/app/include/reed/module.h": '#include "reed/loop.h"\n',
    "core/app/b.c": '#include <reed/module.h>\n#include <unistd.h>\n',
    "protocols/rooms/CMakeLists.txt": "reed_module(rooms SOURCES r.c)",
    "protocols/rooms/include/reed/rooms.h": "",
    "protocols/rooms/r.c": '#include "reed/rooms.h"\n',
    "protocols/irc/CMakeLists.txt":
        "reed_module(irc # the old one\n SOURCES m.c\n DEPENDS rooms app)",
    "protocols/irc/include/reed/irc.h": '#include "reed/rooms.h"\n',
    "protocols/irc/m.c":
        '#include "wire.h"\n/* no malloc(1) here */\nint x = y.time(1), z = g->rand();\n'
        'const char *s = "time(NULL)";\n',
    "protocols/irc/wire.h": "",
    "apps/chat/CMakeLists.txt": "reed_app(chat SOURCES c.c)",
    "apps/chat/c.c": '#include "chat.h"\n#include "reed/irc.h"\n#include "reed/module.h"\n',
    "apps/chat/chat.h": "",
    "apps/irc/CMakeLists.txt": "reed_app(irc SOURCES i.c DEPENDS irc)",
    "apps/irc/i.c": '#include "reed/irc.h"\n',
    "apps/irc/i.h": "",
}


def run(changes):
    """What layers.py says about TREE with these changes: (exit code, output)."""
    out = io.StringIO()
    with tempfile.TemporaryDirectory() as root:
        for name, text in {**TREE, **changes}.items():
            path = os.path.join(root, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        with contextlib.redirect_stdout(out):
            return layers.main(root), out.getvalue()


class Broken(unittest.TestCase):
    def refuses(self, path, text, sentence):
        code, out = run({path: text})
        self.assertEqual(code, 1, f"{path} passed with {text!r}")
        self.assertIn(sentence, out)
        self.assertEqual(len(out.splitlines()), 1, out)

    def test_a_whole_tree_passes(self):
        self.assertEqual(run({}), (0, ""))

    def test_the_kernel_includes_only_itself(self):
        self.refuses("core/a.c", '#include "reed/irc.h"\n', "core/a.c:1: reed/irc.h is of irc")
        self.refuses("core/a.c", '#include <reed/module.h>\n', "reed/module.h is of app")

    def test_a_protocol_includes_what_it_declares(self):
        self.refuses("protocols/rooms/r.c", "\n#include <reed/irc.h>\n",
                     "protocols/rooms/r.c:2: reed/irc.h is of irc, which rooms does not name")
        self.refuses("protocols/rooms/include/reed/rooms.h", '#include "reed/module.h"\n',
                     "module.h is of app")

    def test_nobody_includes_a_command(self):
        self.refuses("protocols/irc/m.c", '#include "../../apps/chat/chat.h"\n',
                     "is of the command chat")
        self.refuses("core/a.c", '#include "apps/chat/chat.h"\n', "is of the command chat")
        self.refuses("apps/chat/c.c", '#include "../irc/i.h"\n', "is of the command irc")

    def test_a_private_header_stays_private(self):
        self.refuses("protocols/irc/m.c", '#include "../../core/private.h"\n', "private to reed")
        self.refuses("apps/chat/c.c", '#include "../../protocols/irc/wire.h"\n', "private to irc")

    def test_the_system_stays_in_its_files(self):
        for header in sorted(layers.SYSTEM):
            self.refuses("core/a.c", f"#include <{header}>\n", f"<{header}> belongs into core/")
            self.refuses("protocols/irc/m.c", f"# include <{header}>\n", f"<{header}> belongs")
        for header in sorted(layers.SYSTEM_OUTSIDE_CORE | {"netinet/tcp.h"}):
            self.assertEqual(run({"core/a.c": f"#include <{header}>\n"})[0], 0)
            self.refuses("protocols/irc/m.c", f"#include <{header}>\n", "belongs into the kernel")
            self.refuses("apps/chat/c.c", f"#include <{header}>\n", "belongs into the kernel")

    def test_time_entropy_and_memory_come_from_the_kernel(self):
        for call in sorted(layers.CALLS):
            self.refuses("protocols/irc/m.c", f"void f(void)\n{{\n\t{call} (1);\n}}\n",
                         f"m.c:3: {call}():")
            self.refuses("core/a.c", f"int x = {call}(0);\n", f"{call}():")

    def test_an_exception_has_a_reason_and_is_needed(self):
        allow, include = "tests/house/layers.allow", "#include <time.h>\n"
        self.assertEqual(run({"apps/chat/c.c": include,
                              allow: "# kept short\n\napps/chat/c.c time.h  # prints dates\n"}),
                         (0, ""))
        self.refuses(allow, "apps/chat/c.c time.h  # prints dates\n", "no longer needed")
        for line in ("apps/chat/c.c time.h\n", "apps/chat/c.c  # why\n"):
            with self.assertRaisesRegex(SystemExit, "should be: PATH WORD"):
                run({"apps/chat/c.c": include, allow: line})

    def test_an_empty_tree_is_no_success(self):
        with tempfile.TemporaryDirectory() as root, self.assertRaises(SystemExit):
            layers.main(root)


if __name__ == "__main__":
    unittest.main()
