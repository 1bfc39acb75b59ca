# select: PML511
from .loading import Loader

__all__ = ["Loader"]
