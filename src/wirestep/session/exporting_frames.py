"""Messages and the packet list as rows: JSON, CSV, Parquet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from wirestep.capture.arrays import Array
from wirestep.decode.contract import Registry
from wirestep.decode.engine import Engine
from wirestep.model import Field, Message, Record, safe
from wirestep.timeline.export.redaction import REDACTED, Redactor
from wirestep.timeline.summary import line
from wirestep.timeline.times import seconds, written

from .kin import rows_before

if TYPE_CHECKING:
    from .session import Session

HEAD = ("No.", "Time", "Source", "Destination", "Protocol", "Length", "Info")
"""As Wireshark's packet list has them."""
SLICE = 256
"""Records between two words on how much is done."""
LONGEST = 32
"""Bytes of a field that are told where secrets are left out: longer ones may hold some."""
BATCH = 10_000
"""Rows of a group of a Parquet file."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What starts a formula in spreadsheets."""
NUMBERS = frozenset({"uint", "int", "time", "when", "span"})

Frame = tuple[Record, tuple[Message, ...]]
Row = dict[str, Any]


def lines(
    session: Session, flow: int | None, rows: Array, *, fields: bool
) -> Iterator[Frame | float]:
    """The frames `rows` with their messages; between them how much is done.

    Those before them are read as well: what they say may rest on it. `fields`: with their trees.
    """
    if not len(rows):
        return
    capture = session.capture
    engine = Engine(session.registry, session.secrets)
    before: Array = np.arange(int(rows[-1]) + 1)
    if flow is not None:
        engine = session.engine(flow)
        mine = capture.columns.rows_of(flow)
        earlier = rows_before(capture, session.registry, flow)
        before = np.concatenate((earlier, mine[: np.searchsorted(mine, rows[-1], "right")]))
    wanted = np.isin(before, rows).tolist()
    times = capture.columns.time
    for place, record in enumerate(capture.records(before.tolist())):
        full = fields and wanted[place]
        stamps = int(times[0]), int(times[max(0, record.number - 1)])
        messages = tuple(engine.feed(record, full=full, times=stamps))
        if wanted[place]:
            yield record, messages
        if not place % SLICE:
            yield place / len(before)


def csv_lines(
    session: Session, frames: Iterator[Frame | float], redactor: Redactor
) -> Iterator[str | float]:
    """The packet list."""
    yield _csv(HEAD)
    for frame in frames:
        if isinstance(frame, float):
            yield frame
            continue
        record, messages = frame
        said = line(messages)
        time = seconds(record.time - session.first_time)
        info = redactor.text(said.info)
        told = (said.source, said.destination, said.label, str(record.length), info)
        yield _csv((str(record.number + 1), time, *map(_harmless, told)))


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


def _csv(cells: tuple[str, ...]) -> str:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerow(cells)
    return out.getvalue()


def ndjson_lines(
    session: Session, frames: Iterator[Frame | float], redactor: Redactor
) -> Iterator[str | float]:
    """A message a line."""
    for frame in frames:
        if isinstance(frame, float):
            yield frame
        else:
            for row in message_rows(session, frame, redactor):
                row["time"] = written("ud", row["time"], first=0, previous=0, digits=9)
                yield json.dumps({key: row[key] for key in row if row[key] is not None}) + "\n"


def message_rows(session: Session, frame: Frame, redactor: Redactor) -> Iterator[Row]:
    """What is told of each message of a frame; times in ns. All text is safe."""
    record, messages = frame
    place = int(session.capture.columns.flow[record.number])
    for message in messages:
        row: Row = {
            "frame": record.number + 1,
            "time": record.time,
            "since": (record.time - session.first_time) / 1e9,
            "flow": place >> 1 if place >= 0 else None,
            "side": ("client", "server")[message.side] if message.flow >= 0 else None,
            "source": str(message.sender) if message.sender else None,
            "destination": str(message.target) if message.target else None,
            "protocol": message.protocol,
            "label": safe(message.label),
            "level": message.level,
            "length": message.length,
            "summary": safe(redactor.text(message.summary)),
            "frames": [one + 1 for one in message.records],
            "marks": list(message.marks),
        }
        if message.root is not None:
            row["fields"] = field_values(message.root, session.registry, redactor)
        yield row


def field_values(root: Field, registry: Registry, redactor: Redactor) -> Row:
    """By name: the value, or a list where it comes more than once."""
    found: Row = {}
    waiting = [(child, False) for child in reversed(root.children)]
    name = ""
    while waiting:
        one, hidden = waiting.pop()
        shown = one.value if isinstance(one.value, str) else one.shown
        hidden = hidden or redactor.field(one.name, shown)
        waiting.extend((child, hidden) for child in reversed(one.children))
        if one.value is None:
            continue
        named = one.name.endswith((".name", ".key", ".length"))
        value = _value(one, registry, redactor)
        if isinstance(value, str) and not named:
            if hidden:
                value = redactor.header(*_header(shown)) if ":" in shown else REDACTED
            elif name:
                value = redactor.header(name, value)
        if not one.name.endswith(".separator"):
            names = one.name.endswith((".name", ".key")) and isinstance(one.value, str)
            name = str(one.value) if names else ""
        if one.name not in found:
            found[one.name] = value
        elif isinstance(found[one.name], list):
            found[one.name].append(value)
        else:
            found[one.name] = [found[one.name], value]
    return found


def _header(shown: str) -> tuple[str, str]:
    name, _, value = shown.partition(":")
    return name.strip(), value.strip()


def _value(one: Field, registry: Registry, redactor: Redactor) -> int | str | bool:
    info = registry.info(one.name)
    value = one.value
    if isinstance(value, int) and info.kind in NUMBERS:
        return value
    if info.kind == "bool":
        return bool(value)
    if isinstance(value, bytes) and info.kind == "bytes" and not redactor.keep:
        return info.plain(value) if len(value) <= LONGEST else f"[{len(value)} bytes]"
    text = safe(info.plain(value))
    return redactor.body(redactor.text(text), "json") if isinstance(value, str) else text


def parquet(
    session: Session, frames: Iterator[Frame | float], redactor: Redactor, out: BinaryIO
) -> Iterator[float]:
    """The rows of `message_rows` as a table.

    Raises:
        ImportError: there is no pyarrow.
    """
    import pyarrow as pa  # heavy, and not everybody's
    from pyarrow.parquet import ParquetWriter

    texts = ("side", "source", "destination", "protocol", "label", "level", "summary", "fields")
    kinds = {
        "frame": pa.int64(),
        "time": pa.timestamp("ns", "UTC"),
        "since": pa.float64(),
        "flow": pa.int64(),
        "length": pa.int64(),
        "frames": pa.list_(pa.int64()),
        "marks": pa.list_(pa.string()),
        **dict.fromkeys(texts, pa.string()),
    }
    schema = pa.schema(list(kinds.items()))
    batch: list[Row] = []
    with ParquetWriter(out, schema, compression="zstd") as writer:
        for frame in frames:
            if isinstance(frame, float):
                yield frame
                continue
            for row in message_rows(session, frame, redactor):
                if "fields" in row:
                    row["fields"] = json.dumps(row["fields"])
                batch.append(row)
            if len(batch) >= BATCH:
                writer.write_batch(pa.RecordBatch.from_pylist(batch, schema))
                batch = []
        writer.write_batch(pa.RecordBatch.from_pylist(batch, schema))
