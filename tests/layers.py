#!/usr/bin/env python3
"""Hold the table of layers: what may include what.

    layers.py [ROOT]        one line a violation, exit code 1 if there are any

A file includes its own layer and the layers below it, never a sibling; a rule includes
"rule.h" alone; only src/syntax sees tree-sitter and the generated kinds.
"""

import re
import sys
from pathlib import Path

# From the bottom up; layers of one row are siblings.
LAYERS = [
    ["base"],
    ["syntax"],
    ["semantic"],
    ["index"],
    ["lint"],
    ["rules", "fix", "report"],
    ["engine"],
    ["cli", "lsp"],
]
RANK = {name: rank for rank, row in enumerate(LAYERS) for name in row}

CORE = {"language.h", "subtree.h", "tree.h"}  # tree-sitter's own, not its interface
GENERATED = {"kinds.gen.h", "kinds.gen.inc"}
INCLUDE = re.compile(r"^[ \t]*#[ \t]*include[ \t]*(.*?)[ \t]*$", re.MULTILINE)
OPERAND = re.compile(r'^(["<])([^">]+)[">]')


def violations_find(root):
    """All violations below `root`, as lines of text, and the count of includes."""
    found, seen = [], 0
    for path in files_list(root):
        layer = layer_of(path.relative_to(root))
        text = path.read_text(encoding="utf-8")
        for match in INCLUDE.finditer(text):
            seen += 1
            why = include_judge(layer, match.group(1))
            if why:
                line = text.count("\n", 0, match.start()) + 1
                found.append(f"{path.relative_to(root).as_posix()}:{line}: {why}")
    if not seen:
        found.append(f"{root}: no #include seen at all; is this the project?")
    return found, seen


def files_list(root):
    return sorted(
        path
        for folder in ("src", "rules")
        for path in (root / folder).rglob("*")
        if path.suffix in (".c", ".h", ".inc")
    )


def layer_of(path):
    if path.parts[0] == "rules":
        return "rules"
    return path.parts[1] if len(path.parts) > 2 else None


def include_judge(layer, operand):
    """Why this include is wrong, or None."""
    match = OPERAND.match(operand)
    if not match:
        return f"an include must name its file: {operand}"
    system, name = match.group(1) == "<", match.group(2)
    if layer not in RANK:
        return f"{layer or 'src'} is no layer, give it a row in tests/layers.py"
    if name.startswith("tree_sitter/") or (system and name in CORE):
        return None if layer == "syntax" else "only src/syntax includes tree_sitter"
    if layer == "rules":
        return None if (not system and name == "rule.h") else (
            f'a rule includes "rule.h" and nothing else: {name}'
        )
    if system:
        return None
    if name in GENERATED:
        return None if layer == "syntax" else f"only src/syntax includes {name}"
    target = name.split("/")[0]
    if "/" not in name or target not in RANK or ".." in name:
        return f"write the path below src/: {name}"
    if target == layer or RANK[target] < RANK[layer]:
        return None
    if RANK[target] == RANK[layer]:
        return f"{layer} includes its sibling {target}: {name}"
    return f"{layer} includes upwards, {target}: {name}"


def main(root):
    found, seen = violations_find(Path(root))
    for line in found:
        print(line)
    print(f"{seen} includes, {len(found)} violations")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent)
