"""From messages with their trees to the view that the decode and byte panes draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from wirestep.decode.contract import Registry
from wirestep.model import Field, Message, Source, safe

from .views import Buffer, FrameView, Node, Region

MAX_TEXT = 4000
"""Letters of one value that are shown."""


def frame_view(
    record: int, messages: Sequence[Message], registry: Registry, *, settled: bool
) -> FrameView:
    """One frame, taken apart: a tree over all layers, and the buffers their spans point into."""
    build = _Builder(record, registry)
    nodes = [build.layer(message, (place,)) for place, message in enumerate(messages)]
    return FrameView(record, tuple(nodes), tuple(build.finished()), settled)


class _Builder:
    def __init__(self, record: int, registry: Registry) -> None:
        self.record, self.registry = record, registry
        self.sources: list[Source] = []
        self.regions: list[list[Region]] = []

    def layer(self, message: Message, path: tuple[int, ...]) -> Node:
        assert message.root is not None
        assert message.source is not None
        card = self.registry[message.protocol]
        buffer, shift = self._buffer(message.source)
        start, stop, _ = message.root.span
        if stop > start:
            region = Region(start + shift, stop + shift, card.hue, card.label)
            self.regions[buffer].append(region)
        node = self._node(message.root, path, (buffer, shift), card.hue)
        return replace(
            node,
            name=message.protocol,
            title=safe(card.title),
            shown=_cut(safe(message.summary)),
            plain="",
            mask=0,
            brief=safe(card.label),
        )

    def _buffer(self, source: Source) -> tuple[int, int]:
        """The buffer that shows these bytes, and where in it they start.

        What was cut out of this frame in one piece is shown in the frame.
        """
        for place, known in enumerate(self.sources):
            if known is source:
                return place, 0
        if self.sources and len(source.pieces) == 1:
            [piece] = source.pieces
            if piece.record == self.record and piece.length == len(source.data):
                return 0, piece.offset
        self.sources.append(source)
        self.regions.append([])
        return len(self.sources) - 1, 0

    def _node(self, field: Field, path: tuple[int, ...], place: tuple[int, int], hue: str) -> Node:
        if field.source is not None:
            place = self._buffer(field.source)
            region = Region(place[1], place[1] + len(field.source.data), hue, field.source.name)
            self.regions[place[0]].append(region)
        buffer, shift = place
        info = self.registry.info(field.name)
        children = tuple(
            self._node(child, (*path, number), place, hue)
            for number, child in enumerate(field.children)
        )
        shown = safe(field.shown) if field.shown else info.shown(field.value)
        start, stop, mask = field.span
        return Node(
            path,
            field.name,
            safe(info.title),
            _cut(shown),
            _cut(safe(info.plain(field.value))) if field.value is not None else "",
            buffer,
            start + shift,
            stop + shift,
            mask,
            hue,
            tuple((note.level, safe(note.text)) for note in field.notes),
            children,
        )

    def finished(self) -> list[Buffer]:
        """The buffers, the frame first; regions in order."""
        pairs = zip(self.sources, self.regions, strict=True)
        return [
            Buffer(safe(source.name), source.data, tuple(sorted(regions, key=_by_start)))
            for source, regions in pairs
        ]


def _by_start(region: Region) -> tuple[int, int]:
    return region.start, -region.stop


def _cut(text: str) -> str:
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + "…"
