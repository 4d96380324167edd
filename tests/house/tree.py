"""The parts of the tree, as their CMakeLists.txt declare them."""

import os
import re
import subprocess

DECLARATION = re.compile(r"\breed_(library|module|app|adapter)\s*\(\s*([\w-]+)([^)]*)\)")
KEYWORDS = {"SOURCES", "DEPENDS", "LIBS", "SYSTEM"}


class Part:
    """A library, module or command: the kernel is `reed`, in core/."""

    def __init__(self, folder, kind, name, words):
        self.folder = folder
        self.is_command = kind == "app"
        self.name = name
        self.depends = words.get("DEPENDS", [])
        self.libs = words.get("LIBS", [])

    @property
    def headers(self):
        include = os.path.join(self.folder, "include")
        return sorted(
            os.path.relpath(os.path.join(folder, name), include)
            for folder, _, names in os.walk(include)
            for name in names
            if name.endswith(".h")
        )


def declared(text):
    """Yields (kind, name, {keyword: words}) of each part that a CMakeLists.txt declares."""
    text = re.sub(r"#.*", "", text)
    for kind, name, rest in DECLARATION.findall(text):
        words, keyword = {}, None
        for word in rest.split():
            if word in KEYWORDS:
                keyword = word
            elif keyword:
                words.setdefault(keyword, []).append(word)
        yield kind, name, words


def parts(root):
    """Every part below root, deepest folder first, so that core/app is found before core."""
    found = []
    for top in ("core", "protocols", "apps"):
        for folder, _, names in os.walk(os.path.join(root, top)):
            if "CMakeLists.txt" not in names:
                continue
            with open(os.path.join(folder, "CMakeLists.txt"), encoding="utf-8") as file:
                found += [Part(folder, *part) for part in declared(file.read())]
    return sorted(found, key=lambda part: -part.folder.count(os.sep))


def part_of(path, all_parts):
    for part in all_parts:
        if path.startswith(part.folder + os.sep):
            return part
    return None


def libraries(all_parts):
    """By name, which a command may share."""
    return {part.name: part for part in all_parts if not part.is_command}


def closure(part, all_parts):
    """The part, the kernel, and what it depends on, directly or not."""
    by_name = libraries(all_parts)
    found, wanted = [part], ["reed", *part.depends]
    while wanted:
        other = by_name.get(wanted.pop(0))
        if other and other not in found:
            found.append(other)
            wanted += other.depends
    return found


def files(root, ends, tops=("core", "protocols", "apps")):
    for top in tops:
        for folder, folders, names in os.walk(os.path.join(root, top)):
            folders.sort()
            for name in sorted(names):
                if name.endswith(ends):
                    yield os.path.join(folder, name)


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def pkg_config_cflags(libs):
    """Of those libraries that pkg-config knows, with or without "lib" in front."""
    flags = []
    for lib in libs:
        for name in (lib, "lib" + lib):
            run = subprocess.run(["pkg-config", "--cflags", name], capture_output=True, text=True)
            if run.returncode == 0:
                flags += run.stdout.split()
                break
    return flags
