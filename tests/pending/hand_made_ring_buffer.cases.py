# select: PML606
import asyncio
import bisect
import collections
import json
import threading
import time
import unittest
from collections import deque
from typing import Deque, List

from flask import Flask
from shop.tools import compute, emit, load, plot, read_socket, send

app = Flask(__name__)
WINDOW = 20
KEEP = 5


# --- only the last are read: locals ---
def repeated(path):
    recent = []  # expect: PML606 warning
    with open(path) as lines:
        for line in lines:
            recent.append(line.strip())
            if len(recent) >= 3 and recent[-3:] == ["a", "b", "c"]:
                return line
    return None


def differences(source):
    values: List[float] = []  # expect: PML606 warning
    for value in source:
        values.append(value)
        if len(values) > 1:
            yield values[-1] - values[-2]


def fibonacci(n):
    numbers = [0, 1]  # expect: PML606 warning
    for _ in range(n):
        numbers.append(numbers[-1] + numbers[-2])
    return numbers[-1]


def smoothed(path):
    seen = list()  # expect: PML606 warning
    for line in open(path):
        seen += [float(line)]
        yield sum(seen[-WINDOW:]) / WINDOW


async def changes(stream):
    states: Deque[str] = deque()  # expect: PML606 warning
    async for message in stream:
        if states and states[-1] == message.state:
            continue
        states.append(message.state)
        await emit(message)


def work(queue):
    times = collections.deque()  # expect: PML606 warning
    while True:
        job = queue.get()
        times.append(time.monotonic())
        if len(times) > KEEP and times[-1] - times[-KEEP] < 1.0:
            time.sleep(1.0)
        job.run()


def all_lines(path):
    lines = []  # ok: returned
    for line in open(path):
        lines.append(line)
        if lines[-1] == "\n":
            print(len(lines), lines[-3:])
    return lines


def written(path, out):
    lines = []  # ok: all of it is written
    for line in open(path):
        if not lines or lines[-1] != line:
            lines.append(line)
    out.writelines(lines)


def nested(tokens):
    depth = []  # ok: a stack
    for token in tokens:
        if token == "(":
            depth.append(token)
        elif token == ")" and depth and depth[-1] == "(":
            depth.pop()
    return not len(depth)


def groups(path):
    found = [[]]  # ok: all groups are counted at the end
    for line in open(path):
        if line == "\n":
            found.append([])
        else:
            found[-1].append(line)
    return max(map(len, found))


def from_first(source):
    values = []  # ok: the first is read, too
    for value in source:
        values.append(value)
        yield values[-1] - values[0]


def by_index(source):
    values = []  # ok: any of them is read
    for value in source:
        values.append(value)
        yield values[value % len(values)]


def looked_up(source):
    values = []  # ok: it is searched
    for value in source:
        if value in values:
            continue
        values.append(value)
        yield values[-1]


def middle(source):
    values = []  # ok: half of it is summed up
    for value in source:
        values.append(value)
        yield sum(values[len(values) // 2:])


def last(source, count):
    values = []  # ok: sorted at the end
    for value in source:
        bisect.insort(values, value)
    return values[-1]


def powers():
    values = [1]  # ok: ten
    for _ in range(9):
        values.append(values[-1] * 2)
    return values[-1]


def per_round(sources):
    for source in sources:
        pair = []  # ok: two, and a new one in each round
        pair.append(source.first)
        pair.append(source.second)
        yield pair[-1]


def appended(values, value):
    values.append(value)  # ok: the caller's list
    return values[-1]


def bounded(source):
    values = deque(maxlen=WINDOW)  # ok: bounded
    for value in source:
        values.append(value)
        yield values[-1]


def text(source):
    found = ""  # ok: a string
    for letter in source:
        found += letter
        if found[-1] == "\n":
            break
    return len(found)


# --- what is too much is taken off by hand ---
def averages(source):
    window = []  # expect: PML606 warning
    for value in source:
        window.append(value)
        if len(window) > WINDOW:
            window.pop(0)
        yield sum(window) / len(window)


def deltas(source):
    window = []  # expect: PML606
    for value in source:
        window.append(value)
        while len(window) > 10:
            del window[0]
        yield max(window) - min(window)


def in_order(source):
    waiting = []  # ok: a queue
    for item in source:
        waiting.append(item)
        if item.ready:
            while waiting:
                send(waiting.pop(0))


def until_ready(source):
    waiting = []  # ok: taken off when it is done, not when there are too many
    for item in source:
        waiting.append(item)
        if waiting[0].done:
            send(waiting.pop(0))


def in_batches(source):
    batch = []  # ok: sent and emptied
    for item in source:
        batch.append(item)
        if len(batch) >= 100:
            send(batch)
            batch = []
    send(batch)


# --- attributes and modules ---
class Thermometer:
    def __init__(self):
        self.readings = []  # expect: PML606 warning
        self.times = collections.deque()  # expect: PML606 warning
        self.errors = []  # expect: PML606 warning
        self.extremes = []  # ok: handed out
        self.days = []  # ok: as many as are asked for
        self.marks = deque([], 10)  # ok: bounded
        self.states = []  # ok: plotted

    def read(self, value, error=None):
        self.readings.append(value)
        self.times.append(time.time())
        self.extremes.append(value)
        self.days.append(value)
        self.marks.append(value)
        self.states.append(value)
        if error:
            self.errors.append(error)
            if len(self.errors) > 50:
                self.errors.pop(0)

    def current(self):
        return self.readings[-1]

    def mean(self):
        return sum(self.readings[-10:]) / 10

    def age(self):
        return time.time() - self.times[-1] if self.times else None

    def messages(self):
        return "\n".join(map(str, self.errors))

    def top(self):
        return self.extremes

    def week(self, days):
        return self.days[-days:]

    def mark(self):
        return self.marks[-1], self.states[-1]

    def draw(self):
        plot(self.states)


thermometer = Thermometer()


@app.route("/read/<float:value>")
def read(value):
    thermometer.read(value)
    return str(thermometer.current())


_statuses = []  # expect: PML606 warning
_changes = []  # ok: all of it is shown


@app.route("/status/<name>")
def status(name):
    if not _statuses or _statuses[-1] != name:
        _changes.append((time.time(), name))
    _statuses.append(name)
    return str(_statuses[-KEEP:])


@app.route("/changes")
def changed():
    return json.dumps(_changes)


class Sensor(threading.Thread):
    samples: List[bytes]

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port = port
        self.samples = []  # expect: PML606 warning
        self.stack = [self]  # ok: a stack

    def run(self):
        while True:
            self.samples.extend(read_socket(self.port))
            for sample in self.samples[-3:]:
                compute(sample)
            self.stack.append(load(self.port))
            while self.stack[-1] is not self:
                self.stack.pop()


class Base:
    def __init__(self):
        self.log = []  # ok: a subclass reads all of it
        self.steps = []  # expect: PML606 warning

    def step(self, name):
        self.log.append(name)
        self.steps.append(name)
        return self.steps[-1], self.log[-1]


class Talking(Base):
    def tell(self):
        for name in self.log:
            print(name)
        print("last:", self.steps[-1])


async def run(names):
    base = Talking()
    for name in names:
        base.step(name)
        await asyncio.sleep(0)
    base.tell()


class RingTest(unittest.TestCase):
    def test_last(self):
        values = []  # ok: a test
        for value in iter(read_socket, None):
            values.append(value)
            self.assertEqual(values[-1], value)
