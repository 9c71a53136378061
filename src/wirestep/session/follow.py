"""What both sides of a conversation said, in turns."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from wirestep.capture import Capture
from wirestep.capture.arrays import Array
from wirestep.decode.stream import Stream
from wirestep.model import Piece, Source

from .views import Turn

TCP, SYN = 6, 2
MAX_BYTES = 8 << 20
"""Bytes of both sides that are shown."""


def turns(capture: Capture, flow: int) -> list[Turn]:
    """The payloads of a conversation, in order; bytes of one side in a row are one turn.

    TCP streams are put in order, and what was lost is left out.
    """
    columns = capture.columns
    rows = columns.rows_of(flow)
    ordered = int(columns.flows.transport[flow]) == TCP
    streams = (Stream(), Stream())
    first: list[int | None] = [None, None]
    said: list[Turn] = []
    size = 0
    for record in capture.records(rows.tolist()):
        number = record.number
        side = int(columns.flow[number]) & 1
        start = int(columns.payload_at[number])
        stop = min(start + int(columns.payload_length[number]), len(record.data))
        data = record.data[start:stop]
        if ordered:
            sequence = int(columns.seq[number])
            opening = int(columns.flags[number]) & SYN
            if first[side] is None or opening:
                first[side] = sequence + bool(opening)
            offset = (sequence + bool(opening) - (first[side] or 0)) % 2**32
            if offset < 2**31:
                source = Source("", record.data, (Piece(0, number, 0, len(record.data)),))
                streams[side].add(offset, source, start, stop)
            data = _taken(streams[side])
            if streams[side].crowded:
                data += _behind_gap(streams[side])
        if data:
            size += len(data)
            said.append(Turn(side == 0, data, record.time, number))
        if size > MAX_BYTES:
            break
    else:
        said += _late(streams, capture, rows)
    return [_one(list(parts)) for _, parts in groupby(said, key=lambda turn: turn.client)]


def _taken(stream: Stream) -> bytes:
    return stream.cut(len(stream.data), "").data


def _behind_gap(stream: Stream) -> bytes:
    """What waits behind bytes that are given up now."""
    stream.skip_gap()
    return _taken(stream)


def _late(streams: tuple[Stream, Stream], capture: Capture, rows: Array) -> Iterator[Turn]:
    """What waited to the end for bytes that never came."""
    for side, stream in enumerate(streams):
        while stream.gapped:
            last = int(rows[-1])
            time = int(capture.columns.time[last])
            yield Turn(side == 0, _behind_gap(stream), time, last)


def _one(parts: list[Turn]) -> Turn:
    last = parts[-1]
    return Turn(last.client, b"".join(part.data for part in parts), last.time, last.record)
