"""HTTP/1.0 and 1.1: a message with its body is one unit (RFC 9112).

A side is not tied to a role: what a half says is told from its start line.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from typing import Self

from wirestep.decode.contract import Reading, Where
from wirestep.decode.cursor import Cursor
from wirestep.decode.replay import judge_early
from wirestep.model import Side

from . import body as bodies
from .framing import FOREVER, SLICE, Body, Chunks, Problems, frame
from .head import (
    MAX_HEAD,
    MAX_SMALL,
    Head,
    first_line,
    head_end,
    read_head,
    small_head,
    starts,
    text,
)
from .lines import headers, start_line
from .state import Asked, Half, Scan
from .upgrade import KEY, SETTINGS, ahead, proof

BLOCK = 16 << 10
"""Bytes of a unit where nothing is known of what comes."""
MAX_WAITING = 10_000
"""Requests remembered until they are answered."""
SECURE_PORTS = (443, 8443)
UPGRADES = {"h2c": "http2"}
"""Names of upgrade tokens that are not those of our cards."""


@dataclass
class Http1Decoder:
    """Requests may be pipelined: responses come in their order (RFC 9112 section 9.3.2)."""

    halves: tuple[Half, Half] = field(default_factory=lambda: (Half(), Half()))
    waiting: deque[Asked] = field(default_factory=lambda: deque(maxlen=MAX_WAITING))
    requests: int = 0
    responses: int = 0
    last_request: int = 0
    """Frame number of the last request; 0 for none."""
    last_response: int = 0

    def copy(self) -> Self:
        """A checkpoint."""
        first, second = self.halves
        return replace(self, halves=(first.copy(), second.copy()), waiting=self.waiting.copy())

    def lost(self, side: Side) -> None:
        """The next unit starts anew; which request a response answers is not known any more."""
        half = self.halves[side]
        if half.responses:
            self.waiting.clear()
        half.dead, half.going, half.scan = False, None, None

    # measuring

    def measure(self, data: memoryview, side: Side) -> int | None:
        """The whole message; slices of a body that is longer than SLICE."""
        half = self.halves[side]
        if half.dead:
            return BLOCK
        scan = half.scan
        if scan is None or not scan.fits(data):
            scan = half.scan = Scan(bytes(data[:16]))
        scan.length = len(data)
        if scan.size is None:
            size, exact = self._measure(data, side, scan)
            if not exact:
                return size
            scan.size = size
        return scan.size

    def _measure(self, data: memoryview, side: Side, scan: Scan) -> tuple[int | None, bool]:
        going = self.halves[side].going
        if going is not None:
            return _behind(data, scan, going, 0)
        if scan.head is None:
            if scan.start is None:
                scan.start, line, ended = first_line(data)
                starting = starts(line, ended) if line or ended else None
                if starting is None:
                    scan.start = None
                    return None, False
                if not starting:
                    return BLOCK, True
                scan.seen = scan.start
            stop, scan.seen = head_end(data, scan.start, scan.seen)
            if stop is None:
                longest = scan.start + MAX_HEAD
                return (longest, True) if len(data) >= longest else (None, False)
            text = scan.text = bytes(data[:stop])
            scan.head = small_head(text) if stop <= MAX_SMALL else read_head(text, 0, stop)
        head = scan.head
        return _behind(data, scan, frame(head, self._method(side, head), Problems()), head.stop)

    def _method(self, side: Side, head: Head) -> str:
        """The method that a response answers: that of a request, whole or on its way."""
        if not head.response:
            return ""
        if self.waiting:
            return self.waiting[0].method
        scan = self.halves[side.other].scan
        return scan.head.method if scan is not None and scan.head is not None else ""

    # reading

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        """One message, or a slice of a long body."""
        half = self.halves[where.side] if where.stream else Half()
        scan, half.scan = half.scan, None
        if half.dead:
            return _astray(cursor)
        if half.going is not None:
            return self._go_on(cursor, where, half, half.going)
        head = _measured(cursor, scan)
        if head is None:
            _, line, ended = first_line(memoryview(cursor.data)[cursor.at : cursor.stop])
            if not starts(line, ended):
                half.dead = True
                cursor.note("odd", "no message starts here")
                return _astray(cursor)
            head = read_head(cursor.data, cursor.at, cursor.stop)
        half.responses = head.response
        problems = Problems()
        counted = frame(head, self._method(where.side, head) if where.stream else "", problems)
        asked = self._asked(head) if where.stream else None
        start_line(cursor, head)
        headers(cursor, head)
        _judged(cursor, problems)
        reading = (
            self._response(cursor, where, half, head, asked)
            if head.response
            else self._request(cursor, where, half, head)
        )
        reading.brief = _brief(head)
        if not head.whole:
            half.dead = where.whole
            too = f"a head of over {MAX_HEAD} bytes" if where.whole else "the head ends too early"
            cursor.note("broken", too)
            return reading
        there = cursor.left() > 0
        half.going = self._body(cursor, where, half, head, counted)
        kind = head.get("content-type").split(";")[0].strip()
        if there and kind:
            reading.summary += f"  ({kind})"
        if not where.stream:
            reading.label = "SSDP"
        return reading

    def _asked(self, head: Head) -> Asked | None:
        """The request that a response answers; a final one is its last."""
        if not head.response or not self.waiting:
            return None
        interim = head.status // 100 == 1 and head.status != 101
        return self.waiting[0] if interim else self.waiting.popleft()

    def _request(self, cursor: Cursor, where: Where, half: Half, head: Head) -> Reading:
        summary = text(head.first).strip()
        uri = _full_uri(head, where)
        if head.get("host") or uri.startswith("http"):
            cursor.worked("http.request.full_uri", uri)
        cursor.worked("http.request", 1)
        judge_early(cursor, where, head.method)
        if not where.stream:
            return Reading(summary)
        key, self.requests = self.requests, self.requests + 1
        cursor.worked("http.request_number", self.requests)
        if self.last_request:
            cursor.worked("http.prev_request_in", self.last_request)
        previous, number = self.last_request, where.record.number + 1
        self.last_request = number
        if half.answered:
            half.answered = False
            return Reading(summary)
        upgrade = head.get("upgrade").split(",")[0].strip().lower()
        if head.method == "CONNECT":
            upgrade = _tunnelled(head)
        said = head.get(KEY), head.get(SETTINGS)
        asked = Asked(key, head.method, uri, number, where.record.time, upgrade, previous, *said)
        self.waiting.append(asked)
        return Reading(summary, asks=key)

    def _response(
        self, cursor: Cursor, where: Where, half: Half, head: Head, asked: Asked | None
    ) -> Reading:
        summary = text(head.first).strip()
        cursor.worked("http.response", 1)
        if not where.stream:
            return Reading(summary)
        final = head.status // 100 != 1 or head.status == 101
        number = self.responses + 1 if asked is None else asked.key + 1
        cursor.worked("http.response_number", number)
        if asked is not None:
            cursor.worked("http.time", where.record.time - asked.time)
        if asked is not None and asked.previous:
            cursor.worked("http.prev_request_in", asked.previous)
        if self.last_response:
            cursor.worked("http.prev_response_in", self.last_response)
        self.last_response = where.record.number + 1
        if asked is not None:
            cursor.worked("http.request_in", asked.frame)
            cursor.worked("http.response_for.uri", asked.uri)
        if not final:
            return Reading(summary, answers=None if asked is None else asked.key)
        self.responses = number
        if asked is None:
            other = self.halves[where.side.other]
            other.answered = other.scan is not None and other.scan.head is not None
        switch = None
        if head.status == 101:
            token = head.get("upgrade").split(",")[0].strip().lower()
            token = token or ("" if asked is None else asked.upgrade)
            switch = UPGRADES.get(token, token) or None
            proof(cursor, "" if asked is None else asked.web_key, head)
        elif asked is not None and asked.method == "CONNECT" and head.status // 100 == 2:
            switch = asked.upgrade
        if asked is None:
            return Reading(summary, switch=switch)
        return Reading(summary, (), None, asked.key, switch, ahead(asked.settings) or b"")

    # bodies

    def _body(
        self, cursor: Cursor, where: Where, half: Half, head: Head, counted: Body
    ) -> Body | None:
        """Read the body, or its first slice; what is left of it."""
        codings = [c for c in head.tokens("content-encoding") if c != "identity"]
        codings += [c for c in head.tokens("transfer-encoding") if c not in ("chunked", "identity")]
        encoding = bodies.charset(head)
        kind = head.get("content-type")
        if counted.kind == "chunked":
            read = bodies.chunks(cursor, 0)
            left = _chunks_left(cursor, where, half, read)
            data = bodies.joined(cursor, read)
            bodies.inner(cursor, data, codings, encoding, "" if left else kind)
            return left
        count = min(counted.length, cursor.left())
        whole = count == counted.length or counted.length >= FOREVER // 2
        bodies.plain(cursor, count, codings, encoding, kind if whole else "")
        return _left(cursor, where, counted, count)

    def _go_on(self, cursor: Cursor, where: Where, half: Half, going: Body) -> Reading:
        """The next slice of a long body."""
        if going.kind == "chunked":
            size = cursor.left()
            half.going = _chunks_left(cursor, where, half, bodies.chunks(cursor, going.length))
            return Reading(f"Body goes on, {size} bytes in chunks", level="record")
        count = min(going.length, cursor.left())
        bodies.plain(cursor, count, [], "latin-1")
        half.going = _left(cursor, where, going, count)
        return Reading(f"Body goes on, {count} bytes", level="record")


def _measured(cursor: Cursor, scan: Scan | None) -> Head | None:
    """The head as `measure` read it, where it is whole and these are the bytes."""
    if scan is None or scan.head is None or not scan.head.whole or cursor.at:
        return None
    same = len(scan.text) <= cursor.stop and cursor.data.startswith(scan.text)
    return scan.head if same else None


def _behind(data: memoryview, scan: Scan, body: Body, at: int) -> tuple[int | None, bool]:
    """End of the unit whose body begins at `at`, and whether it is exact."""
    if body.kind == "chunked":
        if scan.chunks is None:
            scan.chunks = Chunks(at, at + SLICE, body.length)
        return scan.chunks.step(data)
    # asked again each time: the request that decides it may come late
    return at + min(body.length, SLICE), False


def _left(cursor: Cursor, where: Where, body: Body, count: int) -> Body | None:
    if count >= body.length or not where.stream:
        return None
    if where.whole:
        return body if body.kind == "close" else Body(body.kind, body.length - count)
    if body.length < FOREVER // 2:
        cursor.note("broken", f"{body.length - count} bytes of the body are missing")
    return None


def _chunks_left(cursor: Cursor, where: Where, half: Half, read: bodies.Chunked) -> Body | None:
    if read.bad:
        cursor.note("broken", read.bad)
        half.dead = where.whole
        return None
    if read.done:
        return None
    if where.whole and where.stream:
        return Body("chunked", read.left)
    cursor.note("broken", "the body ends before its last chunk")
    return None


def _judged(cursor: Cursor, problems: Problems) -> None:
    for level, said in problems.notes:
        cursor.note(level, said)
    if problems.both:
        cursor.worked("http.te_and_length", None)
    if problems.unknown:
        cursor.worked("http.te_unknown", None)


def _brief(head: Head) -> str:
    """ "GET /a" or "200 OK"."""
    version, _, rest = text(head.first).strip().partition(" ")
    return rest.strip() if head.response else f"{version} {rest.rpartition(' ')[0]}".strip()


def _astray(cursor: Cursor) -> Reading:
    size = len(cursor.rest("http.continuation"))
    return Reading(f"Continuation, {size} bytes", level="record")


def _full_uri(head: Head, where: Where) -> str:
    words = head.first.split(b" ")
    target = text(words[1]) if len(words) > 1 else ""
    if target.lower().startswith(("http://", "https://")) or head.method == "CONNECT":
        return target
    host = head.get("host")
    secure = where.target is not None and where.target.port in SECURE_PORTS
    return f"http{'s' if secure else ''}://{host}{target}" if host else target


def _tunnelled(head: Head) -> str:
    """The protocol to expect in a tunnel, told from the port it was asked for."""
    words = head.first.split(b" ")
    port = words[1].rpartition(b":")[2] if len(words) > 1 else b""
    return {b"443": "tls", b"8443": "tls", b"80": "http"}.get(port, "data")
