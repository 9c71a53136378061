"""Moving through time: step, play, seek, stop at a breakpoint, jump to marks."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from textual import on

from wirestep.ui import screens
from wirestep.ui.canvas import number
from wirestep.ui.screens.bench import BEAT, Bench
from wirestep.ui.widgets.bars import Overview, Transport

if TYPE_CHECKING:
    from wirestep.session import Session


class Stepping(Bench):
    """The transport controls."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._ticked = 0.0

    def on_mount(self) -> None:
        """Starts the clock that plays."""
        self.set_interval(BEAT, self.tick)

    # playing

    def tick(self) -> None:
        """Moves the playhead by the time that has passed."""
        now = time.monotonic()
        passed, self._ticked = (now - self._ticked) * 1e9, now
        if not self.playback.playing or self.record < 0 or not self.session.count:
            return
        place = self.session.time_place(self.record)
        first = self.row()
        if first is None:
            return
        steps = self.playback.due(
            min(passed, 1e9), first.time, lambda ahead: self._time_at(place + ahead)
        )
        target, hit = self._until_break(place, steps)
        if target != place:
            self.select(self.session.in_time(target))
        if hit:
            self.playback.stop("BREAK")
            self.stops = (*self.stops[-20:], self.record)
            self.say(
                f"stopped at packet {number(self.record + 1)}: it passes {self.breakpoint}", "warn"
            )
        elif target >= self.session.count - 1 and self.session.progress().finished:
            self.playback.stop()
            self.say("the end of the capture")
            self._dress()

    def _time_at(self, place: int) -> int | None:
        """The time of a shown packet; they are played as they came, however they are sorted."""
        session = self.session
        return session.time_of(session.in_time(place)) if place < session.count else None

    def _until_break(self, place: int, steps: int) -> tuple[int, bool]:
        """Where the steps end: at the last one, or at the first that passes the breakpoint."""
        if not self.breakpoint:
            return place + steps, False
        for target in range(place + 1, place + steps + 1):
            if self.session.matches(self.session.in_time(target), self.breakpoint):
                return target, True
        return place + steps, False

    def action_play(self) -> None:
        """Play, or hold."""
        if self.playback.playing:
            self.playback.stop()
        elif self.session.count:
            if self.session.time_place(self.record) >= self.session.count - 1:
                self.select(self.session.in_time(0))
            self._ticked = time.monotonic()
            self.playback.start()
        self._dress()

    def action_speed(self, by: int) -> None:
        """Faster or slower."""
        self.playback.faster(by)
        self.say(f"speed {self.playback.text()}")
        self._dress()

    def action_gap(self) -> None:
        """The longest wait while playing."""
        self.playback.next_gap()
        gap = self.playback.gap
        self.say(
            f"waits of over {gap / 1e9:g} s are cut" if gap else "waits are as long as they were"
        )

    # stepping

    def action_message(self, step: int) -> None:
        """To the next message, or the one before."""
        if self.record < 0:
            return
        self._hold()
        found = self.session.next_message(self.record, step, self.flow)
        if found is None:
            self.say("no further message" if step > 0 else "no message before this one")
        else:
            self.select(found)

    def action_packet(self, step: int) -> None:
        """To the next shown packet, or the one before, as they came."""
        if self.record < 0 or not self.session.count:
            return
        self._hold()
        place = self.session.time_place(self.record) + step
        self.select(self.session.in_time(max(0, min(self.session.count - 1, place))))

    def action_peer(self, step: int) -> None:
        """To the next packet of the same conversation."""
        found = self.session.in_conversation(self.record, step) if self.record >= 0 else None
        if found is None:
            self.say("that was the last of this conversation" if step > 0 else "that was its first")
        else:
            self._hold()
            self.select(found)

    def action_edge_first(self) -> None:
        """To the first packet."""
        if self.session.count:
            self.select(self.session.in_time(0))

    def action_edge_last(self) -> None:
        """To the last packet."""
        if self.session.count:
            self.select(self.session.in_time(self.session.count - 1))

    def action_newest(self) -> None:
        """Follow the newest packet, or stop it."""
        self.newest = not self.newest
        if self.newest:
            self.action_edge_last()
        self.say("following the newest packet" if self.newest else "staying here")

    def _hold(self) -> None:
        """Who steps by hand does not want to be played away."""
        self.newest = False
        if self.playback.playing or self.playback.stopped:
            self.playback.stop()

    @on(Overview.Sought)
    def _sought(self, event: Overview.Sought) -> None:
        if self.session.total:
            self._hold()
            self.select(self.session.overview_record(event.column, event.width))

    @on(Transport.Pressed)
    async def _pressed(self, event: Transport.Pressed) -> None:
        await self.run_action(event.action)

    # marks

    def action_mark(self) -> None:
        """Asks for a letter, and marks the packet with it."""
        if self.record >= 0:
            record = self.record
            self.app.push_screen(
                screens.Letters("Mark this packet with a letter", self._marks()),
                lambda letter: self._mark(record, letter),
            )

    def _mark(self, record: int, letter: str | None) -> None:
        if letter is None:
            return
        if letter == " ":
            self.session.mark(record)
        else:
            self.session.mark(record, letter)
        self.packets.forget(all_rows=True)
        self.ladder.marks = self.session.marks
        self.ladder.changed()

    def action_marked(self) -> None:
        """Asks for a letter, and goes to its packet."""
        if not self.session.marks:
            self.say("nothing is marked yet: m and a letter marks a packet")
            return
        self.app.push_screen(screens.Letters("Go to a mark", self._marks()), self._go_to_mark)

    def _go_to_mark(self, letter: str | None) -> None:
        if letter is None:
            return
        found = self.session.marked(letter)
        if letter in ("'", "]", " "):
            found = self.session.next_mark(self.record, 1)
        if found is None:
            self.say(f"nothing is marked {letter}", "warn")
        else:
            self._hold()
            self.select(found)

    def _marks(self) -> list[str]:
        """The marks there are, a line each."""
        lines = []
        for record, letter in sorted(self.session.marks.items(), key=lambda item: item[1]):
            row = self.session.row(record)
            lines.append(f"{letter}  {record + 1:>6}  {row.protocol:8} {row.info}")
        return lines[:12]
