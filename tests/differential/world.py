"""What the generated programs of tests/differential.py call: they print all that can
be seen of a call, its result, its exception, and what is left of its arguments."""
import gzip
import itertools
import os
import re


class Endless(BaseException):
    """Raised in a program that does not end."""


MOST = 40  # items that are asked of an iterator
# Where an object lies, and whether a function was made in a list or a generator, shows
# in its text alone.
ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+|\.<(?:list|set|dict)comp>|\.<genexpr>")


def seen_of(value, depth=0):
    """A text for the value; iterators are used up to say what was left in them."""
    if depth > 4:
        return "..."
    if hasattr(value, "__next__") and not hasattr(value, "read"):
        return "%s left %s" % (type(value).__name__, items_of(value))
    if hasattr(value, "__qualname__"):
        return "a %s" % type(value).__name__  # a lambda's name tells where it was made
    if isinstance(value, (list, tuple, set, frozenset)):
        parts = [seen_of(item, depth + 1) for item in list(value)[:MOST]]
        if isinstance(value, (set, frozenset)):
            parts.sort()
        return "%s%s" % (type(value).__name__, parts)
    if isinstance(value, dict):
        parts = [seen_of(pair, depth + 1) for pair in list(value.items())[:MOST]]
        return "%s%s" % (type(value).__name__, parts)
    if hasattr(value, "name") and hasattr(value, "closed"):
        return "file %s" % ("closed" if value.closed else "open")
    if type(value).__repr__ is object.__repr__ and hasattr(value, "__dict__"):
        return "%s %s" % (type(value).__name__, seen_of(vars(value), depth + 1))
    return ADDRESS.sub("", repr(value))


def items_of(iterator):
    """Its items, and how it ends."""
    items = []
    try:
        for item in itertools.islice(iterator, MOST):
            items.append(seen_of(item, 2))
    except Exception as error:
        items.append("%s: %s" % (type(error).__name__, ADDRESS.sub("", str(error))))
    return items


def shared_in(values):
    """The places of the containers that are met in more than one place."""
    met, work = {}, [(value, str(i)) for i, value in enumerate(values)]
    while work and len(met) < 400:
        value, place = work.pop()
        again = id(value) in met
        if isinstance(value, (list, dict, set, bytearray)) or hasattr(value, "__dict__"):
            met.setdefault(id(value), []).append(place)
        if again or len(place) > 12 or callable(value):
            continue
        parts = dict.values(value) if isinstance(value, dict) else \
            value if type(value) in (list, tuple) else \
            vars(value).values() if hasattr(value, "__dict__") else ()
        work += [(part, "%s.%d" % (place, i))
                 for i, part in enumerate(itertools.islice(parts, MOST))]
    return sorted(sorted(places) for places in met.values() if len(places) > 1)


def attempt(function, *arguments):
    result = None
    try:
        result = function(*arguments)
        if hasattr(result, "__await__"):
            result = awaited(result)
        elif hasattr(result, "__anext__"):
            result = awaited(collected(result))
        print("gives", seen_of(result))
    except Endless:
        raise
    except BaseException as error:
        print("raises", type(error).__name__, ADDRESS.sub("", str(error)))
    print("left", *[seen_of(argument) for argument in arguments if not callable(argument)])
    print("shared", shared_in([result, *arguments]))


def awaited(coroutine):
    """What it gives; nothing here waits for anything but `pause`."""
    try:
        while True:
            coroutine.send(None)
    except StopIteration as end:
        return end.value


async def collected(generator):
    return [item async for item in generator]


class Turn:
    def __await__(self):
        yield


async def pause(call):
    """Lets others run; they may do what `call` does."""
    await Turn()
    call(0)


def quiet(*ignored):
    return 0


class Meddler:
    """Changes a container or file of its caller in its first three calls."""

    def __init__(self, subject, how):
        self.subject, self.how, self.calls = subject, how, 0

    def __call__(self, *ignored):
        self.calls += 1
        if self.calls > 3:
            return self.calls
        try:
            self.change()
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):
            pass
        return self.calls

    def change(self):
        subject, how = self.subject, self.how
        if hasattr(subject, "__next__"):
            next(subject, None)
        elif isinstance(subject, str):
            with open(subject, "ab" if how == "grow" else "wb") as out:
                out.write(b"meddled\n")
        elif isinstance(subject, dict):
            subject.update({"new%d" % self.calls: 7}) if how == "grow" else subject.popitem()
        elif isinstance(subject, set):
            subject.add(100 + self.calls) if how == "grow" else subject.pop()
        elif hasattr(subject, "append") and len(subject):
            subject.append(subject[0]) if how == "grow" else subject.pop()
        elif hasattr(subject, "values"):
            Meddler(subject.values, how).change()


class Breaker:
    def __init__(self):
        self.calls = 0

    def __call__(self, *ignored):
        self.calls += 1
        if self.calls == 2:
            raise LookupError("second call")
        return self.calls


def interleaved(target, make):
    """Changes the source between two items, where the result is made of such."""
    source = make()
    result = target(source, [], quiet)
    if not hasattr(result, "__next__"):
        return "at once"
    change = Meddler(source, "grow")
    items = []
    for item in itertools.islice(result, MOST):
        items.append(item)
        change()
    return items


def drive(target, *makers):
    """Calls target(source, other, call) with sources that each maker makes anew."""
    for make in makers:
        attempt(target, make(), [9, 8], quiet)
        same = make()
        attempt(target, same, same, quiet)
        for how in ("grow", "shrink"):
            source = make()
            attempt(target, source, [], Meddler(source, how))
        attempt(target, make(), [], Breaker())
        attempt(interleaved, target, make)


LINES = [b"", b"one\n", b"2\n1\n0\n3", b"a,b\r\nc,d\r\n\r\ne\rf\n", b"b 1\na 2\nb 1\n\n",
         b"".join(b"line %d %s\n" % (i, b"of many " * 20) for i in range(120)),
         b"x" * 70000 + b"\ny"]
BROKEN = [b"plain\nbad \xff\n", b"good line\n" * 1000 + b"\xff\xfe\n", b"1\n2\nx\n"]


def contents_put(path, contents, packed=False):
    with open(path, "wb") as out:
        out.write(gzip.compress(contents, mtime=0) if packed else contents)


def drive_files(target, *numbers, packed=False):
    """Calls target(path, other, call) for files with these of the kinds of contents."""
    for number in numbers:
        contents = (LINES + BROKEN)[number]
        path, other = "in%d.txt" % number, "other%d.txt" % number
        spelled = os.path.join(os.curdir, path)
        for again, call in ((other, quiet), (path, quiet), (spelled, quiet),
                            (other, Meddler(path, "grow")), (other, Meddler(path, "cut")),
                            (other, Breaker())):
            contents_put(path, contents, packed)
            contents_put(other, b"other\ntext\n", packed)
            attempt(target, path, again, call)
