"""A compiled filter: operands that take values out of a frame, and tests that judge them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from wirestep.model import Value

from .select_types import FrameValues, Test
from .select_values import Plain

Values = Sequence[Plain]


class Operand(Protocol):
    """What stands beside an operator."""

    def values(self, frame: FrameValues) -> Values:
        """Its values in `frame`; none where the frame has no such thing."""
        ...


def _plain(values: Sequence[Value]) -> Values:
    return [value for value in values if value is not None]


@dataclass(frozen=True, slots=True)
class Fields:
    """A field, or several that an alias stands for."""

    names: tuple[str, ...]

    def values(self, frame: FrameValues) -> Values:
        """All values, those of the first name first."""
        if len(self.names) == 1:
            return _plain(frame.values.get(self.names[0], ()))
        return [v for name in self.names for v in _plain(frame.values.get(name, ()))]


@dataclass(frozen=True, slots=True)
class FrameBytes:
    """The bytes of the whole frame."""

    def values(self, frame: FrameValues) -> Values:
        """One value."""
        return [frame.data]


@dataclass(frozen=True, slots=True)
class Constant:
    """A value that stands in the filter."""

    value: Plain

    def values(self, frame: FrameValues) -> Values:
        """The same for every frame."""
        return (self.value,)


Cut = tuple[int, int | None, bool]
"""Start, then a length or an inclusive end (True) or None for the rest."""


@dataclass(frozen=True, slots=True)
class Slices:
    """Parts of strings or bytes, one after the other."""

    inner: Operand
    cuts: tuple[Cut, ...]

    def values(self, frame: FrameValues) -> Values:
        """Parts of those values that are long enough."""
        found: list[Plain] = []
        for value in self.inner.values(frame):
            if isinstance(value, str | bytes):
                parts = [_part(value, cut) for cut in self.cuts]
                if all(parts):
                    found.append(_joined(parts))
        return found


def _joined(parts: Sequence[str | bytes | None]) -> str | bytes:
    texts = [part for part in parts if isinstance(part, str)]
    return "".join(texts) if texts else b"".join(p for p in parts if isinstance(p, bytes))


def _part(value: str | bytes, cut: Cut) -> str | bytes | None:
    """A part, or None where the value is too short for it."""
    start, end, inclusive = cut
    size = len(value)
    begin = start + size if start < 0 else start
    if end is None:
        stop = size
    elif inclusive:
        stop = (end + size if end < 0 else end) + 1
    else:
        stop = begin + end
    return value[begin:stop] if 0 <= begin < stop <= size else None


@dataclass(frozen=True, slots=True)
class Called:
    """A function over all values of its argument."""

    function: Callable[[Values], Values]
    inner: Operand

    def values(self, frame: FrameValues) -> Values:
        """None where the argument has none."""
        found = self.inner.values(frame)
        return self.function(found) if found else ()


@dataclass(frozen=True, slots=True)
class Count:
    """How often a field occurs."""

    names: tuple[str, ...]

    def values(self, frame: FrameValues) -> Values:
        """One number, or none where the field does not occur."""
        count = sum(len(frame.values.get(name, ())) for name in self.names)
        return (count,) if count else ()


@dataclass(frozen=True, slots=True)
class Picked:
    """The greatest or the least of all values of several operands."""

    function: Callable[[Values], Plain]
    inner: tuple[Operand, ...]

    def values(self, frame: FrameValues) -> Values:
        """One value, or none where no operand has any."""
        found = [value for one in self.inner for value in one.values(frame)]
        return (self.function(found),) if found else ()


@dataclass(frozen=True, slots=True)
class Layered:
    """A field, or several, in some layers of its protocol, counted from 1 or from the end."""

    names: tuple[str, ...]
    cuts: tuple[Cut, ...]

    def values(self, frame: FrameValues) -> Values:
        """Those of the layers that are asked for."""
        found: list[Plain] = []
        for name in self.names:
            layers = frame.layer_of.get(name, ())
            top = max(layers, default=0)
            wanted = {layer for cut in self.cuts for layer in _layers(cut, top)}
            pairs = zip(frame.values.get(name, ()), layers, strict=True)
            found += _plain([value for value, layer in pairs if layer in wanted])
        return found


def _layers(cut: Cut, top: int) -> range:
    """The layers that a cut names, of `top` layers."""
    start, end, inclusive = cut
    begin = start + top + 1 if start < 0 else start
    if end is None:
        stop = top
    elif inclusive:
        stop = end + top + 1 if end < 0 else end
    else:
        stop = begin + end - 1
    return range(max(1, begin), min(stop, top) + 1)


@dataclass(frozen=True, slots=True)
class Calculated:
    """Two operands and a sign between them."""

    function: Callable[[Plain, Plain], Plain | None]
    left: Operand
    right: Operand

    def values(self, frame: FrameValues) -> Values:
        """Every pair's result that there is."""
        rights = self.right.values(frame)
        made = [self.function(a, b) for a in self.left.values(frame) for b in rights]
        return [value for value in made if value is not None]


# tests


@dataclass(frozen=True, slots=True)
class Exists:
    """A field or a protocol is there."""

    names: tuple[str, ...]
    layer: str = ""

    def holds(self, frame: FrameValues) -> bool:
        """Any of them is enough."""
        return any(name in frame.values for name in self.names) or self.layer in frame.layers


@dataclass(frozen=True, slots=True)
class Nonzero:
    """A result that is not nothing: bits that are set, a slice that is there."""

    operand: Operand

    def holds(self, frame: FrameValues) -> bool:
        """Any value is enough."""
        return any(
            bool(value.strip(b"\0")) if isinstance(value, bytes) else bool(value)
            for value in self.operand.values(frame)
        )


@dataclass(frozen=True, slots=True)
class There:
    """An operand that has values."""

    operand: Operand

    def holds(self, frame: FrameValues) -> bool:
        """One is enough."""
        return bool(self.operand.values(frame))


@dataclass(frozen=True, slots=True)
class Compared:
    """Values of both sides stand in a relation: any pair of them, or every pair."""

    relation: Callable[[Plain, Plain], bool]
    left: Operand
    right: Operand
    every: bool

    def holds(self, frame: FrameValues) -> bool:
        """False where either side has no values."""
        lefts, rights = self.left.values(frame), self.right.values(frame)
        if not lefts or not rights:
            return False
        pairs = (self.relation(a, b) for a in lefts for b in rights)
        return all(pairs) if self.every else any(pairs)


@dataclass(frozen=True, slots=True)
class Judged:
    """Values pass a judge (a net, a set, a pattern, a part): any of them, or every one."""

    judge: Callable[[Plain], bool]
    operand: Operand
    every: bool

    def holds(self, frame: FrameValues) -> bool:
        """False where there are no values."""
        found = self.operand.values(frame)
        if not found:
            return False
        return all(map(self.judge, found)) if self.every else any(map(self.judge, found))


@dataclass(frozen=True, slots=True)
class Not:
    """The contrary."""

    test: Test

    def holds(self, frame: FrameValues) -> bool:
        """Whether the test fails."""
        return not self.test.holds(frame)


@dataclass(frozen=True, slots=True)
class Every:
    """All tests hold."""

    tests: tuple[Test, ...]

    def holds(self, frame: FrameValues) -> bool:
        """From left to right, up to the first that fails."""
        return all(test.holds(frame) for test in self.tests)


@dataclass(frozen=True, slots=True)
class Either:
    """One test holds."""

    tests: tuple[Test, ...]

    def holds(self, frame: FrameValues) -> bool:
        """From left to right, up to the first that does."""
        return any(test.holds(frame) for test in self.tests)


@dataclass(frozen=True, slots=True)
class Odd:
    """An odd number of tests hold: exclusive or."""

    tests: tuple[Test, ...]

    def holds(self, frame: FrameValues) -> bool:
        """All are asked."""
        return sum(test.holds(frame) for test in self.tests) % 2 == 1
