# select: PML511
import json
from pathlib import Path

import pandas as pd


class Loader:
    def __init__(self, path):
        self.path = path

    def load(self):
        self._raw = Path(self.path).read_text()  # ok: `report.show` reads it
        self._frame = pd.read_csv(self.path)  # ok: a subclass of another module reads it
        self._tree = Path(self.path).read_bytes()  # ok: `report.show` reads it by name
        self._text = Path(self.path).read_text()  # expect: PML511
        rows = json.loads(self._raw) + json.loads(self._text)
        return rows, self._frame["price"].sum(), len(self._tree)
