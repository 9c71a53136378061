"""A conversation followed at every level: what carries it, and what is said in it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import NamedTuple

from wirestep.capture import Capture
from wirestep.decode.contract import Registry
from wirestep.decode.offers import Followed
from wirestep.decode.secrets import Secrets
from wirestep.decode.stream import Stream
from wirestep.model import Message, Source, Value

from .bulk import Bulk, Part
from .follow import Carried, Turns, taken
from .views import Turn

MAX_BYTES = 32 << 20
"""Bytes of all levels together."""
MAX_LEVELS = 10_000
TRANSPORTS = {6: "TCP", 17: "UDP"}

Key = tuple[str, int]
"""A card and a stream; ("", 0) is what carries all."""
CARRIER: Key = ("", 0)


class Level(NamedTuple):
    """Something that can be followed."""

    key: Key
    name: str
    """As it is asked for: "tcp", "tls", "http2:1"."""
    title: str


class Following:
    """Grows with its capture: somebody calls `step`, others look at levels and turns meanwhile."""

    def __init__(self, capture: Capture, registry: Registry, secrets: Secrets, flow: int) -> None:
        self.capture, self.registry, self.secrets, self.flow = capture, registry, secrets, flow
        self._offers = {
            name: card.follow for name, card in registry.cards.items() if card.follow is not None
        }
        self._wanted = frozenset(
            name
            for offer in self._offers.values()
            for name in (*offer.data, offer.stream, offer.offset, offer.only)
            if name
        )
        self._lock = threading.Lock()
        self.version = 0
        """Changes whenever there is more to see."""
        self._forget()

    def _forget(self) -> None:
        self._count = self.secrets.count
        self._bulk = Bulk(self.capture, self.registry, self.secrets)
        self._carried = Carried(self.capture, self.flow)
        self._parts: Iterator[Part] | None = None
        self._read = -1
        """The last record whose messages were taken in."""
        self._asked = 0
        """Rows there were when messages were last asked for."""
        self._spoken: dict[Key, Turns] = {}
        self._streams: dict[tuple[Key, int], Stream] = {}
        self._flows: dict[tuple[str, int], int] = {}
        self._size = 0

    @property
    def cut(self) -> bool:
        """There is more than is kept."""
        return self._carried.full or self._size > MAX_BYTES

    def step(self) -> bool:
        """Read on for some milliseconds; False where there is nothing to read now."""
        with self._lock:
            if self._count != self.secrets.count:
                self._forget()
            moved = self._carried.step()
            moved = self._listen() or moved
            if moved:
                self.version += 1
            return moved

    def finish(self) -> None:
        """Read all there is."""
        while self.step():
            pass

    def levels(self) -> list[Level]:
        """What there is to follow, the outermost first."""
        kind = int(self.capture.columns.flows.transport[self.flow])
        title = TRANSPORTS.get(kind, "IP")
        found = [Level(CARRIER, title.lower(), title)]
        with self._lock:
            order = list(self._offers)
            for card, stream in sorted(self._spoken, key=lambda k: (order.index(k[0]), k[1])):
                offer = self._offers[card]
                many = offer.stream or stream
                name, title = (f"{card}:{stream}", f"{offer.title} {stream}")
                found.append(
                    Level((card, stream), name if many else card, title if many else offer.title)
                )
        return found

    def turns(self, key: Key) -> list[Turn]:
        """Both sides of a level, in turns."""
        with self._lock:
            said = self._carried.turns if key == CARRIER else self._spoken.get(key)
            return [] if said is None else said.all()

    # listening

    def _listen(self) -> bool:
        if self._size > MAX_BYTES:
            return False
        if self._parts is None:
            rows = len(self.capture.columns.rows_of(self.flow))
            if rows == self._asked:
                return False
            self._asked = rows
            self._parts = self._bulk.messages(self.flow, self._wanted)
        part = next(self._parts, None)
        if part is None:
            self._parts = None
            return True
        if len(part.rows) and int(part.rows[-1]) > self._read:
            for message in part.messages:
                if message.record > self._read and message.values:
                    self._hear(message)
            self._read = int(part.rows[-1])
        return True

    def _hear(self, message: Message) -> None:
        offer = self._offers.get(message.protocol)
        if offer is None:
            return
        if offer.only and all(name != offer.only for name, _, _ in message.values):
            return
        stream = 0 if offer.stream else self._place(message)
        offset = 0
        for name, value, _ in message.values:
            if name == offer.stream and isinstance(value, int):
                stream, offset = value, 0
            elif name == offer.offset and isinstance(value, int):
                offset = value
            elif name in offer.data:
                self._say(message, offer, stream, offset, _bytes(value, name in offer.lines))

    def _place(self, message: Message) -> int:
        """Which of the flows of its protocol a message is of."""
        flows = [flow for card, flow in self._flows if card == message.protocol]
        return self._flows.setdefault((message.protocol, message.flow), len(flows))

    def _say(
        self, message: Message, offer: Followed, stream: int, offset: int, data: bytes
    ) -> None:
        key = message.protocol, stream
        if key not in self._spoken and len(self._spoken) >= MAX_LEVELS:
            return
        if offer.offset:
            way = self._streams.setdefault((key, message.side), Stream())
            way.add(offset, Source("", data), 0, len(data))
            data = taken(way)
        if data:
            said = self._spoken.setdefault(key, Turns())
            said.add(message.side == 0, data, message.time, message.record)
            self._size += len(data)


def _bytes(value: Value, line: bool) -> bytes:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace") + b"\n" * line
    return value if isinstance(value, bytes) else b""
