#!/usr/bin/env python3
"""Generate the table of rules from the folder rules/.

    gen_rules.py RULES_DIR FIXTURES_DIR OUT_C

Every rules/<family>/<name>.c is one rule, `RULE(<name>) = { card };`.  OUT_C lists them by
code, each with its prose (the comment that opens the file, without its margin) and
the proof table of its fixture, where there is one.  Type: src/lint/rule_table.h.
"""

import re
import sys
from pathlib import Path

FAMILIES = (
    "linter streams passes copies objects references caches arrays services leftovers"
).split()


class Mistake(Exception):
    """What is wrong with a rule file, for people."""


def main(rules_dir, fixtures_dir, out_c):
    try:
        rules = rules_read(Path(rules_dir), Path(fixtures_dir))
    except Mistake as mistake:
        sys.exit(f"gen_rules.py: {mistake}")
    out = Path(out_c)
    text = table_text(rules)
    if not out.exists() or out.read_text(encoding="utf-8") != text:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, encoding="utf-8")


def rules_read(rules_dir, fixtures_dir):
    if not rules_dir.is_dir():
        raise Mistake(f"no folder {rules_dir}")
    rules = [rule_read(path, fixtures_dir) for path in sorted(rules_dir.glob("*/*.c"))]
    for key in ("code", "symbol"):
        seen = {}
        for rule in rules:
            other = seen.setdefault(rule[key], rule)
            if other is not rule:
                raise Mistake(f"{rule['path']}: {rule[key]} is also {other['path']}")
    return sorted(rules, key=lambda rule: rule["code"])


def rule_read(path, fixtures_dir):
    family, symbol = path.parent.name, path.stem
    where = f"rules/{family}/{path.name}"
    text = path.read_text(encoding="utf-8")
    name = symbol.replace("_", "-")
    if family not in FAMILIES:
        raise Mistake(f"{where}: no family is called {family}")
    cards = re.findall(r"^RULE\((\w+)\)", text, re.MULTILINE)
    if cards != [symbol]:
        raise Mistake(f"{where}: must define RULE({symbol}) and no other")
    code = card_field(text, "code", where)
    if not re.fullmatch(r"PML\d{3}", code):
        raise Mistake(f"{where}: {code} is not PML and three digits")
    if code[3] != str(FAMILIES.index(family)):
        raise Mistake(f"{where}: {code} does not belong to family {family}")
    if card_field(text, "name", where) != name:
        raise Mistake(f"{where}: the card's .name must be {name}, as the file's")
    doc = prose_read(text, where)
    title = f"# {name} ({code})"
    if doc.split("\n", 1)[0] != title:
        raise Mistake(f"{where}: the first line of the prose must be `{title}`")
    proof = fixtures_dir / family / f"{symbol}.proof.tsv"
    return {
        "code": code,
        "symbol": symbol,
        "family": family,
        "path": where,
        "doc": doc,
        "proof": proof.read_text(encoding="utf-8") if proof.exists() else "",
    }


def card_field(text, field, where):
    found = re.search(rf'\.{field}\s*=\s*"([^"]*)"', text)
    if not found:
        raise Mistake(f"{where}: the card has no .{field}")
    return found.group(1)


def prose_read(text, where):
    found = re.match(r"/\*(.*?)\*/", text, re.DOTALL)
    if not found:
        raise Mistake(f"{where}: does not begin with its prose, a /* comment */")
    lines = found.group(1).strip("\n").split("\n")
    lines = [re.sub(r"^ *\* ?|^ ", "", line).rstrip() for line in lines]
    doc = "\n".join(lines).strip("\n")
    if "\n" not in doc.strip():
        raise Mistake(f"{where}: has no prose below its title")
    return doc + "\n"


def table_text(rules):
    parts = ["// Generated from the folder rules/ by tools/gen_rules.py.\n"]
    parts.append('#include "lint/rule_table.h"\n\n#include <stddef.h>\n\n')
    parts += [f"extern const Rule {rule['symbol']};\n" for rule in rules]
    for rule in rules:
        parts.append(chars_text(f"doc_{rule['symbol']}", rule["doc"]))
        if rule["proof"]:
            parts.append(chars_text(f"proof_{rule['symbol']}", rule["proof"]))
    if not rules:
        parts.append("const RuleTable rule_table = { .entries = NULL, .count = 0 };\n")
        return "".join(parts)
    parts.append("\nstatic const RuleEntry entries[] = {\n")
    for rule in rules:
        symbol = rule["symbol"]
        proof = f"proof_{symbol}" if rule["proof"] else '""'
        parts.append(f'  {{ .rule = &{symbol}, .family = "{rule["family"]}",\n')
        parts.append(f'    .path = "{rule["path"]}",\n')
        parts.append(f"    .doc = doc_{symbol}, .proof = {proof} }},\n")
    parts.append("};\n\nconst RuleTable rule_table = {\n")
    parts.append(f"  .entries = entries, .count = {len(rules)}\n}};\n")
    return "".join(parts)


def chars_text(name, text):
    """A char array: string literals are only portable up to 4095 bytes."""
    units = [char_text(byte) for byte in text.encode("utf-8")] + ["0"]
    rows = [",".join(units[i : i + 20]) for i in range(0, len(units), 20)]
    return f"\nstatic const char {name}[] = {{\n" + ",\n".join(rows) + "\n};\n"


def char_text(byte):
    # Octal escapes have the right value whether char is signed or not.
    if 0x20 <= byte < 0x7F and byte not in b"'\\":
        return f"'{chr(byte)}'"
    return f"'\\{byte:03o}'"


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("usage: gen_rules.py RULES_DIR FIXTURES_DIR OUT_C")
    main(*sys.argv[1:])
