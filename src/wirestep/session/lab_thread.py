"""The thread of a lab: does what is wished, one after the other, and shows what came of it."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Mapping
from types import MappingProxyType

from wirestep.model import safe
from wirestep.wires.contract import MS, SECOND

from .lab_ahead import Ahead, Ask
from .lab_desk import BadFilter, Desk
from .lab_views import Consequence, Expected, Snapshot

SPEEDS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 50.0)
"""Virtual time for real time."""
BEAT = 1 / 40
"""Seconds between two pictures while it runs."""
SILENT = 0.8
"""Seconds of real time that a silence takes at most while it runs."""
PATIENT = 0.1
"""Seconds after which something that takes long shows how far it has come."""
Wish = Callable[[], str | None]
"""What is done in the thread; it may say a sentence for the user."""


class Doing:
    """A desk, and the thread that works at it.

    `told` is called, in that thread, when there is a new snapshot.
    """

    def __init__(self, desk: Desk, told: Callable[[], None] = lambda: None) -> None:
        self._desk, self.told = desk, told
        self._wishes: queue.SimpleQueue[Wish | None] = queue.SimpleQueue()
        self._running = False
        self._stopped = ""
        self._speed = _usual_speed(desk.way)
        self._halted = threading.Event()
        """Set: what takes long shall end."""
        self._expected: Expected | None = None
        self._consequences: Mapping[str, Consequence] = MappingProxyType({})
        self._highlight = "drop"
        self._ahead = Ahead(self._foreseen)
        self._long = False
        """Something is done that takes long."""
        self._asked = self._done = 0
        """Wishes."""
        self._shown = 0.0
        self._said, self._tellings = "", 0
        self._thread: threading.Thread | None = None
        self._closed = False
        self.snapshot: Snapshot = desk.snapshot(speed=self._speed_text())
        """The newest picture."""

    def start(self) -> None:
        """Begin to do what is wished in a thread; until then wishes are done at once."""
        self._thread = threading.Thread(target=self._work, name="lab", daemon=True)
        self._thread.start()
        self._ahead.start()
        self._wish(lambda: None)

    def close(self) -> None:
        """End the threads, after what they are at."""
        self._closed = True
        self._halted.set()
        self._ahead.close()
        self._wishes.put(None)
        if self._thread is not None:
            self._thread.join()

    @property
    def busy(self) -> bool:
        """Something that was wished is not done yet, or the lab runs."""
        return self._running or self._done < self._asked

    def _wish(self, work: Wish) -> None:
        self._asked += 1
        if self._thread is None:
            self._do(work)
        else:
            self._wishes.put(work)

    def _work(self) -> None:
        last = time.monotonic()
        while not self._closed:
            try:
                wish = self._wishes.get(timeout=BEAT if self._running else None)
            except queue.Empty:
                now = time.monotonic()
                self._tick(now - last)
                last = now
                continue
            if wish is None:
                return
            if wish == self._publish:
                self._publish()
                continue
            self._do(wish)
            last = time.monotonic()

    def _do(self, work: Wish) -> None:
        """Do what is wished; whatever goes wrong is a sentence for the user."""
        self._halted.clear()
        try:
            said = work() or ""
        except BadFilter as error:
            said = f"neither a state nor a display filter: {error}"
        except ValueError as error:
            said = str(error)
        except Exception as error:
            if self._thread is None:
                raise
            # An engine of other people failed: the screen goes on, and says so.
            said = f"a fault of ours: {type(error).__name__}: {error}"
        self._long = False
        self._look_ahead()
        self._publish(said)
        self._done += 1

    def _publish(self, told: str = "") -> None:
        self._shown = time.monotonic()
        if told:
            self._said = safe(told)
            self._tellings += 1
        self.snapshot = self._desk.snapshot(
            running=self._running or self._long,
            speed=self._speed_text(),
            stopped=self._stopped,
            told=self._said,
            tellings=self._tellings,
            expected=self._expected,
            consequences=self._consequences,
        )
        self.told()

    def _going(self) -> bool:
        """Asked while something takes long: shows how far it has come."""
        if self._thread is not None and time.monotonic() - self._shown > PATIENT:
            self._long = True
            self._publish()
        return not (self._closed or self._halted.is_set())

    def _ending(self) -> str:
        """What is said where the run is over."""
        self._stopped = ""
        outcome = self._desk.moment.outcome
        if not outcome.over or not self._desk.newest:
            return ""
        self._stopped = outcome.reason or outcome.error or "all is said"
        if outcome.reason:
            return f"the run was stopped: {outcome.reason}"
        return f"the run is over: {outcome.error or 'the client has what it wanted'}"

    def halt(self) -> None:
        """What takes long ends as soon as it can."""
        self._halted.set()

    def _speed_text(self) -> str:
        return f"{self._speed:g}×"

    def _tick(self, passed: float) -> None:
        desk = self._desk
        if not desk.newest:
            self._replay(passed)
            return
        now = desk.moment.now
        by = round(min(passed, 4 * BEAT) * SECOND * self._speed)
        if not desk.moment.under and (due := min((t.due for t in desk.moment.timers), default=0)):
            by = max(by, round((due - now) * passed / SILENT), 1)
        if not desk.run_to(now + max(1, by)):
            self._running = False
            self._publish(self._ending())
            self._look_ahead()
            return
        self._publish()

    def _replay(self, passed: float) -> None:
        """Runs through the record up to the present, as fast as it would be there."""
        desk = self._desk
        wanted = desk.moment.now + round(passed * SECOND * self._speed)
        desk.go(1)
        while not desk.newest and desk.moment.now < wanted:
            desk.go(1)
        self._publish()

    # what will be

    def _look_ahead(self) -> None:
        desk = self._desk
        self._consequences = MappingProxyType({})
        if self._running:
            return
        moment, hand = desk.moment, desk.hand
        under = hand is not None and hand.number in {passage.number for passage in moment.under}
        action = self._highlight if under else ""
        fate = desk.fate(action) if action and action != "edit" else None
        self._ahead.ask(
            Ask(
                desk.course.run,
                moment.now,
                moment.decided,
                None if hand is None or fate is None else hand.journey,
                fate,
                action,
            )
        )

    def _foreseen(self, expected: Expected, consequence: Consequence | None) -> None:
        """Told by the thread that looks ahead."""
        self._expected = expected
        if consequence is not None:
            self._consequences = MappingProxyType({consequence.action: consequence})
        self._wishes.put(self._publish)


def _usual_speed(way: int) -> float:
    """One way across takes about a second."""
    return min(SPEEDS, key=lambda speed: abs(speed - max(way, MS) / SECOND))
