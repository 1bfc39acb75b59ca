"""README's generated parts are what the program prints."""

import subprocess
import sys
import unittest

import support


class Readme(unittest.TestCase):
    def test_tour_and_rules_are_current(self):
        done = subprocess.run(
            [sys.executable, str(support.ROOT / "tools/readme.py"), str(support.BIN), "--check"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        self.assertEqual(done.returncode, 0, done.stderr)
