"""Runs the proofs: measures what each rule's advice saves, on real CPythons.

    python3 tests/prove.py            measure again, compare with the tables
    python3 tests/prove.py --write    measure and write the tables
    python3 tests/prove.py list_in    only the proofs whose path holds a word

fixtures/<family>/<rule>.proof.py, which must parse on CPython 3.9, defines

    before(n), after(n)   the code as the rule finds it and as it advises it
    setup(n)              optional; what it returns becomes the second argument
                          of both, which leave it as it was. Its temporary
                          files lie in a folder that is removed afterwards.
    teardown(data)        optional; gets what setup returned
    METRIC                "peak": highest bytes during the call, above its start;
                          "retained": bytes alive after the call and a collection,
                          its result held; "per-instance": retained bytes over n,
                          without the list that holds the instances
    SIZES                 (n1, n2)
    EQUAL                 optional function of a result: what must be the same
                          before and after (without it, the result itself)
    MIN_VERSION           optional, "3.10": older CPythons cannot run it
    NOT_ON                optional, {"3.9": "why the advice saves nothing there"}

The table <rule>.proof.tsv beside it holds bytes, one row a version and size.
"""
import argparse
import ast
import collections
import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pythons
from pythons import version_key

ROOT = Path(__file__).resolve().parent.parent
CHILD = Path(__file__).resolve().parent / "proof_child.py"
CHILD_SECONDS = 300
METRICS = ("peak", "retained", "per-instance")
HEADER = ("python", "n", "metric", "before", "after", "saved_percent")
# Measured again, a figure may differ by this share and these bytes ...
DRIFT = 0.10
DRIFT_BYTES = {"peak": 2048, "retained": 2048, "per-instance": 8}
# ... and advice must save this share and these bytes to count as a saving.
SAVING = 0.08
SAVING_BYTES = {"peak": 2048, "retained": 2048, "per-instance": 8}
# The newest version whose row every table must have.
NEWEST = "3.13"

Proof = collections.namedtuple("Proof", "name path metric sizes floor not_on")
Row = collections.namedtuple("Row", "python n metric before after")
# rows: what was measured, empty if problem says why it could not be
Run = collections.namedtuple("Run", "proof python rows problem")


class ProofError(Exception):
    """A proof file or its table is not as the description above wants it."""


# --- proofs and tables ------------------------------------------------------

def proof_read(path):
    """The constants of a proof, read without running it."""
    found = {}
    try:
        module = ast.parse(path.read_text(encoding="utf-8"))
        for node in module.body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                name = node.targets[0].id
                if name in ("METRIC", "SIZES", "MIN_VERSION", "NOT_ON"):
                    found[name] = ast.literal_eval(node.value)
        metric, sizes = found["METRIC"], tuple(found["SIZES"])
    except (SyntaxError, ValueError, KeyError, TypeError) as error:
        raise ProofError("%s: not a proof: %r" % (path, error)) from None
    if metric not in METRICS:
        raise ProofError("%s: METRIC is none of %s" % (path, ", ".join(METRICS)))
    if len(sizes) != 2 or not 0 < sizes[0] < sizes[1]:
        raise ProofError("%s: SIZES must be two growing numbers" % path)
    rule = path.name[:-len(".proof.py")]
    return Proof("%s/%s" % (path.parent.name, rule), path, metric, sizes,
                 found.get("MIN_VERSION", "3.9"), found.get("NOT_ON", {}))


def proofs_find(root, words=()):
    found = sorted((root / "fixtures").glob("*/*.proof.py"))
    proofs = [proof_read(path) for path in found]
    return [proof for proof in proofs
            if not words or any(word in proof.name for word in words)]


def table_path(proof):
    return proof.path.with_suffix(".tsv")


def saved_percent(row):
    """In whole tenths, rounded down, so that 100.0 means all of it."""
    if not row.before:
        return 0.0
    return 1000 * (row.before - row.after) // row.before / 10


def table_format(rows):
    lines = ["\t".join(HEADER)]
    for row in sorted(rows, key=lambda row: (version_key(row.python), row.n)):
        lines.append("%s\t%.1f" % ("\t".join(map(str, row)), saved_percent(row)))
    return "\n".join(lines) + "\n"


def table_read(path):
    """The rows of a table; an absent one has none."""
    if not path.exists():
        return []
    text = path.read_text(encoding="utf-8")
    rows = []
    try:
        for line in text.splitlines()[1:]:
            python, n, metric, before, after, _ = line.split("\t")
            rows.append(Row(python, int(n), metric, int(before), int(after)))
    except ValueError:
        raise ProofError("%s: not a table; remove it and make prove" % path) from None
    return rows


def table_write(proof, rows):
    """Rows of versions that were not measured now stay, if still of use."""
    now = {row.python for row in rows}
    rest = [row for row in table_read(table_path(proof))
            if row.python not in now and row.n in proof.sizes
            and row.metric == proof.metric
            and version_key(row.python) >= version_key(proof.floor)]
    if rest:
        versions = sorted({row.python for row in rest}, key=version_key)
        print("prove: %s: kept the rows of %s, not measured here"
              % (proof.name, ", ".join(versions)), file=sys.stderr)
    text = table_format(rows + rest)
    path = table_path(proof)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


# --- measuring --------------------------------------------------------------

def proof_run(proof, python):
    """One proof on one Python, in a process and a folder of its own."""
    command = [python.path, "-S", "-s", str(CHILD), str(proof.path), proof.metric]
    with tempfile.TemporaryDirectory(prefix="proof-") as folder:
        env = pythons.environment_clean(TMPDIR=folder, PYTHONHASHSEED="0",
                                        PYTHONUTF8="1", PYTHONDONTWRITEBYTECODE="1")
        try:
            run = subprocess.run(command + [str(n) for n in proof.sizes], cwd=folder,
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, text=True, env=env,
                                 timeout=CHILD_SECONDS)
        except (OSError, subprocess.TimeoutExpired) as error:
            return Run(proof, python, [], str(error))
    if run.returncode != 0:
        lines = run.stderr.strip().splitlines() or ["exit %d" % run.returncode]
        return Run(proof, python, [], "cannot be run: " + lines[-1])
    answer = json.loads(run.stdout)
    if "differ" in answer:
        return Run(proof, python, [], "results differ: " + answer["differ"])
    rows = [Row(python.version, n, proof.metric, before, after)
            for n, before, after in answer["rows"]]
    return Run(proof, python, rows, "")


def runs_measure(proofs, found, jobs=2):
    """A Run for each proof and each Python that can run it, in a fixed order."""
    pairs = [(proof, python) for proof in proofs for python in found
             if version_key(python.version) >= version_key(proof.floor)]
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(lambda pair: proof_run(*pair), pairs))


# --- judging ----------------------------------------------------------------

def row_saves(row):
    return (row.before - row.after >= SAVING_BYTES[row.metric]
            and saved_percent(row) >= 100 * SAVING)


def run_saves(run):
    return bool(run.rows) and all(row_saves(row) for row in run.rows)


def saving_problems(run):
    """What is wrong with the measured saving itself, table aside."""
    if run.problem:
        return [run.problem]
    if run.python.version in run.proof.not_on:
        if run_saves(run):
            return ["saves memory although NOT_ON lists this version"]
        return []
    return ["no saving at n = %d: %d B before, %d B after"
            % (row.n, row.before, row.after)
            for row in run.rows if not row_saves(row)]


def table_problems(run, table):
    """How the measured rows depart from the committed ones."""
    committed = {(row.python, row.n, row.metric): row for row in table}
    problems = []
    for row in run.rows:
        old = committed.get(row[:3])
        if old is None:
            if version_key(row.python) <= version_key(NEWEST):
                problems.append("no row for n = %d in the table: make prove" % row.n)
            continue
        for side in ("before", "after"):
            was, now = getattr(old, side), getattr(row, side)
            if abs(now - was) > DRIFT * was + DRIFT_BYTES[row.metric]:
                problems.append("%s(%d) takes %d B, the table says %d B: make prove"
                                % (side, row.n, now, was))
    return problems


def format_problems(proof, table):
    """Catches a table that was edited by hand."""
    path = table_path(proof)
    if path.exists() and path.read_text(encoding="utf-8") != table_format(table):
        return ["the table is not as --write writes it: make prove"]
    return []


def holds_somewhere(runs):
    """False if the advice saves nothing on any of the Pythons it was run on."""
    return not runs or any(run_saves(run) for run in runs)


def tables_orphaned(root):
    """Tables whose proof is gone."""
    return [path for path in sorted((root / "fixtures").glob("*/*.proof.tsv"))
            if not path.with_suffix(".py").exists()]


def problems_of(proof, runs, write):
    """Everything wrong with a proof, as (version, text); writes if asked to."""
    problems = []
    table = table_read(table_path(proof))
    if not write:
        problems += [("all", text) for text in format_problems(proof, table)]
    for run in runs:
        texts = saving_problems(run) + ([] if write else table_problems(run, table))
        problems += [(run.python.version, text) for text in texts]
    if not holds_somewhere(runs):
        problems.append(("all", "holds on no CPython present"))
    if write and runs and not problems:
        table_write(proof, [row for run in runs for row in run.rows])
    return problems


def main():
    parser = argparse.ArgumentParser(description="Measure the proofs of the rules.")
    parser.add_argument("--write", action="store_true", help="write the tables")
    parser.add_argument("-j", "--jobs", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("words", nargs="*", help="only proofs whose name holds one")
    options = parser.parse_args()
    start, failed = time.monotonic(), 0
    try:
        proofs, found = proofs_find(ROOT, options.words), pythons.pythons_find()
        if not proofs or not found:
            parser.error("nothing to do: %d proofs, %d CPythons"
                         % (len(proofs), len(found)))
        runs = runs_measure(proofs, found, options.jobs)
        for proof in proofs:
            own = [run for run in runs if run.proof is proof]
            problems = problems_of(proof, own, options.write)
            failed += bool(problems)
            print("%-4s %-36s %s" % ("FAIL" if problems else "ok", proof.name,
                                     " ".join(run.python.version for run in own)))
            for version, text in problems:
                print("     %s: %s" % (version, text))
    except ProofError as error:
        parser.exit(1, "prove: %s\n" % error)
    for path in tables_orphaned(ROOT):
        failed += 1
        print("FAIL %s has no proof" % path.relative_to(ROOT))
    print("%d proofs, %d failed, %d CPythons, %.0f s"
          % (len(proofs), failed, len(found), time.monotonic() - start))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
