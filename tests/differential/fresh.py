"""Templates around the rules of family 3 on copies of whole containers."""
from passes import BETWEEN, ITERATORS
from sources import BODIES, around, comprehension, loop_over, program, world_choose
from writer import template

COPIES = [
    "list(<s>)", "list(<s>)", "<s>[:]", "<s>[:]", "<s>.copy()", "<s>.copy()", "tuple(<s>)",
    "copy.copy(<s>)", "[*<s>]", "set(<s>)", "frozenset(<s>)", "(list(<s>))", "list(<s>,)",
    "list(\n    <s>  # note\n)", "[\n    *<s>,\n]", "<s>[::]", "collections.deque(<s>)",
    "list(tuple(<s>))", "list((<s>))", "<s>[0:]", "<s> + []", "list(<s> or [])"]
TABLE_COPIES = [
    "dict(<s>)", "dict(<s>).items()", "<s>.copy().values()", "{**<s>}", "<s>.copy()",
    "copy.copy(<s>).items()", "list(<s>)", "tuple(<s>)", "dict(<s>).keys()", "[*<s>]",
    "dict(\n    <s>  # note\n).items()", "{**<s>}.values()", "set(<s>)", "(dict(<s>)).items()"]


@template("PML301")
def copied_to_iterate(w):
    name = w.pick("ints", "ints", "texts", "lists", "rows", "set", "table", "table", "local",
                  "unknown", "groups")
    world = world_choose(w, name)
    source = w.pick("values", "values", "values", "same", "extra", "owner.values", "box[0]",
                    "KNOWN", "(values)", "(values or extra)", "made", "held", "seen")
    if source == "made":
        world = world_choose(w, "local")
    elif world is world_choose(w, "local"):
        source = w.pick("made", "made", "values")
    copies = TABLE_COPIES if name in ("table", "groups") or source == "held" else COPIES
    made = w.pick(*copies).replace("<s>", source)
    y = w.pick("y", "y", "y", "x", "k", "y, z")
    block = w.pick(
        loop_over(w, world, made, y), loop_over(w, world, made, y), loop_over(w, world, made, y),
        loop_over(w, world, "enumerate(%s)" % made, "i, y"),
        loop_over(w, world, "zip(%s, %s)" % (made, source), "y, z"),
        loop_over(w, world, "(%s)" % made, w.pick("values", "same", "extra")),
        loop_over(w, world, "(kept := %s)" % made),
        "kept = %s\n%s" % (made, loop_over(w, world, "kept", y)),
        "kept = %s\n%s\n%s" % (made, w.pick(*BETWEEN), loop_over(w, world, "kept", y)),
        "kept = %s\n%s\n%s" % (made, w.pick(*BETWEEN), w.pick(
            "result = sum(kept)", "result = any(kept)", "result = [y for y in kept if y]")),
        "result = sum(%s)" % made, "result = max(%s, default=1, key=call)" % made,
        "result = max(%s, key=lambda y: values.pop())" % made, "result = any(%s)" % made,
        "result = [y for y in %s]" % made, "result = [(y, call(y)) for y in %s]" % made,
        "result = [%s for y in %s]" % (w.pick(*world.wild).replace("<x>", "y"), made),
        "result = [y for z in extra for y in %s]" % made, "result = all(call(y) for y in %s)" % made,
        "result = [y for y in %s if y in %s]" % (made, source), "result = f'{sum(%s)}'" % made
        if "\n" not in made else "result = min(%s)" % made,
        "result = {str(y): y for y in %s}" % made, "result = (y for y in %s)" % made,
        "yield from %s\nresult = 0" % made, "for y in %s:\n    yield y\nresult = 2" % made,
        "result = ''.join(str(y) for y in %s)" % made, "result = zip(%s, extra)" % made,
        "result = functools.reduce(lambda a, b: call(b) or a, %s, 0)" % made,
        "def inner(level=sum(%s)):\n    return level\nresult = inner()" % made,
        "def inner():\n    for y in %s:\n        yield y\nresult = inner()" % made,
        "for y in %s:\n    for z in %s:\n        out.append((y, z))" % (made, made),
        "for y in %s:\n    for z in %s[:]:\n        %s.pop()" % (made, source, source),
        "out.extend(%s)" % made, "values.extend(y for y in %s)" % made,
        "for y in %s:\n    values += [1]\n    if len(values) > 12:\n        break" % made,
        "for y in %s:\n    if y:\n        continue\n    %s.remove(y)" % (made, source),
        "for y in %s:\n    def drop():\n        values.clear()\n    drop()\n    out.append(y)" % made,
        "for y in %s:\n    seen.discard(y)\n    held.pop(y, None)\n    out.append(y)" % made,
        "seen.update(values)\nfor y in %s:\n    seen.add(len(seen))\n    out.append(y)" % made)
    if w.chance(0.12):
        block = around(w, *["%s(%s)" % (name, made) for name in ("sum", "any", "max", "all")])
    return program(w, world, w.guarded(block))


READS = [
    "own[<y>]", "own[0]", "own['a']", "len(own)", "len(own)", "own.get('a')", "sorted(own)",
    "sum(own)", "own is values", "own == values", "id(own) == id(values)", "own[0] is values[0]",
    "str(own)", "f'{own}'", "[*own]", "{**own}", "max(own, key=call)", "next(iter(own), 0)",
    "<y> in own", "list(own)", "own[:1]", "own or k", "own", "(own, k)", "call(own)", "bool(own)",
    "list(own.items())", "own.copy()", "(lambda: own)", "[z for z in own]", "own is not None",
    "own.pop()", "own.setdefault('z', 1)", "any(own)", "sum(own, extra)", "isinstance(own, list)",
    "own['a']['b']", "own[0][0]", "own['a'][0]", "list(own.values())", "own.size", "json.dumps(own)",
    "type(own).__name__", "(other := own)", "own.values()", "dict(own)", "iter(own)", "tuple(own)",
    "own.index(<y>)", "own.count(<y>)", "own + own", "own * 2", "''.join(map(str, own))"]
ACTS = [
    "own.append(1)", "own['z'] = 1", "own += [1]", "other = own\nother.append(3)", "del own[:1]",
    "for z in own:\n    z.append(4)", "for z in own.values():\n    z.append(4)", "extra = own",
    "own[0].append(2)", "own.sort()", "own = own[1:]", "out.append(own)", "yield own",
    "yield len(own)", "def inner():\n    return own\nout.append(inner)", "own.clear()",
    "values = own", "own |= {'q': 1}", "own[0] += own[1]", "owner.values = own", "box[0] = own",
    "with Lock():\n    own = own", "for z, own[0] in enumerate(extra):\n    pass", "del own"]


@template("PML305")
def copied_deep(w):
    world = world_choose(w, "table", "table", "table", "ints", "texts", "lists", "rows", "groups",
                         "unknown", "set", "iterator", "local")
    source = w.pick("values", "values", "values", "values", "same", "made", "owner.values", "box[0]",
                    "extra", "held", "KNOWN", "fresh")
    if source == "made":
        world = world_choose(w, "local")
    starts = {"fresh": w.pick("fresh = {'a': 1, 'b': [2]}", "fresh = Deep(a=1)", "fresh = Loud([1])",
                              "fresh = collections.defaultdict(int)", "fresh = Row('a', 1)",
                              "fresh = dict(zip('abc', values))", "fresh = list(values)",
                              "fresh = Quirk([1])", "fresh = [Deep(a=2)]", "fresh = (1, [2])",
                              "fresh = collections.Counter('ab')", "fresh = array.array('l', [1])")}
    made = w.pick("copy.deepcopy(<s>)", "copy.deepcopy(<s>)", "copy.deepcopy(<s>)", "deep(<s>)",
                  "copy.deepcopy((<s>))", "copy.deepcopy(\n    <s>  # note\n)", "copy.deepcopy(x=<s>)",
                  "copy.deepcopy(<s>, {})", "(copy.deepcopy(<s>))").replace("<s>", source)
    read = w.pick(*READS)
    before, behind = [w.pick("", "", "", *BODIES, *BETWEEN) for _ in range(2)]
    inner = w.text(
        "own = <made>\n<between>\nout.append(<read>)", "own = <made>\nout.append(<read>)",
        "own = <made>\ntotal += <read>", "own = <made>\n<act>\nout.append(<read>)",
        "own = <made>\nif <read>:\n    out.append(<more>)", "out.append(<here>)", "out.append(<here>)",
        "own = <made>\ntry:\n    out.append(<read>)\nexcept LookupError:\n    <act>",
        "own = <made>\nfor z in own:\n    out.append(z)", "own = <made>\nprint(<read>)\n<behind>",
        "own = <made>\nout.append([<read> for turn in extra])", "for z in <made>:\n    <between>\n    out.append(z)",
        "for z in <made>.values():\n    out.append(z)", "for z, own in <made>.items():\n    out.append(own)",
        "own: dict = <made>\nyield <read>", "own = <made>  # note\nout.append(<read>)\nvalues['a'] = 5",
        "if (own := <made>):\n    out.append(<read>)", "total += len(<made>)",
        "own, other = <made>, 1\nout.append(<read>)", "own = <made>\nawait pause(call)\nout.append(<read>)",
        "def use(own=<made>):\n    return <read>\nout.append(use())", "print(<here>, call(1))",
        made=made, read=read, more=w.pick(*READS), act=w.pick(*ACTS), between=w.pick(*BETWEEN),
        behind=behind, here=w.pick(*READS).replace("own", made))
    loop = w.text("for <y> in extra:\n    <before>\n    <inner>\n    <behind>",
                  "for <y> in extra:\n    <inner>", "for <y> in range(3):\n    <inner>",
                  "for <y> in extra:\n    <inner>\n    <behind>", "<inner>",
                  "for <y> in list(values):\n    <inner>", "turns = 3\nwhile turns:\n    turns -= 1\n    <inner>",
                  before=before, inner=inner, behind=behind)
    setup = w.pick("", "deep = copy.deepcopy\n", "from copy import deepcopy as deep\n") \
        if "deep(" in loop else ""
    block = setup + starts.get(source, "") + "\n" + w.guarded(loop)
    if w.chance(0.2):
        block += "\nresult = (out, values, %s)" % w.pick("own", "extra", "k")
    text = program(w, world, block.strip("\n").replace("<y>", "y").replace("<x>", "x"))
    if not world.annotation or source == "fresh":
        return text.replace("lambda: {1: 2}", "lambda: Deep(a=1, b=2)").replace(
            "lambda: [2, 1]", "lambda: [Deep(a=1)]")
    return text


CASTS = ["list", "list", "list", "tuple", "sorted", "sorted", "set", "frozenset", "dict"]
MORE = [", key=call", ", reverse=True", ", key=lambda y: (str(y), k)", ", key=lambda y: values.pop()",
        ", reverse=call(1) > 1", ", key=values.index", ", key=str", ", key=boom",
        ", key=[values.append(7), str][1]", ", key=lambda y: len(values)", ", **{'reverse': 1}"]


def cast(w, source):
    """Casts in casts; the outermost may have more arguments."""
    inner = w.pick("%s(%s)", "%s(%s)", "%s((%s))", "%s(\n    %s  # note\n)", "%s(%s,)") % (
        w.pick("list", "list", "tuple", "sorted", "set", "dict"), source)
    if w.chance(0.15):
        inner = w.pick("%s[:]", "%s.copy()", "copy.copy(%s)") % inner
    outer = w.pick(*CASTS)
    more = w.pick("", "", *MORE) if outer == "sorted" else ""
    if outer == "dict" and w.chance(0.4):
        more = w.pick(", more=call(1)", ", **held", ", a=values.pop('a', 3)", ", b=len(values)")
    return w.pick("%s(%s%s)", "%s(%s%s)", "%s(\n    %s%s,\n)") % (outer, inner, more)


FRESH = [
    "sorted(values)", "[y for y in values]", "{str(y): 1 for y in values}", "values[1:]", "values + extra",
    "list(values)", "dict(held)", "{**held}", "[*values, 1]", "{y for y in extra}", "set(values)",
    "json.loads('[1, 2]')", "'a b'.split()", "list(map(call, values))", "Loud(values)", "Quirk(values)",
    "values", "extra", "collections.OrderedDict(a=1)", "collections.Counter('ab')", "values.copy()",
    "[[1]] * 3", "list(zip(values, extra))", "values or [1]", "[call(y) for y in values]", "same",
    "collections.deque(values)", "owner.values", "box[0]", "[boom(y) for y in values]", "dict.fromkeys(extra, k)"]
RECOPIES = ["list(<s>)", "list(<s>)", "<s>[:]", "<s>.copy()", "copy.copy(<s>)", "dict(<s>)", "set(<s>)",
            "(list(<s>))", "list(\n    <s>  # note\n)", "[*<s>]", "{**<s>}", "sorted(<s>)", "tuple(<s>)",
            "collections.OrderedDict(<s>)", "list(<s>,)"]
HELD = ["", "", "", "", "", "", "other = made", "out.append(made)", "call(made)", "box.append(made)",
        "def other():\n    return made", "def other():\n    made.append(1)", "owner.values = made",
        "other = lambda: made", "extra.append(made)", "print(made)", "made.append(4)", "held[7] = made",
        "for z in extra:\n    made.append(z)", "if extra:\n    made = extra", "made.sort()", "k = len(made)",
        "made += [3]", "made['q'] = 1", "out = [made]", "other = [z for z in made]", "made = made",
        "other = iter(made)", "def other(level=made):\n    return level", "with Lock() as k:\n    made.pop()",
        "made.append(made)", "other = made if k else extra", "first, *rest = [made]", "x = y = made",
        "it = (z for z in made)", "made = call(made) or made", "try:\n    made.append(1 // call(1))\n"
        "except (ZeroDivisionError, LookupError):\n    pass", "global KEPT\nKEPT = made", "del made[:1]"]


@template("PML306", weight=2)
def copied_fresh(w):
    name = w.pick("ints", "ints", "table", "iterator", "lists", "texts", "set", "unknown", "rows")
    world = world_choose(w, name)
    if w.chance(0.4):
        source = w.pick(*ITERATORS.get(name, ["values", "values", "same", "extra", "iter(values)"]),
                        "values", "values", "(y for y in values)", "values[1:]", "{1: 2, **held}")
        made = cast(w, source.replace("<x>", "x"))
        block = w.text("result = <made>", "result = <made>", "<loop>", "kept = <made>\n<between>\nresult = kept",
                       "result = [<made> for turn in extra]", "out.extend(<made>)", "return <made>",
                       "result = (<made>, list(it))", "<around>", "yield <made>\nresult = 1",
                       "kept = <inner>\n<between>\nresult = <outer>(kept)", "kept = <inner>\nresult = <outer>(kept)",
                       made=made, loop=loop_over(w, world, made), between=w.pick(*BETWEEN),
                       around=around(w, "len(%s)" % made, made), outer=w.pick(*CASTS),
                       inner="%s(%s)" % (w.pick("list", "tuple", "set", "sorted"), source.replace("<x>", "x")))
        return program(w, world, w.guarded(block))
    fresh = w.pick(*FRESH, comprehension(w, world), comprehension(w, world))
    again = w.pick(*RECOPIES)
    if w.chance(0.25):
        block = "result = " + again.replace("<s>", fresh)
        block = w.pick(block, block, "for turn in extra:\n    " + block.replace("\n", "\n    "),
                       around(w, again.replace("<s>", fresh)))
        return program(w, world, w.guarded(block))
    return program(w, world, w.guarded(kept_fresh(w, fresh, again.replace("<s>", "made"))))


def kept_fresh(w, fresh, again):
    """A local name keeps what is made, and is copied."""
    start = w.text("made = <f>", "made = <f>", "made = other = <f>", "made: list = <f>",
                   "made = []\nfor y in values:\n    made.append(y)", "made = {}\nfor y in extra:\n    made[y] = k",
                   "if extra:\n    made = <f>\nelse:\n    made = []", "made = set()\nfor y in extra:\n    made.add(y)",
                   "out = made = []\nfor y in values:\n    out.append(y)", "with Lock():\n    made = <f>", f=fresh)
    return w.text(
        "<start>\n<held>\nresult = <again>", "<start>\n<held>\nresult = <again>", "<start>\nreturn <again>",
        "<start>\nresult = <again>\n<held>", "<start>\nresult = <again>, made", "<start>\n<held>\nreturn <again>",
        "<start>\nresult = <again>\nmade.append(5)", "<start>\nresult = <again>\nresult.append(5)\nresult = (result, made)",
        "<start>\nfor turn in range(2):\n    <held>\n    out.append(<again>)", "<start>\n<held>\nyield <again>\nresult = made",
        "for turn in range(2):\n    <start>\n    <held>\n    out.append(<again>)", "<start>\nmade = <again>\n<held>\nresult = made",
        "<start>\ntry:\n    result = <again>\nfinally:\n    made.append(3)", "<start>\n<held>\nresult = {'a': <again>, 'b': k}",
        "<start>\ntry:\n    call(1)\n    return <again>\nfinally:\n    <held>", "<start>\n<held>\ncall(<again>)\nresult = k",
        "<start>\n<held>\nbox.append(<again>)\nresult = box", "<start>\n<held>\nresult = f'{<line>}'",
        "<start>\nresult = [<again>, <again>]", "<start>\n<held>\nresult = <again> if k else made",
        "<start>\ndef inner():\n    return <again>\nresult = [inner(), inner()]", "<start>\n<held>\nmade2 = <again>\n"
        "made2 += [1]\nresult = made2", "<start>\nextra.append(<again>)\nresult = 0", "<start>\nresult = (<again>) is made",
        "<start>\n<held>\nreturn <again>, call(1)", "<start>\n<held>\nresult = <again>; del made",
        "<start>\nwhile len(out) < 3:\n    made.append(1)\n    out.append(<again>)", start=start, again=again,
        held=w.pick(*HELD), line=again if "\n" not in again and "{" not in again else "made")


ORDERS = [
    "made = sorted(made)", "made = sorted(made)", "made = sorted(made<more>)", "made = sorted(made<more>)",
    "made = made[::-1]", "made = list(reversed(made))", "made = (sorted((made)<more>))", "made = sorted(made, )",
    "made = sorted(\n    made,  # note\n    key=str,\n)", "made = sorted(\n    made<more>\n)", "made = sorted(made)[::-1]",
    "made = made[: : -1]", "made = sorted(set(made))", "made = sorted(reversed(made))", "made = tuple(sorted(made))",
    "made, k = sorted(made), 1", "made: list = sorted(made)", "made = other = sorted(made)", "made = list(\n    reversed(made)\n)",
    "made = sorted(made); k = 3", "made = [y for y in reversed(made)]", "made = sorted(made  # note\n)",
    "made = sorted(made, reverse=True, key=str)", "made = sorted(made) if k else made", "made = sorted(  # note\n    made<more>)"]
KEYS = [", key=str", ", key=call", ", reverse=True", ", key=lambda y: len(made)", ", key=lambda y: made.pop()",
        ", key=made.index", ", key=made.count", ", key=boom", ", key=lambda y: (str(y), k)", ", key=lambda y: values.index(y)",
        ", key=lambda y: len(values)", ", key=held.get", ", reverse=len(made) > 2", ", key=measure", ", key=None",
        ", key=lambda y: 10 // y", ", key=lambda y, all=made: len(all)", ", key=lambda y: len(locals())", ", **{'key': str}",
        ", key=lambda y: extra.append(y) or 1", ", reverse=call(1) > 1", ", key=(lambda: str)()", ", key=operator.neg",
        ", key=lambda y: shout(y)", ", key=[made.append(7), str][1]", ", key=functools.cmp_to_key(lambda a, b: call(a) - 2)"]


@template("PML307", weight=2)
def replaced(w):
    world = world_choose(w, "ints", "ints", "ints", "texts", "rows", "lists", "unknown", "table", "iterator", "set")
    start = w.text(
        "made = <l>", "made = <l>", "made = <l>", "made = list(values)", "made = list(values)", "made = sorted(extra)",
        "made = []\nfor y in values:\n    made.append(y)", "made = [Shy(y) for y in values]", "made = Quirk(values)",
        "made = Loud(values)", "made = values", "made = values[:]", "made = values.copy()", "made = same", "made = values + extra",
        "made = other = list(values)", "made = [*values]", "made = [y for y in values]\nother = made", "made = tuple(values)",
        "if extra:\n    made = list(values)\nelse:\n    made = [2, 1]", "made: List = list(values)", "made = list(values) + [None]",
        "made = list(values)\nout.append(made)", "made = list(values)\ndef measure(y):\n    return len(made)",
        "made = list(map(str, values))", "made = ','.join(map(str, values)).split(',')", "made = list(numbers(values))",
        "made = [[y] for y in values]", "made = collections.deque(values)", "made = [float('nan'), *values]", l=comprehension(w, world))
    order = w.pick(*ORDERS).replace("<more>", w.pick(*KEYS))
    step_ = w.text(
        "<o>", "<o>", "<o>", "<o>", "<held>\n<o>", "<held>\n<o>",
        "try:\n    <o>\nexcept (TypeError, ValueError, LookupError, ZeroDivisionError):\n    <h>",
        "try:\n    <o>\nfinally:\n    <h>", "try:\n    <o>\nexcept TypeError:\n    pass\nelse:\n    out.append(made)",
        "for turn in range(2):\n    <o>\n    out.append(made)", "for turn in range(2):\n    <o>", "for z in made:\n    <o>\n    out.append(z)",
        "for turn in range(2):\n    try:\n        <o>\n        break\n    except Exception:\n        continue", "if k:\n    <o>",
        "with calm():\n    <o>", "with Forgiving():\n    <o>", "with contextlib.suppress(Exception):\n    <o>", "with Lock():\n    <o>",
        "it = iter(made)\nnext(it, None)\n<o>\nout.append(list(it))", "out.append(lambda: made)\n<o>", "first = made\n<o>\nout.append(first)",
        "for z in reversed(made):\n    <o>\n    break", "yield made\n<o>", "<o>\nyield made", "z = zip(made, extra)\n<o>\nout.append(list(z))",
        "out.append((y for y in made))\n<o>", "<o>\n<o>", "await pause(call)\n<o>", "def inner():\n    nonlocal made\n    <o>\ninner()",
        "def inner(made=made):\n    <o>\n    return made\nout.append(inner())", "while len(out) < 2:\n    out.append(len(made))\n    <o>",
        "for made in [list(values), extra]:\n    <o>\n    out.append(made)", "try:\n    try:\n        <o>\n    except LookupError:\n"
        "        <h>\nexcept Exception as error:\n    <h>", o=order, held=w.pick(*HELD),
        h=w.pick("out.append(made)", "result = made", "raise", "pass", "print(made)", "return made", "made = []", "out.append(len(made))",
                 "call(1)", "made.append(3)"))
    end = w.pick("result = made", "result = made", "result = made, values", "result = out, made, extra", "return made",
                 "result = made[0] if made else k", "for y in made:\n    out.append(y)", "result = out", "result = made\nmade.append(1)")
    return program(w, world, w.guarded("%s\n%s\n%s" % (start, step_, end)))
