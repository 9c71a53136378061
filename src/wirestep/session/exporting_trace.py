"""Connections of a capture as qlog (draft-ietf-quic-qlog-main-schema)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from wirestep.capture.arrays import Array
from wirestep.model import Message
from wirestep.timeline.export.redaction import Redactor

from .bulk import Bulk
from .kin import rows_before

if TYPE_CHECKING:
    from .session import Session

HEAD = '{"qlog_version": "0.3", "qlog_format": "JSON", "title": %s, "traces": ['
SLICE = 64


def traces(
    session: Session, flow: int | None, rows: Array | None, redactor: Redactor
) -> Iterator[str | float]:
    """A log with a trace for each connection, one after the other.

    Times are milliseconds since the first packet of the capture; the vantage point is the network,
    and what the client sends is called sent.
    """
    registry, capture = session.registry, session.capture
    logs = {name: log for name, card in registry.cards.items() if (log := card.part("qlog"))}
    wanted = None if rows is None else frozenset(rows.tolist())
    chosen = None if flow is None else [flow]
    found: dict[int, str] = {}
    bulk = Bulk(capture, registry, session.secrets)
    for part in bulk.sweep(chosen, only=frozenset(logs)):
        for message in part.messages:
            if message.protocol in logs:
                place = int(capture.columns.flow[message.record]) >> 1
                found.setdefault(place, message.protocol)
        yield 0.0
    groups = {one: [one] for one in found}
    for one in found:
        earlier = rows_before(capture, registry, one)
        for begun in {int(place) >> 1 for place in capture.columns.flow[earlier]} & groups.keys():
            groups[begun].append(one)
            groups.pop(one, None)
    yield HEAD % json.dumps(session.title)
    comma = "\n"
    for count, (place, flows) in enumerate(groups.items()):
        log = logs[found[place]].Log(secrets=redactor.keep)
        client, server = capture.columns.flows.ends(place)
        yield comma + json.dumps(log.head(f"{client} to {server}", session.first_time))[:-1]
        yield ', "events": ['
        comma = "\n"
        for message, share in _messages(session, place, flows, found[place]):
            if wanted is None or message.record in wanted:
                for event in log.events(message):
                    yield comma + json.dumps(event)
                    comma = ",\n"
            if not message.record % SLICE:
                yield (count + share) / len(groups)
        yield "\n]}"
        comma = ",\n"
    yield "\n]}\n"


def _messages(
    session: Session, place: int, flows: Sequence[int], name: str
) -> Iterator[tuple[Message, float]]:
    """Messages of a connection that began as conversation `place` and may go on in the others."""
    columns = session.capture.columns
    rows = np.sort(np.concatenate([columns.rows_of(flow) for flow in flows]))
    engine = session.engine(place)
    mine: int | None = None
    for done, record in enumerate(session.capture.records(rows.tolist())):
        for message in engine.feed(record, full=True):
            if message.protocol == name:
                mine = message.flow if mine is None else mine
                if message.flow == mine:
                    yield message, done / len(rows)
