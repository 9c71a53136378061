"""Programs that are run to their end and measured, each a fresh process of a small parent."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

LAUNCHER = str(Path(__file__).resolve().parent / "launcher.py")
TIMEOUT = 300.0
"""Seconds after which a program is stopped."""


class Failed(Exception):
    """A contender cannot take part: one sentence."""


class Run(NamedTuple):
    """What one run took."""

    wall: float
    """Seconds."""
    cpu: float
    """Seconds of processor time, of its children too."""
    peak: float
    """Megabytes (10**6 bytes) of memory at most."""
    floor: float
    """A `peak` of no more than this is this or less."""


def run(
    argv: Sequence[str],
    env: Mapping[str, str],
    *,
    output: str = os.devnull,
    timeout: float = TIMEOUT,
    codes: Sequence[int] = (0,),
) -> Run:
    """Run a program with its output in a file.

    Raises:
        Failed: it is not there, it took too long, or it ended with another code than `codes`.
    """
    launched = [sys.executable, "-I", "-S", LAUNCHER, str(timeout), output, *argv]
    name = " ".join(words(argv)[:3])
    done = subprocess.run(
        launched, env=dict(env), capture_output=True, text=True, timeout=timeout + 30, check=False
    )
    told = done.stdout.split()
    if done.returncode or len(told) != 5:
        raise Failed(f"{name} cannot be run")
    wall, cpu, peak, code, floor = map(float, told)
    if wall >= timeout:
        raise Failed(f"{name} took longer than {timeout:.0f} s")
    if int(code) not in codes:
        raise Failed(f"{name} ended with code {int(code)}")
    return Run(wall, cpu, peak * 1024 / 1e6, floor * 1024 / 1e6)


def words(argv: Sequence[str]) -> list[str]:
    """A command line as somebody would type it, without folders."""
    said = [os.path.basename(word) for word in argv]
    return said[2:] if said[1:2] == ["-m"] else said
