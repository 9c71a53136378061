"""Playing a capture: how many packets fall due as real time passes."""

from __future__ import annotations

from collections.abc import Callable

SPEEDS = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0)
GAPS = (0, 500_000_000, 2_000_000_000, 5_000_000_000)
"""The longest waits to choose from, in ns of real time; 0 waits as long as the capture did."""
MOST = 500
"""Packets a tick; more would hold the keyboard up."""


class Playback:
    """Speed, longest wait, and the time that has passed since the current packet."""

    def __init__(self) -> None:
        self.playing = False
        self.place = SPEEDS.index(1.0)
        self.gap = GAPS[2]
        self.stopped = ""
        """Why it was stopped, where something stopped it."""
        self._waited = 0.0

    @property
    def speed(self) -> float:
        """Capture time per real time."""
        return SPEEDS[self.place]

    def text(self) -> str:
        """The speed as people write it."""
        return f"{self.speed:g}×"

    def start(self) -> None:
        """From the current packet on."""
        self.playing, self.stopped, self._waited = True, "", 0.0

    def stop(self, why: str = "") -> None:
        """Holds; `why` where it was not the user."""
        self.playing, self.stopped = False, why

    def faster(self, by: int) -> None:
        """To the next speed."""
        self.place = max(0, min(len(SPEEDS) - 1, self.place + by))

    def next_gap(self) -> None:
        """To the next longest wait."""
        self.gap = GAPS[(GAPS.index(self.gap) + 1) % len(GAPS)]

    def due(self, passed: float, now: int, times: Callable[[int], int | None]) -> int:
        """Packets to step forward after `passed` ns of real time.

        `now` is the time of the current packet; `times(n)` that of the n-th after it (from 1), or
        None where there is none. Times that run backwards count as no wait.
        """
        self._waited += passed
        steps, current = 0, now
        while steps < MOST:
            later = times(steps + 1)
            if later is None:
                break
            wait = max(0, later - current) / self.speed
            if self.gap:
                wait = min(wait, self.gap)
            if self._waited < wait:
                break
            self._waited -= wait
            current = later
            steps += 1
        return steps
