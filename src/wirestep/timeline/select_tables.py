"""Tables that a filter asks: the packets, and the ends of conversations, which are fewer.

A field that is the same for all packets that one end of a conversation sends (addresses, ports,
the conversation's number) is read once an end, from `Ends`; the others once a packet, from `Rows`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np

from wirestep.capture import Columns
from wirestep.capture.arrays import Array
from wirestep.capture.columns import ColumnStore
from wirestep.capture.flows import Flows

from .select_headers import Headers, Octets
from .select_types import FrameValues

TCP, UDP = 6, 17


class Unplanned(Exception):
    """This cannot be asked of arrays: every row has to be decoded."""


class Addresses(NamedTuple):
    """Addresses as two numbers each; IPv4 has all of it in the low one."""

    high: Array
    low: Array
    size: int
    """Bytes of one address."""


Values = Array | Addresses


class Ends:
    """The ends of all conversations: row `flow` (number * 2 + direction) is who sends there.

    The last row, which -1 finds, stands for packets of no conversation.
    """

    def __init__(self, flows: Flows) -> None:
        self._flows = flows
        self.size = 2 * len(flows) + 1

    @cached_property
    def network(self) -> Array:
        """4, 6, or 0 for the last row."""
        return self._both(self._flows.network, self._flows.network)

    @cached_property
    def transport(self) -> Array:
        """IP protocol."""
        return self._both(self._flows.transport, self._flows.transport)

    @cached_property
    def stream(self) -> Array:
        """Number among the conversations of the same transport."""
        return self._both(self._flows.stream, self._flows.stream)

    @cached_property
    def ports(self) -> tuple[Array, Array]:
        """Of the sender, of the other end."""
        a, b = self._flows.a_port, self._flows.b_port
        return self._both(a, b), self._both(b, a)

    @cached_property
    def _words(self) -> tuple[Array, Array]:
        """Addresses of first senders and of the other ends as two numbers each: uint64[n, 2]."""
        a, b = self._flows.a, self._flows.b
        return tuple(np.ascontiguousarray(one).view(">u8").astype(np.uint64) for one in (a, b))  # type: ignore[return-value]

    @cached_property
    def _numbers(self) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
        """((high, low) of the senders, of the other ends)."""
        a, b = self._words
        sender = self._both(a[:, 0], b[:, 0]), self._both(a[:, 1], b[:, 1])
        target = self._both(b[:, 0], a[:, 0]), self._both(b[:, 1], a[:, 1])
        return sender, target

    def addresses(self, side: int, size: int) -> Addresses:
        """Those of the senders (0) or of the other ends (1)."""
        return Addresses(*self._numbers[side], size)

    def _both(self, a: Array, b: Array) -> Array:
        out = np.zeros(self.size, a.dtype)
        out[0:-1:2], out[1:-1:2] = a, b
        return out


class Scope:
    """What is judged: a capture as far as it is indexed."""

    def __init__(self, columns: Columns, marks: Array, tunnels: frozenset[tuple[int, int]]) -> None:
        """`marks`: bits that TCP's analysis says of each packet, as far as it has come.

        `tunnels`: (IP protocol, port) whose payload may have addresses and ports of its own.
        """
        self.columns, self.marks, self._tunnels = columns, marks, tunnels
        self.ends = Ends(columns.flows)
        self._kept: dict[object, Array] = {}

    def learn(self, other: Scope) -> None:
        """Take over what an earlier filter found out about the same packets."""
        if other.columns is self.columns and other._tunnels == self._tunnels:
            self.ends = other.ends
            vars(self).update({k: v for k, v in vars(other).items() if k in ("talking", "odd")})

    @cached_property
    def talking(self) -> Array:
        """bool of each row of `ends`: the conversation has payload, as far as can be told."""
        columns = self.columns
        seen = np.zeros(len(columns.flows) + 1, bool)
        seen[columns.flow[columns.payload_length > 0] >> 1] = True
        silent = np.isin(self.ends.transport, (1, 2, 58))
        carries = (self.ends.transport == TCP) | (self.ends.transport == UDP)
        found: Array = np.where(carries, seen.repeat(2)[: self.ends.size], ~silent)
        found[-1] = False
        return found

    @cached_property
    def odd(self) -> Array:
        """bool of each row of `ends`: of a tunnel."""
        found = np.zeros(self.ends.size, bool)
        for transport, port in self._tunnels:
            ports = (self.ends.ports[0] == port) | (self.ends.ports[1] == port)
            found |= (self.ends.transport == transport) & ports
        return found

    def of_ends(self, who: object, judge: Callable[[Ends], Array]) -> Array:
        """What `judge` says of all ends, worked out once for each `who`."""
        if who not in self._kept:
            self._kept[who] = judge(self.ends)
        return self._kept[who]


class Frames(Octets, Protocol):
    """The bytes of some frames."""

    def __iter__(self) -> Iterator[bytes]: ...

    def holding(self, part: bytes) -> Array:
        """bool: which of them hold these bytes."""
        ...


class Rows:
    """Some packets of a capture."""

    def __init__(
        self,
        scope: Scope,
        rows: slice | Array,
        data: Frames | None = None,
        decoded: Mapping[int, FrameValues] | None = None,
    ) -> None:
        """`data`: the frames, where their bytes are asked for.

        `decoded`: by place, what TCP and UDP carry in these frames; the others carry nothing.
        """
        self.scope, self.rows, self.data, self.decoded = scope, rows, data, decoded
        self.flow = scope.columns.flow[rows]
        self.size = len(self.flow)

    @cached_property
    def numbers(self) -> Array:
        """int64: which rows they are."""
        if isinstance(self.rows, slice):
            return np.arange(self.rows.start, self.rows.stop, dtype=np.int64)
        return self.rows

    @cached_property
    def network(self) -> Array:
        """As in Columns."""
        return self.column("network")

    @cached_property
    def transport(self) -> Array:
        """As in Columns."""
        return self.column("transport")

    @property
    def stream(self) -> Array:
        """As in Ends."""
        return self.scope.ends.stream[self.flow]

    @property
    def ports(self) -> tuple[Array, Array]:
        """As in Ends."""
        sender, target = self.scope.ends.ports
        return sender[self.flow], target[self.flow]

    def addresses(self, side: int, size: int) -> Addresses:
        """As in Ends."""
        high, low, size = self.scope.ends.addresses(side, size)
        return Addresses(high[self.flow], low[self.flow], size)

    @cached_property
    def unsure(self) -> Array:
        """int64: places of packets that hold more than the columns say."""
        found = self.column("nested") != 0
        if self.scope.odd.any():
            found |= self.scope.odd[self.flow]
        return np.flatnonzero(found)

    @cached_property
    def talking(self) -> Array:
        """bool: of conversations in which payload was seen."""
        return self.scope.talking[self.flow]

    @cached_property
    def marks(self) -> Array:
        """Bits, see timeline.analysis."""
        return self.scope.marks[self.rows]

    @cached_property
    def headers(self) -> Headers:
        """What the frames' headers say.

        Raises:
            Unplanned: their bytes are not at hand.
        """
        if self.data is None:
            raise Unplanned
        link, kept = self.scope.columns.link[self.rows], self.column("caplen")
        return Headers(self.data, link, self.network, kept.astype(np.int64))

    def column(self, name: str) -> Array:
        """A column by its name."""
        found: Array = getattr(self.scope.columns, name)[self.rows]
        return found


Table = Ends | Rows


def blank() -> Rows:
    """No packets of an empty capture: predicates are tried on it."""
    columns = ColumnStore().snapshot()
    scope = Scope(columns, np.zeros(0, np.uint16), frozenset())
    return Rows(scope, slice(0, 0), _NoFrames())


class _NoFrames:
    """The bytes of no frames."""

    def __iter__(self) -> Iterator[bytes]:
        return iter(())

    def holding(self, part: bytes) -> Array:
        """As in Frames."""
        return np.zeros(0, bool)

    def octets(self, at: Array, count: int) -> Array:
        """As in Octets."""
        return np.zeros((0, count), np.uint8)
