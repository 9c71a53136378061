"""A packet, and how its protection is taken off (RFC 9001 section 5)."""

from __future__ import annotations

from dataclasses import dataclass, field

from wirestep.model import Side, Source

from .connection import SPACES, Connection, Phases
from .frames import Told
from .header import Head
from .protection import SAMPLE, Keys, recovered


@dataclass
class Opened:
    """A packet without its protection."""

    first: int
    size: int
    """Bytes of the packet number."""
    number: int
    plain: bytes
    keys: Keys


@dataclass
class Packet:
    """One packet on its way through the decoder."""

    head: Head
    connection: Connection | None
    sender: Side = Side.CLIENT
    opened: Opened | None = None
    told: Told = field(default_factory=Told)
    source: Source | None = None
    note: tuple[str, str] | None = None


def unprotected(connection: Connection, packet: Packet, data: bytes, keys: Keys) -> Opened | None:
    """The packet as it was before protection, or None where these keys do not open it."""
    head = packet.head
    way = connection.ways[packet.sender]
    at, space = head.number_at, SPACES[head.kind]
    mask = keys.mask(data[at + 4 : at + 4 + SAMPLE])
    first = data[head.start] ^ mask[0] & (0x0F if head.long else 0x1F)
    size = (first & 3) + 1
    coded = int.from_bytes(data[at : at + size], "big") ^ int.from_bytes(mask[1 : 1 + size], "big")
    number = recovered(coded, size, way.largest[space])
    header = bytes((first,)) + data[head.start + 1 : at] + coded.to_bytes(size, "big")
    body = data[at + size : head.stop]
    if head.long:
        plain = keys.open(header, body, number)
    else:
        phases = way.phases or Phases(keys)
        plain = phases.open(first >> 2 & 1, header, body, number)
        if plain is not None:
            way.phases = phases
    if plain is None:
        return None
    way.largest[space] = max(way.largest[space], number)
    return Opened(first, size, number, plain, keys)
