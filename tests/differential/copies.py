"""Templates around the rules of family 3: copies that are not needed."""
import re

from passes import BETWEEN
from sources import BODIES, loop_over, program, world_choose
from writer import template


@template("PML302")
def sliced(w):
    world = world_choose(w, "ints", "ints", "rows", "texts", "lists", "local", "unknown")
    source = w.pick("values", "values", "same", "made", "tuple(values)", "str(extra)", "extra",
                    "(values)", "bytes(range(200))", "'ab' * len(values)")
    if source == "made":
        world = world_choose(w, "local")
    part = w.pick("[::-1]", "[::-1]", "[1:]", "[2:]", "[:len(extra)]", "[1:-1]", "[k:]", "[::2]",
                  "[1:None:2]", "[-1:]", "[:-1]", "[1:200]", "[ : : -1]", "[call(1):]",
                  "[1:]  # note".split("  ")[0], "[extra[0]:]", "[0:]", "[:250]")
    made = source + part
    block = w.pick(
        loop_over(w, world, made), loop_over(w, world, made),
        loop_over(w, world, "enumerate(%s)" % made, "i, y"),
        loop_over(w, world, "zip(%s, %s[1:])" % (source, source), "y, z"),
        loop_over(w, world, "zip(%s[1:], %s)" % (source, source), "y, z"),
        "kept = %s\n%s" % (made, loop_over(w, world, "kept")),
        "kept = %s\n%s\n%s" % (made, w.pick(*BETWEEN), loop_over(w, world, "kept")),
        "result = sum(%s)" % made, "result = max(%s, default=1, key=call)" % made,
        "result = any(%s)" % made, "result = [y for y in %s]" % made,
        "result = [(y, z) for y, z in zip(%s, %s[1:])]" % (source, source),
        "result = [(y, call(y)) for y in %s]" % made, "result = list(%s)" % made,
        "result = [y for z in extra for y in %s]" % made,
        "result = {str(y): y for y in %s}" % made,
        "result = (y for y in %s)" % made, "yield from %s\nresult = 0" % made,
        "result = ''.join(str(y) for y in %s)" % made, "result = zip(%s, extra)" % made,
        "result = functools.reduce(lambda a, b: (a, b), %s, 0)" % made,
        loop_over(w, world, "(%s)" % made, w.pick("values", "same", "extra", "k")))
    return program(w, world, w.guarded(block))


KINDS = {
    "list": (["[]", "list()", "[1]", "list(values)", "[k, k]", "values", "values[:]", "extra",
              "Loud([1])", "collections.deque([1])", "[] * 2", "sorted(values)", "None or []"],
             ["[<y>]", "[<y>, k]", "[z for z in extra]", "list(extra)", "extra", "[]",
              "[10 // <y>]", "(<y>,)", "[shout(<y>)]", "[*acc, <y>]", "[len(acc)]", "'ab'",
              "[boom(<y>)]", "[call(<y>)]", "[acc]", "values[:1]"]),
    "set": (["set()", "{1}", "set(extra)", "{k}", "set(values)",
             "frozenset([1])", "{}.keys()"],
            ["{<y>}", "{str(<y>), 1}", "set(extra)", "{z for z in extra}", "extra", "frozenset([1])",
             "{call(<y>)}", "{boom(<y>)}", "{len(acc)}", "held.keys()"]),
    "dict": (["{}", "dict()", "{'a': 1}", "dict(held)", "{**held}",
              "collections.OrderedDict(a=1)", "collections.defaultdict(int)", "collections.Counter('ab')",
              "held"],
             ["{<y>: k}", "{str(<y>): 1, 2: <y>}", "dict(held)", "held", "{z: 1 for z in extra}",
              "{'n': len(acc)}", "{call(<y>): 1}", "{boom(<y>): 2}", "[(1, 2)]"]),
    "tuple": (["()", "(1,)", "tuple(extra)"], ["(<y>,)", "(<y>, k)", "tuple(extra)", "[1]"]),
}


def rebuilt(kind, added):
    """Ways to write the accumulator together with what is added."""
    if kind in ("list", "tuple"):
        opening, closing = ("[", "]") if kind == "list" else ("(", ",)")
        return ["acc = acc + " + added, "acc = acc + " + added, "acc = (acc + %s)" % added,
                "acc = (\n    acc\n    + %s  # note\n)" % added, "acc = %s + acc" % added,
                "acc = %s*acc, *%s%s" % (opening, added, closing),
                "acc = acc + %s + %s" % (added, added), "acc = acc + (%s)" % added,
                "acc = acc + %s if <y> else acc" % added, "acc = %s*acc, <y>%s" % (opening, closing)]
    if kind == "set":
        return ["acc = acc | " + added, "acc = acc.union(%s)" % added, "acc = {*acc, *%s}" % added,
                "acc = (acc | %s)" % added, "acc = {*acc, <y>}", "acc = {<y>, *acc}",
                "acc = acc | %s | %s" % (added, added)]
    return ["acc = acc | " + added, "acc = {**acc, **%s}" % added, "acc = dict(acc, **%s)" % added,
            "acc = {**%s, **acc}" % added, "acc = {**acc, <y>: k}", "acc = {<y>: k, **acc}",
            "acc = (acc | %s)" % added, "acc = {**acc, 'a': <y>, 'b': k}",
            "acc = {\n    **acc,\n    <y>: k,  # note\n}"]


@template("PML303", weight=2)
def accumulated(w):
    world = world_choose(w, "ints", "ints", "texts", "rows", "unknown", "table")
    kind = w.pick("list", "list", "set", "dict", "tuple")
    starts, adds = KINDS[kind]
    line = w.pick(*rebuilt(kind, w.pick(*adds)))
    before = w.pick(*([""] * 5), "other = acc", "out.append(acc)", "call(acc)", "extra = acc",
                    "def other():\n    return acc", "print(len(acc))", *BODIES)
    behind = w.pick(*([""] * 5), "out.append(acc)", "other = acc", "print(acc)", "call(<y>)",
                    "if len(acc) > 3:\n    break", "yield acc", "acc2 = acc\nacc2 += acc2[:1]")
    line = w.pick("<line>", "<line>", "<line>", "<line>", "if <y>:\n    <line>",
                  "try:\n    <line>\nexcept (TypeError, ValueError, ZeroDivisionError):\n"
                  "    out.append(len(acc))", "with Lock():\n    <line>").replace("<line>", line)
    loop = w.text("for <y> in values:\n    <before>\n    <line>\n    <behind>",
                  "for <y> in values:\n    <line>\n    <behind>", "for <y> in values:\n    <line>",
                  "for <y> in values:\n    for z in extra:\n        <line>",
                  "turns = 3\nwhile turns:\n    turns -= 1\n    <y> = call(1)\n    <line>\n    if not <y>:\n        break",
                  before=before, behind=behind, line=line)
    start = w.text("acc = <start>", "acc = <start>", "acc = other = <start>",
                   "acc = <start>\nfirst = acc", "acc = <start>\nout.append(acc)",
                   "acc: object = <start>", start=w.pick(*starts))
    end = w.pick("result = acc", "result = acc", "result = (acc, values, extra)",
                 "result = (acc, k)", "result = (lambda: acc)()", "result = out, acc")
    block = "%s\n%s\n%s" % (start, w.guarded(loop), end)
    if w.chance(0.12):
        block = re.sub(r"\bacc\b", w.pick("owner.values", "box[0]", "k", "values", "extra"), block)
    return program(w, world, block.replace("<y>", "y"))
