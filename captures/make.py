#!/usr/bin/env python3
"""Records the bundled captures again: `sudo python captures/make.py [NAME ...]`.

Everything happens in network namespaces that are made for it and taken away again. See README.md.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from recorder.film import film, missing
from recorder.index import read_index, write_index
from recorder.scene import Scene
from recorder.scenes import SCENES

FOLDER = Path(__file__).resolve().parent


def main() -> int:
    """Returns 0 when all was recorded, 1 when a scene failed, 2 when something is missing."""
    scenes, complaint = _asked()
    if complaint:
        print(complaint, file=sys.stderr)
        return 2
    index = FOLDER / "index.toml"
    entries = read_index(index)
    failures = 0
    for scene in scenes:
        try:
            entries[scene.name] = film(scene, FOLDER)
        except (RuntimeError, OSError, ValueError, subprocess.SubprocessError) as error:
            failures += 1
            print(f"{scene.name}: {error}", file=sys.stderr)
            continue
        write_index(index, entries, [known.name for known in SCENES])
        entry = entries[scene.name]
        print(f"{scene.name}: {entry['packets']} packets, {entry['bytes']} bytes", flush=True)
    return 1 if failures else 0


def _asked() -> tuple[list[Scene], str]:
    """Scenes to record, and what stands against it."""
    parser = argparse.ArgumentParser(description="Record the bundled captures again.")
    parser.add_argument("name", nargs="*", help="only these captures; all by default")
    names = parser.parse_args().name
    known = {scene.name: scene for scene in SCENES}
    unknown = [name for name in names if name not in known]
    if unknown:
        return [], f"No such capture: {', '.join(unknown)}. There are: {', '.join(known)}."
    scenes = [known[name] for name in names] or list(SCENES)
    if os.geteuid() != 0:
        return [], "This needs root: it makes network namespaces and captures in them."
    lacking = missing(scenes)
    if lacking:
        return [], f"Not installed: {', '.join(lacking)}."
    return scenes, ""


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("Stopped; what was recorded until now is kept.")
