"""Measures one proof, inside the interpreter that is being measured.

    python proof_child.py PROOF METRIC N...

Prints one JSON object: {"rows": [[n, before, after], ...]} in bytes, or
{"differ": text} if before and after do not give the same result. Every
measured call sees the proof as just imported, so that state of the module (a
cache, a registry) starts empty each time; what setup(n) returned is shared by
all calls of one size. Runs on CPython 3.9 and later.
"""
import gc
import json
import sys
import tracemalloc
import types

REPEATS = 3
EXCERPT = 120


def proof_load(code):
    """A fresh module, registered because dataclasses look their module up."""
    module = types.ModuleType("proof")
    sys.modules["proof"] = module
    exec(code, module.__dict__)
    return module


def outcome_view(module, result):
    """What must be the same before and after: the result or EQUAL(result)."""
    view = getattr(module, "EQUAL", True)
    if view is True:
        return result
    if not callable(view):
        raise TypeError("EQUAL must be True or a function of the result")
    return view(result)


def bytes_count(metric, result, n, kept, peak):
    if metric == "peak":
        return peak
    if metric == "retained":
        return kept
    # The list that holds the instances is the same before and after.
    holder = sys.getsizeof(result) if type(result) is list else 0
    return round((kept - holder) / n)


def call_measure(code, name, metric, n, data):
    """(bytes, outcome) of one call of `before` or `after`."""
    module = proof_load(code)
    function = getattr(module, name)
    gc.collect()
    tracemalloc.start()
    result = function(n, *data)
    kept, peak = tracemalloc.get_traced_memory()
    if metric != "peak":
        gc.collect()
        kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    size = bytes_count(metric, result, n, kept, peak)
    return size, outcome_view(module, result)


def size_measure(code, metric, n):
    """[n, before, after], or a text that says how the outcomes differ."""
    module = proof_load(code)
    data = (module.setup(n),) if hasattr(module, "setup") else ()
    try:
        lowest = {}
        for turn in range(REPEATS + 1):
            outcomes = []
            for name in ("before", "after"):
                size, outcome = call_measure(code, name, metric, n, data)
                outcomes.append(outcome)
                # The first turn pays for caches and first-use allocations.
                if turn > 0:
                    lowest[name] = min(size, lowest.get(name, size))
            if outcomes[0] != outcomes[1]:
                texts = [repr(outcome)[:EXCERPT] for outcome in outcomes]
                return "n = %d: before gives %s, after %s" % (n, *texts)
        return [n, lowest["before"], lowest["after"]]
    finally:
        if hasattr(module, "teardown"):
            module.teardown(*data)


def main():
    path, metric, sizes = sys.argv[1], sys.argv[2], sys.argv[3:]
    # No file beside this one may be imported in place of a library's.
    del sys.path[0]
    answer, sys.stdout = sys.stdout, sys.stderr
    with open(path, encoding="utf-8") as file:
        code = compile(file.read(), "<proof>", "exec")
    rows = []
    for size in sizes:
        row = size_measure(code, metric, int(size))
        if isinstance(row, str):
            json.dump({"differ": row}, answer)
            return
        rows.append(row)
    json.dump({"rows": rows}, answer)


if __name__ == "__main__":
    main()
