"""The layers hold, and the check that says so can fail."""

import tempfile
import unittest
from pathlib import Path

import layers
from support import ROOT

GOOD = [
    ("src/base/str.c", '#include "base/str.h"'),
    ("src/base/str.c", "#include <string.h>"),
    ("src/syntax/tree.c", "#include <tree_sitter/api.h>"),
    ("src/syntax/flatten.c", "#include <subtree.h>"),
    ("src/syntax/kinds.h", '#include "kinds.gen.h"'),
    ("src/lint/rule.h", '#include "semantic/model.h"'),
    ("src/engine/run.c", '#include "report/report.h"'),
    ("src/lsp/main.c", '#include "base/arena.h"'),
    ("rules/streams/a.c", '#include "rule.h"'),
]
BAD = [
    ("src/base/str.c", '#include "syntax/tree.h"'),  # upwards
    ("src/base/str.c", '# include "syntax/tree.h"'),
    ("src/fix/apply.c", '#include "report/report.h"'),  # sideways
    ("src/cli/main.c", '#include "lsp/server.h"'),
    ("src/base/str.c", '#include "str.h"'),  # not from src/
    ("src/syntax/a.c", '#include "../base/str.h"'),
    ("src/base/a.c", '#include "base/../cli/a.h"'),
    ("src/lint/rule.h", "#include <tree_sitter/api.h>"),
    ("src/lint/rule.h", '#include "tree_sitter/api.h"'),
    ("src/semantic/flow.c", "#include <subtree.h>"),
    ("src/lint/rule.h", '#include "kinds.gen.h"'),
    ("src/lint/rule.h", "#include HEADER"),
    ("src/new/a.c", '#include "base/str.h"'),  # a folder without a row
    ("src/a.c", '#include "base/str.h"'),
    ("rules/streams/a.c", '#include "lint/rule.h"'),
    ("rules/streams/a.c", "#include <string.h>"),
    ("rules/streams/a.c", '#include "base/str.h"'),
]


class LayersTest(unittest.TestCase):
    def test_project(self):
        found, _ = layers.violations_find(ROOT)
        self.assertEqual(found, [])

    def test_good_includes(self):
        for path, line in GOOD:
            with self.subTest(path=path, line=line):
                self.assertEqual(self.violations(path, line), [])

    def test_bad_includes(self):
        for path, line in BAD:
            with self.subTest(path=path, line=line):
                self.assertEqual(len(self.violations(path, line)), 1)

    def test_line_is_named(self):
        found = self.violations("src/base/a.c", '\n\n#include "cli/a.h"')
        self.assertTrue(found[0].startswith("src/base/a.c:3: "), found)

    def test_nothing_seen_is_a_violation(self):
        self.assertEqual(len(self.violations("src/base/a.c", "int x;")), 1)

    def violations(self, path, text):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder).resolve() / path
            file.parent.mkdir(parents=True)
            file.write_text(text + "\n")
            return layers.violations_find(Path(folder).resolve())[0]
