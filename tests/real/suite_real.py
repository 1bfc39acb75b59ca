#!/usr/bin/env python3
"""Run a project's own tests before and after its files are fixed, and compare.

    suite_real.py [--fix PATH ...] [--unsafe] [--program PROGRAM] PROJECT COMMAND

PROJECT is copied twice; PATHs below it (without any: all of it) are fixed in the second
copy, notes included.  COMMAND is one word for the shell, run inside each copy; it has to
import the project from there, not from where it may be installed, and to write a JUnit
file at $JUNIT:

    suite_real.py --fix src project 'PYTHONPATH=src python3 -m pytest -q --junitxml=$JUNIT'

What differs is tried again in both copies, and counts unless one copy disagrees with
itself.  Exits with 1 if something differs, which is listed, or if nothing passed.
"""

import argparse
import collections
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import xml.etree.ElementTree
from pathlib import Path

from fix_real import tree_read

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = shutil.ignore_patterns("__pycache__", ".git", "*.pyc")
CHECK = ["check", "--isolated", "--no-cache", "--level", "note"]
OUTCOMES = ("failure", "error", "skipped")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("project", type=Path)
    parser.add_argument("command")
    parser.add_argument("--fix", action="append", metavar="PATH")
    parser.add_argument("--unsafe", action="store_true")
    parser.add_argument("--timeout", type=float, default=300, metavar="SECONDS")
    parser.add_argument("--program", type=Path, default=ROOT / "build/release/pymemlint")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        sys.exit(project_try(options, Path(temporary).resolve()))


def project_try(options, temporary):
    before, after = (temporary / name / "project" for name in ("before", "after"))
    for copy in (before, after):
        shutil.copytree(options.project, copy, symlinks=True, ignore=LEFT_OUT)
    changed = fix(options, after)
    print(f"{options.project.name}: {changed} files changed", flush=True)
    first = outcomes_read(options, before)
    if "passed" not in " ".join(first.values()):
        sys.exit("no test passed:\n" + log_end(before))
    second = outcomes_read(options, after)
    print(f"before: {counts(first)}\nafter:  {counts(second)}")
    differing = differences(first, second)
    if differing:
        differing -= differences(first, outcomes_read(options, before))
        differing -= differences(second, outcomes_read(options, after))
    for test in sorted(differing):
        print(f"{test}: {first.get(test)} before, {second.get(test)} after")
    return 1 if differing else 0


def fix(options, folder):
    """Fix the files, print how many fixes each rule had, return how many files changed."""
    program = options.program.resolve()
    paths = options.fix or ["."]
    unsafe = ["--unsafe-fixes"] if options.unsafe else []
    found = lint(folder, [program, *CHECK, "--output-format", "json", *paths])
    wanted = ("safe", "unsafe") if options.unsafe else ("safe",)
    rules = collections.Counter(
        finding["code"]
        for finding in json.loads(found)
        if finding["fix"] and finding["fix"]["applicability"] in wanted
    )
    print(" ".join(f"{code}:{count}" for code, count in sorted(rules.items())))
    texts = tree_read(folder)
    lint(folder, [program, *CHECK, "--fix-only", "--fix", *unsafe, *paths])
    fixed = tree_read(folder)
    return sum(texts[name] != fixed[name] for name in texts)


def lint(folder, command):
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, check=False)
    if done.returncode not in (0, 1):
        sys.exit(f"the linter ended with {done.returncode}")
    return done.stdout


def outcomes_read(options, folder):
    """How each test ended, by its id; of tests that share an id, all of it."""
    junit = folder.parent / "junit.xml"
    junit.unlink(missing_ok=True)
    command_run(options, folder, junit)
    if not junit.exists():
        sys.exit("no JUnit file came:\n" + log_end(folder))
    outcomes = collections.defaultdict(str)
    for case in xml.etree.ElementTree.parse(junit).iter("testcase"):
        ends = [child.tag for child in case if child.tag in OUTCOMES] or ["passed"]
        test = f"{case.get('classname')}::{case.get('name')}".replace(str(folder), ".")
        outcomes[test] = " ".join(sorted([*outcomes[test].split(), *ends]))
    return outcomes


def command_run(options, folder, junit):
    with open(folder.parent / "log", "wb") as log:
        child = subprocess.Popen(
            options.command,
            shell=True,
            cwd=folder,
            env={**os.environ, "JUNIT": str(junit), "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        child.wait(options.timeout)
    except subprocess.TimeoutExpired:
        sys.exit(f"the tests took more than {options.timeout} seconds")
    finally:
        # What the tests left running would go on in a folder that is no more.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)


def log_end(folder):
    return (folder.parent / "log").read_text(errors="replace")[-3000:]


def counts(outcomes):
    ends = collections.Counter(end for all_ in outcomes.values() for end in all_.split())
    return ", ".join(f"{count} {end}" for end, count in sorted(ends.items()))


def differences(one, other):
    return {test for test in {*one, *other} if one.get(test) != other.get(test)}


if __name__ == "__main__":
    main()
