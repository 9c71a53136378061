"""TLS records (RFC 8446 section 5; RFC 5246 section 6; RFC 6101 appendix E for SSLv2 hellos).

The records of both sides; those that are encrypted are opened where a key log has the secrets.
Handshake messages and application data go up as streams of their own.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple, Self

from wirestep.decode.contract import OPENED, Payload, Reading, Where
from wirestep.decode.cursor import Cursor
from wirestep.decode.secrets import Secrets
from wirestep.model import Side, Source

from . import content, old, swift
from .claims import HEADER, MAX_LENGTH, plausible
from .content import ALERT, CHANGE, CLOSE_NOTIFY, DATA, HANDSHAKE, HEARTBEAT
from .names import CONTENTS, HANDSHAKES
from .opener import EARLY, TRAFFIC, Opened, Opener, Sealed
from .parameters import CLIENT_HELLO, LABELS, Parameters
from .premaster import unlock
from .transcript import Transcript
from .upward import APPLICATION_FLOW, CARDS, HANDSHAKE_CARD, HANDSHAKE_FLOW, Lane, end, hand_up
from .watch import Watch, is_one_message, looks_like_message

MAX_STRAY = 1 << 14
"""Bytes that are no record and are shown in one piece."""
MAX_TOLD = 12
"""Messages of one record that its summary names."""
DECRYPTED = "Decrypted TLS"
VERDICT = "tls.record.decryption"


@dataclass
class Way:
    """What is known of one direction."""

    begun: bool = False
    encrypted: bool = False
    """A ChangeCipherSpec went by (before TLS 1.3)."""
    unsure: bool = False
    """Records were lost: whether a ChangeCipherSpec was among them is not known."""
    told: str = ""
    """What was said last about why records stay closed."""
    handshake: Lane = field(default_factory=Lane)
    application: Lane = field(default_factory=Lane)
    watch: Watch = field(default_factory=Watch)

    def copy(self) -> Way:
        """As it is now."""
        return replace(
            self,
            handshake=replace(self.handshake),
            application=replace(self.application),
            watch=self.watch.copy(),
        )


class Content(NamedTuple):
    """What was read of a record."""

    summary: str
    payloads: tuple[Payload, ...] = ()
    clear: int = 0
    """Bytes at the record's end that went up as they are: they are not the record's own."""
    brief: str = ""
    """See Reading.brief."""


@dataclass
class TlsDecoder:
    """Reads the records of one connection."""

    parameters: Parameters = field(default_factory=Parameters)
    ways: tuple[Way, Way] = field(default_factory=lambda: (Way(), Way()))
    opener: Opener = field(default_factory=Opener)
    transcript: Transcript = field(default_factory=Transcript)
    """Followed only where there are private keys, whose use may need it."""

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
        way.begun, way.unsure = True, True
        way.handshake.gap = way.application.gap = True
        way.watch = Watch()
        self.opener.lost(side)
        self.transcript.lost()

    def shut(self, secrets: Secrets) -> bool:
        """Whether both sides have sent what stays closed, and nothing more can be opened."""
        told = self.ways[0].told and self.ways[1].told
        opened = secrets.labels(self.parameters.client_random) or self.parameters.master
        return bool(told) and not opened

    def copy(self) -> Self:
        """Parameters and both directions as they stand."""
        ways = self.ways[0].copy(), self.ways[1].copy()
        opener, transcript = self.opener.copy(), replace(self.transcript)
        return type(self)(replace(self.parameters), ways, opener, transcript)

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        """One record; what it carries goes up."""
        way = self.ways[where.side]
        begun, way.begun = way.begun, True
        front = cursor.peek(min(11, cursor.left()))
        if not begun and not plausible(front.ljust(5, b"\0")) and old.claims(memoryview(front)):
            return old.read(cursor, self.parameters)
        if len(front) >= 5 and not plausible(front):
            cursor.note("odd", "no record starts here")
            cursor.rest("tls.ignored_unknown_record")
            return Reading("Ignored Unknown Record", label=self._label(0))
        return self._swift(cursor, where, way) or self._record(cursor, where, way)

    def _swift(self, cursor: Cursor, where: Where, way: Way) -> Reading | None:
        """Application data where nobody wants fields of the record; None for any other record."""
        if cursor.full or cursor.wants_under(swift.FIELDS) or cursor.wants_any(swift.OTHERS):
            return None
        source, modern = cursor.source, self.parameters.modern
        plain = swift.application_data(cursor, self.opener.locks[where.side], modern)
        if plain is None:
            return None
        way.told = ""
        count = len(plain) - 1 if modern else len(plain)
        above: tuple[Payload, ...] = ()
        if count:
            inner = Source(DECRYPTED, plain, made_from=source.records)
            lanes = self.ways[0].application, self.ways[1].application
            to = CARDS.get(self.parameters.protocol)
            above = hand_up(APPLICATION_FLOW, to, inner, 0, count, lanes, where)
        return Reading("Application Data", above, label=self._label(0))

    def _record(self, cursor: Cursor, where: Where, way: Way) -> Reading:
        start = cursor.at
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
            record = cursor.data[start : cursor.at + count]
            if not self._hidden(way, kind, record[5:]):
                read = self._clear(cursor, kind, version, count, where)
            elif count < length:
                self.opener.passed(where.side)
                read = self._sealed(cursor, kind, version, count, where)
            else:
                found = self.opener.open(where.side, record, self.parameters, where.secrets)
                if isinstance(found, Sealed):
                    self._say(cursor, way, found)
                    read = self._sealed(cursor, kind, version, count, where)
                else:
                    read = self._opened(cursor, kind, version, count, where, found)
        if read.clear:
            cursor.stop = cursor.at
        label = self._label(version)
        return Reading(read.summary, read.payloads, label=label, brief=read.brief)

    def _hidden(self, way: Way, kind: int, body: bytes) -> bool:
        """Whether a record is encrypted; by its looks where that is not known."""
        if self.parameters.modern:
            return kind == DATA
        if kind == HANDSHAKE:
            return self._hidden_handshake(way, body)
        if kind == HEARTBEAT:
            return way.encrypted
        return len(body) != {CHANGE: 1, ALERT: 2}.get(kind)

    def _hidden_handshake(self, way: Way, body: bytes) -> bool:
        if way.encrypted:
            # a dummy ChangeCipherSpec of TLS 1.3 whose ServerHello was not captured
            return not is_one_message(body)
        if way.unsure:
            way.unsure = not looks_like_message(body)
            return way.unsure
        met = self.parameters.version is not None or way.handshake.offset > 0
        return not met and (not body or body[0] not in HANDSHAKES)

    # in the clear

    def _clear(self, cursor: Cursor, kind: int, version: int, count: int, where: Where) -> Content:
        side = where.side
        if kind != HANDSHAKE:
            self._learn(kind, version, [], where)
            return self._other(cursor, kind, count, side)
        names, messages = self.ways[side].watch.feed(cursor.peek(count))
        self._learn(kind, version, messages, where)
        if not names:
            cursor.note("odd", "a handshake record of no bytes (RFC 8446 section 5.1)")
            return Content("Handshake (empty)")
        start, stop = cursor.at, cursor.at + count
        lanes = self.ways[0].handshake, self.ways[1].handshake
        above = hand_up(HANDSHAKE_FLOW, HANDSHAKE_CARD, cursor.source, start, stop, lanes, where)
        return Content(self._names(names, messages), above, count)

    def _other(self, cursor: Cursor, kind: int, count: int, side: Side) -> Content:
        """Neither handshake messages nor application data."""
        if kind == CHANGE:
            if not self.parameters.modern:
                self.ways[side].encrypted = True
                self.opener.changed(side, self.parameters)
            return Content(content.change(cursor, count))
        if kind == ALERT:
            summary, brief = content.alert(cursor, count)
            return Content(summary, brief=brief)
        if self.parameters.modern:
            return Content(content.sealed(cursor, kind, count))
        return Content(content.heartbeat(cursor, count))

    # encrypted

    def _sealed(self, cursor: Cursor, kind: int, version: int, count: int, where: Where) -> Content:
        """A record that nobody can open: what it holds is missing above."""
        way, modern = self.ways[where.side], self.parameters.modern
        self._learn(kind, version, [], where)
        if kind in (CHANGE, DATA) and not modern:
            way.encrypted = True
        stage = self.opener.locks[where.side].stage
        if kind == DATA and (not modern or stage == TRAFFIC):
            way.application.gap = True
        if kind == HANDSHAKE or (modern and stage != EARLY):
            way.handshake.gap, way.watch = True, Watch()
        return Content(content.sealed(cursor, kind, count))

    def _say(self, cursor: Cursor, way: Way, found: Sealed) -> None:
        """Why a record stays closed: in a remark where that is news."""
        if found.broken or found.why != way.told:
            cursor.note("broken" if found.broken else "info", found.why)
        way.told = found.why
        if cursor.wants(VERDICT):
            cursor.worked(VERDICT, found.why)

    def _opened(
        self, cursor: Cursor, kind: int, version: int, count: int, where: Where, found: Opened
    ) -> Content:
        """A record with its plain bytes, which are a source of their own."""
        self.ways[where.side].told = ""
        if cursor.wants(VERDICT):
            said = f"{OPENED} with {found.keys.name}, sequence number {found.number}"
            cursor.worked(VERDICT, said)
        plain, tail = found.plain, 0
        if self.parameters.modern:
            tail = len(plain) - len(plain.rstrip(b"\0")) + 1  # the type and the padding
            kind = plain[-tail] if tail <= len(plain) else kind
        name = "tls.app_data" if kind == DATA else "tls.record.fragment"
        content.fragment(cursor, name, count, found.front, found.back, found.keys.suite.cipher.kind)
        source = Source(DECRYPTED, plain, made_from=cursor.source.records)
        with cursor.over("tls.record.decrypted", source) as inner:
            if tail > len(plain):
                inner.note("broken", "nothing but padding (RFC 8446 section 5.4)")
                inner.rest("tls.record.padding")
                return Content("Application Data")
            read = self._inside(inner, kind, version, len(plain) - tail, where)
            if tail:
                inner.uint("tls.record.content_type", 1)
                inner.rest("tls.record.padding")
        return read

    def _inside(self, cursor: Cursor, kind: int, version: int, count: int, where: Where) -> Content:
        """What was in an opened record."""
        side, source = where.side, cursor.source
        way = self.ways[side]
        self._learn(kind, version, [], where)
        if kind == HANDSHAKE:
            names, messages = way.watch.feed(cursor.take("tls.record.plaintext", count))
            self._learn(kind, version, messages, where)
            summary = self._names(names, messages) or "Handshake (empty)"
            if not names:
                return Content(summary)
            lanes = self.ways[0].handshake, self.ways[1].handshake
            above = hand_up(HANDSHAKE_FLOW, HANDSHAKE_CARD, source, 0, count, lanes, where)
            return Content(summary, above)
        lanes = self.ways[0].application, self.ways[1].application
        if kind == DATA:
            cursor.take("tls.record.plaintext", count)
            if not count:
                return Content("Application Data")
            early = self.opener.locks[side].stage == EARLY
            to = self._spoken(side)
            above = hand_up(APPLICATION_FLOW, to, source, 0, count, lanes, where, early)
            return Content("Application Data", above)
        if kind not in CONTENTS:
            cursor.note("broken", f"no record holds a content of type {kind}")
            cursor.take("tls.record.plaintext", count)
            return Content(f"Unknown content ({kind})")
        last = kind == ALERT and count == 2 and source.data[1] == CLOSE_NOTIFY
        read = self._other(cursor, kind, count, side)
        return read._replace(payloads=end(self._spoken(side), source, lanes, where) if last else ())

    def _spoken(self, side: Side) -> str | None:
        """The card of the protocol above: as agreed or, with early data, as wished for."""
        early = self.opener.locks[side].stage == EARLY
        return CARDS.get(self.parameters.wished if early else self.parameters.protocol)

    def _names(self, names: list[str], messages: list[bytes]) -> str:
        summary = ", ".join(names[:MAX_TOLD])
        if len(names) > MAX_TOLD:
            summary += f" and {len(names) - MAX_TOLD} more"
        if self.parameters.retried and messages:
            summary = summary.replace("Server Hello", "Hello Retry Request", 1)
        return summary

    def _learn(self, kind: int, version: int, messages: list[bytes], where: Where) -> None:
        known = self.parameters.version
        for message in messages:
            self.parameters.learn(message)
            if where.secrets.keys:
                self._unlock(message, where.secrets)
            self.opener.heard(where.side, message[0], self.parameters)
        hello = kind == HANDSHAKE and (not messages or messages[0][0] == CLIENT_HELLO)
        if self.parameters.version is None and not hello and version in LABELS:
            self.parameters.version = version  # the best guess until a ServerHello says it
        if self.parameters.modern and known != self.parameters.version:
            for way in self.ways:
                way.encrypted = False  # that ChangeCipherSpec was for old middleboxes only

    def _unlock(self, message: bytes, secrets: Secrets) -> None:
        """Find the master secret with a server's private key, where that is how it was sent."""
        self.transcript.add(message, self.parameters)
        unlock(message, self.parameters, self.transcript, secrets)

    def _label(self, version: int) -> str:
        return self.parameters.label or LABELS.get(version, "")
