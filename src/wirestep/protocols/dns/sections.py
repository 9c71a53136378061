"""The sections of a message: questions and records (RFC 1035 sections 4.1.2 and 4.1.3)."""

from __future__ import annotations

import struct

from wirestep.decode.cursor import Bits, Broken, Cursor
from wirestep.model import Value

from . import edns, rdata
from .asked import Question
from .kinds import Item
from .labels import Name, Names
from .names import class_name, type_name

SERVICE = b"\0\x21"
"""The type SRV; Wireshark has other names for the owners of such records."""
ADDRESSES = (1, 28)
"""The types A and AAAA."""
MAX_WORDS = 40
"""Records that a summary tells of."""
FIXED = ("dns.resp.type", "dns.resp.class", "dns.resp.ttl", "dns.resp.len")
"""What every record has between its name and its data."""
MEASURES = ("dns.qry.name.len", "dns.count.labels")
_FIXED = struct.Struct("!HHIH")
NOBODY = (254, 255)
"""Classes NONE and ANY: in updates, records without data (RFC 2136 section 2.5)."""


class Unkept:
    """Stands for a group that nobody wants: in the lean gear most of them, and they cost."""

    def __init__(self) -> None:
        self.value: Value = None
        self.shown = ""

    def __enter__(self) -> Unkept:
        return self

    def __exit__(self, *error: object) -> None:
        pass


class Sections:
    """Reads questions and records, and gathers what the summary tells of them."""

    def __init__(self, cursor: Cursor, base: int, multicast: bool, update: bool) -> None:
        self.names = Names(cursor, base)
        self.question: Question | None = None
        """The first one."""
        self.multicast, self.update = multicast, update
        self.addresses: list[tuple[str, str]] = []
        """(address, name) of the address records; those that answer have the name asked for."""
        self._told: list[str] = []
        self._asked_name = ""
        self._place = ""
        self._asking = cursor.full or cursor.wants("dns.qry")
        self._telling = cursor.full or cursor.wants("dns.resp")
        self._unkept = Unkept()
        self._measuring = cursor.wants_any(MEASURES)
        self._plain = not multicast and not cursor.wants_any(FIXED)
        """Nobody wants the fixed part of records."""

    def words(self) -> list[str]:
        """For the summary: types, names, main data."""
        return [*self._told[:MAX_WORDS], "…"] if len(self._told) > MAX_WORDS else self._told

    def questions(self, cursor: Cursor, place: str, count: int) -> None:
        """A section of questions."""
        if not count:
            return
        with cursor.group(place):
            for done in range(count):
                if not cursor.left():
                    raise Broken(f"{done} questions are there, {count} are announced")
                self._question(cursor)

    def _question(self, cursor: Cursor) -> None:
        with cursor.group("dns.qry") if self._asking else self._unkept as group:
            name = self.names.read(cursor, "dns.qry.name")
            if self._measuring:
                cursor.worked("dns.qry.name.len", len(name.text.encode("utf-8", "replace")))
                cursor.worked("dns.count.labels", max(1, len(name.labels)))
            kind = cursor.uint("dns.qry.type", 2)
            wish = ""
            if self.multicast:
                unicast, domain = cursor.bits(2, Bits("dns.qry.qu", 1), Bits("dns.qry.class", 15))
                wish = ', "QU" question' if unicast else ', "QM" question'
            else:
                domain = cursor.uint("dns.qry.class", 2)
            if self._asking:
                group.shown = f"{name}: type {type_name(kind)}, class {class_name(domain)}{wish}"
        if self.question is None:
            self.question = tuple(label.lower() for label in name.labels), kind
            self._asked_name = name.text
        if len(self._told) <= MAX_WORDS:
            self._told.append(f"{type_name(kind)} {name.text}{wish}")

    def records(self, cursor: Cursor, place: str, count: int) -> None:
        """A section of records."""
        if not count:
            return
        self._place = place
        with cursor.group(place):
            for done in range(count):
                if not cursor.left():
                    what = place.partition(".")[2]
                    raise Broken(f"{done} records are there, {count} are announced ({what})")
                self._record(cursor)

    def _record(self, cursor: Cursor) -> None:
        with cursor.group("dns.resp") if self._telling else self._unkept as group:
            owner = self.names.look(cursor.at, cursor.stop)
            after = cursor.at + owner.size
            service = cursor.data[after : after + 2] == SERVICE
            self.names.read(cursor, "dns.srv.owner" if service else "dns.resp.name", owner)
            fixed = self._fixed(cursor)
            if fixed is None:
                told = edns.read(cursor, self.names, self.multicast)
                group.shown = f"{owner}: type OPT, {told}"
                self._told.append("OPT")
                return
            kind, flush, domain, ttl, size = fixed
            if service:
                self._service(cursor, owner)
            parts = rdata.layout(kind, domain)
            values: list[Item] = []
            try:
                if size or not (self.update and domain in NOBODY):
                    self._data(cursor, size, parts, values)
            finally:
                told = ", cache flush" if flush else ""
                if self._telling:
                    text = rdata.text(parts, values)
                    line = f"{owner.master()} {ttl} {class_name(domain)} {type_name(kind)} {text}"
                    group.value = line.rstrip()
                    group.shown = _shown(owner, kind, domain, told, values, text)
                self._tell(kind, told, values)
                if kind in ADDRESSES and values and len(self.addresses) < MAX_WORDS:
                    asked = self._asked_name if self._place == "dns.answers" else ""
                    self.addresses.append((rdata.brief(values[0]), asked or owner.text))

    def _fixed(self, cursor: Cursor) -> tuple[int, int, int, int, int] | None:
        """Type, cache flush, class, time to live, length of the data; None for OPT's type."""
        if self._plain and cursor.left() >= _FIXED.size:
            kind, domain, ttl, size = _FIXED.unpack_from(cursor.data, cursor.at)
            if kind != edns.OPT and not ttl >> 31:
                cursor.skip(_FIXED.size)
                return kind, 0, domain, ttl, size
        kind = cursor.uint("dns.resp.type", 2)
        if kind == edns.OPT:
            return None
        flush = 0
        if self.multicast:
            flush, domain = cursor.bits(
                2, Bits("dns.resp.cache_flush", 1), Bits("dns.resp.class", 15)
            )
        else:
            domain = cursor.uint("dns.resp.class", 2)
        ttl = cursor.uint("dns.resp.ttl", 4)
        if ttl >> 31:
            cursor.worked("dns.ttl.high_bit_set", None)
            cursor.note("odd", "a time to live with its highest bit set (RFC 2181 section 8)")
        return kind, flush, domain, ttl, cursor.uint("dns.resp.len", 2)

    def _data(self, cursor: Cursor, size: int, parts: rdata.Layout, values: list[Item]) -> None:
        left = cursor.left()
        outer = cursor.stop
        cursor.stop = cursor.at + min(size, left)
        try:
            rdata.read(cursor, self.names, parts, values)
            if cursor.left():
                cursor.note("odd", f"{cursor.left()} bytes more than the type needs")
        except Broken as error:
            cursor.note("broken", str(error))
            self.names.troubled = True
        if cursor.left():
            cursor.rest("dns.data")
        cursor.stop = outer
        if size > left:
            raise Broken(f"a record of {size} bytes of data where {left} are left")

    def _service(self, cursor: Cursor, owner: Name) -> None:
        """What is in the name of a service (RFC 2782)."""
        fields = ("dns.srv.service", "dns.srv.proto", "dns.srv.name")
        for field, part in zip(fields, owner.text.split(".", 2), strict=False):
            cursor.worked(field, part)

    def _tell(self, kind: int, told: str, values: list[Item]) -> None:
        if len(self._told) > MAX_WORDS:
            return
        count = rdata.BRIEF.get(kind, 0)
        line = type_name(kind) + told
        for value in values[:count]:
            line += f" {rdata.brief(value)}"
        self._told.append(line)


def _shown(owner: Name, kind: int, domain: int, told: str, values: list[Item], text: str) -> str:
    """The line that stands for a record."""
    form = rdata.SHOWN.get(kind)
    if form is not None and len(values) >= form.count("{}"):
        text = form.format(*map(rdata.brief, values))
    line = f"{owner}: type {type_name(kind)}, class {class_name(domain)}{told}"
    return f"{line}, {text}" if text else line
