"""Plots of a conversation: asked of a session, worked out where they are asked for (a thread)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from wirestep.decode.offers import Followed
from wirestep.model import Message
from wirestep.timeline.analysis import Mark, TcpView
from wirestep.timeline.plots import Passed, Plot, streams
from wirestep.timeline.plots_tcp import (
    Blocks,
    Way,
    rtt,
    sequence,
    tcptrace,
    throughput,
    window,
)
from wirestep.timeline.statistics.series import interval_of

from .bulk import Bulk

if TYPE_CHECKING:
    from .session import Session

TCP = 6
MOST_FRAMES = 20_000
"""Acknowledgments whose options are read for SACK."""
MOST_PASSED = 200_000
"""Pieces of streams that are kept."""
BINS = 100
"""Intervals of the throughput, about."""
SACK, NOP = 5, 1


class Ask(NamedTuple):
    """A question."""

    kind: str
    """One of timeline.plots.KINDS."""
    flow: int
    side: int = -1
    """Whose data: 0 for the conversation's first sender; -1 for whoever sent more."""
    bins: int = BINS
    """Intervals of the throughput over the whole conversation, about."""


def _always() -> bool:
    return True


def plotted(session: Session, ask: Ask, going: Callable[[], bool] = _always) -> Plot | None:
    """The answer; None while the packets are not yet judged.

    May take a while (streams must be decoded), in any thread; where `going` says no, it ends early.
    """
    columns = session.capture.columns
    if not 0 <= ask.flow < len(columns.flows):
        return Plot(ask.kind, "", (), 0, 0, empty="there is no such conversation")
    rows = columns.rows_of(ask.flow)
    span = (int(columns.time[rows[0]]), int(columns.time[rows[-1]])) if len(rows) else (0, 0)
    if ask.kind == "streams":
        title, passed = _passed(session, ask.flow, going)
        return streams(passed, span, len(rows), title)
    if not len(rows) or int(columns.flows.transport[ask.flow]) != TCP:
        empty = "this conversation is not TCP: its packets do not tell"
        return Plot(ask.kind, "", (), *span, empty=empty, packets=len(rows))
    view = session.analysis
    if view is None or view.done <= int(rows[-1]):
        return None
    side = ask.side
    if side < 0:
        side = farther(session, view, ask.flow) if ask.kind == "rtt" else busier(session, ask.flow)
    way = Way(columns, view, ask.flow, side)
    if ask.kind == "window":
        ends = columns.flows.ends(ask.flow)
        return window(way, session.windows.get((ends[side], ends[1 - side])))
    if ask.kind == "tcptrace":
        return tcptrace(way, _blocks(session, way))
    if ask.kind == "throughput":
        return throughput(way, interval_of(way.stop - way.start, max(1, ask.bins)))
    return {"rtt": rtt, "sequence": sequence}[ask.kind](way)


def busier(session: Session, flow: int) -> int:
    """The side that sent more bytes."""
    columns = session.capture.columns
    rows = columns.rows_of(flow)
    side = columns.flow[rows] & 1
    sent = np.bincount(side, columns.payload_length[rows], minlength=2)
    return int(sent[1] > sent[0])


def farther(session: Session, view: TcpView, flow: int) -> int:
    """The side whose segments were acknowledged later: the one that the tap is near to."""
    found = view.samples(flow)
    acking = session.capture.columns.flow[found.rows] & 1
    typical = [
        float(np.median(found.rtt[acking != side])) if (acking != side).any() else -1.0
        for side in (0, 1)
    ]
    return int(typical[1] > typical[0])


# SACK


def _blocks(session: Session, way: Way) -> Blocks:
    """The SACK blocks of acknowledgments: of all, or in long conversations of the repeated."""
    columns, (rows, _) = session.capture.columns, way.acks
    if len(rows) > MOST_FRAMES:
        rows = rows[way.marked(rows, Mark.DUPLICATE_ACK)][:MOST_FRAMES]
    found: list[tuple[int, int, int]] = []
    for record in session.capture.records(rows.tolist()):
        row = record.number
        options = _options(record.data, int(columns.payload_at[row]), int(columns.seq[row]))
        found += [(row, left, right) for left, right in sack_blocks(options)]
    table = np.array(found, np.int64).reshape(-1, 3)
    return Blocks(table[:, 0], table[:, 1], table[:, 2])


def _options(frame: bytes, stop: int, sequence: int) -> bytes:
    """The options of the TCP header that ends at `stop` of a frame."""
    mark = sequence.to_bytes(4, "big")
    for size in range(20, 64, 4):
        start = stop - size
        if start < 0:
            break
        if frame[start + 4 : start + 8] == mark and frame[start + 12] >> 4 == size >> 2:
            return frame[start + 20 : stop]
    return b""


def sack_blocks(options: bytes) -> Iterator[tuple[int, int]]:
    """(left edge, right edge) of each SACK block among TCP options (RFC 2018 section 3)."""
    at = 0
    while at < len(options) and options[at]:
        if options[at] == NOP:
            at += 1
            continue
        size = options[at + 1] if at + 1 < len(options) else 0
        if size < 2:
            return
        if options[at] == SACK:
            body = options[at + 2 : at + size]
            for place in range(0, len(body) - 7, 8):
                yield (
                    int.from_bytes(body[place : place + 4], "big"),
                    int.from_bytes(body[place + 4 : place + 8], "big"),
                )
        at += size


# streams


def _passed(session: Session, flow: int, going: Callable[[], bool]) -> tuple[str, list[Passed]]:
    """(what its streams are called, pieces of all streams), by what the cards offer."""
    offers = {
        name: card.follow
        for name, card in session.registry.cards.items()
        if card.follow is not None and card.follow.stream
    }
    wanted = frozenset(name for offer in offers.values() for name in (*offer.data, offer.stream))
    columns = session.capture.columns
    bulk = Bulk(session.capture, session.registry, session.secrets)
    title, found = "stream", dict[tuple[int, int, int], int]()
    for part in bulk.messages(flow, wanted):
        for message in part.messages:
            offer = offers.get(message.protocol)
            if offer is None or not message.values:
                continue
            title = offer.title
            for stream, row, size in _pieces(message, offer):
                key = stream, int(message.side), row
                found[key] = found.get(key, 0) + size
        if len(found) > MOST_PASSED or not going():
            break
    time = columns.time
    passed = [Passed(s, side, int(time[row]), size, row) for (s, side, row), size in found.items()]
    return title, passed


def _pieces(message: Message, offer: Followed) -> Iterator[tuple[int, int, int]]:
    """(stream, packet, bytes) of a message; its packets are taken to have brought equal shares."""
    stream, sizes = 0, dict[int, int]()
    for name, value, _ in message.values:
        if name == offer.stream and isinstance(value, int):
            stream = value
        elif name in offer.data and isinstance(value, bytes | str):
            sizes[stream] = sizes.get(stream, 0) + len(value)
    records = message.records or (message.record,)
    for stream, size in sizes.items():
        for at, record in enumerate(records):
            share = size * (at + 1) // len(records) - size * at // len(records)
            yield stream, record, share
