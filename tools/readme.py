#!/usr/bin/env python3
"""Make the generated parts of README.md: the tour's output and the table of rules.

    readme.py BINARY            rewrite README.md
    readme.py BINARY --check    exit 1 when it is not current
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOUR = ["orders.py"], ["orders.py", "--diff"]


def run(binary, *args):
    """What a command prints, in the folder of the tour, without colour."""
    done = subprocess.run(
        [str(binary), *args], cwd=ROOT / "docs/tour", text=True, capture_output=True,
        env={"PATH": "/usr/bin:/bin", "TERM": "dumb"}, check=False,
    )  # fmt: skip
    if done.returncode not in (0, 1):
        sys.exit(f"readme.py: {args}: {done.stderr}")
    return done.stdout


def tour(binary):
    """The commands of the tour with their output."""
    parts = ["`docs/tour/orders.py` reads a file of orders. With the program on the path, in that folder:", ""]
    for args in TOUR:
        command = f"pymemlint {' '.join(args)}"
        output = run(binary, "--isolated", "--no-project", *args).rstrip()
        parts += ["```console", f"$ {command}", output, "```", ""]
    return "\n".join(parts)


def rules(binary):
    """A row for each rule, from the program itself."""
    found = json.loads(run(binary, "rule", "--all", "--output-format", "json"))
    rows = ["| code | name | what it finds | fix |", "|---|---|---|---|"]
    for rule in found:
        rows.append(f"| {rule['code']} | {rule['name']} | {rule['summary']} | {rule['fix_availability'].lower()} |")
    return "\n".join(rows) + "\n"


def replaced(text, name, body):
    """README with the region between the markers of that name replaced."""
    start = text.index("-->", text.index(f"<!-- {name}:")) + len("-->\n")
    stop = text.index(f"<!-- {name} end -->")
    return text[:start] + body + text[stop:]


def main():
    binary, check = Path(sys.argv[1]).resolve(), "--check" in sys.argv
    path = ROOT / "README.md"
    old = path.read_text(encoding="utf-8")
    new = replaced(replaced(old, "tour", tour(binary)), "rules", rules(binary))
    if check and new != old:
        sys.exit("README.md is not current: make readme")
    if new != old:
        path.write_text(new, encoding="utf-8")


main()
