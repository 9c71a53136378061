"""Which table each view of `wirestep stats` is."""

from __future__ import annotations

import numpy as np

from wirestep.capture.arrays import Array
from wirestep.timeline.analysis import MARK_FIELDS, MARK_SEVERITY
from wirestep.timeline.statistics.expert import Finding, expert_table, findings
from wirestep.timeline.statistics.lengths import lengths
from wirestep.timeline.statistics.other_tables import (
    io_table,
    length_table,
    rtt_table,
    throughput_table,
)
from wirestep.timeline.statistics.round_trips import Samples, samples, throughput, track
from wirestep.timeline.statistics.series import BadInterval, Series, interval_of, series, span_of
from wirestep.timeline.statistics.tables import Table
from wirestep.timeline.statistics.talk_tables import conversation_table, endpoint_table
from wirestep.timeline.statistics.talks import LEVELS

from .arguments import Wrong
from .stats_arguments import Wish
from .stats_reading import Read

LINES = 20
"""Intervals of a table, about, where none is asked for."""


def tables(wish: Wish, found: Read) -> list[Table]:
    """The tables of a view that needs no decoding; empty levels are left out.

    Raises:
        Wrong: the interval or the conversation cannot be.
    """
    if not len(found.columns):
        return []
    if wish.view in ("conversations", "endpoints"):
        make = conversation_table if wish.view == "conversations" else endpoint_table
        levels = (wish.level,) if wish.level else LEVELS
        made = [make(found.columns, level, found.rows) for level in levels]
        return made if wish.level else [table for table in made if table.count]
    if wish.view == "lengths":
        return [length_table(lengths(found.columns, found.rows))]
    if wish.view == "expert":
        return [expert_table(expert(found))]
    try:
        return [_over_time(wish, found)]
    except BadInterval as error:
        raise Wrong(str(error)) from None


def _over_time(wish: Wish, found: Read) -> Table:
    columns, span = found.columns, span_of(found.columns)
    size = wish.interval or interval_of(span[1] - span[0], LINES)
    base = span[0]
    if wish.flow is not None and not 0 <= wish.flow < len(columns.flows):
        raise Wrong(f"there is no conversation {wish.flow}")
    if wish.view == "io":
        return io_table(series(columns, found.rows, size, span), base)
    if wish.view == "throughput":
        assert wish.flow is not None
        return throughput_table(*throughput(columns, wish.flow, size, span), base)
    return rtt_table(track(measured(found, wish.flow), size, span), base)


def measured(found: Read, flow: int | None = None) -> Samples:
    """The RTT samples: of the rows counted, of one conversation where it is named."""
    rows: Array | None = found.rows
    if flow is not None:
        mine = found.columns.rows_of(flow)
        rows = mine if rows is None else np.intersect1d(mine, rows, assume_unique=True)
    return samples(found.columns, found.view.ack_rtt, rows)


def expert(found: Read) -> tuple[Finding, ...]:
    """What is remarked of TCP."""
    fields = {int(mark): name for mark, name in MARK_FIELDS.items()}
    severities = {int(mark): name for mark, name in MARK_SEVERITY.items()}
    return findings(found.columns, found.view.marks, fields, severities, found.rows)


def packets_over_time(found: Read, most: int) -> Series:
    """Packets and bytes in about `most` intervals."""
    span = span_of(found.columns)
    return series(found.columns, found.rows, interval_of(span[1] - span[0], most), span)
