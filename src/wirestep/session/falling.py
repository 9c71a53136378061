"""The waterfall as the screen and the command line show it: safe words, times from its begin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from wirestep.model import Message, safe
from wirestep.timeline.waterfall import Part, Row, waterfall

from .exchanges import Facts


@dataclass(frozen=True, slots=True)
class RowView:
    """One request; text is safe, times count from the begin of the waterfall, nanoseconds."""

    name: str
    method: str
    status: str
    stream: int | None
    connection: str
    flow: int
    hue: str
    start: int
    total: int
    blocked: int
    """Head-of-line: its bytes had arrived, and were kept behind a hole."""
    parts: tuple[Part, ...]
    records: tuple[int, int]
    behind: tuple[int, ...]
    """Records that brought what had been lost before."""


@dataclass(frozen=True, slots=True)
class Waterfall:
    """All requests of an exchange."""

    rows: tuple[RowView, ...]
    start: int
    """Nanoseconds since 1970."""
    total: int
    notes: tuple[str, ...]
    """Sentences below it."""

    @property
    def title(self) -> str:
        """How much it is: "6 requests, 1 connection"."""
        connections = len({row.connection for row in self.rows})
        return f"{_count(len(self.rows), 'request')}, {_count(connections, 'connection')}"


def fallen(frames: Sequence[Sequence[Message]], facts: Facts) -> Waterfall:
    """The waterfall of what `frames` tell."""
    made = waterfall(frames, facts.tell, facts.stage)
    rows = tuple(_view(row, made.start, facts) for row in made.rows)
    return Waterfall(rows, made.start, made.total, tuple(_notes(rows)))


def _view(row: Row, start: int, facts: Facts) -> RowView:
    return RowView(
        safe(row.name),
        safe(row.method),
        safe(row.status),
        row.stream,
        f"connection {row.connection}",
        row.flow,
        facts.registry[row.protocol].hue,
        row.start - start,
        row.total,
        row.blocked,
        tuple(replace(part, start=part.start - start) for part in row.parts),
        row.records,
        row.behind,
    )


def _notes(rows: Sequence[RowView]) -> Iterator[str]:
    by_cause: dict[int, list[RowView]] = {}
    for row in rows:
        for record in row.behind:
            by_cause.setdefault(record, []).append(row)
    for record, held in by_cause.items():
        names = ", ".join(str(r.stream) if r.stream is not None else r.name for r in held[:6])
        what = "streams" if len(held) > 1 else "stream"
        spent = sum(row.blocked for row in held) / 1e6
        yield (
            f"head-of-line blocked: bytes of {what} {names} had arrived and were kept until packet "
            f"{record + 1} brought what was lost before them, {spent:,.0f} ms in all"
        )


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'s' if number != 1 else ''}"
