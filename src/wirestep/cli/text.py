"""`wirestep decode -T text` and `-T json`: lines, trees, bytes, and layers as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from wirestep.decode.contract import Registry
from wirestep.model import Field, safe
from wirestep.session.decoding import Decoded, expanded
from wirestep.timeline.summary import line
from wirestep.timeline.times import written

from .fields import Columns


def time_of(frame: Decoded, mode: str, first: int) -> str:
    """The frame's time, in one of times.MODES; `first` is that of the first frame, ns."""
    since = frame.shown if mode == "dd" else frame.previous
    return written(mode, frame.record.time, first=first, previous=since, digits=frame.digits)


def summary_lines(frames: Iterator[Decoded], mode: str, first: int) -> Iterator[str]:
    """The packet list as lines."""
    for frame in frames:
        said = line(frame.messages)
        number = frame.record.number + 1
        ends = f"{said.source:>12} → {said.destination:<12}"
        time = time_of(frame, mode, first)
        yield f"{number:>5} {time:>10} {ends} {said.label} {frame.record.length} {said.info}"


def trees(
    frames: Iterator[Decoded], registry: Registry, *, tree: bool, data: bool
) -> Iterator[str]:
    """Every frame as a tree of fields, or its bytes, or the one over the other."""
    for frame in frames:
        if tree:
            yield from _tree(frame, registry)
        if tree and data:
            yield ""
        if data:
            yield from hex_dump(frame.record.data)
        yield ""


def _tree(frame: Decoded, registry: Registry) -> Iterator[str]:
    for message in frame.messages:
        assert message.root is not None
        title = registry[message.protocol].title
        yield f"{title}: {safe(message.summary)}"
        for child in message.root.children:
            yield from _branch(child, 1, registry)
        for note in message.root.notes:
            yield f"    [{note.level}: {safe(note.text)}]"


def _branch(field: Field, depth: int, registry: Registry) -> Iterator[str]:
    info = registry.info(field.name)
    shown = safe(field.shown) if field.shown else info.shown(field.value)
    if len(shown) > 1000:
        shown = shown[:1000] + "…"
    worked = field.span.start == field.span.stop and not field.children
    text = f"{info.title}: {shown}" if shown else info.title
    yield "    " * depth + (f"[{text}]" if worked else text)
    for note in field.notes:
        yield "    " * (depth + 1) + f"[{note.level}: {safe(note.text)}]"
    for child in field.children:
        yield from _branch(child, depth + 1, registry)


def hex_dump(data: bytes) -> Iterator[str]:
    """Sixteen bytes a line: offset, hex, and what of it is text."""
    for start in range(0, len(data), 16):
        row = data[start : start + 16]
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        yield f"{start:04x}  {row.hex(' '):<47}   {text}"


def json_lines(
    frames: Iterator[Decoded],
    names: Sequence[str],
    registry: Registry,
    columns_of: Callable[[Decoded], Columns],
) -> Iterator[str]:
    """An array of objects, one a frame, as `tshark -T json` has them; a name that comes more than
    once holds a list (tshark repeats the key)."""
    meant = expanded(names, registry)
    opening = "["
    for frame in frames:
        layers: dict[str, Any]
        if names:
            listed = columns_of(frame)
            found = {n: listed.get(n) or frame.plain(meant[n], registry) for n in names}
            layers = {name: values for name, values in found.items() if values}
        else:
            layers = {}
            for message in frame.messages:
                assert message.root is not None
                _add(layers, message.protocol, _object(message.root, registry))
        yield opening
        yield json.dumps({"_source": {"layers": layers}}, indent=2)
        opening = ","
    yield "[]" if opening == "[" else "]"


def _object(field: Field, registry: Registry) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for child in field.children:
        if child.value is not None or not child.children:
            info = registry.info(child.name)
            text = info.plain(child.value) if child.value is not None else child.shown
            _add(out, child.name, text)
        if child.children:
            name = child.name if child.value is None else f"{child.name}_tree"
            _add(out, name, _object(child, registry))
    return out


def _add(out: dict[str, Any], name: str, value: object) -> None:
    if name not in out:
        out[name] = value
    elif isinstance(out[name], list):
        out[name].append(value)
    else:
        out[name] = [out[name], value]
