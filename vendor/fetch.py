#!/usr/bin/env python3
"""Materialise the third-party sources that parts.tsv pins, in vendor/<part>/.

Each row of parts.tsv names a folder here, an npm package with its exact version, the
sha512 of its pack, and the files wanted from it: `path` or `path=target`, where a
path that ends in / stands for everything below it.  A pack whose hash differs is
refused before anything is unpacked.  Nothing of a pack is ever executed.

vendor/<part>/.stamp holds the hash of the row it was made from: a part that is in
place costs nothing, needs no network and no npm.  `fetch.py --check` fetches nothing
and exits with 1 if a part is not in place.
"""

import base64
import csv
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path, PurePosixPath

HERE = Path(__file__).resolve().parent
BUILD = HERE.parent / "build"


class Refusal(Exception):
    """A reason, for people, not to go on."""


def main(arguments):
    stale = [part for part in manifest_read() if not part_is_current(part)]
    if arguments == ["--check"]:
        return 1 if stale else 0
    try:
        for part in stale:
            part_fetch(part)
            print(f"vendor/{part['part']}: {part['package']} {part['version']}")
    except Refusal as refusal:
        print(f"vendor/fetch.py: {refusal}", file=sys.stderr)
        return 1
    return 0


def manifest_read():
    with open(HERE / "parts.tsv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def row_hash(part):
    return hashlib.sha256("\t".join(part.values()).encode()).hexdigest()


def part_is_current(part):
    try:
        return (HERE / part["part"] / ".stamp").read_text().strip() == row_hash(part)
    except OSError:
        return False


def part_fetch(part):
    BUILD.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fetch-", dir=BUILD) as folder:
        pack = pack_download(part, Path(folder))
        pack_verify(part, pack)
        fresh = Path(folder) / "unpacked"
        pack_unpack(part, pack, fresh)
        (fresh / ".stamp").write_text(row_hash(part) + "\n")
        # The stamp moves together with the files, so an interrupted run leaves
        # either the old part or the new one.
        target = HERE / part["part"]
        if target.exists():
            shutil.rmtree(target)
        os.replace(fresh, target)


def pack_download(part, folder):
    npm = shutil.which("npm")
    if npm is None:
        raise Refusal("npm is needed to fetch the pinned sources: install npm")
    spec = f"{part['package']}@{part['version']}"
    done = subprocess.run(
        [npm, "pack", spec, "--ignore-scripts", "--silent"],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    packs = list(folder.glob("*.tgz"))
    if done.returncode != 0 or len(packs) != 1:
        why = (done.stderr.strip().splitlines() or ["is the network reachable?"])[-1]
        raise Refusal(f"npm could not fetch {spec}: {why}")
    return packs[0].read_bytes()


def pack_verify(part, pack):
    digest = base64.b64encode(hashlib.sha512(pack).digest()).decode()
    if part["integrity"] != f"sha512-{digest}":
        raise Refusal(
            f"{part['package']}@{part['version']} is not what parts.tsv pins: "
            f"got sha512-{digest}, want {part['integrity']}; nothing was unpacked"
        )


def pack_unpack(part, pack, fresh):
    wanted = [entry.partition("=")[::2] for entry in part["wanted"].split()]
    missing = {source for source, _ in wanted}
    with tarfile.open(fileobj=io.BytesIO(pack), mode="r:gz") as tar:
        for member in tar:
            parts = PurePosixPath(member.name).parts
            if not member.isfile() or ".." in parts or member.name.startswith("/"):
                continue
            name = "/".join(parts[1:])  # every npm pack has one folder on top
            for source, target in wanted:
                path = target_of(name, source, target or source)
                if path:
                    missing.discard(source)
                    (fresh / path).parent.mkdir(parents=True, exist_ok=True)
                    (fresh / path).write_bytes(tar.extractfile(member).read())
    if missing:
        raise Refusal(f"{part['package']} lacks {', '.join(sorted(missing))}")


def target_of(name, source, target):
    if source.endswith("/"):
        return target + name[len(source) :] if name.startswith(source) else None
    return target if name == source else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
