"""DNS messages (RFC 1035 section 4), over UDP, TCP (section 4.2.2) and multicast (RFC 6762)."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

from wirestep.decode.contract import Reading, Where
from wirestep.decode.cursor import Bits, Broken, Cursor
from wirestep.model import Side

from . import stateful
from .asked import Asked, Question
from .names import OPCODES, RCODES
from .sections import Sections

UPDATE, DSO = 5, 6
_HEADER = struct.Struct("!6H")
TRUNCATED = 0x0200


def _flags(*parts: tuple[str, int]) -> Bits:
    inner = tuple(Bits(f"dns.flags.{name}", width) for name, width in parts)
    return Bits("dns.flags", 16, inner)


_HEAD, _TAIL = (
    (("response", 1), ("opcode", 4)),
    (("z", 1), ("authenticated", 1), ("checkdisable", 1)),
)
QUERY = _flags(
    *_HEAD,
    ("unused", 1),
    ("truncated", 1),
    ("recdesired", 1),
    ("unused", 1),
    ("z", 1),
    ("unused", 1),
    ("checkdisable", 1),
    ("unused", 4),
)
QUERY_AD = _flags(
    *_HEAD, ("unused", 1), ("truncated", 1), ("recdesired", 1), ("unused", 1), *_TAIL, ("unused", 4)
)
RESPONSE = _flags(
    *_HEAD,
    ("authoritative", 1),
    ("truncated", 1),
    ("recdesired", 1),
    ("recavail", 1),
    *_TAIL,
    ("rcode", 4),
)
_LINK_LOCAL = (*_HEAD, ("conflict", 1), ("truncated", 1), ("tentative", 1), ("unused", 4))
LLMNR_QUERY, LLMNR_RESPONSE = (_flags(*_LINK_LOCAL, (name, 4)) for name in ("unused", "rcode"))

COUNTS = ("dns.count.queries", "dns.count.answers", "dns.count.auth_rr", "dns.count.add_rr")
UPDATE_COUNTS = (
    "dns.count.zones",
    "dns.count.prerequisites",
    "dns.count.updates",
    "dns.count.add_rr",
)
PLACES = ("dns.queries", "dns.answers", "dns.authorities", "dns.additionals")
UPDATE_PLACES = ("dns.zone", "dns.prerequisites", "dns.updates", "dns.additionals")
"""Names of the four sections; updates use them for other things (RFC 2136 section 2)."""


@dataclass
class DnsDecoder:
    """One flow: over UDP a unit is the datagram, over TCP two bytes of length go before it."""

    variant: str = "dns"
    """"dns", "mdns" or "llmnr"."""
    asked: Asked = field(default_factory=Asked)

    def measure(self, data: memoryview, side: Side) -> int | None:
        """Of a stream: the length, then as many bytes."""
        return None if len(data) < 2 else 2 + int.from_bytes(data[:2], "big")

    def lost(self, side: Side) -> None:
        """Nothing was half read."""

    def copy(self) -> Self:
        """The queries that wait, as they are."""
        return type(self)(self.variant, self.asked.copy())

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        """Header, sections, what is behind them; then which query or response it belongs to."""
        if where.stream:
            cursor.uint("dns.length", 2)
        held = cursor.left()
        if not held:
            raise Broken("an empty message")
        cut = not where.whole or where.length > held + 2 * where.stream
        base = cursor.at
        key, flags, counts = self._head(cursor)
        response, opcode = flags >> 15, flags >> 11 & 15
        update = opcode == UPDATE
        if flags & TRUNCATED:
            cursor.note("info", "truncated: the whole of it is to be had over TCP")
        sections = Sections(cursor, base, self.variant == "mdns", update)
        broken = ""
        try:
            if opcode == DSO and not any(counts):
                stateful.read(cursor, sections.names)
            places = UPDATE_PLACES if update else PLACES
            sections.questions(cursor, places[0], counts[0])
            for place, count in zip(places[1:], counts[1:], strict=True):
                sections.records(cursor, place, count)
            self._behind(cursor)
        except Broken as error:
            broken = f"the capture holds only {held} bytes: {error}" if cut else str(error)
            cursor.note("info" if cut else "broken", broken)
        marks = ["broken"] if (broken and not cut) or sections.names.troubled else []
        title = OPCODES.get(opcode) or f"Unknown operation ({opcode})"
        words = [f"{title}{' response' * response} 0x{key:04x}"]
        if response and flags & 15:
            words.append(RCODES.get(flags & 15) or f"Unknown error ({flags & 15})")
        words += sections.words()
        asks, answers = None, None
        if where.whole and not where.quoted and self.variant != "mdns":
            asks, answers, again = self._match(
                cursor, where, key, bool(response), sections.question
            )
            if again:
                marks.append("retransmission")
        return Reading(
            " ".join(words),
            asks=asks,
            answers=answers,
            marks=tuple(marks),
            brief=_brief(sections, flags),
            names=tuple(sections.addresses) if response else (),
        )

    def _head(self, cursor: Cursor) -> tuple[int, int, Sequence[int]]:
        """The id, the flags, how many entries each section has (RFC 1035 section 4.1.1)."""
        plain = not (cursor.wants("dns.id") or cursor.wants_under("dns.flags"))
        if plain and cursor.left() >= _HEADER.size and not cursor.wants_under("dns.count"):
            key, flags, *counts = _HEADER.unpack_from(cursor.data, cursor.at)
            cursor.skip(_HEADER.size)
            return key, flags, counts
        key = cursor.uint("dns.id", 2)
        flags = self._read_flags(cursor)
        update = flags >> 11 & 15 == UPDATE
        return key, flags, [cursor.uint(name, 2) for name in (UPDATE_COUNTS if update else COUNTS)]

    def _read_flags(self, cursor: Cursor) -> int:
        first, second = cursor.peek(2)
        if self.variant == "llmnr":
            layout = LLMNR_RESPONSE if first & 0x80 else LLMNR_QUERY
        elif first & 0x80:
            layout = RESPONSE
        else:
            layout = QUERY_AD if second & 0x20 else QUERY
        return cursor.bits(2, layout)[0]

    def _behind(self, cursor: Cursor) -> None:
        size = cursor.left()
        if size:
            cursor.take("dns.extraneous.data", size)
            cursor.worked("dns.extraneous.length", size)
            cursor.worked("dns.extraneous", None)
            cursor.note("odd", f"{size} bytes behind the last record")

    def _match(
        self, cursor: Cursor, where: Where, key: int, response: bool, question: Question | None
    ) -> tuple[int | None, int | None, bool]:
        """What the unit asks, what it answers, and whether it was sent before."""
        if not response:
            again = self.asked.ask(cursor, where, key, question)
            return (None if again else key), None, again
        expected = self.variant == "dns"
        linked, again = self.asked.answer(cursor, where, key, question, expected)
        return None, (key if linked else None), again


def _brief(sections: Sections, flags: int) -> str:
    """What it is about ("A www.example.org"), or how a response turned out."""
    told = [word for word in sections.words() if word != "OPT"]
    if flags >> 15 and flags & 15:
        return RCODES.get(flags & 15) or f"error {flags & 15}"
    if flags >> 15 and flags & TRUNCATED:
        return "truncated"
    if flags >> 15 and len(told) > 1:
        told = told[1:]
    return told[0] + (f" +{len(told) - 1}" if len(told) > 1 else "") if told else ""
