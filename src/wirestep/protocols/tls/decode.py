"""TLS records (RFC 8446 section 5; RFC 5246 section 6; RFC 6101 appendix E for SSLv2 hellos).

The records of both sides, in the clear or not; handshake messages in the clear go up as a stream of
their own. What keys would be needed for is kept in `TlsDecoder.parameters` and `Way`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Self

from wirestep.decode.contract import Payload, Reading, Where
from wirestep.decode.cursor import Cursor
from wirestep.model import Side

from . import old
from .names import ALERT_LEVELS, CONTENTS, HANDSHAKES
from .parameters import CLIENT_HELLO, LABELS, Parameters
from .registries import ALERTS
from .watch import Watch, is_one_message, looks_like_message

CHANGE, ALERT, HANDSHAKE, DATA, HEARTBEAT = 20, 21, 22, 23, 24
MAX_LENGTH = (1 << 14) + 2048
"""Bytes of a record's fragment (RFC 5246 section 6.2.3)."""
MAX_MESSAGE = 1 << 18
"""Bytes of a first handshake message that is believed."""
MAX_STRAY = 1 << 14
"""Bytes that are no record and are shown in one piece."""
MAX_TOLD = 12
"""Messages of one record that its summary names."""
HEADER = re.compile(rb"[\x14-\x18]\x03[\x00-\x04]")


@dataclass
class Way:
    """What is known of one direction."""

    begun: bool = False
    encrypted: bool = False
    """A ChangeCipherSpec went by (before TLS 1.3)."""
    unsure: bool = False
    """Records were lost: whether a ChangeCipherSpec was among them is not known."""
    gap: bool = False
    """Handshake bytes may be missing before the next ones."""
    offset: int = 0
    """Handshake bytes handed up so far."""
    watch: Watch = field(default_factory=Watch)


def plausible(data: bytes | memoryview) -> bool:
    """Whether a record's header stands at the front."""
    return CHANGE <= data[0] <= HEARTBEAT and data[1] == 3 and data[2] <= 4


def claims(data: memoryview, side: Side) -> bool | None:
    """A record of a known type, version and length, with a content that fits its type."""
    size = len(data)
    if data[0] & 0x80:
        return old.claims(data) if side is Side.CLIENT else False
    if not CHANGE <= data[0] <= HEARTBEAT or (size > 1 and data[1] != 3):
        return False
    if size > 2 and data[2] > 4:
        return False
    if size < 5:
        return None
    kind, length = data[0], data[3] << 8 | data[4]
    if length > MAX_LENGTH or (length == 0 and kind != DATA):
        return False
    if kind == DATA:
        return True
    if kind == CHANGE:
        return length == 1 or length >= 16
    if kind == ALERT:
        return length == 2 or length >= 16
    if kind == HEARTBEAT:
        return length >= 19
    return _claims_handshake(data, length)


def _claims_handshake(data: memoryview, length: int) -> bool | None:
    if len(data) < 6:
        return None
    if data[5] not in HANDSHAKES:
        return False
    if length < 4:
        return True
    if len(data) < 9:
        return None
    return data[6] << 16 | data[7] << 8 | data[8] <= MAX_MESSAGE


@dataclass
class TlsDecoder:
    """Reads the records of one connection."""

    parameters: Parameters = field(default_factory=Parameters)
    ways: tuple[Way, Way] = field(default_factory=lambda: (Way(), Way()))

    def measure(self, data: memoryview, side: Side) -> int | None:
        """A record; an SSLv2 hello at the start; else the bytes up to what looks like a record."""
        if len(data) < 5:
            return None
        if plausible(data):
            return 5 + (data[3] << 8 | data[4])
        if not self.ways[side].begun:
            mine = old.claims(data)
            if mine is None:
                return None
            if mine:
                return old.size(data)
        found = HEADER.search(data, 1, MAX_STRAY + 2)
        if found is not None:
            return found.start()
        return MAX_STRAY if len(data) >= MAX_STRAY + 2 else None

    def lost(self, side: Side) -> None:
        """Where the next handshake message starts is not known, nor whether keys were changed."""
        way = self.ways[side]
        way.begun, way.unsure, way.gap = True, True, True
        way.watch = Watch()

    def copy(self) -> Self:
        """Parameters and both directions as they stand."""
        ways = tuple(replace(way, watch=way.watch.copy()) for way in self.ways)
        return type(self)(replace(self.parameters), (ways[0], ways[1]))

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        """One record; the bytes of handshake messages in the clear go up."""
        way = self.ways[where.side]
        begun, way.begun = way.begun, True
        front = cursor.peek(min(11, cursor.left()))
        if not begun and not plausible(front.ljust(5, b"\0")) and old.claims(memoryview(front)):
            return old.read(cursor, self.parameters)
        if len(front) >= 5 and not plausible(front):
            cursor.note("odd", "no record starts here")
            cursor.rest("tls.ignored_unknown_record")
            return Reading("Ignored Unknown Record", label=self._label(0))
        return self._record(cursor, where, way)

    def _record(self, cursor: Cursor, where: Where, way: Way) -> Reading:
        with cursor.group("tls.record"):
            kind = cursor.peek(1)[0]
            opaque = kind == DATA and self.parameters.modern
            cursor.uint("tls.record.opaque_type" if opaque else "tls.record.content_type", 1)
            version = cursor.uint("tls.record.version", 2)
            length = cursor.uint("tls.record.length", 2)
            count = min(length, cursor.left())
            if count < length:
                cursor.note("broken", f"the record has {length} bytes, {count} are here")
            if length > MAX_LENGTH:
                cursor.note("broken", f"a record has at most {MAX_LENGTH} bytes, not {length}")
            names: list[str] = []
            messages: list[bytes] = []
            if kind == HANDSHAKE and not self._hidden(way, body := cursor.peek(count)):
                names, messages = way.watch.feed(body)
            self._learn(kind, version, messages)
            if kind != HANDSHAKE:
                summary = CONTENT[kind](cursor, count, way, self.parameters)
            elif names:
                summary = ", ".join(names[:MAX_TOLD])
                if len(names) > MAX_TOLD:
                    summary += f" and {len(names) - MAX_TOLD} more"
                if self.parameters.retried and messages:
                    summary = summary.replace("Server Hello", "Hello Retry Request", 1)
            elif not count:
                summary = "Handshake (empty)"
                cursor.note("odd", "a handshake record of no bytes (RFC 8446 section 5.1)")
            else:
                summary = _encrypted(cursor, count)
        label = self._label(version)
        if not names:
            return Reading(summary, label=label)
        start = cursor.stop = cursor.at
        return Reading(summary, self._hand_up(cursor, start, count, where, way), label=label)

    def _hidden(self, way: Way, body: bytes) -> bool:
        """Whether handshake bytes are encrypted; by their looks where that is not known."""
        if way.encrypted:
            # a dummy ChangeCipherSpec of TLS 1.3 whose ServerHello was not captured
            return not is_one_message(body)
        if way.unsure:
            way.unsure = not looks_like_message(body)
            return way.unsure
        met = self.parameters.version is not None or way.offset > 0
        return not met and (not body or body[0] not in HANDSHAKES)

    def _learn(self, kind: int, version: int, messages: list[bytes]) -> None:
        known = self.parameters.version
        for message in messages:
            self.parameters.learn(message)
        hello = kind == HANDSHAKE and (not messages or messages[0][0] == CLIENT_HELLO)
        if self.parameters.version is None and not hello and version in LABELS:
            self.parameters.version = version  # the best guess until a ServerHello says it
        if self.parameters.modern and known != self.parameters.version:
            for way in self.ways:
                way.encrypted = False  # that ChangeCipherSpec was for old middleboxes only

    def _hand_up(
        self, cursor: Cursor, start: int, count: int, where: Where, way: Way
    ) -> tuple[Payload, ...]:
        """Bytes of handshake messages; after lost records the gap before them is given up."""
        gap, way.gap = way.gap, False
        offset = way.offset + gap
        way.offset = offset + count
        side, source = where.side, cursor.source
        handshake, flow = "tls.handshake", "handshake"
        stop = start + count
        above = Payload(source, start, stop, handshake, flow=flow, offset=offset, side=side)
        if not gap:
            return (above,)
        other = side.other
        nudge = Payload(  # no bytes, only word that the missing ones have arrived over there
            source,
            start,
            start,
            handshake,
            sender=where.target,
            target=where.sender,
            flow=flow,
            offset=self.ways[other].offset,
            side=other,
            acked=way.offset,
        )
        return above, nudge

    def _label(self, version: int) -> str:
        return self.parameters.label or LABELS.get(version, "")


def _encrypted(cursor: Cursor, count: int) -> str:
    with cursor.group("tls.handshake", count, shown="Encrypted Handshake Message"):
        cursor.take("tls.handshake.encrypted", count)
    return "Encrypted Handshake Message"


def _change(cursor: Cursor, count: int, way: Way, parameters: Parameters) -> str:
    with cursor.group("tls.change_cipher_spec", count):
        if count == 1:
            cursor.uint("tls.change_cipher_spec.type", 1)
        cursor.rest("tls.change_cipher_spec.encrypted")
    if not parameters.modern:
        way.encrypted = True
    return "Change Cipher Spec"


def _alert(cursor: Cursor, count: int, way: Way, parameters: Parameters) -> str:
    with cursor.group("tls.alert_message", count):
        if count != 2:
            cursor.rest("tls.alert_message.encrypted")
            return "Encrypted Alert"
        level = cursor.uint("tls.alert_message.level", 1)
        reason = cursor.uint("tls.alert_message.desc", 1)
    said = ALERT_LEVELS.get(level, f"Unknown ({level})")
    why = ALERTS.get(reason, f"Unknown ({reason})")
    return f"Alert (Level: {said}, Description: {why})"


def _data(cursor: Cursor, count: int, way: Way, parameters: Parameters) -> str:
    cursor.take("tls.app_data", count)
    if not parameters.modern:
        way.encrypted = True
    return "Application Data"


def _heartbeat(cursor: Cursor, count: int, way: Way, parameters: Parameters) -> str:
    """(RFC 6520 section 4)"""
    with cursor.group("tls.heartbeat_message", count):
        if way.encrypted or parameters.modern or count < 3:
            cursor.rest("tls.heartbeat_message.encrypted")
            return "Encrypted Heartbeat"
        kind = cursor.uint("tls.heartbeat_message.type", 1)
        size = cursor.uint("tls.heartbeat_message.payload_length", 2)
        if size > cursor.left():
            there = cursor.left()
            cursor.note("broken", f"asks for {size} bytes where {there} are (CVE-2014-0160)")
        cursor.take("tls.heartbeat_message.payload", min(size, cursor.left()))
        cursor.rest("tls.heartbeat_message.padding")
    return "Heartbeat Request" if kind == 1 else "Heartbeat Response"


CONTENT = {CHANGE: _change, ALERT: _alert, DATA: _data, HEARTBEAT: _heartbeat}
assert CONTENT.keys() | {HANDSHAKE} == CONTENTS.keys() - {25}
