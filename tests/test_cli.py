"""The command as people and scripts meet it: statuses, streams, files, selection."""

import json
import os
import shutil
import stat
import subprocess
import tempfile
import unittest
from pathlib import Path

from support import BIN, pymemlint, run

# Found and, but for the method, fixed by rules of this program: see `rule PML601`.
CACHE = """\
import functools


@functools.lru_cache(maxsize=None){comment}
def load(key):
    return str(key)


def work(queue):
    while True:
        load(queue.get())
"""
DIRTY = CACHE.format(comment="")
METHOD = """\
import functools


class Report:
    @functools.lru_cache(maxsize=None){comment}
    def total(self, year):
        return [year]
"""
CLEAN = "print(1)\n"
# Root may write everywhere: as root, become a user who may not.
NOBODY = {"user": 65534, "group": 65534} if os.geteuid() == 0 else {}
FIX = ("--select", "PML601", "--fix", "--unsafe-fixes")


class CommandTest(unittest.TestCase):
    """Runs in a folder of its own; `self.write` makes files in it."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name).resolve()

    def write(self, path, text=DIRTY):
        path = self.folder / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def call(self, *arguments, **options):
        options.setdefault("cwd", self.folder)
        return pymemlint(*arguments, **options)

    def codes(self, *arguments, **options):
        """The codes that `check` finds, with their files, in order."""
        done = self.call("check", "--isolated", "--output-format", "json", *arguments,
                         **options)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        return [(one["filename"], one["code"]) for one in json.loads(done.stdout)]

    def assert_usage(self, done, text):
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertTrue(done.stderr.startswith("pymemlint: "), done.stderr)
        self.assertIn(text, done.stderr)


class StatusTest(CommandTest):
    def test_statuses(self):
        self.write("dirty.py", METHOD.format(comment=""))
        self.write("clean.py", CLEAN)
        for expected, arguments in (
            (0, ["check", "clean.py"]),
            (0, ["clean.py"]),
            (1, ["dirty.py"]),
            (1, ["clean.py", "dirty.py"]),
            (0, ["dirty.py", "--exit-zero"]),
            (0, ["dirty.py", "--fail-on", "error"]),
            (0, ["dirty.py", "--fail-on", "never"]),
            (1, ["dirty.py", "--config", "severity.PML501='error'", "--fail-on", "error"]),
            (0, ["dirty.py", "--config", "severity.PML501='note'"]),
            (1, ["dirty.py", "--config", "severity.PML501='note'", "--level", "note",
                 "--fail-on", "note"]),
            (0, ["dirty.py", "--ignore", "PML5"]),
            (0, ["dirty.py", "--select", "PML6"]),
            (1, ["dirty.py", "--select", "cached-method"]),
            (1, ["dirty.py", "--ignore", "PML5", "--extend-select", "PML501"]),
            (1, ["gone.py"]),
            (0, ["--version"]), (0, ["--help"]), (0, ["help"]), (0, ["rule", "PML501"]),
            (0, ["explain", "dirty.py:5"]), (0, ["dump", "tree", "dirty.py"]),
        ):
            with self.subTest(arguments=arguments):
                done = self.call(*arguments)
                self.assertEqual(done.returncode, expected, done.stdout + done.stderr)
                self.assertEqual(done.stderr, "")

    def test_usage_errors_are_one_line(self):
        self.write("a.py", CLEAN)
        for arguments, text in (
            (["--selct", "PML501"], "did you mean `--select`?"),
            (["--sel", "PML501"], "no option `--sel`; did you mean `--select`?"),
            (["--sel=PML501"], "no option `--sel=PML501`; did you mean `--select`?"),
            (["--unsafe"], "no option `--unsafe`; did you mean `--unsafe-fixes`?"),
            (["--qu"], "no option `--qu`; did you mean `--quiet`?"),
            (["--output-f", "json"], "did you mean `--output-format`?"),
            (["--ex"], "there is no option `--ex`"),
            (["a.py", "--selec"], "no option `--selec`; did you mean `--select`?"),
            (["a.py", "-j"], "`-j` needs a value"),
            (["--fix=1"], "takes no value"),
            (["--select", "cached-methd"], "did you mean `cached-method`?"),
            (["--select", "\x1b[31m"], "\\x1b[31m"),
            (["--level", "warn"], "a level is note, warning or error"),
            (["--jobs", "0"], "a number from 1"),
            (["--output", "xml"], "`xml` is no output format"),
            (["--output", "json:"], "empty path"),
            (["--output", "json:/nowhere/x"], "cannot be written"),
            (["--target-version", "2.7"], "a version like 3.12"),
            (["--config", "levl='note'"], "did you mean `level`?"),
            (["--config", "level"], "KEY=VALUE"),
            (["--config", "rules.PML601.max-sze=1"], "no option"),
            (["-", "a.py"], "standard input"),
            ([""], "empty"),
            (["rule"], "--all"),
            (["rule", "cached-methd"], "did you mean `cached-method`?"),
            (["rule", "PML501", "--output-format", "full"], "there are text, json, md"),
            (["rule", "PML501", "--output-format", "yaml"],
             "`yaml` is no output format of `rule`; there are text, json, md"),
            (["dump", "tre", "a.py"], "did you mean `tree`?"),
            (["dump", "tree"], "takes what to dump"),
            (["dump", "tree", "gone.py"], "No such file"),
            (["explain", "a.py"], "FILE:LINE"),
            (["explain", "a.py:0"], "FILE:LINE"),
            (["explain", "a.py:99"], "lines"),
            (["a.py", "--select"], "needs a value"),
            (["a.py", "--select", ","], "`--select` names no rule"),
            (["a.py", "--stdin-filename", "b.py"], "add `-`"),
            (["a.py", "--isolated", "-xq"], "there is no option `-xq`"),
        ):
            with self.subTest(arguments=arguments):
                if arguments[0].startswith("--"):
                    arguments = [*arguments, "a.py"]
                self.assert_usage(self.call(*arguments), text)

    def test_help_names_every_command_and_option(self):
        text = self.call("--help").stdout
        for word in ("check", "rule", "explain", "dump", "--select", "--fix", "--diff",
                     "--output", "--exclude", "--jobs", "Exit status: 0 clean"):
            with self.subTest(word=word):
                self.assertIn(word, text)
        self.assertLessEqual(max(len(line) for line in text.splitlines()), 100)

    def test_quiet_is_silent_when_clean(self):
        self.write("a.py", CLEAN)
        done = self.call("-q", "a.py")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))


class FilesTest(CommandTest):
    """Whatever lies in a folder is a finding or is left alone, and never an end."""

    def test_unreadable_files_are_findings(self):
        self.write("cookie.py", b"# coding: no-such-codec\nx = 1\n")
        self.write("bytes.py", b"x = '\xff'\n")
        os.mkfifo(self.folder / "pipe.py")
        self.write("good.py", METHOD.format(comment=""))
        for path in ("cookie.py", "bytes.py", "pipe.py", "gone.py"):
            with self.subTest(path=path):
                self.assertEqual(self.codes("--select", "ALL", path, timeout=20),
                                 [(path, "PML002")])
        self.assertEqual(self.codes("bytes.py", "good.py"),
                         [("bytes.py", "PML002"), ("good.py", "PML501")])

    def test_broken_code_is_one_finding(self):
        self.write("a.py", "def f(:\n    pass\n" + METHOD.format(comment=""))
        self.assertEqual(self.codes("a.py").count(("a.py", "PML001")), 1)

    def test_odd_files(self):
        for name, text in (("empty.py", b""), ("nul.py", b"x = 1\0\n"), ("ff.py", b"\f\n"),
                           ("bom.py", b"\xef\xbb\xbf"), ("cr.py", b"x = 1\ry = 2\r"),
                           ("deep.py", b"x = " + b"(" * 100000 + b")" * 100000),
                           ("long.py", b"x = [" + b"1, " * 100000 + b"]\n")):
            with self.subTest(name=name):
                done = self.call("check", str(self.write(name, text)), timeout=60)
                self.assertIn(done.returncode, (0, 1), done.stderr)
                self.assertEqual(done.stderr, "")

    def test_folders(self):
        (self.folder / "empty").mkdir()
        self.assertEqual(self.codes("empty"), [])
        self.write("p/a.py", METHOD.format(comment=""))
        self.write("p/b.txt", METHOD.format(comment=""))
        self.write("p/script", METHOD.format(comment=""))
        os.symlink("..", self.folder / "p/loop")
        self.assertEqual(self.codes("p"), [("p/a.py", "PML501")])
        self.assertEqual(self.codes("p/script"), [("p/script", "PML501")])
        self.assertEqual(self.codes("--exclude", "x,a.*", "p"), [])
        self.assertEqual(self.codes("--exclude", "a.*", "p/a.py"), [("p/a.py", "PML501")])
        self.assertEqual(self.codes("--exclude", "a.*", "--force-exclude", "p/a.py"), [])

    def test_control_characters_in_names(self):
        name = "a\x1b[31m\n\u202eb.py"
        self.write(name, METHOD.format(comment=""))
        for form in ("full", "concise"):
            with self.subTest(form=form):
                done = self.call("--output", form, ".")
                self.assertEqual(done.returncode, 1)
                self.assertIn("a\\x1b[31m", done.stdout)
                self.assertFalse({"\x1b", "\u202e"} & set(done.stdout))
        self.assertEqual(self.codes("."), [(name, "PML501")])


class OrderTest(CommandTest):
    def test_output_depends_on_nothing_else(self):
        for i in range(40):
            self.write(f"p{i % 7}/m{i}.py", [METHOD.format(comment=""), DIRTY][i % 2])
        names = sorted(path.name for path in self.folder.iterdir())
        for form in ("full", "concise", "json", "json-lines", "sarif"):
            with self.subTest(form=form):
                runs = [self.call("--level", "note", "--output", form, *more).stdout
                        for more in ([".", "-j1"], [".", "-j8"], names, names[::-1],
                                     [*names, ".", str(self.folder / "p1")])]
                self.assertIn("PML501", runs[0])
                for other in runs[1:]:
                    self.assertEqual(other, runs[0])

    def test_outputs_repeat(self):
        self.write("a.py", METHOD.format(comment=""))
        done = self.call("--output", "concise", "--output", "json:out.json", "--output",
                         "sarif:out.sarif", "a.py")
        self.assertEqual(done.returncode, 1)
        self.assertIn("a.py:5:", done.stdout)
        self.assertEqual(json.loads((self.folder / "out.json").read_text())[0]["code"],
                         "PML501")
        sarif = json.loads((self.folder / "out.sarif").read_text())
        self.assertEqual(sarif["runs"][0]["results"][0]["ruleId"], "PML501")


class SuppressionTest(CommandTest):
    def test_suppressions(self):
        for comment, expected in (
            ("", ["PML501"]),
            ("  # pymemlint: ignore PML501", []),
            ("  # pymemlint: ignore PML501 -- few reports", []),
            ("  # pymemlint: ignore[cached-method]", []),
            ("  # pymemlint: ignore PML5", []),
            ("  # noqa: E501, PML501", []),
            ("  # noqa", ["PML501"]),
            ("  # pymemlint: ignore", ["PML004", "PML501"]),
            ("  # pymemlint: ignore PML", ["PML004", "PML501"]),
            ("  # pymemlint: ignore[PML] -- all of it", ["PML004", "PML501"]),
            ("  # pymemlint: ignore ALL", ["PML004", "PML501"]),
            ("  # pymemlint: ignore PML, PML501", ["PML004"]),
            ("  # noqa: E501, PML", ["PML004", "PML501"]),
            ("  # noqa: ALL", ["PML501"]),
            ("  # pymemlint: ignore PML999", ["PML004", "PML501"]),
            ("  # pymemlint: ignore PML101", ["PML003", "PML501"]),
        ):
            with self.subTest(comment=comment):
                self.write("a.py", METHOD.format(comment=comment))
                found = [code for _, code in self.codes("--select", "ALL", "a.py")]
                self.assertEqual(sorted(found), expected)

    def test_own_lines(self):
        text = METHOD.format(comment="")
        self.write("file.py", "# pymemlint: file-ignore PML501\n" + text)
        self.write("next.py", text.replace("    @", "    # pymemlint: ignore PML501\n    @"))
        self.assertEqual(self.codes("--select", "ALL", "file.py", "next.py"), [])
        self.write("blanket.py", "# pymemlint: file-ignore PML\n" + text)
        self.assertEqual(self.codes("--select", "ALL", "blanket.py"),
                         [("blanket.py", "PML004"), ("blanket.py", "PML501")])

    def test_unused_ones_are_removed(self):
        path = self.write("a.py", "x = 1  # pymemlint: ignore PML501\n")
        self.assertEqual(self.codes("a.py"), [("a.py", "PML003")])
        self.assertEqual(self.codes("--select", "PML003", "a.py"), [])  # 501 did not run
        self.call("--fix", "a.py")
        self.assertEqual(path.read_text(), "x = 1\n")


class FixTest(CommandTest):
    def fixed(self, path):
        done = self.call("check", "--isolated", "--fix-only", *FIX, path)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        return Path(self.folder / path).read_bytes()

    def test_bytes_are_kept(self):
        lines = DIRTY.replace("str(key)", 'key + "\u00e9"').encode()
        latin = b"# coding: latin-1\n" + lines.decode().encode("latin-1")
        for name, text in (
            ("lf.py", lines),
            ("crlf.py", lines.replace(b"\n", b"\r\n")),
            ("bom.py", b"\xef\xbb\xbf" + lines),
            ("latin.py", latin),
            ("no_end.py", lines.rstrip()),
            ("mixed.py", lines.replace(b"\n", b"\r\n", 2)),
        ):
            with self.subTest(name=name):
                self.write(name, text)
                expected = text.replace(b"maxsize=None", b"maxsize=1024")
                self.assertEqual(self.fixed(name), expected)

    def test_mode_and_symlink_are_kept(self):
        path = self.write("real/a.py")
        path.chmod(0o751)
        os.symlink("real/a.py", self.folder / "link.py")
        self.assertIn(b"maxsize=1024", self.fixed("link.py"))
        self.assertTrue((self.folder / "link.py").is_symlink())
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o751)
        self.assertEqual(os.listdir(path.parent), ["a.py"])

    def test_diff_applies(self):
        git = shutil.which("git")
        if git is None:
            self.skipTest("git is not there")
        for name, text in (("a.py", DIRTY), ("crlf.py", DIRTY.replace("\n", "\r\n")),
                           ("d/no_end.py", "a = 1\n" * 9 + DIRTY.rstrip()),
                           ("d/sp ace.py", DIRTY), ("d/\x1b[31m\n\u202e\".py", DIRTY)):
            self.write(name, text)
        diff = ("--diff", "--isolated", "--level", "note", "--select", "PML601")
        self.assertEqual(self.call(*diff, ".").stdout, "")  # there is no safe one
        with open(self.folder / "x.diff", "wb") as out:  # as bytes: line ends count
            done = subprocess.run([BIN, *diff, "--unsafe-fixes", "."], cwd=self.folder,
                                  stdout=out, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertNotIn(b"\x1b", (self.folder / "x.diff").read_bytes())
        applied = run([git, "apply", "--whitespace=nowarn", "x.diff"], cwd=self.folder)
        self.assertEqual(applied.returncode, 0, applied.stderr)
        for name in ("a.py", "crlf.py", "d/no_end.py", "d/sp ace.py",
                     "d/\x1b[31m\n\u202e\".py"):
            self.assertIn(b"maxsize=1024", (self.folder / name).read_bytes())
        self.assertEqual(self.call(*diff, "--unsafe-fixes", ".").stdout, "")

    def test_imports_are_part_of_a_fix(self):
        text = "from functools import cache\n\n\n" + "\n\n".join(
            f"@cache\ndef load{i}(key):\n    return str(key)\n" for i in range(2))
        self.write("a.py", text)
        ask = ("--isolated", "--level", "note", "--select", "PML601", "a.py")
        full = self.call(*ask).stdout
        self.assertEqual(full.count("+ from functools import cache, lru_cache"), 2)
        for finding in json.loads(self.call(*ask, "--output", "json").stdout):
            contents = [edit["content"] for edit in finding["fix"]["edits"]]
            self.assertEqual(contents, [", lru_cache", "lru_cache(maxsize=1024)"])
        sarif = json.loads(self.call(*ask, "--output", "sarif").stdout)
        for result in sarif["runs"][0]["results"]:
            change, = result["fixes"][0]["artifactChanges"]
            self.assertEqual(len(change["replacements"]), 2)
        fixed = text.replace("@cache", "@lru_cache(maxsize=1024)").replace(
            "import cache", "import cache, lru_cache")  # the import is shared
        done = self.call("check", "--fix", "--unsafe-fixes", *ask)
        self.assertIn("Fixed 2 findings.", done.stdout)
        self.assertEqual((self.folder / "a.py").read_text(), fixed)

    def test_statuses(self):
        self.write("a.py", "x = 1  # pymemlint: ignore PML501\n")  # a safe fix
        self.write("b.py")                                          # an unsafe one
        self.write("c.py", METHOD.format(comment=""))               # none
        for expected, arguments in (
            (1, ["--diff", "a.py"]), (0, ["--diff", "b.py"]), (0, ["--diff", "c.py"]),
            (1, ["--diff", "--unsafe-fixes", "b.py"]),
            (0, ["--diff", "--exit-zero", "a.py"]),
            (0, ["--fix-only", "c.py"]), (0, ["--fix-only", "a.py"]), (0, ["a.py"]),
            (1, ["--fix", "b.py", "--level", "note", "--fail-on", "note"]),
            (1, ["--fix", "c.py"]), (0, ["--fix", "--exit-zero", "c.py"]),
            (0, ["--fix", "--unsafe-fixes", "b.py"]), (0, ["b.py"]),
        ):
            with self.subTest(arguments=arguments):
                done = self.call("check", "--isolated", *arguments)
                self.assertEqual((done.returncode, done.stderr), (expected, ""), done.stdout)

    def test_fix_only_prints_nothing(self):
        self.write("a.py", METHOD.format(comment="  # pymemlint: ignore PML101"))
        done = self.call("check", "--isolated", "--fix-only", "a.py")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        self.assertEqual((self.folder / "a.py").read_text(), METHOD.format(comment=""))

    def test_only_what_is_asked_for(self):
        before = self.write("a.py").read_bytes()
        for arguments in (["--fix"], ["--unsafe-fixes"], [*FIX, "--ignore", "PML601"],
                          [*FIX, "--diff"]):
            with self.subTest(arguments=arguments):
                self.call("check", *arguments, "a.py")
                self.assertEqual((self.folder / "a.py").read_bytes(), before)

    def test_file_that_cannot_be_written(self):
        paths = [self.write("a.py"), self.write("b.py")]
        program = shutil.copy(BIN, self.folder / "pymemlint")
        self.folder.chmod(0o555)
        self.addCleanup(self.folder.chmod, 0o755)
        done = run([program, "check", *FIX, "a.py", "b.py", "--output", "concise"],
                   cwd=self.folder, **NOBODY)
        self.assertEqual(done.returncode, 2)
        for path in paths:
            self.assertIn(f"{path.name} cannot be written", done.stderr)
            self.assertEqual(path.read_bytes(), DIRTY.encode())
            self.assertIn(f"{path.name}:", done.stdout)
        self.assertNotIn("Fixed", done.stdout)


class StdinTest(CommandTest):
    def test_findings(self):
        done = self.call("check", "-", "--stdin-filename", "p/x.py", "--output", "concise",
                         input=METHOD.format(comment=""))
        self.assertEqual(done.returncode, 1)
        self.assertIn("p/x.py:5:", done.stdout)

    def test_fixed_text_goes_to_stdout(self):
        done = self.call("check", "-", *FIX, input=DIRTY)
        self.assertEqual(done.stdout, DIRTY.replace("maxsize=None", "maxsize=1024"))
        self.assertEqual(self.call("check", "-", *FIX, input=CLEAN).stdout, CLEAN)

    def test_excluded_text_comes_back(self):
        done = self.call("check", "-", "--stdin-filename", "x.py", "--exclude", "x.py",
                         "--force-exclude", *FIX, input=DIRTY)
        self.assertEqual((done.returncode, done.stdout), (0, DIRTY))

    def test_stdin_that_cannot_be_read(self):
        folder = os.open(self.folder, os.O_RDONLY)
        self.addCleanup(os.close, folder)
        done = subprocess.run([BIN, "-"], stdin=folder, capture_output=True, text=True,
                              check=False)
        self.assert_usage(done, "standard input cannot be read: is a folder")

    def test_closed_pipe(self):
        self.write("a.py", METHOD.format(comment=""))
        with subprocess.Popen([BIN, "a.py"], cwd=self.folder, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as child:
            child.stdout.close()
            self.assertNotIn(b"Sanitizer", child.stderr.read())


class StreamsTest(CommandTest):
    """What is written where, and what happens where it cannot be."""

    def test_stdout_that_cannot_be_written(self):
        self.write("a.py", METHOD.format(comment=""))
        for arguments in (["a.py"], ["-q", "a.py"], ["rule", "--all"], ["--help"],
                          ["dump", "tree", "a.py"], ["a.py", "--output", "sarif"]):
            with self.subTest(arguments=arguments), open("/dev/full", "wb") as full:
                done = subprocess.run([BIN, *arguments], cwd=self.folder, stdout=full,
                                      stderr=subprocess.PIPE, check=False)
                self.assertEqual(done.returncode, 2)
                self.assertIn(b"pymemlint: standard output cannot be written", done.stderr)

    def test_closed_stdout(self):
        self.write("a.py", METHOD.format(comment=""))
        done = subprocess.run(["sh", "-c", f'"{BIN}" a.py >&-'], cwd=self.folder,
                              stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertEqual((self.folder / "a.py").read_text(), METHOD.format(comment=""))

    def test_output_that_cannot_be_written(self):
        self.write("a.py", METHOD.format(comment=""))
        for path in ("gone/x.json", ".", "/dev/full"):
            with self.subTest(path=path):
                done = self.call("a.py", "--output", f"json:{path}", "--output", "concise")
                self.assertEqual(done.returncode, 2)
                self.assertIn(f"pymemlint: {path} cannot be written: ", done.stderr)
                self.assertIn("PML501", done.stdout)  # the other output is there

    def test_quiet(self):
        self.write("clean.py", CLEAN)
        self.write("dirty.py", METHOD.format(comment=""))
        for form in ("full", "concise"):
            with self.subTest(form=form):
                clean = self.call("-q", "--output", form, "clean.py")
                self.assertEqual((clean.returncode, clean.stdout, clean.stderr), (0, "", ""))
                dirty = self.call("-q", "--output", form, "dirty.py").stdout
                self.assertIn("PML501", dirty)
                self.assertNotIn("Found", dirty)

    def test_empty_environment(self):
        self.write("a.py", METHOD.format(comment=""))
        self.write("b.py")
        for arguments in ([".", "--level", "note"], ["rule", "PML501"], ["dump", "flow", "a.py"]):
            with self.subTest(arguments=arguments):
                bare = self.call(*arguments, env={})
                usual = self.call(*arguments)
                self.assertEqual((bare.returncode, bare.stdout, bare.stderr),
                                 (usual.returncode, usual.stdout, usual.stderr))

    def test_checking_writes_nothing(self):
        self.write("p/a.py", METHOD.format(comment=""))
        self.write("p/b.py")
        program = shutil.copy(BIN, self.folder / "pymemlint")
        before = self.tree()
        for path in (self.folder, self.folder / "p"):
            path.chmod(0o555)
            self.addCleanup(path.chmod, 0o755)
        for arguments in (["p"], ["p", "--output", "sarif"],
                          ["p", "--diff", "--unsafe-fixes", "--level", "note"]):
            with self.subTest(arguments=arguments):
                done = run([program, *arguments], cwd=self.folder, **NOBODY)
                self.assertEqual((done.returncode, done.stderr), (1, ""))
        self.assertEqual(self.tree(), before)

    def tree(self):
        return {path: (path.stat().st_mtime_ns, path.is_dir() or path.read_bytes())
                for path in sorted(self.folder.rglob("*"))}


class CheckoutTest(CommandTest):
    """The folder of the checkout shows nowhere, whatever the number of workers."""

    FORMS = ("full", "concise", "json", "json-lines", "sarif")

    def test_two_roots(self):
        for root in ("one", "another/and/deeper"):
            self.write(f"{root}/pyproject.toml", "[project]\nname = 'x'\n")
            self.write(f"{root}/pkg/__init__.py", "")
            self.write(f"{root}/pkg/row.py",
                       "class Row:\n    def __init__(self, a):\n        self.a = a\n")
            self.write(f"{root}/pkg/rows.py", "from pkg.row import Row\n\n\n"
                       "def rows(xs):\n    return [Row(x) for x in xs]\n")
            for i in range(20):
                self.write(f"{root}/pkg/m{i}.py", [METHOD.format(comment=""), DIRTY][i % 2])
        for form in self.FORMS:
            with self.subTest(form=form):
                texts = [self.call(".", "--level", "note", "--output", form, *jobs,
                                   cwd=self.folder / root).stdout
                         for root in ("one", "another/and/deeper")
                         for jobs in (["-j1"], ["-j8"])]
                self.assertIn("PML401", texts[0])
                self.assertNotIn(str(self.folder), texts[0])
                self.assertEqual(len(set(texts)), 1)


class OutputPathTest(CommandTest):
    def test_linted_files_are_not_overwritten(self):
        path = self.write("p/a.py")
        self.write("p/b.py", CLEAN)
        (self.folder / "link.json").symlink_to("p/a.py")
        (self.folder / "folder").symlink_to("p")
        for output in ("p/a.py", "./p/../p/a.py", str(path), "link.json", "folder/a.py"):
            for more in ([], FIX, ["--output", "json:first.json"]):
                with self.subTest(output=output, more=more):
                    done = self.call("p", *more, "--output", f"json:{output}")
                    self.assert_usage(done, "would overwrite p/a.py")
                    self.assertEqual(path.read_text(), DIRTY)
                    self.assertFalse((self.folder / "first.json").exists())
        done = self.call("-", "--stdin-filename", "p/a.py", "--output", "json:p/a.py",
                         input="")
        self.assert_usage(done, "would overwrite p/a.py")

    def test_other_files_are(self):
        self.write("p/a.py", CLEAN)
        for name in ("old.json", "new.json", "q.py"):
            if name != "new.json":
                self.write(name, "old")
            with self.subTest(name=name):
                done = self.call("p", "--output", f"json:{name}")
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertEqual(json.loads((self.folder / name).read_text()), [])


class PyprojectTest(CommandTest):
    """The nearest pyproject.toml says which Python it is; one that says nothing is wrong."""

    def test_broken_ones_are_named(self):
        broken = (("[project\nname = 'x'\n", "line 1, column 1: this is not valid TOML"),
                  ("[project]\nname = 'x'\nname = 'y'\n", "line 3, column 1: "),
                  ("[project]\nrequires-python = 3.9\n",
                   "line 2, column 19: `requires-python` is a string"),
                  (b"[project]\nname = '\xff'\n", "line 2, column 9: "))
        self.write("p/pkg/a.py", CLEAN)
        self.write("q/pyproject.toml", "")
        dirty = self.write("q/dirty.py")
        for text, message in broken:
            path = self.write("p/pyproject.toml", text)
            for arguments in (["p"], ["p/pkg/a.py"], ["q", "p"], ["p", "--no-project"],
                              ["p", "--target-version", "3.12"], ["q", "p", *FIX],
                              ["explain", "p/pkg/a.py:1"]):
                with self.subTest(text=text, arguments=arguments):
                    self.assert_usage(self.call(*arguments), f"{path}: {message}")
                    self.assertEqual(dirty.read_text(), DIRTY)
            with self.subTest(text=text):
                self.assertEqual(self.call("p", "--isolated").returncode, 0)
                self.assertEqual(self.call("q", "--exit-zero").returncode, 0)

    def test_others_are_fine(self):
        self.write("a.py", CLEAN)
        for text in ("", "\r\n[project]\r\nname = 'x'\r\n", "[tool.poetry]\n[tool.x]\na.b = 1\n",
                     "[tool.poetry.dependencies]\npython = {version = '^3.9'}\n",
                     "project = 1\n", "[project]\nrequires-python = '>=3.9'\n"):
            with self.subTest(text=text):
                self.write("pyproject.toml", text)
                done = self.call(".")
                self.assertEqual((done.returncode, done.stderr), (0, ""))


class LabelTest(CommandTest):
    """Labels may lie in files that have no finding of their own."""

    CLASS = "class Row:\n    def __init__(self, a):\n        self.a = a\n"
    SITE = "from row import Row\n\n\ndef rows(xs):\n    return [Row(x) for x in xs]\n"

    def project(self, root, before):
        self.write(f"{root}/pyproject.toml", "[project]\nname = 'x'\n")
        self.write(f"{root}/row.py", self.CLASS)
        self.write(f"{root}/rows.py", "#\n" * before + self.SITE)

    def test_positions(self):
        self.project("p", 2)
        for path in ("p", "p/row.py"):  # the other file is read, but not reported on
            with self.subTest(path=path):
                done = self.call(path)
                self.assertIn("PML401", done.stdout)
                self.assertIn("::: p/rows.py:7:13\n", done.stdout)
                self.assertIn("return [Row(x) for x in xs]", done.stdout)
                self.assertIn("Found 1 warning in 1 of", done.stdout)
                related = json.loads(self.call(path, "--output", "json").stdout)[0]["related"]
                self.assertEqual(related[0]["location"], {"row": 7, "column": 13})
                sarif = json.loads(self.call(path, "--output", "sarif").stdout)
                result, = sarif["runs"][0]["results"]
                region = result["relatedLocations"][0]["physicalLocation"]["region"]
                self.assertEqual((region["startLine"], region["startColumn"]), (7, 13))

    def test_same_names_in_two_projects(self):
        self.project("one", 0)
        self.project("two", 3)
        text = self.call("one", "two").stdout
        self.assertIn("::: one/rows.py:5:13\n", text)
        self.assertIn("::: two/rows.py:8:13\n", text)


class ExplainTest(CommandTest):
    def explain(self, text, line, *more):
        self.write("a.py", text)
        done = self.call("explain", f"a.py:{line}", *more)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def test_explain(self):
        silenced = METHOD.format(comment="  # noqa: PML501")
        for expected, text, line, more in (
            ("PML501 cached-method at column 5", METHOD.format(comment=""), 5, []),
            ("level: warning", METHOD.format(comment=""), 5, []),
            ("silenced by the comment on line 5: # noqa: PML501", silenced, 5, []),
            ("nothing is reported here", METHOD.format(comment=""), 1, []),
            ("nothing is reported here", METHOD.format(comment=""), 5, ["--ignore", "ALL"]),
            ("does not parse", "def f(:\n    pass\n", 1, []),
            ("a warning lacks grown", CACHE.format(comment="")[:92], 4, []),
        ):
            with self.subTest(expected=expected):
                self.assertIn(expected, self.explain(text, line, *more))


    def test_a_decorated_definition_is_one(self):
        reported = ("import functools\n\n\nclass Report:\n    @functools.cache\n"
                    "    # why\n    @property\n    def total(self):\n        return 1\n\n"
                    "    def rest(self):\n        return 2\n")
        rejected = reported.replace("functools.cache", "staticmethod").replace(
            "@property", "@functools.cache")
        for text, answer in ((reported, "PML501 cached-method at column 5"),
                             (rejected, "PML501 cached-method: rejected, a static")):
            for line in range(1, 13):
                with self.subTest(answer=answer, line=line):
                    check = self.assertIn if 5 <= line <= 8 else self.assertNotIn
                    check(answer, self.explain(text, line))


class RuleTest(CommandTest):
    KEYS = {"name", "code", "linter", "summary", "message_formats", "fix",
            "fix_availability", "explanation", "preview", "status"}

    def test_json(self):
        everything = json.loads(self.call("rule", "--all", "--output-format", "json").stdout)
        self.assertEqual(everything, sorted(everything, key=lambda rule: rule["code"]))
        for rule in everything:
            with self.subTest(rule=rule["code"]):
                self.assertLessEqual(self.KEYS, set(rule))
                one = self.call("rule", rule["name"], "--output-format", "json").stdout
                self.assertEqual(json.loads(one), rule)

    def test_text(self):
        text = self.call("rule", "PML601").stdout
        for part in ("PML601 unbounded-cache\n", "\n## Example\n", "max-size = 1024",
                     "long + grown", "\n## Measured, in bytes\n", "\n  3.12 "):
            with self.subTest(part=part):
                self.assertIn(part, text)
        self.assertIn("| 3.12 |", self.call("rule", "PML601", "--output-format", "md").stdout)
        both = self.call("rule", "PML5").stdout
        self.assertIn("PML501 cached-method\n", both)
        self.assertIn("PML503 stored-exception\n", both)


class DumpTest(CommandTest):
    def test_kinds(self):
        self.write("a.py", METHOD.format(comment=""))
        for kind, word in (("tree", "class_definition"), ("scopes", "Report"),
                           ("bindings", "total"), ("symbols", "function"),
                           ("flow", "idom"), ("values", "year"), ("facts", "Report")):
            with self.subTest(kind=kind):
                done = self.call("dump", kind, "a.py")
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertIn(word, done.stdout)

    def test_empty_file(self):
        self.write("a.py", b"")
        for kind in ("tree", "scopes", "bindings", "symbols", "flow", "values", "facts"):
            with self.subTest(kind=kind):
                done = self.call("dump", kind, "a.py")
                self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_index_tells_of_the_whole_project(self):
        self.write("shop/pyproject.toml", "")
        self.write("shop/state.py", "from cart import Cart\n\nCART = Cart()\n")
        self.write("shop/cart.py",
                   "class Cart:\n    def __init__(self):\n        self.items = []\n\n"
                   "    def add(self, item):\n        self.items.append(item)\n")
        done = self.call("dump", "index", "shop/cart.py")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for line in ("class cart.Cart cart.py:1, one for the whole program, lives long",
                     "  made state.py:3, held for long",
                     "container cart.Cart.items cart.py:3, list, of an instance that lives "
                     "long, grows", "  cart.py:6 grows"):
            self.assertIn(line + "\n", done.stdout)
        gone = self.call("dump", "index", "gone.py")
        self.assertEqual(gone.returncode, 2)
        self.assertIn("gone.py cannot be read", gone.stderr)

    def test_index_tells_what_rules_decide_on(self):
        self.write("app/pyproject.toml", "")
        self.write("app/work.py",
                   "import atexit\nimport queue\nimport threading\n\nJOBS = queue.Queue()\n"
                   "PAGES = {}\n\n\nclass Worker:\n    def __init__(self):\n"
                   "        self.run = self.work\n        atexit.register(self.close)\n\n"
                   "    def work(self):\n        while True:\n            JOBS.get()\n\n"
                   "    def close(self):\n        atexit.unregister(self.close)\n\n\n"
                   "def page(name):\n    if name not in PAGES:\n"
                   "        PAGES[name] = name.upper()\n    return PAGES[name]\n\n\n"
                   "def start(n):\n    workers = [Worker() for _ in range(n)]\n    JOBS.put(n)\n"
                   "    threading.Thread(target=workers[0].work).start()\n    return workers\n")
        text = self.call("dump", "index", "app").stdout
        for line in ("class work.Worker work.py:9, many instances\n",
                     "container work.JOBS work.py:5, queue, of a module",
                     "  as a queue: it is not put to again and again",
                     "  as a cache: filled work.py:24\n",
                     "registered work.py:12 atexit.register, a method of the object of "
                     "work.Worker, by many instances, undone work.py:19\n", "undone work.py:19 atexit.unregister",
                     "stored on itself work.py:11 as run of work.Worker\n"):
            with self.subTest(line=line):
                self.assertIn(line, text)

    def test_several_files_are_headed(self):
        self.write("p/a.py", CLEAN)
        self.write("p/b.py", CLEAN)
        done = self.call("dump", "tree", "p/b.py", "p/a.py")
        heads = [line for line in done.stdout.splitlines() if line.startswith("# ")]
        self.assertEqual(heads, ["# p/a.py", "# p/b.py"])
