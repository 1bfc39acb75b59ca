"""Flow against CPython: what random functions do must be what their graphs allow.

Each generated function is run several times under random decisions.  Every step between
two logged events must be a path of the graph, every definition that a use really read
must be listed at that use, and a block's dominator must have been entered before it.
PYMEMLINT_FLOW_PROGRAMS and PYMEMLINT_FLOW_SEED make it longer, or different.
"""

import dis
import os
import random
import re
import sys
import tempfile
import unittest
from pathlib import Path

import support

PROGRAMS = int(os.environ.get("PYMEMLINT_FLOW_PROGRAMS", "2000"))
SEED = int(os.environ.get("PYMEMLINT_FLOW_SEED", "1"))
RUNS = 6
PER_FILE = 200
NAMES = ["w", "x", "y", "z"]
HAS_MATCH = sys.version_info >= (3, 10)
HAS_GROUPS = sys.version_info >= (3, 11)


# --- programs -------------------------------------------------------------------------


class Writer:
    """Writes one function; every call gets a number, known by its place later."""

    def __init__(self, rng, number):
        self.rng = rng
        self.lines = []
        self.count = 0
        self.room = rng.randrange(4, 26)
        parameter = rng.choice(["", "x", "x, y"])
        self.add(0, f"def f{number}({parameter}):")
        self.loops = 0
        self.in_group = False
        self.block(1)

    def add(self, depth, text):
        self.lines.append("    " * depth + text)

    def call(self, name, *arguments):
        self.count += 1
        return f"{name}({', '.join([str(self.count), *arguments])})"

    def name(self):
        return self.rng.choice(NAMES)

    def use(self):
        return self.call("u", self.name())

    def test(self, depth=0):
        rng = self.rng
        kind = rng.randrange(12 if depth < 3 else 4)
        if kind < 5:
            return self.call("c")
        if kind < 6:
            return f"({self.name()} := {self.call('v')})"
        if kind < 7:
            return f"not {self.test(depth + 1)}"
        if kind < 10:
            word = rng.choice(["and", "or"])
            return f"({self.test(depth + 1)} {word} {self.test(depth + 1)})"
        if kind < 11:
            return f"({self.call('n')} < {self.call('n')} < {self.call('n')})"
        tests = [self.test(depth + 1) for _ in range(3)]
        return f"({tests[0]} if {tests[1]} else {tests[2]})"

    def block(self, depth):
        for _ in range(self.rng.choice([1, 1, 2, 2, 3])):
            self.statement(depth)

    def statement(self, depth):
        self.room -= 1
        if self.room < 0 or depth > 6 or self.rng.random() < 0.5:
            self.simple(depth)
        else:
            kinds = ["if", "while", "for", "try", "try", "try", "with", "forever"]
            if HAS_MATCH:
                kinds.append("match")
            if HAS_GROUPS:
                kinds.append("group")
            getattr(self, "write_" + self.rng.choice(kinds))(depth)

    def simple(self, depth):
        rng = self.rng
        kind = rng.randrange(18)
        if kind < 4:
            self.add(depth, f"{self.name()} = {self.call('v')}")
        elif kind < 8:
            self.add(depth, self.use())
        elif kind == 8:
            self.add(depth, f"{self.name()} += {self.call('v')}")
        elif kind == 9:
            self.add(depth, f"del {self.name()}")
        elif kind == 10:
            self.add(depth, f"{self.use()} if {self.test()} else {self.use()}")
        elif kind == 11:
            self.add(depth, f"assert {self.test()}, {self.use()}")
        elif kind == 12:
            self.add(depth, f"{self.name()}, {self.name()} = {self.call('two')}")
        elif kind == 13:
            self.add(depth, f"{self.name()} = unknown({self.test()} and {self.use()})")
        elif kind == 14 and self.loops and not self.in_group:
            self.add(depth, rng.choice(["break", "continue"]))
        elif kind == 15 and not self.in_group:
            self.add(depth, rng.choice(["return", f"return {self.use()}"]))
        elif kind == 16:
            self.add(depth, f"raise {rng.choice(['A', 'B', 'Base'])}")
        else:
            self.add(depth, "pass")

    def write_if(self, depth):
        self.add(depth, f"if {self.test()}:")
        self.block(depth + 1)
        while self.rng.random() < 0.3:
            self.add(depth, f"elif {self.test()}:")
            self.block(depth + 1)
        if self.rng.random() < 0.5:
            self.add(depth, "else:")
            self.block(depth + 1)

    def loop_body(self, depth, first=None):
        outer, self.in_group = self.in_group, False
        self.loops += 1
        if first:
            self.add(depth + 1, first)
        self.block(depth + 1)
        self.loops -= 1
        self.in_group = outer
        if self.rng.random() < 0.3:
            self.add(depth, "else:")
            self.block(depth + 1)

    def write_while(self, depth):
        self.add(depth, f"while {self.test()} and {self.call('more')}:")
        self.loop_body(depth)

    def write_forever(self, depth):
        self.add(depth, f"while {self.rng.choice(['True', '1', '(True)'])}:")
        self.loop_body(depth, f"if {self.call('enough')}: break")

    def write_for(self, depth):
        self.add(depth, f"for {self.name()} in {self.call('items')}:")
        self.loop_body(depth)

    def write_try(self, depth):
        rng = self.rng
        self.add(depth, "try:")
        self.block(depth + 1)
        clauses = rng.randrange(3)
        for i in range(clauses):
            kinds = ["A", "B", "(A, B)", "Exception"]
            if i + 1 == clauses:
                kinds += ["BaseException", ""]
            kind = rng.choice(kinds)
            alias = f" as {self.name()}" if kind and rng.random() < 0.5 else ""
            self.add(depth, f"except {kind}{alias}:" if kind else "except:")
            self.block(depth + 1)
        if clauses and rng.random() < 0.3:
            self.add(depth, "else:")
            self.block(depth + 1)
        if not clauses or rng.random() < 0.4:
            self.add(depth, "finally:")
            self.block(depth + 1)

    def write_group(self, depth):
        self.add(depth, "try:")
        self.block(depth + 1)
        # Nothing may jump out of the clauses, but loops inside are free to.
        outer, self.in_group = self.in_group, True
        loops, self.loops = self.loops, 0
        for kind in self.rng.sample(["A", "B", "Exception"], self.rng.choice([1, 2])):
            alias = f" as {self.name()}" if self.rng.random() < 0.5 else ""
            self.add(depth, f"except* {kind}{alias}:")
            self.group_block(depth + 1)
        self.in_group, self.loops = outer, loops
        if self.rng.random() < 0.3:
            self.add(depth, "finally:")
            self.block(depth + 1)

    def group_block(self, depth):
        for _ in range(self.rng.choice([1, 2])):
            self.simple(depth)

    def write_with(self, depth):
        items = []
        for _ in range(self.rng.choice([1, 1, 2])):
            alias = f" as {self.name()}" if self.rng.random() < 0.6 else ""
            items.append(self.call("cm") + alias)
        self.add(depth, f"with {', '.join(items)}:")
        self.block(depth + 1)

    def write_match(self, depth):
        self.add(depth, f"match {self.call('v')}:")
        for _ in range(self.rng.choice([1, 2])):
            capture = f"key={self.name()}" if self.rng.random() < 0.7 else "key=1"
            guard = f" if {self.test()}" if self.rng.random() < 0.5 else ""
            self.add(depth + 1, f"case Value({capture}){guard}:")
            self.block(depth + 2)
        if self.rng.random() < 0.5:
            self.add(depth + 1, f"case {self.rng.choice(['_', 'x', '_ as y'])}:")
            self.block(depth + 2)


# --- running them ---------------------------------------------------------------------


class A(Exception):
    pass


class B(Exception):
    pass


class Base(BaseException):
    pass


def both():
    return ExceptionGroup("both", [A(), B()])  # noqa: F821


RAISED = [A, B, Base] + ([both] if HAS_GROUPS else [])


class Value:
    """Knows which call made it, and so where it may have been bound."""

    def __init__(self, call, log):
        self.call = call
        self.log = log

    @property
    def key(self):
        return self

    def __iadd__(self, other):
        self.log.append(("read", other.call, self))
        return other

    def __bool__(self):
        return self.call % 2 == 0


class Runtime:
    """What the generated code calls.  Decisions come from a seed; past a limit nothing
    raises, loops end, and so every run comes to an end."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.log = []  # ("call", n) begun, ("done", n), ("enter"|"exit"|"next", n)
        self.left = 120
        self.raising = self.rng.choice([0, 0.04, 0.12])
        self.unbound = []  # (line, name)
        self.seen = []

    def event(self, kind, call):
        self.log.append((kind, call))
        self.left -= 1
        if self.left > 0 and self.rng.random() < self.raising:
            raise self.rng.choice(RAISED)()

    def decide(self):
        return self.left > 0 and self.rng.random() < 0.5

    def done(self, call, value):
        self.log.append(("done", call))
        return value

    def v(self, call):
        self.event("call", call)
        return self.done(call, Value(call, self.log))

    def u(self, call, value):
        self.log.append(("read", call, value))
        self.event("call", call)
        return self.done(call, value)

    def c(self, call):
        self.event("call", call)
        return self.done(call, self.decide())

    def n(self, call):
        self.event("call", call)
        return self.done(call, self.rng.randrange(3))

    def more(self, call):
        self.event("call", call)
        return self.done(call, self.left > 0)

    def enough(self, call):
        self.event("call", call)
        return self.done(call, self.left <= 0 or self.rng.random() < 0.2)

    def two(self, call):
        self.event("call", call)
        return self.done(call, (Value(call, self.log), Value(call, self.log)))

    def unknown(self, value):
        """A value of which no definition is checked; itself no event."""
        return Value(0, self.log)

    def items(self, call):
        self.event("call", call)
        count = self.rng.randrange(4)

        def iterate():
            for _ in range(count):
                self.event("next", call)
                yield Value(call, self.log)
            self.event("next", call)

        return self.done(call, iterate())

    def cm(self, call):
        self.event("call", call)
        return self.done(call, Manager(self, call))

    def trace(self, frame, event, argument):
        if not re.fullmatch(r"f\d+", frame.f_code.co_name):
            return None
        if event == "exception" and isinstance(argument[1], UnboundLocalError):
            if argument[2].tb_next is None and argument[1] not in self.seen:
                self.seen.append(argument[1])
                name = re.search(r"variable '(\w+)'", str(argument[1])).group(1)
                self.unbound.append((line_of(frame, argument[2]), name))
        return self.trace

    def run(self, function, count):
        sys.settrace(self.trace)
        try:
            function(*[Value(0, self.log) for _ in range(count)])
            self.log.append(("return", 0))
        except BaseException as error:
            sys.settrace(None)
            self.log.append(("raise", 0))
            known = (A, B, Base, NameError, TypeError, AssertionError)
            group = type(error).__name__ in ("ExceptionGroup", "BaseExceptionGroup")
            if not isinstance(error, known) and not group:
                raise
        finally:
            sys.settrace(None)


def line_of(frame, traceback):
    """The line that raised.  Python 3.9 keeps the last traced line where a handler is
    entered, and so tells a wrong one."""
    if sys.version_info >= (3, 10):
        return traceback.tb_lineno
    starts = dis.findlinestarts(frame.f_code)
    return [line for start, line in starts if start <= frame.f_lasti][-1]


class Manager:
    def __init__(self, runtime, call):
        self.runtime = runtime
        self.call = call

    def __enter__(self):
        self.runtime.event("enter", self.call)
        return Value(self.call, self.runtime.log)

    def __exit__(self, *error):
        self.runtime.event("exit", self.call)
        return self.runtime.decide()


# --- graphs ---------------------------------------------------------------------------

STEP = re.compile(r"    (.*?) (\d+):(\d+)((?: .*)?)$")
EDGE = re.compile(r"    (normal|true|false|raise|unwind) B(\d+)$")
BLOCK = re.compile(r"  B(\d+)(?: (entry|exit|raised))? (?:idom B(\d+)|unreachable)$")


class Graph:
    def __init__(self):
        self.blocks = {}   # number -> (steps, edges, dominator or None)
        self.uses = {}     # (line, column) -> {(line, column) of definitions}, or None
        self.unbound = set()   # places of uses that may be unbound
        self.used_names = {}   # (line, name) -> places
        self.known = {}

    def finish(self, logged):
        """Finds the steps of events; calls that are not logged are none."""
        self.events = {}   # event key -> its steps (block, index)
        for number, (steps, _, _) in self.blocks.items():
            for index, (key, raises) in enumerate(steps):
                if key is not None and key[0] == "call" and key[1] not in logged:
                    steps[index] = (None, raises)
                elif key is not None:
                    self.events.setdefault(key, set()).add((number, index))

    def following(self, place):
        """Events that may come next after the event at a place, itself passed."""
        if place in self.known:
            return self.known[place]
        found, seen, todo = set(), set(), [place]
        while todo:
            block, index = todo.pop()
            steps, edges, _ = self.blocks[block]
            raises = index >= 0 and steps[index][1]
            stopped = False
            for at in range(index + 1, len(steps)):
                if steps[at][0] is not None:
                    found.add((block, at))
                    stopped = True
                    break
                raises |= steps[at][1]
            for kind, to in edges:
                if (raises if kind == "raise" else not stopped) and to not in seen:
                    seen.add(to)
                    todo.append((to, -1))
        found |= {(to, "end") for to in seen if to in (2, 3)}
        self.known[place] = found
        return found


def dump_read(text):
    """{function name: Graph} from `dump flow`."""
    graphs, graph = {}, None
    for line in text.splitlines():
        if not line.startswith(" "):
            word, _, rest = line.partition(" ")
            graph = Graph()
            if word == "function":
                graphs[rest.split()[0]] = graph
            continue
        block = BLOCK.match(line)
        if block:
            dominator = int(block.group(3)) if block.group(3) else None
            steps, edges = [], []
            graph.blocks[int(block.group(1))] = (steps, edges, dominator)
            continue
        edge = EDGE.match(line)
        if edge:
            edges.append((edge.group(1), int(edge.group(2))))
        else:
            steps.append(step_read(graph, line))
    return graphs


def step_read(graph, line):
    kind, row, column, rest = STEP.match(line).groups()
    place = (int(row), int(column))
    raises = rest.endswith(("raises", "looks up", "interruptible"))
    use = re.match(r" use (\w+) <-((?: \d+:\d+| unknown| unbound)*)", rest)
    if use:
        words = use.group(2).split()
        defs = {tuple(map(int, word.split(":"))) for word in words if ":" in word}
        graph.uses.setdefault(place, set()).update(defs)
        graph.used_names.setdefault((place[0], use.group(1)), set()).add(place)
        if "unknown" in words:
            graph.uses[place] = None
        if "unbound" in words or "unknown" in words:
            graph.unbound.add(place)
    key = None
    if kind == "call":
        key = ("call", place)
    elif kind == "with_item":
        key = ("exit" if " exit" in rest else "enter", place)
    elif kind == "for_statement" and " next" in rest:
        key = ("next", place)
    return key, raises


# --- the comparison -------------------------------------------------------------------

CALL = re.compile(r"\b(?:v|u|c|n|more|enough|two|items|cm)\((\d+)")


class Program:
    """One generated function, its places, and what its runs may show."""

    def __init__(self, lines, first_line):
        self.lines = lines
        self.calls = {}  # number -> place of the call
        self.loops = {}  # number of the items() call -> place of the for statement
        self.targets = {}  # number -> places of the names its value may be bound to
        self.read = {}  # number of a use -> place of the name
        for row, line in enumerate(lines, first_line):
            for found in CALL.finditer(line):
                number = int(found.group(1))
                self.calls[number] = (row, found.start() + 1)
                self.targets[number] = self.targets_on(line, row)
                comma = re.match(r", ", line[found.end():])
                if comma:
                    self.read[number] = (row, found.end() + 3)
                if line.strip()[1:].startswith(" += "):
                    self.read[number] = (row, len(line) - len(line.lstrip()) + 1)
            if line.strip().startswith("for "):
                number = int(CALL.search(line).group(1))
                self.loops[number] = (row, len(line) - len(line.lstrip()) + 1)
        self.add_match_targets(first_line)

    def targets_on(self, line, row):
        pattern = r"\b([wxyz])\b(?=,? (?:[wxyz] )?(?::=|=|\+=|in)(?!=))|as ([wxyz])\b"
        places = set()
        for found in re.finditer(pattern, line):
            places.add((row, found.start(1 if found.group(1) else 2) + 1))
        return places

    def add_match_targets(self, first_line):
        """A match subject is bound by the captures of any case below it."""
        open_matches = []  # (indentation, number)
        for row, line in enumerate(self.lines, first_line):
            depth = len(line) - len(line.lstrip())
            while open_matches and open_matches[-1][0] >= depth:
                open_matches.pop()
            text = line.strip()
            if text.startswith("match "):
                open_matches.append((depth, int(CALL.search(line).group(1))))
            elif text.startswith("case ") and open_matches:
                for found in re.finditer(r"key=([wxyz])|case ([x])|as (y)", line):
                    group = next(g for g in (1, 2, 3) if found.group(g))
                    self.targets[open_matches[-1][1]].add((row, found.start(group) + 1))


def program_errors(program, graph, runtime):
    """What a run did and the graph denies; empty when all is well."""
    errors = []
    begun = set()
    current = {(1, -1)}
    for entry in runtime.log:
        kind, number = entry[0], entry[1]
        if kind == "done":
            continue
        if kind == "read":
            errors += read_errors(program, graph, number, entry[2])
            continue
        if kind in ("return", "raise"):
            wanted = {(2 if kind == "return" else 3, "end")}
        else:
            place = program.loops[number] if kind == "next" else program.calls[number]
            wanted = graph.events.get((kind, place), set())
        following = set().union(*(graph.following(place) for place in current))
        current = following & wanted
        if not current:
            return errors + [f"no path to {entry[:2]} at {wanted or 'no step'}"]
        begun |= {block for block, _ in current}
        if len(current) == 1:
            errors += dominator_errors(graph, begun, next(iter(current)))
    for line, name in runtime.unbound:
        uses = graph.used_names.get((line, name), set())
        is_del = program.lines[line - program.first].strip().startswith("del ")
        if not is_del and not uses & graph.unbound:
            errors.append(f"line {line}: {name} was unbound")
    return errors


def read_errors(program, graph, number, value):
    place = program.read[number]
    defs = graph.uses.get(place)
    if defs is None:
        return [f"use at {place}: nothing is known"]
    if isinstance(value, BaseException):
        lines = [program.lines[row - program.first] for row, _ in defs]
        if not any(line.strip().startswith("except") for line in lines):
            return [f"use at {place}: an exception was read, known {sorted(defs)}"]
    elif value.call > 0 and not program.targets[value.call] & defs:
        wanted = sorted(program.targets[value.call])
        return [f"use at {place}: read {wanted}, known {sorted(defs)}"]
    return []


def dominator_errors(graph, begun, place):
    """The blocks that dominate a block hold events that must have come before."""
    block = place[0]
    dominator = graph.blocks[block][2]
    if dominator is None:
        return [f"B{block} was reached"] if block not in (2, 3) else []
    if dominator in (block, *begun):
        return []
    for key, raises in graph.blocks[dominator][0]:
        if key is not None:
            return [f"B{dominator} dominates B{block}, but was not entered"]
        if raises:
            return []
    return []


class FlowOracleTest(unittest.TestCase):
    def test_random_programs(self):
        rng = random.Random(SEED)
        checked = reads = unbound = 0
        for start in range(0, PROGRAMS, PER_FILE):
            count = min(PER_FILE, PROGRAMS - start)
            source, programs = programs_write(rng, count)
            graphs = graphs_dump(source)
            names = vars_make()
            exec(compile(source, "generated", "exec"), names)
            for number, program in enumerate(programs):
                graph = graphs[f"f{number}"]
                graph.finish(set(program.calls.values()))
                for run in range(RUNS):
                    runtime = Runtime(rng.random())
                    names_bind(names, runtime)
                    function = names[f"f{number}"]
                    runtime.run(function, function.__code__.co_argcount)
                    errors = program_errors(program, graph, runtime)
                    if errors:
                        text = "\n".join(program.lines)
                        self.fail(f"{text}\nline {program.first} is its first\n"
                                  + "\n".join(errors) + f"\n{runtime.log}")
                    reads += sum(entry[0] == "read" for entry in runtime.log)
                    unbound += len(runtime.unbound)
                    checked += 1
        # The test is worth something only if the runs did something.
        self.assertEqual(checked, PROGRAMS * RUNS)
        self.assertGreater(reads, checked // 10)
        self.assertGreater(unbound, checked // 50)


def programs_write(rng, count):
    lines, programs = [], []
    for number in range(count):
        written = Writer(rng, number).lines
        program = Program(written, len(lines) + 1)
        program.first = len(lines) + 1
        programs.append(program)
        lines += written
    return "\n".join(lines) + "\n", programs


def graphs_dump(source):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "generated.py"
        path.write_text(source, encoding="utf-8")
        done = support.pymemlint("dump", "flow", path)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return dump_read(done.stdout)


def vars_make():
    return {"A": A, "B": B, "Base": Base, "Value": Value}


def names_bind(names, runtime):
    for name in "v u c n more enough two items cm unknown".split():
        names[name] = getattr(runtime, name)


if __name__ == "__main__":
    unittest.main()
