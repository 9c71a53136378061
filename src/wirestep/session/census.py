"""Which protocols a whole capture holds, and what became of what was encrypted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from wirestep.capture import Capture
from wirestep.capture.arrays import Array
from wirestep.decode.contract import Registry
from wirestep.decode.engine import Engine
from wirestep.decode.secrets import Secrets
from wirestep.model import Message

from .below import Below
from .bulk_roads import Setting
from .bulk_sweep import Sweep
from .scanning import windows
from .sharing import WORTH, processes, shares, together
from .verdicts import Verdict, Verdicts
from .wholesale import bound

Named = set[tuple[str, int, bytes]]
"""(protocol, conversation, what a key log calls its connection by)."""


def _labels(messages: Iterable[Message]) -> list[str]:
    """What people call the protocols of a frame, each once."""
    return list(dict.fromkeys(m.label for m in messages if m.protocol != "frame"))


class Tally:
    """What is counted of some frames."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.secret = frozenset(card.secret for card in registry.cards.values() if card.secret)
        self.frames: Counter[str] = Counter()
        """By what people call a protocol, from the outermost on: frames that hold it."""
        self.verdicts = Verdicts(registry)
        self.named: Named = set()

    @property
    def wanted(self) -> frozenset[str]:
        """Fields that must be kept for `add`."""
        return self.secret | self.verdicts.names

    def add(self, flow: int, messages: Sequence[Message]) -> None:
        """One frame of a conversation."""
        self.frames.update(_labels(messages))
        self.verdicts.add(flow, messages)
        for message in messages:
            for name, value, _ in message.values:
                if name in self.secret and isinstance(value, bytes):
                    card = self.registry[message.protocol]
                    self.named.add((card.family or card.name, flow, value))

    def give(self) -> tuple[Counter[str], tuple[Verdict, ...], Named]:
        """What can be handed to another process."""
        return self.frames, self.verdicts.all(), self.named

    def take(self, frames: Counter[str], verdicts: Iterable[Verdict], named: Named) -> None:
        """What another process gave."""
        self.frames.update(frames)
        self.verdicts.merge(verdicts)
        self.named |= named


class Census:
    """Counts a capture that is complete: a small one frame by frame, a large one in bulk."""

    def __init__(self, capture: Capture, registry: Registry, secrets: Secrets) -> None:
        self.capture, self.registry, self.secrets = capture, registry, secrets
        self.found = Tally(registry)

    def take(self) -> Tally:
        """Look through the whole capture.

        Raises:
            Failed: a process that helped was ended.
        """
        columns = self.capture.columns
        kinds = np.full(len(columns), -1, np.int64)
        if len(columns) >= WORTH:
            kinds = self._in_bulk()
        engine = Engine(self.registry, self.secrets)
        rows = np.flatnonzero(kinds < 0)
        for record in self.capture.records(rows.tolist()):
            messages = engine.feed(record, wanted=self.found.wanted)
            self.found.add(int(columns.flow[record.number]) >> 1, messages)
        return self.found

    def _in_bulk(self) -> Array:
        """All that conversations carry; the kinds of headers, -1 for frames that are left over."""
        columns = self.capture.columns
        below = Below(self.capture, self.registry, self.secrets)
        kinds = np.full(len(columns), -1, np.int64)
        for window in windows(self.capture, np.arange(len(columns))):
            kinds[window.rows] = below.kinds(columns, window)
        flow = columns.flow >> 1
        plain = np.append(Sweep.covers(columns), False)  # -1: no conversation
        plain[flow[(kinds < 0) & (flow >= 0)]] = False
        kinds[~plain[flow]] = -1
        for kind, count in zip(*np.unique(kinds[kinds >= 0], return_counts=True), strict=True):
            for label in _labels(below.messages(int(kind))):
                self.found.frames[label] += int(count)
        parts = shares(columns, processes(columns), bound(self.capture, self.registry))
        mine = [[one for one in part if plain[one]] for part in parts]
        for step in together(self._work, mine):
            for found in step:
                self.found.take(*found)
        return kinds

    def _work(
        self, flows: Sequence[int]
    ) -> Iterator[tuple[Counter[str], tuple[Verdict, ...], Named]]:
        """What some conversations hold, window by window."""
        setting = Setting(self.capture, self.registry, self.secrets, self.found.wanted)
        sweep = Sweep(setting, flows)
        flow = self.capture.columns.flow
        for start, stop in sweep.windows():
            tally = Tally(self.registry)
            frames: dict[int, list[Message]] = {}
            for part in sweep.read(start, stop):
                for message in part.messages:
                    frames.setdefault(message.record, []).append(message)
            for row in sorted(frames):
                tally.add(int(flow[row]) >> 1, frames[row])
            yield tally.give()
