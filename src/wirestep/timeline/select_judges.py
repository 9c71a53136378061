"""What values are asked and what is made of them: relations, sets, functions, sums."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from wirestep.decode.fields import FieldInfo

from .select_nodes import Values
from .select_regex import Pattern
from .select_values import Net, Plain


def same(a: Plain, b: Plain) -> bool:
    """Equal, where the types are."""
    return type(a) is type(b) and a == b


def less(a: Plain, b: Plain) -> bool:
    """Before, in the order of numbers, of bytes, of characters."""
    if isinstance(a, int) and isinstance(b, int):
        return a < b
    if isinstance(a, bytes) and isinstance(b, bytes):
        return a < b
    return isinstance(a, str) and isinstance(b, str) and a < b


RELATIONS: dict[str, Callable[[Plain, Plain], bool]] = {
    "==": same,
    "!=": lambda a, b: not same(a, b),
    "<": less,
    ">": lambda a, b: less(b, a),
    "<=": lambda a, b: less(a, b) or same(a, b),
    ">=": lambda a, b: less(b, a) or same(a, b),
}


@dataclass(frozen=True, slots=True)
class Against:
    """Values that stand in a relation (a key of RELATIONS) to one that stands in the filter."""

    sign: str
    other: Plain

    def __call__(self, value: Plain) -> bool:
        """Whether `value` does."""
        return RELATIONS[self.sign](value, self.other)


@dataclass(frozen=True, slots=True)
class InNet:
    """Addresses compared by the bits that a net has."""

    net: Net
    sign: str = "=="

    def __call__(self, value: Plain) -> bool:
        """Whether the address `value` stands in that relation to the net."""
        if not isinstance(value, bytes):
            return False
        return RELATIONS[self.sign](self.net.cut(value), self.net.cut(self.net.base))


@dataclass(frozen=True, slots=True)
class Between:
    """From `low` up to and with `high`."""

    low: Plain
    high: Plain

    def __call__(self, value: Plain) -> bool:
        """Whether `value` lies there."""
        return (
            not less(value, self.low)
            and not less(self.high, value)
            and type(value) is type(self.low)
        )


@dataclass(frozen=True, slots=True)
class Among:
    """Values that pass one of the judges: the members of a set."""

    judges: tuple[Against | InNet | Between, ...]

    def __call__(self, value: Plain) -> bool:
        """Whether `value` does."""
        return any(judge(value) for judge in self.judges)


@dataclass(frozen=True, slots=True)
class Holds:
    """Strings that hold a string, bytes that hold bytes."""

    part: Plain

    def __call__(self, value: Plain) -> bool:
        """Whether `value` does."""
        part = self.part
        if isinstance(value, str):
            return isinstance(part, str) and part in value
        return isinstance(value, bytes) and isinstance(part, bytes) and part in value


@dataclass(frozen=True, slots=True)
class Fits:
    """Texts in which the pattern is found; bytes count as Latin-1."""

    pattern: Pattern

    def __call__(self, value: Plain) -> bool:
        """Whether it is found in `value`."""
        if isinstance(value, bytes):
            value = value.decode("latin-1")
        return isinstance(value, str) and self.pattern.found_in(value)


def holds_part(whole: Plain, part: Plain) -> bool:
    """Whether a value holds another one."""
    return Holds(part)(whole)


def _size(value: Plain) -> int:
    if isinstance(value, str):
        return len(value.encode("utf-8", "replace"))
    return len(value) if isinstance(value, bytes) else 0


FUNCTIONS: dict[str, tuple[Callable[[Values], Values], str, str]] = {
    "len": (lambda values: [_size(v) for v in values], "text", "uint"),
    "lower": (lambda values: [str(v).lower() for v in values], "str", "str"),
    "upper": (lambda values: [str(v).upper() for v in values], "str", "str"),
    "abs": (lambda values: [abs(v) for v in values if isinstance(v, int)], "number", ""),
}
"""Name: what it does, what it takes ("text": strings and bytes), what it gives ("": as taken)."""


def number_of(values: Values) -> Values:
    """How many there are."""
    return (len(values),)


def _greatest(values: Values) -> Plain:
    return max(value for value in values if isinstance(value, int))


def _least(values: Values) -> Plain:
    return min(value for value in values if isinstance(value, int))


PICKS: dict[str, Callable[[Values], Plain]] = {"max": _greatest, "min": _least}
"""Functions of any number of numbers."""


def written(info: FieldInfo) -> Callable[[Values], Values]:
    """Values as `string()` gives them."""
    return lambda values: [info.plain(value) for value in values]


def _and(a: Plain, b: Plain) -> Plain | None:
    if isinstance(a, int) and isinstance(b, int):
        return a & b
    if isinstance(a, bytes) and isinstance(b, bytes) and len(a) == len(b):
        return bytes(x & y for x, y in zip(a, b, strict=True))
    return None


def _numbers(function: Callable[[int, int], int | None]) -> Callable[[Plain, Plain], Plain | None]:
    return lambda a, b: function(a, b) if isinstance(a, int) and isinstance(b, int) else None


def _divided(a: int, b: int) -> int | None:
    """Towards zero, as C does it."""
    if not b:
        return None
    whole = abs(a) // abs(b)
    return whole if (a < 0) == (b < 0) else -whole


def _rest(a: int, b: int) -> int | None:
    whole = _divided(a, b)
    return None if whole is None else a - whole * b


SIGNS: dict[str, Callable[[Plain, Plain], Plain | None]] = {
    "&": _and,
    "+": _numbers(lambda a, b: a + b),
    "-": _numbers(lambda a, b: a - b),
    "*": _numbers(lambda a, b: a * b),
    "/": _numbers(_divided),
    "%": _numbers(_rest),
}
