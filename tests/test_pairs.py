"""Rules that can meet on one anchor are ordered: one place, one finding.

Every rule runs alone over all fixtures, so that nothing yields.  Where the anchors of two
rules then coincide or nest, one of the two must yield to the other, directly or through
others.  fixtures/pairs/ makes rules meet that the fixtures of one rule keep apart.
"""

import collections
import itertools
import json
import unittest

from support import ROOT, pymemlint

LINTER = "PML00"


def rules_load():
    """{code: the rules that it yields to, closed}"""
    rules = json.loads(pymemlint("rule", "--all", "--output-format", "json").stdout)
    yields = {rule["code"]: set(rule["yields_to"]) for rule in rules}
    for via, one in itertools.product(yields, yields):
        if via in yields[one]:
            yields[one] |= yields[via]
    return yields


def anchors_find(code):
    """The findings of one rule alone: {file: [(start, stop)]}"""
    done = pymemlint("check", "--isolated", "--no-project", "--level", "note", "--select",
                     code, "--output-format", "json", "fixtures")
    if done.returncode not in (0, 1):
        raise AssertionError(done.stderr)
    anchors = collections.defaultdict(list)
    for finding in json.loads(done.stdout):
        if finding["code"] != code:  # 001 is there whatever is selected
            continue
        ends = [(finding[end]["row"], finding[end]["column"])
                for end in ("location", "end_location")]
        anchors[finding["filename"]].append(tuple(ends))
    return anchors


def meetings(a, b):
    for path in sorted(set(a) & set(b)):
        for (start, stop), (from_, to) in itertools.product(a[path], b[path]):
            if (start <= from_ and to <= stop) or (from_ <= start and stop <= to):
                yield f"{path}:{start[0]}:{start[1]}"


class PairsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.yields = rules_load()

    def is_ordered(self, a, b):
        return a in self.yields[b] or b in self.yields[a]

    def test_cards_make_no_circle(self):
        for code, winners in self.yields.items():
            with self.subTest(code=code):
                self.assertNotIn(code, winners)

    def test_anchors_that_meet(self):
        codes = [code for code in self.yields if not code.startswith(LINTER)]
        anchors = {code: anchors_find(code) for code in codes}
        self.assertTrue(all(anchors.values()), "a rule without a finding in the fixtures")
        met = 0
        for a, b in itertools.combinations(codes, 2):
            places = list(meetings(anchors[a], anchors[b]))
            met += bool(places)
            with self.subTest(pair=(a, b)):
                self.assertTrue(not places or self.is_ordered(a, b),
                                "meet and are not ordered:\n" + "\n".join(places[:9]))
        self.assertTrue(met, "no anchors ever meet: nothing was tested")
