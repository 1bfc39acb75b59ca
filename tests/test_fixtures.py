"""Every annotated fixture: what is expected is found, and nothing else."""

import shutil
import tempfile
import unittest
from pathlib import Path

from fixtures import Fixture, check_run, differences, fixtures_find
from support import BLESS, ROOT, pymemlint

FILES, PROJECTS = fixtures_find()
SAMPLE = """\
# select: PML101, PML103
# --- one ---
a()  # expect: PML101
b()  # expect: PML101 note unsafe @5 "all of it"
c()  # ok: a reason
d()  # expect: PML101 # expect: PML103 warning
"""


def compiles(text):
    try:
        compile(text, "fixture", "exec")
    except (SyntaxError, ValueError):
        return False
    return True


class FixturesTest(unittest.TestCase):
    def test_files(self):
        self.assertTrue(FILES)
        for path in FILES:
            fixture = Fixture(path)
            with self.subTest(fixture=fixture.name):
                findings = check_run(fixture.name, fixture.select).get(fixture.name, [])
                self.compare(fixture, findings)

    def test_projects(self):
        for folder, paths in PROJECTS:
            fixtures = [Fixture(path) for path in paths]
            codes = {code for one in fixtures for code in one.select.split(",")}
            name = folder.relative_to(ROOT).as_posix()
            with self.subTest(project=name):
                found = check_run(name, ",".join(sorted(codes)))
                for fixture in fixtures:
                    self.compare(fixture, found.get(fixture.name, []))

    def test_sections(self):
        for path in FILES:
            if path.parent.name == "seeds":
                continue
            fixture = Fixture(path)
            with self.subTest(fixture=fixture.name):
                self.assertEqual(list(fixture.sections_lacking()), [])
                self.assertTrue(fixture.expected or "foreign" in path.name)

    def compare(self, fixture, findings):
        wrong = fixture.mistakes + differences(fixture, findings)
        if wrong:
            self.fail("\n".join(["annotations and findings differ", *wrong]))


class SnapshotTest(unittest.TestCase):
    """The main fixture of a rule, `<rule>.py`: its report and its fixed form."""

    def test_snapshots(self):
        for path in FILES:
            if path.name.count(".") > 1 or path.parent.name == "seeds":
                continue
            fixture = Fixture(path)
            with self.subTest(fixture=fixture.name):
                self.same_or_bless(path.with_suffix(".snap"), self.report(fixture))
                self.same_or_bless(path.with_suffix(".fixed.py"), self.fixed(fixture))

    def report(self, fixture):
        done = pymemlint(
            "check", "--isolated", "--no-project", "--level", "note", "--color", "never",
            "--select", fixture.select, fixture.name,
        )
        self.assertIn(done.returncode, (0, 1), done.stderr)
        return done.stdout

    def fixed(self, fixture):
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(shutil.copy(fixture.path, folder))
            fix = ("check", "--isolated", "--fix", "--fix-only", "--unsafe-fixes",
                   "--level", "note", "--select", fixture.select, copy)
            self.assertEqual(pymemlint(*fix).returncode, 0)
            text = copy.read_bytes().decode()
            self.assertEqual(pymemlint(*fix).returncode, 0)
            self.assertEqual(copy.read_bytes().decode(), text, "no fixed point")
        if compiles(fixture.path.read_bytes()):  # not so where 001 is the subject
            self.assertTrue(compiles(text), "the fixed text does not compile")
        return text

    def same_or_bless(self, path, text):
        if BLESS:
            path.write_bytes(text.encode("utf-8", "surrogateescape"))
        self.assertTrue(path.exists(), "run `make bless`, and read what it wrote")
        self.assertEqual(path.read_bytes().decode("utf-8", "surrogateescape"), text)


class GrammarTest(unittest.TestCase):
    """The reader of annotations itself: what it overlooks would be tested nowhere."""

    def read(self, text):
        with tempfile.TemporaryDirectory(dir=ROOT / "build") as folder:
            path = Path(folder) / "sample.py"
            path.write_text(text)
            return Fixture(path)

    def finding(self, **changes):
        finding = {"code": "PML101", "level": "note", "message": "all of it is held",
                   "location": {"row": 4, "column": 5}, "fix": {"applicability": "unsafe"}}
        return dict(finding, **changes)

    def test_grammar(self):
        fixture = self.read(SAMPLE)
        self.assertEqual(fixture.select, "PML101,PML103")
        self.assertEqual([tuple(one) for one in fixture.expected], [
            (3, "PML101", None, None, None, None),
            (4, "PML101", "note", "unsafe", 5, "all of it"),
            (6, "PML101", None, None, None, None),
            (6, "PML103", "warning", None, None, None),
        ])
        self.assertEqual((fixture.mistakes, fixture.sections), ([], [["one", 4, 1]]))

    def test_mistakes_are_seen(self):
        for line in ("# expect: PML1", "# expect: PML101 warn", "# expects: PML101",
                     "# expect PML101", '# expect: PML101 "text', "# ok reason", "# ok:",
                     "# expect: PML101 @5 note", "# select: readlines"):
            with self.subTest(line=line):
                self.assertEqual(len(self.read(line + "\n").mistakes), 1)

    def test_sections_need_both(self):
        text = "# --- a ---\n# ok\n# --- b ---\nx  # expect: PML101\n# --- c ---\n"
        self.assertEqual(len(list(self.read(text).sections_lacking())), 3)

    def test_differences(self):
        fixture = self.read("\n\n\nf()  # expect: PML101 note unsafe @5 \"all of\"\n")
        self.assertEqual(differences(fixture, [self.finding()]), [])
        self.assertEqual(len(differences(fixture, [])), 1)
        self.assertEqual(len(differences(fixture, [self.finding()] * 2)), 1)
        for changes in ({"code": "PML102"}, {"level": "warning"}, {"fix": None},
                        {"message": "part"}, {"location": {"row": 4, "column": 6}},
                        {"location": {"row": 3, "column": 5}}):
            with self.subTest(**changes):
                wrong = differences(fixture, [self.finding(**changes)])
                self.assertEqual(len(wrong), 2)
