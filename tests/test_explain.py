"""`explain` says of every rule why it fired, and why a near miss is none.

Both are asked of the fixtures: the first finding of each tour, and the lines that end with
`# ok`, of which some must be candidates that the rule rejects in words.
"""

import collections
import re
import shutil
import tempfile
import unittest
from pathlib import Path

from fixtures import ANNOTATION, FIXTURES, OK, Fixture, fixtures_find
from support import pymemlint
from test_rules import rules_load

REJECTED = re.compile(r"^(PML\d{3}) (\S+): rejected, (.+)$", re.M)
ASKED, LEAST = 16, 2  # near misses of a rule: at most so many until so many have a reason


def explain(path, line):
    done = pymemlint("explain", "--isolated", "--no-project", f"{path}:{line}")
    if done.returncode != 0 or done.stderr:
        raise AssertionError(f"{path}:{line}: exit {done.returncode}: {done.stderr}")
    return done.stdout


def rejections(text):
    """(code, reason) of each; what stands in brackets at the end is the place."""
    return [(match.group(1), match.group(3)) for match in REJECTED.finditer(text)]


def ok_lines(path):
    lines = path.read_text("utf-8", "surrogateescape").split("\n")
    return [i for i, line in enumerate(lines, 1)
            if ANNOTATION.search(line) and OK.search(line.rstrip())]


def near_misses():
    """The `# ok` lines of each rule's files, by family and rule."""
    found = collections.defaultdict(list)
    for path in fixtures_find()[0]:
        name = path.name.split(".")[0]
        found[path.parent.name, name] += [(path, line) for line in ok_lines(path)]
    return found


def spread(items, count):
    """At most so many, from all over the list."""
    return items[::max(1, len(items) // count)][:count]


class ExplainEveryRuleTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.rules = [(rule["code"], rule["name"], rule["family"],
                      rule["name"].replace("-", "_")) for rule in rules_load()
                     if rule["family"] != "linter"]

    def test_first_finding_of_each_tour(self):
        for code, name, family, file in self.rules:
            tour = Fixture(FIXTURES / family / f"{file}.py")
            expected = [one for one in tour.expected if one.code == code]
            with self.subTest(rule=code):
                text = explain(tour.path, expected[0].line)
                self.assertRegex(text, rf"(?m)^{code} {name} at column \d+\n  \S")
                own = text.split(f"{code} {name} at column", 1)[1]
                self.assertRegex(own, r"\n  level: (note|warning)")
                self.assertRegex(own, r"\n  evidence: \w")

    def test_near_misses(self):
        misses = near_misses()
        for code, name, family, file in self.rules:
            with self.subTest(rule=code):
                told = 0
                for path, line in spread(misses[family, file], ASKED):
                    if told == LEAST:
                        break
                    reasons = [text for of, text in rejections(explain(path, line))
                               if of == code]
                    told += bool(reasons)
                    for reason in reasons:
                        self.assertFalse(list(self.faults(reason)), reason)
                self.assertEqual(told, LEAST, "near misses with a reason")

    def faults(self, reason):
        if not re.match(r"`|[a-z0-9]|[A-Z]\w*[A-Z]", reason):  # or a class: StopIteration
            yield "starts in upper case"
        if reason.endswith("."):
            yield "ends with a full stop"
        if reason.count("`") % 2:
            yield "has an odd number of backquotes"
        if re.search(r"\((?!line \d+\)$|\S+\.py(:\d+)?\)$)[^)]+\)$", reason):
            yield "has brackets at its end that hold no place"


class ExplainProjectTest(unittest.TestCase):
    """The reason, or the evidence, stands in another module."""

    def setUp(self):
        self.root = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.root)
        (self.root / "pyproject.toml").write_text("[project]\nname = 'shop'\n")

    def explain(self, path, line):
        done = pymemlint("explain", f"{path}:{line}", cwd=self.root)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def write(self, **modules):
        for name, text in modules.items():
            (self.root / f"{name}.py").write_text(text)

    def test_project_fixtures(self):
        """Some reason of each project of several modules names another one."""
        named = 0
        for folder, modules in fixtures_find()[1]:
            shutil.copytree(folder, self.root / folder.name)
            shutil.copy(self.root / "pyproject.toml", self.root / folder.name)
            for path in modules:
                below = path.relative_to(folder.parent)
                for line in ok_lines(path):
                    text = self.explain(below, line)
                    named += bool(re.search(r": rejected, .*\(\S+\.py:\d+\)$", text, re.M))
        self.assertGreaterEqual(named, 5)

    def test_emptied_elsewhere(self):
        self.write(store="PAGES = {}\n\n\ndef keep(page):\n    PAGES[page.name] = page\n",
                   jobs="import store\n\n\ndef forget():\n    store.PAGES.clear()\n")
        self.assertIn("PML509 grow-only-container: rejected, entries are removed, or it is "
                      "rebound (jobs.py:5)\n", self.explain("store.py", 1))

    def test_told_of_another_line(self):
        """Asked where it grows, or where it is emptied."""
        self.write(store="PAGES = {}\nSEEN = {}\n\n\ndef keep(page):\n"
                         "    PAGES[page.name] = page\n    SEEN[page.name] = page\n\n\n"
                         "def forget():\n    PAGES.clear()\n")
        self.assertIn("PML509 grow-only-container on line 2: grows here\n",
                      self.explain("store.py", 7))
        self.assertIn("PML509 grow-only-container on line 1: rejected for what is here, "
                      "entries are removed, or it is rebound\n", self.explain("store.py", 11))

    def test_made_elsewhere(self):
        self.write(row="class Row:\n    def __init__(self, a):\n        self.a = a\n",
                   rows="from row import Row\n\n\ndef first(a):\n    return Row(a)\n")
        self.assertIn("PML401 hot-class-without-slots: rejected, they are not known to be "
                      "kept in number (rows.py:5)\n", self.explain("row.py", 1))

    def test_touched_elsewhere(self):
        self.write(row="class Row:\n    def __init__(self, a):\n        self.a = a\n\n\n"
                       "def rows(xs):\n    return [Row(x) for x in xs]\n",
                   other="from row import Row\n\n\ndef mark(x):\n    row = Row(x)\n"
                         "    row.b = 1\n    return row\n")
        self.assertIn("PML401 hot-class-without-slots: rejected, other code sets further "
                      "attributes (other.py)\n", self.explain("row.py", 1))

    def test_labels_have_lines(self):
        self.write(row="class Row:\n    def __init__(self, a):\n        self.a = a\n",
                   rows="from row import Row\n\n\ndef all_of(xs):\n"
                        "    return [Row(x) for x in xs]\n")
        self.assertIn("  see rows.py:5: made in number here\n", self.explain("row.py", 1))

    def test_undone_elsewhere(self):
        self.write(
            base="import atexit\n\n\nclass Base:\n    def __init__(self):\n"
                 "        atexit.register(self.close)\n\n    def close(self):\n"
                 "        print(self)\n",
            heir="import atexit\n\nfrom base import Base\n\n\nclass Heir(Base):\n"
                 "    def end(self):\n        atexit.unregister(self.close)\n")
        self.assertIn("PML505 pinned-self: rejected, something undoes it, or may (heir.py:8)\n",
                      self.explain("base.py", 6))

    def test_a_private_name_that_is_used_elsewhere(self):
        one = ("def _visits(path):\n    rows = []\n    for line in open(path):\n"
               "        rows.append({'page': line[:9], 'user': line[9:], 'took': 1})\n"
               "    return rows\n\n\ndef slowest(path):\n"
               "    return max(_visits(path), key=lambda row: row['took'])['page']\n")
        self.write(one=one)
        self.assertIn("PML407 rows-as-dicts at column", self.explain("one.py", 4))
        self.write(two="from one import _visits\n\nprint(_visits('a'))\n")
        self.assertIn("PML407 rows-as-dicts: rejected, `_visits` is used by ",
                      self.explain("one.py", 4))

    def test_a_name_that_is_used_elsewhere(self):
        one = ("import dataclasses\n\n\ndef _names(rows):\n    out = []\n    for row in rows:\n"
               "        out.append(row.name)\n    return out\n\n\ndef show(rows):\n"
               "    for name in _names(rows):\n        print(name)\n")
        self.write(one=one)
        self.assertIn("PML215 list-returned-to-iterate at column", self.explain("one.py", 5))
        self.write(two="import one\n\nprint(len(one._names([])))\n")
        self.assertIn("PML215 list-returned-to-iterate: rejected, a caller needs the list",
                      self.explain("one.py", 5))


class ExplainCostsNothingTest(unittest.TestCase):
    def test_check_and_explain_agree(self):
        """What is looked for on behalf of `explain` changes no finding."""
        path = FIXTURES / "caches" / "hand_made_cache.py"
        for expected in Fixture(path).expected:
            with self.subTest(line=expected.line):
                self.assertIn(f"{expected.code} ", explain(path, expected.line))
