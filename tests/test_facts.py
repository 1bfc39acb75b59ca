"""What files tell the project stays small: Facts take under a fifth of the source.

`--timings` prints their bytes, so that no clock is asked.
"""

import re
import sysconfig
import unittest
from pathlib import Path

from support import ROOT, pymemlint

LINE = re.compile(r"^  facts +([0-9.]+) kB, ([0-9.]+) % of the source$", re.MULTILINE)
LIBRARY = Path(sysconfig.get_path("stdlib"))
PACKAGES = ("asyncio", "concurrent", "email", "http", "importlib", "json", "logging",
            "multiprocessing", "unittest", "xml")  # fmt: skip


def facts_of(*paths, jobs=2):
    """Kilobytes and percent of the source."""
    done = pymemlint(
        "check", "--isolated", "--no-project", "--no-cache", "--exit-zero", "--timings",
        "-j", str(jobs), "--output", "json:/dev/null", *paths,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = LINE.search(done.stderr)
    assert found, done.stderr
    return float(found[1]), float(found[2])


class FactsTest(unittest.TestCase):
    def check(self, *paths):
        size, share = facts_of(*paths)
        self.assertGreater(size, 20, "is anything collected?")
        self.assertLess(share, 20)

    def test_own_scripts(self):
        self.check(ROOT / "tests", ROOT / "tools")

    def test_library_modules(self):
        self.check(*sorted(LIBRARY.glob("*.py")))

    def test_library_packages(self):
        self.check(*(LIBRARY / name for name in PACKAGES))

    def test_workers_collect_the_same(self):
        self.assertEqual(facts_of(LIBRARY / "email", jobs=1),
                         facts_of(LIBRARY / "email", jobs=8))
