"""The lab: the only door of the screen to a wire that somebody holds.

Wishes go in and return at once; a thread of its own does them, one after the other, and after each
there is a new frozen snapshot. Consequences are worked out in a second thread, on runs of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from wirestep.protocols import registry
from wirestep.wires.scenario import load

from .comparing import Seat
from .lab_compare import Comparison, compared
from .lab_desk import BadFilter, Desk
from .lab_record import save, session_of
from .lab_settings import nudged, typed
from .lab_shelf import shelved
from .lab_thread import SPEEDS, Doing
from .session import Session


class Lab(Doing):
    """A scenario, open. `snapshot` is the newest picture of it."""

    @classmethod
    def open(cls, name: str, overrides: Mapping[str, object] | None = None) -> Lab:
        """A scenario of the shelf by its name, or of a file by its path.

        Raises:
            ValueError: there is none, or it is wrong: one sentence.
        """
        scenario = load(name)
        return cls(Desk(shelved(scenario), scenario.plan(overrides), registry({})))

    # forward and back

    def step(self) -> None:
        """To the next packet."""
        self._move(lambda: self._desk.step())

    def flight(self) -> None:
        """To the first packet that somebody else sends."""
        self._move(lambda: self._desk.flight(self._going))

    def message(self) -> None:
        """To the next packet that completes a message."""
        self._move(lambda: self._desk.message(self._going))

    def finish(self) -> None:
        """To the end."""
        self._move(lambda: self._desk.finish(self._going))

    def _move(self, move: Callable[[], bool]) -> None:
        def work() -> str:
            self._running = False
            move()
            return self._ending()

        self._wish(work)

    def until(self, text: str) -> None:
        """Until a packet passes a display filter, or an end comes to a state."""

        def work() -> str:
            self._running = False
            if self._desk.until(text, self._going):
                self._stopped = text
                return f"stopped at {text}"
            ending = self._ending()
            return f"{text} did not come: {ending}" if ending else f"stopped before {text} came"

        self._wish(work)

    def go(self, by: int) -> None:
        """Through the record, back (below 0) or forward."""

        def work() -> None:
            self._running = False
            self._desk.go(by)

        self._wish(work)

    def run(self) -> None:
        """Run on, or pause; ends what takes long."""

        def work() -> str:
            self._running = not self._running
            self._stopped = ""
            if not self._running:
                self._desk.grab()
            if self._running and self._desk.moment.outcome.over and self._desk.newest:
                self._running = False
                return self._ending()
            return ""

        if self._long:
            self.halt()
        else:
            self._wish(work)

    def faster(self, by: int) -> None:
        """Another speed to run at."""

        def work() -> None:
            place = SPEEDS.index(self._speed) + by
            self._speed = SPEEDS[max(0, min(len(SPEEDS) - 1, place))]

        self._wish(work)

    # what is done to packets

    def pick(self, by: int) -> None:
        """Another packet under way comes under the hand."""
        self._wish(lambda: self._desk.pick(by))

    def act(self, action: str) -> None:
        """Do something to the packet under the hand (see ACTIONS)."""
        self._decide(action, None)

    def edit(self, offset: int, data: bytes) -> None:
        """Other bytes from `offset` of the packet on; its checksums are made right."""
        self._decide("edit", (offset, data))

    def _decide(self, action: str, patch: tuple[int, bytes] | None) -> None:
        def work() -> str:
            self._running = False
            data = None if patch is None else self._desk.patched(*patch)
            forked = self._desk.decide(self._desk.fate(action, data))
            return f"branch {forked} begins here; B lists the branches" if forked else ""

        self._wish(work)

    def hold(self) -> None:
        """Stop the packet under the hand on its way while the others go on, or let it go."""

        def work() -> str:
            self._running = False
            stopped = self._desk.hold()
            return "stopped on its way; h lets it go" if stopped else "let go"

        self._wish(work)

    def undo(self) -> None:
        """Take the last decision back."""

        def work() -> str:
            self._running = False
            told = self._desk.undo()
            return f"taken back: {told}" if told else "nothing was decided in this branch"

        self._wish(work)

    def highlight(self, action: str) -> None:
        """Whose consequence is to be worked out."""

        def work() -> None:
            self._highlight = action

        self._wish(work)

    # the link

    def nudge(self, name: str, by: int) -> None:
        """The next value of a setting, up or down; runs anew."""
        self._wish(lambda: self._set(name, nudged(self._desk.course.plan, name, by)))

    def set(self, name: str, text: str) -> None:
        """A setting as it was typed; runs anew."""
        self._wish(lambda: self._set(name, typed(name, text)))

    def _set(self, name: str, value: int | float) -> None:
        self._running = False
        self._desk.set(name, value)

    # branches

    def switch(self, name: str) -> None:
        """Look at another branch."""

        def work() -> None:
            self._running = False
            self._desk.switch(name)

        self._wish(work)

    def compare(self, first: str, second: str) -> Comparison:
        """Two branches side by side, as far as they have come."""
        courses = self._desk.courses
        return compared(courses[first], courses[second])

    def seats(self, first: str, second: str) -> tuple[Seat, Seat]:
        """Two branches as captures, to be compared by what was said; whoever asks closes them."""
        made = []
        for name in (first, second):
            course = self._desk.courses[name]
            client = course.run.hosts[0].name
            session = session_of(course.run, f"{self._desk.about.name} {name}", client)
            session.start()
            made.append(Seat(session, None, f"{self._desk.about.name}, branch {name}"))
        return made[0], made[1]

    # what was recorded

    def states(self) -> list[str]:
        """States that can be waited for."""
        return self._desk.known_states()

    def hosts(self) -> tuple[str, ...]:
        """Whose states can be waited for."""
        return self._desk.host_names()

    def check_until(self, text: str) -> BadFilter | None:
        """What is wrong with an event to run until, or None."""
        try:
            self._desk.wished(text)
        except BadFilter as error:
            return error
        return None

    def save(self, path: str, tap: str = "wire") -> int:
        """Write the branch's packets with their secrets as pcapng; how many.

        Raises:
            OSError: the file cannot be written. ValueError: there is no host of that name.
        """
        return save(self._desk.course.run, path, tap)

    def session(self, tap: str = "wire") -> Session:
        """The branch's packets so far as a capture, to look into."""
        return session_of(self._desk.course.run, self._desk.about.name, tap)

    def record_of(self, passage: int) -> int:
        """Which record of `session` a packet is."""
        passages = self._desk.course.passages
        here = passages[passage]
        # A copy that was made later left with what it is a copy of.
        return sum(1 for p in passages if (p.left, p.journey) < (here.left, here.journey))

    def rehearsed(self, most: int) -> Session:
        """Runs to the end, or so many packets, here and now; what passed, as a capture."""
        while self._desk.course.run.step_packet():
            if len(self._desk.course.run.journeys) >= most:
                break
        return self.session()
