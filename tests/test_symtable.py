"""Our scopes against CPython's own, over the standard library.

Every scope and every symbol with its ten flags is compared with what the `symtable`
module says, by each CPython that is found (pythons.py) about its own library.

What is compared after adjustment, because it differs by version and not in meaning:
- names that CPython's compiler makes up (`.0`, `__classdict__`, ...) are left out;
- from 3.12 on, comprehensions other than generators are merged into the scope around
  them (PEP 709): ours are merged in the same way before the comparison;
- the order of scopes that begin on one line is CPython's visiting order: such scopes
  are matched by what they hold.

Skipped, counted and named: files that CPython refuses; files of which the grammar takes
a part for a syntax error (their agreement is printed apart); on 3.9, files with `from
__future__ import annotations`, as its symtable evaluates what is never evaluated.
"""

import collections
import os
import re
import subprocess
import unittest
from pathlib import Path

import pythons
import support

ORACLE = Path(__file__).resolve().parent / "symtable_oracle.py"
LEAST_AGREEMENT = 99.99  # per cent of the symbols
MOST_BROKEN = 0.2  # per cent of the files
SHOWN = 5  # examples of each kind of difference
MADE_UP = re.compile(r"\..*|__classdict__|__type_params__|__static_attributes__")
FUTURE = re.compile(rb"^from __future__ import .*\bannotations\b", re.MULTILINE)
INLINED = ("listcomp", "setcomp", "dictcomp")
BOUND = {"parameter", "imported", "assigned"}
PASSED_ON = frozenset(["free"])


class Scope:
    def __init__(self, name, kind, line):
        self.name, self.kind, self.line = name, kind, line
        self.symbols = {}  # name -> frozenset of flags
        self.children = []
        self.sees_class = False  # type parameters and aliases in a class body
        self.is_broken = False  # of the top: the file has syntax errors

    def key(self):
        return (self.line, self.kind, self.name)


# --- reading the dumps ---------------------------------------------------------------


def dump_read(lines):
    """{path: its top scope, or None}, from either program's output."""
    tops, path, scopes, is_broken = {}, None, {}, False
    for line in lines:
        if line.startswith("# "):
            path, scopes, is_broken = line[2:], {}, False
            tops[path] = None
        elif line.startswith("! "):
            is_broken = True
        elif line:
            line_add(scopes, line)
            tops[path] = scopes["top"]
            tops[path].is_broken = is_broken
    return tops


def line_add(scopes, line):
    where, kind, number, name, flags = line.split("\t")
    scope = scopes.get(where)
    if scope is None:
        parent, _, last = where.rpartition("/")
        label = last.rpartition("#")[0] or last
        scope = scopes[where] = Scope(label, kind, int(number))
        if parent:
            scopes[parent].children.append(scope)
    if name and not MADE_UP.fullmatch(name):
        scope.symbols[name] = frozenset(flags.split(",")) if flags else frozenset()


def all_scopes(top):
    found, stack = [], [top]
    while stack:
        scope = stack.pop()
        found.append(scope)
        stack.extend(scope.children)
    return found


# --- comprehensions from 3.12 on -----------------------------------------------------


def comprehensions_inline(top):
    """Merges comprehensions into the scopes around them, as PEP 709 does."""
    scopes = all_scopes(top)
    for scope in scopes:
        for child in scope.children:
            around = scope.sees_class or scope.kind == "class"
            child.sees_class = child.kind.startswith("type") and around
    for scope in reversed(scopes):  # inner ones first
        children = []
        for child in scope.children:
            if child.kind in INLINED and not scope.sees_class:
                comprehension_merge(scope, child)
                children.extend(child.children)
            else:
                children.append(child)
        scope.children = children


def comprehension_merge(scope, inner):
    for name, flags in inner.symbols.items():
        # What a scope only passes on is entered after the merge.
        if scope.symbols.get(name, PASSED_ON) != PASSED_ON:
            continue
        if "free" in flags and scope.kind == "class" and name == "__class__":
            flags = flags - {"free"} | {"global"}
        if scope.kind == "module" and flags & BOUND:
            flags = flags | {"local", "global"}
        scope.symbols[name] = flags


# --- comparing -----------------------------------------------------------------------


class Comparison:
    def __init__(self):
        self.scopes = self.symbols = self.agreeing = 0
        self.examples = collections.defaultdict(list)  # category -> places

    def differ(self, category, path, scope, name=""):
        self.examples[category].append(f"{path}:{scope.line} {scope.name} {name}")

    def agreement(self):
        return 100.0 * self.agreeing / self.symbols if self.symbols else 0.0

    def compare(self, path, ours, theirs):
        stack = [(ours, theirs)]
        while stack:
            mine, other = stack.pop()
            self.scopes += 1
            self.compare_symbols(path, mine, other)
            pairs, extra, missing = children_match(mine.children, other.children)
            stack.extend(pairs)
            for category, scopes in (("extra", extra), ("missing", missing)):
                for scope in scopes:
                    self.scopes += 1
                    self.symbols += max(1, len(scope.symbols))
                    self.differ(f"{category} scope: {scope.kind}", path, scope)

    def compare_symbols(self, path, mine, other):
        if mine.symbols == other.symbols:
            self.symbols += len(mine.symbols)
            self.agreeing += len(mine.symbols)
            return
        for name in sorted(mine.symbols.keys() | other.symbols.keys()):
            a, b = mine.symbols.get(name), other.symbols.get(name)
            self.symbols += 1
            if a == b:
                self.agreeing += 1
                continue
            category = f"{mine.kind}: {flags_text(a)}, CPython {flags_text(b)}"
            self.differ(category, path, mine, name)


def flags_text(flags):
    return "missing" if flags is None else ",".join(sorted(flags)) or "none"


def children_match(ours, theirs):
    """Pairs scopes that begin on one line with the same kind and name: those that hold
    the same symbols first, what is left in order."""
    groups = collections.defaultdict(lambda: ([], []))
    for side, scopes in enumerate((ours, theirs)):
        for scope in scopes:
            groups[scope.key()][side].append(scope)
    pairs, extra, missing = [], [], []
    for mine, others in groups.values():
        if len(mine) > 1 or len(others) > 1:
            mine, others = equal_pair(mine, others, pairs)
        pairs.extend(zip(mine, others))
        extra.extend(mine[len(others) :])
        missing.extend(others[len(mine) :])
    return pairs, extra, missing


def equal_pair(mine, others, pairs):
    left = []
    others = list(others)
    for scope in mine:
        same = next((o for o in others if signature(o) == signature(scope)), None)
        if same is None:
            left.append(scope)
        else:
            others.remove(same)
            pairs.append((scope, same))
    return left, others


def signature(scope):
    """What the scope and the scopes in it hold."""
    inner = sorted((s.key(), sorted(s.symbols)) for s in all_scopes(scope)[1:])
    return (scope.symbols, inner)


# --- the Pythons and their libraries -------------------------------------------------


def python_ask(program, code):
    command = [program, "-I", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def library_files(program):
    code = "import sysconfig; print(sysconfig.get_path('stdlib'))"
    folder = Path(python_ask(program, code).stdout.strip())
    files = sorted(folder.rglob("*.py"))
    foreign = {"site-packages", "dist-packages", "__pycache__"}
    inside = (f for f in files if not foreign & set(f.relative_to(folder).parts))
    return folder, [str(f) for f in inside]


def lines_of(command, files, feed):
    """Output lines of the program for the files, given by stdin or as arguments."""
    if feed:
        done = support.run(command, input="\n".join(files) + "\n", timeout=1800)
        return done, done.stdout.split("\n")
    lines = []
    for i in range(0, len(files), 500):
        done = support.run([*command, *files[i : i + 500]], timeout=1800)
        lines += done.stdout.split("\n")
    return done, lines


class ComparisonTest(unittest.TestCase):
    """The comparison sees what differs."""

    SAME = ["# a.py", "top\tmodule\t0\tf\tlocal,assigned", "top/f#1\tfunction\t1\tx\tlocal"]

    def compared(self, *lines):
        ours = dump_read(self.SAME)["a.py"]
        theirs = dump_read(["# a.py", *lines])["a.py"]
        comparison = Comparison()
        comparison.compare("a.py", ours, theirs)
        return (comparison.scopes, comparison.symbols, comparison.agreeing)

    def test_same(self):
        self.assertEqual(self.compared(*self.SAME[1:]), (2, 2, 2))

    def test_other_flag(self):
        other = self.SAME[2].replace("local", "free")
        self.assertEqual(self.compared(self.SAME[1], other), (2, 2, 1))

    def test_other_name(self):
        other = self.SAME[2].replace("\tx\t", "\ty\t")
        self.assertEqual(self.compared(self.SAME[1], other), (2, 3, 1))

    def test_scope_too_many(self):
        self.assertEqual(self.compared(self.SAME[1]), (2, 2, 1))

    def test_scope_elsewhere(self):
        other = self.SAME[2].replace("\t1\t", "\t2\t")
        self.assertEqual(self.compared(self.SAME[1], other), (3, 3, 1))

    def test_refused_file(self):
        self.assertEqual(dump_read(["# a.py", "! SyntaxError"]), {"a.py": None})


class SymtableTest(unittest.TestCase):
    def test_standard_libraries(self):
        for python in pythons.pythons_find():
            with self.subTest(python=python.version):
                self.library_compare(python)

    def library_compare(self, python):
        folder, files = library_files(python.path)
        self.assertGreater(len(files), 100, f"no library in {folder}")
        done, lines = lines_of([python.path, "-I", ORACLE], files, feed=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        theirs = dump_read(lines)
        done, lines = lines_of([support.BIN, "dump", "symbols"], files, feed=False)
        ours = dump_read(lines)
        self.assertEqual(set(theirs), set(files))
        total, apart = Comparison(), Comparison()
        skipped = {"refused by CPython": [], "broken to the grammar": [], "future": []}
        unread = []
        for path in files:
            place = os.path.relpath(path, folder)
            if theirs[path] is None:
                skipped["refused by CPython"].append(place)
                continue
            if ours.get(path) is None:
                unread.append(place)
                continue
            if python.full < (3, 10) and FUTURE.search(Path(path).read_bytes()):
                skipped["future"].append(place)
                continue
            if python.full >= (3, 12):
                comprehensions_inline(ours[path])
            if ours[path].is_broken:
                skipped["broken to the grammar"].append(place)
                apart.compare(place, ours[path], theirs[path])
            else:
                total.compare(place, ours[path], theirs[path])
        self.result_print(python, len(files), total, apart, skipped)
        self.assertEqual(unread, [], "CPython reads these, we do not")
        broken = len(skipped["broken to the grammar"])
        self.assertLessEqual(100 * broken / len(files), MOST_BROKEN)
        self.assertGreaterEqual(total.agreement(), LEAST_AGREEMENT)

    def result_print(self, python, file_count, total, apart, skipped):
        compared = file_count - sum(map(len, skipped.values()))
        print(
            f"symtable: {total.scopes} scopes, {total.symbols} symbols, "
            f"agreement {total.agreement():.4f} % "
            f"(CPython {python.version}, {compared} of {file_count} files)"
        )
        for why, places in skipped.items():
            print(f"  skipped, {why}: {len(places)} {' '.join(places)}")
        if apart.symbols:
            print(f"  agreement on the broken ones: {apart.agreement():.2f} %")
        for category, places in sorted(total.examples.items()):
            print(f"  {len(places)} x {category}")
            for place in places[:SHOWN]:
                print(f"      {place}")


if __name__ == "__main__":
    unittest.main()
