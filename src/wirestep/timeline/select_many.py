"""Predicates on many values at once: what `select_judges` asks of one value, asked of arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from wirestep.capture.arrays import Array

from .select_judges import RELATIONS, SIGNS, Against, Among, Between, InNet
from .select_known import FIELDS, THERE, Known
from .select_nodes import Calculated, Constant, Count, Fields, Operand
from .select_tables import Addresses, Table, Unplanned, Values
from .select_values import Plain

SIGN_OF = {relation: sign for sign, relation in RELATIONS.items()}
SUM_OF = {function: sign for sign, function in SIGNS.items()}
MOST = 1 << 62
"""Numbers that no sum goes beyond here; what does is left to numbers of any size."""


Slot = Callable[[Table], tuple[Values, Array | None]]
"""Values of the rows of a table, and which rows have one; None for all."""


@dataclass(frozen=True, slots=True)
class Slots:
    """An operand: each slot gives a row at most one value."""

    each: tuple[Slot, ...]
    ends: bool
    sure: bool
    headers: bool = False


def slots(operand: Operand) -> Slots:
    """The operand's values.

    Raises:
        Unplanned: the columns do not have them.
    """
    match operand:
        case Fields(names):
            found = known(names)
            each = tuple(_field(one) for one in found)
        case Count(names):
            found = known(names)
            each = (_count(tuple(_field(one) for one in found)),)
        case Constant(int() as value) if abs(value) < MOST:
            return Slots((lambda table: (np.full(table.size, value, np.int64), None),), True, True)
        case Calculated(function, left, right) if function in SUM_OF:
            return _calculated(SUM_OF[function], slots(left), slots(right))
        case _:
            raise Unplanned
    ends, sure = all(one.ends for one in found), all(one.there == "all" for one in found)
    return Slots(each, ends, sure, any(one.headers for one in found))


def known(names: Sequence[str]) -> list[Known]:
    """The fields called so.

    Raises:
        Unplanned: the columns do not have all of them.
    """
    if not all(name in FIELDS for name in names):
        raise Unplanned
    return [FIELDS[name] for name in names]


def _field(one: Known) -> Slot:
    if one.there == "all":
        return lambda table: (one.values(table), None)
    there = THERE[one.there]
    return lambda table: (one.values(table), there(table))


def _count(each: tuple[Slot, ...]) -> Slot:
    def count(table: Table) -> tuple[Values, Array | None]:
        found = np.zeros(table.size, np.int64)
        for slot in each:
            there = slot(table)[1]
            found += 1 if there is None else there
        return found, found > 0

    return count


def _calculated(sign: str, left: Slots, right: Slots) -> Slots:
    each = tuple(_sum(sign, a, b) for a in left.each for b in right.each)
    sure, headers = left.sure and right.sure, left.headers or right.headers
    return Slots(each, left.ends and right.ends, sure, headers)


def _sum(sign: str, left: Slot, right: Slot) -> Slot:
    def calculate(table: Table) -> tuple[Values, Array | None]:
        (a, a_there), (b, b_there) = left(table), right(table)
        there = both(a_there, b_there)
        result, real = _arithmetic(sign, _wide(a), _wide(b))
        return result, both(there, real)

    return calculate


def both(one: Array | None, other: Array | None) -> Array | None:
    """Rows in both; None for all."""
    if one is None or other is None:
        return other if one is None else one
    found: Array = one & other
    return found


def _wide(values: Values) -> Array:
    if isinstance(values, Addresses):
        raise Unplanned
    return values.astype(np.int64)


def _arithmetic(sign: str, a: Array, b: Array) -> tuple[Array, Array | None]:
    """The result, and where there is one; as C does it, without its overflows."""
    rough_a, rough_b = np.abs(a.astype(np.float64)), np.abs(b.astype(np.float64))
    rough = rough_a * rough_b if sign == "*" else rough_a + rough_b
    if len(rough) and float(rough.max()) >= MOST:
        raise Unplanned
    if sign == "&":
        return a & b, None
    if sign in "+-":
        return a + b if sign == "+" else a - b, None
    if sign == "*":
        return a * b, None
    real = b != 0
    safe = np.where(real, b, 1)
    whole = np.abs(a) // np.abs(safe) * np.where((a < 0) == (safe < 0), 1, -1)
    return (whole if sign == "/" else a - whole * safe), real


# judges


def judged(judge: Callable[[Plain], bool], values: Values) -> Array:
    """bool: the judge's answer for each value.

    Raises:
        Unplanned: it cannot be asked of arrays.
    """
    match judge:
        case Against(sign, int() as other):
            return _against(sign, values, other)
        case Against(sign, bytes() as other) if isinstance(values, Addresses):
            return _addresses(sign, values, _constant(other, values.size))
        case InNet(net, sign) if isinstance(values, Addresses):
            size = values.size
            mask = _constant(net.cut(b"\xff" * size), size)
            base = _constant(net.cut(net.base), size)
            cut = Addresses(values.high & mask.high, values.low & mask.low, size)
            return _addresses(sign, cut, base)
        case Between(low, high):
            return judged(Against(">=", low), values) & judged(Against("<=", high), values)
        case Among(judges):
            found = judged(judges[0], values)
            for one in judges[1:]:
                found = found | judged(one, values)
            return found
    raise Unplanned


def _constant(value: bytes, size: int) -> Addresses:
    if len(value) != size:
        raise Unplanned
    number = int.from_bytes(value, "big")
    high, low = np.uint64(number >> 64), np.uint64(number & (1 << 64) - 1)
    return Addresses(np.asarray(high), np.asarray(low), size)


def _against(sign: str, values: Values, other: int) -> Array:
    if isinstance(values, Addresses):
        raise Unplanned
    room = np.iinfo(values.dtype)
    if room.min <= other <= room.max:
        return _related(sign, values, values.dtype.type(other))
    # Beyond all values of that width.
    higher = other > room.max
    return np.full(len(values), sign in (("<", "<=", "!=") if higher else (">", ">=", "!=")))


_COMPARE: dict[str, Callable[[Array, Array], Array]] = {
    "==": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}


def _related(sign: str, a: Array, b: Array) -> Array:
    """bool: a stands in the relation to b."""
    found: Array = _COMPARE[sign](a, b)
    return found


def _addresses(sign: str, a: Addresses, b: Addresses) -> Array:
    """As `_related`, in the order of their bytes."""
    if a.size != b.size:
        raise Unplanned
    if sign in ("==", "!="):
        found = np.equal(a.high, b.high) & np.equal(a.low, b.low)
        return found if sign == "==" else np.logical_not(found)
    found = np.equal(a.high, b.high) & _related(sign, a.low, b.low)
    found |= _related(sign[0], a.high, b.high)
    return found


def compared(relation: object, left: Values, right: Values) -> Array:
    """bool: each value of `left` stands in the relation to that of `right` in the same row.

    Raises:
        Unplanned: it cannot be asked of arrays.
    """
    sign = SIGN_OF.get(relation)  # type: ignore[call-overload]
    if sign is None or isinstance(left, Addresses) != isinstance(right, Addresses):
        raise Unplanned
    if isinstance(left, Addresses) and isinstance(right, Addresses):
        return _addresses(sign, left, right)
    return _related(sign, _wide(left), _wide(right))
