"""The talking part of a session: conversations, what was said in them, their ladders."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from wirestep.capture import Capture, Columns
from wirestep.capture.arrays import Array
from wirestep.model import Message, safe
from wirestep.timeline.ladder import Ladder, ladder
from wirestep.timeline.scale import Way, estimated
from wirestep.timeline.scale_phases import phases

from .arrow_notes import noted
from .billing import Bill, Change, bill, made_ledger
from .exchanges import Facts, exchange_of
from .explaining import Explainer, Meaning
from .falling import Waterfall, fallen
from .follow import turns
from .judging import Judging
from .listing import Listing
from .reading import Reading
from .verdicts import Surveyed, judged
from .views import Flowline, Turn
from .worker import Job

MAX_LINES = 10_000
"""Conversations listed."""
LADDER = 10_000
"""Records that one ladder is drawn of."""
TRANSPORTS = {6: "tcp", 17: "udp"}


class Conversing(Listing):
    """Tells who talked with whom, and draws it."""

    def __init__(
        self, capture: Capture, rules: Mapping[tuple[str, int], str] | None = None
    ) -> None:
        super().__init__(capture, rules)
        self._ladder: tuple[tuple[object, ...], Ladder] | None = None
        self.ways: Mapping[int, Way] = {}
        """By record: when it left and arrived, where that is known (a run of the lab)."""
        self._explainer = Explainer(self.registry)
        self._surveyed = Surveyed(self.registry)
        self._judging: Judging | None = None
        self._verdicts_wanted = False
        """Somebody looks at the verdicts."""

    def _jobs(self) -> tuple[Job, ...]:
        wishes, *rest = super()._jobs()
        return wishes, Job("explanations", lambda: self._explainer.step()), *rest

    # what fields mean

    def explain(self, name: str, value: str = "") -> Meaning | None:
        """What a field or a protocol is for, and its value; None while that is being read.

        `value` is as a filter has it.
        """
        found = self._explainer.of(name, value)
        if found is None:
            self._worker.wake()
        return found

    # conversations

    @property
    def conversation_count(self) -> int:
        """Conversations met so far."""
        return len(self.capture.columns.flows)

    def conversations(self) -> list[Flowline]:
        """Conversations in order of appearance, at most MAX_LINES."""
        with self._lock:
            columns = self.capture.columns
            transports = columns.flows.transport[:MAX_LINES].tolist()
            # What a window says of a conversation that began before it is not to be relied on.
            known = [one for key, one in self._groups.readings() if key.kind != "window"]
            said = dict(self._surveyed.of(known, columns.flow))
            if self._judging is not None:
                said |= self._judging.told()
            lines = [self._line(columns, place, kind) for place, kind in enumerate(transports)]
            for number, (opened, text) in said.items():
                if number < len(lines):
                    lines[number] = replace(lines[number], opened=opened, verdict=text)
            return lines

    def judging(self) -> Judging | None:
        """Verdicts on all conversations, looked for in the background; None in a small capture.

        There, all is decoded anyway.
        """
        if not self._groups.whole and self._judging is None:
            self._judging = Judging(self.capture, self.registry, self.secrets)
        self._verdicts_wanted = True
        self._worker.wake()
        return self._judging

    def unjudge(self) -> None:
        """Nobody looks at verdicts now; what was found is kept."""
        self._verdicts_wanted = False

    def _work_verdicts(self) -> bool:
        judging = self._judging
        return self._verdicts_wanted and judging is not None and judging.step()

    def _line(self, columns: Columns, number: int, kind: int) -> Flowline:
        flows = columns.flows
        client, server = flows.ends(number)
        first, last = int(flows.first[number]), int(flows.last[number])
        transport = TRANSPORTS.get(kind, "")
        protocol = self._protocol(first, number) or transport or "ip"
        card = self.registry[protocol] if protocol in self.registry else self.registry["data"]
        return Flowline(
            number,
            transport,
            str(client._replace(host=self.host_name(client.host))),
            str(server._replace(host=self.host_name(server.host))),
            card.label if protocol in self.registry else protocol.upper(),
            card.hue,
            int(flows.packets[number].sum()),
            int(flows.bytes[number].sum()),
            first,
            int(columns.time[first]),
            int(columns.time[last]) - int(columns.time[first]),
            int(flows.stream[number]),
        )

    def _protocol(self, record: int, number: int) -> str:
        """What is spoken in a conversation, as far as it is decoded: its innermost protocol."""
        reading = self._groups.known(self._groups.key(record))
        if reading is None or not reading.done:
            return ""
        rows = self.capture.columns.rows_of(number)[:40].tolist()
        found, deepest = "", 0
        for row in rows:
            depths: dict[int | None, int] = {}
            for message in reading.messages(row) or ():
                depth = depths[message.number] = depths.get(message.inside, 0) + 1
                if depth >= deepest and message.level and message.protocol != "data":
                    found = self.registry[message.protocol].family or message.protocol
                    deepest = depth
        return found

    def conversation_of(self, record: int) -> int:
        """The conversation of a record, -1 for none."""
        flow = int(self.capture.columns.flow[record])
        return flow >> 1 if flow >= 0 else -1

    def in_conversation(self, record: int, step: int) -> int | None:
        """The next (1) or previous (-1) record of the same conversation."""
        number = self.conversation_of(record)
        if number < 0:
            return None
        rows = self.capture.columns.rows_of(number)
        place = int(np.searchsorted(rows, record)) + step
        return int(rows[place]) if 0 <= place < len(rows) else None

    def follow(self, number: int) -> list[Turn]:
        """Both sides of a conversation, in turns."""
        return turns(self.capture, number)

    # the ladder

    def ladder(self, number: int | None = None, around: int = 0) -> Ladder | None:
        """The ladder of a conversation, or of all; None while too little is decoded.

        Of more than LADDER records only those around the record `around` are drawn.
        """
        key, rows, readings = self._asked(number, around)
        if not len(rows):
            return Ladder((), ())
        view = self.analysis
        measured = view is not None and view.done > int(rows[-1])
        known = self._ladder
        if known is not None and known[0] == (*key, measured):
            return known[1]
        frames = _frames(rows, readings)
        if frames is None:
            return None
        made = _made_safe(
            ladder(
                frames,
                self._hue,
                judge=partial(judged, names=self._groups.always),
                stage=lambda protocol: self.registry[protocol].stage,
            ),
            self.conversation_of,
        )
        if measured:
            facts = Facts(self.capture.columns, view, self.registry, self.host_name)
            scale = estimated(frames, facts.tell, self.ways)
            made = replace(made, steps=noted(made.steps, frames, facts), scale=scale)
        made = replace(made, phases=phases(made.steps))
        self._ladder = ((*key, measured), made)
        return made

    def ledger(
        self,
        number: int | None = None,
        goal: int | None = None,
        away: int | None = None,
        rtt: int | None = None,
    ) -> Bill | None:
        """The bill of a conversation, with the lookup that found its server, or of all.

        It goes up to the record `goal`; without one to the first byte of the first answer, and on
        until all is there. `away`: ns from the tap to the client and back, where it is known;
        `rtt`: round trips of the changes that are foreseen. None while too little is decoded.
        """
        found = self._ledger_frames(number, goal or 0)
        return None if found is None else bill(made_ledger(*found, goal, away), found[1], rtt)

    def ledger_if(self, number: int | None, rtt: int) -> tuple[Change, ...] | None:
        """What would change where round trips took `rtt` ns; None while too little is decoded."""
        made = self.ledger(number, rtt=rtt)
        return None if made is None else made.changes

    def waterfall(self, number: int | None = None) -> Waterfall | None:
        """The requests of a conversation, or of all; None while too little is decoded."""
        found = self._ledger_frames(number, 0)
        return None if found is None else fallen(*found)

    def _ledger_frames(
        self, number: int | None, around: int
    ) -> tuple[Sequence[Sequence[Message]], Facts] | None:
        """What messages and columns tell of an exchange; None while too little is decoded."""
        alone = not self._groups.whole or self.capture.count > LADDER
        _, rows, readings = self._asked(number if alone else None, around)
        made, view = _frames(rows, readings), self.analysis
        if made is None or (len(rows) and (view is None or view.done <= int(rows[-1]))):
            return None
        frames: Sequence[Sequence[Message]] = made
        facts = Facts(self.capture.columns, view, self.registry, self.host_name)
        if number is not None and not alone:
            frames = exchange_of(number, frames, facts)
        return frames, facts

    def _asked(
        self, number: int | None, around: int
    ) -> tuple[tuple[object, ...], Array, list[Reading]]:
        """The records that are to be told of, their readings, and a key that changes with them."""
        with self._lock:
            rows = self._ladder_rows(number, around)
            if not len(rows):
                return (), rows, []
            if number is None:
                keys = [self._groups.window_key(around)]
            else:
                keys = self._groups.covering(rows)
            readings = [self._wish(key) for key in reversed(keys)][::-1]
        # Not under the lock: a key press would wait for the end of it.
        done = tuple((reading, reading.done) for reading in readings)
        return (number, done, int(rows[0]), len(rows), self.naming), rows, readings

    def _ladder_rows(self, number: int | None, around: int) -> Array:
        if number is not None:
            rows = self.capture.columns.rows_of(number)
        elif self._groups.whole:
            rows = np.arange(self.capture.count, dtype=np.int64)
        else:
            rows = self._groups.reading(self._groups.window_key(around)).rows
        if len(rows) <= LADDER:
            return rows
        place = int(np.searchsorted(rows, around))
        start = max(0, min(place - LADDER // 2, len(rows) - LADDER))
        return rows[start : start + LADDER]

    def _hue(self, protocol: str) -> str:
        return self.registry[protocol].hue

    def step_of(self, drawn: Ladder, record: int) -> int:
        """The step of depth 0 that shows `record`, or the last one before it; -1 for none."""
        found = -1
        for step in drawn.steps:
            if step.record == record or record in step.records:
                return step.parent
            if step.record <= record:
                found = step.parent
        return found

    def next_message(self, record: int, step: int, number: int | None = None) -> int | None:
        """The next (1) or previous (-1) record that completes a message; at most 2,000 further."""
        rows = None if number is None else self.capture.columns.rows_of(number)
        place = record if rows is None else int(np.searchsorted(rows, record))
        last = self.capture.count if rows is None else len(rows)
        for _ in range(2_000):
            place += step
            if not 0 <= place < last:
                return None
            found = place if rows is None else int(rows[place])
            with self._lock:
                messages = self._messages(found)
            if messages is None or any(m.level in ("message", "record") for m in messages):
                return found
        return None


def _frames(rows: Array, readings: Sequence[Reading]) -> list[Sequence[Message]] | None:
    """What `rows` completed, as far as it is decoded; None before anything is.

    The first rows of a reading may be there only to find the start of a unit: those are asked of
    the reading before.
    """
    frames: list[Sequence[Message]] = []
    for row in rows.tolist():
        found = next((m for reading in readings if (m := reading.messages(row)) is not None), None)
        if found:
            frames.append(found)
    if not frames and any(reading.left for reading in readings):
        return None
    return frames


def _made_safe(drawn: Ladder, flow_of: Callable[[int], int]) -> Ladder:
    """The ladder with all its text safe to show; `flow_of`: the conversation of a record."""
    steps = tuple(
        replace(
            step,
            label=safe(step.label),
            protocol=safe(step.protocol),
            conversation=flow_of(step.record),
        )
        for step in drawn.steps
    )
    return Ladder(tuple(safe(host) for host in drawn.hosts), steps)
