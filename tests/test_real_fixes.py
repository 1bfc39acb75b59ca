"""The check on real fixes, on a repository made here: what it counts and what it lists."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

import real_fixes
from support import BIN, script

# PML101 reports line 3 before the fix; line 8 stays as it is.
BEFORE = """\
def lines(path):
    with open(path) as f:
        return [line.strip() for line in f.readlines()]




def other(path):
    with open(path) as f:
        for line in f.readlines():
            print(line)
"""
AFTER = BEFORE.replace("f.readlines()]", "f]")
BROKEN = "def (:\n"


class RealFixesTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.checkouts = self.root / "checkouts"
        self.work = self.checkouts / "some+project"
        self.work.mkdir(parents=True)
        self.git("init", "-q")
        self.commit({"pkg/reader.py": BEFORE, "pkg/gone.py": BEFORE, "old.py": BROKEN})
        (self.work / "pkg/gone.py").unlink()
        self.fix = self.commit({"pkg/reader.py": AFTER, "old.py": BROKEN + "\n"})

    def git(self, *arguments):
        env = {name: value for name, value in os.environ.items()
               if not name.startswith("GIT_")}
        env.update(GIT_CONFIG_GLOBAL=os.devnull, GIT_CONFIG_SYSTEM=os.devnull)
        identity = ("-c", "user.name=test", "-c", "user.email=test@localhost")
        return subprocess.run(["git", "-C", str(self.work), *identity, *arguments],
                              env=env, check=True, stdout=subprocess.PIPE,
                              encoding="utf-8").stdout.strip()

    def commit(self, files):
        for name, text in files.items():
            path = self.work / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "change")
        return self.git("rev-parse", "HEAD")

    def row(self, **changes):
        row = dict(id="R1", repo="some/project", fix_sha=self.fix, path="pkg/reader.py",
                   pre_lines="3", post_lines="3", category="readlines-materialise",
                   visible="single-file", note="a note")
        row.update(changes)
        return [row[name] for name in real_fixes.COLUMNS]

    def table_write(self, *rows, header=real_fixes.COLUMNS):
        path = self.root / "fixes.tsv"
        path.write_text("".join("\t".join(row) + "\n" for row in (header, *rows)))
        return path

    def report(self, *rows, more=(), status=0):
        done = script("tests/real_fixes.py", self.table_write(*rows), self.checkouts,
                      "--bin", BIN, *more)
        self.assertEqual((done.returncode, done.stderr), (status, ""), done.stdout)
        return done.stdout

    def counts(self, report, name="all"):
        [line] = [line for line in report.splitlines() if line.startswith(name + " ")]
        return line[len(name):].split()

    def test_flagged_before_and_silent_after(self):
        report = self.report(self.row())
        self.assertEqual(self.counts(report), ["1", "0", "1/1", "1/1"])
        self.assertEqual(self.counts(report, "readlines-materialise"), self.counts(report))
        self.assertNotIn("\nnot flagged", report)
        self.assertNotIn("\nflagged after", report)

    def test_lines_around_count_and_further_ones_do_not(self):
        for lines, flagged in (("5", "1/1"), ("1", "1/1"), ("6", "0/1"), ("4-6", "1/1"),
                               ("6-7", "0/1"), ("3,6", "1/2"), ("1-20", "1/1")):
            with self.subTest(lines=lines):
                report = self.report(self.row(pre_lines=lines))
                self.assertEqual(self.counts(report)[2], flagged)

    def test_miss_is_listed(self):
        report = self.report(self.row(pre_lines="6-7", note="why it matters"))
        self.assertIn("not flagged before:\nR1 some/project pkg/reader.py:6-7 "
                      "(readlines-materialise, single-file) why it matters", report)

    def test_noise_is_listed(self):
        report = self.report(self.row(post_lines="3,10"))
        self.assertEqual(self.counts(report)[3], "1/2")
        self.assertIn("flagged after:\nR1 some/project pkg/reader.py:10 "
                      "(readlines-materialise, single-file) PML101", report)

    def test_findings_of_other_families_do_not_count(self):
        report = self.report(self.row(category="needless-copy"))
        self.assertEqual(self.counts(report)[2], "0/1")
        report = self.report(self.row(category="something else"))
        self.assertEqual(self.counts(report)[2], "1/1")

    def test_label_of_a_finding_counts(self):
        text = ("def copy(path, target):\n    with open(path, 'rb') as f:\n"
                "        data = f.read()\n" + "    # apart\n" * 5 +
                "    with open(target, 'wb') as out:\n        out.write(data)\n")
        self.commit({"pkg/copy.py": text})
        fix = self.commit({"pkg/copy.py": "import shutil\n"})
        report = self.report(self.row(path="pkg/copy.py", category="whole-file-read",
                                      fix_sha=fix, pre_lines="3,6,10", post_lines="1"))
        self.assertEqual(self.counts(report), ["1", "0", "2/3", "1/1"])

    def test_fix_that_is_not_clean_is_not_judged(self):
        report = self.report(self.row(post_lines="10", note="[post-not-clean] halved"))
        self.assertEqual(self.counts(report), ["1", "0", "1/1", "0/0"])

    def test_removed_is_not_judged(self):
        report = self.report(self.row(path="pkg/gone.py", post_lines="removed"))
        self.assertEqual(self.counts(report), ["1", "0", "1/1", "0/0"])

    def test_what_does_not_parse_is_named(self):
        report = self.report(self.row(path="old.py", pre_lines="1", post_lines="1"))
        self.assertIn("old.py:1 (readlines-materialise, single-file) does not parse; a note",
                      report)

    def test_rows_that_cannot_be_judged(self):
        report = self.report(
            self.row(), self.row(id="R2", repo="no/such"), self.row(id="R3", path="no.py"),
            self.row(id="R4", path="pkg/gone.py"), self.row(id="R5", fix_sha="0" * 40))
        self.assertEqual(self.counts(report), ["5", "4", "1/1", "1/1"])
        self.assertIn("R2 no/such pkg/reader.py: no checkout", report)
        for name in ("R3 some/project no.py: ", "R4 some/project pkg/gone.py: ",
                     "R5 some/project pkg/reader.py: "):
            self.assertIn("\n" + name, report)

    def test_nothing_judged_is_a_failure(self):
        self.report(self.row(repo="no/such"), status=1)

    def test_places_of_a_checkout(self):
        rename = self.work.rename
        for place in ("some+project.git", "some+project/repo"):
            with self.subTest(place=place):
                moved = self.checkouts / "moved"
                self.work = rename(moved)
                target = self.checkouts / place
                target.parent.mkdir(exist_ok=True)
                self.work = self.work.rename(target)
                rename = self.work.rename
                self.assertEqual(self.counts(self.report(self.row()))[2], "1/1")

    def test_bare_repository(self):
        bare = self.checkouts / "bare+project"
        subprocess.run(["git", "clone", "-q", "--bare", str(self.work), str(bare)],
                       check=True, stderr=subprocess.DEVNULL)
        report = self.report(self.row(repo="bare/project"))
        self.assertEqual(self.counts(report)[2], "1/1")

    def test_folder_inside_another_repository_is_no_checkout(self):
        self.git("init", "-q", str(self.checkouts))
        (self.checkouts / "plain+folder").mkdir()
        self.report(self.row(repo="plain/folder"), status=1)

    def test_category_selects(self):
        rows = (self.row(), self.row(id="R2", category="whole-file-read"))
        report = self.report(*rows, more=("--category", "whole"))
        self.assertEqual(self.counts(report)[0], "1")

    def test_usage_errors(self):
        good = self.table_write(self.row())
        for arguments in ((good, self.root / "none"), (self.root / "none", self.checkouts),
                          (good, self.checkouts, "--category", "no such"),
                          (good, self.checkouts, "--bin", self.root / "none")):
            with self.subTest(arguments=arguments):
                done = script("tests/real_fixes.py", *arguments)
                self.assertEqual(done.returncode, 2, done.stderr)
        for header in (("id", "repo"), real_fixes.COLUMNS[:-1]):
            table = self.table_write(self.row(), header=header)
            done = script("tests/real_fixes.py", table, self.checkouts, "--bin", BIN)
            self.assertEqual(done.returncode, 2)
            self.assertIn("columns", done.stderr)

    def test_short_row(self):
        table = self.table_write(self.row(), self.row()[:-1])
        done = script("tests/real_fixes.py", table, self.checkouts, "--bin", BIN)
        self.assertEqual(done.returncode, 2)
        self.assertIn("fixes.tsv:3: 8 columns", done.stderr)

    def test_places(self):
        self.assertEqual(real_fixes.places_read("12,40-44"), [(12, 12), (40, 44)])
        self.assertEqual(real_fixes.places_read(" 7 "), [(7, 7)])
        for text in ("removed", "", "-", "3-x", "x-3"):
            self.assertEqual(real_fixes.places_read(text), [])


if __name__ == "__main__":
    unittest.main()
