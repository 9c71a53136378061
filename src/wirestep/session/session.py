"""An open capture: the screen and the command line ask it, and wish of it; nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import BinaryIO

import numpy as np

from wirestep.capture import Capture, Columns, save
from wirestep.model import Message, safe
from wirestep.timeline.ladder import Ladder, ladder
from wirestep.timeline.select import BadFilter, Completion, Filter, compile_filter, complete

from .filtering import Sieve, frame_values
from .follow import turns
from .overview import Overview
from .reading import Reading
from .search import pattern, search
from .views import Flowline, Turn
from .workbench import Workbench

MAX_LINES = 10_000
"""Conversations listed."""
LADDER = 10_000
"""Records that one ladder is drawn of."""
TRANSPORTS = {6: "tcp", 17: "udp"}


class Session(Workbench):
    """One capture, what is decoded of it, the filter, the marks."""

    def __init__(
        self, capture: Capture, rules: Mapping[tuple[str, int], str] | None = None
    ) -> None:
        super().__init__(capture, rules)
        self._overview = Overview()
        self._ladder: tuple[tuple[object, ...], Ladder] | None = None
        self._judge: Filter | None = None
        self._judge_text = ""

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
            return [self._line(columns, place, kind) for place, kind in enumerate(transports)]

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
        found = ""
        for row in rows:
            for message in reading.messages(row) or ():
                if message.level and message.protocol != "data":
                    found = self.registry[message.protocol].family or message.protocol
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
        with self._lock:
            rows = self._ladder_rows(number, around)
            if not len(rows):
                return Ladder((), ())
            if number is None:
                keys = [self._groups.window_key(around)]
            else:
                keys = self._groups.covering(rows)
            readings = [self._wish(key) for key in reversed(keys)][::-1]
            done = tuple((reading, reading.done) for reading in readings)
            key = (number, done, int(rows[0]), len(rows), self.naming)
            if self._ladder is not None and self._ladder[0] == key:
                return self._ladder[1]
            frames = list(_frames(rows.tolist(), readings))
            if not frames and any(reading.left for reading in readings):
                return None
            made = _made_safe(ladder(frames, self._hue))
            self._ladder = (key, made)
            return made

    def _ladder_rows(
        self, number: int | None, around: int
    ) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
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

    # the strip

    def overview(self, width: int, number: int | None = None) -> list[tuple[int, str]]:
        """Packets in each column of the strip, and a hue."""
        counts = self._strip().counts(self.capture.columns, width, number)
        return [(count, "blue" if count else "") for count in counts]

    def overview_place(self, record: int, width: int) -> int:
        """The column of the strip that a record falls into."""
        return self._strip().place_of(self.capture.columns, record, width)

    def overview_record(self, place: int, width: int) -> int:
        """The first record of a column of the strip."""
        return self._strip().record_of(self.capture.columns, place, width)

    def _strip(self) -> Overview:
        # Asked before the columns are: what is finished then is all there is.
        finished = self.capture.finished
        self._overview.measure(self.capture.columns, finished=finished)
        return self._overview

    # filter and find

    def set_filter(self, text: str) -> None:
        """Show only the records that a display filter lets through; "" shows all.

        Raises:
            BadFilter: what is wrong with it, and where; the filter before stays.
        """
        wish = compile_filter(text, self.registry) if text.strip() else None
        with self._lock:
            self.filter_text = text.strip()
            self._sieve = (
                None if wish is None else Sieve(self.capture, self.registry, self.secrets, wish)
            )
            self.version += 1
        self._awake.set()

    def check_filter(self, text: str) -> BadFilter | None:
        """What is wrong with a filter, or None."""
        try:
            if text.strip():
                compile_filter(text, self.registry)
        except BadFilter as error:
            return error
        return None

    def complete_filter(self, text: str, at: int) -> list[Completion]:
        """What could stand at `at` in a filter."""
        return complete(text, at, self.registry)

    def matches(self, record: int, text: str) -> bool:
        """Whether a record passes a filter (breakpoints); a wrong filter matches nothing."""
        if self._judge is None or self._judge_text != text:
            try:
                self._judge, self._judge_text = compile_filter(text, self.registry), text
            except BadFilter:
                return False
        with self._lock:
            whole = self._wish(self._groups.key(record)).whole(record)
        if whole is None:
            return False
        return self._judge.matches(frame_values(whole, self.registry, self.capture[record].data))

    def find(
        self, text: str, start: int, step: int = 1, kind: str = "text", where: str = "info"
    ) -> Iterator[int | None]:
        """Shown records after (or before) `start` that hold `text`; None while it looks on.

        `kind` is one of search.KINDS, `where` one of search.PLACES.

        Raises:
            BadSearch: the text is no hex, or no regular expression.
        """
        wanted = pattern(text, kind)
        records = self._shown_from(start, step)
        haystacks = {"info": self._info_bytes, "bytes": self._raw, "tree": self._tree_bytes}
        return search(records, haystacks[where], wanted)

    def _shown_from(self, start: int, step: int) -> Iterator[int]:
        """Shown records after (or before) `start`; a filter set meanwhile changes nothing."""
        if self._sieve is None:
            return iter(range(start + 1, self.count) if step > 0 else range(start - 1, -1, -1))
        rows = self._sieve.rows
        if step > 0:
            rows = rows[np.searchsorted(rows, start, "right") :]
        else:
            rows = rows[: np.searchsorted(rows, start)][::-1]
        return map(int, rows)

    def _info_bytes(self, record: int) -> bytes:
        row = self.row(record)
        return " ".join((row.source, row.destination, row.protocol, row.info)).encode()

    def _raw(self, record: int) -> bytes:
        return self.capture[record].data

    def _tree_bytes(self, record: int) -> bytes:
        lines: list[str] = []
        level = list(self.frame(record).nodes)
        while level:
            node = level.pop()
            lines.append(f"{node.title}: {node.shown}")
            level.extend(node.children)
        return "\n".join(lines).encode()

    # what the user adds

    @property
    def marks(self) -> Mapping[int, str]:
        """By record: the letter it is marked with."""
        return self._marks.letters

    @property
    def changed(self) -> bool:
        """Comments wait to be saved."""
        return self._marks.changed

    def mark(self, record: int, letter: str = "•") -> None:
        """Mark a record, or take the same mark off."""
        self._marks.mark(record, letter)
        self.version += 1

    def marked(self, letter: str) -> int | None:
        """The record marked with a letter."""
        return self._marks.marked(letter)

    def next_mark(self, record: int, step: int) -> int | None:
        """The nearest marked record after (1) or before (-1) it."""
        return self._marks.next(record, step)

    def set_reference(self, record: int | None) -> None:
        """Count times from this record; None counts from the first."""
        self.reference = record
        self.version += 1

    def comments(self, record: int) -> tuple[str, ...]:
        """The comments of a record, as changed or as in the file; safe."""
        texts = self._marks.comments.get(record)
        if texts is None:
            texts = self.capture[record].comments
        return tuple(safe(text) for text in texts)

    def comment(self, record: int, text: str) -> None:
        """Set the comment of a record; "" takes it off."""
        self._marks.comment(record, (text,) if text else ())
        self.version += 1

    def save(self, path: str, *, shown_only: bool = False) -> int:
        """Write the records (or those shown) with their comments as pcapng; how many.

        Raises:
            OSError: the file cannot be written.
        """
        rows: Sequence[int] = range(self.capture.count)
        if shown_only and self._sieve is not None:
            rows = self._sieve.rows.tolist()
        self.write(path, rows)
        self._marks.saved(rows)
        return len(rows)

    def write(self, target: str | BinaryIO, rows: Sequence[int]) -> None:
        """Write these records as pcapng, with the user's comments and the file's own secrets.

        Raises:
            OSError: the file cannot be written.
        """
        save(self.capture, target, rows, dict(self._marks.comments))


def _frames(rows: list[int], readings: Sequence[Reading]) -> Iterator[Sequence[Message]]:
    """What `rows` completed, as far as it is decoded.

    The first rows of a reading may be there only to find the start of a unit: those are asked of
    the reading before.
    """
    for row in rows:
        found = next((m for reading in readings if (m := reading.messages(row)) is not None), None)
        if found:
            yield found


def _made_safe(drawn: Ladder) -> Ladder:
    """The ladder with all its text safe to show."""
    steps = tuple(
        replace(step, label=safe(step.label), protocol=safe(step.protocol)) for step in drawn.steps
    )
    return Ladder(tuple(safe(host) for host in drawn.hosts), steps)
