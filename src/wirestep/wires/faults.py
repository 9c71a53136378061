"""The script of a run: what is decided beforehand about packets that are not known yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from wirestep.decode.engine import Engine
from wirestep.decode.secrets import Secrets
from wirestep.model import Record
from wirestep.protocols import REGISTRY

from .contract import START, Fate, Journey
from .frames import RAW_IP, repaired, turned
from .plan import Fault

_ANY = None


@dataclass(slots=True)
class _Waiting:
    """A fault, and how often it can still strike."""

    fault: Fault
    left: int


class Script:
    """Asked about each packet when it leaves, in order.

    Where a fault looks for what is said, all packets are decoded as they leave, with the secrets
    that are known by then: the packet that completes the message is the one that is struck.
    """

    def __init__(
        self, faults: Sequence[Fault], names: Sequence[str], secrets: Callable[[], Sequence[str]]
    ) -> None:
        self._waiting = [_Waiting(fault, fault.times) for fault in faults]
        self._names, self._lines = names, secrets
        self._counts: Counter[int | None] = Counter()
        self._wanted = frozenset(name for fault in faults for name in fault.match)
        self._secrets = Secrets()
        self._engine = Engine(REGISTRY, self._secrets) if self._wanted else None
        self._learnt = 0

    def judge(self, journey: Journey) -> Fate | None:
        """What becomes of this packet; None where the script says nothing."""
        self._counts[journey.sender] += 1
        self._counts[_ANY] += 1
        said = self._said(journey)
        for waiting in self._waiting:
            if waiting.left and self._strikes(waiting, journey, said):
                waiting.left -= 1
                return _edit(journey, waiting.fault)
        return None

    def _strikes(self, waiting: _Waiting, journey: Journey, said: set[tuple[str, object]]) -> bool:
        fault = waiting.fault
        if fault.sender not in (None, self._names[journey.sender]):
            return False
        if fault.packet:
            # With `times`: this one and those behind it.
            return self._counts[_ANY if fault.sender is None else journey.sender] >= fault.packet
        return said.issuperset(fault.match.items())

    def _said(self, journey: Journey) -> set[tuple[str, object]]:
        """The wanted fields of all messages that the packet completes."""
        if self._engine is None:
            return set()
        lines = self._lines()
        if len(lines) > self._learnt:
            self._secrets.add("\n".join(lines[self._learnt :]).encode())
            self._learnt = len(lines)
        data = journey.data
        record = Record(journey.number, START + journey.left, data, len(data), RAW_IP)
        messages = self._engine.feed(record, wanted=self._wanted)
        return {(name, value) for message in messages for name, value, _ in message.values}


def _edit(journey: Journey, fault: Fault) -> Fate:
    """The fate of a packet that is struck; an edit is made now that the packet is known."""
    fate = fault.fate
    if fate.kind != "edit":
        return fate
    if fault.swap[0]:
        data = journey.data.replace(*fault.swap, 1)
    else:
        data = turned(journey.data, fate.bit or 0)
    return replace(fate, data=repaired(data))
