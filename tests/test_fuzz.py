"""What the fuzz target demands of any bytes holds for all fixtures and their heads."""

import tempfile
import unittest
from pathlib import Path

from fixtures import FIXTURES
from support import ASAN_BIN, BIN, run

EVERY = 60  # lines between two cuts; test_chop cuts at every line


class FuzzTest(unittest.TestCase):
    def test_dev(self):
        self.target_run(BIN.parent / "fuzz-lint")

    def test_asan(self):
        self.target_run(ASAN_BIN.parent / "fuzz-lint")

    def target_run(self, program):
        with tempfile.TemporaryDirectory() as folder:
            pieces = []
            for path in sorted(FIXTURES.rglob("*.py")):
                lines = path.read_bytes().splitlines(keepends=True)
                for cut in [*range(EVERY, min(len(lines), 400), EVERY), len(lines)]:
                    pieces.append(Path(folder) / f"{len(pieces)}.py")
                    pieces[-1].write_bytes(b"".join(lines[:cut]))
            self.assertTrue(pieces)
            done = run([program, *pieces])
        self.assertEqual((done.returncode, done.stderr[-4000:]), (0, ""))
