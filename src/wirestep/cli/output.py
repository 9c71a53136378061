"""What every command says and how: lines on standard output, why not on standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable

from wirestep.model import safe

from .arguments import Wrong

GOOD, PARTLY, BAD = 0, 1, 2
"""Exit codes: all done; the capture was cut; nothing could be done."""


def guarded(command: Callable[[], int]) -> int:
    """Run a command; what it raises becomes a sentence and an exit code."""
    try:
        if sys.stdout is None:  # as a shell's >&- leaves it
            raise Wrong("standard output is closed")
        return command()
    except Wrong as error:
        return refused(str(error))
    except BrokenPipeError:
        give_up_output()  # whoever read it has seen enough
        return GOOD
    except OSError as error:
        give_up_output()
        return refused(f"it cannot go on: {error.strerror or error}")


def refused(why: str) -> int:
    """Say why nothing could be done; what is quoted in it may be hostile."""
    if sys.stderr is not None:
        lines = "\n".join(safe(line) for line in why.split("\n"))
        print(f"wirestep: {lines}", file=sys.stderr)
    return BAD


def give_up_output() -> None:
    """Nothing can be written any more; Python would complain once more at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def finished(lines: Iterable[str], title: str, problem: str) -> int:
    """Print the lines; where the capture was cut, say so: the exit code."""
    print_lines(lines)
    if problem:
        sys.stdout.flush()
        print(f"wirestep: {title}: {problem}", file=sys.stderr)
        return PARTLY
    return GOOD


def print_lines(lines: Iterable[str]) -> int:
    """Print the lines: GOOD."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")
    for line in lines:
        _write(line + "\n")
    _write("")
    return GOOD


def _write(text: str) -> None:
    """Write, or with no text: see that all is written.

    Raises:
        Wrong: it cannot be written. BrokenPipeError: nobody reads it any more.
    """
    try:
        sys.stdout.write(text) if text else sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        give_up_output()
        raise Wrong(f"standard output: {error.strerror or error}") from None


def unicode_wanted() -> bool:
    """Whether the output can show more than ASCII."""
    encoding = (sys.stdout.encoding or "").lower()
    return encoding.startswith("utf") and not os.environ.get("WIRESTEP_ASCII")
