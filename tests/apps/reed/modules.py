#!/usr/bin/env python3
"""Modules that are loaded: which, when, and what is said of those that will not do."""

import os
import shutil
import stat
import subprocess

from tool import ECHO, PATIENCE, TESTS, environment, folder, has, has_not, is_equal, main, run, write

REED = os.environ["REED"]
EXAMPLES = os.path.join(os.environ["REED_BUILD"], "examples")
MODULES = os.path.join(os.environ["REED_BUILD"], "lib", "reed")


def _plain(*args, env=None, cwd=None):
    """The program without a module of the tests."""
    return subprocess.run([REED, *args], capture_output=True, text=True, timeout=PATIENCE,
                          env=environment(env), cwd=cwd)


def _copy(name, place):
    return shutil.copy(os.path.join(TESTS, name + ".so"), place)


class _Prefix:
    """The program as in a prefix of its own, with these modules of the tests and no others."""

    def __init__(self, place, *names):
        self.modules = place + "/lib/reed"
        self.env = {"LD_LIBRARY_PATH": place + "/lib"}
        os.makedirs(self.modules)
        self.program = shutil.copy(REED, place)
        for name in os.listdir(os.path.dirname(MODULES)):
            if ".so" in name:
                os.symlink(os.path.join(os.path.dirname(MODULES), name), f"{place}/lib/{name}")
        for name in names:
            _copy(name, self.modules)

    def run(self, *args):
        return subprocess.run([self.program, *args], capture_output=True, text=True,
                              timeout=PATIENCE, env=environment(self.env))


def a_module_is_loaded_from_its_file():
    for words in (("-m", ECHO), ("-m" + ECHO,), ("--module", ECHO), ("--module=" + ECHO,)):
        done = _plain(*words, "echo", "--check")
        is_equal((done.returncode, done.stderr), (0, ""))
    with folder() as place:
        _copy("good", place)
        done = _plain("-m", "./good.so", "strange", "words", cwd=place)
        is_equal((done.returncode, done.stdout), (0, "strange words\n"))


def several_can_be_loaded():
    done = _plain("-m", ECHO, "-m", TESTS + "/good.so", "--help")
    has(done.stdout, "\n  echo ")
    has(done.stdout, "\n  strange ")


def a_module_brings_its_schemes():
    has(_plain("-m", TESTS + "/good.so", "endpoints", "strange").stdout, "Only tests have it.")
    is_equal(_plain("endpoints", "strange").returncode, 2)


def _example(name, *args):
    return subprocess.run([os.path.join(EXAMPLES, name), *args], capture_output=True, text=True,
                          timeout=PATIENCE, env=environment(None))


def so_has_every_other_program_whose_main_is_the_librarys():
    with folder() as place:
        done = _example("qotd", "--check", "--state", place, "--listen", "onion:17")
    is_equal((done.returncode, done.stderr), (0, ""))


def a_program_of_the_kernel_alone_says_that_it_has_none():
    done = _example("daytime", "ask", "tor:example.org:13")
    is_equal(done.returncode, 1)
    has(done.stderr, 'there is no scheme "tor" in this program, which loads no modules; ')


def a_command_loads_only_its_own_module():
    def loaded(*args):
        done = _plain(*args, env={"LD_DEBUG": "files"})
        is_equal(done.returncode, 0)
        return done.stderr
    cert = loaded("cert", "--help")
    has(cert, "reed/cert.so")
    for other in ("sqlite", "chat", "libreed-irc"):
        has_not(cert, other)
    for command in ("--help", "--version"):
        has_not(loaded(command), "/reed/")
    chat = loaded("chat", "--check")
    has(chat, "reed/chat.so")
    has_not(chat, "reed/cert.so")


def a_suite_loads_only_the_services_it_names():
    with folder() as state:
        file = write(state + "/suite.yaml", f"state: {state}\necho: {{greeting: x}}\n")
        for words in ((file, "--check"), ("--check", file), ("--check", "-c", file)):
            done = run("run", *words, env={"LD_DEBUG": "files"})
            is_equal(done.returncode, 0)
            has_not(done.stderr, "reed/chat.so")


def accounts_are_of_a_module_that_is_loaded_for_them():
    done = run("echo", "--check", "--auth", "sqlite:x", env={"LD_DEBUG": "files"})
    is_equal(done.returncode, 0)
    has(done.stderr, "reed/sqlite.so")
    has(run("echo", "--help-auth").stdout, "sqlite:PATH")
    done = run("echo", "--check", "--auth", "memory:a:b", env={"LD_DEBUG": "files"})
    has_not(done.stderr, "sqlite")


def a_file_that_is_not_there_is_told():
    done = _plain("-m", "./nowhere.so", "strange")
    is_equal((done.returncode, done.stderr), (1, "reed: ./nowhere.so: there is no such file\n"))


def a_name_that_is_not_there_is_told_with_the_folder():
    done = _plain("-m", "gopher", "gopher")
    is_equal(done.returncode, 1)
    is_equal(done.stderr, f'reed: there is no module "gopher" in {MODULES}; `reed modules` lists '
                          "those there are, and -m ./gopher.so takes a file\n")
    done = _plain("-m", "gopher.so", "gopher")
    is_equal(done.stderr, "reed: gopher.so: a module is named by its file, with a slash, as in "
                          "./gopher.so, or by its name without .so\n")


def a_name_is_that_of_a_module_in_the_folder():
    is_equal(_plain("-m", "chat", "chat", "--check").returncode, 0)


def without_a_name_it_says_what_is_wanted():
    for words in (("-m",), ("--module=",), ("-m", "")):
        done = _plain(*words)
        is_equal(done.returncode, 2)
        has(done.stderr, "reed: -m wants a module: a file such as ./gopher.so, or the name of")


def what_is_no_shared_library_is_told_with_how_to_build_one():
    with folder() as place:
        for text in ("", "#include <reed/module.h>\n"):
            file = write(place + "/gopher.c", text)
            done = _plain("-m", file, "gopher")
            is_equal(done.returncode, 1)
            is_equal(done.stderr, f"reed: {file}: is no shared library; build one with cc -shared "
                                  "-fPIC $(pkg-config --cflags --libs reed-app)\n")
        done = _plain("-m", place, "gopher")
        is_equal(done.stderr, f"reed: {place}: is a folder; name the file in it\n")


def a_shared_library_that_is_no_module_is_told():
    file = TESTS + "/none.so"
    done = _plain("-m", file, "gopher")
    is_equal(done.returncode, 1)
    is_equal(done.stderr, f"reed: {file}: is a shared library, but no module: it exports no "
                          "reed_module, which REED_MODULE() of reed/module.h makes, without "
                          "REED_MODULE_BUILTIN\n")


def a_module_of_another_abi_is_told_with_both_numbers():
    file = TESTS + "/older.so"
    done = _plain("-m", file, "strange")
    is_equal(done.returncode, 1)
    is_equal(done.stderr, f"reed: {file}: was built for modules of ABI 2, and this is Reed 0.1.0 "
                          "with ABI 1; build it again with its headers\n")


def a_symbol_that_is_missing_is_told():
    file = TESTS + "/lacking.so"
    done = _plain("-m", file, "strange")
    is_equal(done.returncode, 1)
    is_equal(done.stderr, f"reed: {file}: cannot be loaded: undefined symbol: reed_frobnicate; if "
                          "that is Reed's, the module was built against another version than "
                          "this, 0.1.0: build it again\n")


def a_library_that_is_cut_short_is_told():
    with folder() as place:
        file = place + "/cut.so"
        with open(TESTS + "/good.so", "rb") as whole, open(file, "wb") as cut:
            cut.write(whole.read(100))
        done = _plain("-m", file, "strange")
        is_equal(done.returncode, 1)
        has(done.stderr, f"reed: {file}: cannot be loaded: ")


def a_second_kernel_is_refused():
    file = TESTS + "/kernel.so"
    done = _plain("-m", file, "strange")
    is_equal(done.returncode, 1)
    is_equal(done.stderr, f"reed: {file}: brings a kernel of its own, and a process takes only "
                          "one; link it with the shared libraries of Reed 0.1.0, not with archives "
                          "or another version's\n")


def what_is_there_already_cannot_be_brought_again():
    file = TESTS + "/taken.so"
    done = _plain("-m", file, "help")
    is_equal(done.returncode, 1)
    is_equal(done.stderr, f"reed: {file}: brings the command help, which is there already; it "
                          "needs another name\n")
    with folder() as place:
        one, two = _copy("good", place + "/one.so"), _copy("good", place + "/two.so")
        done = _plain("-m", one, "-m", two, "strange")
        is_equal(done.returncode, 1)
        has(done.stderr, f"{two}: brings the command strange, which is there already")
        is_equal(_plain("-m", one, "-m", one, "strange").returncode, 0)


def a_file_that_anybody_may_write_to_is_refused():
    with folder() as place:
        file = _copy("good", place)
        os.chmod(file, 0o757)
        done = _plain("-m", file, "strange")
        is_equal(done.returncode, 1)
        is_equal(done.stderr, f"reed: {file}: anybody may write to it, and so make this process do "
                              "anything; chmod o-w it\n")


def a_file_that_may_not_be_read_is_told():
    with folder() as place:
        file = _copy("good", place)
        os.chmod(place, 0o755)
        os.chmod(file, 0)
        child = None
        if os.geteuid() == 0:
            child = os.fork()
            if child:
                is_equal(os.waitpid(child, 0)[1], 0)
                return
            os.setuid(65534)
        try:
            done = _plain("-m", file, "strange")
            is_equal(done.returncode, 1)
            is_equal(done.stderr, f"reed: {file}: the user this runs as may not read it; chmod a+r "
                                  "the file, and a+x the folders above it\n")
        except AssertionError as error:
            if child is None:
                raise
            print(error)
            os._exit(1)
        if child == 0:
            os._exit(0)


def the_modules_are_listed_with_what_they_bring():
    done = run("modules")
    is_equal((done.returncode, done.stderr), (0, ""))
    has(done.stdout, f"\necho: A service for tests.\n    commands  echo, inmate\n    {ECHO}\n")
    has(done.stdout, f"\nsqlite: Accounts in a database.\n    accounts  sqlite\n    {MODULES}/")
    done = _plain("modules", "--index", TESTS + "/good.so")
    is_equal(done.stdout, "abi\t1\nmodule\tWhat only tests have.\n"
                          "command\tstrange\tTools\ttool\tSay something strange.\n"
                          "scheme\tstrange\n")
    is_equal(_plain("modules", "--index", TESTS + "/none.so").returncode, 1)
    is_equal(_plain("modules", "and", "so", "on").returncode, 2)
    is_equal(_plain("modules", "--help").returncode, 0)


def one_without_an_index_is_found_all_the_same():
    with folder() as place:
        prefix = _Prefix(place, "good")
        is_equal(prefix.run("strange", "x").stdout, "strange x\n")
        has(prefix.run("--help").stdout, "\n  strange      Say something strange.\n")
        is_equal(prefix.run("endpoints", "strange").returncode, 0)
        is_equal(prefix.run("--help").stderr, "")


def one_that_will_not_do_is_in_nobodys_way():
    with folder() as place:
        prefix = _Prefix(place, "good", "older")
        write(prefix.modules + "/aaa.so", "no library")
        is_equal(prefix.run("strange", "x").stdout, "strange x\n")
        done = prefix.run("--help")
        is_equal(done.returncode, 0)
        has(done.stdout, "\n  strange ")
        is_equal([line.partition(": ")[0] for line in done.stderr.splitlines()],
                 [prefix.modules + "/aaa.so", prefix.modules + "/older.so"])
        done = prefix.run("modules")
        is_equal(done.returncode, 1)
        has(done.stdout, f"aaa: cannot be used\n    {prefix.modules}/aaa.so: is no shared")


def an_index_that_is_not_true_is_told():
    with folder() as place:
        prefix = _Prefix(place, "good")
        file = prefix.modules + "/good.so"
        write(prefix.modules + "/good.index",
              "abi\t1\nmodule\tGood.\ncommand\tbetter\tTools\ttool\tBetter.\n")
        has(prefix.run("--help").stdout, "\n  better       Better.\n")
        done = prefix.run("better")
        is_equal(done.returncode, 1)
        is_equal(done.stderr, f"reed: {file}: has not the command better, though its index says "
                              "so; write that anew with `reed modules --index FILE`\n")
        os.remove(file)
        is_equal(prefix.run("better").returncode, 2)


def what_is_no_index_is_as_none():
    with folder() as place:
        prefix = _Prefix(place, "good")
        for text in ("", "abi\t1\n", "abi\tx\nmodule\ty\n", "abi\t1\nmodule\tx\ncommand\n",
                     "abi\t1\nmodule\t\033[31mred\n", "abi\t1\nmodule\tx\n" + "scheme\tx\n" * 300):
            write(prefix.modules + "/good.index", text)
            is_equal(prefix.run("strange", "x").stdout, "strange x\n")


def indexes_may_be_read_by_all():
    for name in os.listdir(MODULES):
        assert os.stat(os.path.join(MODULES, name)).st_mode & stat.S_IROTH, name


if __name__ == "__main__":
    main(globals())
