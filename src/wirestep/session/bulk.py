"""Deep decoding in bulk: the messages of conversations, of one or of all of a capture.

They are those that an engine makes of the same records in the lean gear, without the layers below
the conversation (frame, link, network, transport). `flow`, `number`, `inside` and `answers` of a
message count within one conversation (`messages`) or one pass (`sweep`), not within the capture:
the conversation is `columns.flow[message.record] >> 1`. For one thread.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from sys import getsizeof

import numpy as np

from wirestep.capture import Capture
from wirestep.decode.contract import Registry
from wirestep.decode.lean import Wanted
from wirestep.decode.secrets import Secrets
from wirestep.model import Message

from .bulk_roads import FrameRoad, Part, Road, Setting, road
from .bulk_rows import CARRIERS, Rows
from .bulk_sweep import Sweep

KEPT = 64 << 20
"""Bytes of messages that are kept, roughly; those asked for longest ago go first."""
MESSAGE = 400
"""Bytes that a message takes besides its values and its summary, roughly."""

Asked = tuple[int, Wanted, frozenset[str] | None]
"""A conversation, the fields that are wanted of it, the protocols."""

__all__ = ["Bulk", "Part"]


@dataclass
class Known:
    """What has been decoded of a conversation, and how it goes on."""

    road: Road
    rows: Rows
    done: int = 0
    """Rows decoded."""
    again: int = 0
    """Rows before this one are only decoded to find out how the ones behind it go on."""
    parts: list[Part] = field(default_factory=list)
    """Empty where it would be too much to keep."""
    cost: int = 0
    kept: bool = True


class Bulk:
    """The messages of a capture's conversations, when somebody asks for them."""

    def __init__(self, capture: Capture, registry: Registry, secrets: Secrets) -> None:
        self.capture, self.registry, self.secrets = capture, registry, secrets
        self._known: OrderedDict[Asked, Known] = OrderedDict()
        self._count = secrets.count

    def covers(self, flow: int) -> bool:
        """Whether this is a conversation of a transport that carries others."""
        flows = self.capture.columns.flows
        return int(flows.transport[flow]) in CARRIERS and int(flows.stream[flow]) >= 0

    def messages(
        self, flow: int, wanted: Wanted = frozenset(), only: frozenset[str] | None = None
    ) -> Iterator[Part]:
        """The messages of a conversation, with the values of the fields `wanted`.

        `only`: the protocols (names of cards, or their families) whose messages are asked for,
        besides those that have `wanted` fields. Where nothing but encrypted records of another
        protocol can follow, their messages may be left out, and those of other protocols may have
        no lines (summary, brief); None gives all.

        Each part took some milliseconds; who has enough stops asking. What was decoded is kept,
        and goes on where the capture has grown.
        """
        self._forget_old_secrets()
        rows = self.capture.columns.rows_of(flow)
        if not self.covers(flow) or not len(rows):
            return
        key, setting = (flow, wanted, only), self._setting(wanted, only)
        known = self._known.pop(key, None)
        if known is None:
            known = Known(road(setting, flow, rows), rows)
        known.rows = rows
        try:
            yield from tuple(known.parts)
            while known.done < len(rows):
                part = self._step(known, flow, setting)
                if part is not None:
                    yield part
        finally:
            self._keep(key, known)

    def sweep(
        self,
        flows: Sequence[int] | None = None,
        wanted: Wanted = frozenset(),
        only: frozenset[str] | None = None,
    ) -> Iterator[Part]:
        """The messages of many conversations (None: of all) in one pass over the file.

        Within a conversation they come in order; nothing is kept. `only` as in `messages`.
        """
        return iter(Sweep(self._setting(wanted, only), flows))

    def _setting(self, wanted: Wanted, only: frozenset[str] | None) -> Setting:
        return Setting(self.capture, self.registry, self.secrets, wanted, only)

    def _step(self, known: Known, flow: int, setting: Setting) -> Part | None:
        """The next part; None where there is none to show yet."""
        part = known.road.step(known.rows[known.done :])
        if part is None:  # it looked plain, and then it was not: begin again, frame by frame
            known.road = FrameRoad(setting, flow, known.rows)
            known.again, known.done = known.done, 0
            return None
        known.done += len(part.rows)
        if known.done <= known.again:
            return None
        if known.done - len(part.rows) < known.again:
            first = int(known.rows[known.again])
            late = [message for message in part.messages if message.record >= first]
            part = Part(part.rows[np.searchsorted(part.rows, first) :], late)
        if known.kept:
            known.parts.append(part)
            known.cost += sum(map(_cost, part.messages))
            if known.cost > KEPT // 2:
                known.kept, known.parts = False, []
        return part

    def _keep(self, key: Asked, known: Known) -> None:
        if not known.kept:
            return
        self._known[key] = known
        total = sum(one.cost for one in self._known.values())
        while total > KEPT and len(self._known) > 1:
            _, oldest = self._known.popitem(last=False)
            total -= oldest.cost

    def _forget_old_secrets(self) -> None:
        """What could not be read may be readable now."""
        if self._count != self.secrets.count:
            self._count = self.secrets.count
            self._known.clear()


def _cost(message: Message) -> int:
    """Bytes that a message takes, roughly."""
    values = sum(getsizeof(value) + 80 for _, value, _ in message.values)
    return MESSAGE + len(message.summary) + 8 * len(message.records) + values
