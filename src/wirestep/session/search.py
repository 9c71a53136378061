"""Finding: in the lines of the list, in the bytes, in the trees; in slices, so that it can stop."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from wirestep.capture import Capture
from wirestep.capture.arrays import Array

from .opening import BadSearch
from .scanning import windows

SLICE = 64
"""Records looked at between two breaths."""
KINDS = ("text", "hex", "regex")
PLACES = ("info", "bytes", "tree")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for, in either form."""

    pattern: re.Pattern[bytes]
    literal: bytes = b""
    """What the pattern says, where that is just a row of bytes."""
    fold: bool = False
    """Whether letters count in either case."""


def wanted(text: str, kind: str) -> Wanted:
    """What to look for.

    Raises:
        BadSearch: no hex digits, or no regular expression.
    """
    if kind == "hex":
        digits = re.sub(r"[\s:]|0x", "", text)
        try:
            literal = bytes.fromhex(digits)
        except ValueError:
            raise BadSearch(f"{text!r} is not a row of hex bytes, as in 16 03 01") from None
        return Wanted(re.compile(re.escape(literal), re.DOTALL), literal)
    literal = b"" if kind == "regex" else text.encode()
    try:
        source = re.escape(literal) if literal else text.encode()
        pattern = re.compile(source, re.IGNORECASE | re.DOTALL)
    except re.error as error:
        raise BadSearch(f"not a regular expression: {error}") from None
    return Wanted(pattern, literal, literal.lower() != literal.upper())


def search(
    records: Iterable[int], haystack: Callable[[int], bytes], pattern: re.Pattern[bytes]
) -> Iterator[int | None]:
    """Records whose haystack holds it; None after every SLICE of records that do not."""
    for place, record in enumerate(records):
        if pattern.search(haystack(record)):
            yield record
        elif place % SLICE == SLICE - 1:
            yield None


def search_bytes(
    capture: Capture, rows: Array, what: Wanted, *, back: bool = False
) -> Iterator[int | None]:
    """Records among `rows` (ascending) whose frame holds it, from the first or from the last on.

    None after every window of the file.
    """
    for window in windows(capture, rows, back=back):
        if what.literal:
            found = window.holding(what.literal, fold=what.fold)
        else:
            found = window.where(what.pattern.search)
        hits = window.rows[found].tolist()
        yield from reversed(hits) if back else hits
        yield None
