"""What was sent as files: bodies found in a capture, and written where the user wants them."""

from __future__ import annotations

import hashlib
import os
import re
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from wirestep.capture import Capture
from wirestep.decode.contract import Registry
from wirestep.decode.offers import Objects
from wirestep.decode.secrets import Secrets
from wirestep.model import Field, Message, Source, safe

from .whole import whole_messages

MAX_OBJECT = 64 << 20
"""Bytes of one object; what is longer is cut."""
MAX_WAITING = 10_000
"""Streams whose headers are remembered."""
MAX_HELD = 256 << 20
"""Bytes of pieces that wait for more."""
MAX_FOUND = 256 << 20
"""Bytes of all objects that are kept for the screen."""
LONG = 4 << 20
"""Bytes from which on a body may go on in a further unit."""
STALE = 20
"""A growing capture is gone through again when one part in so many has been added."""
LONGEST_NAME = 100
MAX_SAME = 10_000
"""Files of one name in a folder."""
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Object:
    """One body, whole. All text is safe."""

    record: int
    host: str
    path: str
    kind: str
    """Its content type as it was sent; "" where nobody said."""
    client: bool
    """The client sent it (a form, an upload)."""
    data: bytes
    sha256: str
    cut: bool = False
    """It is longer than is kept."""

    @property
    def name(self) -> str:
        """What a file of it may be called, whatever the sender says."""
        last = unquote(self.path.partition("?")[0]).rpartition("/")[2]
        plain = _UNSAFE.sub("_", last).lstrip(".")[:LONGEST_NAME]
        return plain or "object"


@dataclass(slots=True)
class _Stream:
    """What the headers of a stream said, and pieces of bodies that are on their way."""

    uri: str = ""
    kinds: list[str] = field(default_factory=lambda: ["", ""])
    """By side."""
    parts: list[list[bytes]] = field(default_factory=lambda: [[], []])
    sizes: list[int] = field(default_factory=lambda: [0, 0])
    record: int = 0


def objects(capture: Capture, registry: Registry, secrets: Secrets) -> Iterator[Object | None]:
    """All objects in the order in which they became whole; None after some milliseconds of work."""
    cards = frozenset(name for name, card in registry.cards.items() if card.objects is not None)
    collector = Collector(registry)
    for found in whole_messages(capture, registry, secrets, cards):
        if isinstance(found, float):
            yield None
        else:
            yield from collector.take(found)
    yield from collector.rest()


class Collector:
    """Makes objects of messages in the full gear."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._streams: OrderedDict[tuple[int, int], _Stream] = OrderedDict()
        self._held = 0

    def take(self, message: Message) -> Iterator[Object]:
        """One more message; the objects that it completes."""
        offer = self._registry[message.protocol].objects
        if offer is None or message.root is None or message.source is None:
            return
        said = _said(message.root, message.source, offer)
        stream = self._stream(message.flow, said.stream)
        side = int(message.side)
        if offer.start and said.started:
            yield from self._whole(stream, side)
        if said.uri:
            stream.uri = said.uri
        if said.started or said.headers:
            stream.kinds[side] = said.kind
        if said.body is not None:
            if not offer.start:
                self._drop(stream, side)
                yield self._made(stream, side, message.record, said.body)
            elif said.started and len(said.body) < LONG:
                yield self._made(stream, side, message.record, said.body)
            else:
                self._keep(stream, side, message.record, said.body)
        elif said.part:
            self._keep(stream, side, message.record, said.part)
        if said.ended:
            yield from self._whole(stream, side)

    def rest(self) -> Iterator[Object]:
        """What no later message has ended."""
        for stream in self._streams.values():
            for side in (0, 1):
                yield from self._whole(stream, side)

    def _stream(self, flow: int, number: int) -> _Stream:
        stream = self._streams.setdefault((flow, number), _Stream())
        if len(self._streams) > MAX_WAITING:
            _, oldest = self._streams.popitem(last=False)
            self._drop(oldest, 0)
            self._drop(oldest, 1)
        return stream

    def _keep(self, stream: _Stream, side: int, record: int, data: bytes) -> None:
        stream.record = record
        stream.sizes[side] += len(data)
        if stream.sizes[side] <= MAX_OBJECT and self._held + len(data) <= MAX_HELD:
            stream.parts[side].append(data)
            self._held += len(data)

    def _drop(self, stream: _Stream, side: int) -> None:
        self._held -= sum(map(len, stream.parts[side]))
        stream.parts[side], stream.sizes[side] = [], 0

    def _whole(self, stream: _Stream, side: int) -> Iterator[Object]:
        """The object that the pieces make, if there are some."""
        if stream.parts[side]:
            data, size = b"".join(stream.parts[side]), stream.sizes[side]
            self._drop(stream, side)
            yield self._made(stream, side, stream.record, data, cut=size > len(data))

    def _made(
        self, stream: _Stream, side: int, record: int, data: bytes, *, cut: bool = False
    ) -> Object:
        host, path = _parted(stream.uri)
        digest = hashlib.sha256(data).hexdigest()
        kind = safe(stream.kinds[side])
        return Object(record, safe(host), safe(path), kind, side == 0, data, digest, cut)


@dataclass(slots=True)
class _Said:
    stream: int = 0
    started: bool = False
    headers: bool = False
    uri: str = ""
    kind: str = ""
    body: bytes | None = None
    part: bytes = b""
    ended: bool = False


def _said(root: Field, source: Source, offer: Objects) -> _Said:
    """What one message tells."""
    said = _Said()
    uris: dict[str, str] = {}
    bodies: dict[str, bytes] = {}
    headers: dict[str, str] = {}
    name = ""
    for one, data in over(root, source):
        if one.name in offer.uri:
            uris.setdefault(one.name, str(one.value))
        elif one.name in offer.body:
            bodies.setdefault(one.name, data[one.span.start : one.span.stop])
        elif one.name == offer.part:
            said.part += data[one.span.start : one.span.stop]
        elif one.name == offer.header[0]:
            name = str(one.value).lower()
        elif one.name == offer.header[1]:
            headers.setdefault(name, str(one.value))
        else:
            _marked(said, one, offer)
    said.uri = next((uris[name] for name in offer.uri if name in uris), "")
    said.body = next((bodies[name] for name in offer.body if name in bodies), None)
    if headers:
        said.headers, said.kind = True, headers.get("content-type", "")
        if ":path" in headers:
            host = headers.get(":authority") or headers.get("host", "")
            said.uri = f"//{host}{headers[':path']}"
    return said


def _marked(said: _Said, one: Field, offer: Objects) -> None:
    """What single fields tell."""
    if one.name == offer.stream and isinstance(one.value, int):
        said.stream = one.value
    elif one.name == offer.start:
        said.started = True
    elif one.name == offer.kind:
        said.kind = str(one.value)
    elif one.name == offer.end and one.value:
        said.ended = True


def over(root: Field, source: Source) -> Iterator[tuple[Field, bytes]]:
    """Every field with the bytes that its span counts in."""
    waiting = [(root, source)]
    while waiting:
        one, over = waiting.pop()
        over = one.source or over
        yield one, over.data
        waiting.extend((child, over) for child in reversed(one.children))


def _parted(uri: str) -> tuple[str, str]:
    """Host and path."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return "", uri
    return parts.netloc, parts.path + (f"?{parts.query}" if parts.query else "")


def save(found: Object, folder: Path) -> Path:
    """Write an object as a new file of its own, for the user alone; where it is.

    Raises:
        OSError: it cannot be written, or there are too many files of that name.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    stem, dot, ending = found.name.rpartition(".")
    if not stem:
        stem, dot, ending = found.name, "", ""
    for count in range(MAX_SAME):
        path = folder / (found.name if not count else f"{stem}-{count}{dot}{ending}")
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            continue
        with os.fdopen(handle, "wb") as file:
            file.write(found.data)
        return path
    raise OSError(f"{folder} has too many files called {found.name}")


class Finder:
    """Finds objects a little at a time: somebody calls `step`, others look at `found` meanwhile.

    While the capture grows, it is gone through again whenever a twentieth has been added, and
    what is found then takes the place of what was there.
    """

    def __init__(self, capture: Capture, registry: Registry, secrets: Secrets) -> None:
        self.capture, self.registry, self.secrets = capture, registry, secrets
        self.found: list[Object] = []
        self.done = False
        """All of a capture that does not grow any more is read."""
        self.cut = False
        """There are more than are kept."""
        self.passes = 0
        """How many times the capture was gone through."""
        self._begin(self.found)

    def _begin(self, found: list[Object]) -> None:
        self._last, self._count = self.capture.finished, self.capture.count
        self._coming, self._size = found, 0
        self._parts: Iterator[Object | None] | None = objects(
            self.capture, self.registry, self.secrets
        )

    def step(self) -> bool:
        """Read on for some milliseconds; False where all that there is is read."""
        if self.done:
            return False
        if self._parts is None:
            grown = self.capture.count - self._count
            if not self.capture.finished and grown <= self._count // STALE:
                return False
            self._begin([])
        for one in self._parts or ():
            if one is None:
                return True
            self._size += len(one.data)
            if self._size > MAX_FOUND:
                self.cut = True
                break
            self._coming.append(one)
        self.found, self._parts = self._coming, None
        self.passes += 1
        self.done = self._last or self.cut
        return not self.done
