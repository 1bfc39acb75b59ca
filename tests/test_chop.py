"""Broken code: every fixture, cut at every line from both ends, must not crash us.

Each fixture becomes a folder of pieces that one run lints with all rules, in the debug
build and under the sanitizers. That a piece is linted at all shows in the summary.
What lies far from the cut is left out, so that the work grows with the lines and not
with their square; heads keep the imports, for most rules are silent without.
"""

import os
import tempfile
import unittest
from pathlib import Path

from fixtures import FIXTURES
from support import ROOT, pymemlint

IMPORTS, REACH = 40, 60
MEMORY = "/dev/shm" if os.path.isdir("/dev/shm") else None  # many small files


class ChopTest(unittest.TestCase):
    def test_dev(self):
        self.pieces_check(asan=False)

    def test_asan(self):
        self.pieces_check(asan=True)

    def pieces_check(self, asan):
        paths = sorted(FIXTURES.rglob("*.py"))
        self.assertTrue(paths)
        for path in paths:
            with self.subTest(fixture=path.relative_to(ROOT).as_posix(), asan=asan):
                with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
                    count = pieces_write(path, Path(folder))
                    self.piece_run(folder, count, asan)

    def piece_run(self, folder, count, asan):
        done = pymemlint(
            "check", "--isolated", "--no-project", "--level", "note", "--select", "ALL",
            "--output", "concise", "--output", f"json:{folder}/out.json", folder,
            "--timings", asan=asan,
        )
        self.assertIn(done.returncode, (0, 1), done.stderr[-4000:])
        self.assertNotIn("Sanitizer", done.stderr)
        self.assertNotIn("internal error", done.stderr)
        self.assertIn(f"{count} files", done.stderr)


def pieces_write(path, folder):
    """Heads and tails of a file, written below `folder`; returns how many."""
    lines = path.read_bytes().splitlines(keepends=True)
    count = 0
    for cut in range(1, len(lines)):
        head = lines[:cut] if cut <= IMPORTS + REACH else (
            lines[:IMPORTS] + lines[cut - REACH : cut])
        for end, piece in (("head", head), ("tail", lines[cut : cut + REACH])):
            (folder / f"{end}{cut}.py").write_bytes(b"".join(piece))
            count += 1
    return count
