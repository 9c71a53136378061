"""Shows what scapy reads as a tree of fields with byte spans."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from wirestep.decode.contract import Payload, Reading, Stateless, Where
from wirestep.decode.cursor import Bits, Broken, Cursor

from .bindings import NATIVE, Binding

if TYPE_CHECKING:
    from .trace import Layer, Trace, Traced

MAX_SIZE = 65_535
"""Bytes of a packet that scapy is given."""


class ScapyDecoder(Stateless):
    """Reads one protocol of the long tail."""

    def __init__(self, binding: Binding) -> None:
        self.binding = binding
        self._layer: Any = None

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        """All layers that scapy finds; a layer that has a reader here is handed to it."""
        # scapy takes half a second to import: not before the first packet that needs it
        from . import trace as scapy

        data = cursor.peek(min(cursor.left(), MAX_SIZE))
        if self._layer is None:
            try:
                self._layer = scapy.load(self.binding.module, self.binding.layer)
            except Exception as error:
                raise Broken(f"scapy cannot read {self.binding.label}: {error}") from error
        found = scapy.trace(self._layer, data, NATIVE)
        base = cursor.at
        for layer in found.layers:
            if layer.start == layer.stop and not layer.fields:
                continue
            _layer(cursor, layer, base)
        if found.error:
            raise Broken(found.error)
        start, stop, cursor.stop = cursor.at, cursor.stop, cursor.at
        payloads = []
        if start < stop:
            size = max(stop - start, where.length - (start - base))
            to = NATIVE.get(found.above, "data")
            payloads.append(Payload(cursor.source, start, stop, to, length=size))
        line = _summary(found, self.binding)
        return Reading(line, payloads, brief=line.partition(" - ")[0])


def _summary(found: Trace, binding: Binding) -> str:
    """The words of the last layer that has any, else the first fields."""
    said = next((layer.said for layer in reversed(found.layers) if layer.said), "")
    if binding.tell and found.layers:
        fields = {one.name: one.shown or _written(one.value) for one in found.layers[0].fields}
        fields["said"] = said or binding.title
        with suppress(KeyError):  # the packet ended too early, or is of another version
            return binding.tell.format_map(fields)
    if said or not found.layers:
        return said or binding.title
    nested = next((one for one in found.layers[0].fields if one.inside), None)
    if found.layers[0].opaque and nested is not None:
        texts = [one.value for one in _leaves(nested.inside) if isinstance(one.value, str)]
        return " ".join([nested.name.rpartition(".")[2], *texts[:3]])
    few = [
        f"{one.name}={one.shown or one.value}"
        for one in found.layers[0].fields
        if isinstance(one.value, int)
    ]
    return ", ".join([binding.title, *few[:3]])


def _leaves(fields: Sequence[Traced]) -> Iterator[Traced]:
    """Fields that hold no others, in order."""
    for one in fields:
        if one.inside:
            yield from _leaves(one.inside)
        else:
            yield one


def _layer(cursor: Cursor, layer: Layer, base: int) -> None:
    """One layer as a group."""
    name = f"scapy.{layer.name}"
    size = base + layer.stop - cursor.at
    if size < 0 or size > cursor.left():
        raise Broken(f"{layer.name} does not fit its bytes")
    with cursor.group(name, size, shown=layer.said):
        if layer.opaque:
            left = cursor.peek(cursor.left())
            cursor.meant(f"{name}.bytes", len(left), left.hex())
            _worked(cursor, name, layer.fields)
        else:
            _spanned(cursor, name, layer.fields, base)


def _worked(cursor: Cursor, name: str, fields: Sequence[Traced]) -> None:
    """Fields that cannot tell where they stood."""
    for one in fields:
        place = f"{name}.{one.name.lower()}"
        if one.inside:
            with cursor.group(place):
                _worked(cursor, place, one.inside)
        else:
            cursor.worked(place, _written(one.value), one.shown)


def _written(value: int | bytes | str | None) -> int | str | None:
    """Bytes as text: as they read where they are plain ASCII, else as hex digits."""
    if not isinstance(value, bytes):
        return value
    text = value.rstrip(b"\0")
    if text and all(32 <= byte < 127 for byte in text):
        return text.decode("ascii")
    return value.hex()


def _spanned(cursor: Cursor, name: str, fields: Sequence[Traced], base: int) -> None:
    """Fields in the order of their bytes; runs of bits are read together."""
    at = 0
    while at < len(fields):
        one = fields[at]
        place = f"{name}.{one.name.lower()}"
        if one.start == one.stop:
            cursor.worked(place, _written(one.value), one.shown)
            at += 1
        elif one.start % 8 or one.stop % 8 or one.reverse:
            end = at + 1
            while end < len(fields) and (fields[end - 1].stop % 8):
                end += 1
            _bits(cursor, name, fields[at:end], base)
            at = end
        else:
            _skip(cursor, base + one.start // 8)
            _whole(cursor, place, one, base)
            at += 1


def _skip(cursor: Cursor, place: int) -> None:
    """Bytes between fields that no field says."""
    if place < cursor.at:
        raise Broken("fields overlap")
    if place > cursor.at:
        gap = cursor.peek(place - cursor.at)
        cursor.meant("scapy.gap", len(gap), gap.hex())


def _bits(cursor: Cursor, name: str, run: Sequence[Traced], base: int) -> None:
    """Fields that share bytes."""
    start, stop = base + run[0].start // 8, base - (-run[-1].stop // 8)
    _skip(cursor, start)
    used = sum(one.stop - one.start for one in run)
    if used != 8 * (stop - start) or any(one.reverse for one in run):
        cursor.meant(f"{name}.bits", stop - start, cursor.peek(stop - start).hex())
        for one in run:
            cursor.worked(f"{name}.{one.name.lower()}", _written(one.value), one.shown)
        return
    parts = [
        Bits(f"{name}.{one.name.lower()}", one.stop - one.start, shown=one.shown)
        for one in run
        if one.stop > one.start
    ]
    cursor.bits(stop - start, *parts)


def _whole(cursor: Cursor, place: str, one: Traced, base: int) -> None:
    """A field of whole bytes."""
    size = (one.stop - one.start) // 8
    if one.inside:
        with cursor.group(place, size):
            for item in one.inside:
                _skip(cursor, base + item.start // 8)
                inner = (item.stop - item.start) // 8
                with cursor.group(f"scapy.{item.name}", inner, shown=item.shown):
                    _spanned(cursor, f"scapy.{item.name}", item.inside, base)
        return
    shown = one.shown
    if isinstance(one.value, bytes) and size > 8 and not any(one.value):
        shown = f"{size} zero bytes"
    cursor.meant(place, size, _written(one.value), shown)
