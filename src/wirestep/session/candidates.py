"""Conversations in which a protocol may be spoken, the likely ones first."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from wirestep.capture import Capture
from wirestep.capture.arrays import Array
from wirestep.decode.contract import Registry
from wirestep.model import Side

AT_ONCE = 64
"""Conversations that are looked into before the likely ones among them are decoded."""
LOOK = 2_048
"""Bytes of a conversation's first payload that protocols are asked about."""
FIRST = 32
"""Rows of a conversation among which its first payload is looked for."""
TABLES = {6: "tcp.port", 17: "udp.port"}


class Candidates:
    """Sorts conversations by what their ports and their first bytes say."""

    def __init__(self, capture: Capture, registry: Registry, wanted: frozenset[str]) -> None:
        """`wanted`: names of the protocols that are looked for."""
        self.capture, self.registry = capture, registry
        families = {_family(registry, name) for name in wanted}
        self._wanted = {
            name for name in registry.cards if name in wanted or _family(registry, name) in families
        }
        named = {**registry.keys, **registry.rules}
        self._keys = {key for key, name in named.items() if name in self._wanted}

    def sorted(self, flows: Array, near: int) -> tuple[Array, Array]:
        """(conversations on ports of what is wanted, the others).

        In each, those that are going on around the record `near` come first, then the short ones.
        """
        known = self.capture.columns.flows
        likely = self._on_port(flows)
        around = (known.first[flows] <= near) & (near <= known.last[flows])
        size = np.log2(known.packets[flows].sum(axis=1) + 256).astype(np.int64)
        order = np.lexsort((known.first[flows], size, ~around))
        return flows[order[likely[order]]], flows[order[~likely[order]]]

    def _on_port(self, flows: Array) -> Array:
        """bool: conversations on a port, or of an IP protocol, that is wanted."""
        known = self.capture.columns.flows
        transport = known.transport[flows]
        found = np.isin(transport, [key for name, key in self._keys if name == "ip.proto"])
        a, b = known.a_port[flows], known.b_port[flows]
        for number, table in TABLES.items():
            ports = [key for name, key in self._keys if name == table]
            if ports:
                found |= (transport == number) & (np.isin(a, ports) | np.isin(b, ports))
        return found

    def looked_into(self, flows: Array) -> Iterator[tuple[Array, Array]]:
        """Some conversations after the other: (likely by their first bytes, the others)."""
        for start in range(0, len(flows), AT_ONCE):
            some = flows[start : start + AT_ONCE]
            likely = np.fromiter((self._claimed(flow) for flow in some.tolist()), bool, len(some))
            yield some[likely], some[~likely]

    def _claimed(self, flow: int) -> bool:
        """Whether a wanted protocol claims the first payload, or nobody can tell."""
        columns = self.capture.columns
        rows = columns.rows_of(flow)[:FIRST]
        rows = rows[columns.payload_length[rows] > 0]
        if not len(rows):
            return True
        row = int(rows[0])
        at, size = int(columns.payload_at[row]), int(columns.caplen[row])
        size = min(size - at, LOOK)
        if size <= 0:
            return True
        data = memoryview(self.capture.feed.at(int(columns.offset[row]) + at, size))
        for card in self.registry.claiming:
            if card.claims is not None and card.claims(data, Side(int(columns.flow[row]) & 1)):
                return card.name in self._wanted
        return False


def _family(registry: Registry, name: str) -> str:
    return (registry[name].family or name) if name in registry else name
