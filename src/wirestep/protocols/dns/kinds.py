"""Kinds of rdata: how a part of a record is read, and how a master file writes it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import NamedTuple

from wirestep.decode.cursor import Bits, Broken, Cursor
from wirestep.decode.fields import ipv4_text, ipv6_text

from .labels import Name, Names, escaped
from .names import CERT_TYPES, type_name

SECOND = 1_000_000_000
FOREVER = 253_402_300_800
"""Seconds at the start of the year 10000."""
MAX_BITMAP = 32
"""Bytes of one window of types (RFC 4034 section 4.1.2)."""

Item = int | str | bytes | Name | tuple[bytes, ...] | tuple[int, ...] | tuple[str, ...]
Read = Callable[[Cursor, Names, str], Item]


class Kind(NamedTuple):
    """One part of a record: `read` makes its fields, `text` writes what `read` returned."""

    read: Read
    text: Callable[[Item], str] = str


def quoted(value: Item) -> str:
    """Bytes as a quoted string of a master file."""
    assert isinstance(value, bytes)
    return f'"{escaped(value, QUOTED)}"'


QUOTED = b'"\\'


def words(value: Item) -> str:
    """Several quoted strings, or several words."""
    assert isinstance(value, tuple)
    return " ".join(quoted(part) if isinstance(part, bytes) else str(part) for part in value)


def hexed(value: Item) -> str:
    """Bytes as hex digits, nothing as nothing."""
    assert isinstance(value, bytes)
    return value.hex()


def base64(value: Item) -> str:
    """Bytes in base 64."""
    assert isinstance(value, bytes)
    return b64encode(value).decode("ascii")


def dashed(value: Item) -> str:
    """Bytes as hex with dashes: 00-00-5e-90-01-20 (RFC 7043 section 3.2)."""
    assert isinstance(value, bytes)
    return value.hex("-")


def salt(value: Item) -> str:
    """Bytes as hex digits, nothing as a dash (RFC 5155 section 3.3)."""
    return hexed(value) or "-"


def locator(value: Item) -> str:
    """Eight bytes in four groups: 0014:4fff:ff20:ee64 (RFC 6742 section 2.1.2)."""
    assert isinstance(value, bytes)
    return value.hex(":", 2)


def stamp(value: Item) -> str:
    """Nanoseconds since the epoch as YYYYMMDDHHMMSS (RFC 4034 section 3.2)."""
    assert isinstance(value, int)
    return datetime.fromtimestamp(value // SECOND, UTC).strftime("%Y%m%d%H%M%S")


def master(value: Item) -> str:
    """A name with its last dot."""
    assert isinstance(value, Name)
    return value.master()


def mnemonic(value: Item) -> str:
    """A type by its name."""
    assert isinstance(value, int)
    return type_name(value)


def _number(size: int) -> Read:
    def read(cursor: Cursor, names: Names, field: str) -> int:
        return cursor.uint(field, size)

    return read


def _bytes(size: int) -> Read:
    def read(cursor: Cursor, names: Names, field: str) -> bytes:
        return cursor.take(field, size)

    return read


def _stamp(cursor: Cursor, names: Names, field: str) -> int:
    return seconds(cursor, field, 4)


def seconds(cursor: Cursor, field: str, size: int) -> int:
    """A time in seconds since the epoch, as nanoseconds; shown as a date."""
    shown = date(int.from_bytes(cursor.peek(size), "big")) if cursor.wants(field) else ""
    return cursor.uint(field, size, shown, SECOND)


def date(value: int) -> str:
    """Seconds since the epoch as "2026-12-31 23:59:58 UTC"; nothing where a date cannot say it."""
    if value >= FOREVER:
        return ""
    return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _ipv4(cursor: Cursor, names: Names, field: str) -> str:
    return ipv4_text(cursor.take(field, 4))


def _ipv6(cursor: Cursor, names: Names, field: str) -> str:
    return ipv6_text(cursor.take(field, 16))


def _name(cursor: Cursor, names: Names, field: str) -> Name:
    return names.read(cursor, field)


def _rest(cursor: Cursor, names: Names, field: str) -> bytes:
    return cursor.rest(field)


def _text(cursor: Cursor, names: Names, field: str) -> bytes:
    data = cursor.peek(cursor.left())
    cursor.text(field, len(data))
    return data


def one_string(cursor: Cursor, length: str, field: str) -> bytes:
    """A character-string: a length byte and that many bytes (RFC 1035 section 3.3)."""
    size = cursor.uint(length, 1)
    data = cursor.peek(size)
    cursor.text(field, size)
    return data


def lengths(field: str) -> str:
    """The name of the field that says how long `field` is, as Wireshark calls it."""
    return LENGTHS.get(field) or f"{field}_length"


LENGTHS = {
    "dns.txt": "dns.txt.length",
    "dns.spf": "dns.spf.length",
    "dns.ninfo": "dns.ninfo.length",
    "dns.avc": "dns.avc.length",
    "dns.resinfo": "dns.resinfo.length",
    "dns.wallet": "dns.wallet.length",
    "dns.brid": "dns.brid.length",
    "dns.x25.psdn_address": "dns.x25.length",
    "dns.idsn.address": "dns.idsn.length",
    "dns.idsn.sa.address": "dns.idsn.sa.length",
    "dns.nsec3.hash_value": "dns.nsec3.hash_length",
    "dns.nsec3.salt_value": "dns.nsec3.salt_length",
}


def _string(cursor: Cursor, names: Names, field: str) -> bytes:
    return one_string(cursor, lengths(field), field)


def _optional(cursor: Cursor, names: Names, field: str) -> tuple[bytes, ...]:
    return (one_string(cursor, lengths(field), field),) if cursor.left() else ()


def _strings(cursor: Cursor, names: Names, field: str) -> tuple[bytes, ...]:
    length = lengths(field)
    out = []
    while cursor.left():
        out.append(one_string(cursor, length, field))
    return tuple(out)


def _counted(cursor: Cursor, names: Names, field: str) -> bytes:
    return cursor.take(field, cursor.uint(lengths(field), 1))


def flags(field: str, size: int, *parts: tuple[str, int]) -> Kind:
    """A number made of named bits: (end of the name, width) from the high bit on."""
    inner = tuple(Bits(f"{field}.{name}", width) for name, width in parts)

    def read(cursor: Cursor, names: Names, _: str) -> int:
        return cursor.bits(size, Bits(field, 8 * size, inner))[0]

    return Kind(read)


def _types(cursor: Cursor, names: Names, field: str) -> tuple[str, ...]:
    """A bitmap of types, in windows of 256 (RFC 4034 section 4.1.2)."""
    found = []
    last = -1
    while cursor.left():
        window = cursor.uint("dns.bitmap.window", 1)
        size = cursor.uint("dns.bitmap.length", 1)
        if window <= last or not 0 < size <= MAX_BITMAP:
            raise Broken(f"window {window} of {size} bytes behind window {last}")
        last = window
        bits = cursor.take("dns.bitmap.bits", size)
        for place in range(8 * len(bits)):
            if bits[place >> 3] & 0x80 >> (place & 7):
                kind = window << 8 | place
                cursor.worked("dns.resp.type", kind)
                found.append(type_name(kind))
    return tuple(found)


def _certificate_type(value: Item) -> str:
    assert isinstance(value, int)
    return CERT_TYPES.get(value) or str(value)


u1, u2, u4 = Kind(_number(1)), Kind(_number(2)), Kind(_number(4))
type_covered = Kind(_number(2), mnemonic)
cert_type = Kind(_number(2), _certificate_type)
time4 = Kind(_stamp, stamp)
ipv4, ipv6 = Kind(_ipv4), Kind(_ipv6)
eui48, eui64, node = Kind(_bytes(6), dashed), Kind(_bytes(8), dashed), Kind(_bytes(8), locator)
name = Kind(_name, master)
string, strings = Kind(_string, quoted), Kind(_strings, words)
optional = Kind(_optional, words)
rest_hex, rest_64, rest_text = Kind(_rest, hexed), Kind(_rest, base64), Kind(_text, quoted)
salted = Kind(_counted, salt)
types = Kind(_types, words)


@contextmanager
def within(cursor: Cursor, names: Names, size: int, rest: str) -> Iterator[None]:
    """Reads inside cannot pass `size` bytes; what they leave, or trip over, becomes a field `rest`.

    Raises:
        Short: there are fewer bytes.
    """
    outer = cursor.stop
    cursor.peek(size)
    cursor.stop = cursor.at + size
    try:
        yield
        if cursor.left():
            cursor.note("odd", f"{cursor.left()} bytes more than it needs")
    except Broken as error:
        cursor.note("broken", str(error))
        names.troubled = True
    finally:
        cursor.rest(rest)
        cursor.stop = outer
