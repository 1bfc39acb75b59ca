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
            (["rule", "PML501", "--output-format", "full"], "text, json and md"),
            (["dump", "tre", "a.py"], "did you mean `tree`?"),
            (["dump", "tree"], "takes what to dump"),
            (["dump", "tree", "gone.py"], "No such file"),
            (["explain", "a.py"], "FILE:LINE"),
            (["explain", "a.py:0"], "FILE:LINE"),
            (["explain", "a.py:99"], "lines"),
            (["a.py", "--select"], "needs a value"),
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
                           ("d/sp ace.py", DIRTY)):
            self.write(name, text)
        diff = ("--diff", "--isolated", "--level", "note", "--select", "PML601")
        self.assertEqual(self.call(*diff, ".").stdout, "")  # there is no safe one
        with open(self.folder / "x.diff", "wb") as out:  # as bytes: line ends count
            done = subprocess.run([BIN, *diff, "--unsafe-fixes", "."], cwd=self.folder,
                                  stdout=out, check=False)
        self.assertEqual(done.returncode, 1)
        applied = run([git, "apply", "--whitespace=nowarn", "x.diff"], cwd=self.folder)
        self.assertEqual(applied.returncode, 0, applied.stderr)
        for name in ("a.py", "crlf.py", "d/no_end.py", "d/sp ace.py"):
            self.assertIn(b"maxsize=1024", (self.folder / name).read_bytes())
        self.assertEqual(self.call(*diff, "--unsafe-fixes", ".").stdout, "")

    def test_only_what_is_asked_for(self):
        before = self.write("a.py").read_bytes()
        for arguments in (["--fix"], ["--unsafe-fixes"], [*FIX, "--ignore", "PML601"],
                          [*FIX, "--diff"]):
            with self.subTest(arguments=arguments):
                self.call("check", *arguments, "a.py")
                self.assertEqual((self.folder / "a.py").read_bytes(), before)

    def test_file_that_cannot_be_written(self):
        path = self.write("a.py")
        path.chmod(0o444)
        if os.access(path, os.W_OK):
            self.skipTest("this user may write everywhere")
        done = self.call("check", *FIX, "a.py")
        self.assertEqual(done.returncode, 2)
        self.assertIn("a.py cannot be written", done.stderr)


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

    def test_closed_stdout(self):
        self.write("a.py", METHOD.format(comment=""))
        with subprocess.Popen([BIN, "a.py"], cwd=self.folder, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as child:
            child.stdout.close()
            self.assertNotIn(b"Sanitizer", child.stderr.read())


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

    def test_several_files_are_headed(self):
        self.write("p/a.py", CLEAN)
        self.write("p/b.py", CLEAN)
        done = self.call("dump", "tree", "p/b.py", "p/a.py")
        heads = [line for line in done.stdout.splitlines() if line.startswith("# ")]
        self.assertEqual(heads, ["# p/a.py", "# p/b.py"])
