"""The connections of one UDP conversation, by the connection IDs that lead to them."""

from __future__ import annotations

from wirestep.model import Side

from .connection import Connection

MAX_IDS = 4096
SURE = 4
"""Bytes of a connection ID by which a connection is known between other ends."""
MAX_CONNECTIONS = 64
"""Connections between the same two ports that are remembered; the oldest goes first."""


class Connections:
    """Finds the connection that a packet belongs to."""

    def __init__(self) -> None:
        self.all: list[Connection] = []
        self._count = 0
        self._ids: dict[tuple[Side, bytes], Connection] = {}
        """By who is called so."""
        self._lengths: tuple[tuple[int, ...], tuple[int, ...]] = ((), ())
        """Of the IDs of each side, longest first."""

    def copy(self) -> Connections:
        """A checkpoint."""
        other = Connections()
        copies = {id(connection): connection.copy() for connection in self.all}
        other.all = list(copies.values())
        other._ids = {key: copies[id(connection)] for key, connection in self._ids.items()}
        other._lengths, other._count = self._lengths, self._count
        return other

    def add(self, connection: Connection) -> None:
        """A new connection."""
        connection.number, self._count = self._count, self._count + 1
        self.all.append(connection)
        if len(self.all) > MAX_CONNECTIONS:
            old = self.all.pop(0)
            self._ids = {key: of for key, of in self._ids.items() if of is not old}

    def call(self, side: Side, name: bytes, connection: Connection) -> None:
        """`side` is called `name` in this connection."""
        if connection not in self.all:
            return
        self._ids[side, name] = connection
        if len(self._ids) > MAX_IDS:
            del self._ids[next(iter(self._ids))]
        lengths = list(self._lengths)
        if len(name) not in lengths[side]:
            lengths[side] = tuple(sorted((*lengths[side], len(name)), reverse=True))
            self._lengths = lengths[0], lengths[1]

    def called(self, side: Side, name: bytes) -> Connection | None:
        """The connection in which `side` is called so."""
        return self._ids.get((side, name))

    def knows(self, side: Side, data: memoryview, at: int) -> bool:
        """Whether a connection ID of `side` stands at `at`, too long to do so by chance."""
        return any(
            length >= SURE and (side, bytes(data[at : at + length])) in self._ids
            for length in self._lengths[side]
        )

    def short(self, side: Side, data: bytes, at: int, stop: int) -> tuple[Connection | None, bytes]:
        """The connection of a short header's packet to `side`, and the ID at `at`.

        Where no ID is known: the latest connection, and as many bytes as its IDs have.
        """
        for length in self._lengths[side]:
            name = data[at : at + length]
            found = self._ids.get((side, name)) if at + length <= stop else None
            if found is not None:
                return found, name
        if not self.all:
            return None, b""
        length = self._lengths[side][0] if self._lengths[side] else 0
        return self.all[-1], data[at : min(stop, at + length)]
