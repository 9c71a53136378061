"""Options of wishes and servers: from a file they have types, from a command line they are text."""

from __future__ import annotations

from collections.abc import Mapping

Options = Mapping[str, object]

_WORDS = {"yes": True, "true": True, "on": True, "1": True}
_WORDS |= {"no": False, "false": False, "off": False, "0": False, "": False}


def flag(options: Options, name: str, default: bool) -> bool:
    """The option as yes or no; raises ValueError with the user's words."""
    value = options.get(name, default)
    known = _WORDS.get(value.lower()) if isinstance(value, str) else None
    if known is not None:
        return known
    if isinstance(value, bool | int):
        return bool(value)
    raise ValueError(f"{name}: {value!r} is neither yes nor no")


def number(options: Options, name: str, default: float) -> float:
    """The option as a number that is not negative; raises ValueError with the user's words."""
    value = options.get(name, default)
    try:
        found = float(value) if isinstance(value, int | float | str) else -1.0
    except ValueError:
        found = -1.0
    if not 0 <= found < float("inf"):
        raise ValueError(f"{name}: {value!r} is no number")
    return found


def whole(options: Options, name: str, default: int) -> int:
    """The option as a whole number that is not negative; raises ValueError."""
    found = number(options, name, default)
    if found != int(found):
        raise ValueError(f"{name}: {options.get(name)!r} is no whole number")
    return int(found)


def text(options: Options, name: str, default: str) -> str:
    """The option as text; raises ValueError."""
    value = options.get(name, default)
    if not isinstance(value, str):
        raise ValueError(f"{name}: {value!r} is no text")
    return value


def nanoseconds(options: Options, name: str, seconds: float) -> int:
    """The option, given in seconds, as ns; raises ValueError."""
    return round(number(options, name, seconds) * 1_000_000_000)
