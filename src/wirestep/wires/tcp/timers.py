"""How long to wait: the retransmission time-out (RFC 6298), and the alarms that are set."""

from __future__ import annotations

from dataclasses import dataclass

from .options import MS, Options

GRANULARITY = MS
"""G of RFC 6298: the clock of the timestamps ticks so often."""

RTO, DELAYED_ACK, PERSIST, TIME_WAIT, KEEP_ALIVE = (
    "RTO",
    "delayed ACK",
    "persist",
    "TIME-WAIT",
    "keep-alive",
)


class RoundTrip:
    """The smoothed round-trip time and what follows from it (RFC 6298 section 2)."""

    __slots__ = ("_options", "back_offs", "rto", "rttvar", "srtt")

    def __init__(self, options: Options) -> None:
        self._options = options
        self.srtt: int | None = None
        self.rttvar = 0
        self.rto = options.rto_initial
        self.back_offs = 0
        """Time-outs one after the other, without an acknowledgment of anything new."""

    def sample(self, rtt: int) -> None:
        """Take a measured round trip; not one of a segment sent twice (Karn, section 3)."""
        if self.srtt is None:
            self.srtt = rtt
            self.rttvar = rtt // 2
        else:
            self.rttvar = (3 * self.rttvar + abs(self.srtt - rtt)) // 4
            self.srtt = (7 * self.srtt + rtt) // 8
        rto = self.srtt + max(GRANULARITY, 4 * self.rttvar)
        self.rto = min(max(rto, self._options.rto_min), self._options.rto_max)

    def back_off(self) -> None:
        """The timer ran out: wait twice as long (section 5, rule 5.5)."""
        self.back_offs += 1
        self.rto = min(self.rto * 2, self._options.rto_max)

    def after_lost_syn(self) -> None:
        """A SYN was repeated: 3 s, unless something was measured (section 5, rule 5.7).

        Only timestamps can tell a round trip then, and they do.
        """
        if self.srtt is None:
            self.rto = max(self.rto, 3 * self._options.rto_initial)


@dataclass(slots=True)
class Alarm:
    """A timer that is running."""

    name: str
    armed: int
    due: int
    start: int = 0
    stop: int = 0
    """The sequence numbers [start, stop) it is for; none where both are the same."""


class Alarms:
    """The timers of one connection that are running, one of each name."""

    __slots__ = ("_set",)

    def __init__(self) -> None:
        self._set: dict[str, Alarm] = {}

    def arm(self, name: str, now: int, wait: int, start: int = 0, stop: int = 0) -> None:
        """Let `name` ring `wait` ns from now; one that runs already is set anew."""
        self._set[name] = Alarm(name, now, now + wait, start, stop)

    def stop(self, name: str) -> None:
        self._set.pop(name, None)

    def clear(self) -> None:
        self._set.clear()

    def __contains__(self, name: str) -> bool:
        return name in self._set

    @property
    def due(self) -> int | None:
        """When the next one rings, ns."""
        return min([alarm.due for alarm in self._set.values()]) if self._set else None

    def take(self, now: int) -> str | None:
        """The name of one that is due, the earliest first; it runs no longer."""
        alarm = min(self._set.values(), key=lambda alarm: alarm.due, default=None)
        if alarm is None or alarm.due > now:
            return None
        del self._set[alarm.name]
        return alarm.name

    def running(self) -> list[Alarm]:
        """Those that run, the earliest first."""
        return sorted(self._set.values(), key=lambda alarm: alarm.due)
