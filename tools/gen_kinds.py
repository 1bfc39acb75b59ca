#!/usr/bin/env python3
"""Generate the enum of syntax kinds and fields from a grammar's node-types.json.

    gen_kinds.py NODE_TYPES_JSON OUT_DIR

OUT_DIR/kinds.gen.h declares `PyKind` and `PyField`, the value 0 being "none".  Every
named kind, every keyword and every operator has a value; other punctuation has none.
`PY_KW_FIRST`, `PY_OP_FIRST` are the first keyword and the first operator, so that the
named kinds are those below PY_KW_FIRST.  PY_NONE is "no kind"; the literal `None`,
whose kind the grammar calls `none`, is PY_NONE_LITERAL.

OUT_DIR/kinds.gen.inc holds the rows that bind names to values, in two sections; the
includer defines the macro of the one that it wants:

    #define PY_KIND_ROWS    { "call", 1, 1, PY_CALL },   name, named, has fields, kind
    #define PY_FIELD_ROWS   { "alias", FIELD_ALIAS },    name, field

A kind that may stand in for others (an alias, an error) counts as having fields.
"""

import json
import re
import sys
from pathlib import Path

PUNCTUATION = set("()[]{},:;.\\")

OPERATORS = {
    "=": "ASSIGN", ":=": "WALRUS", "->": "ARROW",
    "+": "ADD", "-": "SUB", "*": "STAR", "/": "DIV", "//": "FLOOR_DIV", "%": "MOD",
    "**": "POWER", "@": "AT", "<<": "SHIFT_LEFT", ">>": "SHIFT_RIGHT", "&": "BIT_AND",
    "|": "BIT_OR", "^": "BIT_XOR", "~": "INVERT",
    "+=": "ADD_ASSIGN", "-=": "SUB_ASSIGN", "*=": "STAR_ASSIGN", "/=": "DIV_ASSIGN",
    "//=": "FLOOR_DIV_ASSIGN", "%=": "MOD_ASSIGN", "**=": "POWER_ASSIGN",
    "@=": "AT_ASSIGN", "<<=": "SHIFT_LEFT_ASSIGN", ">>=": "SHIFT_RIGHT_ASSIGN",
    "&=": "BIT_AND_ASSIGN", "|=": "BIT_OR_ASSIGN", "^=": "BIT_XOR_ASSIGN",
    "==": "EQ", "!=": "NE", "<>": "NE_OLD", "<": "LT", "<=": "LE", ">": "GT",
    ">=": "GE",
}  # fmt: skip

NAMED_NAMES = {"none": "NONE_LITERAL"}
KEYWORD_NAMES = {"_": "UNDERSCORE", "__future__": "FUTURE"}


def main(node_types, out_dir):
    nodes = json.loads(Path(node_types).read_text(encoding="utf-8"))
    named, anonymous, fields = grammar_read(nodes)
    bare = {n["type"] for n in nodes if n["named"] and not n.get("fields")}
    rows = [("ERROR", 1, "PY_ERROR")]
    rows += [(n, 1, "PY_" + NAMED_NAMES.get(n, n.upper())) for n in named]
    keywords, operators = anonymous_split(anonymous)
    rows += keywords + operators
    field_rows = [(name, "FIELD_" + name.upper()) for name in fields]
    fixed = ["PY_NONE", "PY_KIND_COUNT", "FIELD_NONE", "PY_FIELD_COUNT"]
    unique_require([row[-1] for row in rows + field_rows] + fixed)
    if not (named and keywords and operators and fields):
        sys.exit(f"gen_kinds.py: {node_types} holds no grammar")
    out = Path(out_dir)
    out.mkdir(parents=True, exist_ok=True)
    header = header_text(rows, field_rows, keywords[0][2], operators[0][2])
    write_if_changed(out / "kinds.gen.h", header)
    write_if_changed(out / "kinds.gen.inc", rows_text(rows, field_rows, bare))


def grammar_read(nodes):
    """Names of all named kinds, anonymous tokens and fields, sorted.

    A kind that exists only as an alias has no entry of its own: it is found where
    another entry mentions it as a child.  Supertypes never appear in a tree.
    """
    named, anonymous, fields, supertypes = set(), set(), set(), set()
    for node in nodes:
        if "subtypes" in node:
            supertypes.add(node["type"])
        fields.update(node.get("fields", {}))
        groups = list(node.get("fields", {}).values()) + [node.get("children", {})]
        mentioned = [kind for group in groups for kind in group.get("types", [])]
        for kind in [node] + mentioned:
            (named if kind["named"] else anonymous).add(kind["type"])
    return sorted(named - supertypes), sorted(anonymous), sorted(fields)


def anonymous_split(tokens):
    keywords, operators = [], []
    for token in tokens:
        if re.fullmatch(r"[A-Za-z_ ]+", token):
            name = KEYWORD_NAMES.get(token, token.upper().replace(" ", "_"))
            keywords.append((token, 0, "PY_KW_" + name))
        elif token in OPERATORS:
            operators.append((token, 0, "PY_OP_" + OPERATORS[token]))
        elif token not in PUNCTUATION:
            sys.exit(f"gen_kinds.py: the grammar has a new token, name it: {token!r}")
    return keywords, operators


def unique_require(names):
    for name in names:
        if names.count(name) > 1 or not re.fullmatch(r"[A-Z][A-Z0-9_]*", name):
            sys.exit(f"gen_kinds.py: not a unique C name: {name}")


def header_text(rows, field_rows, first_keyword, first_operator):
    kinds = "".join(f"  {row[2]},\n" for row in rows)
    fields = "".join(f"  {row[1]},\n" for row in field_rows)
    return f"""\
// Generated from the grammar's node-types.json by tools/gen_kinds.py.
#ifndef KINDS_GEN_H
#define KINDS_GEN_H

typedef enum PyKind {{
  PY_NONE = 0,
{kinds}  PY_KIND_COUNT
}} PyKind;

#define PY_KW_FIRST {first_keyword}
#define PY_OP_FIRST {first_operator}

typedef enum PyField {{
  FIELD_NONE = 0,
{fields}  PY_FIELD_COUNT
}} PyField;

#endif
"""


def rows_text(rows, field_rows, bare):
    kinds = "".join(
        f'{{ "{name}", {named}, {int(named and name not in bare)}, {kind} }},\n'
        for name, named, kind in rows
    )
    fields = "".join(f'{{ "{name}", {field} }},\n' for name, field in field_rows)
    return f"""\
// Generated from the grammar's node-types.json by tools/gen_kinds.py.
#ifdef PY_KIND_ROWS
{kinds}#endif
#ifdef PY_FIELD_ROWS
{fields}#endif
"""


def write_if_changed(path, text):
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: gen_kinds.py NODE_TYPES_JSON OUT_DIR")
    main(*sys.argv[1:])
