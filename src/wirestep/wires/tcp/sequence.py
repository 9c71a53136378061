"""Sequence numbers (RFC 9293 section 3.4): 32 bits on the wire, numbers that never wrap inside.

A connection counts on past 2**32, so that `<` is `<`; what arrives is unwrapped once, what leaves
is cut to 32 bits.
"""

from __future__ import annotations

MASK = 0xFFFF_FFFF
_HALF = 0x8000_0000


def unwrap(number: int, near: int) -> int:
    """The whole number with these last 32 bits that is nearest to `near`."""
    return near + ((number - near + _HALF) & MASK) - _HALF
