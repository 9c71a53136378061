"""What is known of every packet of a capture, as columns of numbers (55 bytes a packet)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from .arrays import Array, Growing, Views
from .flows import Flows, FlowTable
from .frames import Frames
from .headers import Headers
from .network import headers

BLOCK = 18_000
"""Rows that are worked on at once: their headers fit into the processor's cache."""

MOST = 1 << 25
"""Rows that room is made for ahead."""

SHAPE = {
    "offset": ("i8", 1),
    "time": ("i8", 1),
    "caplen": ("u4", 1),
    "length": ("u4", 1),
    "interface": ("u2", 1),
    "options": ("u2", 1),
    "network": ("u1", 1),
    "transport": ("u1", 1),
    "flags": ("u1", 1),
    "payload_at": ("u4", 1),
    "payload_length": ("u4", 1),
    "seq": ("u4", 1),
    "ack": ("u4", 1),
    "window": ("u2", 1),
    "flow": ("i4", 1),
    "nested": ("u1", 1),
}

FROM_FRAMES = ("caplen", "length", "time")
RARE = ("interface", "options")
FROM_HEADERS = (
    "network",
    "transport",
    "flags",
    "payload_at",
    "payload_length",
    "seq",
    "ack",
    "window",
    "nested",
)


class Block(NamedTuple):
    """Frames that are worked on together, and their headers."""

    frames: Frames
    found: Headers


def decoded(buffer: Array, frames: Frames, links: Sequence[int]) -> Iterator[Block]:
    """Blocks of the frames in `buffer`; `links`: the link type of each interface."""
    views = Views(buffer)
    count = len(frames.at)
    size = -(-count // -(-count // BLOCK)) if count else 1  # all of about one size
    for start in range(0, count, size):
        part = frames.pick(slice(start, start + size))
        yield Block(part, headers(views, part, links))


class Columns:
    """A read-only look at the first `count` packets; every column has one row a packet."""

    def __init__(
        self, arrays: dict[str, Array], flows: Flows, links: Array, index: FlowIndex
    ) -> None:
        self.offset = arrays["offset"]
        """int64: where the frame's bytes start in the (decompressed) file."""
        self.time = arrays["time"]
        """int64: nanoseconds since the epoch."""
        self.caplen = arrays["caplen"]
        """uint32: bytes kept."""
        self.length = arrays["length"]
        """uint32: bytes on the wire."""
        self.interface = arrays["interface"]
        """uint16: place in the capture's list of interfaces."""
        self.options = arrays["options"]
        """uint16: bytes of pcapng options behind the frame; without any there is no comment."""
        self.network = arrays["network"]
        """uint8: 4, 6, or 0 for no (sound) IP header."""
        self.transport = arrays["transport"]
        """uint8: IP protocol behind all extension headers; 0 where network is 0."""
        self.flags = arrays["flags"]
        """uint8: TCP flags, FIN 1 to CWR 128."""
        self.payload_at = arrays["payload_at"]
        """uint32: where the TCP or UDP payload starts in the frame, 0 where there is none."""
        self.payload_length = arrays["payload_length"]
        """uint32: bytes of it on the wire; kept are min(payload_length, caplen - payload_at), or
        none where payload_at >= caplen. 0 for all parts of a fragmented datagram but the first."""
        self.seq = arrays["seq"]
        """uint32: TCP sequence number."""
        self.ack = arrays["ack"]
        """uint32: TCP acknowledgement number."""
        self.window = arrays["window"]
        """uint16: TCP window, not scaled."""
        self.flow = arrays["flow"]
        """int32: number of the conversation * 2 + 1 if its second end sent this; -1 for none."""
        self.nested = arrays["nested"]
        """uint8: 0 where these columns tell all addresses, ports and flags that the frame has. Not
        0 where it carries, or may carry, more than one network header, or one that was not read
        (tunnels, packets that ICMP quotes, fragments, IP options, unsound headers, unknown links):
        only decoding it tells."""
        self.flows = flows
        self._links = links
        self._index = index

    def __len__(self) -> int:
        return len(self.time)

    @property
    def link(self) -> Array:
        """uint16: link type, by the interface."""
        return self._links[self.interface]

    def rows_of(self, flow: int) -> Array:
        """int64[n]: rows of one conversation, both directions, ascending."""
        return self._index.rows(self.flow, flow)


class FlowIndex:
    """Rows by conversation; made when first asked for, made anew when it is far behind."""

    def __init__(self) -> None:
        self._made: tuple[int, Array, Array] = (0, np.zeros(0, np.int32), np.zeros(1, np.int64))
        self._epoch = 0
        """Counts what was forgotten: what was made of older columns must not be kept."""

    def rows(self, column: Array, flow: int) -> Array:
        """Rows of `column` (flow * 2 + direction) that are of `flow`."""
        covered, order, starts = self._made
        if len(column) - covered > covered // 2 + 4096:
            covered, order, starts = self._make(column)
        found = np.zeros(0, np.int64)
        if 0 <= flow < len(starts) - 1:
            found = order[starts[flow] : starts[flow + 1]].astype(np.int64)
        if covered > len(column):  # an older look at the columns
            found = found[: np.searchsorted(found, len(column))]
        elif covered < len(column):
            tail = np.flatnonzero(column[covered:] >> 1 == flow) + covered
            found = np.concatenate((found, tail))
        return found

    def forget(self) -> None:
        """Some rows changed their conversation: begin again."""
        self._epoch += 1
        self._made = (0, np.zeros(0, np.int32), np.zeros(1, np.int64))

    def _make(self, column: Array) -> tuple[int, Array, Array]:
        epoch = self._epoch
        flow = column >> 1
        # Numbers of 16 bits are sorted by counting: two such sorts are faster than one of 32.
        order = np.argsort(flow.astype(np.uint16), kind="stable").astype(np.int32)
        order = order[np.argsort((flow >> 16).astype(np.int16)[order], kind="stable")]
        # Those without a conversation, -1, come first.
        counts = np.bincount(flow + 1, minlength=1)
        starts = np.cumsum(counts)
        made = (len(column), order, starts)
        if epoch == self._epoch:
            self._made = made
        return made


class ColumnStore:
    """The writer's side of `Columns`: one thread appends, any number may take snapshots."""

    def __init__(self) -> None:
        self._table = Growing(SHAPE, 4096)
        self._flows = FlowTable()
        self._index = FlowIndex()
        self._links: list[int] = []
        # Published together, so that a reader never sees one without the other.
        self._published = (0, 0)
        self._expected = 0

    @property
    def count(self) -> int:
        """Packets that readers may use."""
        return self._published[0]

    def snapshot(self) -> Columns:
        """The packets indexed so far."""
        count, flows = self._published
        links = np.array(self._links or [0], np.uint16)
        return Columns(self._table.snapshot(count), self._flows.snapshot(flows), links, self._index)

    def append(self, blocks: Iterable[Block], base: int, links: Sequence[int]) -> None:
        """Index blocks of frames, whose places count from `base` on; `links` by interface."""
        self._links = list(links)
        for block in blocks:
            self._block(block, base)

    def expect(self, count: int) -> None:
        """About so many packets will have come in the end."""
        self._expected = min(count + count // 16, MOST)

    def finish(self) -> None:
        """No packet will follow: what waited for one is settled."""
        rows, flow = self._flows.finish(self._table["transport"], self._table["length"])
        if len(rows):
            self._table["flow"][rows] = flow
            self._index.forget()
            self._published = (self._published[0], self._flows.count)

    def _block(self, block: Block, base: int) -> None:
        frames, found = block
        table, start = self._table, self._published[0]
        stop = start + len(frames.at)
        table.reserve(stop, self._expected)
        flow, (late_rows, late_flows) = self._flows.number(found, frames.length, start)
        np.add(frames.at, base, out=table["offset"][start:stop])
        table["flow"][start:stop] = flow
        for name in FROM_FRAMES:
            table[name][start:stop] = getattr(frames, name)
        for name in FROM_HEADERS:
            table[name][start:stop] = getattr(found, name)
        for name in RARE:
            if getattr(frames, name).any():  # room that is never written takes no memory
                table[name][start:stop] = getattr(frames, name)
        table.count = stop
        if len(late_rows):
            self._mend(late_rows, late_flows)
        self._published = (stop, self._flows.count)

    def _mend(self, rows: Array, flows: Array) -> None:
        """Parts of a datagram that came before its first part: their conversation is known now."""
        old = rows < self._published[0]
        self._table["flow"][rows] = flows
        self._flows.add(flows, self._table["length"][rows], rows)
        if old.any():
            self._index.forget()
