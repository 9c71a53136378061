"""One direction of a wire: what becomes of a packet that is sent into it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from wirestep.exchange.contract import Chance

from .contract import MS, SECOND, Link
from .frames import turned

SHORTEST = 1_000
"""Nanoseconds that the shortest wire takes: nothing arrives in the instant in which it leaves."""


class Passage(NamedTuple):
    """What a link does to one packet."""

    left: int
    lands: int
    """When it arrives, or would have."""
    fate: str = ""
    """As in Journey; "lost", "queue full" and "too large" do not arrive."""
    arrived: bytes | None = None
    copy: int | None = None
    """When a second one arrives."""


LOST = frozenset(("lost", "dropped", "held", "queue full", "too large", "no such host"))
"""Fates of packets that do not arrive."""


class Channel:
    """Carries packets of one host to one other.

    Each kind of mishap draws from a stream of chance of its own, once for each packet, so that
    another share of loss leaves the delays as they are.
    """

    def __init__(self, link: Link, chance: Callable[[str], Chance]) -> None:
        self.link = link
        self.count = 0
        """Packets so far."""
        self._chance = {
            name: chance(name) for name in ("loss", "jitter", "reorder", "duplicate", "corrupt")
        }
        self._free = 0
        """When the last packet will have left."""
        self._latest = 0
        """When the last packet lands that keeps its place."""
        self._waiting: deque[int] = deque()

    def send(self, data: bytes, now: int) -> Passage:
        """What happens to a packet that is handed over `now`."""
        link = self.link
        self.count += 1
        delay = max(link.delay, SHORTEST)
        if len(data) > link.mtu:
            return Passage(now, now + delay, "too large")
        left = self._turn(now)
        if left is None:
            return Passage(now, now + delay, "queue full")
        spent = len(data) * 8 * SECOND // link.rate if link.rate else 0
        self._free = left + spent
        if link.rate:
            self._waiting.append(left)
        lands = left + spent + delay + self._late()
        if self._happens("reorder", link.reorder):
            lands += self._chance["reorder"].randrange(delay // 4, delay // 2 + MS)
        else:
            # Equal times keep the order in which they were planned.
            self._latest = lands = max(lands, self._latest)
        return self._mishap(data, left, lands)

    def _turn(self, now: int) -> int | None:
        """When the packet leaves; None where the queue has no room for it."""
        while self._waiting and self._waiting[0] <= now:
            self._waiting.popleft()
        if len(self._waiting) >= self.link.queue:
            return None
        return max(now, self._free)

    def _late(self) -> int:
        return self._chance["jitter"].randrange(0, self.link.jitter + 1) if self.link.jitter else 0

    def _happens(self, name: str, share: float) -> bool:
        return share > 0 and self._chance[name].random() < share

    def _mishap(self, data: bytes, left: int, lands: int) -> Passage:
        link = self.link
        lost = self._happens("loss", link.loss)
        copied = self._happens("duplicate", link.duplicate)
        changed = self._happens("corrupt", link.corrupt)
        if lost or self.count in link.lose or (link.every and self.count % link.every == 0):
            return Passage(left, lands, "lost")
        copy = lands if copied else None
        if changed:
            bit = self._chance["corrupt"].randrange(0, 8 * len(data))
            return Passage(left, lands, "corrupted", turned(data, bit), copy)
        return Passage(left, lands, "", None, copy)
