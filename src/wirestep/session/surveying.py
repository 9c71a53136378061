"""Which protocols a capture holds, and what their decoders note: found in slices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from wirestep.capture import Capture, Columns
from wirestep.capture.arrays import Array, Growing
from wirestep.decode.contract import Registry
from wirestep.decode.engine import Engine
from wirestep.decode.secrets import Secrets
from wirestep.model import Message, safe
from wirestep.timeline.analysis import MARK_FIELDS
from wirestep.timeline.statistics.expert import Notes
from wirestep.timeline.statistics.hierarchy import Hierarchy, Path
from wirestep.timeline.statistics.other_tables import hierarchy_table
from wirestep.timeline.statistics.tables import Table
from wirestep.timeline.statistics.totals import totals

from .below import Below
from .bulk import Bulk, Part
from .scanning import windows

NOTED = 30_000
"""Packets of a capture whose frames are taken wholly apart for what decoders note."""
LONG = 32
"""Letters of a protocol's title, at most; a longer one gives way to what people say."""


def new_hierarchy(registry: Registry) -> Hierarchy:
    """An empty hierarchy; protocols go by the names of their families."""

    def family(name: str) -> str:
        return registry[name].family or name if name in registry else name

    def title(name: str) -> str:
        if name not in registry:
            return safe(name)
        card = registry[name]
        return card.title if len(card.title) <= LONG else card.label

    return Hierarchy(family, title)


def take_notes(notes: Notes, messages: Sequence[Message], registry: Registry) -> None:
    """Gather what is noted in the trees of one frame; TCP's own analysis comes from the marks."""
    for message in messages:
        if message.root is None:
            continue
        for one in message.root.walk():
            for note in one.notes:
                if one.name not in _MARKED:
                    label = safe(registry[message.protocol].label)
                    notes.add(message.record, note.level, label, safe(note.text), one.name)


_MARKED = frozenset(MARK_FIELDS.values())


class Survey:
    """Decodes a capture from its first packet on, for its hierarchy and its notes."""

    def __init__(self, capture: Capture, registry: Registry, secrets: Secrets) -> None:
        self.capture, self.registry = capture, registry
        self.engine = Engine(registry, secrets)
        self.hierarchy, self.notes = new_hierarchy(registry), Notes()
        self.shapes = Growing({"shape": ("i4", 1)})

    @property
    def done(self) -> int:
        """Packets decoded so far."""
        return self.shapes.count

    def step(self, most: int) -> bool:
        """Decode up to `most` more packets; False where all that there are are decoded."""
        count = self.capture.count
        rows = range(self.done, min(self.done + most, count))
        full = count <= NOTED
        for record in self.capture.records(rows):
            messages = self.engine.feed(record, full=full)
            if full:
                take_notes(self.notes, messages, self.registry)
            self.shapes.reserve(self.done + 1)
            self.shapes["shape"][self.done] = self.hierarchy.shape(messages)
            self.shapes.count += 1
        return bool(rows)

    def table(self, columns: Columns, rows: Array | None) -> Table:
        """The hierarchy of the rows that are decoded."""
        shapes = self.shapes.snapshot(self.done)["shape"]
        if rows is None:
            rows = np.arange(len(shapes))
        rows = rows[: np.searchsorted(rows, min(len(shapes), len(columns)))]
        return _table(self.hierarchy, self.registry, columns, rows, shapes[rows])


def _table(
    hierarchy: Hierarchy, registry: Registry, columns: Columns, rows: Array, shapes: Array
) -> Table:
    layers = hierarchy.layers(shapes, columns.length[rows])
    made = hierarchy_table(layers, totals(columns, rows).duration)
    hues = [registry[one.name].hue if one.name in registry else "" for one in layers]
    return replace(made, hue=hues.__getitem__)


class Swept:
    """The hierarchy of a large capture that is complete.

    What lies below conversations is known by the frames' headers; what they carry is found in bulk.
    The other packets are decoded.
    """

    def __init__(self, capture: Capture, registry: Registry, secrets: Secrets) -> None:
        self.capture, self.registry, self.secrets = capture, registry, secrets
        self.hierarchy, self.notes = new_hierarchy(registry), Notes()
        self.done = 0
        """Packets whose shape is known."""
        self._shapes = np.full(capture.count, -1, np.int32)
        """Of each packet; -1 while it is not known."""
        self._kinds = Below(capture, registry, secrets)
        self._below: dict[int, frozenset[Path]] = {}
        """By kind of headers: their paths."""
        self._most = 1
        self._work = self._steps()

    def step(self, most: int) -> bool:
        """Some milliseconds of work, up to `most` frames; False where all is done."""
        self._most = most
        return next(self._work, False)

    def table(self, columns: Columns, rows: Array | None) -> Table:
        """The hierarchy of those of the rows whose shapes are known."""
        known = self._shapes >= 0
        rows = np.flatnonzero(known) if rows is None else rows[known[rows]]
        return _table(self.hierarchy, self.registry, columns, rows, self._shapes[rows])

    def _steps(self) -> Iterator[bool]:
        columns = self.capture.columns
        headers = np.full(self.capture.count, -1, np.int64)
        if self._kinds.lawful:
            for window in windows(self.capture, np.arange(len(columns))):
                headers[window.rows] = self._kinds.kinds(columns, window)
                yield True
        flow = columns.flow >> 1
        plain = np.ones(len(columns.flows) + 1, bool)
        plain[flow[headers < 0]] = False
        plain[-1] = False
        bulk = Bulk(self.capture, self.registry, self.secrets)
        for part in bulk.sweep(np.flatnonzero(plain[:-1]).tolist()):
            self._take(part, headers)
            yield True
        engine, rest = Engine(self.registry, self.secrets), np.flatnonzero(self._shapes < 0)
        start = 0
        while start < len(rest):
            for record in self.capture.records(rest[start : start + self._most].tolist()):
                self._shapes[record.number] = self.hierarchy.shape(engine.feed(record))
                self.done += 1
            start += self._most
            yield True

    def _take(self, part: Part, headers: Array) -> None:
        told: dict[int, list[Message]] = {}
        for message in part.messages:
            told.setdefault(message.record, []).append(message)
        here = headers[part.rows]
        for number in np.unique(here).tolist():
            rows = part.rows[here == number]
            if number not in self._below:
                lower = self._kinds.messages(number)
                self._below[number] = self.hierarchy.paths(lower)
            self._shapes[rows] = self.hierarchy.carried(self._below[number], ())
        for row, messages in told.items():
            below = self._below[int(headers[row])]
            self._shapes[row] = self.hierarchy.carried(below, messages)
        self.done += len(part.rows)
