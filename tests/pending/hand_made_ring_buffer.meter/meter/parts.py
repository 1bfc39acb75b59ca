# select: PML606
"""What is kept; who reads it is in the other modules."""

readings = []  # expect: PML606 warning
alarms = []  # ok: report.py reads all of them
events = []  # ok: report.py gives it away
rates = []  # ok: server.py empties it


class Meter:
    def __init__(self):
        self.values = []  # expect: PML606 warning
        self.peaks = []  # ok: report.py sorts them
        self.units = []  # ok: `Exact` returns them

    def add(self, value, unit):
        self.values.append(value)
        self.units.append(unit)
        if not self.peaks or value > self.peaks[-1]:
            self.peaks.append(value)

    def unit(self):
        return self.units[-1]
