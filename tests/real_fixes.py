"""Checks the rules on memory fixes that real projects made.

    python3 tests/real_fixes.py FIXES.tsv CHECKOUTS [--category WORD] [--bin PROGRAM]

FIXES.tsv has a header line and the columns of COLUMNS. A row is one file of one commit
that mended something: its lines before the commit, and after it. Lines are numbers and
ranges, "12,40-44"; a side without numbers ("removed") is not judged.

CHECKOUTS holds the projects, each a git directory or a work tree named owner+name (or
owner+name.git, or the only one inside such a folder); the commits must be in it.

Both versions of the file are checked alone, with every rule that is on by default, notes
included. A place counts as flagged if a finding of a rule that answers the category, or a
label of it, overlaps its lines or the two lines around them, and as silent if none does.
What should be flagged before the fix and is not, and what is flagged after it, is listed.
A row whose note begins with "[post-not-clean" is not judged after its fix.
"""
import argparse
import collections
import csv
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from support import BIN, run

COLUMNS = ("id", "repo", "fix_sha", "path", "pre_lines", "post_lines", "category",
           "visible", "note")
# The rules whose findings answer a category, by code or the beginning of one; every rule
# answers the others.
ANSWERS = {
    "bound-method-registration": ("PML5",),
    "concat-in-loop": ("PML214", "PML303", "PML304"),
    "dict/list(keys()) copies": ("PML203", "PML301"),
    "generator-over-list return": ("PML215",),
    "list-call-single-pass": ("PML203", "PML206", "PML207", "PML208", "PML209", "PML21",
                              "PML301", "PML302", "PML306"),
    "list-comp-single-pass": ("PML201", "PML202", "PML204", "PML205", "PML206", "PML207",
                              "PML208", "PML209", "PML21"),
    "method-lru-cache": ("PML501",),
    "missing-slots": ("PML4",),
    "mutable-default-or-class-attr-growth": ("PML5",),
    "needless-copy": ("PML301", "PML302", "PML303", "PML305", "PML306", "PML307",
                      "PML308"),
    "readlines-materialise": ("PML101", "PML103", "PML106", "PML207", "PML208",
                              "PML209"),
    "retained-exception-traceback-frame": ("PML503",),
    "unbounded-module-cache": ("PML5", "PML6"),
    "unclosed-resource": ("PML110",),
    "whole-file-read": ("PML101", "PML102", "PML103", "PML104", "PML105", "PML106",
                        "PML107", "PML108", "PML111", "PML112", "PML113", "PML114"),
}
# Begins the note of a row whose fix leaves a lesser fault of the same kind behind.
NOT_CLEAN = "[post-not-clean"
LINTER = "PML0"
SYNTAX_ERROR = "PML001"
AROUND = 2

Row = collections.namedtuple("Row", COLUMNS)
Finding = collections.namedtuple("Finding", "code first last")
# problem: why the side could not be judged; places: (first, last, found codes)
Side = collections.namedtuple("Side", "problem places broken")


class TableError(Exception):
    """The table is not as the description above wants it."""


# --- the table --------------------------------------------------------------

def rows_read(path):
    with open(path, encoding="utf-8", newline="") as file:
        lines = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        header = tuple(next(lines, ()))
        if header != COLUMNS:
            raise TableError("%s: the columns must be %s" % (path, " ".join(COLUMNS)))
        rows = []
        for number, cells in enumerate(lines, 2):
            if len(cells) != len(COLUMNS):
                raise TableError("%s:%d: %d columns" % (path, number, len(cells)))
            rows.append(Row(*cells))
    return rows


def places_read(text):
    """[(first, last)] of "12,40-44"; none where no numbers are given."""
    places = []
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        if first.isdigit() and (last.isdigit() or not last):
            places.append((int(first), int(last or first)))
    return places


# --- checkouts --------------------------------------------------------------

def git_run(folder, *arguments):
    env = dict(os.environ, GIT_TERMINAL_PROMPT="0", GIT_NO_LAZY_FETCH="1")
    # A checkout inside another one must not answer for it.
    env.update(GIT_CEILING_DIRECTORIES=str(folder.resolve().parent))
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        env.pop(name, None)
    return subprocess.run(["git", "-C", str(folder), *arguments], env=env,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)


def is_git(folder):
    return folder.is_dir() and git_run(folder, "rev-parse", "--git-dir").returncode == 0


def checkout_find(checkouts, repo):
    """The folder that git can read, or None."""
    name = repo.replace("/", "+")
    for folder in (checkouts / name, checkouts / (name + ".git")):
        if is_git(folder):
            return folder
        if folder.is_dir():
            inner = [path for path in sorted(folder.iterdir()) if is_git(path)]
            if len(inner) == 1:
                return inner[0]
    return None


def file_read(folder, revision, path):
    """(bytes, "") or (None, why not)."""
    done = git_run(folder, "show", "%s:%s" % (revision, path))
    if done.returncode != 0:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        return None, lines[0] if lines else "git ended with %d" % done.returncode
    return done.stdout, ""


# --- checking ---------------------------------------------------------------

def findings_read(program, text, path):
    """The findings in a file that is alone, at the place that it has in its project."""
    with tempfile.TemporaryDirectory(prefix="fixes-") as folder:
        file = Path(folder) / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text)
        done = run([program, "check", "--isolated", "--no-project", "--level", "note",
                    "--output-format", "json", path], cwd=folder)
    if done.returncode not in (0, 1):
        raise RuntimeError("exit %d: %s" % (done.returncode, done.stderr.strip()))
    findings = []
    for one in json.loads(done.stdout):
        for place in (one, *one["related"]):
            if place["filename"] == one["filename"]:
                findings.append(Finding(one["code"], place["location"]["row"],
                                        place["end_location"]["row"]))
    return findings


def codes_at(findings, place, answers):
    first, last = place
    return sorted({one.code for one in findings
                   if one.first <= last + AROUND and one.last >= first - AROUND
                   and one.code.startswith(answers) and not one.code.startswith(LINTER)})


def side_judge(program, folder, row, revision, lines):
    places = places_read(lines)
    if not places:
        return Side("", [], False)
    text, problem = file_read(folder, revision, row.path)
    if problem:
        return Side(problem, [], False)
    try:
        findings = findings_read(program, text, row.path)
    except (RuntimeError, ValueError) as error:
        return Side(str(error), [], False)
    answers = ANSWERS.get(row.category, ("PML",))
    broken = any(one.code == SYNTAX_ERROR for one in findings)
    return Side("", [(*place, codes_at(findings, place, answers)) for place in places],
                broken)


def row_judge(program, checkouts, row):
    """(before, after), or a text that says why the row cannot be judged."""
    folder = checkout_find(checkouts, row.repo)
    if folder is None:
        return "no checkout"
    before = side_judge(program, folder, row, row.fix_sha + "^", row.pre_lines)
    lines = "" if row.note.startswith(NOT_CLEAN) else row.post_lines
    after = side_judge(program, folder, row, row.fix_sha, lines)
    return before.problem or after.problem or (before, after)


# --- the report -------------------------------------------------------------

class Report:
    def __init__(self):
        self.counts = collections.defaultdict(collections.Counter)
        self.missed, self.noisy, self.unjudged = [], [], []

    def row_add(self, row, answer):
        count = self.counts[row.category]
        count["rows"] += 1
        if isinstance(answer, str):
            count["unjudged"] += 1
            self.unjudged.append("%s %s %s: %s" % (row.id, row.repo, row.path, answer))
            return
        before, after = answer
        for first, last, codes in before.places:
            count["before"] += 1
            count["flagged"] += bool(codes)
            if not codes:
                reason = "does not parse; " if before.broken else ""
                self.missed.append(self.line(row, first, last, reason + row.note))
        for first, last, codes in after.places:
            count["after"] += 1
            count["silent"] += not codes
            if codes:
                self.noisy.append(self.line(row, first, last, " ".join(codes)))

    def line(self, row, first, last, text):
        lines = str(first) if first == last else "%d-%d" % (first, last)
        return "%s %s %s:%s (%s, %s) %s" % (row.id, row.repo, row.path, lines,
                                            row.category, row.visible, text)

    def lines(self):
        total = collections.Counter()
        for count in self.counts.values():
            total.update(count)
        yield "%-40s %5s %9s %14s %13s" % ("category", "rows", "unjudged",
                                           "flagged before", "silent after")
        for name, count in [*sorted(self.counts.items()), ("all", total)]:
            yield "%-40s %5d %9d %14s %13s" % (
                name, count["rows"], count["unjudged"],
                "%d/%d" % (count["flagged"], count["before"]),
                "%d/%d" % (count["silent"], count["after"]))
        for title, lines in (("not flagged before", self.missed),
                             ("flagged after", self.noisy),
                             ("not judged", self.unjudged)):
            if lines:
                yield "\n%s:" % title
                yield from lines


def main():
    parser = argparse.ArgumentParser(description="Check the rules on real fixes.")
    parser.add_argument("table", type=Path)
    parser.add_argument("checkouts", type=Path)
    parser.add_argument("--category", action="append", metavar="WORD",
                        help="only categories that hold the word")
    parser.add_argument("--bin", type=Path, default=BIN, metavar="PROGRAM")
    options = parser.parse_args()
    for path, is_there in ((options.table, options.table.is_file()),
                           (options.checkouts, options.checkouts.is_dir()),
                           (options.bin, options.bin.is_file())):
        if not is_there:
            parser.error("%s is not there" % path)
    try:
        rows = rows_read(options.table)
    except TableError as error:
        parser.error(str(error))
    rows = [row for row in rows if not options.category
            or any(word in row.category for word in options.category)]
    if not rows:
        parser.error("no row to judge")
    report = Report()
    program = options.bin.resolve()
    for row in rows:
        report.row_add(row, row_judge(program, options.checkouts, row))
    print("\n".join(report.lines()))
    return 1 if len(report.unjudged) == len(rows) else 0


if __name__ == "__main__":
    sys.exit(main())
