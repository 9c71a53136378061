"""Values that stand in a filter, read as the field beside them wants it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from wirestep.decode.fields import FieldInfo

from .select_tokens import Token, as_bytes, as_latin, as_text
from .select_types import BadFilter

Plain = int | bytes | str
INTEGERS = frozenset({"uint", "int", "hex1", "hex2", "hex3", "hex4", "hex8"})
NUMBERS = INTEGERS | {"bool", "time", "when", "span", "float"}
BINARY = frozenset({"bytes", "ether"})
ADDRESSES = {"ipv4": 4, "ipv6": 16}

_BYTES = re.compile(r"[0-9A-Fa-f]{1,2}(?:[:.-][0-9A-Fa-f]{1,2})*[:.-]?")
_RUN = re.compile(r"(?:[0-9A-Fa-f]{2})+")
_DOTTED = re.compile(r"[0-9A-Fa-f]{4}(?:\.[0-9A-Fa-f]{4})+")
_ONE_BYTE = re.compile(r"0[xX][0-9A-Fa-f]{1,2}")
_DATE = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?"
    r"\s*(Z|UTC|[+-]\d\d:?\d\d)?"
)
_LEGACY = re.compile(
    r"([A-Za-z]{3}) +(\d{1,2}), (\d{4})(?: (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?)?\s*(UTC)?"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True, slots=True)
class Net:
    """Addresses that begin alike: 10.0.0.0/8."""

    base: bytes
    bits: int

    def cut(self, address: bytes) -> bytes:
        """The address without its last bits."""
        size = len(address)
        keep = (1 << 8 * size) - (1 << 8 * size - min(self.bits, 8 * size))
        return (int.from_bytes(address, "big") & keep).to_bytes(size, "big")


def integer(text: str) -> int | None:
    """A number as C writes it: 10, 012, 0xa, 0b1010, with a sign; None for no number."""
    sign, digits = (-1, text[1:]) if text[:1] == "-" else (1, text.removeprefix("+"))
    low = digits.lower()
    for prefix, base in (("0x", 16), ("0b", 2), ("0", 8), ("", 10)):
        if low.startswith(prefix) and (prefix or low):
            body = low.removeprefix(prefix) if low != "0" else "0"
            if body and len(body) < 70 and all(c in "0123456789abcdef"[:base] for c in body):
                return sign * int(body, base)
            return None
    return None


def literal(token: Token, info: FieldInfo) -> Plain | Net:
    """What `token` stands for beside a field like `info`.

    Raises:
        BadFilter: it cannot be a value of that field.
    """
    read = _READERS.get(info.kind)
    if read is None:
        raise BadFilter(
            f"{info.name} has no value that could be compared; it is there or not",
            token.start,
            token.stop,
        )
    value = read(token, info)
    if value is None:
        names = f"or a name, as {next(iter(info.names.values()))!r}, " if info.names else ""
        said = f"{EXPECTED[info.kind]} {names}is expected"
        raise BadFilter(
            f"{token.text[:40]!r} is no value of {info.name}: {said}",
            token.start,
            token.stop,
        )
    return value


def _number(token: Token, info: FieldInfo) -> int | None:
    if token.kind == "char":
        return ord(as_latin(token.text))
    found = integer(token.text) if token.kind == "word" else None
    if found is not None or info.names is None:
        return found
    wanted = token.text.casefold()
    return next((n for n, name in info.names.items() if name.casefold() == wanted), None)


def _bool(token: Token, info: FieldInfo) -> int | None:
    if token.text in ("True", "TRUE", "true"):
        return 1
    if token.text in ("False", "FALSE", "false"):
        return 0
    found = _number(token, info)
    return None if found is None else int(found != 0)


def _binary(token: Token, info: FieldInfo) -> bytes | None:
    if token.kind in ("string", "char"):
        return as_bytes(token.text)
    if _ONE_BYTE.fullmatch(token.text):
        return bytes([int(token.text, 16)])
    if _RUN.fullmatch(token.text):
        return bytes.fromhex(token.text)
    if _DOTTED.fullmatch(token.text):
        return bytes.fromhex(token.text.replace(".", ""))
    if _BYTES.fullmatch(token.text):
        return bytes(int(part, 16) for part in re.split("[:.-]", token.text) if part)
    return None


def _address(token: Token, info: FieldInfo) -> bytes | Net | None:
    text, slash, bits = token.text.partition("/")
    size = ADDRESSES[info.kind]
    try:
        base = (IPv4Address(text) if size == 4 else IPv6Address(text)).packed
    except (AddressValueError, ValueError):
        return None
    if not slash:
        return base
    if not bits.isdigit() or len(bits) > 3 or int(bits) > 8 * size:
        return None
    return Net(base, int(bits))


def _text(token: Token, info: FieldInfo) -> str:
    return as_text(token.text)


def _decimal(token: Token, scale: int) -> int | None:
    try:
        number = Decimal(token.text)
    except InvalidOperation:
        return None
    return int(number * scale) if number.is_finite() and abs(number) < Decimal(10) ** 15 else None


def _seconds(token: Token, info: FieldInfo) -> int | None:
    return _decimal(token, 1_000_000_000)


def _millionths(token: Token, info: FieldInfo) -> int | None:
    return _decimal(token, 1_000_000)


def _time(token: Token, info: FieldInfo) -> int | None:
    found = _DATE.fullmatch(token.text)
    if found:
        year, month, day, hour, minute, second, part, zone = found.groups()
        return _moment((int(year), int(month), int(day)), (hour, minute, second), part, zone)
    found = _LEGACY.fullmatch(token.text)
    if found:
        name, day, year, hour, minute, second, part, zone = found.groups()
        if name.lower() not in _MONTHS:
            return None
        month_number = _MONTHS.index(name.lower()) + 1
        return _moment((int(year), month_number, int(day)), (hour, minute, second), part, zone)
    return _decimal(token, 1_000_000_000)


def _moment(
    date: tuple[int, int, int],
    clock: tuple[str | None, str | None, str | None],
    part: str | None,
    zone: str | None,
) -> int | None:
    hour, minute, second = (int(text or 0) for text in clock)
    try:
        moment = datetime(*date, hour, minute, second, tzinfo=UTC)
        if zone is None:  # local time
            seconds = int(moment.replace(tzinfo=None).timestamp())
        else:
            seconds = int(moment.timestamp()) - _offset(zone)
    except (ValueError, OverflowError):
        return None
    return seconds * 1_000_000_000 + int((part or "0").ljust(9, "0"))


def _offset(zone: str) -> int:
    if zone in ("Z", "UTC"):
        return 0
    digits = zone[1:].replace(":", "")
    seconds = int(digits[:2]) * 3600 + int(digits[2:]) * 60
    return -seconds if zone[0] == "-" else seconds


_READERS: dict[str, Callable[[Token, FieldInfo], Plain | Net | None]] = {
    **dict.fromkeys(INTEGERS, _number),
    "bool": _bool,
    "bytes": _binary,
    "ether": _binary,
    "ipv4": _address,
    "ipv6": _address,
    "str": _text,
    "time": _time,
    "when": _time,
    "span": _seconds,
    "float": _millionths,
}
EXPECTED = {
    **dict.fromkeys(INTEGERS, "a number, as 10 or 0xa,"),
    "bool": "True or False",
    "bytes": 'bytes, as 00:1f:2e or "text",',
    "ether": "an address, as 00:11:22:33:44:55,",
    "ipv4": "an IPv4 address or a net, as 10.0.0.0/8,",
    "ipv6": "an IPv6 address or a net, as fe80::/64,",
    "str": 'a string, as "text",',
    "time": 'a time, as "2024-05-06 07:08:09",',
    "when": 'a time, as "2024-05-06 07:08:09",',
    "span": "seconds, as 0.25,",
    "float": "a number, as 1.5,",
}
"""What may stand beside a field of that kind, for messages."""
