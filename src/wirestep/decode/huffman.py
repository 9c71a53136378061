"""The Huffman code of HPACK and QPACK, read byte by byte (RFC 7541 section 5.2, appendix B)."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

_LENGTHS = """
13 23 28 28 28 28 28 28 28 24 30 28 28 30 28 28 28 28 28 28 28 28 30 28 28 28 28 28 28 28 28 28
 6 10 10 12 13  6  8 11 10 10  8 11  8  6  6  6  5  5  5  6  6  6  6  6  6  6  7  8 15  6 12 10
13  6  7  7  7  7  7  7  7  7  7  7  7  7  7  7  7  7  7  7  7  7  7  7  8  7  8 13 19 13 14  6
15  5  6  5  6  5  6  6  6  5  7  7  6  6  6  5  6  7  6  5  5  6  7  7  7  7  7 15 11 14 13 28
20 22 20 20 22 22 22 23 22 23 23 23 23 23 24 23 24 24 22 23 24 23 23 23 23 21 22 23 22 23 23 24
22 21 20 22 22 23 23 21 23 22 22 24 21 22 23 23 21 21 22 21 23 22 23 23 20 22 22 22 23 22 22 23
26 26 20 19 22 23 22 25 26 26 26 27 27 26 24 25 19 21 26 27 27 26 27 24 21 21 26 26 28 27 27 27
20 24 20 21 22 21 21 23 22 22 25 25 24 24 26 23 26 27 26 26 27 27 27 27 27 28 27 27 27 27 27 26
30
"""
LENGTHS = tuple(map(int, _LENGTHS.split()))
"""Bits of each octet's code, and of EOS. The code is canonical: shorter ones come first, then
smaller octets, so the lengths say it all."""
EOS = 256
CACHED = 256
"""Bytes of a coded string up to which what it says is remembered: most come again and again."""


class Step(NamedTuple):
    """Where one byte leads from a node of the tree."""

    node: int
    said: bytes
    """Octets whose codes end in this byte."""
    ended: bool
    """The code for the end of all strings is in it, which no string may hold."""


def _tree() -> list[list[int]]:
    """Nodes with two branches: to another node, or to an octet (as -1 - octet)."""
    nodes = [[0, 0]]
    code = width = 0
    for octet in sorted(range(257), key=lambda octet: (LENGTHS[octet], octet)):
        code <<= LENGTHS[octet] - width
        width = LENGTHS[octet]
        at = 0
        for place in range(width - 1, 0, -1):
            branch = code >> place & 1
            if not nodes[at][branch]:
                nodes.append([0, 0])
                nodes[at][branch] = len(nodes) - 1
            at = nodes[at][branch]
        nodes[at][code & 1] = -1 - octet
        code += 1
    return nodes


NODES = _tree()
_STEPS: dict[int, Step] = {}


def _padded() -> frozenset[int]:
    """Nodes where a string may end: at the root, or within seven ones (the start of EOS)."""
    found, at = [0], 0
    for _ in range(7):
        at = NODES[at][1]
        found.append(at)
    return frozenset(found)


ENDS = _padded()


def _step(node: int, byte: int) -> Step:
    said = bytearray()
    for place in range(7, -1, -1):
        node = NODES[node][byte >> place & 1]
        if node < 0:
            octet, node = -1 - node, 0
            if octet == EOS:
                return Step(0, bytes(said), True)
            said.append(octet)
    return Step(node, bytes(said), False)


def _walk(data: bytes) -> tuple[bytes, str]:
    node, parts = 0, []
    for byte in data:
        key = node << 8 | byte
        step = _STEPS.get(key)
        if step is None:
            step = _STEPS[key] = _step(node, byte)
        parts.append(step.said)
        if step.ended:
            return b"".join(parts), "EOS inside a Huffman string (RFC 7541 section 5.2)"
        node = step.node
    fault = "" if node in ENDS else "a Huffman string with bad padding (RFC 7541 section 5.2)"
    return b"".join(parts), fault


_remembered = lru_cache(maxsize=4096)(_walk)


def unpacked(data: bytes) -> tuple[bytes, str]:
    """What a coded string says, and what is wrong with it ("" for nothing)."""
    return _remembered(data) if len(data) <= CACHED else _walk(data)
