"""Requests and responses of a capture, put together from messages of any version of HTTP."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from wirestep.capture import Capture
from wirestep.decode.contract import Registry
from wirestep.decode.offers import Asked, Objects
from wirestep.model import Field, Message
from wirestep.timeline.export.har import Entry, Said

from .exporting_opening import Openings
from .objects import LONG, over

MAX_BODY = 32 << 20
"""Bytes of one body that are kept."""
MAX_HELD = 128 << 20
"""Bytes of bodies that wait for an earlier request to be answered."""
MAX_WAITING = 10_000
"""Entries that wait."""
EMPTY = frozenset({204, 205, 304})
"""Status codes without a body."""
INTERIM = range(102, 200)
CONTINUE = 100

Key = tuple[int, int]
"""A flow and a stream."""


@dataclass(slots=True)
class Piece:
    """What one message, or a part of it, tells of one stream."""

    stream: int = 0
    promised: bool = False
    started: bool = False
    version: str = ""
    method: str = ""
    uri: str = ""
    path: str = ""
    status: int = 0
    reason: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    head: int = -1
    body: bytes | None = None
    part: bytes = b""
    size: int = 0
    """Bytes of the body as they were sent."""
    framed: bool = False
    """`body` is what this message holds of it; else it is all of it, decoded."""
    ended: bool = False


class Exchanges:
    """Makes entries of messages in the full gear, and gives them out in the order of requests."""

    def __init__(self, capture: Capture, registry: Registry, openings: Openings) -> None:
        self._registry, self._openings = registry, openings
        self._columns = capture.columns
        self._open: dict[Key, deque[Entry]] = {}
        self._waiting: OrderedDict[int, tuple[Key, Entry]] = OrderedDict()
        self._count = 0
        self._held = 0
        self.stray = 0
        """Responses whose requests are not in the capture."""

    def take(self, message: Message) -> Iterator[Entry]:
        """One more message; the entries that can be given out."""
        card = self._registry[message.protocol]
        if card.asked is None or card.objects is None or message.root is None:
            return
        for piece in pieces(message, card.objects, card.asked):
            key = message.flow, piece.stream
            if piece.method:
                self._ask(key, message, piece)
            elif piece.status:
                self._answer(key, message, piece)
            else:
                self._go_on(key, message, piece)
        yield from self._ready()

    def rest(self) -> Iterator[Entry]:
        """Those that nothing ended."""
        for _, entry in self._waiting.values():
            yield entry
        self._waiting.clear()
        self._open.clear()

    def _ready(self) -> Iterator[Entry]:
        while self._waiting:
            number, (key, entry) = next(iter(self._waiting.items()))
            crowded = self._held > MAX_HELD or len(self._waiting) > MAX_WAITING
            if not entry.done and not crowded:
                return
            del self._waiting[number]
            self._leave(key, entry)
            yield entry

    def _leave(self, key: Key, entry: Entry) -> None:
        self._held -= len(entry.request.body)
        self._held -= len(entry.response.body) if entry.response is not None else 0
        line = self._open.get(key)
        if line is not None and entry in line:
            line.remove(entry)
            if not line:
                del self._open[key]

    def _ask(self, key: Key, message: Message, piece: Piece) -> None:
        said = self._said(message, piece)
        flow = int(self._columns.flow[message.record]) >> 1
        client, server = self._columns.flows.ends(flow)
        said.method, said.url = piece.method, piece.uri or f"http://{server}{piece.path}"
        entry = Entry(said, server=server.host, connection=f"{flow}: {client.port}")
        entry.opening = self._openings.of(message.flow, flow, said.began)
        self._keep(said, piece)
        self._open.setdefault(key, deque()).append(entry)
        self._waiting[self._count] = key, entry
        self._count += 1

    def _answer(self, key: Key, message: Message, piece: Piece) -> None:
        if piece.status == CONTINUE or piece.status in INTERIM:
            return
        line = self._open.get(key, ())
        unanswered = (one for one in line if one.response is None or not one.response.status)
        entry = next(unanswered, None)
        if entry is None:
            self.stray += 1
            return
        said = self._said(message, piece)
        if entry.response is not None:  # its data came before its headers could be read
            said, new = entry.response, said
            said.headers, said.version, said.ended = new.headers, new.version, new.ended
        entry.response = said
        said.status, said.reason = piece.status, piece.reason
        self._keep(said, piece)
        bare = piece.status in EMPTY or entry.request.method == "HEAD"
        bare = bare or said.header("content-length") == "0"
        long = piece.framed and piece.body is not None and len(piece.body) >= LONG
        whole = piece.framed or piece.body is not None
        if piece.ended or bare or (whole and not long):
            self._close(key, entry)

    def _go_on(self, key: Key, message: Message, piece: Piece) -> None:
        """Data, trailers."""
        line = self._open.get(key)
        if not line:
            return
        entry = line[0]
        if message.side and entry.response is None:
            entry.response = self._said(message, piece)
            entry.response.headers = []
        said = (message.side and entry.response) or entry.request
        said.ended, said.records = message.time, (said.records[0], message.record)
        said.headers += piece.headers
        self._keep(said, piece)
        whole = piece.body is not None and not piece.framed
        if message.side and (piece.ended or whole) and said.status:
            self._close(key, entry)

    def _close(self, key: Key, entry: Entry) -> None:
        entry.done = True
        line = self._open.get(key)
        if line is not None and entry in line:
            line.remove(entry)
            if not line:
                del self._open[key]

    def _said(self, message: Message, piece: Piece) -> Said:
        first = min(message.records, default=message.record)
        began = int(self._columns.time[first])
        records = first, message.record
        said = Said(began, message.time, records, piece.version, headers=piece.headers)
        said.head = piece.head
        return said

    def _keep(self, said: Said, piece: Piece) -> None:
        """Bytes of a body; a whole body, decoded, takes the place of its pieces."""
        data = piece.part if piece.body is None else piece.body
        said.size += piece.size
        if not data:
            return
        before = 0
        if piece.body is not None and not piece.framed:
            before, said.body = len(said.body), b""
        room = max(0, MAX_BODY - len(said.body))
        said.cut = said.cut or len(data) > room
        said.body += data[:room]
        self._held += min(len(data), room) - before


def pieces(message: Message, objects: Objects, asked: Asked) -> list[Piece]:
    """What a message tells, by stream."""
    assert message.root is not None
    assert message.source is not None
    framed = bool(objects.start)
    found = [Piece(version=asked.version, framed=framed)]
    best: dict[int, int] = {}
    """By place of a piece: which of the fields its body is of."""
    name = ""
    for one, data in over(message.root, message.source):
        piece = found[-1]
        text = one.value if isinstance(one.value, str) else ""
        if one.name in (objects.stream, asked.promised) and isinstance(one.value, int):
            if piece.headers or piece.stream:
                piece = Piece(version=asked.version, framed=framed)
                found.append(piece)
            piece.stream, piece.promised = one.value, one.name == asked.promised
        elif one.name == objects.header[0] and one.name:
            name = text
        elif one.name == objects.header[1] and one.name:
            piece.headers.append((name, text))
        elif one.name in asked.lines:
            title, _, value = text.partition(":")
            piece.headers.append((title.strip(), value.strip()))
        elif one.name in objects.body:
            rank, last = objects.body.index(one.name), len(found) - 1
            if rank < best.get(last, len(objects.body)):
                best[last] = rank
                piece.body = data[one.span.start : one.span.stop]
        elif one.name == objects.part:
            piece.part += data[one.span.start : one.span.stop]
        else:
            _marked(piece, one, objects, asked)
    if found[0].started:
        found[0].head = _head(message.root, objects, asked)
    for piece in found:
        head = max(0, piece.head)
        piece.size = max(0, message.length - head) if framed else len(piece.part)
        _pseudo(piece)
    return found


def _marked(piece: Piece, one: Field, objects: Objects, asked: Asked) -> None:
    if not one.name:
        return
    if one.name == objects.start:
        piece.started = True
    elif one.name == objects.end:
        piece.ended = piece.ended or bool(one.value)
    elif one.name in asked.versions:
        piece.version = str(one.value)
    elif one.name == asked.method:
        piece.method = str(one.value)
    elif one.name == asked.uri:
        piece.uri = str(one.value)
    elif one.name == asked.path:
        piece.path = str(one.value)
    elif one.name == asked.status and isinstance(one.value, int):
        piece.status = one.value
    elif one.name == asked.reason:
        piece.reason = str(one.value)


def _head(root: Field, objects: Objects, asked: Asked) -> int:
    """Bytes up to the body: start line, headers, the empty line."""
    names = {objects.start, *asked.lines}
    return max((one.span.stop for one in root.children if one.name in names), default=-2) + 2


def _pseudo(piece: Piece) -> None:
    """Method, address and status from the headers that begin with a colon (RFC 9113, 8.3)."""
    said = {name: value for name, value in piece.headers if name.startswith(":")}
    if not said:
        return
    if ":method" in said:
        host = said.get(":authority") or next(
            (value for name, value in piece.headers if name.lower() == "host"), ""
        )
        piece.method = said[":method"]
        piece.uri = f"{said.get(':scheme', 'https')}://{host}{said.get(':path', '')}"
    elif said.get(":status", "").isdecimal():
        piece.status = int(said[":status"])
