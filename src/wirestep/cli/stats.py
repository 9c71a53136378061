"""`wirestep stats`: the overview, or one view as text, JSON or CSV.

Only what columns and the TCP analysis need is imported here: the overview of a million packets
must not wait for decoders that it does not use.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from wirestep.timeline.statistics.tables import Table

from .arguments import Wrong
from .output import finished, unicode_wanted
from .stats_arguments import TALKING, Wish, wish_of
from .stats_reading import Read, read, waiting
from .stats_text import Pen, pen_of, plot_lines, table_lines

FIRST = {"conversations": "bytes", "endpoints": "bytes"}
"""What tables are sorted by where nothing is said; the others come in their own order."""
PLOTTED = {"io": ("packets", ""), "rtt": ("mean", "ms"), "throughput": ("bits_a", "bit/s")}
"""By view: the column drawn above the table, its unit."""
HEIGHT = 10


def run_stats(arguments: list[str]) -> int:
    """`wirestep stats`."""
    wish = wish_of(arguments)
    with waiting() as told:
        if wish.view == "hierarchy" or wish.filter or wish.rules or wish.view == "expert":
            from .stats_session import found_with_session

            found, made = found_with_session(wish, told)
        else:
            assert wish.path is not None
            found, made = read(wish.path, told), None
    return finished(_lines(wish, found, made), found.title, found.problem)


def _lines(wish: Wish, found: Read, made: list[Table] | None) -> Iterable[str]:
    pen = pen_of(wish.width, ascii_only=wish.ascii, unicode=unicode_wanted())
    if not wish.view:
        from .stats_overview import overview_json, overview_lines

        return [_json(overview_json(found))] if wish.form == "json" else overview_lines(found, pen)
    if made is None:
        from .stats_views import tables

        made = tables(wish, found)
    for table in made:
        if wish.sort and table.column(wish.sort) is None:
            keys = ", ".join(column.key for column in table.columns)
            raise Wrong(f"--sort: {wish.view} has no column {wish.sort!r}; there are {keys}")
    if wish.form == "json":
        return [_json(_as_json(wish, found, made))]
    if wish.form == "csv":
        return _as_csv(wish, made)
    return _as_text(wish, made, pen)


def _rows(wish: Wish, table: Table) -> list[int]:
    key = wish.sort or FIRST.get(wish.view, "")
    rows = table.order(key, down=wish.down)
    return list(rows[: wish.limit] if wish.limit else rows)


def _as_text(wish: Wish, made: list[Table], pen: Pen) -> Iterator[str]:
    if not any(table.count for table in made):
        yield "nothing to count: no packet, or none that the statistic is of"
        return
    for at, table in enumerate(made):
        if at:
            yield ""
        rows = _rows(wish, table)
        count = f"{table.count:,}".replace(",", " ")
        yield pen.ink(f"{table.title} ({count})" if wish.view in TALKING else table.title, "title")
        if wish.view in PLOTTED and table.count:
            yield from _plot(wish, table, pen)
            yield ""
        hues = [str(table.columns[0].at(row)) for row in rows] if wish.view == "expert" else []
        keys = [column.key for column in table.columns if column.key != "depth"]
        yield from table_lines(table, pen, rows, keys=keys, hues=hues)


def _plot(wish: Wish, table: Table, pen: Pen) -> Iterator[str]:
    key, unit = PLOTTED[wish.view]
    column, ends = table.column(key), table.column("stop")
    assert column is not None
    assert ends is not None
    values = np.array([float(column.at(row) or 0) for row in range(table.count)])
    last = float(ends.at(table.count - 1) or 0)
    yield from plot_lines(values, pen, HEIGHT, unit, (float(table.columns[0].at(0) or 0), last))


def _as_json(wish: Wish, found: Read, made: list[Table]) -> dict[str, Any]:
    listed = []
    for table in made:
        keys = [column.key for column in table.columns]
        rows = [dict(zip(keys, table.cells(row), strict=True)) for row in _rows(wish, table)]
        listed.append({"title": table.title, "count": table.count, "rows": rows})
    return {"file": found.title, "problem": found.problem, "view": wish.view, "tables": listed}


def _as_csv(wish: Wish, made: list[Table]) -> Iterator[str]:
    for table in made:
        yield _line([column.key for column in table.columns])
        for row in _rows(wish, table):
            yield _line(["" if cell is None else cell for cell in table.cells(row)])


def _line(cells: list[Any]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow([_tame(cell) for cell in cells])
    return out.getvalue()


def _tame(cell: Any) -> Any:
    """Text that a spreadsheet would run as a formula starts with a quote."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@") else cell


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=2)
