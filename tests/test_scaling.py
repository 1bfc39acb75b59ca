"""Very large files are linted to the end, and nothing in them is lost.

Each text is large in one way that a quadratic or recursive step would not survive: with
such a step these take minutes, or end in a crash, and not in the counts below.
"""

import json
import tempfile
import unittest
from pathlib import Path

from support import pymemlint

MANY = 20_000
PASS = "t = sum([a for a in range(n)])"


def lint(text):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.py"
        path.write_text(text, encoding="utf-8")
        done = pymemlint(
            "check", "--isolated", "--no-project", "--no-cache", "--select", "ALL",
            "--level", "note", "--exit-zero", "--output-format", "json", path,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [finding["code"] for finding in json.loads(done.stdout)]


class ScalingTest(unittest.TestCase):
    def test_findings(self):
        self.assertEqual(set(lint(PASS)), {"PML202"})
        self.assertEqual(lint(f"{PASS}\n" * MANY), ["PML202"] * MANY)

    def test_suppressions(self):
        silenced = f"{PASS}  # pymemlint: ignore PML202\n" * MANY
        self.assertEqual(lint(silenced), [])
        stacked = "# pymemlint: ignore PML202\n" * MANY + f"{PASS}\n{PASS}\n"
        self.assertEqual(lint(stacked), ["PML202"])
        listed = f"{PASS}  # pymemlint: ignore {'PML202, ' * MANY}\n"
        self.assertEqual(lint(listed), [])

    def test_depth(self):
        texts = {
            "parentheses": "x = " + "(" * 5 * MANY + "1" + ")" * 5 * MANY,
            "elif": "if a: b\n" + "elif c: d\n" * MANY,
            "operators": "x = 1" + " + 1" * 5 * MANY,
            "decorators": "@functools.cache\n" * 4 * MANY + "def f(): pass",
        }
        for name, text in texts.items():
            with self.subTest(name):
                self.assertEqual(lint(f"{text}\n{PASS}\n"), ["PML202"])

    def test_nested_lists(self):
        depth = 3 * MANY
        text = "x = " + "[y for y in " * depth + "z" + "]" * depth
        self.assertIn("PML202", lint(f"{text}\n{PASS}\n"))

    def test_one_name(self):
        body = "    x = g(x)\n" * 5 * MANY
        text = f"def f(g):\n    x = 0\n{body}    {PASS}\n    return x\n"
        self.assertEqual(lint(text), ["PML202"])

    def test_classes(self):
        one = "class C{0}:\n  def f(self):\n    self.x = C{0}\n"
        text = "".join(one.format(i) for i in range(MANY))
        self.assertEqual(lint(f"{text}{PASS}\n"), ["PML202"])

    def test_heavy_attributes(self):
        one = ("class C{0}:\n  def f(self, path):\n    with open(path) as f:\n"
               "      self._text{0} = f.read()\n    return self._text{0}.count('_{0}')\n")
        text = "".join(one.format(i) for i in range(MANY // 2))
        self.assertEqual(lint(text).count("PML511"), MANY // 2)
