"""Messages inflated, each with what was said before it as a dictionary (RFC 7692 section 7.2)."""

from __future__ import annotations

import zlib
from typing import NamedTuple

MAX_OUT = 8 << 20
"""Bytes of an inflated message that are shown."""
MAX_STREAMS = 1000
"""Deflate streams in one message: each final block ends one."""
WINDOW = 1 << 15
"""Bytes that a back reference can reach (RFC 1951 section 2)."""
TAIL = b"\x00\x00\xff\xff"
"""What the sender cut off the end of each message (RFC 7692 section 7.2.1)."""


class Inflated(NamedTuple):
    """What came out of a message."""

    data: bytes
    window: bytes | None
    """The dictionary for the next message; None where that cannot be told."""
    fault: str = ""


def inflate(data: bytes, window: bytes) -> Inflated:
    """`data` inflated, up to a bound; a message without context inflates with any `window`."""
    out = bytearray()
    rest = data + TAIL
    for _ in range(MAX_STREAMS):
        past = (window + out)[-WINDOW:]
        machine = zlib.decompressobj(-15, zdict=past) if past else zlib.decompressobj(-15)
        try:
            out += machine.decompress(rest, MAX_OUT + 1 - len(out))
        except zlib.error as error:
            return Inflated(bytes(out), None, str(error))
        if len(out) > MAX_OUT:
            return Inflated(bytes(out[:MAX_OUT]), None, f"cut after {MAX_OUT} bytes")
        rest = machine.unused_data
        if not machine.eof or not rest:
            return Inflated(bytes(out), bytes((window + out)[-WINDOW:]))
    return Inflated(bytes(out), None, f"over {MAX_STREAMS} final blocks in one message")
