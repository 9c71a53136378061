"""Commands: they print what the session gives."""

from __future__ import annotations

from collections.abc import Sequence

INTERRUPTED = 130
"""Exit code: as of a program that ctrl+c ended."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code."""
    try:
        # Late: who presses ctrl+c while all this is imported wants no traceback either.
        from .commands import run

        return run(argv)
    except KeyboardInterrupt:
        return INTERRUPTED


__all__ = ["main"]
