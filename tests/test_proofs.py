"""The proofs still hold on the CPythons present, and the runner can fail.

    python3 -m unittest discover -s tests -p test_proofs.py
"""
import contextlib
import io
import os
import re
import stat
import sys
import tempfile
import textwrap
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import prove  # noqa: E402
import pythons  # noqa: E402

CODE = re.compile(r'\.code\s*=\s*"(PML\d{3})"')


def rules_unproved(root):
    """Rules that have no proof; those of the linter itself (PML0xx) need none."""
    missing = []
    for path in sorted((root / "rules").glob("*/*.c")):
        code = CODE.search(path.read_text(encoding="utf-8"))
        if code and code.group(1).startswith("PML0"):
            continue
        proof = root / "fixtures" / path.parent.name / (path.stem + ".proof.py")
        if not proof.exists():
            missing.append("%s/%s" % (path.parent.name, path.stem))
    return missing


class ProofsHold(unittest.TestCase):
    """Every proof on every CPython, measured again."""

    @classmethod
    def setUpClass(cls):
        cls.proofs = prove.proofs_find(prove.ROOT)
        cls.pythons = pythons.pythons_find()
        cls.runs = prove.runs_measure(cls.proofs, cls.pythons)

    def test_there_is_something_to_measure(self):
        self.assertTrue(self.proofs)
        self.assertTrue(self.pythons)
        self.assertTrue(self.runs)

    def test_each_proof_on_each_python(self):
        for run in self.runs:
            with self.subTest(proof=run.proof.name, python=run.python.version):
                table = prove.table_read(prove.table_path(run.proof))
                self.assertEqual(
                    prove.saving_problems(run) + prove.table_problems(run, table), [])

    def test_each_proof_holds_somewhere(self):
        for proof in self.proofs:
            with self.subTest(proof=proof.name):
                own = [run for run in self.runs if run.proof is proof]
                self.assertTrue(prove.holds_somewhere(own))

    def test_tables_are_as_written(self):
        for proof in self.proofs:
            with self.subTest(proof=proof.name):
                table = prove.table_read(prove.table_path(proof))
                self.assertTrue(table)
                self.assertEqual(prove.format_problems(proof, table), [])
        self.assertEqual(prove.tables_orphaned(prove.ROOT), [])

    def test_every_rule_has_a_proof(self):
        self.assertEqual(rules_unproved(prove.ROOT), [])


GOOD = """
METRIC = "peak"
SIZES = (1000, 5000)
def before(n):
    return sum([i * i for i in range(n)])
def after(n):
    return sum(i * i for i in range(n))
"""


class Workshop(unittest.TestCase):
    """A root of its own, and the Python that runs this."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name).resolve()
        (self.root / "fixtures/passes").mkdir(parents=True)
        self.python = pythons.python_probe(sys.executable)[0]
        if self.python is None:
            self.skipTest("this Python is none to measure on")

    def file_write(self, path, text):
        path = self.root / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    def problems(self, text, write=False):
        self.file_write("fixtures/passes/sample.proof.py", text)
        [proof] = prove.proofs_find(self.root)
        runs = prove.runs_measure([proof], [self.python])
        found = prove.problems_of(proof, runs, write)
        return "\n".join(text for _, text in found)

    def table(self):
        return self.root / "fixtures/passes/sample.proof.tsv"


class RunnerFails(Workshop):
    """Each way in which a proof can be wrong is seen."""

    def test_good_proof_is_written_then_holds(self):
        self.assertIn("no row for n = 1000", self.problems(GOOD))
        self.assertEqual(self.problems(GOOD, write=True), "")
        lines = self.table().read_text().splitlines()
        self.assertEqual(lines[0], "python\tn\tmetric\tbefore\tafter\tsaved_percent")
        self.assertEqual([line.split("\t")[:3] for line in lines[1:]],
                         [[self.python.version, "1000", "peak"],
                          [self.python.version, "5000", "peak"]])
        self.assertEqual(self.problems(GOOD), "")

    def test_no_saving(self):
        text = GOOD.replace("sum(i * i for i in range(n))",
                            "sum([i * i for i in range(n)])")
        found = self.problems(text, write=True)
        self.assertIn("no saving at n = 1000", found)
        self.assertIn("holds on no CPython", found)
        self.assertFalse(self.table().exists())

    def test_results_differ(self):
        found = self.problems(GOOD.replace("sum(i * i", "1 + sum(i * i"))
        self.assertIn("results differ: n = 1000", found)

    def test_crash_is_named(self):
        found = self.problems(GOOD.replace("return sum(i", "return summ(i"))
        self.assertIn("cannot be run: NameError", found)

    def test_drift_from_the_table(self):
        self.problems(GOOD, write=True)
        rows = prove.table_read(self.table())
        grown = [row._replace(before=row.before * 5 // 4) for row in rows]
        self.table().write_text(prove.table_format(grown))
        self.assertIn("before(5000) takes", self.problems(GOOD))

    def test_small_drift_is_allowed(self):
        self.problems(GOOD, write=True)
        rows = prove.table_read(self.table())
        near = [row._replace(before=row.before * 21 // 20) for row in rows]
        self.table().write_text(prove.table_format(near))
        self.assertEqual(self.problems(GOOD), "")

    def test_table_edited_by_hand(self):
        self.problems(GOOD, write=True)
        lines = self.table().read_text().splitlines()
        lines[1] = lines[1].rsplit("\t", 1)[0] + "\t50.0"
        self.table().write_text("\n".join(lines) + "\n")
        self.assertIn("not as --write writes it", self.problems(GOOD))

    def test_not_on_excuses_and_goes_stale(self):
        version = self.python.version
        excuse = "NOT_ON = {%r: 'no reason'}\n" % version
        self.assertIn("although NOT_ON", self.problems(GOOD + excuse))
        same = GOOD.replace("sum(i * i for i in range(n))",
                            "sum([i * i for i in range(n)])")
        found = self.problems(same + excuse, write=True)
        self.assertNotIn("no saving", found)
        self.assertIn("holds on no CPython", found)

    def test_older_pythons_are_spared(self):
        newer = "MIN_VERSION = '%d.%d'\n" % (self.python.full[0],
                                             self.python.full[1] + 1)
        self.assertEqual(self.problems(GOOD + newer), "")
        self.assertFalse(self.table().exists())

    def test_rows_of_absent_pythons_stay(self):
        self.problems(GOOD, write=True)
        absent = prove.Row("3.99", 1000, "peak", 50000, 500)
        stale = prove.Row("3.99", 77, "peak", 50000, 500)
        rows = prove.table_read(self.table())
        self.table().write_text(prove.table_format(rows + [absent, stale]))
        with contextlib.redirect_stderr(io.StringIO()) as said:
            self.assertEqual(self.problems(GOOD, write=True), "")
        self.assertIn("kept the rows of 3.99", said.getvalue())
        self.assertEqual(prove.table_read(self.table()), rows + [absent])

    def test_orphaned_table(self):
        path = self.file_write("fixtures/passes/gone.proof.tsv", "")
        self.assertEqual(prove.tables_orphaned(self.root), [path])

    def test_constants_are_checked(self):
        for text in (GOOD.replace('"peak"', '"speed"'), GOOD.replace("5000", "500"),
                     GOOD.replace("SIZES", "SIZE"), GOOD + "def (:\n"):
            with self.subTest(text=text), self.assertRaises(prove.ProofError):
                self.problems(text)

    def test_rule_without_proof(self):
        card = 'RULE(%s) = {\n  .code = "%s", .name = "x",\n};\n'
        self.file_write("rules/linter/syntax_error.c", card % ("s", "PML001"))
        self.file_write("rules/passes/sample.c", card % ("s", "PML299"))
        self.assertEqual(rules_unproved(self.root), ["passes/sample"])
        self.file_write("fixtures/passes/sample.proof.py", GOOD)
        self.assertEqual(rules_unproved(self.root), [])


class RunnerMeasures(Workshop):
    """The three metrics give the bytes that they promise."""

    def rows(self, text):
        self.file_write("fixtures/passes/sample.proof.py", text)
        [proof] = prove.proofs_find(self.root)
        [run] = prove.runs_measure([proof], [self.python])
        self.assertEqual(run.problem, "")
        return [(row.before, row.after) for row in run.rows]

    def test_peak_counts_what_is_gone_at_the_end(self):
        [(before, after), _] = self.rows("""
            METRIC = "peak"
            SIZES = (100000, 200000)
            def before(n):
                return len(bytes(n))
            def after(n):
                return n
            """)
        self.assertTrue(100000 <= before < 101000, before)
        self.assertLess(after, 1000)

    def test_retained_counts_state_of_the_module_and_no_garbage(self):
        [(before, after), _] = self.rows("""
            METRIC = "retained"
            SIZES = (100000, 200000)
            KEPT = []
            def before(n):
                KEPT.append(bytes(n))
            def after(n):
                cycle = [bytes(n)]
                cycle.append(cycle)
            """)
        self.assertTrue(100000 <= before < 101000, before)
        self.assertLess(after, 1000)

    def test_per_instance_leaves_the_list_out(self):
        rows = self.rows("""
            METRIC = "per-instance"
            SIZES = (1000, 2000)
            def before(n):
                return [bytes(967) for _ in range(n)]
            def after(n):
                return [bytes(67) for _ in range(n)]
            EQUAL = len
            """)
        self.assertEqual(rows, [(1000, 100), (1000, 100)])

    def test_setup_is_shared_and_its_files_go(self):
        rows = self.rows("""
            import os, tempfile
            METRIC = "peak"
            SIZES = (50000, 60000)
            def setup(n):
                assert tempfile.gettempdir() == os.getcwd()
                with tempfile.NamedTemporaryFile(delete=False) as file:
                    file.write(bytes(n))
                return file.name
            def before(n, path):
                with open(path, "rb", buffering=0) as file:
                    return len(file.read())
            def after(n, path):
                return os.stat(path).st_size
            def teardown(path):
                os.remove(path)
            """)
        self.assertTrue(all(before > after + 40000 for before, after in rows), rows)


class PythonsFound(Workshop):
    def script(self, name, text):
        path = self.file_write(name, "#!/bin/sh\n" + text)
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return str(path)

    def found(self, *paths):
        with contextlib.redirect_stderr(io.StringIO()) as said:
            return pythons.pythons_find(paths), said.getvalue()

    def test_one_that_does_not_start_is_named_and_skipped(self):
        broken = self.script("python3.12", "echo no such library >&2; exit 127\n")
        silent = self.script("python3.13", "exit 0\n")
        absent = str(self.root / "python3.11")
        kept, said = self.found(broken, silent, absent, sys.executable)
        self.assertEqual(kept, [self.python])
        self.assertIn(broken + " does not start (exit 127): no such library", said)
        self.assertIn(silent + " does not start", said)
        self.assertIn(absent + " does not start", said)

    def fake(self, name, version, cpython="true"):
        return self.script(name, """echo '{"version": %s, "path": "/%s", "cpython": %s,
            "debug": false, "free-threaded": false, "wide": true}'\n"""
                           % (version, name, cpython))

    def test_highest_patch_of_each_version_is_kept_in_order(self):
        kept, said = self.found(self.fake("a", '[3, 10, 2, "final", 0]'),
                                self.fake("b", '[3, 10, 13, "final", 0]'),
                                self.fake("c", '[3, 10, 9, "final", 0]'),
                                self.fake("d", '[3, 9, 1, "final", 0]'),
                                self.fake("e", '[3, 8, 1, "final", 0]'),
                                self.fake("f", '[3, 11, 1, "final", 0]', "false"))
        self.assertEqual([python.path for python in kept], ["/d", "/b"])
        self.assertRegex(said, "^prove: .*/f is no CPython; skipped\n$")

    def test_places_that_are_searched(self):
        here = self.script("path/python3.10", "")
        self.script("path/python3.8", "")
        self.script("path/python3-config", "")
        pyenv = self.script("pyenv/versions/3.11.7/bin/python3.11", "")
        shim = self.script("pyenv/shims/python3.11", "")
        named = self.script("elsewhere/mypython", "")
        before = dict(os.environ)
        self.addCleanup(lambda: (os.environ.clear(), os.environ.update(before)))
        os.environ.update(
            PATH=os.pathsep.join([str(self.root / "path"), os.path.dirname(shim)]),
            PYENV_ROOT=str(self.root / "pyenv"), HOME=str(self.root),
            PYMEMLINT_PYTHONS=named)
        self.assertEqual(pythons.candidates_find(),
                         [named, sys.executable, here, pyenv])


if __name__ == "__main__":
    unittest.main()
