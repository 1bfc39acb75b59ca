# select: PML511
from pathlib import Path

from report import Loader


class Prices(Loader):
    def mean(self):
        return self._frame["price"].mean()


class Names(Loader):
    def names(self):
        self._names = Path(self.path).read_text()  # expect: PML511
        return self._names.split()

    def titles(self):
        self._titles = Path(self.path).read_text()  # ok: `report.show` reads it
        return self._titles.split()
