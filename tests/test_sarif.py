"""SARIF output under Microsoft's validator, with the rules that GitHub's ingestion has.

The validator is at PYMEMLINT_SARIF_MULTITOOL or where tools/get_sarif_multitool.py puts
it; without it these tests are skipped.  Its exit code says nothing (0 with errors, also
for text that is no JSON): what counts is its report.
"""

import json
import os
import shutil
import tempfile
import unittest
from pathlib import Path
from urllib.parse import unquote

import support
from support import ROOT

TOOL = Path(
    os.environ.get("PYMEMLINT_SARIF_MULTITOOL")
    or ROOT / "build/tools/sarif-multitool/Sarif.Multitool"
)

# Files whose names, bytes and layout have broken other tools' reports.
TRICKY = {
    "bom.py": b"\xef\xbb\xbfimport functools\n\n\nclass C:\n    @functools.cache\n"
    b"    def f(self): return 1\n",
    "latin.py": b"# coding: latin-1\nimport functools\nclass C:\n    s = '\xe9\xff'\n"
    b"    @functools.cache\n    def f(self): return 1\n",
    "crlf.py": b"import functools\r\nclass C:\r\n    @functools.cache\r\n"
    b"    def f(self): return 1\r\n",
    "with space #1%/\u00e9\U0001f600.py": "import functools\nclass C:\n"
    "    s = '\U0001f600e\u0301\x1b[31m\u202e'; f = functools.cache(lambda self: 1)\n"
    "    @functools.cache\n    def \u00e9(self): return 1".encode(),
    "one_line.py": b"def f(:",
    "broken.py": b"class C:\n    def f(self:\n        x = [1, 2\n\n",
    "nul.py": b"x = 1\n\0\n",
    "unreadable.py": b"s = '\xff\xfe'\n",
    "empty.py": b"",
}


@unittest.skipUnless(TOOL.exists(), "no SARIF validator: tools/get_sarif_multitool.py")
class SarifTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.temporary.cleanup)
        cls.folder = Path(cls.temporary.name)
        cls.project = cls.folder / "project"
        cls.project.mkdir()
        (cls.project / "pyproject.toml").write_text("")
        for path in sorted((ROOT / "fixtures").glob("*/*.cases*.py")):
            shutil.copy(path, cls.project)
        for name, data in TRICKY.items():
            path = cls.project / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)
        cls.log = cls.check(cls.project)

    @classmethod
    def check(cls, *paths):
        done = support.pymemlint(
            "check", "--level", "note", "--output-format", "sarif", *paths,
            cwd=cls.project,
        )
        if done.returncode not in (0, 1):
            raise AssertionError(f"exit code {done.returncode}: {done.stderr}")
        return done.stdout

    def test_findings(self):
        results = json.loads(self.log)["runs"][0]["results"]
        self.assertGreater(len(results), 50)
        self.assertTrue(any("fixes" in result for result in results))
        self.assertTrue(any("relatedLocations" in result for result in results))
        self.assertEqual(self.complaints(self.log), [])

    def test_nothing_found(self):
        log = self.check(self.project / "empty.py")
        self.assertEqual(json.loads(log)["runs"][0]["results"], [])
        self.assertEqual(self.complaints(log), [])

    def test_places_exist(self):
        """Every URI names a file, and every region the text that its snippet shows."""
        for result in json.loads(self.log)["runs"][0]["results"]:
            place = result["locations"][0]["physicalLocation"]
            with self.subTest(place=place):
                self.assertRegionIsTrue(place)

    def test_the_validator_sees_mistakes(self):
        log = json.loads(self.log)
        run = log["runs"][0]
        del run["results"][1:], run["tool"]["driver"]["informationUri"]
        run["results"][0]["ruleIndex"] = 999
        seen = {rule for rule, _, _ in self.complaints(json.dumps(log))}
        self.assertEqual(seen, {"SARIF1009", "SARIF2005"})
        self.assertNotEqual(self.complaints(self.log[:2000]), [])

    def assertRegionIsTrue(self, place):
        uri = place["artifactLocation"]["uri"]
        path = self.project / unquote(uri)
        self.assertTrue(path.is_file(), uri)
        region = place["region"]
        if "snippet" not in region:
            return
        data = path.read_bytes()
        encoding = "latin-1" if path.name == "latin.py" else "utf-8-sig"
        lines = data.decode(encoding).replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self.assertEqual(region["startLine"], region["endLine"])
        line = lines[region["startLine"] - 1].encode("utf-16-le")
        start, stop = 2 * region["startColumn"] - 2, 2 * region["endColumn"] - 2
        shown = line[start:stop].decode("utf-16-le")
        self.assertEqual(shown, region["snippet"]["text"])

    def complaints(self, log):
        """Errors and warnings, as (rule, level, where)."""
        path, out = self.folder / "log.sarif", self.folder / "report.sarif"
        path.write_text(log, encoding="utf-8")
        out.unlink(missing_ok=True)
        done = support.run(
            [TOOL, "validate", path, "--rule-kind", "Sarif;Ghas",
             "--level", "Error;Warning", "--log", "ForceOverwrite", "-o", out],
            env=dict(os.environ, DOTNET_SYSTEM_GLOBALIZATION_INVARIANT="1"),
        )
        self.assertTrue(out.exists(), done.stdout + done.stderr)
        run = json.loads(out.read_text(encoding="utf-8-sig"))["runs"][0]
        return [
            (result["ruleId"], result.get("level", "warning"), str(result["message"]))
            for result in run["results"]
        ]
