"""Templates around the rules of family 3 on texts and bytes that grow."""
import re

from sources import BODIES, program, world_choose
from writer import template

STARTS = {
    "bytes": ["b''", "b''", "b''", 'b""', "bytes()", "b'a'", "b'' + b''", "bytearray()", "''", "bytes(values[:1])",
              "b''\nacc = b''", "b''  # note", "(b'')", "rb''", "None or b''"],
    "str": ["''", "''", '""', "str()", "'a'", "Text('a')", "','.join(extra)", "b''", "k", "values", "f''", "''  # note",
            "str(values)", "'' or Text()"]}
ADDED = {
    "bytes": ["b'x'", "b'xy'", "<y>", "<y>", "<y>", "<y>[:2]", "str(<y>).encode()", "bytes([1, 2])", "bytearray(b'a')",
              "memoryview(b'ab')", "'text'", "1", "None", "call(<y>)", "<y>.strip()", "b','.join(values)", "bytes(call(1))",
              "shout(<y>)", "(<y> or b'-')", "boom(b'q')", "b'%d' % 5", "acc[:1]", "bytes([len(acc)])", "b'%d' % <y>",
              "array.array('b', [1])", "(n := b'n')", "[1]", "<y> * 2", "b'z'[:k]", "str(10 // len(<y>)).encode()",
              "extra[0]", "(yield <y>)", "b''.join(z for z in values)", "(lambda: b'q')()"],
    "str": ["'x'", "','", "<y>", "<y>", "<y>", "str(<y>)", "<y>.upper()", "f'{<y>}'", "repr(<y>)", "1", "None", "call(<y>)",
            "held[1]", "'%s' % <y>", "Text('t')", "Text(<y>)", "chr(300)", "acc[:1]", "str(10 // len(<y>))", "<y>[0]",
            "shout(<y>)", "(<y> or '-')", "b'x'", "str(len(acc))", "(n := 'n')", "extra[0]", "<y> * 2", "'a' 'b'",
            "(yield <y>)", "','.join(values)", "values.pop()", "'x' if <y> else 'z'", "str(call(1))", "boom('q')"]}
LINES = {
    "bytes": ["acc += <a>", "acc += <a>", "acc += <a>", "acc += <a>", "acc += <a> + <b>", "acc = acc + <a>", "acc += (<a>)",
              "acc = <a> + acc", "acc += <a>,", "acc += \\\n    <a>", "acc += (\n    <a>  # note\n)", "acc = b''.join([acc, <a>])",
              "acc += <a> if <y> else <b>", "acc += <a>; total += 1", "acc += <a>\nacc += <b>", "acc += <a>  # note",
              "acc+=<a>", "acc *= 2", "acc += not <a>", "acc += lambda: 1", "acc = acc[1:] + <a>", "acc += b'' or <a>",
              "acc += yield <a>", "acc += [*<a>]", "acc: bytes = acc + <a>"],
    "str": ["acc = acc + <a> + <b>", "acc = acc + <a> + <b>", "acc = acc + <a> + <b>", "acc = acc + <a> + <b> + <a>",
            "acc = (acc + <a> + <b>)", "acc = acc + <a> + <b>  # note", "acc = acc + <a> + \\\n    <b>", "acc += <a>",
            "acc = acc + (<a> + <b>)", "acc = acc + <a> + <b> if <y> else acc", "acc = acc + <a> + <b> * 2", "acc = <a> + acc",
            "acc = acc + <a> + <b> % 3", "acc = acc + <a>; total += 1", "acc=acc+<a>+<b>", "acc: str = acc + <a> + <b>",
            "acc = acc + <a> - <b>", "acc = acc + <a> + (<b>\n    + <a>)", "acc = f'{acc}{<a>}'", "acc = acc * 2 + <a>",
            "acc = acc + <a> + <b>,", "acc = other = acc + <a> + <b>", "acc = (acc) + <a> + <b>", "acc = acc + <a> + acc"]}
ENDS = ["result = acc", "result = acc", "result = acc", "result = acc, len(acc)", "result = acc.decode()", "result = (lambda: acc)()",
        "result = acc or k", "result = f'{acc}'", "result = [acc for turn in extra]", "result = k\ndel acc", "result = acc\nacc = b''",
        "with Lock():\n    result = acc", "result = {acc: 1}", "result = 1 if acc else 0", "acc += acc\nresult = acc",
        "result = acc == b''", "result = io.BytesIO(acc).read()", "print(acc)", "return acc", "result = len(locals())",
        "result = isinstance(acc, bytes)", "result = acc[0]", "acc += b'end'\nresult = acc", "result = acc, acc, acc", "yield acc",
        "while acc:\n    acc = acc[1:]", "result = acc is other", "result = hash(acc)", "raise KeyError(acc)", "result = *acc,",
        "def inner(level=acc):\n    return level\nresult = inner()", "result = sum(acc)", "call(acc)", "out.append(acc)\nresult = out",
        "io = 3\nresult = acc, io", "result = acc.hex()", "result = acc[:2]if acc else k", "acc.write(b'x')"]


@template("PML304", weight=2)
def text_grows(w):
    kind = w.pick("bytes", "str")
    world = world_choose(w, *(["chunks"] * 4 + ["unknown", "texts"] if kind == "bytes" else
                              ["texts"] * 4 + ["unknown", "ints", "rows", "chunks"]))
    most = 4 if w.chance(0.5) else None  # the plain ones stand in front
    lines, added = LINES[kind][:most], ADDED[kind][:3 * most if most else None]
    line = w.pick(*lines).replace("<a>", w.pick(*added)).replace("<b>", w.pick(*added))
    line = w.text("<line>", "<line>", "<line>", "if <y>:\n    <line>", "with Lock():\n    <line>",
                  "try:\n    <line>\nexcept (TypeError, ValueError, LookupError, ZeroDivisionError):\n    <caught>",
                  "try:\n    <line>\nfinally:\n    <caught>", line=line,
                  caught=w.pick("pass", "out.append(len(acc))", "out.append(acc)", "acc += b'-'", "break", "out.append('bad')"))
    before, behind = [w.pick(*([""] * 70), "other = acc", "out.append(acc)", "call(acc)", "extra = acc", "print(len(acc))",
                             "if len(acc) > 3:\n    break", "yield acc", "def other():\n    return acc", "acc = acc",
                             "if not <y>:\n    continue", "call(<y>)", "total += 1", "await pause(call)", "acc = b''",
                             "acc = acc.strip()", "k = acc", *BODIES) for _ in range(2)]
    loop = w.text("for <y> in values:\n    <before>\n    <line>\n    <behind>", "for <y> in values:\n    <line>\n    <behind>",
                  "for <y> in values:\n    <line>", "for <y> in values:\n    <line>", "for <y> in values:\n    for z in extra:\n        <line>",
                  "turns = 3\nwhile turns:\n    turns -= 1\n    <y> = values[turns]\n    <line>", "<y> = None\nwhile len(acc) < 5:\n    <line>",
                  "for turn in range(2):\n    acc = <start>\n    for <y> in values:\n        <line>\n    out.append(acc)",
                  "for <y> in values:\n    <line>\nelse:\n    acc += <a>", "for acc in values:\n    <y> = acc\n    <line>",
                  before=before, behind=behind, line=line, start=w.pick(*STARTS[kind][:4]), a=w.pick(*ADDED[kind]))
    start = w.text("acc = <start>", "acc = <start>", "acc = <start>", "acc = <start>", "acc = other = <start>", "acc: object = <start>",
                   "acc = <start>\nout.append(acc)", "acc, other = <start>, 1", "if extra:\n    acc = <start>\nelse:\n    acc = k",
                   "acc = <start>\n\n", start=w.pick(*STARTS[kind][:most]))
    end = w.pick(*ENDS[:most])
    form = w.rng.random()
    if form < 0.06:
        block = "%s\ndef inner():\n    nonlocal acc\n    %s\ninner()\n%s" % (start, loop.replace("\n", "\n    "), end)
    elif form < 0.1:
        block = "global acc\n%s\n%s\n%s" % (start, w.guarded(loop), end)
    else:
        block = "%s\n%s\n%s" % (start, w.guarded(loop), end)
    if w.chance(0.08):
        block = re.sub(r"\bacc\b", w.pick("owner.values", "box[0]", "io", "values", "extra"), block)
    return program(w, world, block.replace("<y>", "y").replace("<x>", "x"))
