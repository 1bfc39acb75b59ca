"""The scripts that the build runs: they refuse what is wrong, with one clear line."""

import base64
import hashlib
import io
import json
import os
import shutil
import sys
import tarfile
import tempfile
import unittest
from pathlib import Path

import support
from support import ROOT

RULE = """\
/* # {name} ({code})
 *
 * It's a “cache” \\ kept.
 *
 *     class C: ...
 */
#include "rule.h"

RULE({symbol}) = {{
    .code = "{code}",
    .name = "{name}",
}};
"""


class FolderTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name).resolve()

    def write(self, path, text):
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(text, encoding="utf-8")

    def assert_refused(self, done, text):
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn(text, done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)


class RulesTest(FolderTest):
    def test_table(self):
        self.rule("objects", "hot_class", "PML401")
        self.rule("streams", "line_list", "PML101")
        self.write("fixtures/objects/hot_class.proof.tsv", "version\tbytes\n")
        done = self.generate()
        self.assertEqual(done.returncode, 0, done.stderr)
        text = (self.folder / "out.c").read_text()
        self.assertLess(text.index("&line_list"), text.index("&hot_class"))
        self.assertIn(".count = 2", text)
        self.assertIn(".proof = proof_hot_class", text)
        self.assertIn('.doc = doc_line_list, .proof = ""', text)
        prose = "# hot-class (PML401)\n\nIt's a “cache” \\ kept.\n\n    class C: ...\n"
        self.assertEqual(chars_read(text, "doc_hot_class"), prose)
        self.assertEqual(chars_read(text, "proof_hot_class"), "version\tbytes\n")

    def test_unchanged_table_is_not_written(self):
        self.rule("objects", "hot_class", "PML401")
        self.generate()
        os.utime(self.folder / "out.c", (1, 1))
        self.generate()
        self.assertEqual((self.folder / "out.c").stat().st_mtime, 1)

    def test_same_code_twice(self):
        self.rule("objects", "one", "PML401")
        self.rule("objects", "two", "PML401")
        self.assert_refused(self.generate(), "PML401 is also rules/objects/one.c")

    def test_same_name_twice(self):
        self.rule("objects", "one", "PML401")
        self.rule("streams", "one", "PML101")
        self.assert_refused(self.generate(), "one is also rules/objects/one.c")

    def test_code_of_another_family(self):
        self.rule("objects", "one", "PML501")
        self.assert_refused(self.generate(), "PML501 does not belong to family objects")

    def test_unknown_family(self):
        self.rule("things", "one", "PML501")
        self.assert_refused(self.generate(), "no family is called things")

    def test_mistakes_in_a_file(self):
        mistakes = {
            "does not begin with its prose": ("/* #", "// #"),
            "the first line of the prose": ("# one (PML401)", "# one (PML402)"),
            "must define RULE(one)": ("RULE(one)", "RULE(two)"),
            "the card's .name must be one": ('"one"', '"uno"'),
            "has no .code": (".code =", ".kode ="),
            "is not PML and three digits": ('"PML401"', '"PML41"'),
            "has no prose below": ("It's a “cache” \\ kept.", ""),
        }
        for expected, (old, new) in mistakes.items():
            with self.subTest(expected):
                self.rule("objects", "one", "PML401")
                path = self.folder / "rules/objects/one.c"
                text = path.read_text(encoding="utf-8")
                self.assertIn(old, text)
                text = text.replace(" *     class C: ...\n", "").replace(old, new)
                path.write_text(text, encoding="utf-8")
                self.assert_refused(self.generate(), expected)

    def rule(self, family, symbol, code):
        text = RULE.format(symbol=symbol, code=code, name=symbol.replace("_", "-"))
        self.write(f"rules/{family}/{symbol}.c", text)

    def generate(self):
        names = [self.folder / name for name in ("rules", "fixtures", "out.c")]
        return support.script("tools/gen_rules.py", *names)


def chars_read(text, name):
    """The text in a generated char array, its final NUL checked."""
    body = text.split(f"{name}[] = {{\n", 1)[1].split("\n};", 1)[0]
    units, rest = [], body.replace(",\n", ",")
    while rest.startswith("'"):
        stop = rest.index("',") + 1
        units.append(rest[1 : stop - 1])
        rest = rest[stop + 1 :]
    assert rest == "0", rest
    data = [int(u[1:], 8) if len(u) == 4 else ord(u) for u in units]
    return bytes(data).decode("utf-8")


class NewRuleTest(FolderTest):
    """new_rule.py in a copy of the tools; what it writes, gen_rules.py accepts."""

    def test_writes_rule_and_cases(self):
        done = self.new_rule("kept-lines", "PML101")
        self.assertEqual(done.returncode, 0, done.stderr)
        cases = self.folder / "fixtures/streams/kept_lines.cases.py"
        self.assertIn("# expect: PML101", cases.read_text())
        compile(cases.read_text(), str(cases), "exec")
        names = [self.folder / name for name in ("rules", "fixtures", "out.c")]
        done = support.script("tools/gen_rules.py", *names)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("&kept_lines", (self.folder / "out.c").read_text())

    def test_refusals(self):
        self.new_rule("kept-lines", "PML101")
        for name, code, expected in (
            ("kept-lines", "PML102", "exists already"),
            ("other-lines", "PML101", "PML101 is taken by rules/streams/kept_lines.c"),
            ("Kept_Lines", "PML103", "NAME is kebab-case"),
            ("", "PML103", "NAME is kebab-case"),
            ("fine", "PML10", "CODE is PML and three digits"),
        ):
            with self.subTest(name=name, code=code):
                self.assert_refused(self.new_rule(name, code), expected)

    def new_rule(self, name, code):
        (self.folder / "tools").mkdir(exist_ok=True)
        for tool in ("new_rule.py", "gen_rules.py"):
            shutil.copy(ROOT / "tools" / tool, self.folder / "tools")
        command = [sys.executable, self.folder / "tools/new_rule.py", name, code]
        return support.run(command)


class KindsTest(FolderTest):
    def test_pinned_grammar(self):
        grammar = ROOT / "vendor/tree-sitter-python/src/node-types.json"
        done = support.script("tools/gen_kinds.py", grammar, self.folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        header = (self.folder / "kinds.gen.h").read_text()
        rows = (self.folder / "kinds.gen.inc").read_text()
        for row in (
            '{ "ERROR", 1, 1, PY_ERROR },',
            '{ "none", 1, 0, PY_NONE_LITERAL },',
            '{ "as_pattern_target", 1, 1, PY_AS_PATTERN_TARGET },',  # alias only
            '{ "await", 1, 0, PY_AWAIT },',
            '{ "await", 0, 0, PY_KW_AWAIT },',
            '{ "call", 1, 1, PY_CALL },',
            '{ "not in", 0, 0, PY_KW_NOT_IN },',
            '{ "_", 0, 0, PY_KW_UNDERSCORE },',
            '{ "**", 0, 0, PY_OP_POWER },',
            '{ ":=", 0, 0, PY_OP_WALRUS },',
            '{ "alias", FIELD_ALIAS },',
        ):
            with self.subTest(row=row):
                self.assertEqual(rows.count(row), 1)
                self.assertEqual(header.count(f"  {row.split()[-2]},\n"), 1)
        self.assertNotIn("PY_EXPRESSION,", header)  # a supertype is in no tree
        self.assertNotIn('"("', rows)

    def test_new_operator_is_refused(self):
        nodes = [{"type": "module", "named": True}, {"type": "<=>", "named": False}]
        self.write("nodes.json", json.dumps(nodes))
        done = support.script(
            "tools/gen_kinds.py", self.folder / "nodes.json", self.folder
        )
        self.assert_refused(done, "'<=>'")

    def test_clash_is_refused(self):
        nodes = [
            {"type": "module", "named": True, "fields": {"body": {}}},
            {"type": "kw_if", "named": True},
            {"type": "if", "named": False},
            {"type": "+", "named": False},
        ]
        self.write("nodes.json", json.dumps(nodes))
        done = support.script(
            "tools/gen_kinds.py", self.folder / "nodes.json", self.folder
        )
        self.assert_refused(done, "PY_KW_IF")


class FetchTest(FolderTest):
    """fetch.py on a copy of vendor/ with one small part, and an npm of our own."""

    def setUp(self):
        super().setUp()
        (self.folder / "vendor").mkdir()
        (self.folder / "bin").mkdir()
        shutil.copy(ROOT / "vendor/fetch.py", self.folder / "vendor")
        self.pack_write({"src/a.c": "int a;\n", "src/sub/b.h": "", "other": "x"})
        npm = self.folder / "bin/npm"
        npm.write_text(
            f"#!{sys.executable}\nimport shutil, sys\n"
            f"with open({str(self.folder / 'calls')!r}, 'a') as calls:\n"
            f"    print(*sys.argv[1:], file=calls)\n"
            f"shutil.copy({str(self.folder / 'pack.tgz')!r}, 'part-1.0.0.tgz')\n"
        )
        npm.chmod(0o755)

    def test_fetches_what_is_wanted(self):
        self.lock_write("src/=code/ other")
        self.assertEqual(self.fetch("--check").returncode, 1)
        done = self.fetch()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.part_files(), [".stamp", "code/a.c", "code/sub/b.h", "other"])
        self.assertIn("--ignore-scripts", (self.folder / "calls").read_text())
        self.assertEqual(self.fetch("--check").returncode, 0)

    def test_second_run_needs_no_npm(self):
        self.lock_write("src/")
        self.fetch()
        (self.folder / "bin/npm").unlink()
        done = self.fetch()
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        self.assertEqual(len((self.folder / "calls").read_text().splitlines()), 1)

    def test_changed_lock_fetches_again(self):
        self.lock_write("src/")
        self.fetch()
        self.lock_write("src/a.c")
        self.assertEqual(self.fetch().returncode, 0)
        self.assertEqual(self.part_files(), [".stamp", "src/a.c"])

    def test_wrong_hash_is_refused(self):
        self.lock_write("src/")
        self.pack_write({"src/a.c": "int evil;\n"})
        self.assert_refused(self.fetch(), "is not what parts.tsv pins")
        self.assertFalse((self.folder / "vendor/part").exists())

    def test_wrong_hash_keeps_the_old_part(self):
        self.lock_write("src/")
        self.fetch()
        before = self.part_files()
        self.pack_write({"src/a.c": "int evil;\n"})
        lock = self.folder / "vendor/parts.tsv"
        lock.write_text(lock.read_text().replace("1.0.0", "1.0.1"))
        self.assert_refused(self.fetch(), "is not what parts.tsv pins")
        self.assertEqual(self.part_files(), before)

    def test_missing_file_is_refused(self):
        self.lock_write("src/ scanner.c")
        self.assert_refused(self.fetch(), "lacks scanner.c")
        self.assertFalse((self.folder / "vendor/part").exists())

    def test_missing_npm_is_named(self):
        self.lock_write("src/")
        (self.folder / "bin/npm").unlink()
        self.assert_refused(self.fetch(), "npm is needed")

    def test_failing_npm_is_reported(self):
        self.lock_write("src/")
        (self.folder / "bin/npm").write_text("#!/bin/sh\necho no network >&2\nexit 1\n")
        self.assert_refused(self.fetch(), "npm could not fetch part@1.0.0: no network")

    def test_nothing_is_written_outside(self):
        self.pack_write({"src/../../../../evil": "x", "src/a.c": "", "src/l": None})
        self.lock_write("src/")
        self.assertEqual(self.fetch().returncode, 0)
        self.assertEqual(self.part_files(), [".stamp", "src/a.c"])
        self.assertEqual(list(self.folder.rglob("evil")), [])

    def pack_write(self, files):
        with tarfile.open(self.folder / "pack.tgz", "w:gz") as tar:
            for name, text in files.items():
                member = tarfile.TarInfo("package/" + name)
                if text is None:
                    member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
                else:
                    member.size = len(text)
                tar.addfile(member, io.BytesIO((text or "").encode()))

    def lock_write(self, wanted):
        digest = hashlib.sha512((self.folder / "pack.tgz").read_bytes()).digest()
        integrity = "sha512-" + base64.b64encode(digest).decode()
        self.write(
            "vendor/parts.tsv",
            "part\tpackage\tversion\tintegrity\twanted\n"
            f"part\tpart\t1.0.0\t{integrity}\t{wanted}\n",
        )

    def fetch(self, *arguments):
        env = dict(os.environ, PATH=str(self.folder / "bin"))
        path = self.folder / "vendor/fetch.py"
        return support.run([sys.executable, path, *arguments], env=env)

    def part_files(self):
        part = self.folder / "vendor/part"
        files = (path for path in part.rglob("*") if path.is_file())
        return sorted(path.relative_to(part).as_posix() for path in files)


class DepsTest(FolderTest):
    """deps.py with an apt-get of our own, so that no test installs anything."""

    def setUp(self):
        super().setUp()
        self.write("apt-get", f"#!/bin/sh\necho \"$@\" >>{self.folder}/calls\nexit 1\n")
        (self.folder / "apt-get").chmod(0o755)

    def test_missing_program_is_named(self):
        done = self.deps("no-such-program")
        self.assert_refused(done, "missing, by their Debian names: no-such-program")
        if os.geteuid() == 0 and Path("/etc/debian_version").exists():
            self.assertEqual(done.stdout, "installing with apt-get: no-such-program\n")
            self.assertIn("no-such-program", (self.folder / "calls").read_text())
        else:
            self.assertFalse((self.folder / "calls").exists())

    def test_nothing_missing_is_silent(self):
        done = self.deps()
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def deps(self, *arguments):
        path = f"{self.folder}{os.pathsep}{os.environ['PATH']}"
        env = dict(os.environ, PATH=path)
        return support.script("tools/deps.py", *arguments, env=env)
