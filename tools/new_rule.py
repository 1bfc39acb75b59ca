#!/usr/bin/env python3
"""Begin a rule: a card that compiles and cases that fail until the rule is written.

    new_rule.py kept-lines PML115       (make new-rule NAME=kept-lines CODE=PML115)
"""

import re
import sys
from pathlib import Path

from gen_rules import FAMILIES

ROOT = Path(__file__).resolve().parent.parent

RULE = """\
/* # {name} ({code})
 *
 * What is held, and for how long.
 *
 * ## Why it costs memory
 *
 * ## Example
 *
 * ## Use instead
 *
 * ## Fix safety
 *
 * ## Limits
 *
 * ## References
 */
#include "rule.h"

static RuleNodeFn on_call;

RULE({symbol}) = {{
    .code = "{code}",
    .name = "{name}",
    .summary = "what is held",
    .templates = {{"what is held: how much; why it can change"}},
    .warn_on = {{EVIDENCE_CONSTRUCT}},
    .kinds = {{PY_CALL}},
    .on_node = on_call,
}};

static void on_call(RuleContext *cx, NodeId call) {{
  if (!cx_require(cx, call, false, "the rule is not written yet")) return;
  cx_report(cx, (Draft){{.anchor = call}});
}}
"""

CASES = """\
# select: {code}


# --- the pattern ---
def pattern():
    return list(range(1000))  # expect: {code}


# --- the near miss ---
def near_miss():
    return range(1000)  # ok: nothing is held
"""


def main(name, code):
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        sys.exit("new_rule.py: NAME is kebab-case, as in NAME=cached-method")
    if not re.fullmatch(r"PML\d{3}", code):
        sys.exit("new_rule.py: CODE is PML and three digits, as in CODE=PML501")
    for path in sorted((ROOT / "rules").glob("*/*.c")):
        if f'.code = "{code}"' in path.read_text(encoding="utf-8"):
            sys.exit(f"new_rule.py: {code} is taken by {path.relative_to(ROOT)}")
    symbol, family = name.replace("-", "_"), FAMILIES[int(code[3])]
    words = {"name": name, "code": code, "symbol": symbol}
    files = {
        ROOT / "rules" / family / f"{symbol}.c": RULE.format(**words),
        ROOT / "fixtures" / family / f"{symbol}.cases.py": CASES.format(**words),
    }
    for path in files:
        if path.exists():
            sys.exit(f"new_rule.py: {path.relative_to(ROOT)} exists already")
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(ROOT))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: new_rule.py NAME CODE")
    main(*sys.argv[1:])
