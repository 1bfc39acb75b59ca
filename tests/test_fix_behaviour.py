"""Fixes keep what programs do: every `*.run.py` prints the same before and after them.

A first line `# fixes: safe` applies the safe fixes only; without it the unsafe ones are
applied, too. `Needs 3.N` in the first lines is the oldest Python that runs the file, and
the one that the fixes are made for.
"""

import os
import re
import shutil
import tempfile
import unittest
from pathlib import Path

from fixtures import FIXTURES
from pythons import environment_clean, pythons_find, version_key
from support import ROOT, pymemlint, run

PROGRAMS = sorted(FIXTURES.glob("*/*.run.py"))
FAMILIES = ("linter streams passes copies objects references caches arrays services "
            "leftovers").split()
NEEDS = re.compile(r"\bNeeds (3\.\d+)")
FIXES = re.compile(r"# fixes: (safe|unsafe)$")


class Program:
    def __init__(self, path):
        self.path = path
        self.name = path.relative_to(ROOT).as_posix()
        head = path.read_text(encoding="utf-8").splitlines()[:8]
        fixes = FIXES.match(head[0])
        self.unsafe = fixes is None or fixes.group(1) == "unsafe"
        # The others consist of hazards: leaving them alone is right.
        self.must_change = fixes is not None or ".harmless." in path.name
        needs = [match.group(1) for line in head for match in NEEDS.finditer(line)]
        self.floor = needs[0] if needs else "3.9"
        self.family = f"PML{FAMILIES.index(path.parent.name)}"

    def fix(self, path):
        return pymemlint(
            "check", "--isolated", "--no-project", "--level", "note", "--fix",
            "--fix-only", *(["--unsafe-fixes"] if self.unsafe else []),
            "--select", self.family, "--target-version", self.floor, path,
        )


class FixBehaviourTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pythons = pythons_find()

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def test_same_behaviour(self):
        self.assertTrue(PROGRAMS)
        for path in PROGRAMS:
            program = Program(path)
            with self.subTest(program=program.name):
                self.program_check(program)

    def program_check(self, program):
        before = self.copy_make(program, "before")
        after = self.copy_make(program, "after")
        done = program.fix(after)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        text = after.read_bytes()
        if program.must_change:
            self.assertTrue(text != before.read_bytes(), "no fix was applied")
        self.assertEqual(program.fix(after).returncode, 0)
        self.assertEqual(after.read_bytes(), text, "a second --fix changes more")
        pythons = self.pythons_for(program)
        self.assertTrue(pythons, f"no CPython from {program.floor} on")
        for python in pythons:
            with self.subTest(program=program.name, python=python.version):
                expected = self.program_run(python, before)
                self.assertEqual(self.program_run(python, after), expected)

    def copy_make(self, program, folder):
        (self.folder / folder).mkdir(exist_ok=True)
        return Path(shutil.copyfile(program.path, self.folder / folder / program.path.name))

    def pythons_for(self, program):
        floor = version_key(program.floor)
        able = [one for one in self.pythons if version_key(one.version) >= floor]
        return [able[0], able[-1]] if len(able) > 1 else able

    def program_run(self, python, path):
        """Exit code, output and the last line of what was raised; paths left out."""
        env = environment_clean(PYTHONHASHSEED="0", PYTHONDONTWRITEBYTECODE="1")
        done = run([python.path, path.name], cwd=path.parent, env=env, timeout=120)
        raised = done.stderr.splitlines()[-1:] if done.returncode else []
        here = os.fspath(path.parent)
        return [done.returncode, *(text.replace(here, ".") for text in
                                   [done.stdout, *raised])]
