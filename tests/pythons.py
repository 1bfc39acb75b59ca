"""Finds the CPythons of this machine, one for each minor version from 3.9 on.

They are looked for on PATH, in pyenv's folder, and in PYMEMLINT_PYTHONS, a list
of interpreters separated as PATH is. Each is started once; one that does not
start, or whose objects have other sizes than the usual build's, is named on
stderr and left out. Of two with one minor version the higher patch is kept.
"""
import collections
import glob
import json
import os
import re
import subprocess
import sys

FLOOR = (3, 9)
PROBE_SECONDS = 20
NAME = re.compile(r"python3(?:\.(\d+))?$")
PROBE = """
import json, sys, sysconfig
json.dump({
    "version": list(sys.version_info),
    "path": sys.executable,
    "cpython": sys.implementation.name == "cpython",
    "debug": hasattr(sys, "gettotalrefcount"),
    "free-threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
    "wide": sys.maxsize > 2 ** 32,
}, sys.stdout)
"""

# version: "3.12"; full: the whole version_info as a tuple, which sorts.
Python = collections.namedtuple("Python", "version full path")


def version_key(version):
    """Sorts "3.9" before "3.10"."""
    return tuple(int(part) for part in version.split("."))


def environment_clean(**more):
    """The environment without what would change how a Python runs."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    clean.update(more)
    return clean


def candidates_in(folder):
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return []
    found = []
    for name in names:
        match = NAME.match(name)
        if match and int(match.group(1) or FLOOR[1]) >= FLOOR[1]:
            found.append(os.path.join(folder, name))
    return found


def pyenv_roots():
    roots = [os.environ.get("PYENV_ROOT"), os.path.expanduser("~/.pyenv")]
    try:
        answer = subprocess.run(["pyenv", "root"], stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL, text=True,
                                timeout=PROBE_SECONDS)
        roots.append(answer.stdout.strip())
    except (OSError, subprocess.SubprocessError):
        pass
    return list(dict.fromkeys(os.path.realpath(root) for root in roots if root))


def candidates_find():
    """Paths to try, the named ones first; the shims of pyenv are passed over,
    for what they lead to lies in pyenv's folder."""
    roots = pyenv_roots()
    shims = {os.path.join(root, "shims") for root in roots}
    named = os.environ.get("PYMEMLINT_PYTHONS", "").split(os.pathsep)
    found = [path for path in named if path] + [sys.executable]
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        if folder and os.path.realpath(folder) not in shims:
            found += candidates_in(folder)
    for root in roots:
        for folder in sorted(glob.glob(os.path.join(root, "versions", "*", "bin"))):
            found += candidates_in(folder)
    distinct = {}
    for path in found:
        distinct.setdefault(os.path.realpath(path), path)
    return list(distinct.values())


def python_probe(path):
    """(Python, "") or (None, why not); both empty if it is only too old."""
    try:
        run = subprocess.run([path, "-S", "-c", PROBE], stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             text=True, timeout=PROBE_SECONDS,
                             env=environment_clean())
        if run.returncode != 0:
            lines = run.stderr.strip().splitlines()
            return None, "does not start (exit %d)%s" % (
                run.returncode, ": " + lines[0] if lines else "")
        facts = json.loads(run.stdout)
        full = tuple(facts["version"])
    except (OSError, subprocess.SubprocessError, ValueError, LookupError,
            TypeError) as error:
        return None, "does not start: %s" % error
    if full[:2] < FLOOR:
        return None, ""
    if not facts["cpython"]:
        return None, "is no CPython"
    if facts["debug"] or facts["free-threaded"] or not facts["wide"]:
        return None, "is a debug, free-threaded or 32-bit build"
    return Python("%d.%d" % full[:2], full, facts["path"] or path), ""


def pythons_find(paths=None):
    """The Pythons to measure on, by version; says on stderr what is skipped."""
    kept = {}
    for path in candidates_find() if paths is None else paths:
        python, reason = python_probe(path)
        if reason:
            print("prove: %s %s; skipped" % (path, reason), file=sys.stderr)
        if python is None:
            continue
        other = kept.get(python.version)
        if other is None or python.full > other.full:
            kept[python.version] = python
    return sorted(kept.values(), key=lambda python: version_key(python.version))
