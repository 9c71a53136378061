"""What must hold for every tree of fields, whoever built it."""

from __future__ import annotations

from collections.abc import Iterator

from wirestep.decode.contract import Registry
from wirestep.model import Field, Value


def inherited(field: Field) -> Iterator[Field]:
    """Leaves over the same bytes as `field`: not those below another source."""
    inner = [child for child in field.children if child.source is None]
    if not inner:
        yield field
    for child in inner:
        yield from inherited(child)


def check_bits(root: Field, data: bytes) -> None:
    """Leaves cover the unit's bytes, each bit once."""
    seen = bytearray(len(data))
    for leaf in inherited(root):
        start, stop, mask = leaf.span
        if leaf is root and start == stop:
            continue
        assert 0 <= start <= stop <= len(data), f"{leaf.name} lies outside its bytes: {leaf.span}"
        mask = mask or (1 << 8 * (stop - start)) - 1
        for place in range(start, stop):
            part = mask >> 8 * (stop - 1 - place) & 0xFF
            assert not seen[place] & part, f"{leaf.name} reads byte {place} again"
            seen[place] |= part
    if root.children or root.span.start < root.span.stop:
        missing = [i for i in range(root.span.start, root.span.stop) if seen[i] != 0xFF]
        assert not missing, f"bytes {missing[:5]} of {root.name} belong wholly to no field"


def check_nesting(field: Field) -> None:
    """Children lie inside their parent, in order; bits inside the bits of their parent."""
    at = field.span.start
    for child in field.children:
        if child.source is None:
            start, stop, mask = child.span
            assert field.span.start <= start <= stop <= field.span.stop, (field.name, child.name)
            assert start >= at, f"{child.name} stands before its elder in {field.name}"
            if field.span.mask and child.span[:2] == field.span[:2]:
                assert mask, (field.name, child.name)
                assert not mask & ~field.span.mask, (field.name, child.name)
            at = start if mask else stop
        check_nesting(child)


def check_tree(root: Field, data: bytes) -> None:
    """All of the above, for the tree and for each subtree over bytes of its own."""
    check_nesting(root)
    check_bits(root, data)
    for field in root.walk():
        if field.source is not None and field is not root:
            check_bits(field, field.source.data)


def check_names(root: Field, registry: Registry) -> None:
    """Every field is in a table, and the table can write its value."""
    for field in root.walk():
        if field is root or field.name == "unread" or field.name.startswith("scapy."):
            continue
        assert field.name in registry.fields, f"{field.name} is in no table of fields"
        info = registry.fields[field.name]
        assert isinstance(info.plain(field.value), str)
        assert isinstance(info.shown(field.value), str)
        if info.kind in ("ether", "ipv4", "ipv6", "bytes"):
            assert field.value is None or isinstance(field.value, bytes | str), field
        elif info.kind not in ("str", "group"):
            assert field.value is None or isinstance(field.value, int), field


def flat(root: Field) -> list[tuple[str, Value, str]]:
    """What the lean gear would give, were everything asked for."""
    return [(field.name, field.value, field.shown) for field in root.walk() if field is not root]


def said(root: Field) -> list[tuple[str, Value]]:
    """Names and values that bytes say, without what was worked out from the place in a capture."""
    return [
        (field.name, field.value)
        for field in root.walk()
        if field is not root and field.span.start < field.span.stop and not field.children
    ]
