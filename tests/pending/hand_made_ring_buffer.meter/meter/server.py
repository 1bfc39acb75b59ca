# select: PML606
import meter
from flask import Flask, request

from . import parts
from .exact import Exact
from .parts import alarms

app = Flask(__name__)
exact = Exact()


@app.route("/add/<float:value>")
def add(value):
    exact.add(value, request.args["unit"])
    meter.readings.append(value)
    parts.events.append(request.url)
    parts.rates.append(value / 60)
    if value > 100:
        alarms.append(value)
    return {"change": exact.change(), "last": meter.readings[-5:], "rate": parts.rates[-1]}


@app.route("/new")
def new():
    parts.rates.clear()
    return str(alarms[-1]) + str(parts.events[-1])
