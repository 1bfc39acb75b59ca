"""The manners of rules: prose, messages, names, and the files that belong to each."""

import json
import re
import unittest

from fixtures import FIXTURES
from support import ROOT, pymemlint

FAMILIES = ("linter streams passes copies objects references caches arrays services "
            "leftovers").split()
NOT_OF_RULES = {"seeds", "pairs"}
LONGEST_TEMPLATE = 150
SLOT = re.compile(r"\{(\d)\}")
WHY = re.compile(r"## (Why it \w+( \w+)?|What it means)$", re.M)


def rules_load():
    return json.loads(pymemlint("rule", "--all", "--output-format", "json").stdout)


def message_faults(text):
    """What is wrong with a message or summary, in words."""
    first = re.match(r"`|\{\d\}|__|[a-z]", text)
    if first is None:
        yield "starts neither in lower case nor with code"
    if text.endswith("."):
        yield "ends with a full stop"
    if len(text) > LONGEST_TEMPLATE:
        yield f"is longer than {LONGEST_TEMPLATE}: {len(text)}"
    if text != " ".join(text.split()):
        yield "has blanks at an end, or two in a row"
    if text.count("`") % 2:
        yield "has an odd number of backquotes"
    slots = sorted(set(map(int, SLOT.findall(text))))
    if slots and slots[-1] >= 6:
        yield "names an argument that does not exist"


def prose_faults(rule):
    doc = rule["explanation"]
    heads = re.findall(r"^## (.+)$", doc, re.M)
    if doc.splitlines()[0] != f"# {rule['name']} ({rule['code']})":
        yield "the heading is not name and code"
    if WHY.search(doc) is None:
        yield "does not say why"
    if rule["family"] != "linter":
        for head in ("Example", "Use instead", "Fix safety", "Limits", "References"):
            if head not in heads:
                yield f"lacks `## {head}`"
    if rule["fix_safety"] != "none" and "Fix safety" not in heads:
        yield "fixes, and does not say how safe that is"
    if len(heads) != len(set(heads)):
        yield "says a section twice"
    for section in re.split(r"^## .+$", doc, flags=re.M)[1:]:
        if not section.strip():
            yield "has an empty section"
    if max(map(len, doc.splitlines())) > 88:
        yield "is wider than 88 columns"


class RulesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.rules = rules_load()

    def test_codes_and_names(self):
        self.assertGreater(len(self.rules), 10)
        for key in ("code", "name", "summary", "explanation"):
            values = [rule[key] for rule in self.rules]
            self.assertEqual(len(values), len(set(values)), key)
        for rule in self.rules:
            with self.subTest(rule=rule["code"]):
                self.assertRegex(rule["name"], r"^[a-z]+(-[a-z]+)+$")
                self.assertEqual(FAMILIES[int(rule["code"][3])], rule["family"])
                file = rule["name"].replace("-", "_") + ".c"
                self.assertTrue((ROOT / "rules" / rule["family"] / file).is_file())

    def test_messages(self):
        for rule in self.rules:
            for text in [rule["summary"], *rule["message_formats"]]:
                with self.subTest(rule=rule["code"], text=text):
                    self.assertEqual(list(message_faults(text)), [])

    def test_prose(self):
        for rule in self.rules:
            with self.subTest(rule=rule["code"]):
                self.assertEqual(list(prose_faults(rule)), [])

    def test_every_rule_has_its_fixture_and_proof(self):
        for rule in self.rules:
            base = FIXTURES / rule["family"] / rule["name"].replace("-", "_")
            # 002 is of files that cannot be read: no fixture can be one.
            wanted = [".py", ".snap", ".fixed.py"] if rule["code"] != "PML002" else []
            if rule["family"] != "linter":
                wanted += [".proof.py", ".proof.tsv"]
            for suffix in wanted:
                with self.subTest(rule=rule["code"], suffix=suffix):
                    self.assertTrue(base.with_name(base.name + suffix).is_file())

    def test_every_fixture_has_its_rule(self):
        owners = {(rule["family"], rule["name"].replace("-", "_")) for rule in self.rules}
        for path in sorted(FIXTURES.rglob("*")):
            family, *below = path.relative_to(FIXTURES).parts
            if path.is_dir() or family in NOT_OF_RULES or "__pycache__" in path.parts:
                continue
            with self.subTest(path="/".join(below)):
                self.assertIn((family, below[0].split(".")[0]), owners, "no such rule")
                if len(below) > 1:  # a module of a project, <rule>.<what it shows>/
                    continue
                if path.name.endswith((".snap", ".fixed.py")):
                    source = path.name.rsplit(".", 2 if path.suffix == ".py" else 1)[0]
                    self.assertTrue(path.with_name(source + ".py").is_file())
                self.assertTrue(path.name.endswith((".py", ".snap", ".tsv")))

    def test_faults_are_seen(self):
        good = "list of `{0}` is held"
        self.assertEqual(list(message_faults(good)), [])
        for bad in ("List of it", "list of it.", "x" * 151, "a  b", " a", "`a", "a {7}"):
            with self.subTest(bad=bad):
                self.assertEqual(len(list(message_faults(bad))), 1 + (bad == " a"))
        rule = dict(next(rule for rule in self.rules if rule["family"] == "streams"))
        for old, new in (("## Limits", "## Limit"), ("## Why", "## When"), ("# read", "# r"),
                         ("## Example", "## Limits"), ("## Fix safety", "## Fixes")):
            with self.subTest(old=old):
                broken = dict(rule, explanation=rule["explanation"].replace(old, new))
                self.assertTrue(list(prose_faults(broken)))
