#!/usr/bin/env python3
"""Safe fixes keep what programs do: random programs, run before and after them.

    differential.py [--seed N] [--count M] [--rules PML202 ...] [--keep FOLDER]

Writes programs from the templates in tests/differential/ around each rule of families
1 to 3 that offers safe fixes, applies these (notes included), and runs every program
that they changed in both forms on two of the CPythons found: the one that it was fixed
for, and the newest.  Printed are the programs that then print, raise or leave files
otherwise, a share of the programs at a time, and for each rule how many programs it
changed.  The exit code is 1 if a program differs, does not settle, or if a rule changed
too few.  One seed gives the same programs, if it is one Python that runs this.
PYMEMLINT_BIN=build/asan/pymemlint has them fixed by that build.
"""
import argparse
import collections
import json
import os
import random
import subprocess
import sys
import tempfile
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pythons import environment_clean, pythons_find
from support import BIN, run

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "differential"))

import copies  # noqa: E402,F401  (the templates of each family enter themselves)
import fresh  # noqa: E402,F401
import passes  # noqa: E402,F401
import streams  # noqa: E402,F401
import texts  # noqa: E402,F401
from writer import TEMPLATES, Writer  # noqa: E402

FAMILIES = ("PML1", "PML2", "PML3")
LEAST_SHARE = 0.03  # of a rule's own programs, that it must have changed
PROGRAM_SECONDS = 2.0
BATCH = 400
SHARE = 500  # programs from one report to the next
WORKERS = 2
# Where the programs run: they open files by the hundred thousand.
IN_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None

# before, after: paths; python: on which; expected, got: what was seen of either.
Difference = collections.namedtuple("Difference", "before after python expected got")


class Run:
    """The programs of one seed, in a folder; `changed` counts them by rule."""

    def __init__(self, folder, seed, count, rules=None, pythons=None):
        self.folder, self.seed, self.count = Path(folder), seed, count
        self.rules = rules or rules_fixable()
        self.pythons = pythons or pythons_find()
        self.written = collections.Counter()  # code: programs written around it
        self.changed = collections.Counter()  # code: programs that it changed
        self.programs = []                    # (before, after, minor) of those changed
        self.unsettled = []
        self.differences = []
        self.reported = 0, 0                  # unsettled ones, differences
        self.ran = 0

    def go(self, shown):
        """Everything, a share at a time, each with its report."""
        whole, done = self.folder, 0
        for start in range(0, self.count, SHARE):
            self.folder = whole / ("from%06d" % start)
            self.generate(range(start, min(start + SHARE, self.count)))
            self.fix()
            self.compare(self.programs[done:])
            done = len(self.programs)
            self.report_share(shown)
        self.folder = whole

    def generate(self, numbers=None):
        for part in ("before", "after"):
            for python in self.pythons:
                (self.folder / part / python.version).mkdir(parents=True)
        for number in range(self.count) if numbers is None else numbers:
            code = self.rules[number % len(self.rules)]
            rng = random.Random("%s/%s" % (self.seed, number))
            python = rng.choice(self.pythons)
            data = encoded(program_text(code, rng, python), rng)
            name = "p%06d_%s.py" % (number, code.lower())
            self.written[code] += 1
            for part in ("before", "after"):
                path = self.folder / part / python.version / name
                path.write_bytes(data)

    def fix(self):
        for python in self.pythons:
            after = self.folder / "after" / python.version
            found = findings_of(after, python)
            fix_folder(after, python)
            once = {path: path.read_bytes() for path in sorted(after.iterdir())}
            for path, text in once.items():
                before = self.folder / "before" / python.version / path.name
                if before.read_bytes() == text:
                    continue
                self.programs.append((before, path, python))
                self.changed.update(found[path.name])
            fix_folder(after, python)
            self.unsettled += [path for path, text in once.items()
                               if path.read_bytes() != text]

    def compare(self, programs=None):
        """Runs what the fixes changed, or the programs given."""
        work = collections.defaultdict(list)
        for before, after, python in self.programs if programs is None else programs:
            for one in dict.fromkeys([python, self.pythons[-1]]):
                work[one].append((before, after))
        jobs = [(python, pairs[i:i + BATCH]) for python, pairs in sorted(work.items())
                for i in range(0, len(pairs), BATCH)]
        with ThreadPoolExecutor(WORKERS) as pool:
            for differences, ran in pool.map(batch_run, jobs):
                self.differences += differences
                self.ran += ran

    def too_few(self):
        """The rules that changed too few of the programs written around them."""
        return [code for code in self.rules if self.written[code] >= 30 and
                self.changed[code] < LEAST_SHARE * self.written[code]]

    def report_share(self, shown):
        """What was found since the last time, and the sums so far."""
        for path in self.unsettled[self.reported[0]:][:shown]:
            print("a second --fix changes more: %s" % path)
        for difference in self.differences[self.reported[1]:][:shown]:
            print(difference_text(difference))
        self.reported = len(self.unsettled), len(self.differences)
        print("seed %s: %d programs, %d changed, %d runs in both forms, %d differ" % (
            self.seed, sum(self.written.values()), len(self.programs), self.ran,
            len(self.differences)), flush=True)

    def report_rules(self):
        for code in self.rules:
            print("%s: %5d written, %5d changed by it" % (
                code, self.written[code], self.changed[code]))
        for code in self.too_few():
            print("%s: its templates give too few programs to fix" % code)

    def failed(self):
        return bool(self.differences or self.unsettled or self.too_few())


def program_text(code, rng, python):
    """A program that compiles here, or for a newer Python as far as is known here."""
    while True:
        text = rng.choice(TEMPLATES[code])(Writer(rng, int(python.version.split(".")[1])))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                compile(text, code, "exec", dont_inherit=True)
            return text
        except SyntaxError:
            continue


def encoded(text, rng):
    """The text as a file may hold it: line ends, encodings, a mark, an open end."""
    form = rng.random()
    if form < 0.05:
        return text.replace("\n", "\r\n").encode()
    if form < 0.08:
        return b"\xef\xbb\xbf" + text.encode()
    if form < 0.11 and "coding" not in text and "\u0100" > max(text):
        return ("# coding: latin-1\n# \xe9\n" + text).encode("latin-1")
    return text.rstrip("\n").encode() if form < 0.15 else text.encode()


def rules_fixable():
    """Codes of the rules of families 1 to 3 that offer safe fixes."""
    done = run([BIN, "rule", "--all", "--output-format", "json"])
    return [rule["code"] for rule in json.loads(done.stdout)
            if rule["fix_safety"] == "safe" and rule["code"].startswith(FAMILIES)]


def check(folder, python, *options):
    return run([BIN, "check", "--isolated", "--no-project", "--no-cache", "--level", "note",
                "--select", ",".join(FAMILIES), "--target-version", python.version,
                *options, folder])


def findings_of(folder, python):
    """File name: the codes of the rules that offer a safe fix in it."""
    found = collections.defaultdict(set)
    done = check(folder, python, "--output-format", "json")
    for finding in json.loads(done.stdout):
        fix = finding["fix"]
        if fix is not None and fix["applicability"] == "safe":
            found[Path(finding["filename"]).name].add(finding["code"])
    return found


def fix_folder(folder, python):
    done = check(folder, python, "--fix", "--fix-only", "--quiet")
    if done.returncode != 0 or done.stderr:
        raise RuntimeError("fixing ended with %d: %s" % (done.returncode, done.stderr))


def batch_run(job):
    """Differences and number of runs of (python, pairs of paths)."""
    python, pairs = job
    with tempfile.TemporaryDirectory(dir=IN_MEMORY) as folder:
        programs, report = Path(folder, "programs"), Path(folder, "report")
        programs.write_text("".join("%s\t%s\n" % pair for pair in pairs), encoding="utf-8")
        done = subprocess.run(
            [python.path, str(HERE / "differential/child.py"), str(programs), str(report),
             str(PROGRAM_SECONDS)], cwd=folder, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
            errors="replace", env=environment_clean(
                PYTHONHASHSEED="0", PYTHONDONTWRITEBYTECODE="1", TMPDIR=folder))
        lines = report.read_text(encoding="utf-8").splitlines() if report.exists() else []
    if done.returncode != 0 or not lines or not lines[-1].isdigit():
        raise RuntimeError("Python %s ended with %d: %s" % (
            python.version, done.returncode, done.stdout[-2000:]))
    return [Difference(python=python.version, **json.loads(line)) for line in lines[:-1]], \
        int(lines[-1])


def difference_text(difference):
    seen = [json.dumps(part, indent=1).replace("\\n", "\n").splitlines()
            for part in (difference.expected, difference.got)]
    wanted, got = seen
    first = next((i for i, (a, b) in enumerate(zip(wanted, got)) if a != b),
                 min(len(wanted), len(got)))
    return "on Python %s: %s\n  before: %s\n  after:  %s" % (
        difference.python, difference.after, "\n          ".join(wanted[first:first + 3]),
        "\n          ".join(got[first:first + 3]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", default="1")
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--rules", nargs="+", metavar="CODE")
    parser.add_argument("--shown", type=int, default=10, help="differences to print of a share")
    parser.add_argument("--keep", metavar="FOLDER", help="a new folder for the programs")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        programs = Run(options.keep or folder, options.seed, options.count, options.rules)
        programs.go(options.shown)
        programs.report_rules()
    sys.exit(1 if programs.failed() else 0)


if __name__ == "__main__":
    main()
