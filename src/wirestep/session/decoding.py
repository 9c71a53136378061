"""A whole capture, decoded from its first record to its last, for printing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from wirestep.capture import Capture
from wirestep.decode.contract import Registry
from wirestep.decode.engine import Engine
from wirestep.decode.secrets import NO_SECRETS, Secrets
from wirestep.model import Message, Record
from wirestep.timeline.select import Filter
from wirestep.timeline.times import decimals

from .filtering import frame_values


@dataclass(frozen=True, slots=True)
class Decoded:
    """One record and all messages that it completed."""

    record: Record
    messages: tuple[Message, ...]
    previous: int
    """Time of the record before this one, ns; its own for the first."""
    shown: int
    """Time of the record that was given out before this one, ns; its own for the first."""
    digits: int
    """Decimals of a second that its clock has."""

    def plain(self, names: Iterable[str], registry: Registry) -> list[str]:
        """The values of the fields `names`, as scripts want them, in the order of the tree."""
        wanted = frozenset(names)
        found = []
        for message in self.messages:
            if message.protocol in wanted:
                found.append(registry[message.protocol].title)
            found += plain_values(message, wanted, registry)
        return found


def plain_values(message: Message, wanted: Collection[str], registry: Registry) -> list[str]:
    """The values of those fields of a message that are wanted, as scripts want them."""
    return [registry.info(name).plain(value) for name, value, _ in message.values if name in wanted]


def expanded(names: Iterable[str], registry: Registry) -> Mapping[str, tuple[str, ...]]:
    """By name: the fields it stands for ("tcp.port" for both ports); a protocol is itself."""
    aliases = {name: of for name, of in registry.aliases.items() if name not in registry.cards}
    return {name: aliases.get(name, (name,)) for name in names}


def decoded(
    capture: Capture,
    registry: Registry,
    *,
    secrets: Secrets = NO_SECRETS,
    full: bool = False,
    names: Iterable[str] = (),
    wish: Filter | None = None,
    most: int | None = None,
) -> Iterator[Decoded]:
    """Records in order, those that pass `wish`; `names` are kept in the lean gear.

    At most `most` records are read (not: given out), as tshark's -c means it.
    """
    engine = Engine(registry, secrets)
    wanted = frozenset(names) | (wish.names if wish is not None else frozenset())
    count = capture.count if most is None else min(most, capture.count)
    interfaces = capture.interfaces
    shown: int | None = None
    for record in capture.records(range(count)):
        messages = tuple(engine.feed(record, full=full, wanted=wanted))
        if wish is not None:
            layered = wish.needs_layers
            if not wish.matches(frame_values(messages, registry, record.data, layered=layered)):
                continue
        before = int(capture.columns.time[max(0, record.number - 1)])
        digits = decimals(interfaces[record.interface].resolution)
        yield Decoded(record, messages, before, record.time if shown is None else shown, digits)
        shown = record.time
