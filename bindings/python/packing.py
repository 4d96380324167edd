"""Packs the package for pip, as PEP 517 wants it: the modules as they are, and who they are.

There is nothing to be compiled.  setuptools would do, but pip looks for it in an index, and this
works where there is none.
"""

import base64
import hashlib
import pathlib
import tomllib
import zipfile

HERE = pathlib.Path(__file__).parent


def _contents(project, info):
    for module in sorted(HERE.glob("reed/*.py")):
        yield f"reed/{module.name}", module.read_bytes()
    yield f"{info}/METADATA", (
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
        f"Summary: {project['description']}\n"
        f"Requires-Python: {project['requires-python']}\n").encode()
    yield f"{info}/WHEEL", (b"Wheel-Version: 1.0\nGenerator: reed\nRoot-Is-Purelib: true\n"
                            b"Tag: py3-none-any\n")


def _recorded(name, content):
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return f"{name},sha256={digest},{len(content)}\n"


def build_wheel(folder, config_settings=None, metadata_directory=None):
    project = tomllib.loads((HERE / "pyproject.toml").read_text())["project"]
    version = f"{project['name']}-{project['version']}"
    info, record = f"{version}.dist-info", ""
    with zipfile.ZipFile(pathlib.Path(folder, f"{version}-py3-none-any.whl"), "w") as wheel:
        for name, content in _contents(project, info):
            wheel.writestr(name, content)
            record += _recorded(name, content)
        wheel.writestr(f"{info}/RECORD", f"{record}{info}/RECORD,,\n")
    return f"{version}-py3-none-any.whl"
