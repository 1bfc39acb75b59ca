"""The runner itself: a failure, wherever it is, must reach the last line."""

import shutil
import sys
import tempfile
import unittest
from pathlib import Path

import support

CASES = {
    "1 passed, 0 failed, 0 skipped": "pass",
    "0 passed, 1 failed, 0 skipped": "self.fail('no')",
    "0 passed, 0 failed, 1 skipped": "self.skipTest('no')",
    "2 passed, 1 failed, 0 skipped": (
        "for i in range(3):\n      with self.subTest(i=i): self.assertNotEqual(i, 1)"
    ),
    "1 passed, 1 failed, 0 skipped": "with self.subTest(): pass\n    1 / 0",
    "1 passed, 0 failed, 1 skipped": (
        "for i in range(2):\n      with self.subTest(i=i):\n"
        "        if i: self.skipTest('no')"
    ),
}


class RunnerTest(unittest.TestCase):
    def test_last_line(self):
        for expected, body in CASES.items():
            with self.subTest(expected):
                text = f"class T(unittest.TestCase):\n  def test_it(self):\n    {body}\n"
                done = self.run_on("import unittest\n" + text)
                self.assertEqual(done.stdout.splitlines()[-1], expected)
                passes = ", 0 failed" in expected and not expected.startswith("0 ")
                self.assertEqual(done.returncode, 0 if passes else 1)

    def test_broken_module_fails(self):
        done = self.run_on("import no_such_module\n")
        last = done.stdout.splitlines()[-1]
        self.assertEqual((done.returncode, last), (1, "0 passed, 1 failed, 0 skipped"))

    def test_no_test_fails(self):
        done = self.run_on("")
        last = done.stdout.splitlines()[-1]
        self.assertEqual((done.returncode, last), (1, "0 passed, 0 failed, 0 skipped"))

    def test_failure_names_its_test(self):
        done = self.run_on(
            "import unittest\nclass T(unittest.TestCase):\n"
            "  def test_it(self): self.assertEqual(1, 2)\n"
        )
        self.assertIn("FAILED test_one.T.test_it", done.stdout)
        self.assertIn("1 != 2", done.stdout)

    def run_on(self, text):
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(support.ROOT / "tests/run.py", folder)
            (Path(folder) / "test_one.py").write_text(text)
            return support.run([sys.executable, Path(folder) / "run.py"])
