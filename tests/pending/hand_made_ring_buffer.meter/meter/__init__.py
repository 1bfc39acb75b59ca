# select: PML606
from .parts import Meter, readings

__all__ = ["Meter", "readings"]
