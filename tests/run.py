#!/usr/bin/env python3
"""Run the tests, tests/test_*.py.

    run.py [-k PATTERN ...]        only tests whose name holds one of the patterns

Every test and every subtest counts as one; a test that consists of subtests does not
count itself again.  The last line is `N passed, N failed, N skipped`, and the exit code
is 1 if one failed or none ran.  PYMEMLINT_BIN and PYMEMLINT_UNIT (and the same with
ASAN in front of BIN and UNIT) name the programs under test; see support.py.
"""

import argparse
import sys
import time
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
SLOW_SECONDS = 2.0
SLOW_SHOWN = 10


class Tally(unittest.TestResult):
    """Counts, and shows each failure as it happens."""

    def __init__(self):
        super().__init__()
        self.passed = self.failed = self.skipped_count = 0
        self.durations = []
        self.had_subtests = False

    def startTest(self, test):
        super().startTest(test)
        self.had_subtests = False
        self.started = time.monotonic()

    def stopTest(self, test):
        super().stopTest(test)
        self.durations.append((time.monotonic() - self.started, test.id()))

    def addSuccess(self, test):
        if not self.had_subtests:
            self.passed += 1

    def addSubTest(self, test, subtest, err):
        self.had_subtests = True
        if err is None:
            self.passed += 1
        else:
            self.failure_show(subtest, err)

    def addFailure(self, test, err):
        self.failure_show(test, err)

    def addError(self, test, err):
        self.failure_show(test, err)

    def addSkip(self, test, reason):
        self.had_subtests = True  # a test whose subtest was skipped counts by these
        self.skipped_count += 1
        print(f"skipped {test.id()}: {reason}", flush=True)

    def addExpectedFailure(self, test, err):
        self.passed += 1

    def addUnexpectedSuccess(self, test):
        self.failed += 1
        print(f"FAILED {test.id()}: expected to fail, but passed", flush=True)

    def failure_show(self, test, err):
        self.failed += 1
        text = self._exc_info_to_string(err, getattr(test, "test_case", test))
        print(f"FAILED {test.id()}\n{text}", flush=True)


def main():
    parser = argparse.ArgumentParser(description="Run the tests of pymemlint.")
    parser.add_argument("-k", dest="patterns", action="append", metavar="PATTERN")
    options = parser.parse_args()
    sys.path.insert(0, str(HERE))
    loader = unittest.TestLoader()
    if options.patterns:
        loader.testNamePatterns = [f"*{pattern}*" for pattern in options.patterns]
    suite = loader.discover(str(HERE), pattern="test_*.py")
    tally = Tally()
    suite.run(tally)
    slow_show(tally.durations)
    ran = tally.passed + tally.failed
    if not ran:
        print("no test ran")
    print(
        f"{tally.passed} passed, {tally.failed} failed, {tally.skipped_count} skipped",
        flush=True,
    )
    sys.exit(1 if tally.failed or not ran else 0)


def slow_show(durations):
    slow = sorted((d for d in durations if d[0] >= SLOW_SECONDS), reverse=True)
    for seconds, name in slow[:SLOW_SHOWN]:
        print(f"slow: {seconds:6.1f} s  {name}")


if __name__ == "__main__":
    main()
