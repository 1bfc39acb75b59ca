# select: PML606
from . import parts


class Exact(parts.Meter):
    def add(self, value, unit):
        super().add(round(value, 3), unit)

    def all_units(self):
        return self.units

    def change(self):
        return self.values[-1] - self.values[-2]
