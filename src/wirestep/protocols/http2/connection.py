"""What is remembered of a connection: both sides' settings, windows, tables, and the streams."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Self

from wirestep.model import Side

from .blocks import Block
from .names import HEADER_TABLE_SIZE, INITIAL_WINDOW_SIZE, MAX_FRAME_SIZE
from .streams import CLOSED, IDLE, UNKNOWN, Body, Stream
from .table import DEFAULT_SIZE, Table

MAX_STREAMS = 10_000
"""Streams that are remembered; older ones are forgotten."""
MAX_BODY = 8 << 20
"""Bytes of a body that are kept until its end."""
MAX_KEPT = 64 << 20
"""Bytes of all bodies that are on their way."""
MAX_PENDING = 1000
WINDOW = 65_535
"""Bytes that each window has at first (RFC 9113 section 6.9.2)."""
FRAME = 16_384
"""Bytes of a frame that everybody must take (RFC 9113 section 4.2)."""

Settings = dict[int, int]
FIRST: Settings = {
    HEADER_TABLE_SIZE: DEFAULT_SIZE,
    INITIAL_WINDOW_SIZE: WINDOW,
    MAX_FRAME_SIZE: FRAME,
}


@dataclass(slots=True)
class Half:
    """One side."""

    begun: bool = False
    told: bool = False
    """Its settings were said ahead, in HTTP/1 (RFC 7540 section 3.2.1)."""
    table: Table = field(default_factory=Table)
    """What its encoder remembers."""
    block: Block | None = None
    """The header block that it is sending."""
    settings: Settings = field(default_factory=lambda: dict(FIRST))
    """What it lets the other side do. What gives more room holds at once; what takes room away
    holds once the other side has acknowledged it."""
    pending: tuple[Settings, ...] = ()
    asked: int = 0
    """SETTINGS frames sent."""
    acked: int = 0
    """SETTINGS frames of this side that were acknowledged."""
    window: int = WINDOW
    """Bytes of DATA that it may still send on the connection."""

    def announce(self, settings: Settings) -> None:
        """It sends SETTINGS."""
        self.asked += 1
        self.pending = (*self.pending[-MAX_PENDING:], settings)
        for name, value in settings.items():
            if value > self.settings.get(name, 0):
                self.settings[name] = value

    def acknowledged(self) -> None:
        """The other side has applied the oldest of its SETTINGS that wait."""
        self.acked += 1
        if self.pending:
            self.settings.update(self.pending[0])
            self.pending = self.pending[1:]

    def copy(self) -> Self:
        """A checkpoint."""
        block = None if self.block is None else self.block.copy()
        return replace(self, table=self.table.copy(), block=block, settings=dict(self.settings))


@dataclass(slots=True)
class Connection:
    """Both sides and their streams."""

    halves: tuple[Half, Half] = field(default_factory=lambda: (Half(), Half()))
    streams: dict[int, Stream] = field(default_factory=dict)
    highest: tuple[int, int] = (0, 0)
    """The highest streams that were opened: of even number (by servers), of odd number."""
    kept: int = 0
    """Bytes of bodies that are kept."""
    known: bool = True
    """It was seen from its first byte on, without a gap."""

    def copy(self) -> Self:
        """A checkpoint."""
        halves = (self.halves[0].copy(), self.halves[1].copy())
        streams = {number: stream.copy() for number, stream in self.streams.items()}
        return replace(self, halves=halves, streams=streams)

    def joined(self, side: Side) -> None:
        """Nobody saw this side begin."""
        self.known = False
        self.halves[side].table.lose()

    def lost(self, side: Side) -> None:
        """Bytes of this side are missing: tables, windows and bodies are not known any more."""
        half = self.halves[side]
        self.known, half.block = False, None
        half.table.lose()
        for stream in self.streams.values():
            self.kept -= stream.bodies[side].held
            stream.bodies[side] = Body(dropped=True)

    def stream(self, number: int) -> Stream:
        """The stream; one that is not remembered is idle, or closed if later ones were opened."""
        stream = self.streams.get(number)
        if stream is not None:
            return stream
        if number > self.highest[number % 2]:
            return Stream(IDLE)
        return Stream(CLOSED if self.known else UNKNOWN)

    def opened(self, number: int) -> None:
        """A stream is not idle any more, and neither are those below it."""
        even, odd = self.highest
        self.highest = (even, max(odd, number)) if number % 2 else (max(even, number), odd)

    def keep(self, number: int, stream: Stream) -> None:
        """Remember how the stream stands; closed ones are told by their numbers."""
        if stream.state == CLOSED:
            self._forget(number)
        elif number not in self.streams:
            if len(self.streams) >= MAX_STREAMS:
                self._forget(next(iter(self.streams)))
            self.streams[number] = stream

    def _forget(self, number: int) -> None:
        stream = self.streams.pop(number, None)
        if stream is not None:
            self.kept -= sum(body.held for body in stream.bodies)

    def grow(self, body: Body, data: bytes) -> bool:
        """One more piece of a body that somebody sends; whether it is given up with it."""
        self.kept -= body.held
        body.size += len(data)
        body.frames += 1
        if body.dropped:
            return False
        if body.size > MAX_BODY or self.kept + body.size > MAX_KEPT:
            body.dropped, body.parts = True, []
            return True
        body.parts.append(data)
        self.kept += body.size
        return False

    def left(self, side: Side, stream: Stream) -> int:
        """Bytes of DATA that this side may still send on the stream."""
        return self.halves[side.other].settings[INITIAL_WINDOW_SIZE] + stream.credit[side]
