"""Commands: they print what the session gives."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence

COMMANDS = (
    "decode",
    "explain",
    "export",
    "follow",
    "info",
    "lab",
    "ladder",
    "ledger",
    "objects",
    "plot",
    "race",
    "stats",
)
INTERRUPTED = 130
"""Exit code: as of a program that ctrl+c ended."""

# Nothing here is linear algebra: numpy need not start threads for it (some 30 ms).
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code."""
    try:
        arguments = list(sys.argv[1:] if argv is None else argv)
        if arguments[:1] == ["stats"]:
            # Apart: statistics of a large capture must not wait for decoders to be imported.
            from .output import guarded
            from .stats import run_stats

            return guarded(lambda: run_stats(arguments[1:]))
        if arguments[:1] == ["serve-lab"]:
            from .output import guarded
            from .serve import serve

            return guarded(lambda: serve(arguments[1:]))
        if arguments[:1] == ["race"]:
            from .output import guarded
            from .race import run_race

            return guarded(lambda: run_race(arguments[1:]))
        if arguments[:1] == ["lab"]:
            from .lab import run_lab
            from .output import guarded

            return guarded(lambda: run_lab(arguments[1:]))
        if any("://" in one for one in arguments) and arguments[0] not in COMMANDS:
            from .drive import drive, names_url
            from .output import guarded

            if names_url(arguments):
                return guarded(lambda: drive(arguments))
        if not arguments or arguments[0] not in COMMANDS:
            from .screen import screen

            shown = screen(arguments)
            if shown is not None:
                return shown
        # Late: who presses ctrl+c while all this is imported wants no traceback either.
        gc.disable()  # what is imported stays: it need not be looked through
        from .commands import run

        gc.freeze()
        gc.enable()
        return run(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED


__all__ = ["main"]
