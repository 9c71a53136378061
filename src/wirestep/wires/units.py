"""Quantities as people write them: "280ms", "2%", "10mbit", "1500"."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?|\.[0-9]+)\s*([a-zA-Zµ%/]*)\s*")
_TIMES = {"ns": 1, "us": 1_000, "µs": 1_000, "ms": 1_000_000, "s": 10**9, "min": 60 * 10**9}
_RATES = {"bit": 1, "kbit": 10**3, "mbit": 10**6, "gbit": 10**9}
_RATES |= {name + "/s": factor for name, factor in _RATES.items()}
_SIZES = {"": 1, "b": 1, "kb": 1000, "mb": 10**6, "kib": 1024, "mib": 1 << 20}


def _read(value: object, units: dict[str, int], wanted: str) -> float:
    found = _NUMBER.fullmatch(value) if isinstance(value, str) else None
    if found is None or found[2].lower() not in units:
        raise ValueError(f"{value!r} is no {wanted}")
    return float(found[1]) * units[found[2].lower()]


def nanoseconds(value: object) -> int:
    """A time as text with its unit ("280ms", "1.5 s"); 0 needs none. Raises ValueError."""
    if value in (0, "0"):
        return 0
    return round(_read(value, _TIMES, "time: a number and ns, us, ms, s or min"))


def share(value: object) -> float:
    """A share of 1: "2%" or 0.02. Raises ValueError."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        found = float(value)
    else:
        text = value if isinstance(value, str) else ""
        found = _read(text, {"": 1, "%": 1}, "share: 2% or 0.02")
        found = found / 100 if "%" in text else found
    if not 0 <= found <= 1:
        raise ValueError(f"{value!r} is not between 0 and 1")
    return found


def rate(value: object) -> int:
    """Bits a second: "10mbit", "64 kbit/s"; 0 for no limit. Raises ValueError."""
    if value in (0, "0"):
        return 0
    return round(_read(value, _RATES, "rate: a number and bit, kbit, mbit or gbit"))


def count(value: object) -> int:
    """A whole number that is not negative, or a size: "1500", "64kib". Raises ValueError."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    return round(_read(value, _SIZES, "whole number"))
