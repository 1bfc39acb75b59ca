"""What the tests share: where the programs are, and how to run them."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BLESS = os.environ.get("PYMEMLINT_BLESS") == "1"


def program(variable, default):
    return ROOT / os.environ.get(variable, default)


BIN = program("PYMEMLINT_BIN", "build/dev/pymemlint")
UNIT = program("PYMEMLINT_UNIT", "build/dev/pymemlint-unit")
ASAN_BIN = program("PYMEMLINT_ASAN_BIN", "build/asan/pymemlint")
ASAN_UNIT = program("PYMEMLINT_ASAN_UNIT", "build/asan/pymemlint-unit")


def run(command, **options):
    """Runs to the end; returncode, stdout and stderr (text) are in the result."""
    options.setdefault("timeout", 600)
    options.setdefault("cwd", ROOT)
    if "input" not in options:
        options["stdin"] = subprocess.DEVNULL
    return subprocess.run(
        [str(word) for word in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="surrogateescape",
        **options,
    )


def pymemlint(*arguments, asan=False, **options):
    return run([ASAN_BIN if asan else BIN, *arguments], **options)


def script(path, *arguments, **options):
    """Runs one of our own Python scripts, named relative to the project."""
    return run([sys.executable, ROOT / path, *arguments], **options)
