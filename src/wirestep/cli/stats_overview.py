"""The overview of `wirestep stats`: everything at a glance, nothing decoded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from wirestep.model import safe
from wirestep.timeline.statistics.expert import Finding
from wirestep.timeline.statistics.lengths import lengths
from wirestep.timeline.statistics.other_tables import hierarchy_table
from wirestep.timeline.statistics.round_trips import Spread, acknowledged, initial
from wirestep.timeline.statistics.tables import Table, titled
from wirestep.timeline.statistics.talk_tables import conversation_table, endpoint_table
from wirestep.timeline.statistics.talks import HOSTED, LEVELS, PORTED
from wirestep.timeline.statistics.totals import SECOND, Totals, layers, totals
from wirestep.timeline.times import moment, seconds

from .stats_reading import Read
from .stats_text import AXIS, Pen, bar_lines, plot_lines, table_lines
from .stats_views import expert, packets_over_time

TOP = 5
"""Lines of each table."""
HEIGHT = 8
"""Lines of the plot."""
POINTS = 200
"""Intervals of the plot in JSON, at most."""
TALK_KEYS = ("a", "a_port", "b", "b_port", "packets", "bytes", "start", "duration")
END_KEYS = ("address", "packets", "bytes", "bytes_sent", "bytes_received")


def overview_lines(found: Read, pen: Pen) -> Iterator[str]:
    """For people."""
    whole = totals(found.columns, found.rows)
    yield from _head(found, whole, pen)
    if not whole.packets:
        return
    yield from _titled("Packets over time", pen)
    counted = packets_over_time(found, max(10, pen.width - AXIS - 1))
    per_second = counted.packets * SECOND / counted.interval
    span = 0.0, (len(counted) * counted.interval) / SECOND
    yield from plot_lines(per_second, pen, HEIGHT, "/s", span)
    yield from _titled("Protocols", pen)
    shown = hierarchy_table(layers(found.columns, found.rows), whole.duration)
    keys = ("title", "share", "packets", "byte_share", "bytes", "bits")
    yield from table_lines(shown, pen, range(shown.count), keys=keys)
    yield from _talking(found, pen)
    yield from _tcp(found, pen)
    yield from _titled("Packet lengths", pen)
    classes = lengths(found.columns, found.rows)
    rows = [
        (one.name, f"{one.count:,} {one.share:6.1%}".replace(",", " "), float(one.count))
        for one in classes[1:]
    ]
    top = max(value for _, _, value in rows)
    yield from bar_lines(rows, pen, top, max(10, pen.width - 46))


def _titled(text: str, pen: Pen) -> Iterator[str]:
    yield ""
    yield pen.ink(pen.letters(text), "title")


def _head(found: Read, whole: Totals, pen: Pen) -> Iterator[str]:
    yield pen.ink(pen.letters(safe(found.title)), "title") + f" ({safe(found.format)})"
    lines = [("packets", f"{whole.packets:,}".replace(",", " "))]
    if whole.packets:
        kept = "" if whole.captured == whole.bytes else f", {titled(whole.captured, 'B')} kept"
        lines += [
            ("bytes", f"{whole.bytes:,}".replace(",", " ") + f" on the wire{kept}"),
            ("time", f"{moment(whole.start, utc=True, date=True)} UTC, "
             f"{seconds(whole.duration)} s"),
            ("rate", f"{titled(whole.packet_rate, 'packets/s')}, {titled(whole.bit_rate, 'bit/s')},"
             f" {whole.average:.0f} bytes a packet"),
        ]  # fmt: skip
    for name, text in lines:
        yield f"{pen.ink(f'{name:<8}', 'dim')} {text}"


def _talking(found: Read, pen: Pen) -> Iterator[str]:
    for level in PORTED:
        table = conversation_table(found.columns, level, found.rows)
        yield from _top(table, pen, TALK_KEYS)
    for level in HOSTED:
        yield from _top(endpoint_table(found.columns, level, found.rows), pen, END_KEYS)


def _top(table: Table, pen: Pen, keys: tuple[str, ...]) -> Iterator[str]:
    if not table.count:
        return
    more = f", the {TOP} with most bytes" if table.count > TOP else ""
    count = f"{table.count:,}".replace(",", " ")
    yield from _titled(f"{table.title}: {count}{more}", pen)
    yield from table_lines(table, pen, table.order("bytes")[:TOP], keys=keys)


def _tcp(found: Read, pen: Pen) -> Iterator[str]:
    remarks = [one for one in expert(found) if one.severity != "chat"]
    trips, first = acknowledged(found.view.ack_rtt, found.rows), initial(found.view.initial_rtt)
    if not remarks and not trips.count:
        return
    yield from _titled("TCP", pen)
    if first.count:
        yield f"initial RTT  {_spread(first)} of {_many(first.count, 'connection')}"
    if trips.count:
        yield f"ACK RTT      {_spread(trips)} of {_many(trips.count, 'sample')}"
    for one in remarks:
        count = f"{one.count:,}".replace(",", " ")
        yield f"{pen.ink(f'{one.severity:<6}', one.severity)} {count:>10}  {one.summary}"


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}".replace(",", " ")


def _spread(one: Spread) -> str:
    ms = [f"{value * 1000:.3f}" for value in (one.median, one.p95, one.most)]
    return f"median {ms[0]} ms, 95 % under {ms[1]} ms, most {ms[2]} ms,"


def overview_json(found: Read) -> dict[str, Any]:
    """For scripts: see docs/stats.md."""
    whole = totals(found.columns, found.rows)
    counted = packets_over_time(found, POINTS)
    talks = {level: conversation_table(found.columns, level, found.rows) for level in LEVELS}
    ends = {level: endpoint_table(found.columns, level, found.rows) for level in LEVELS}
    return {
        "file": found.title,
        "format": found.format,
        "problem": found.problem,
        "packets": whole.packets,
        "bytes": whole.bytes,
        "captured": whole.captured,
        "start": whole.start / SECOND,
        "duration": whole.duration / SECOND,
        "packets_per_second": whole.packet_rate,
        "bits_per_second": whole.bit_rate,
        "hierarchy": [
            {"protocol": one.name, "title": one.title, "depth": one.depth,
             "packets": one.packets, "bytes": one.bytes}
            for one in layers(found.columns, found.rows)
        ],
        "conversations": {level: _top_json(table) for level, table in talks.items()},
        "endpoints": {level: _top_json(table) for level, table in ends.items()},
        "expert": [_finding(one) for one in expert(found)],
        "initial_rtt": _spread_json(initial(found.view.initial_rtt)),
        "ack_rtt": _spread_json(acknowledged(found.view.ack_rtt, found.rows)),
        "lengths": [
            {"lengths": one.name, "packets": one.count, "average": one.average,
             "min": one.least, "max": one.most, "rate": one.rate, "share": one.share}
            for one in lengths(found.columns, found.rows)
        ],
        "io": {
            "interval": counted.interval / SECOND,
            "packets": counted.packets.tolist(),
            "bytes": counted.bytes.tolist(),
        },
    }  # fmt: skip


def _top_json(table: Table) -> dict[str, Any]:
    keys = [column.key for column in table.columns]
    rows = table.order("bytes")[:TOP]
    return {
        "count": table.count,
        "top": [dict(zip(keys, table.cells(row), strict=True)) for row in rows],
    }


def _finding(one: Finding) -> dict[str, Any]:
    return {"severity": one.severity, "count": one.count, "group": one.group,
            "protocol": one.protocol, "summary": one.summary, "field": one.field}  # fmt: skip


def _spread_json(one: Spread) -> dict[str, Any]:
    return {"count": one.count, "min": one.least, "median": one.median, "mean": one.mean,
            "p95": one.p95, "max": one.most}  # fmt: skip
