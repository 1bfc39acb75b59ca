"""How often each rule is asked about something: what it costs, without a clock.

`--timings` of debug builds prints the calls of each rule's hooks and what it found, over
the main fixtures; tests/snapshots/calls.tsv holds them (`make bless`).
"""

import unittest

from fixtures import fixtures_find
from support import BLESS, ROOT, pymemlint

SNAPSHOT = ROOT / "tests/snapshots/calls.tsv"
HEAD = "rule\tcalls\tfound\n"


def calls_count(*options):
    main = [path for path in fixtures_find()[0] if path.name.count(".") == 1]
    done = pymemlint("check", "--isolated", "--no-project", "--select", "ALL", "--timings",
                     *options, "--output", "json:/dev/null", *main)
    if done.returncode not in (0, 1):
        raise AssertionError(done.stderr)
    rows = [line.split("\t", 1)[1] for line in done.stderr.splitlines()
            if line.startswith("calls\t")]
    return HEAD + "".join(row + "\n" for row in rows)


class CallsTest(unittest.TestCase):
    def test_snapshot(self):
        table = calls_count()
        self.assertGreater(len(table.splitlines()), 10, "is this a debug build?")
        if BLESS:
            SNAPSHOT.parent.mkdir(exist_ok=True)
            SNAPSHOT.write_text(table)
        self.assertTrue(SNAPSHOT.exists(), "run `make bless`, and read what it wrote")
        self.assertEqual(table, SNAPSHOT.read_text(), "more calls, or `make bless`")

    def test_workers_count_the_same(self):
        self.assertEqual(calls_count("-j", "1"), calls_count("-j", "8"))
