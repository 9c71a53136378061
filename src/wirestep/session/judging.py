"""Verdicts on all conversations of a large capture, found in the background a little at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wirestep.capture import Capture
from wirestep.decode.contract import Registry
from wirestep.decode.secrets import Secrets

from .bulk import Bulk, Part
from .verdicts import Verdicts, told


class Judging:
    """Somebody calls `step`, others ask for `told` meanwhile."""

    def __init__(self, capture: Capture, registry: Registry, secrets: Secrets) -> None:
        self.capture, self.registry, self.secrets = capture, registry, secrets
        self._begin()

    def _begin(self) -> None:
        self.done = 0
        """Packets looked at; from 0 on again where secrets have come."""
        self._count = self.secrets.count
        self._found = Verdicts(self.registry)
        self._parts = self._all()

    def _all(self) -> Iterator[Part]:
        bulk = Bulk(self.capture, self.registry, self.secrets)
        return bulk.sweep(wanted=self._found.names, only=frozenset())

    def step(self) -> bool:
        """Read on for some milliseconds; False where all is read, or the capture still grows."""
        if not self.capture.finished:
            return False
        if self._count != self.secrets.count:
            self._begin()
        part = next(self._parts, None)
        if part is None:
            return False
        flow = self.capture.columns.flow
        for message in part.messages:
            self._found.add(int(flow[message.record]) >> 1, (message,))
        self.done += len(part.rows)
        return True

    def told(self) -> Mapping[int, tuple[str, str]]:
        """By conversation: Flowline.opened and verdict, as far as they are known."""
        return told(self._found.all())
