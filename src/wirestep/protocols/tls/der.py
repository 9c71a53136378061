"""The few facts of an X.509 certificate that its line needs (RFC 5280 section 4.1; X.690).

A bounded walk: anything it does not expect ends it, with what was found so far.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

MAX_NAMES = 64
"""Attributes of one distinguished name that are read."""
ATTRIBUTES = {
    b"\x55\x04\x03": "CN",
    b"\x55\x04\x04": "SN",
    b"\x55\x04\x05": "serialNumber",
    b"\x55\x04\x06": "C",
    b"\x55\x04\x07": "L",
    b"\x55\x04\x08": "ST",
    b"\x55\x04\x09": "street",
    b"\x55\x04\x0a": "O",
    b"\x55\x04\x0b": "OU",
    b"\x55\x04\x0c": "title",
    b"\x55\x04\x2a": "GN",
    b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01": "emailAddress",
    b"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19": "DC",
    b"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x01": "UID",
}
"""By the bytes of their object identifiers (RFC 4514 section 3)."""
ENCODINGS = {0x0C: "utf-8", 0x13: "ascii", 0x14: "latin-1", 0x16: "ascii", 0x1E: "utf-16-be"}


class Item(NamedTuple):
    """One element: its tag, its content, and where the next one starts."""

    tag: int
    content: bytes
    stop: int


@dataclass(frozen=True)
class Certificate:
    """What the certificate says; "" and None where it could not be read."""

    serial: str = ""
    """Hex digits."""
    issuer: str = ""
    subject: str = ""
    not_before: int | None = None
    """Nanoseconds since the epoch."""
    not_after: int | None = None


def item(data: bytes, at: int) -> Item | None:
    """The element at `at`, or None where the bytes make none."""
    if at + 2 > len(data):
        return None
    tag, size, start = data[at], data[at + 1], at + 2
    if size & 0x80:
        width = size & 0x7F
        if not 1 <= width <= 4 or start + width > len(data):
            return None
        size, start = int.from_bytes(data[start : start + width], "big"), start + width
    if start + size > len(data):
        return None
    return Item(tag, data[start : start + size], start + size)


def items(data: bytes, most: int = MAX_NAMES) -> list[Item]:
    """The elements side by side in `data`, as far as they can be read."""
    found: list[Item] = []
    at = 0
    while at < len(data) and len(found) < most:
        one = item(data, at)
        if one is None:
            break
        found.append(one)
        at = one.stop
    return found


def distinguished_name(data: bytes) -> str:
    """A Name as "C=US, O=Example, CN=example.org", in the order of the bytes; "" if it is none."""
    outer = item(data, 0)
    if outer is None or outer.tag != 0x30:
        return ""
    return _attributes(outer.content)


def _attributes(data: bytes) -> str:
    said = []
    for relative in items(data):
        for pair in items(relative.content):
            parts = items(pair.content, 2)
            if len(parts) == 2 and parts[0].tag == 6:
                kind = ATTRIBUTES.get(parts[0].content, object_identifier(parts[0].content))
                encoding = ENCODINGS.get(parts[1].tag, "latin-1")
                said.append(f"{kind}={parts[1].content.decode(encoding, 'backslashreplace')}")
    return ", ".join(said[:MAX_NAMES])


def object_identifier(data: bytes) -> str:
    """An object identifier with dots."""
    numbers: list[int] = []
    number = 0
    for byte in data[:64]:
        number = number << 7 | byte & 0x7F
        if not byte & 0x80:
            numbers.append(number)
            number = 0
    if not numbers:
        return ""
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:])))


def moment(one: Item) -> int | None:
    """A UTCTime or GeneralizedTime, ns since the epoch (RFC 5280 section 4.1.2.5)."""
    text = one.content.decode("ascii", "replace")
    if one.tag == 0x17 and len(text) == 13 and text[:2].isdecimal():
        text = ("19" if int(text[:2]) >= 50 else "20") + text
    elif one.tag != 0x18:
        return None
    try:
        when = datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None
    return int(when.timestamp()) * 1_000_000_000


def certificate(data: bytes) -> Certificate:
    """The facts of one certificate, as far as it can be read."""
    outer = item(data, 0)
    inner = item(outer.content, 0) if outer and outer.tag == 0x30 else None
    if inner is None or inner.tag != 0x30:
        return Certificate()
    parts = items(inner.content, 8)
    if parts and parts[0].tag == 0xA0:
        del parts[0]
    if len(parts) < 5 or parts[0].tag != 2:
        return Certificate()
    times = [moment(one) for one in items(parts[3].content, 2)] + [None, None]

    return Certificate(
        parts[0].content.hex(),
        _attributes(parts[2].content),
        _attributes(parts[4].content),
        times[0],
        times[1],
    )
