# select: PML502
# Written from the rule's text alone. A cache keeps the arguments of each call as its keys:
# tensors, bytes, requests, sessions, rows of an ORM, instances hashed by identity, classes made
# at run time. Anchored at the decorator of the cache. A level is given for caches without bound.
import enum
import functools
import functools as ft
from dataclasses import dataclass
from datetime import date
from functools import cache as memo
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, Optional, Tuple, Union

import cachetools
import diskcache
import numpy as np
import pandas as pd
import requests
import sqlalchemy.orm
import torch
from aiohttp import ClientSession
from async_lru import alru_cache
from cachetools import LRUCache, cached
from django.db import models
from django.http import HttpRequest
from flask import Request
from joblib import Memory
from sqlalchemy.orm import Session, declarative_base
from torch import Tensor

from somewhere import compute, hashed

forever = functools.lru_cache(maxsize=None)
disk = diskcache.Cache("/tmp/cache")
memory = Memory("/tmp/joblib")
Base = declarative_base()
NO_LIMIT = None


# --- tensors and bytes ---
@functools.lru_cache(maxsize=None)  # expect: PML502 warning
def norm(values: torch.Tensor) -> float:
    return float(values.norm())


@memo  # expect: PML502 warning
def norm_named(name: str, values: Tensor):
    return name, compute(values)


@ft.lru_cache(  # expect: PML502 warning
    maxsize=NO_LIMIT,
)
def norm_optional(values: Optional[Tensor] = None):
    return compute(values)


@lru_cache  # expect: PML502
def norm_bounded(values: "torch.Tensor"):
    return compute(values)


@lru_cache(256)  # expect: PML502
def norm_sized(*, values: Union[Tensor, None]):
    return compute(values)


@forever  # expect: PML502 warning
def digest(data: bytes):
    return compute(data)


@lru_cache(maxsize=None)  # ok: numbers
def norm_shape(shape: Tuple[int, ...], scale: float):
    return compute(shape) * scale


@memo  # ok: text
def norm_name(name: str) -> Tensor:
    return compute(name)


@lru_cache(maxsize=None)  # ok: a path is small
def norm_path(path: Path) -> torch.Tensor:
    return torch.load(path)


def norm_uncached(values: Tensor):  # ok: no cache
    return compute(values)


# --- requests and sessions ---
@lru_cache(maxsize=None)  # expect: PML502 warning
def fetch(session: requests.Session, url: str):
    return session.get(url, timeout=10).json()


@memo  # expect: PML502 warning
def rights(request: HttpRequest, name):
    return compute(request.user, name)


@lru_cache(maxsize=None)  # expect: PML502 warning
def rights_flask(request: Request):
    return compute(request.user_agent)


@lru_cache(maxsize=None)  # expect: PML502 warning
def prices(session: Session, day: date):
    return session.query(Price).filter_by(day=day).all()


@memo  # expect: PML502 warning
def prices_qualified(day: date, session: sqlalchemy.orm.Session):
    return session.query(Price).filter_by(day=day).all()


@alru_cache(maxsize=None)  # expect: PML502 warning
async def fetch_async(session: ClientSession, url: str):
    async with session.get(url) as response:
        return await response.json()


@lru_cache(maxsize=None)  # ok: text
def fetch_url(url: str):
    return requests.get(url, timeout=10).json()


@memo  # ok: the key of the user, no request
def rights_of(user_id: int, name: str):
    return compute(user_id, name)


def rights_by_key(request: HttpRequest, name):
    return rights_of(request.user.pk, name)  # ok: the request is no key


@lru_cache(maxsize=None)  # ok: no argument at all
def session_of():
    return requests.Session()


# --- rows of an ORM, instances hashed by identity ---
class Order(models.Model):
    number = models.IntegerField()


class Price(Base):
    __tablename__ = "price"


class Document:
    def __init__(self, path):
        with open(path) as f:
            self.text = f.read()


class Settings:
    def __init__(self):
        self.debug = False


@dataclass(frozen=True)
class Point:
    x: int
    y: int


class Pair(NamedTuple):
    left: int
    right: int


class Kind(enum.Enum):
    SMALL = 1
    LARGE = 2


SETTINGS = Settings()


@lru_cache(maxsize=None)  # expect: PML502 warning
def order_total(order: Order):
    return compute(order.number)


@memo  # expect: PML502 warning
def price_text(price: Price, currency: str = "EUR"):
    return f"{price} {currency}"


@lru_cache(maxsize=None)  # expect: PML502 warning
def word_count(document: Document):
    return len(document.text.split())


class Reports:
    @staticmethod
    @lru_cache(maxsize=None)  # expect: PML502 warning
    def words(document: Document):
        return document.text.split()

    @staticmethod
    @lru_cache(maxsize=None)  # ok: a number
    def words_of(number: int):
        return compute(number)


@lru_cache(maxsize=None)  # ok: two small numbers, hashed by value
def distance(point: Point):
    return point.x + point.y


@lru_cache(maxsize=None)  # ok: two small numbers, hashed by value
def difference(pair: Pair):
    return pair.left - pair.right


@memo  # ok: there are two
def kind_text(kind: Kind):
    return kind.name.lower()


@lru_cache(maxsize=None)  # ok: there is one for ever
def banner(settings: Settings):
    return f"debug: {settings.debug}"


def documents(paths):
    return [word_count(Document(path)) for path in paths], banner(SETTINGS)


# --- classes made at run time ---
@lru_cache(maxsize=None)  # expect: PML502
def fields_of(kind: type):
    return tuple(vars(kind))


@lru_cache(maxsize=None)  # ok: classes of the module
def names_of(kind: type):
    return tuple(vars(kind))


def fields_of_names(names):
    return [fields_of(type(name, (), {"name": name})) for name in names]


NAMES = names_of(Point), names_of(Pair)


# --- what cannot be a key, other keys, other places ---
@lru_cache(maxsize=None)  # ok: a frame is unhashable, the call fails
def frame_total(frame: pd.DataFrame):
    return frame.sum()


@memo  # ok: an array is unhashable, the call fails
def array_total(values: np.ndarray):
    return values.sum()


@cached(cache={})  # expect: PML502 warning
def tensor_total(values: torch.Tensor):
    return compute(values)


@cachetools.cached(cache=LRUCache(maxsize=100))  # expect: PML502
def tensor_mean(values: torch.Tensor):
    return compute(values)


@cached(cache={}, key=lambda values: values.data_ptr())  # ok: a number is the key
def tensor_by_address(values: torch.Tensor):
    return compute(values)


@cached({}, key=id)  # ok: a number is the key
def frame_by_identity(frame: pd.DataFrame):
    return compute(frame)


@cached(cache={}, key=lambda session, url: url)  # ok: the text is the key
def fetch_by_url(session: requests.Session, url: str):
    return session.get(url, timeout=10).json()


@disk.memoize()  # ok: on disk
def tensor_on_disk(values: torch.Tensor):
    return compute(values)


@memory.cache  # ok: on disk
def tensor_in_joblib(values: torch.Tensor):
    return compute(values)


@hashed  # ok: an unknown decorator
def tensor_unknown(values: torch.Tensor):
    return compute(values)


# --- other forms, and caches that are emptied ---
def total(values: Tensor):
    return compute(values)


cached_total = lru_cache(maxsize=None)(total)  # expect: PML502 warning
plain_total = functools.partial(total, None)  # ok: no cache


@lru_cache(maxsize=None)  # ok: emptied after each batch
def batch_total(values: Tensor):
    return compute(values)


def run(batches):
    for batch in batches:
        compute(batch_total(batch), cached_total(batch))
        batch_total.cache_clear()
