"""The model of bytes per instance, src/index/layout.c, against the CPythons present.

Each kind of class is made with each number of attributes inside of each interpreter, and
what tracemalloc counts for an instance is compared with what the model says.
"""

import json
import subprocess
import unittest

import pythons
import support

WITHIN = 8  # bytes

CHILD = r"""
import collections, dataclasses, gc, json, sys, tracemalloc
WARM, N = 100, 400
NAMES = ["a%d" % i for i in range(100)]


def init_of(names):
    space = {}
    body = "\n".join("    self.%s = None" % name for name in names) or "    pass"
    exec("def __init__(self):\n" + body, space)
    return space["__init__"]


def class_of(base, names, slots=None):
    body = {"__init__": init_of(names)}
    if slots is not None:
        body["__slots__"] = tuple(slots)
    return type("C", (base,), body)


def dict_read(names):
    cls = class_of(object, names)

    def make():
        made = cls()
        vars(made)
        return made

    return make


def data_class(names):
    fields = [(name, object, dataclasses.field(default=None)) for name in names]
    return dataclasses.make_dataclass("C", fields)


def named_tuple(names, subclass=False):
    cls = collections.namedtuple("C", names, defaults=[None] * len(names))
    return type("D", (cls,), {}) if subclass else cls


KINDS = {
    "plain": lambda names: class_of(object, names),
    "dataclass": data_class,
    "dict-read": dict_read,
    "slots": lambda names: class_of(object, names, names),
    "slots-weakref": lambda names: class_of(object, names, names + ["__weakref__"]),
    "slots-dict": lambda names: class_of(object, names, names + ["__dict__"]),
    "slots-plain-base": lambda names: class_of(class_of(object, []), names, names),
    "slots-base-sets-one":
        lambda names: class_of(class_of(object, []), names + ["base"], names),
    "plain-over-one-slot":
        lambda names: class_of(class_of(object, [], ["base"]), names + ["base"]),
    "exception": lambda names: class_of(Exception, names),
    "exception-slots": lambda names: class_of(Exception, names, names),
    "namedtuple": named_tuple,
    "namedtuple-subclass": lambda names: named_tuple(names, True),
}
for root in (tuple, int, bytes, str, float, complex, list, dict, set, bytearray,
             collections.defaultdict):
    KINDS[root.__name__] = lambda names, root=root: class_of(root, names)
    KINDS[root.__name__ + "-slots"] = lambda names, root=root: class_of(root, names, names)


def bytes_of(make):
    for _ in range(WARM):  # the first of a class are larger
        make()
    kept = [None] * N
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for i in range(N):
        kept[i] = make()
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return (after - before) / N


gc.disable()
asked = json.load(sys.stdin)
json.dump([bytes_of(KINDS[kind](NAMES[:count])) for kind, count in asked], sys.stdout)
"""


def model_read():
    """{version: {(kind, attributes): bytes}}"""
    done = support.run([support.UNIT, "--bytes"])
    model = {}
    for line in done.stdout.splitlines():
        kind, version, count, size = line.split("\t")
        model.setdefault(version, {})[kind, int(count)] = int(size)
    return model


def measure(path, rows):
    done = subprocess.run(
        [path, "-S", "-c", CHILD], input=json.dumps(rows), stdout=subprocess.PIPE,
        text=True, timeout=300, check=True, env=pythons.environment_clean())
    return json.loads(done.stdout)


class BytesTest(unittest.TestCase):
    def test_model_is_what_cpython_does(self):
        model, compared = model_read(), 0
        for python in pythons.pythons_find():
            rows = sorted(model.get(python.version, {}))
            for row, size in zip(rows, measure(python.path, rows)):
                compared += 1
                with self.subTest(python=python.version, kind=row[0], attributes=row[1]):
                    said = model[python.version][row]
                    self.assertLessEqual(abs(said - size), WITHIN, f"{said} for {size}")
        self.assertGreater(compared, 300)

    def test_every_kind_is_there_on_every_version(self):
        model = model_read()
        self.assertEqual(sorted(model), ["3.10", "3.11", "3.12", "3.13", "3.9"])
        rows = set(model["3.9"])
        for version in model:
            self.assertEqual(set(model[version]), rows)
        for count in (0, 1, 2, 3, 5, 10, 29, 30):
            self.assertIn(("plain", count), rows)


if __name__ == "__main__":
    unittest.main()
