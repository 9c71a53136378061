"""Conversations of datagrams that may go on with one begun between other ends.

A QUIC client may change its address; what it says from the new one can only be read by who has
read the conversation before. Which one that was only its decoder knows: here those are found that
it may have been, by the server they are with.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from wirestep.capture import Capture
from wirestep.decode.contract import Protocol, Registry
from wirestep.model import Side

from .bulk_rows import UDP, Rows, kept_of, payloads

MOST = 4
"""Conversations looked at: those that were heard last."""
ROWS = 20_000
"""Of their rows: the first."""
NONE: Rows = np.zeros(0, np.int64)


def rows_before(capture: Capture, registry: Registry, flow: int) -> Rows:
    """Rows, ascending, that have to be read before the first one of this conversation."""
    flows = capture.columns.flows
    if not registry.moving or flows.transport_of(flow) != UDP:
        return NONE
    first = int(flows.first[flow])
    data = _first(capture, flow)
    cards = [card for card in registry.moving if card.goes_on is not None and card.goes_on(data)]
    if not cards:
        return NONE
    likely = (flows.transport == UDP) & (flows.b_port == flows.b_port[flow]) & (flows.first < first)
    likely &= (flows.b == flows.b[flow]).all(axis=1)
    near = np.flatnonzero(likely)
    near = near[np.argsort(flows.last[near], kind="stable")][-MOST:]
    found = [one for one in near.tolist() if _begun_by(cards, _first(capture, one))]
    if not found:
        return NONE
    rows = np.sort(np.concatenate([capture.columns.rows_of(one) for one in found]))
    before: Rows = rows[rows < first][:ROWS]
    return before


def _first(capture: Capture, flow: int) -> memoryview:
    """The first datagram of a conversation."""
    columns = capture.columns
    row = np.array([columns.flows.first[flow]], np.int64)
    return payloads(capture, columns, row, kept_of(columns, row))[0]


def _begun_by(cards: Sequence[Protocol], data: memoryview) -> bool:
    claiming = [card.claims for card in cards if card.claims is not None]
    return bool(data) and any(claims(data, Side.CLIENT) for claims in claiming)


def conversations(capture: Capture, rows: Rows) -> int:
    """How many conversations these rows are of."""
    return len(np.unique(capture.columns.flow[rows] >> 1))
