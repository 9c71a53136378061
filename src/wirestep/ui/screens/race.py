"""The race: one question over four stacks, in lanes on one clock."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.widget import Widget
from textual.worker import get_current_worker

from wirestep.session.comparing import Seat
from wirestep.session.racing import Race, Racing, parts
from wirestep.session.racing_wish import RaceWish
from wirestep.timeline.times import milliseconds
from wirestep.ui import screens
from wirestep.ui.keys import bindings
from wirestep.ui.playback import SPEEDS
from wirestep.ui.screens.paned import Paned
from wirestep.ui.widgets.bars import Overview, Part, Reading
from wirestep.ui.widgets.finish_view import FinishView
from wirestep.ui.widgets.pane import Pane
from wirestep.ui.widgets.prompt import Prompt, Question, Verdict
from wirestep.ui.widgets.race_bars import RaceTransport, columns
from wirestep.ui.widgets.race_view import RaceView
from wirestep.ui.widgets.too_small import TooSmall

if TYPE_CHECKING:
    from collections.abc import Callable

    from wirestep.session import Session

FRAME = 1 / 30
"""Seconds between two pictures while it plays."""
STEPS = 60
"""Presses of an arrow key from the begin of a race to its end."""
TICK = 1_000_000


class RaceScreen(Paned):
    """A race, run and then played."""

    NAMES = ("Lanes", "Finish")
    PLACE = "race"
    BINDINGS = bindings("race")
    DEFAULT_CSS = """
    RaceScreen #body { layout: vertical; height: 1fr; }
    RaceScreen #pane-finish { height: 8; }
    RaceScreen.-narrow #body { layout: vertical; }
    RaceScreen.-narrow #race { display: none; }
    RaceScreen.-narrow.view-1 #race { display: block; }
    """

    def __init__(self, words: str, look: Callable[[Session, int], None]) -> None:
        """`words`: what is raced, see RaceWish.changed; `look` opens the inspector."""
        super().__init__()
        self.wish, self._look = RaceWish().changed(words), look
        self.racing = Racing(self.wish)
        self.race: Race | None = None
        self.now = 0
        self.playing = False
        self.chosen = 1
        self._speed = SPEEDS.index(0.25)
        self._before = 0.0
        self.lanes, self.finish = RaceView(parts()), FinishView()
        self.strip, self.transport, self.prompt = Overview(), RaceTransport(), Prompt()

    def views(self) -> Sequence[Widget]:
        """The lanes, the finish."""
        return (self.lanes, self.finish)

    def compose(self) -> ComposeResult:
        """Header, lanes, finish, strip, transport, footer, prompt."""
        yield self.header
        yield self.tabs
        with Container(id="body"):
            yield self.lanes
            pane = Pane("5 Finish", self.finish, id="pane-finish")
            pane.add_class("pane-2")
            yield pane
        yield self.strip
        yield self.transport
        yield self.footer
        yield self.prompt
        yield TooSmall()

    def on_mount(self) -> None:
        """Runs it, and plays it when it has been run."""
        self.set_interval(FRAME, self._beat)
        self._start(self.wish)

    # running

    def _start(self, wish: RaceWish) -> None:
        self.wish, self.racing, self.race = wish, Racing(wish), None
        self.now, self.playing = 0, False
        self._show()
        self.run_worker(self._run, thread=True, exclusive=True, group="race")

    def _run(self) -> None:
        """In a thread."""
        worker, racing, app = get_current_worker(), self.racing, self.app

        def told(race: Race) -> None:
            if not worker.is_cancelled:
                app.call_from_thread(self._take, racing, race)

        try:
            racing.run(told, lambda: not worker.is_cancelled)
        except ValueError as error:
            if not worker.is_cancelled:
                app.call_from_thread(self.say, str(error), "bad")

    def _take(self, racing: Racing, race: Race) -> None:
        if racing is not self.racing or not self.is_attached:
            return
        self.race = race
        if race.over:
            self.playing, self._before = True, time.monotonic()
        self._show()

    # playing

    @property
    def speed(self) -> float:
        """Of the race's clock against a real one."""
        return SPEEDS[self._speed]

    def _beat(self) -> None:
        if not self.playing or self.race is None:
            return
        now = time.monotonic()
        passed, self._before = now - self._before, now
        self.now = min(self.race.ends, self.now + round(passed * 1e9 * self.speed))
        self.playing = self.now < self.race.ends
        self._show()

    def _show(self) -> None:
        race, now = self.race, self.now
        self.lanes.set(race, now, self.chosen)
        self.finish.set(race, now)
        counts, head = columns(race, now, self.strip.columns)
        self.strip.set(counts, head, ())
        sent = sum(len(lane.sent(now)) for lane in race.lanes) if race else 0
        whole = sum(len(lane.flights) for lane in race.lanes) if race else 0
        digits = 3 if self.size.width >= 100 else 0
        self.transport.set(
            Reading(
                self.playing, "", f"{self.speed:g}×", f"{milliseconds(now, digits)} ms",
                f"packets {sent} / {whole}",
            )
        )  # fmt: skip
        self._tell()

    def _tell(self) -> None:
        wish, race = self.wish, self.race
        words = wish.words().split()
        right: list[Part] = [
            ("RTT ", "dim", False), (f"{milliseconds(wish.rtt, 0)} ms  ", "fg", True),
            ("loss ", "dim", False), (f"{words[3]}  ", "fg", True),
            ("seed ", "dim", False), (f"{wish.seed}  ", "fg", True),
        ]  # fmt: skip
        if race is None or not race.over:
            right.append((f"● LANE {len(race.lanes) + 1 if race else 1} ", "acc", True))
        else:
            right.append(("● RACE " if self.now < race.ends else "● FINISH ", "good", True))
        bits = "" if not wish.rate else f" · {words[5]}"
        self.header.set("race", f"GET {wish.path}{bits} · name already resolved", right)

    # what can be done

    def action_play(self) -> None:
        """Plays, or pauses; from the begin where it is over."""
        if self.race is None or not self.race.over:
            return
        self.playing = not self.playing
        if self.playing and self.now >= self.race.ends:
            self.now = 0
        self._before = time.monotonic()
        self._show()

    def action_scrub(self, by: int) -> None:
        """A little back or forward."""
        if self.race is not None:
            self._to(self.now + by * max(TICK, self.race.ends // STEPS))

    def action_edge(self, by: int) -> None:
        """To the begin or the end."""
        if self.race is not None:
            self._to(self.race.ends if by > 0 else 0)

    def _to(self, now: int) -> None:
        assert self.race is not None
        self.playing = False
        self.now = max(0, min(self.race.ends, now))
        self._show()

    @on(Overview.Sought)
    def _sought(self, event: Overview.Sought) -> None:
        if self.race is not None:
            self._to(self.race.ends * event.column // max(1, event.width - 1))

    def action_speed(self, by: int) -> None:
        """Faster, or slower."""
        self._speed = max(0, min(len(SPEEDS) - 1, self._speed + by))
        self._show()

    def action_choose(self, by: int) -> None:
        """Another lane."""
        self.chosen = (self.chosen - 1 + by) % len(parts()) + 1
        self._show()

    @on(RaceView.Picked)
    def _picked(self, event: RaceView.Picked) -> None:
        self.chosen = event.number
        self._show()

    def _session(self) -> Session | None:
        """What the chosen lane's client saw; None where it has not run yet."""
        if self.race is None or self.chosen > len(self.race.lanes):
            self.say("this lane is still being run", "warn")
            return None
        self.playing = False
        self._show()
        return self.racing.session(self.chosen)

    def action_lane(self, number: int) -> None:
        """Opens a lane in the inspector; 0: the chosen one."""
        self.chosen = number or self.chosen
        session = self._session()
        if session is not None:
            self._look(session, 0)

    def action_ledger(self) -> None:
        """The bill of the chosen lane."""
        session = self._session()
        if session is None:
            return
        session.start()

        def left(record: int | None) -> None:
            if record is None:
                session.close()
            else:
                self._look(session, record)

        self.app.push_screen(screens.LedgerScreen(session, None), left)

    def action_compare(self) -> None:
        """The chosen lane beside the fastest other one."""
        race = self.race
        if race is None or not race.over:
            self.say("the lanes are still being run", "warn")
            return
        other = next(lane.number for lane in race.placed() if lane.number != self.chosen)
        self.playing = False
        self._show()
        seats = tuple(
            Seat(self.racing.session(number), None, race.lanes[number - 1].title)
            for number in (self.chosen, other)
        )
        for seat in seats:
            seat.session.start()

        def close() -> None:
            for seat in seats:
                seat.session.close()

        screen = screens.CompareScreen(lambda: (seats[0], seats[1]), close)
        self.app.push_screen(screen)

    def action_seed(self) -> None:
        """The same race with other random draws."""
        self._start(replace(self.wish, seed=self.wish.seed + 1))

    def action_edit(self) -> None:
        """Asks for other numbers."""

        def judge(text: str, mode: str) -> Verdict:
            try:
                self.wish.changed(text)
            except ValueError as error:
                return Verdict(False, str(error))
            return Verdict()

        hint = "the race is run anew; path is /, /style.css, /bytes/20000 ..."
        self.prompt.ask(Question("link", "Link and request", self.wish.words(), hint, judge))

    @on(Prompt.Answered)
    def _answered(self, event: Prompt.Answered) -> None:
        self.views()[self.number - 1].focus()
        if event.kind == "link":
            self._start(self.wish.changed(event.text))

    @on(Prompt.Cancelled)
    def _cancelled(self) -> None:
        self.views()[self.number - 1].focus()

    def action_back(self) -> None:
        """Leaves."""
        if len(self.app.screen_stack) > 2:
            self.dismiss(None)
        else:
            self.app.exit(0)
