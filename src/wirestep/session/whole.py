"""Messages of some protocols with their trees, wherever in a capture they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from wirestep.capture import Capture
from wirestep.decode.contract import Registry
from wirestep.decode.engine import Engine
from wirestep.decode.secrets import Secrets
from wirestep.model import Message

from .bulk import Bulk

SLICE = 64
"""Records decoded in one go."""
Heard = Callable[[Message], None]


def whole_messages(
    capture: Capture,
    registry: Registry,
    secrets: Secrets,
    cards: frozenset[str],
    *,
    flows: Sequence[int] | None = None,
    beside: frozenset[str] = frozenset(),
    heard: Heard | None = None,
) -> Iterator[Message | float]:
    """Messages of `cards` in order; between them, now and then, how much is done (0 to 1).

    First all messages of `cards` and of those `beside` are shown to `heard`, without their trees.
    `flows` are the conversations that are read (None: all).
    """
    bulk = Bulk(capture, registry, secrets)
    told: set[int] = set()
    total = max(1, capture.count)
    done = 0
    for part in bulk.sweep(flows, only=cards | beside):
        for message in part.messages:
            if message.protocol in cards:
                told.add(message.record)
            if heard is not None:
                heard(message)
        done += len(part.rows)
        yield min(0.5, done / total / 2)
    columns = capture.columns
    met = {int(columns.flow[record]) >> 1 for record in told}
    if not met:
        return
    rows = np.sort(np.concatenate([columns.rows_of(flow) for flow in sorted(met)]))
    engine = Engine(registry, secrets)
    times = columns.time
    for start in range(0, len(rows), SLICE):
        for record in capture.records(rows[start : start + SLICE].tolist()):
            before = int(times[0]), int(times[max(0, record.number - 1)])
            full = record.number in told
            for message in engine.feed(record, full=full, times=before):
                if full and message.protocol in cards:
                    yield message
        yield 0.5 + start / len(rows) / 2
