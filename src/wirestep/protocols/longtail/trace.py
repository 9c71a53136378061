"""Runs scapy's own dissection field by field and writes down where each field stood.

scapy reads a field off the front of some bytes and returns the rest; how much is gone tells the
span. Layers that read themselves in another way (ASN.1) get one span for all of their fields.
Only this module touches scapy; it is imported when the first such packet is decoded.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # scapy's own imports are not ours to mend
    logging.getLogger("scapy").setLevel(logging.CRITICAL)
    from scapy import fields as scapy_fields
    from scapy.layers import inet, inet6
    from scapy.packet import Packet

COMMON = (inet, inet6)
"""Layers that others hang on: what scapy knows of ports and numbers is bound to them."""
MAX_FIELDS = 4000
"""Fields of one packet."""
MAX_LAYERS = 200
"""Layers of one packet: some protocols make one of every option."""
MAX_DEPTH = 12
"""Packets inside fields, one in the other."""
MAX_TEXT = 2000
"""Characters of one value."""


@dataclass(slots=True)
class Traced:
    """A field of scapy and the bits [start, stop) of the packet that it was read from."""

    name: str
    start: int
    stop: int
    value: int | bytes | str | None
    shown: str = ""
    reverse: bool = False
    """The bits are counted in another order: they have no run of their own."""
    inside: list[Traced] = field(default_factory=list)


@dataclass(slots=True)
class Layer:
    """A layer of scapy: bytes [start, stop) and what stands in them."""

    name: str
    start: int
    stop: int
    fields: list[Traced]
    opaque: bool = False
    """Its fields have no spans of their own."""
    said: str = ""
    """The layer's own one-line summary."""


@dataclass(slots=True)
class Trace:
    """All layers, and what comes behind them."""

    layers: list[Layer] = field(default_factory=list)
    stop: int = 0
    """Where the layers end, in bytes."""
    above: str = ""
    """Class of the layer that was not read because we read it ourselves."""
    error: str = ""
    """What scapy said when it gave up."""
    count: int = 0


class Excess(Exception):
    """More fields than anybody wants to see."""


def load(module: str, name: str) -> Any:
    """A class of scapy; the first call takes about half a second.

    Raises:
        Exception: of any kind, where this scapy has no such layer.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return getattr(import_module(f"scapy.{module}"), name)


def trace(cls: Any, data: bytes, native: Any) -> Trace:
    """Dissect `data` as `cls` and what scapy finds behind it, up to a layer named in `native`."""
    found = Trace()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            _layers(found, cls, data, native)
        except Excess as error:
            found.error = str(error)
        except Exception as error:  # scapy raises whatever comes along on broken bytes
            found.error = f"{type(error).__name__}: {error}"[:200]
    return found


def _layers(found: Trace, cls: Any, data: bytes, native: Any) -> None:
    under = None
    idle = 0
    for _ in range(MAX_LAYERS):
        rest = data[found.stop :]
        if not rest or cls is None:
            return
        cls = _chosen(cls, rest)
        if cls.__name__ in native:
            found.above = cls.__name__
            return
        if cls.__name__ in ("Raw", "Padding"):
            return
        under, size, following = _one(found, cls, rest, found.stop, under)
        found.stop += size
        idle = 0 if size else idle + 1
        if idle > 1:
            return
        cls = following
    raise Excess(f"over {MAX_LAYERS} layers")


def _chosen(cls: Any, data: bytes) -> Any:
    """The class that a dispatcher chooses for these bytes."""
    if not isinstance(cls, type):
        return type(cls(data))
    hook = getattr(cls, "dispatch_hook", None)
    return cls if hook is None else hook(data)


def _one(found: Trace, cls: Any, data: bytes, base: int, under: Any) -> tuple[Any, int, Any]:
    """One layer: the packet, the bytes it used, the class that comes next."""
    layer = Layer(cls.__name__.lower(), base, base, [])
    found.layers.append(layer)
    packet = cls(_internal=1, _underlayer=under)
    if not _plain(cls) or packet.pre_dissect(data) != data:
        return _opaque(layer, cls, data, under)
    packet.original = data
    rest = b""
    try:
        rest = _fields(found, packet, data, 8 * base, layer.fields, 0)
    finally:
        if layer.fields:
            layer.stop = -(-layer.fields[-1].stop // 8)
    size = len(data) - len(rest)
    packet.raw_packet_cache = data[:size]
    if packet.post_dissect(rest) != rest:
        layer.fields.clear()
        return _opaque(layer, cls, data, under)
    body, _ = packet.extract_padding(rest)
    if body and not rest and data.endswith(body) and layer.fields:
        # DHCP: the last field gives up most of its bytes to a layer of their own
        size = len(data) - len(body)
        last = layer.fields[-1]
        last.stop = 8 * (base + size)
        last.value, last.shown = data[last.start // 8 - base : size], ""
    layer.stop = base + size
    layer.said = _said(packet)
    return packet, size, packet.guess_payload_class(body) if body else None


def _plain(cls: Any) -> bool:
    """Whether the layer is read field by field."""
    return cls.do_dissect is Packet.do_dissect and cls.dissect is Packet.dissect


def _opaque(layer: Layer, cls: Any, data: bytes, under: Any) -> tuple[Any, int, Any]:
    packet = cls(data, _internal=1, _underlayer=under)
    behind = packet.payload
    rest = len(getattr(behind, "original", b"") or b"")
    size = len(data) - rest
    layer.stop = layer.start + size
    layer.opaque = True
    layer.fields = list(_worked(packet, 0))
    layer.said = _said(packet)
    following = type(behind) if rest else None
    return packet, size, following


def _worked(packet: Any, depth: int) -> Iterator[Traced]:
    """Fields of a packet that cannot tell where they stood."""
    if depth > MAX_DEPTH:
        return
    for one in packet.fields_desc:
        if one.name not in packet.fields:
            continue
        value = packet.fields[one.name]
        items = value if isinstance(value, list) else [value]
        if items and all(hasattr(item, "fields_desc") for item in items):
            for item in items[:MAX_FIELDS]:
                entry = Traced(f"{one.name}.{type(item).__name__.lower()}", 0, 0, None)
                entry.inside = list(_worked(item, depth + 1))
                yield entry
            continue
        if value is None:
            continue
        plain, shown = _value(packet, one, value)
        yield Traced(one.name, 0, 0, plain, shown)


def _fields(
    found: Trace, packet: Any, data: bytes, base: int, into: list[Traced], depth: int
) -> bytes:
    """Read all fields as scapy does; the bytes that are left."""
    rest: Any = data
    for one in packet.fields_desc:
        start = base + _position(data, rest)
        rest, value = one.getfield(packet, rest)
        if isinstance(one, scapy_fields.ConditionalField) and value is None:
            continue
        packet.fields[one.name] = value
        found.count += 1
        if found.count > MAX_FIELDS:
            raise Excess(f"over {MAX_FIELDS} fields")
        stop = base + _position(data, rest)
        if stop < start:
            raise Excess(f"{one.name} does not stand in the bytes")
        plain, shown = _value(packet, one, value)
        reverse = bool(getattr(one, "rev", False))
        entry = Traced(one.name, start, stop, plain, shown, reverse)
        if type(one).__name__ == "DHCPOptionsField":
            entry.inside = list(_dhcp_options(value, data, start // 8, stop // 8, base // 8))
        elif not start % 8 and not stop % 8:
            _inside(found, packet, value, data, base, entry, depth)
        into.append(entry)
        inner = getattr(one, "fld", None)
        end = getattr(scapy_fields, "MayEnd", ())
        if not rest and (isinstance(one, end) or isinstance(inner, end)):
            break
    return rest[0] if isinstance(rest, tuple) else bytes(rest)


def _position(data: bytes, rest: Any) -> int:
    """Bits that were read: scapy returns (bytes, bits) in the middle of a byte."""
    if isinstance(rest, tuple):
        return 8 * (len(data) - len(rest[0])) + int(rest[1])
    return 8 * (len(data) - len(rest))


def _inside(
    found: Trace, packet: Any, value: Any, data: bytes, base: int, entry: Traced, depth: int
) -> None:
    """Packets held by a field, each with its fields."""
    items = value if isinstance(value, list) else [value]
    if depth >= MAX_DEPTH or not items or not all(hasattr(i, "fields_desc") for i in items):
        return
    start, stop = entry.start // 8, entry.stop // 8
    whole = len(items[0].original or b"")
    places = [start + whole - len(item.original or b"") for item in items] + [stop]
    if places[0] != start or sorted(places) != places or places[-2] >= stop:
        return
    for item, low, high in zip(items, places, places[1:], strict=False):
        if low == high:
            continue
        part = data[low - base // 8 : high - base // 8]
        one = Traced(type(item).__name__.lower(), 8 * low, 8 * high, None, _said(item))
        if _plain(type(item)):
            fresh = type(item)(_internal=1, _underlayer=packet, _parent=packet)
            fresh.original = part
            _fields(found, fresh, part, 8 * low, one.inside, depth + 1)
            if one.inside and one.inside[-1].stop > 8 * high:
                one.inside.clear()
        entry.inside.append(one)


def _dhcp_options(value: Any, data: bytes, at: int, stop: int, base: int) -> Iterator[Traced]:
    """Options of DHCP, which scapy reads as pairs of name and value (RFC 2132)."""
    for item in value if isinstance(value, list) else []:
        if at >= stop:
            return
        code = data[at - base]
        length = data[at - base + 1] if code not in (0, 255) and at + 1 < stop else None
        end = at + 1 if length is None else at + 2 + length
        if end > stop:
            return
        named = isinstance(item, tuple) and item
        name = str(item[0] if named else item)
        text = ", ".join(str(part) for part in item[1:])[:MAX_TEXT] if named else ""
        inside = [Traced("code", 8 * at, 8 * at + 8, code, name)]
        if length is not None:
            inside.append(Traced("length", 8 * at + 8, 8 * at + 16, length))
            inside.append(Traced("value", 8 * at + 16, 8 * end, text))
        shown = f"{name}: {text}" if text else name
        yield Traced("dhcp_option", 8 * at, 8 * end, None, shown, inside=inside)
        at = end


def _value(packet: Any, one: Any, value: Any) -> tuple[int | bytes | str | None, str]:
    """The value, and how scapy writes it for people where that says more."""
    value = _unwrapped(value)
    try:
        shown = str(one.i2repr(packet, value))[:MAX_TEXT]
    except Exception:  # a value that scapy read and cannot write
        shown = ""
    if isinstance(value, bool | int):
        plain = int(value)
        return plain, "" if shown == str(plain) else shown
    if isinstance(value, bytes):
        return value, ""
    if isinstance(value, str):
        return value[:MAX_TEXT], ""
    return shown or type(value).__name__, ""


def _unwrapped(value: Any) -> Any:
    """What an object of ASN.1 holds; other values as they are."""
    inner = getattr(value, "val", None)
    return inner if hasattr(value, "tag") and isinstance(inner, int | str | bytes) else value


def _said(packet: Any) -> str:
    """The packet's own summary."""
    try:
        said = packet.mysummary()
    except Exception:  # summaries look at fields that may be missing
        return ""
    text = said[0] if isinstance(said, tuple) else said
    return str(text)[:200]
