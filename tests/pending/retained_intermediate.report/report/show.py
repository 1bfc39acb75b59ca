# select: PML511
from report.loading import Loader as Source
from report.prices import Names


def show(source: Source):
    source.load()
    print(source._raw)
    print(getattr(source, "_tree"))


def show_names(names):
    print([name._titles for name in names])


def main(paths):
    show_names([Names(path) for path in paths])
