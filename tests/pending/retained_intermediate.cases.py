# select: PML511
# Written from the rule's text alone. A heavy value that one method writes to an attribute and
# reads again, and nobody else reads: a local would let it go. On the only object of its class:
# a warning; on an object of unknown life: a note. Anchored at the store.
import ctypes
import json
import tkinter
import xml.etree.ElementTree as ET
from functools import cached_property
from pathlib import Path
from urllib.request import urlopen

import aiofiles
import numpy as np
import pandas as pd
import pandas
import requests
from bs4 import BeautifulSoup
from matplotlib.animation import FuncAnimation
from pandas import read_csv

from somewhere import FarBase, handle, library


# --- files and texts ---
class Loader:
    def __init__(self, path):
        self.path = path
        self._kept = None
        self._shown = None
        self._cached = None
        self._size = 0

    def load(self):
        with open(self.path) as f:
            self._raw = f.read()  # expect: PML511 note
        return json.loads(self._raw)

    def load_bytes(self):
        try:
            self._data = Path(self.path).read_bytes()  # expect: PML511 note
            return len(self._data), self._data[:10]
        except OSError:
            return 0, b""

    def load_lines(self):
        with open(self.path) as f:
            self._lines: list = f.readlines()  # expect: PML511 note
        for line in self._lines:
            handle(line)

    async def load_async(self):
        async with aiofiles.open(self.path) as f:
            self._body = await f.read()  # expect: PML511 note
        return json.loads(self._body)

    def load_local(self):
        raw = Path(self.path).read_text()  # ok: a local
        self._size = len(raw)  # ok: a number
        return json.loads(raw), self._size

    def load_kept(self):
        self._kept = Path(self.path).read_text()  # ok: another method reads it
        return json.loads(self._kept)

    def kept(self):
        return self._kept

    def load_shown(self):
        self._shown = Path(self.path).read_text()  # ok: a property shows it
        return len(self._shown)

    @property
    def shown(self):
        return self._shown

    def load_cached(self):
        if self._cached is None:
            self._cached = Path(self.path).read_text()  # ok: the next call reads it
        return json.loads(self._cached)

    def load_compared(self):
        before = getattr(self, "_compared", None)
        self._compared = Path(self.path).read_text()  # ok: the next call reads it
        return before == self._compared

    def load_deleted(self):
        self._deleted = Path(self.path).read_text()  # ok: deleted at the end
        try:
            return json.loads(self._deleted)
        finally:
            del self._deleted

    def load_let_go(self):
        self._gone = Path(self.path).read_text()  # ok: let go of at the end
        size = len(self._gone)
        self._gone = None
        return size

    def load_line(self):
        with open(self.path) as f:
            self._line = f.readline()  # ok: one line
        return self._line.strip()

    def load_small(self):
        self._version = Path("VERSION").read_text()  # ok: small
        return self._version.strip()


# --- frames, arrays, responses, trees ---
class Report:
    def __init__(self, path, url):
        self.path = path
        self.url = url
        self._by_day = None

    def total(self):
        self._frame = pd.read_csv(self.path)  # expect: PML511 note
        return self._frame["price"].sum()

    def total_renamed(self):
        self._df = read_csv(  # expect: PML511 note
            self.path,
            usecols=["price"],
        )
        return self._df["price"].sum()

    def grouped(self):
        self._prices = pandas.read_parquet(self.path)  # expect: PML511 note
        self._by_day = self._prices.groupby("day").sum()  # ok: another method reads it
        return self._by_day

    def by_day(self):
        return self._by_day

    def mean(self):
        self._values = np.load(self.path)  # expect: PML511 note
        mean = self._values.mean()
        return mean if self._values.size else 0.0

    def fetch(self):
        self._response = requests.get(self.url, timeout=10)  # expect: PML511 note
        self._response.raise_for_status()
        return self._response.json()

    def fetch_raw(self):
        with urlopen(self.url) as response:
            self._page = response.read()  # expect: PML511 note
        soup = BeautifulSoup(self._page, "html.parser")
        return soup.title

    def tree(self):
        self._tree = ET.parse(self.path)  # expect: PML511 note
        return [element.text for element in self._tree.iter("item")]

    def names(self):
        with open(self.path) as f:
            self._document = json.load(f)  # expect: PML511 note
        for name in self._document["names"]:
            handle(name)

    def count(self):
        self._count = len(pd.read_csv(self.path))  # ok: a number
        return self._count + 1

    def status(self):
        self._status = requests.get(self.url, timeout=10).status_code  # ok: a number
        return self._status == 200


# --- read from elsewhere ---
class Shared:
    def __init__(self, path):
        self.path = path

    def load(self):
        self._outside = Path(self.path).read_text()  # ok: a function of the module reads it
        self._named = Path(self.path).read_text()  # ok: read by name
        self._inherited = Path(self.path).read_text()  # ok: a subclass reads it
        self._unread = Path(self.path).read_text()  # expect: PML511 note
        return len(self._outside), len(self._named), len(self._inherited), len(self._unread)

    def named(self):
        return getattr(self, "_named", None)


class Inheriting(Shared):
    def inherited(self):
        return self._inherited


def outside(shared: Shared):
    return shared._outside


class Handed:
    def load(self, path):
        self._text = Path(path).read_text()  # ok: unknown code gets the object
        handle(self)
        return len(self._text)

    def dump(self, path):
        self._other = Path(path).read_text()  # ok: all attributes are read below
        return len(self._other), dict(vars(self))


class Foreign(FarBase):
    def load(self, path):
        self._text = Path(path).read_text()  # ok: the unknown base may read it
        return len(self._text)


class Prepared:
    def __init__(self, path):
        self._raw = Path(path).read_text()  # expect: PML511 note
        self.rows = json.loads(self._raw)
        self._kept = Path(path).read_bytes()  # ok: another method reads it
        self.size = len(self._kept)

    @cached_property
    def kept(self):
        return self._kept


# --- one object for ever ---
class Catalogue:
    def load(self, path):
        self._text = Path(path).read_text()  # expect: PML511 warning
        self._index = Path(path).read_text().splitlines()  # ok: another method reads it
        return json.loads(self._text), len(self._index)

    def index(self):
        return self._index


CATALOGUE = Catalogue()


# --- kept alive for others ---
class Window:
    def __init__(self, root, path):
        self.label = tkinter.Label(root)
        self._image = tkinter.PhotoImage(file=path)  # ok: the label needs it alive
        self.label.configure(image=self._image)

    def animate(self, figure):
        self._animation = FuncAnimation(figure, handle)  # ok: the figure needs it alive
        self._animation.resume()

    def attach(self, path):
        self._memory = Path(path).read_bytes()  # ok: the library needs it alive
        library.attach(ctypes.c_char_p(self._memory))

    def measure(self, path):
        self._measured = Path(path).read_bytes()  # expect: PML511 note
        return len(self._measured)
