"""What the programs of families 2 and 3 iterate over, and what they make of it."""
from collections import namedtuple

# annotation: of the parameter `values`; sources: what a comprehension iterates over;
# x: its target; plain: elements that neither raise nor act, risky: that may raise,
# wild: that act, bind, or mean something else in a generator; makers: the inputs.
World = namedtuple("World", "annotation sources x plain risky wild makers")

NUMBERS = ["lambda: []", "lambda: [1, -1, 300, 2]", "lambda: [5]", "lambda: [3, 1, 2, 3]", "lambda: list(range(7))",
           "lambda: [0, 1, 0, 2]", "lambda: [1] * 5"]
TEXTS = ["lambda: []", "lambda: ['b', 'a', '', 'b']", "lambda: ['1', '2', 'x']",
         "lambda: ['a,b', 'c,d', ',']"]
WILD = ["shout(<x>)", "call(<x>)", "log.append(<x>) or <x>", "next(it)", "(last := <x>)",
        "extra.append(<x>) or <x>", "boom(<x>)", "stop(<x>)", "len(locals())",
        "seen.add(<x>) or <x>", "next(it, 0)", "values.append(7) if len(values) < 9 else 1",
        "extra.pop()", "bump()", "print(<x>)", "sum([y for y in it])",
        "(lambda: call(<x>))()", "[log.append(y) for y in extra]", "f'{call(<x>)}'",
        "same.pop() if len(same) > 2 else <x>", "list(map(call, extra))", "extra[0](<x>)",
        "step()", "learn(<x>)", "owner.grow() or <x>", "box.append(<x>) or 1", "owner.total()"]

WORLDS = {
    "ints": World(
        "List[int]", ["values", "values", "values", "same", "range(len(values) * 60)",
                      "sorted(values)", "reversed(values)", "values[:]", "iter(values)",
                      "enumerate(values)", "zip(values, values)", "(values or extra)",
                      "owner.values", "box[0]", "KNOWN", "owner.values", "extra + values"],
        "x",
        ["<x>", "<x> == 2", "<x> != 1 and <x> is not None", "(<x>, k)", "not <x>",
         "<x> is None", "<x> in seen", "k", "(<x> if <x> == 1 else k)", "True", "LEVEL",
         "[<x>]", "Lock.held", "{<x>: k}", "(lambda: <x>)", "'%s'", "[y for y in extra]"],
        ["<x> * 2", "10 // <x>", "<x> + k", "<x> > 1", "held[<x>]", "extra[<x>]",
         "str(<x>)", "abs(<x>)", "<x> % 2", "-<x>", "len(values) - <x>", "values[<x>]",
         "sum([y for y in range(<x>)])", "max([y * <x> for y in extra])",
         "float(<x>)", "k / <x>", "f'{<x>:03d}'", "values.index(<x>)", "'abc'[<x>]",
         "len([y for y in values if y == <x>])", "any([y == <x> for y in extra])",
         "<x> & 255", "<x> + total", "twice(<x>)", "values.count(<x>)"],
        WILD, NUMBERS),
    "rows": World(
        "List[Row]", ["values", "values", "same", "values[1:]", "values[::-1]"], "row",
        ["<x>.size", "<x>.name", "<x>.size == 2", "(<x>.name, <x>.size)", "<x>",
         "not <x>.size", "<x>.name in seen", "<x>.size is k"],
        ["<x>.size + k", "<x>.name.upper()", "10 // <x>.size", "held[<x>.size]",
         "len(<x>.name)", "<x>.size * <x>.size", "<x>.name[0]"],
        ["shout(<x>.size)", "call(<x>.size)", "setattr(<x>, 'size', 5) or 1",
         "log.append(<x>.name) or <x>.size", "<x>.name.join(extra)", "boom(<x>.size)"],
        ["lambda: []", "lambda: [Row('a', 1)]",
         "lambda: [Row('r%d' % i, i % 3) for i in range(5)]",
         "lambda: [Row('one', 1), Row('', 1), Row('two', 2)]"]),
    "texts": World(
        "List[str]", ["values", "values", "same", "set(values)", "map(str.strip, values)"],
        "word",
        ["<x>", "<x> == 'a'", "not <x>", "(<x>, k)", "<x> is None", "<x> in seen"],
        ["int(<x>)", "<x>.upper()", "len(<x>)", "<x>[0]", "<x> + 'x'", "ord(<x>)",
         "<x>.strip().split(',')[0]", "<x>.split(',')[1]", "float(<x>)", "<x>.index('b')",
         "<x>.encode('ascii')", "<x>.startswith('a')", "<x> in 'abc'"],
        ["shout(<x>)", "call(<x>)", "log.append(<x>) or <x>", "values.remove(<x>)"], TEXTS),
    "table": World(
        "Dict[str, int]", ["values", "values.items()", "values.values()", "values.keys()",
                           "sorted(values)", "sorted(values.items())", "list(values)"],
        "x",
        ["<x>", "(<x>, k)", "<x> == 'a'", "not <x>", "<x> in seen", "<x> in values"],
        ["values[<x>]", "<x>[0]", "<x>[1]", "str(<x>)", "values.get(<x>)", "<x> + k",
         "<x> * 2"],
        ["values.pop(<x>)", "shout(<x>)", "call(<x>)", "log.append(<x>) or <x>",
         "values.setdefault('z', 1)", "values.update(z=4) or 1"],
        ["dict", "lambda: {'a': 1, 'b': 2, 'c': 0}", "lambda: {'a': 2}",
         "lambda: {str(i): i for i in range(6)}"]),
    "lists": World(
        "List[List[int]]", ["values", "values", "same", "[y for y in values]"], "x",
        ["<x>", "not <x>", "(<x>, k)", "<x> == [1]"],
        ["<x>[0]", "len(<x>)", "sum(<x>)", "max(<x>)", "<x> + [k]", "sum([y for y in <x>])",
         "[y * 2 for y in <x>]", "any([y == k for y in <x>])", "sorted(<x>)", "<x>[:1]"],
        ["<x>.pop()", "<x>.append(1) or <x>", "<x>.sort() or <x>", "shout(<x>)", "call(<x>)"],
        ["lambda: []", "lambda: [[1, 2], [3]]", "lambda: [[1], [], [2, 0, 1]]",
         "lambda: [[1]] * 3"]),
    "iterator": World(
        "Iterator[int]", ["values", "iter(values)", "numbers(values)", "it",
                          "enumerate(values)", "zip(values, extra)", "map(abs, values)",
                          "filter(None, values)", "itertools.islice(values, 3)"], "x",
        ["<x>", "<x> == 1", "(<x>, k)", "not <x>"], ["<x> * 2", "10 // <x>", "str(<x>)"],
        WILD[:8],
        ["lambda: iter([3, 1, 2])", "lambda: (10 // i for i in (2, 1, 0, 3))",
         "lambda: iter(())", "lambda: map(int, ['1', '2', 'x'])"]),
    "unknown": World(
        "", ["values", "values", "same", "values.values", "numbers(values)"], "x",
        ["<x>", "<x> == 1", "(<x>, k)", "not <x>", "<x> in seen"],
        ["<x> * 2", "str(<x>)", "held[<x>]", "10 // <x>"], WILD,
        ["lambda: Loud([3, 1, 2])", "lambda: Broken([1, 2])", "lambda: None",
         "lambda: [2, 1]", "lambda: {1: 2}", "lambda: 'text'", "lambda: iter([1, 2, 3])",
         "lambda: (10 // i for i in (2, 1, 0))", "lambda: Broken([])"]),
    "set": World(
        "Set[int]", ["values", "same", "sorted(values)", "values | {1}", "values - {1}"], "x",
        ["<x>", "<x> == 1", "(<x>, k)", "<x> in extra", "<x> in values"],
        ["<x> * 2", "10 // <x>", "held[<x>]"],
        ["values.discard(<x>) or <x>", "shout(<x>)", "call(<x>)"],
        ["set", "lambda: {1}", "lambda: {3, 1, 2}", "lambda: {0, 1, 2, 5}"]),
    "chunks": World(
        "List[bytes]", ["values", "values", "same", "map(bytes.strip, values)"], "x",
        ["<x>", "not <x>", "<x> == b'a'", "(<x>, k)"],
        ["len(<x>)", "<x>[0]", "<x> + b'x'", "<x>.decode()", "10 // len(<x>)"],
        ["shout(<x>)", "call(<x>)", "values.remove(<x>)"],
        ["lambda: []", "lambda: [b'b', b'a', b'', b'b']", "lambda: [b'1', b'2', b'xyz']",
         "lambda: [b'\\xff', b'z' * 9]"]),
    "groups": World(
        "Dict[str, List[int]]", ["values", "values.values()", "values.items()"], "x",
        ["<x>", "(<x>, k)", "<x> in values"],
        ["values[<x>]", "<x>[0]", "<x>[1]", "sum(<x>)", "len(<x>)"],
        ["values.pop(<x>)", "<x>.append(1) or <x>", "shout(<x>)", "call(<x>)"],
        ["dict", "lambda: {'a': [1, 2], 'b': [], 'c': [0]}", "lambda: {'a': [2]}",
         "lambda: dict.fromkeys('abc', [1])"]),
    "local": World(
        "List[int]", ["made", "made", "made", "list(made)", "made[1:]"], "x",
        ["<x>", "<x> == 2", "(<x>, k)", "not <x>"],
        ["<x> * 2", "10 // <x>", "<x> + len(made)", "made[<x>]"],
        ["made.append(7) if len(made) < 9 else 1", "made.pop()", "shout(<x>)", "change() or <x>"],
        NUMBERS),
}

# What a pass may do between two elements, <y>; <source> is what it walks through.
BODIES = [
    "out.append(<y>)", "out.append(<y>)", "total += 1", "print(<y>)", "call(<y>)",
    "values.append(7)\nif len(values) > 12:\n    break", "same.pop()", "change()",
    "extra.append(<y>)\nif len(extra) > 12:\n    break", "k += 1\nout.append(<y>)",
    "seen.add(str(<y>))\nout.append(<y>)", "if <y>:\n    break", "log.append(<y>)\nbump()",
    "if <y> == 1:\n    return 'early'", "raise KeyError(<y>)", "<x> = 5\nout.append(<y>)",
    "try:\n    out.append(10 // <y>)\nexcept (ZeroDivisionError, TypeError):\n    continue",
    "values = []\nout.append(<y>)", "del values[:1]\nout.append(<y>)", "held.clear()",
    "out.append([<y> for other in extra])", "with Lock():\n    out.append(<y>)",
    "if len(out) == 2:\n    continue\nout.append(<y>)", "same[:] = [1]\nout.append(<y>)",
    "out.append(lambda: <y>)", "if call(<y>):\n    break\nout.append(<y>)",
    "values.sort()\nout.append(<y>)", "extra[0:0] = [<y>]\nif len(extra) > 9:\n    break",
    "out.append(10 // <y>)", "out.append(held[<y>])", "shout(<y>)", "boom(<y>)",
    "next(it, None)\nout.append(<y>)", "out.append((<y>, len(values)))",
    "pass", "total += 1\nif total > 2:\n    break", "assert <y> != 2, 'two'",
    "values.update(z=9)", "values.pop('a', None)", "out.append(<y>)\ndel <y>",
    "setattr(<y>, 'size', 9)", "values[0] = 8\nout.append(<y>)",
    "step()\nout.append(<y>)", "owner.grow()\nout.append(<y>)", "learn()\nout.append(<y>)",
    "box[0].append(1)\nif len(values) > 12:\n    break", "owner.values = [1]\nout.append(<y>)",
    "box[:] = [[1, 2]]\nout.append(<y>)", "yield <y>", "await pause(call)\nout.append(<y>)",
    "KNOWN[:] = [3]\nout.append(<y>)", "out.append((<y>, k))\nk = 7", "owner = Owner([7])\ntotal += 1",
    "out.append(owner.total())", "for other in values:\n    out.append((other, <y>))",
    "def use():\n    return values.pop() if values else 0\nout.append(use())",
    "out.append([z for z in values if z is <y>])", "values = values[1:]\nout.append(<y>)",
]


# Bodies that leave everything else alone.
QUIET = ["out.append(<y>)", "total += 1", "seen.add(str(<y>))", "if <y>:\n    total += 1",
         "out.append((<y>, k))", "if <y>:\n    break", "out.append(str(<y>))", "pass",
         "out.append(<y>)\nif len(out) == 2:\n    break", "print(<y>)"]

# A call as part of a greater expression.
AROUND = [
    "result = <e>", "result = <e>", "result = <e>", "result = (<e>, <e>)", "result = <e> + <f>",
    "result = call(<e>)", "result = (call(1), <e>)", "result = (<e>, call(1))", "result = -<e>",
    "result = 1 < <e> < 9", "result = held[<e>]", "result = [<e> for turn in extra]",
    "result = (lambda: <e>)()", "result = values[:<e>]", "raise KeyError(<e>)", "result = f'{<e>}'",
    "def inner(level=<e>):\n    return level\nresult = inner()", "result = <e> if extra else <f>",
    "result = <e> and call(1) or <f>", "result = {<e>: <f>}", "print(<e>, <f>, sep=str(call(1)))",
    "result = [*extra, <e>]", "if (found := <e>):\n    result = found", "result = <e> ** 2",
    "class Body:\n    level = <e>\nresult = Body.level", "total += <e>", "extra.append(<e>)",
    "result = str(<e>)[0]", "assert <e>, call(1)", "for turn in extra:\n    total += <e>",
    "result = (yield <e>)", "result = [y for y in extra if y == <e>]", "extra[0:<e>] = [<f>]",
    "while <e>:\n    call(1)\n    break", "result = not <e>", "result = <e> is <f>",
    "result = sorted(extra, key=lambda y: <e>)", "out.append(<e>); out.append(<f>)",
    "await pause(call)\nresult = <e>", "return <e>, values, extra", "result = <e>.__class__.__name__",
    "try:\n    result = <e>\nexcept TypeError as error:\n    result = str(error)",
    "def inner():\n    nonlocal k\n    k += 1\n    return <e>\nresult = (inner(), k)",
    "result = max(<e>, <f>)", "with Lock() as lock:\n    result = <e>\nresult = [result, Lock.held]",
]


def around(w, *calls):
    """One of the calls in some expression, now and then with another."""
    return w.text(w.pick(*AROUND), e=w.pick(*calls), f=w.pick(*calls))


def world_choose(w, *names):
    return WORLDS[w.pick(*(names or WORLDS))]


def params_of(w, world):
    values = "values: " + world.annotation if world.annotation else "values"
    return values + ", extra, call"


def element_of(w, world, kind=None):
    kind = kind or w.pick("plain", "plain", "plain", "risky", "risky", "risky", "wild")
    return w.pick(*getattr(world, kind))


def comprehension(w, world, element=None, brackets="[]"):
    """Of one or two clauses, with or without a condition."""
    x = w.pick(world.x, world.x, world.x, "value", "out_", "k2")
    element = element or element_of(w, world)
    source = w.pick(*world.sources)
    if source.startswith(("enumerate", "zip")) or source.endswith("items()"):
        parts = [element.replace("<x>", w.pick("x", "i")), "for i, x in " + source]
        x = "x"
    else:
        parts = [element, "for <x> in " + source]
    if w.chance(0.1):
        parts.append("for other in " + w.pick("extra", "values", "range(2)", "it"))
    if w.chance(0.35):
        kind = w.pick("plain", "plain", "plain", "plain", "risky", "wild")
        parts.append("if " + element_of(w, world, kind))
    return w.spaced(brackets[0], [part.replace("<x>", x) for part in parts], brackets[1])


def setup_of(w, world):
    """Lines before the block: names that hide others, locals that sources name."""
    lines = []
    if world is WORLDS["local"]:
        lines.append(w.pick("made = [3, 1, 2] + values", "made = list(values)",
                            "made = []\nfor one in values:\n    made.append(one)",
                            "made = Loud([1, 2, 3])", "made = values[:]\nsame = made",
                            "made = values\n"))
        lines.append(w.pick("", "", "def change():\n    made.append(7)", "extra = made"))
    lines.append(w.pick(*HIDERS) if w.chance(0.12) else "")
    return "\n".join(line for line in lines if line)


HIDERS = ["def sum(values, *rest):\n    return list(values)[:1]", "list = tuple",
          "any = all", "def any(items):\n    return len(items)", "itertools = None",
          "from itertools import chain as itertools", "reversed = sorted",
          "def list(items):\n    return 'hidden'", "len = repr", "islice = None",
          "from builtins import sum as any", "print(len(locals()))", "max = min"]


def program(w, world, block, setup=None):
    """A whole program around a block that uses `values`, `extra` and `call`."""
    body = w.body(block, setup=setup_of(w, world) if setup is None else setup)
    drivers = "drive(target, %s)" % ", ".join(
        w.rng.sample(world.makers, min(3, len(world.makers))))
    return w.module(w.placed(params_of(w, world), body), drivers)


def loop_over(w, world, source, y="y"):
    """A `for` over the expression, with a body, perhaps an `else`, what comes behind."""
    body = w.pick(*(QUIET if w.chance(0.3) else BODIES))
    if w.chance(0.2):
        body += "\n" + w.pick(*BODIES)
    text = "for %s in %s:\n    <body>" % (y, source)
    if w.chance(0.2):
        text += "\nelse:\n    " + w.pick("out.append('else')", "print('else')", "call(0)")
    if w.chance(0.15):
        text += "\nprint(%s)" % y
    item = "(%s)" % y if "," in y else y
    return w.text(text, body=body).replace("<y>", item).replace("<x>", world.x)
