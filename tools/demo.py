#!/usr/bin/env python3
"""Lint the standard library of this Python.

    demo.py PROGRAM             once, with the findings
    demo.py PROGRAM --bench     three times, the timings only

Findings are what a demonstration is for: exit code 1 is no failure.
"""

import subprocess
import sys
import sysconfig


def main(program, bench):
    stdlib = sysconfig.get_paths()["stdlib"]
    command = [program, "check", "--isolated", "--no-cache", "--timings"]
    command += ["--exclude", "site-packages,dist-packages", stdlib]
    print("$", " ".join(command), flush=True)
    for _ in range(3 if bench else 1):
        # The timings go to stderr, the report to stdout.
        report = subprocess.DEVNULL if bench else None
        code = subprocess.run(command, stdout=report).returncode
        if code not in (0, 1):
            sys.exit(f"{program} ended with {code}")


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[2:] not in ([], ["--bench"]):
        sys.exit("usage: demo.py PROGRAM [--bench]")
    main(sys.argv[1], len(sys.argv) > 2)
