"""The check on a project's own tests, on a project made here: what counts as a difference."""

import sys
import tempfile
import unittest
from pathlib import Path

from support import BIN, script

MODULE = """\
def lines(path):
    with open(path) as f:
        return [line.strip() for line in f.readlines()]
"""
# The "tests" of the project: {verdict} is a condition for one of them to fail.
SUITE = """\
import os, pathlib
text = pathlib.Path("package/module.py").read_text()
count = pathlib.Path("../count")
runs = len(count.read_text()) if count.exists() else 0
count.write_text("x" * (runs + 1))
child = "<failure/>" if {verdict} else ""
pathlib.Path(os.environ["JUNIT"]).write_text(
    "<testsuite><testcase classname='t' name='one'>" + child + "</testcase>"
    "<testcase classname='t' name='two" + os.getcwd() + "'/>"
    "<testcase classname='t' name='three'><skipped/></testcase></testsuite>")
"""


class SuiteRealTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.project = Path(folder.name) / "made"
        (self.project / "package").mkdir(parents=True)
        self.module = self.project / "package/module.py"
        self.module.write_text(MODULE)

    def report(self, verdict, *options, status=0, command=None):
        (self.project / "suite.py").write_text(SUITE.format(verdict=verdict))
        done = script("tests/real/suite_real.py", "--fix", "package", "--program", BIN,
                      *options, self.project, command or f"{sys.executable} suite.py")
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        self.assertEqual(self.module.read_text(), MODULE)
        return done.stdout + done.stderr

    def test_same_results(self):
        report = self.report("False")
        self.assertIn("PML101:1\nmade: 1 files changed\n", report)
        self.assertIn("before: 2 passed, 1 skipped\nafter:  2 passed, 1 skipped", report)

    def test_difference_is_listed(self):
        report = self.report("'readlines' not in text", status=1)
        self.assertIn("\nt::one: passed before, failure after", report)
        self.assertNotIn("t::two", report)

    def test_what_fails_either_way_is_no_difference(self):
        self.assertIn("before: 1 failure, 1 passed, 1 skipped", self.report("True"))

    def test_what_disagrees_with_itself_is_no_difference(self):
        report = self.report("'readlines' not in text and runs == 0")
        self.assertIn("after:  1 failure", report)
        self.assertNotIn("t::one", report)

    def test_nothing_to_compare(self):
        self.assertIn("no JUnit file", self.report("True", status=1, command="echo out"))
        skipped = """printf '<suite><testcase><skipped/></testcase></suite>' >$JUNIT"""
        self.assertIn("no test passed", self.report("True", status=1, command=skipped))
        self.assertIn("took more than", self.report(
            "True", "--timeout", "0.5", status=1, command="sleep 60"))


if __name__ == "__main__":
    unittest.main()
