"""Annotated fixtures: what they expect, what is found, and how the two differ.

A line of a fixture may end with annotations:

    # expect: CODE [note|warning] [safe|unsafe|nofix] [@col] ["text"]
    # ok[: reason]

A finding is expected where it starts; a part that is missing means any; `"text"` is part
of the message; a second `# expect:` on the line is a second finding. Every other line is
silent, `# ok` only says that this is on purpose. `# select: CODE, …` above the first
statement names the rules to run, all of them by default. `# --- title ---` begins a
section.
"""

import collections
import json
import re

from support import ROOT, pymemlint

FIXTURES = ROOT / "fixtures"
GENERATED = (".run.py", ".proof.py", ".fixed.py")
EXPECT = re.compile(
    r"# expect: (PML\d{3})(?: (note|warning))?(?: (safe|unsafe|nofix))?"
    r'(?: @(\d+))?(?: "([^"]*)")?(?=\s*(?:# |$))'
)
ANNOTATION = re.compile(r"#\s*(?:expect\w*|ok)\b")
OK = re.compile(r"# ok(?:: \S.*)?$")
SELECT = re.compile(r"# select: ((?:PML\d{3}(?:, *)?)+)$")
SECTION = re.compile(r"\s*# --- (.+?) -+$")

Expected = collections.namedtuple("Expected", "line code level fix column text")


class Fixture:
    """The annotations of one file; `mistakes` are those that cannot be read."""

    def __init__(self, path):
        self.path = path
        self.name = path.relative_to(ROOT).as_posix()
        self.select, self.expected, self.mistakes, self.sections = "ALL", [], [], []
        text = path.read_bytes().decode("utf-8", "surrogateescape")
        for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
            self.line_read(number, line.rstrip())

    def line_read(self, number, line):
        section = SECTION.match(line)
        if section:
            self.sections.append([section.group(1), 0, 0])
        if line.startswith("# select:"):
            select = SELECT.match(line)
            self.select = select.group(1).replace(" ", "") if select else "ALL"
            if not select:
                self.mistakes.append(f"{number}: unreadable: {line}")
        found = list(EXPECT.finditer(line))
        is_ok = OK.search(line) is not None
        for match in found:
            code, level, fix, column, text = match.groups()
            column = int(column) if column else None
            self.expected.append(Expected(number, code, level, fix, column, text))
        if self.sections:
            self.sections[-1][1] += len(found)
            self.sections[-1][2] += is_ok
        if len(ANNOTATION.findall(line)) != len(found) + is_ok:
            self.mistakes.append(f"{number}: unreadable: {line.strip()}")

    def sections_lacking(self):
        for title, expects, oks in self.sections:
            if not (expects and oks):
                yield f"section `{title}` needs an `# expect` and an `# ok`"


def fixtures_find():
    """Single files and, as lists, the projects of several modules."""
    files, projects = [], []
    for family in sorted(path for path in FIXTURES.iterdir() if path.is_dir()):
        for path in sorted(family.iterdir()):
            if path.is_dir() and "." in path.name:  # no __pycache__
                projects.append((path, sorted(path.rglob("*.py"))))
            elif path.suffix == ".py" and not path.name.endswith(GENERATED):
                files.append(path)
    return files, projects


def check_run(path, select, **options):
    """The findings of a fixture or a folder, by file name."""
    done = pymemlint(
        "check", "--isolated", "--no-project", "--level", "note",
        "--select", select, "--output-format", "json", path, **options
    )
    if done.returncode not in (0, 1) or done.stderr:
        raise AssertionError(f"exit {done.returncode}: {done.stderr}")
    by_file = collections.defaultdict(list)
    for finding in json.loads(done.stdout):
        by_file[finding["filename"]].append(finding)
    return by_file


def fix_of(finding):
    return finding["fix"]["applicability"] if finding["fix"] else "nofix"


def expectation_met(expected, finding):
    return (
        finding["location"]["row"] == expected.line
        and finding["code"] == expected.code
        and expected.level in (None, finding["level"])
        and expected.fix in (None, fix_of(finding))
        and expected.column in (None, finding["location"]["column"])
        and (expected.text or "") in finding["message"]
    )


def differences(fixture, findings):
    """One line for each expectation not met and each finding not expected."""
    left, lines = list(findings), []
    for expected in fixture.expected:
        met = [finding for finding in left if expectation_met(expected, finding)]
        if met:
            left.remove(met[0])
        else:
            parts = " ".join(str(part) for part in expected[1:] if part is not None)
            lines.append((expected.line, f"expected, not found: {parts}"))
    for finding in left:
        where = finding["location"]
        lines.append((where["row"], "found, not expected: {} {} {} @{} {}".format(
            finding["code"], finding["level"], fix_of(finding), where["column"],
            finding["message"])))
    return [f"{fixture.name}:{line}: {text}" for line, text in sorted(lines)]
