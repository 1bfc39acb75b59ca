#!/usr/bin/env python3
"""Apply fixes to copies of real code, and check what must hold whatever the code is.

    fix_real.py PROGRAM [FOLDER ...]     without folders: this Python's standard library

For every folder, once with the safe fixes and once with the unsafe ones as well, notes
included:

- every file that compiled before compiles after (`compileall`, with this Python);
- a second run changes nothing;
- the patch that `--diff` prints is accepted by `git apply --check`, and applying it to
  another copy gives byte for byte what `--fix` gives;
- the program never ends with an internal error.

One line a folder and mode says how many files changed.  Exits with 1 if a check failed.
Needs git; not part of `make test`, because the packages are not part of the project.
"""

import compileall
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

LEFT_OUT = shutil.ignore_patterns(
    "__pycache__", "site-packages", "dist-packages", ".git", "*.so", "*.pyc"
)
MODES = {"safe": [], "unsafe": ["--unsafe-fixes"]}
CLEAN_OR_FINDINGS = (0, 1)


class Failure(Exception):
    """What did not hold, for people."""


def main(arguments):
    if not arguments:
        sys.exit("usage: fix_real.py PROGRAM [FOLDER ...]")
    program = Path(arguments[0]).resolve()
    folders = arguments[1:] or [sysconfig.get_paths()["stdlib"]]
    failures = 0
    for folder in folders:
        for mode in MODES:
            failures += folder_try(program, Path(folder).resolve(), mode)
    sys.exit(1 if failures else 0)


def folder_try(program, folder, mode):
    with tempfile.TemporaryDirectory() as temporary:
        fixed = Path(temporary) / "fixed"
        patched = Path(temporary) / "patched"
        for copy in (fixed, patched):
            shutil.copytree(folder, copy, symlinks=True, ignore=LEFT_OUT)
        changed = []
        try:
            folder_check(program, fixed, patched, MODES[mode], changed)
        except Failure as failure:
            print(f"FAILED {folder.name} {mode}: {failure}", flush=True)
            return 1
    print(f"{len(changed):5} files changed  {mode:6}  {folder.name}", flush=True)
    return 0


def folder_check(program, fixed, patched, options, changed):
    before = tree_read(fixed)
    patch = lint(program, patched, ["--diff", *options])
    lint(program, fixed, ["--fix", *options])
    after = tree_read(fixed)
    if before.keys() != after.keys():
        raise Failure(f"files came or went: {sorted(before.keys() ^ after.keys())}")
    changed += [name for name in before if before[name] != after[name]]
    compile_check(changed, patched, fixed)
    lint(program, fixed, ["--fix", *options])
    if tree_read(fixed) != after:
        raise Failure("a second run changes more")
    patch_check(patch, patched, bool(changed))
    result = tree_read(patched)
    differing = [name for name in after if result[name] != after[name]]
    if differing:
        raise Failure(f"--diff and --fix differ in {differing}")


def lint(program, folder, options):
    command = [program, "check", "--isolated", "--no-cache", "--level", "note"]
    command += ["--fix-only"] if "--fix" in options else []
    done = subprocess.run(
        command + options + ["."],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    if done.returncode not in CLEAN_OR_FINDINGS:
        raise Failure(f"{options} ended with {done.returncode}: {done.stderr!r}")
    return done.stdout


def tree_read(folder):
    """The bytes of every file, by its path below the folder; what is compiled aside."""
    texts = {}
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != "__pycache__"]
        for name in names:
            path = os.path.join(place, name)
            if os.path.islink(path):
                continue
            with open(path, "rb") as file:
                texts[os.path.relpath(path, folder)] = file.read()
    return texts


def compile_check(names, original, fixed):
    broken = [
        name
        for name in names
        if compiles(original / name) and not compiles(fixed / name)
    ]
    if broken:
        raise Failure(f"no longer compiled: {broken}")


def compiles(path):
    return compileall.compile_file(str(path), quiet=2, force=True)


def patch_check(patch, folder, is_expected):
    if bool(patch) != is_expected:
        raise Failure("--diff is empty where --fix changes files, or the reverse")
    if not patch:
        return
    for option in (["--check"], []):
        done = subprocess.run(
            ["git", "apply", *option, "-"],
            cwd=folder,
            input=patch,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "GIT_CEILING_DIRECTORIES": str(folder.parent)},
        )
        if done.returncode:
            raise Failure(f"git apply refuses the patch: {done.stdout!r}")


if __name__ == "__main__":
    main(sys.argv[1:])
