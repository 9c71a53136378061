"""What a field is, said once: its name, its title, its kind, the names of its values.

Decoders only add values; how a value is written for people is decided here (as `shown`), so that
the tree, the filters and the command line cannot disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address

from wirestep.model import Value, safe

from .times import time_text

HEX_DIGITS = {"hex1": 2, "hex2": 4, "hex3": 6, "hex4": 8, "hex8": 16}
KINDS = frozenset(
    {
        *HEX_DIGITS,
        "uint",  # decimal
        "int",  # decimal with sign
        "bool",  # 0 or 1
        "bytes",  # hex digits
        "str",
        "ether",  # six bytes
        "ipv4",  # four bytes
        "ipv6",  # sixteen bytes
        "time",  # ns since the epoch, written in seconds
        "when",  # ns since the epoch, written as a date in UTC
        "span",  # ns
        "float",  # value in millionths, with up to six decimals
        "group",  # holds fields, has no value
    }
)


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """One line of a protocol's table of fields."""

    name: str
    title: str
    kind: str
    names: Mapping[int, str] | None = None
    """What the numbers are called."""

    def plain(self, value: Value) -> str:
        """The value as a filter or a script wants it (as `tshark -T fields` prints it)."""
        if value is None:
            return "1" if self.kind == "group" else ""
        return _PLAIN.get(self.kind, _decimal)(value, self.kind)

    def shown(self, value: Value) -> str:
        """The value as people want it: with its name, flags as Set and Not set; made safe."""
        if value is None:
            return ""
        if isinstance(value, int) and self.names is not None:
            name = self.names.get(value)
            return f"{name} ({self.plain(value)})" if name else f"Unknown ({self.plain(value)})"
        if self.kind == "bool":
            return "Set" if value else "Not set"
        return safe(self.plain(value))


def _decimal(value: Value, kind: str) -> str:
    return str(value)


def _hex(value: Value, kind: str) -> str:
    return f"0x{value:0{HEX_DIGITS[kind]}x}" if isinstance(value, int) else str(value)


def _bytes(value: Value, kind: str) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


def _ether(value: Value, kind: str) -> str:
    return value.hex(":") if isinstance(value, bytes) else str(value)


def ipv4_text(value: bytes) -> str:
    """Four bytes as "192.0.2.1"."""
    return ".".join(map(str, value))


def ipv6_text(value: bytes) -> str:
    """Sixteen bytes as "2001:db8::1", IPv4-mapped ones with dots (RFC 5952)."""
    address = IPv6Address(value)
    mapped = address.ipv4_mapped
    return str(address) if mapped is None else f"::ffff:{mapped}"


def _ipv4(value: Value, kind: str) -> str:
    return ipv4_text(value) if isinstance(value, bytes) and len(value) == 4 else str(value)


def _ipv6(value: Value, kind: str) -> str:
    return ipv6_text(value) if isinstance(value, bytes) and len(value) == 16 else str(value)


def _seconds(value: Value, kind: str) -> str:
    if not isinstance(value, int):
        return str(value)
    whole, part = divmod(abs(value), 1_000_000_000)
    return f"{'-' if value < 0 else ''}{whole}.{part:09d}"


def _millionths(value: Value, kind: str) -> str:
    if not isinstance(value, int):
        return str(value)
    return f"{value / 1_000_000:.6f}".rstrip("0").rstrip(".")


def _date(value: Value, kind: str) -> str:
    return time_text(value) if isinstance(value, int) else str(value)


def _bool(value: Value, kind: str) -> str:
    return "True" if value else "False"


_PLAIN: dict[str, Callable[[Value, str], str]] = {
    "bytes": _bytes,
    "ether": _ether,
    "ipv4": _ipv4,
    "ipv6": _ipv6,
    "time": _seconds,
    "when": _date,
    "span": _seconds,
    "float": _millionths,
    "bool": _bool,
    **dict.fromkeys(HEX_DIGITS, _hex),
}


def table(lines: str, names: Mapping[str, Mapping[int, str]] | None = None) -> dict[str, FieldInfo]:
    """A table of fields from lines "name kind Title in words"; `names` gives values their names.

    Raises:
        ValueError: a line has no title or no known kind, or comes twice; `names` has a stray name.
    """
    fields: dict[str, FieldInfo] = {}
    names = dict(names or {})
    for line in lines.splitlines():
        if not line.strip():
            continue
        name, kind, title = line.split(maxsplit=2)
        if kind not in KINDS or name in fields:
            raise ValueError(f"bad line in a table of fields: {line!r}")
        fields[name] = FieldInfo(name, title, kind, names.pop(name, None))
    if names:
        raise ValueError(f"names for fields that are not in the table: {sorted(names)}")
    return fields
