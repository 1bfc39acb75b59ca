"""What the templates of tests/differential.py write programs with.

A template is a function of a Writer that gives a program as a text.  It is entered
under the code of the rule that it is written around:

    @template("PML202")
    def reduced(w):
        return w.program("result = sum(<list>)", world, list=w.list_of(world))

`<name>` is a hole: alone in its line it takes a block, which is indented as it is.
What a program names, the helpers below and the modules, is defined or imported at its
top without further ado.
"""
import re

TEMPLATES = {}  # code of a rule: the functions that write programs around it
HOLE = re.compile(r"^( *)<(\w+)>$|<(\w+)>", re.MULTILINE)
MODULES = ("array asyncio collections contextlib csv functools gzip bz2 lzma hashlib "
           "heapq io itertools json math operator os shutil statistics codecs "
           "pathlib copy").split()
TYPES = "List Dict Set Tuple Iterator Iterable Sequence Optional".split()
WORLD = "attempt drive drive_files pause quiet".split()

# At the top of a program that names them.
GLOBALS = {
    "Row": """
class Row:
    def __init__(self, name, size):
        self.name, self.size = name, size

    def __repr__(self):
        return "Row(%r, %r)" % (self.name, self.size)

    def __hash__(self):  # no address, which would decide the order of sets
        return hash(self.name)
""",
    "Loud": """
class Loud(list):
    def __iter__(self):
        print("walked")
        return super().__iter__()

    def __len__(self):
        return 3

    def __contains__(self, item):
        return item == 77
""",
    "Broken": """
class Broken:
    def __init__(self, values):
        self.values = values

    def __iter__(self):
        for value in self.values:
            yield value
        raise LookupError("no more")
""",
    "Lock": """
class Lock:
    held = 0

    def __enter__(self):
        Lock.held += 1
        return self

    def __exit__(self, *exc):
        Lock.held -= 1
        return False
""",
    "Forgiving": """
class Forgiving:
    def __enter__(self):
        return self

    def __exit__(self, *exc):
        return exc[0] is not None
""",
    "calm": """
@contextlib.contextmanager
def calm():
    try:
        yield
    except Exception as error:
        print("calmed", type(error).__name__)
""",
    "Base": """
class Base:
    def weigh(self, value):
        return value

    def close(self):
        pass
""",
    "shout": """
def shout(value):
    print("shout", value)
    return value
""",
    "boom": """
def boom(value):
    if value == 2:
        raise ValueError("two")
    return value
""",
    "twice": """
def twice(value):
    return (value, value)
""",
    "stop": """
def stop(value):
    if value == 1:
        raise StopIteration
    return value
""",
    "bump": """
LEVEL = 1


def bump():
    global LEVEL
    LEVEL += 1
    return LEVEL
""",
    "Deep": """
class Deep(dict):
    def __deepcopy__(self, memo):
        print("deep")
        return Deep({key: 7 for key in self})

    def __missing__(self, key):
        self[key] = 9
        return 9
""",
    "Quirk": """
class Quirk(list):
    def copy(self):
        print("copied")
        return self

    def __getitem__(self, index):
        return [5, 4] if isinstance(index, slice) else 6

    def __add__(self, other):
        return Quirk([0])

    def sort(self, **options):
        print("sorted", sorted(options))
""",
    "Text": """
class Text(str):
    def __add__(self, other):
        print("added", str(other))
        return Text("%s+%s" % (str(self), other))

    def __radd__(self, other):
        return Text("%s-%s" % (other, str(self)))
""",
    "Shy": """
class Shy:
    def __init__(self, size):
        self.size = size

    def __lt__(self, other):
        if self.size == 2:
            raise ValueError("shy")
        return self.size < other.size

    def __repr__(self):
        return "Shy(%r)" % self.size
""",
    "numbers": """
def numbers(values):
    for value in values:
        print("number", value)
        yield value
""",
}
GLOBALS["LEVEL"] = GLOBALS["bump"]
GLOBALS["Owner"] = """
class Owner:
    def __init__(self, values):
        self.values = values

    def grow(self):
        if len(self.values) < 12:
            self.values.append(1)

    def total(self):
        return sum([value for value in self.values])
"""
GLOBALS["learn"] = GLOBALS["KNOWN"] = """
KNOWN = [3, 1, 2]


def learn(value=4):
    if len(KNOWN) < 12:
        KNOWN.append(value)
    return value
"""

# At the top of a body that names them.
LOCALS = {"k": "k = 2", "log": "log = []", "seen": "seen = set()", "out": "out = []",
          "total": "total = 0", "same": "same = values", "it": "it = iter(values)",
          "step": "def step():\n    nonlocal k\n    k += 1\n    return k",
          "owner": "owner = Owner(values)", "box": "box = [values]",
          "held": "held = {1: 'one', 2: 'two', 3: 'three'}",
          "change": "def change():\n    if len(extra) < 9:\n        extra.append(1)\n"
                    "    if len(values) < 12:\n        values.append(1)"}


def template(code, weight=1):
    def enter(function):
        TEMPLATES.setdefault(code, []).extend([function] * weight)
        return function
    return enter


def fill(text, parts):
    """Fills holes until none is left that has a part."""
    def one(match):
        indent, block, name = match.group(1), match.group(2), match.group(3)
        if block is not None and block in parts:
            return indented(parts[block], indent) if parts[block] else "\0"
        return parts.get(name, match.group(0)) if name else match.group(0)
    for _ in range(6):
        filled = re.sub(r"^.*\0\n?", "", HOLE.sub(one, text), flags=re.MULTILINE)
        if filled == text:
            break
        text = filled
    return text


def indented(text, indent):
    return "\n".join(indent + line if line.strip() else line for line in text.split("\n"))


def names_in(text):
    return set(re.findall(r"(?<![\w.\"'])[A-Za-z_]\w*", text))


class Writer:
    """The choices of one program; `minor` is the Python that it is fixed for."""

    def __init__(self, rng, minor):
        self.rng, self.minor = rng, minor

    def pick(self, *options):
        return self.rng.choice(options)

    def chance(self, share):
        return self.rng.random() < share

    def text(self, *options, **parts):
        """One of the options with its holes filled; one may be a tuple of weight, text."""
        return fill(self.pick(*options), parts)

    def spaced(self, opening, parts, closing):
        """Bracketed parts in one line, or each in its own, with or without comments."""
        if self.chance(0.6):
            return opening + " ".join(parts) + closing
        notes = [self.pick("", "", "", "  # note %d" % i) for i in range(len(parts) + 1)]
        lines = [opening + notes[0]]
        lines += ["    " + part + note for part, note in zip(parts, notes[1:])]
        return "\n".join(lines + [closing])

    # --- where a body stands ---------------------------------------------------------

    def body(self, block, result="result", setup=""):
        """A function's body: names that the block needs, the block, its result."""
        mentioned = names_in(block + "\n" + setup)
        if "step" in mentioned:
            mentioned.add("k")
        lines = [text for name, text in LOCALS.items()
                 if name in mentioned and not re.search(r"\b%s\b.*=.*" % name, setup)]
        if "out" in mentioned and "result" not in mentioned:
            result = "out"
        elif "total" in mentioned and "result" not in mentioned:
            result = "total"
        elif "result" not in mentioned:
            result = "None"
        elif not re.match(r"result = .*\Z", block) or self.chance(0.3):
            lines.append("result = None")
        lines += [setup] if setup else []
        extras = [name for name in ("log", "seen") if name in mentioned]
        returned = "return (%s)" % ", ".join([result] + extras) if extras else \
                   "return " + result
        if not extras and "\n" not in block and block.startswith("result = ") and \
                self.chance(0.5):
            return "\n".join(lines + ["return" + block[len("result ="):]])
        return "\n".join(lines + [block, returned])

    def guarded(self, block):
        """The block as it is, or within something that sees what happens in it."""
        return fill(self.pick("<block>", "<block>", "<block>", "<block>", *GUARDS),
                    {"block": block, "number": str(self.rng.randrange(3))})

    def placed(self, params, body):
        """A definition of `target`, whose body is the one given."""
        if re.search(r"\bawait\b", body):
            return fill("async def target(<params>):\n    <body>",
                        {"params": params, "body": body})
        return fill(self.pick("def target(<params>):\n    <body>",
                              "def target(<params>):\n    <body>", *PLACES),
                    {"params": params, "body": body})

    # --- the whole -------------------------------------------------------------------

    def module(self, *parts):
        """The text of a program: what its parts need, and these."""
        body = "\n\n".join(part.strip("\n") for part in parts if part) + "\n"
        head = ""
        for _ in range(3):
            mentioned = names_in(body + head)
            head = "".join("\n" + text for text in dict.fromkeys(
                text for name, text in GLOBALS.items() if name in mentioned))
        imports = [line for name in MODULES if name in mentioned and
                   not re.search(r"^import %s\b|\bimport.* as %s\b" % (name, name), body,
                                 re.MULTILINE)
                   for line in ["import " + name]]
        types = [name for name in TYPES if name in mentioned]
        imports += ["from typing import " + ", ".join(types)] if types else []
        helpers = [name for name in WORLD if name in mentioned]
        imports += ["from world import " + ", ".join(helpers)] if helpers else []
        opening = self.pick("", "", '"""A program."""\n', "from __future__ import annotations\n",
                            "# -*- coding: utf-8 -*-\n")
        return opening + "\n".join(imports) + "\n" + head + "\n\n" + body


GUARDS = [
    "try:\n    <block>\nexcept (ValueError, ZeroDivisionError) as error:\n"
    "    result = ('caught', str(error))",
    "try:\n    <block>\nexcept IndexError:\n    print('index')\nelse:\n    print('else')",
    "try:\n    <block>\nexcept StopIteration:\n    print('stopped')",
    "try:\n    <block>\nexcept Exception as error:\n    print(type(error).__name__)\n"
    "    raise",
    "try:\n    <block>\nfinally:\n    print('finally', Lock.held)",
    "with contextlib.suppress(LookupError, ValueError):\n    <block>",
    "with Lock():\n    <block>", "with Forgiving():\n    <block>", "with calm():\n    <block>",
    "with Lock(), Lock() as lock:\n    <block>",
    "for turn in range(<number>):\n    <block>",
    "if extra is not None:\n    <block>",
    "while True:\n    <block>\n    break",
]

PLACES = [
    "def target(<params>):\n    def inner():\n        <body>\n    return inner()",
    "def target(<params>):\n    def inner():\n        <body>\n"
    "    result = inner()\n    del inner\n    return result",
    "class Holder(Base):\n    def weigh(self, value):\n        return (value, 'own')\n\n"
    "    def target(self, <params>):\n        <body>\n\ntarget = Holder().target",
    "class Holder:\n    @staticmethod\n    def target(<params>):\n        <body>\n\n"
    "target = Holder.target",
    "async def target(<params>):\n    <body>",
    "def target(<params>):\n    if call is quiet:\n        <body>\n    return 'other'",
    "def outer():\n    def target(<params>):\n        <body>\n    return target\n\n"
    "target = outer()",
    "@functools.wraps(quiet)\ndef target(<params>):\n    <body>",
]
