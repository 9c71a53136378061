"""Packets with short headers as nearly all are, for those who want nothing but what is in them.

What is read here is read in `decode` as well, with all fields; a test holds the two equal.
"""

from __future__ import annotations

from typing import NamedTuple

from wirestep.decode.contract import new_tuple
from wirestep.model import Side

from .connection import SPACES, Connection
from .frames import MAX_SIZES, Bytes
from .names import FRAMES, ONE_RTT
from .protection import SAMPLE, recovered

FIELDS = "quic."
SPACE = SPACES[ONE_RTT]
PADDING, PING, ACK, ACK_ECN = range(4)
STREAM, LAST_STREAM = 0x08, 0x0F
NUMBERS = {0x10: 1, 0x11: 2, 0x12: 1, 0x13: 1, 0x14: 1, 0x15: 2, 0x16: 1, 0x17: 1, 0x19: 1}
"""Frames of nothing but so many numbers."""
OF_STREAM = frozenset((0x11, 0x15))
"""Those of which the first names a stream."""
NAMES = {kind: FRAMES[kind].partition(" ")[0] for kind in NUMBERS}


class Packet(NamedTuple):
    """What a packet says, in short."""

    sender: Side
    number: int
    phase: int
    plain: bytes
    names: list[str]
    """Of its frames; see Told."""
    data: list[Bytes]


def read(connection: Connection, side: Side, data: bytes, at: int, size: int) -> Packet | None:
    """The packet whose header is the byte at `at` and a connection ID of `size` bytes.

    It reaches to the end of `data`. None where it does not open with the keys at hand, or has
    frames of other kinds: then nothing has changed but what trying again changes as well.
    """
    sender = connection.way(side)
    way = connection.ways[sender]
    phases, start = way.phases, at + 1 + size
    if phases is None or len(data) - start < 4 + SAMPLE:
        return None
    keys = phases.current
    mask = keys.mask(data[start + 4 : start + 4 + SAMPLE])
    first = data[at] ^ mask[0] & 0x1F
    if first >> 2 & 1 != phases.bit:
        return None
    count = (first & 3) + 1
    body = start + count
    coded = int.from_bytes(data[start:body], "big") ^ int.from_bytes(mask[1 : 1 + count], "big")
    number = recovered(coded, count, way.largest[SPACE])
    header = bytes((first,)) + data[at + 1 : start] + coded.to_bytes(count, "big")
    plain = keys.open(header, data[body:], number)
    if plain is None:
        return None
    names: list[str] = []
    pieces: list[Bytes] = []
    try:
        known = _frames(plain, names, pieces)
    except IndexError:
        return None
    if not known or not _grow(way.sizes, pieces):
        return None
    way.largest[SPACE] = max(way.largest[SPACE], number)
    return Packet(sender, number, first >> 2 & 1, plain, names, pieces)


def _frames(plain: bytes, names: list[str], pieces: list[Bytes]) -> bool:
    """Read all frames; False where one is not of the common kinds, or is too long.

    Raises:
        IndexError: the last one ends too early.
    """
    at, stop = 0, len(plain)
    while at < stop:
        kind = plain[at]
        at += 1
        if STREAM <= kind <= LAST_STREAM:
            stream, at = _number(plain, at)
            offset, at = _number(plain, at) if kind & 4 else (0, at)
            size, at = _number(plain, at) if kind & 2 else (stop - at, at)
            if at + size > stop:
                return False
            last = bool(kind & 1)
            pieces.append(new_tuple(Bytes, (stream, offset, at, at + size, last)))
            names.append(f"STREAM({stream})")
            at += size
        elif kind in (ACK, ACK_ECN):
            _, at = _number(plain, at)
            _, at = _number(plain, at)
            ranges, at = _number(plain, at)
            for _ in range(1 + 2 * ranges + (3 if kind == ACK_ECN else 0)):
                at += 1 << (plain[at] >> 6)
            names.append(FRAMES[kind])
        elif kind in NUMBERS:
            value, at = _number(plain, at)
            for _ in range(NUMBERS[kind] - 1):
                at += 1 << (plain[at] >> 6)
            names.append(f"{FRAMES[kind]}({value})" if kind in OF_STREAM else NAMES[kind])
        elif kind == PING:
            names.append(FRAMES[kind])
        elif kind != PADDING:
            return False
    return 0 < stop == at


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A number of variable length, and the place behind it (RFC 9000 section 16)."""
    first = data[at]
    if first < 0x40:
        return first, at + 1
    stop = at + (1 << (first >> 6))
    size = stop - at
    return int.from_bytes(data[at:stop], "big") & (1 << 8 * size - 2) - 1, stop


def _grow(sizes: dict[int, tuple[int, int]], pieces: list[Bytes]) -> bool:
    """How far the streams reach now; False, and nothing has changed, where that is not lawful.

    As in `Told.reaches`, which says what is wrong.
    """
    reached: dict[int, tuple[int, int]] = {}
    for stream, offset, start, end, last in pieces:
        stop = offset + end - start
        highest, ended = reached.get(stream) or sizes.get(stream, (0, -1))
        if last and stop < highest:
            return False
        if ended >= 0 and (stop > ended or (last and stop != ended)):
            return False
        reached[stream] = max(highest, stop), stop if last and ended < 0 else ended
    for stream, reach in reached.items():
        sizes[stream] = reach
        if len(sizes) > MAX_SIZES:
            del sizes[next(iter(sizes))]
    return True
