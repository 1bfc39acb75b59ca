"""Random programs do the same before and after the safe fixes; see differential.py."""

import os
import random
import tempfile
import unittest
from pathlib import Path

import differential
from differential import Run, program_text, rules_fixable
from pythons import pythons_find
from writer import TEMPLATES

SEED = 1
COUNT = int(os.environ.get("PYMEMLINT_PROGRAMS", "5700"))

READS = """\
from world import drive_files


def target(path, other, call):
    with open(path) as f:
        for line in %s:
            print(line)
            break
        return f.read()

drive_files(target, 2, 4)
"""
RAISES = """\
from world import drive


def target(values, extra, call):
    return %s

drive(target, lambda: [1, 2])
"""
WRITES = "with open('left.txt', 'w') as f:\n    f.write(%r)\n"
# What a program does, and what it would do after a wrong fix.
WRONG = {
    "a file that is left in the middle": (READS % "f.readlines()", READS % "f"),
    "another text of an exception": (RAISES % "values[7]", RAISES % "tuple(values)[7]"),
    "another exception": (RAISES % "values.index(7)", RAISES % "values[7]"),
    "a list that is changed": (RAISES % "values[:].pop()", RAISES % "values.pop()"),
    "another order": (RAISES % "print(call(1)) or print(2)", RAISES % "print(2) or print(call(1))"),
    "another file": (WRITES % "a", WRITES % "b"),
    "a text that does not compile": ("x = 1\n", "x = = 1\n"),
    "a program that does not end": ("x = 1\n", "while True:\n    pass\n"),
}


class DifferentialTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pythons = pythons_find()

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def test_random_programs(self):
        programs = Run(self.folder, SEED, COUNT, pythons=self.pythons)
        programs.generate()
        programs.fix()
        programs.compare()
        for code in programs.rules:
            with self.subTest(rule=code):
                self.assertNotIn(code, programs.too_few(), "%d of %d were changed" % (
                    programs.changed[code], programs.written[code]))
        texts = [differential.difference_text(one) for one in programs.differences[:5]]
        self.assertFalse(programs.differences, "\n".join(texts))
        self.assertEqual(programs.unsettled, [], "a second --fix changes more")
        self.assertGreaterEqual(programs.ran, len(programs.programs))

    def test_every_rule_has_a_template(self):
        self.assertEqual([code for code in rules_fixable() if code not in TEMPLATES], [])

    def test_wrong_fixes_are_seen(self):
        for name, (before, after) in WRONG.items():
            with self.subTest(wrong=name):
                self.assertEqual(len(self.differences_of(before, after)), 1)
                self.assertEqual(self.differences_of(before, before), [])

    def differences_of(self, before, after):
        programs = Run(self.folder, SEED, 1, ["PML101"], self.pythons[-1:])
        paths = self.folder / "before.py", self.folder / "after.py"
        for path, text in zip(paths, (before, after)):
            path.write_text(text, encoding="utf-8")
        programs.compare([(*paths, self.pythons[-1])])
        self.assertEqual(programs.ran, 1)
        return programs.differences

    def test_one_seed_gives_the_same_programs(self):
        for code in sorted(TEMPLATES):
            texts = {program_text(code, random.Random("5/1"), self.pythons[0])
                     for _ in range(3)}
            self.assertEqual(len(texts), 1, code)

    def test_a_rule_that_fixes_too_little_fails_the_command(self):
        # Programs around one rule hardly ever need another's fix.
        TEMPLATES["PML104"], kept = TEMPLATES["PML213"], TEMPLATES["PML104"]
        try:
            programs = Run(self.folder, SEED, 60, ["PML104"], self.pythons[:1])
            programs.generate()
            programs.fix()
        finally:
            TEMPLATES["PML104"] = kept
        self.assertEqual(programs.too_few(), ["PML104"])
        self.assertTrue(programs.failed())


if __name__ == "__main__":
    unittest.main()
