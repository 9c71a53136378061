"""Rows of a capture as the bulk decoder takes them: numbers of the columns, bytes of the file."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from wirestep.capture import Capture
from wirestep.capture.columns import Columns
from wirestep.decode.bulk import Ends
from wirestep.decode.bulk_places import Segments, server_side
from wirestep.model import Side

Rows = npt.NDArray[np.int64]
Array = npt.NDArray[Any]

TCP, UDP = 6, 17
CARRIERS = {TCP: "tcp", UDP: "udp"}
"""By IP protocol number: who numbers the conversations."""
SERVER_PORTS = 1024
"""Ports below are servers' (RFC 6335 section 6)."""
SYN, ACK = 0x02, 0x10
NEAR = 16 << 10
"""Bytes between two payloads that are read with them rather than jumped over."""
LARGE = 32 << 20
"""Bytes of a stretch of the file that is kept while its conversations are read."""
SPAN = 4 << 20
"""Bytes of the file read at once, or a little more."""


def kept_of(columns: Columns, rows: Rows) -> Array:
    """int64[n]: bytes of payload in the capture."""
    room = columns.caplen[rows].astype(np.int64) - columns.payload_at[rows]
    return np.clip(columns.payload_length[rows].astype(np.int64), 0, np.maximum(room, 0))


class Stretch(NamedTuple):
    """Bytes of the file that many conversations share."""

    start: int
    data: memoryview


def stretch(capture: Capture, columns: Columns, rows: Rows) -> Stretch | None:
    """The bytes from the first of these rows to the last, unless they are too many."""
    start = int(columns.offset[rows[0]])
    size = int(columns.offset[rows[-1]]) + int(columns.caplen[rows[-1]]) - start
    return Stretch(start, memoryview(capture.feed.at(start, size))) if size <= LARGE else None


def payloads(
    capture: Capture, columns: Columns, rows: Rows, kept: Array, near: Stretch | None = None
) -> list[memoryview]:
    """The bytes of each payload; neighbours in the file are read together.

    `near` has them all, where it is given.
    """
    found = [memoryview(b"")] * len(rows)
    full = np.flatnonzero(kept)
    if not len(full):
        return found
    start = columns.offset[rows[full]] + columns.payload_at[rows[full]]
    stop = start + kept[full]
    if near is not None:
        first, view = near
        places = zip(full.tolist(), (start - first).tolist(), (stop - first).tolist(), strict=True)
        for place, at, end in places:
            found[place] = view[at:end]
        return found
    apart = (start[1:] - stop[:-1] > NEAR) | (start[1:] < start[:-1])
    apart |= start[1:] // SPAN != start[:-1] // SPAN
    heads = np.concatenate(([0], np.flatnonzero(apart) + 1, [len(full)])).tolist()
    for low, high in pairwise(heads):
        base = int(start[low])
        view = memoryview(capture.feed.at(base, int(stop[low:high].max()) - base))
        places = zip(
            full[low:high].tolist(),
            (start[low:high] - base).tolist(),
            (stop[low:high] - base).tolist(),
            strict=True,
        )
        for place, at, end in places:
            found[place] = view[at:end]
    return found


def segments(columns: Columns, rows: Rows, client: int) -> Segments:
    """What the columns say of a conversation's segments; `client`: which end (0, 1) opened it."""
    return Segments(
        rows,
        columns.time[rows],
        (columns.flow[rows] & 1) ^ client,
        columns.seq[rows],
        columns.ack[rows],
        columns.flags[rows],
        columns.payload_length[rows],
        kept_of(columns, rows),
        columns.payload_at[rows],
    )


def client_of(columns: Columns, flow: int, row: int) -> int:
    """Which end of a conversation opened it: as its first segment says, else by the ports."""
    flows = columns.flows
    sender = int(columns.flow[row]) & 1
    if int(flows.transport[flow]) != TCP:
        return sender
    flags = int(columns.flags[row])
    if flags & SYN:
        serving = bool(flags & ACK)
    else:
        ports = int(flows.a_port[flow]), int(flows.b_port[flow])
        mine, other = ports[sender], ports[1 - sender]
        low = mine < SERVER_PORTS
        serving = low if low != (other < SERVER_PORTS) else mine < other
    return sender ^ serving


def ends_of(columns: Columns, flow: int, client: int, opened: Segments | None) -> Ends:
    """Who talks in a conversation; `opened`: its segments, where it is one of segments."""
    flows = columns.flows
    ends = flows.ends(flow)
    carrier = CARRIERS[int(flows.transport[flow])]
    low, high = sorted((ends[0].port, ends[1].port))
    listens = None if opened is None else server_side(opened)
    if listens is not None:
        low = ends[client ^ listens].port
        high = ends[client ^ listens ^ 1].port
    keys = ((f"{carrier}.port", low), (f"{carrier}.port", high))
    return Ends(ends[client], ends[1 - client], carrier, int(flows.stream[flow]), keys)


def side_of(columns: Columns, row: int, client: int) -> Side:
    """Who sent a packet."""
    return Side((int(columns.flow[row]) & 1) ^ client)
