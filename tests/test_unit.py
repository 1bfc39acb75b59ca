"""The unit tests in C, tests/unit, in the debug build and under the sanitizers."""

import unittest

import support


class UnitTest(unittest.TestCase):
    def test_dev(self):
        self.unit_run(support.UNIT)

    def test_asan(self):
        self.unit_run(support.ASAN_UNIT)

    def unit_run(self, program):
        done = support.run([program])
        results = results_read(done.stdout)
        self.assertTrue(results, f"{program} ran no test\n{done.stderr}")
        for name, failures in results.items():
            with self.subTest(test=name):
                self.assertFalse(failures, "\n".join(failures))
        # A crash ends the listing early, a leak comes after it: both show here only.
        failed = any(results.values())
        self.assertEqual(done.returncode, 1 if failed else 0, done.stderr)
        last = done.stdout.splitlines()[-1]
        self.assertEqual(last, f"{len(results)} tests", done.stderr)


def results_read(output):
    """{test: its failures}, from lines `ok name` and `FAIL name: file:line: expr`."""
    results = {}
    for line in output.splitlines():
        word, _, rest = line.partition(" ")
        name, _, why = rest.partition(": ")
        if word == "ok":
            results.setdefault(name, [])
        elif word == "FAIL":
            results.setdefault(name, []).append(why)
    return results
