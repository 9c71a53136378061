"""What depends on all packets before one: sums of bytes, where a side's sequence numbers begin."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np

from wirestep.capture import Columns
from wirestep.capture.arrays import Array
from wirestep.timeline.analysis import TcpView

STRIDE = 4096
"""Packets between two sums that are kept."""
FLIGHTS = 128
"""Conversations whose bytes in flight are kept."""
MANY = 500_000
"""Packets that are worth a look before anybody asks: a look costs some for each conversation."""
FEW = 50_000
"""Packets whose conversations are sorted rather than all that there are looked through."""
TCP, SYN, ACK = 6, 2, 16


class Running:
    """Goes along with a capture that grows; nothing is looked at before somebody asks."""

    def __init__(self) -> None:
        self._columns: Columns | None = None
        self._sums = np.zeros(1, np.int64)
        """Bytes before every STRIDE-th packet."""
        self._flights: OrderedDict[int, tuple[int, Array, Array]] = OrderedDict()
        """By conversation: packets judged by then, its rows with data, bytes in flight."""
        self._learned = (0, np.zeros(0, np.uint32), np.zeros(0, bool))
        """Packets seen; by flow * 2 + direction the sequence number that counts as 0, and whether
        it is known. One tuple: several threads may ask."""

    def look(self, columns: Columns) -> None:
        """The packets that there are now."""
        self._columns = columns

    def bytes_until(self, record: int) -> int:
        """Bytes on the wire of all packets up to this one."""
        assert self._columns is not None
        length = self._columns.length
        whole, have = record // STRIDE, len(self._sums) - 1
        if whole > have:
            parts = length[have * STRIDE : whole * STRIDE].reshape(-1, STRIDE)
            more = np.cumsum(parts.sum(axis=1, dtype=np.int64)) + self._sums[-1]
            self._sums = np.concatenate((self._sums, more))
        rest = length[whole * STRIDE : record + 1].sum(dtype=np.int64)
        return int(self._sums[whole] + rest)

    def seq(self, record: int) -> str:
        """The relative sequence number of a TCP segment, "" where there is no conversation."""
        return self._relative(record, "seq", 0)

    def ack(self, record: int) -> str:
        """The relative acknowledgement number, "" without the flag ACK."""
        columns = self._columns
        if columns is None or not int(columns.flags[record]) & ACK:
            return ""
        return self._relative(record, "ack", 1)

    def in_flight(self, record: int, view: TcpView | None) -> str:
        """Bytes of the record's side that are not acknowledged; "" where it sends none.

        It is told once all packets are judged: each conversation is then worked out once.
        """
        columns = self._columns
        if columns is None or view is None or view.done < len(columns):
            return ""
        if not int(columns.payload_length[record]) or int(columns.transport[record]) != TCP:
            return ""
        flow, judged = int(columns.flow[record]) >> 1, view.done
        found = self._flights.get(flow)
        if found is None or found[0] != judged:
            while len(self._flights) >= FLIGHTS:
                self._flights.popitem(last=False)
            flight = view.bytes_in_flight(flow)
            found = self._flights[flow] = (judged, flight.rows, flight.size)
        _, rows, sizes = found
        at = int(np.searchsorted(rows, record))
        return str(int(sizes[at])) if at < len(rows) and int(rows[at]) == record else ""

    def learn(self, columns: Columns, *, finished: bool) -> bool:
        """Look through packets that came, where they are many or the last; False where not."""
        more = len(columns) - self._learned[0]
        if more < (1 if finished else MANY):
            return False
        self._bases(columns)
        return True

    def sequences(self, columns: Columns) -> Array:
        """int64: relative sequence numbers of all packets, -1 without a conversation."""
        return self._all(columns, columns.seq, 0)

    def acknowledgements(self, columns: Columns) -> Array:
        """int64: relative acknowledgement numbers of all packets, -1 without one."""
        found = self._all(columns, columns.ack, 1)
        return np.where(columns.flags & ACK, found, -1)

    def _relative(self, record: int, name: str, other: int) -> str:
        columns = self._columns
        assert columns is not None
        way = int(columns.flow[record])
        if way < 0:
            return ""
        _, base, has = self._learned
        side = way ^ other
        # What is known of a conversation stays so: packets that came since need no look.
        if side >= len(has) or not has[side]:
            base = self._bases(columns)
        number = int(getattr(columns, name)[record])
        return str((number - int(base[side])) % (1 << 32))

    def _all(self, columns: Columns, numbers: Array, other: int) -> Array:
        base, way = self._bases(columns), columns.flow
        if not len(base):
            return np.full(len(way), -1, np.int64)
        found = (numbers - base[np.maximum(way, 0) ^ other]).astype(np.int64)
        return np.where(way >= 0, found, -1)

    def _bases(self, columns: Columns) -> Array:
        """uint32: by flow * 2 + direction, the sequence number that counts as 0.

        A side counts from its SYN, or so that its first byte is number 1; where the other side
        spoke first, from what that acknowledged.
        """
        seen, old_base, old_has = self._learned
        count, ways = len(columns), 2 * len(columns.flows)
        if count <= seen and ways <= len(old_base):
            return old_base
        base, has = old_base, old_has
        if ways > len(base):
            # With room for twice as many: what comes next need not copy all again.
            base, has = np.zeros(2 * ways, np.uint32), np.zeros(2 * ways, bool)
            base[: len(old_base)], has[: len(old_has)] = old_base, old_has
        rows = slice(seen, count)
        flags, way = columns.flags[rows], columns.flow[rows]
        mine = (columns.transport[rows] == TCP) & (way >= 0)
        sides: Array = np.arange(ways)
        if count - seen < FEW:
            # Numbers of their own for the sides that speak in these rows: few of many.
            pairs = np.unique(way[mine] >> 1)
            sides = (pairs[:, np.newaxis] * 2 + (0, 1)).ravel()
            way = np.searchsorted(pairs, way >> 1) * 2 + (way & 1)
        own = _first(mine, way, len(sides))
        told = _first(mine & (flags & ACK != 0), way ^ 1, len(sides))
        new = np.flatnonzero(~has[sides] & ((own >= 0) | (told >= 0)))
        fresh, own, told = sides[new], own[new], told[new]
        start = columns.seq[rows][own] - (flags[own] & SYN == 0).astype(np.uint32)
        heard = columns.ack[rows][told] - np.uint32(1)
        base[fresh] = np.where((own >= 0) & ((told < 0) | (own < told)), start, heard)
        has[fresh] = True
        self._learned = (max(seen, count), base, has)
        return base


def _first(chosen: Array, way: Array, ways: int) -> Array:
    """By direction: the first place where it is chosen, -1 for none."""
    found = np.full(ways, -1, np.int64)
    places = np.flatnonzero(chosen)[::-1]
    found[way[places]] = places  # of several, the last one written stays
    return found
