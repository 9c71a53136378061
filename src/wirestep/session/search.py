"""Finding: in the lines of the list, in the bytes, in the trees; in slices, so that it can stop."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

SLICE = 64
"""Records looked at between two breaths."""
KINDS = ("text", "hex", "regex")
PLACES = ("info", "bytes", "tree")


class BadSearch(ValueError):
    """What is looked for cannot be read: one sentence."""


def pattern(text: str, kind: str) -> re.Pattern[bytes]:
    """What to look for, as a pattern over bytes.

    Raises:
        BadSearch: no hex digits, or no regular expression.
    """
    if kind == "hex":
        digits = re.sub(r"[\s:]|0x", "", text)
        try:
            return re.compile(re.escape(bytes.fromhex(digits)), re.DOTALL)
        except ValueError:
            raise BadSearch(f"{text!r} is not a row of hex bytes, as in 16 03 01") from None
    source = text.encode() if kind == "regex" else re.escape(text.encode())
    try:
        return re.compile(source, re.IGNORECASE | re.DOTALL)
    except re.error as error:
        raise BadSearch(f"not a regular expression: {error}") from None


def search(
    records: Iterator[int], haystack: Callable[[int], bytes], wanted: re.Pattern[bytes]
) -> Iterator[int | None]:
    """Records whose haystack holds it; None after every SLICE of records that do not."""
    for place, record in enumerate(records):
        if wanted.search(haystack(record)):
            yield record
        elif place % SLICE == SLICE - 1:
            yield None
