#!/usr/bin/env python3
"""Put the SARIF validator under build/tools/sarif-multitool/, for tests/test_sarif.py.

It is Microsoft's multitool, 104 MB from npm, pinned by version and sha512 as the parts
of vendor/ are; nothing of the pack is executed here.  It is no part of the program:
where it cannot be had (no npm, no network, another processor) this says so in one line,
exits with 0, and the test is skipped.
"""

import os
import platform
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "vendor"))
import fetch  # noqa: E402

TOOLS = ROOT / "build" / "tools"
PROGRAM = "Sarif.Multitool"
PART = {
    "part": "sarif-multitool",
    "package": "@microsoft/sarif-multitool-linux",
    "version": "5.7.0",
    "integrity": (
        "sha512-NxUbpq6ISCWoTQ/NfOYEwEDKq1Heka/rMoJ5R5LMydcAZQX/X7g5mWHcgxDub+0M"
        "07LC96tZ5LZHvF1Qy3gjTA=="
    ),
    "wanted": f"{PROGRAM} default.configuration.xml",
}


def main():
    target = TOOLS / PART["part"]
    if part_is_current(target):
        return 0
    if sys.platform != "linux" or platform.machine() != "x86_64":
        print("no SARIF validator for this machine: its test will be skipped")
        return 0
    TOOLS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fetch-", dir=TOOLS) as folder:
        try:
            pack = fetch.pack_download(PART, Path(folder))
        except fetch.Refusal as refusal:
            print(f"no SARIF validator, its test will be skipped: {refusal}")
            return 0
        try:
            fetch.pack_verify(PART, pack)
            fetch.pack_unpack(PART, pack, Path(folder) / "new")
        except fetch.Refusal as refusal:
            print(f"get_sarif_multitool.py: {refusal}", file=sys.stderr)
            return 1
        fresh = Path(folder) / "new"
        (fresh / PROGRAM).chmod(0o755)
        (fresh / ".stamp").write_text(fetch.row_hash(PART) + "\n")
        shutil.rmtree(target, ignore_errors=True)
        os.replace(fresh, target)
    print(f"build/tools/{PART['part']}: {PART['package']} {PART['version']}")
    return 0


def part_is_current(target):
    try:
        return (target / ".stamp").read_text().strip() == fetch.row_hash(PART)
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main())
