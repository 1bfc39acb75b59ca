"""Templates around the rules of family 2: lists and iterators that are used once."""
from sources import (around, comprehension, element_of, loop_over, program, world_choose)
from writer import template

LOOPED = ("ints", "ints", "rows", "texts", "table", "lists", "iterator", "unknown", "set",
          "local")


@template("PML201")
def short_circuit(w):
    world = world_choose(w, *LOOPED)
    block = w.text(
        "result = any(<list>)", "result = all(<list>)", "result = not <list>",
        "if <list>:\n    result = 'some'\nelse:\n    result = 'none'",
        "result = 'yes' if <list> else 'no'", "assert <list>, 'none of them'",
        "result = any(<list>) and not all(<second>)", "result = (any(<list>), call(1))",
        "if extra and <list>:\n    result = 1\nelif any(<second>):\n    result = 2",
        "while <list>:\n    call(1)\n    break", "result = [any(<list>) for turn in extra]",
        "result = bool(<list>)", "result = any(<list>) == any(<second>)",
        list=listed(w, world), second=comprehension(w, world))
    if w.chance(0.3):
        block = around(w, "any(%s)" % listed(w, world), "all(%s)" % listed(w, world))
    return program(w, world, w.guarded(block))


def listed(w, world, kind=None):
    kind = kind or w.pick("plain", "plain", "plain", "risky", "wild")
    return comprehension(w, world, element_of(w, world, kind))


@template("PML202")
def reduced(w):
    world = world_choose(w, "ints", "ints", *LOOPED)
    block = w.text(
        "result = sum(<list>)", "result = max(<list>)", "result = min(<list>)",
        "result = sum(<list>, 10)", "result = max(<list>, default=None)",
        "result = min(<list>, key=lambda y: -y)", "result = max(<list>, key=call)",
        "result = math.fsum(<list>)", "result = math.prod(<list>)",
        "result = functools.reduce(lambda a, b: a + b, <list>)",
        "result = functools.reduce(lambda a, b: call(a) or b, <list>, 0)",
        "result = sum(<list>) + sum(<second>)", "result = sum(<list>, start=call(2))",
        "result = statistics.mean(<list>)", "result = heapq.nlargest(2, <list>)",
        "result = max(sum(<list>), len(values))", "result = sum(<list>, sum(<second>))",
        "result = [sum(<list>) for turn in extra]", "print(sum(<list>), max(<second>))",
        "result = max(\n    <list>,\n    key=lambda y: (y, k),  # note\n)",
        "total += sum(<list>)", "result = values and sum(<list>)",
        "result = sum(\n    <list>\n    # note\n)", "result = next(iter(<list>), None)",
        "result = f'{sum(<list>)}'" if w.minor >= 12 else "result = sum((<list>))",
        "result = <list>.count(1)", "result = min(<list>, key=held.get)",
        "class Body:\n    level = 3\n    weight = sum(<list>)\nresult = Body.weight",
        "result = super().weigh(1) if extra is None else sum(<list>)",
        "result = (lambda values: sum(<list>))(values)",
        list=listed(w, world, w.pick("plain", "risky", "risky", "wild")),
        second=comprehension(w, world))
    if w.chance(0.4):
        made = listed(w, world, w.pick("plain", "risky"))
        block = around(w, *["%s(%s)" % (name, made) for name in (
            "sum", "max", "min", "math.fsum", "math.prod", "statistics.fmean")])
    return program(w, world, w.guarded(block))


ITERATORS = {
    "ints": ["range(len(values) * 60)", "reversed(values)", "zip(values, extra)",
             "enumerate(values)", "map(str, values)", "filter(None, values)",
             "iter(values)", "map(call, values)", "(<x> for <x> in values)",
             "zip(values, values[1:])", "itertools.chain(values, extra)", "numbers(values)",
             "enumerate(values, 1)", "(10 // <x> for <x> in values)", "range(len(values))",
             "zip(same, extra)", "reversed(same)", "enumerate(extra)"],
    "table": ["values.items()", "values.keys()", "values.values()", "iter(values)",
              "reversed(values)", "zip(values, extra)", "enumerate(values.items())",
              "filter(None, values.values())", "{**values, 'q': 1}.items()",
              "map(values.get, values)"],
    "iterator": ["values", "zip(values, extra)", "map(str, values)", "it",
                 "enumerate(values)", "itertools.islice(values, 2)", "numbers(values)"],
    "lists": ["zip(*values)", "itertools.chain.from_iterable(values)", "enumerate(values)",
              "map(len, values)", "reversed(values)", "map(sorted, values)"],
}


def materialised(w, name, makers=("list", "list", "tuple", "sorted")):
    source = w.pick(*ITERATORS[name]).replace("<x>", "x")
    maker = w.pick(*makers)
    if source.startswith("(x ") or source.startswith("(10"):
        source = source[1:-1]
    return w.pick("%s(%s)", "%s(%s)", "%s(\n    %s\n)", "%s(%s,)", "%s(  # note\n    %s\n)") % (
        maker, source) if not source.endswith("in values") else "%s(%s)" % (maker, source)


@template("PML203")
def materialised_to_iterate(w):
    name = w.pick("ints", "ints", "table", "table", "iterator", "lists")
    world = world_choose(w, name)
    made = materialised(w, name)
    y = w.pick("y", "y", "x", "k", "y, z")
    block = w.pick(
        loop_over(w, world, made, y), loop_over(w, world, made, y),
        loop_over(w, world, "enumerate(%s)" % made, "i, y"),
        "kept = %s\n%s" % (made, loop_over(w, world, "kept", y)),
        "kept = %s\n<between>\n%s" % (made, loop_over(w, world, "kept", y)),
        "result = [y for y in %s if y]" % made, "result = sum(len(str(y)) for y in %s)" % made,
        "result = [(y, k) for y in %s], list(it)" % made, "result = all(y for y in %s)" % made,
        "result = any(%s)" % made, "result = max(%s, default=0)" % made,
        "result = sum(1 for y in %s)" % made, "result = [y for y in %s]" % made,
        "result = {str(y): call(y) for y in %s}" % made, "result = sum(%s, ())" % made,
        "numbered = list(range(len(values) * 60))\nresult = numbered[1], len(numbered), "
        "sum(numbered)")
    block = w.text(block, between=w.pick(*BETWEEN))
    return program(w, world, w.guarded(block))


BETWEEN = ["", "values.append(9)", "call(0)", "k += 1", "extra.append(4)", "same.clear()",
           "values = extra", "print('between')", "change()", "seen.add(1)", "del extra[:]",
           "bump()", "next(it, None)", "extra = values", "values.pop('a', None)", "x = 9",
           "if extra:\n    call(3)", "values.clear()", "held[1] = 'changed'", "Lock.held = 7",
           "total += 1", "with Lock():\n    call(2)", "values += extra", "last = None", "step()", "owner.grow()",
           "learn()", "box[0].append(2)", "await pause(call)", "yield 0", "owner.values = []",
           "box = []", "for x in extra:\n    k = x", "try:\n    call(1)\nexcept LookupError:\n"
           "    pass", "same = None", "k = k", "print(values)", "if call(1) > 1:\n    return 'early'",
           "def later():\n    values.clear()\nlater()", "raise KeyError('between')"]


@template("PML204", weight=2)
def named_once(w):
    world = world_choose(w, *LOOPED)
    made = listed(w, world, w.pick("plain", "plain", "risky", "wild"))
    name = w.pick("kept", "kept", "kept", "values", "x", "rows")
    use = w.text(
        "result = sum(<name>)", "result = max(<name>, default=0)", "result = any(<name>)",
        "<loop>", "<loop>", "<loop>", "result = [y for y in <name>]",
        "result = list(zip(<name>, extra))", "result = {y: 1 for y in <name>}",
        "result = [(y, z) for y in extra for z in <name>]", "result = tuple(<name>)",
        "result = ''.join(str(y) for y in <name>)", "result = call(<name>)",
        "result = (sum(y for y in <name> if y), call(5))", "result = sorted(<name>)",
        "result = (call(1), sum(<name>))", "result = min(<name>, key=call)",
        "more = [(y, k) for y in <name>]\nresult = max(more, default=None)",
        "result = sum(<name>) if call(1) else None", "result = 1 in <name>",
        "with Lock():\n    result = all(<name>)", "result = <name>[:2]",
        "out.extend(<name>)", "result = dict(enumerate(<name>))",
        "for turn in extra:\n    result = sum(<name>)", "result = len(<name>)",
        name=name, loop=loop_over(w, world, name))
    block = w.text("<name> = <made>\n<between>\n<use>", "<name> = <made>\n<use>",
                   "<name> = (<made>)  # note\n<use>", "<name>: List = <made>\n<use>",
                   "try:\n    <name> = <made>\nfinally:\n    call(2)\n<use>",
                   "<name> = <made>; <one>" if "\n" not in use else "<name> = <made>\n<use>",
                   "<name> = <made>\n<use>\n<behind>", name=name, made=made, use=use, one=use,
                   between=w.pick(*BETWEEN),
                   behind=w.pick("del " + name, "print('behind')", name + " = 3"))
    return program(w, world, w.guarded(block))


@template("PML205", weight=2)
def loop_source(w):
    world = world_choose(w, *LOOPED)
    made = listed(w, world, w.pick("plain", "plain", "risky", "wild"))
    block = w.pick(
        loop_over(w, world, made), loop_over(w, world, made), loop_over(w, world, made),
        loop_over(w, world, "enumerate(%s)" % made, "i, y"),
        loop_over(w, world, "zip(%s, extra)" % made, "y, z"),
        loop_over(w, world, "zip(extra, %s)" % made, "z, y"),
        loop_over(w, world, "itertools.chain(%s, extra)" % made),
        loop_over(w, world, "map(call, %s)" % made),
        loop_over(w, world, "(%s)" % made, w.pick("x", "k", "values")),
        "result = [y for y in %s]" % made, "result = {y for y in %s if not y}" % made,
        "result = [(y, call(y)) for y in %s]" % made, "yield from %s\nresult = 1" % made,
        "result = sum(y for y in %s)" % made, "out.extend(map(str, %s))" % made,
        "result = list(zip(%s, it))" % made, "result = [y for z in extra for y in %s]" % made,
        "for y in %s:\n    yield y\nresult = call(1)" % made,
        "with open('out.txt', 'w') as f:\n    f.writelines(%s)" % made,
        "buffer = io.StringIO()\ncsv.writer(buffer).writerows(%s)\n"
        "result = buffer.getvalue()" % made,
        "result = list(itertools.starmap(call, %s))" % made,
        "result = max(enumerate(%s), default=None)" % made,
        "first, *rest = (y for y in %s)\nresult = first" % made,
        "for y in %s:\n    await pause(call)\n    out.append(y)" % made,
        "for y in %s:\n    for z in %s:\n        out.append((y, z))" % (
            made, comprehension(w, world)))
    text = program(w, world, w.guarded(block))
    return text.replace("def target(self, values", "async def target(self, values").replace(
        "\ndef target(values", "\nasync def target(values") if "await pause" in text else text


@template("PML206")
def constructor(w):
    world = world_choose(w, "ints", "ints", *LOOPED)
    made = listed(w, world, w.pick("plain", "risky", "risky", "wild"))
    pairs = comprehension(w, world, "(%s, %s)" % (
        element_of(w, world, w.pick("plain", "risky")), element_of(w, world)))
    block = w.text(
        "result = bytes(<list>)", "result = bytearray(<list>)", "result = set(<list>)",
        "result = array.array('l', <list>)", "result = dict(<pairs>)", "out += <list>",
        "result = tuple(<list>)", "result = sorted(<list>)", "result = frozenset(<list>)",
        "result = collections.Counter(<list>)", "result = collections.deque(<list>)",
        "out.extend(<list>)", "seen.update(<list>)", "held.update(<pairs>)",
        "result = collections.OrderedDict(<pairs>)", "result = sorted(<list>, key=call)",
        "result = sorted(<list>, reverse=True)", "values.extend(<list>)", "values += <list>",
        "result = set(<list>) - set(<second>)", "result = seen.union(<list>)",
        "result = dict(<pairs>, more=call(1))", "result = (dict(<pairs>), call(2))",
        "extra.extend(<list>)", "result = b''.join([bytes(<list>)])",
        "seen |= set(<list>)", "result = seen.isdisjoint(<list>)", "result = list(<list>)",
        "result = tuple(\n    <list>,  # note\n)", "same.extend(<list>)", "extra += <list>",
        "result = collections.deque(<list>, 3)", "result = ','.join(<list>)",
        "result = dict.fromkeys(<list>, k)", "result = {**dict(<pairs>), 'k': k}",
        "result = f'{dict(<pairs>)}'" if w.minor >= 12 else "result = (dict((<pairs>)))",
        list=made, second=comprehension(w, world), pairs=pairs)
    if w.chance(0.3):
        block = around(w, *["%s(%s)" % (name, made) for name in (
            "set", "tuple", "bytes", "sorted", "frozenset", "bytearray")], "dict(%s)" % pairs)
    return program(w, world, w.guarded(block))


@template("PML207")
def counted(w):
    name = w.pick("ints", "table", "iterator", "lists")
    world = world_choose(w, name, name, *LOOPED)
    made = listed(w, world)
    block = w.text(
        "result = len(<list>)", "result = len(<list>)", "result = len(<cast>)",
        "result = len(<cast>), len(<list>)", "result = len(<list>) > 2 and call(1)",
        "result = len(\n    <list>\n)", "total += len(<list>)", "result = -len(<list>) ** 2",
        "if len(<list>):\n    result = 'some'", "result = len((<list>)) / 2",
        "result = [len(<list>) for turn in extra]", "print(len(<list>), file=None)",
        "result = call(len(<cast>))", "result = len(<cast>), list(it)", list=made,
        cast=materialised(w, w.pick(*ITERATORS) if world.annotation == "" else name)
        if name in ITERATORS else made)
    if w.chance(0.3):
        block = around(w, "len(%s)" % made, "len(%s)" % materialised(w, "ints"))
    return program(w, world, w.guarded(block))


@template("PML209")
def head(w):
    name = w.pick("ints", "table", "iterator", "lists")
    world = world_choose(w, name, name, *LOOPED)
    block = w.text(
        "result = <list>[:2]", "result = <list>[:k]", "result = <list>[0:3]",
        "result = <cast>[:2]", "result = <cast>[:1] + [9]", "result = <list>[:2][0]",
        "for y in <list>[:2]:\n    out.append(y)", "result = <cast>[:2], call(1)",
        "for y in <cast>[:3]:\n    call(y)\n    out.append(y)", "print(*<list>[:2])",
        "head = <list>[:2]\nhead.append(1)\nresult = head", "result = <list>[:0]",
        "result = list(zip(<list>[:2], extra))", "return<list>[:2]if extra else k",
        "result = <cast>[:2], list(it)", "result = (\n    <list>\n)[:1]", "result = <list>[:-1]",
        list=listed(w, world), cast=materialised(w, name, ("list", "tuple")))
    if w.chance(0.3):
        block = around(w, listed(w, world) + "[:2]", "list(values)[:1]",
                       materialised(w, "ints", ("list", "tuple")) + "[:3]")
    return program(w, world, w.guarded(block))


@template("PML211")
def searched(w):
    name = w.pick("ints", "table", "iterator", "lists")
    world = world_choose(w, name, name, *LOOPED)
    block = w.text(
        "result = <item> in <list>", "result = <item> not in <list>",
        "if <item> in <list>:\n    result = 'found'", "result = not <item> in <list>",
        "result = <item> in <cast>", "result = call(1) in <list>", "result = 1 in <list> and k",
        "result = <item> in list(values)", "result = <item> in tuple(extra)",
        "while <item> in <list>:\n    call(1)\n    break", "result = (<item> in <list>) == True",
        "result = [y for y in extra if y in <list>]", "result = <item> in <cast>, list(it)",
        "result =<item>in<list>or k", "result = <item> in [y for y in values]",
        item=w.pick("1", "k", "'a'", "[1]", "(1, k)", "Loud([1])", "float('nan')", "None",
                    "'1'", "call(2)", "2"),
        list=listed(w, world), cast=materialised(w, name, ("list", "tuple")))
    if w.chance(0.3):
        block = around(w, "(k in %s)" % listed(w, world), "(call(1) not in %s)" % listed(w, world))
    return program(w, world, w.guarded(block))


@template("PML213")
def one_part(w):
    world = world_choose(w, "texts", "texts", "unknown", "ints")
    text = w.pick("word", "word", "','.join(values)", "word.strip()", "word.encode()", "word + k",
                  "str(word)", "('%s' % word)")
    call = w.text("<text>.split(<sep>)", "<text>.rsplit(<sep>)", "<text>.split(sep=<sep>)",
                  "<text>.split()", "<text>.split(\n    <sep>  # note\n)", "<text>.rsplit()",
                  "<text>.split(None)", text=text,
                  sep=w.pick("','", "', '", "','", "''", "k", "b','", "'\\t'", "'aa'", "r'\\n'",
                             "call(1)", "'a'", "None", "','", "'\"'", "'é'"))
    block = w.text(
        "out.append(<call>[0])", "out.append(<call>[-1])", "out.append(<call>[1])",
        "parts = <call>\nout.append(parts[0])", "parts = <call>\nout.append(parts[-1])",
        "first, *_ = <call>\nout.append(first)", "out.append((<call>)[0])",
        "parts = <call>\nparts[0] = 1\nout.append(parts)", "out.append(<call>[-1].strip())",
        "parts = <call>\nword = 'z'\nout.append(parts[-1])", "del <call>[0]", call=call)
    loop = w.text("for word in values:\n    <block>", "for word in map(str, values):\n    <block>",
                  "for word in values:\n    <block>\n    if call(1) == 2:\n        break",
                  block=block)
    return program(w, world, w.guarded(loop))
