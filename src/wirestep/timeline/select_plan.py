"""A filter as a plan: what the columns can decide of it is decided for all packets at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from wirestep.capture.arrays import Array
from wirestep.decode.contract import Protocol, Registry

from .select_judges import Holds
from .select_known import LAYERS
from .select_many import Slot, Slots, both, compared, judged, known, slots
from .select_nodes import (
    Calculated,
    Called,
    Compared,
    Count,
    Either,
    Every,
    Exists,
    Fields,
    FrameBytes,
    Judged,
    Layered,
    Nonzero,
    Not,
    Odd,
    Operand,
    Picked,
    Slices,
    There,
)
from .select_tables import TCP, UDP, Rows, Scope, Table, Unplanned, blank
from .select_truth import (
    MAYBE,
    NO,
    YES,
    Asked,
    Contrary,
    Fixed,
    Node,
    OfBytes,
    Undecided,
    either,
    every,
    joined,
    odd,
    on_rows,
)
from .select_types import Filter, FrameValues, Test

__all__ = ["MAYBE", "NO", "YES", "Plan", "Rows", "Scope", "plan"]


@dataclass(frozen=True, slots=True)
class Plan:
    """A filter that judges many packets at once, as far as the columns tell."""

    node: Node
    reads: bool
    """Whether the frames' bytes, undecoded, help to decide what is left."""
    marks: bool
    """Whether it asks what TCP's analysis found."""
    above: bool
    """Whether what TCP and UDP carry is all that has to be decoded (but for odd frames)."""
    protocols: frozenset[str]
    """Protocols whose decoding decides what is left; none where nothing is left but odd frames."""

    def judge(self, rows: Rows) -> Array:
        """uint8 of each row: NO, MAYBE (only decoding tells) or YES; never against the decoder."""
        return self.node.judge(rows)


def plan(wish: Filter, registry: Registry, marks: dict[str, int]) -> Plan:
    """The plan of a filter; `marks` gives the bit of each field that TCP's analysis tells."""
    planner = _Planner(registry, marks)
    node = Fixed(YES) if wish.test is None else on_rows(planner.node(wish.test))
    return Plan(node, planner.reads, planner.marked, planner.above, frozenset(planner.protocols))


class _Planner:
    """Turns tests into nodes."""

    def __init__(self, registry: Registry, marks: dict[str, int]) -> None:
        self.registry, self.marks = registry, marks
        self.reads = self.marked = False
        self.above = True
        self.protocols: set[str] = set()

    def node(self, test: Test) -> Node:
        match test:
            case Not(inner):
                found = self.node(inner)
                return Contrary(found, found.ends)
            case Every(tests):
                return joined(every, [self.node(one) for one in tests])
            case Either(tests):
                return joined(either, [self.node(one) for one in tests])
            case Odd(tests):
                return joined(odd, [self.node(one) for one in tests])
            case Exists(names, layer):
                return self._exists(names, layer)
        try:
            found = _asked(test)
            self.reads = self.reads or found.headers
            return found
        except Unplanned:
            pass
        fields, layers, raw = asked_for(test)
        if raw and not fields and not layers:
            self.reads = True
            return _of_bytes(test)
        return self._undecided(test, sorted(fields))

    def _exists(self, names: tuple[str, ...], layer: str) -> Node:
        parts: list[Node] = []
        left = []
        for name in names:
            if name in self.marks:
                self.marked = True
                parts.append(_marked(self.marks[name]))
            else:
                try:
                    [one] = known((name,))
                    if one.there not in LAYERS and one.there != "all":
                        raise Unplanned
                    parts.append(_there(one.there, one.ends))
                except Unplanned:
                    left.append(name)
        if layer == "frame":
            return Fixed(YES)
        if layer in LAYERS:
            parts.append(_there(layer, True))
        elif layer:
            parts.append(self._undecided(Exists((), layer), (), layer))
        if left:
            parts.append(self._undecided(Exists(tuple(left)), left))
        return joined(either, parts) if parts else Fixed(NO)

    def _undecided(self, test: Test, names: Sequence[str], layer: str = "") -> Node:
        """Protocols whose decoding tells, and where they could be."""
        cards = [
            card
            for card in self.registry.cards.values()
            if layer in (card.name, card.family or card.name)
            or any(name in card.fields for name in names)
        ]
        self.protocols.update(card.name for card in cards)
        owned = all(any(name in card.fields for card in cards) for name in names)
        levels = {_level(card) for card in cards}
        level = levels.pop() if owned and len(levels) == 1 else ""
        self.above = self.above and level == "above"
        return Undecided(level, test)


def _of_bytes(test: Test) -> Node:
    """A test that asks for nothing but the frame's bytes."""
    part = None
    match test:
        case Judged(Holds(bytes() as held), FrameBytes(), _):
            part = held
    return OfBytes(lambda data: test.holds(FrameValues({}, frozenset(), data)), part)


def tunnels(registry: Registry) -> frozenset[tuple[int, int]]:
    """(IP protocol, port) under which packets in packets are found, by the cards and the rules.

    Protocols that are drawn on the ladder carry no packets.
    """
    transports = {"tcp.port": TCP, "udp.port": UDP}
    named = [*registry.keys.items(), *registry.rules.items()]
    return frozenset(
        (transports[table], port)
        for (table, port), name in named
        if table in transports
        and name in registry
        and registry[name].level not in ("message", "record")
    )


def _level(card: Protocol) -> str:
    """Where packets of a protocol are: in TCP and UDP, beside them, or who knows (carriers)."""
    if card.level in ("message", "record"):
        return "above"
    beside = card.name not in ("tcp", "udp") and not {"tcp.port", "udp.port"} & set(card.on)
    return "below" if card.level == "packet" and beside else ""


def asked_for(test: Test) -> tuple[frozenset[str], frozenset[str], bool]:
    """(fields, layers, whether the frame's bytes) that a test asks for, all parts together."""
    match test:
        case Judged(_, operand, _) | There(operand) | Nonzero(operand):
            names, raw = _operands(operand)
        case Compared(_, left, right, _):
            (one, first), (two, second) = _operands(left), _operands(right)
            names, raw = one | two, first or second
        case Exists(fields, layer):
            return frozenset(fields), frozenset({layer} - {""}), False
        case Not(inner):
            return asked_for(inner)
        case Every(tests) | Either(tests) | Odd(tests):
            parts = [asked_for(one) for one in tests]
            none: frozenset[str] = frozenset()
            return (
                reduce(frozenset.union, (part[0] for part in parts), none),
                reduce(frozenset.union, (part[1] for part in parts), none),
                any(part[2] for part in parts),
            )
        case _:
            return frozenset(), frozenset({"?"}), False
    return names, frozenset(), raw


def _operands(operand: Operand) -> tuple[frozenset[str], bool]:
    match operand:
        case Fields(names) | Count(names) | Layered(names, _):
            return frozenset(names), False
        case Picked(_, several):
            parts = [_operands(one) for one in several]
            none: frozenset[str] = frozenset()
            return none.union(*(part[0] for part in parts)), any(part[1] for part in parts)
        case FrameBytes():
            return frozenset(), True
        case Slices(inner, _) | Called(_, inner):
            return _operands(inner)
        case Calculated(_, left, right):
            (one, first), (two, second) = _operands(left), _operands(right)
            return one | two, first or second
    return frozenset(), False


def _there(there: str, ends: bool) -> Node:
    """A layer, or a field that every packet of a layer has."""
    if there == "all":
        return Fixed(YES, ends)
    layer = LAYERS[there]
    return Asked(layer, ends)


def _marked(bit: int) -> Node:
    return Asked(lambda table: (table.marks & np.uint16(bit)) != 0, False)  # type: ignore[union-attr]


# predicates


def _asked(test: Test) -> Asked:
    """A comparison of known fields.

    Raises:
        Unplanned: the columns do not have them, or arrays cannot be asked so.
    """
    match test:
        case Judged(judge, operand, all_):
            found = slots(operand)
            return _predicate(found, [_judge(slot, judge) for slot in found.each], all_)
        case Nonzero(operand):
            found = slots(operand)
            return _predicate(found, [_nonzero(slot) for slot in found.each], False)
        case There(operand):
            found = slots(operand)
            return _predicate(found, [_present(slot) for slot in found.each], False)
        case Compared(relation, left, right, all_):
            one, two = slots(left), slots(right)
            pairs = [_pair(relation, a, b) for a in one.each for b in two.each]
            ends, sure = one.ends and two.ends, one.sure and two.sure
            return _predicate(Slots((), ends, sure, one.headers or two.headers), pairs, all_)
    raise Unplanned


Answer = Callable[[Table], tuple[Array, Array | None]]
"""(whether it holds, which rows have a value at all)."""


def _judge(slot: Slot, judge: Callable[[int | bytes | str], bool]) -> Answer:
    def answer(table: Table) -> tuple[Array, Array | None]:
        values, there = slot(table)
        return judged(judge, values), there

    return answer


def _nonzero(slot: Slot) -> Answer:
    def answer(table: Table) -> tuple[Array, Array | None]:
        values, there = slot(table)
        if isinstance(values, tuple):
            raise Unplanned
        return values != 0, there

    return answer


def _present(slot: Slot) -> Answer:
    def answer(table: Table) -> tuple[Array, Array | None]:
        return np.ones(table.size, bool), slot(table)[1]

    return answer


def _pair(relation: object, left: Slot, right: Slot) -> Answer:
    def answer(table: Table) -> tuple[Array, Array | None]:
        (a, a_there), (b, b_there) = left(table), right(table)
        return compared(relation, a, b), both(a_there, b_there)

    return answer


def _predicate(found: Slots, answers: Sequence[Answer], all_: bool) -> Asked:
    """Any answer, or every one; rows without any value do not hold."""

    def holds(table: Table) -> Array:
        out: Array | None = None
        some: Array | None = np.zeros(table.size, bool)
        for answer in answers:
            value, there = answer(table)
            if all_:
                value = value if there is None else value | ~there
                some = None if there is None or some is None else some | there
                out = value if out is None else out & value
            else:
                value = value if there is None else value & there
                out = value if out is None else out | value
        assert out is not None
        return out & some if all_ and some is not None else out

    blank_rows = blank()
    holds(blank_rows.scope.ends if found.ends else blank_rows)  # raises what it cannot do
    return Asked(holds, found.ends, found.sure, found.headers)
