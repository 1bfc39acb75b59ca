#!/usr/bin/env python3
"""Lint the standard library of this Python.

    demo.py PROGRAM

Findings are what a demonstration is for: exit code 1 is no failure.
"""

import subprocess
import sys
import sysconfig


def main(program):
    stdlib = sysconfig.get_paths()["stdlib"]
    command = [program, "check", "--isolated", "--no-cache", "--timings"]
    command += ["--exclude", "site-packages,dist-packages", stdlib]
    print("$", " ".join(command), flush=True)
    code = subprocess.run(command).returncode
    sys.exit(0 if code in (0, 1) else f"{program} ended with {code}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: demo.py PROGRAM")
    main(sys.argv[1])
