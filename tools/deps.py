#!/usr/bin/env python3
"""Check what the build needs from the system.

    deps.py [clang-format ...]      names of further programs that are wanted

As root on Debian the missing packages are installed, with one line that says so.
Elsewhere one line names them, and the exit code is 1.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = {"cmake": "cmake", "ninja": "ninja-build", "cc": "gcc libc6-dev"}
HEADERS = {"cjson/cJSON.h": "libcjson-dev", "xxhash.h": "libxxhash-dev"}


def main(extra):
    if sys.version_info < (3, 9):
        sys.exit("missing: Python 3.9 or later")
    missing = packages_missing(extra)
    if not missing:
        return
    if os.geteuid() == 0 and Path("/etc/debian_version").exists():
        print(f"installing with apt-get: {' '.join(missing)}", flush=True)
        packages_install(missing)
        missing = packages_missing(extra)
    if missing:
        sys.exit(f"missing, by their Debian names: {' '.join(missing)}")


def packages_missing(extra):
    programs = dict(PROGRAMS, **{name: name for name in extra})
    missing = [pack for name, pack in programs.items() if not shutil.which(name)]
    if shutil.which("cc"):
        missing += [pack for name, pack in HEADERS.items() if not has_header(name)]
    else:
        missing += HEADERS.values()
    if not shutil.which("npm") and not is_fetched():
        missing.append("npm")
    return " ".join(missing).split()


def has_header(name):
    done = subprocess.run(
        ["cc", "-E", "-x", "c", "-"],
        input=f"#include <{name}>\n".encode(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return done.returncode == 0


def is_fetched():
    """npm is needed once only: the sources that it fetched stay."""
    fetch = [sys.executable, str(ROOT / "vendor" / "fetch.py"), "--check"]
    return subprocess.run(fetch).returncode == 0


def packages_install(missing):
    env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    install = ["apt-get", "install", "-y", "--no-install-recommends", *missing]
    # A fresh machine has no package lists; one that has them is not made to wait.
    if apt_run(install, env).returncode != 0:
        apt_run(["apt-get", "update"], env)
        done = apt_run(install, env)
        if done.returncode != 0:
            print(done.stdout, end="")


def apt_run(command, env):
    return subprocess.run(
        command,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
