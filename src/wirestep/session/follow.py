"""What both sides of a conversation said, in turns: the bytes that TCP or UDP carried."""

from __future__ import annotations

from wirestep.capture import Capture
from wirestep.decode.stream import Stream
from wirestep.model import Piece, Source

from .views import Turn

TCP, SYN = 6, 2
MAX_BYTES = 8 << 20
"""Bytes of both sides that are shown."""
ROWS = 256
"""Packets read in one step."""


class Turns:
    """Bytes of one side in a row are one turn."""

    def __init__(self) -> None:
        self._done: list[Turn] = []
        self._parts: list[bytes] = []
        self.size = 0

    def add(self, client: bool, data: bytes, time: int, record: int) -> None:
        """One side said something more."""
        last = self._done[-1] if self._done else None
        if last is None or last.client != client:
            self._join()
            self._done.append(Turn(client, b"", time, record, time))
        else:
            self._done[-1] = Turn(client, last.data, time, record, last.began)
        self._parts.append(data)
        self.size += len(data)

    def _join(self) -> None:
        if self._parts:
            last = self._done[-1]
            data = last.data + b"".join(self._parts)
            self._done[-1] = Turn(last.client, data, last.time, last.record, last.began)
            self._parts = []

    def all(self) -> list[Turn]:
        """The turns so far; the last one may still grow."""
        self._join()
        return self._done.copy()


class Carried:
    """The payloads of a conversation, in order.

    TCP streams are put in order, and what was lost is left out.
    """

    def __init__(self, capture: Capture, flow: int) -> None:
        self.capture, self.flow = capture, flow
        self.turns = Turns()
        self.done = 0
        """Rows of the conversation that were read."""
        self._ordered = int(capture.columns.flows.transport[flow]) == TCP
        self._streams = (Stream(), Stream())
        self._first: list[int | None] = [None, None]
        self._late = False

    @property
    def full(self) -> bool:
        """No more is read."""
        return self.turns.size > MAX_BYTES

    def step(self) -> bool:
        """Read some packets; False where there are none to read now."""
        rows = self.capture.columns.rows_of(self.flow)
        if self.full or self.done >= len(rows):
            ended = self.capture.finished and not self.full and not self._late
            if ended and len(rows):
                self._late = True
                self._give_up(int(rows[-1]))
                return True
            return False
        part = rows[self.done : self.done + ROWS]
        self.done += len(part)
        columns = self.capture.columns
        for record in self.capture.records(part.tolist()):
            number = record.number
            side = int(columns.flow[number]) & 1
            start = int(columns.payload_at[number])
            stop = min(start + int(columns.payload_length[number]), len(record.data))
            data = record.data[start:stop]
            if self._ordered:
                source = Source("", record.data, (Piece(0, number, 0, len(record.data)),))
                data = self._put(side, number, source, start, stop)
            if data:
                self.turns.add(side == 0, data, record.time, number)
        return True

    def _put(self, side: int, number: int, source: Source, start: int, stop: int) -> bytes:
        """A segment; what is in order now."""
        columns = self.capture.columns
        sequence = int(columns.seq[number])
        opening = int(columns.flags[number]) & SYN
        if self._first[side] is None or opening:
            self._first[side] = sequence + bool(opening)
        offset = (sequence + bool(opening) - (self._first[side] or 0)) % 2**32
        stream = self._streams[side]
        if offset < 2**31:
            stream.add(offset, source, start, stop)
        data = taken(stream)
        return data + behind_gap(stream) if stream.crowded else data

    def _give_up(self, last: int) -> None:
        """What waited to the end for bytes that never came."""
        time = int(self.capture.columns.time[last])
        for side, stream in enumerate(self._streams):
            while stream.gapped:
                self.turns.add(side == 0, behind_gap(stream), time, last)


def turns(capture: Capture, flow: int) -> list[Turn]:
    """All turns of a conversation, here and now."""
    carried = Carried(capture, flow)
    while carried.step():
        pass
    return carried.turns.all()


def taken(stream: Stream) -> bytes:
    """What is in order, taken off its front."""
    return stream.cut(len(stream.data), "").data


def behind_gap(stream: Stream) -> bytes:
    """What waits behind bytes that are given up now."""
    stream.skip_gap()
    return taken(stream)
