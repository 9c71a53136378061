"""Runs of the lab as they are told: what passed a door, decoded with the run's own secrets."""

from __future__ import annotations

from typing import NamedTuple

from wirestep.decode.engine import Engine
from wirestep.decode.lean import Wanted
from wirestep.decode.secrets import Secrets
from wirestep.model import Message
from wirestep.protocols import REGISTRY
from wirestep.wires.contract import START
from wirestep.wires.run import Run
from wirestep.wires.tap import log, records


class Rung(NamedTuple):
    """One packet, as a ladder shows it."""

    time: int
    """Nanoseconds since the run began."""
    size: int
    labels: tuple[str, ...]


def messages(run: Run, tap: str = "wire", wanted: Wanted = frozenset()) -> list[list[Message]]:
    """What is said in each packet that passed `tap`, in order."""
    engine = Engine(REGISTRY, Secrets(log(run)))
    return [engine.feed(record, wanted=wanted) for record in records(run, tap)]


def ladder(run: Run, tap: str = "wire") -> list[Rung]:
    """Times, sizes and labels of all packets that passed `tap`."""
    rows = zip(records(run, tap), messages(run, tap), strict=True)
    return [
        Rung(record.time - START, record.length, tuple(message.label for message in said))
        for record, said in rows
    ]


def first(run: Run, tap: str, name: str, value: object) -> int | None:
    """When the first packet passed `tap` that completes a message with this field, ns."""
    rows = zip(records(run, tap), messages(run, tap, frozenset((name,))), strict=True)
    for record, said in rows:
        if any((name, value) == pair[:2] for message in said for pair in message.values):
            return record.time - START
    return None
