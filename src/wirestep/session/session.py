"""An open capture: the screen and the command line ask it, and wish of it; nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import BinaryIO

import numpy as np

from wirestep.capture import Capture, save
from wirestep.capture.arrays import Array
from wirestep.decode.engine import Engine
from wirestep.model import Address, safe
from wirestep.timeline.plots_tcp import Window
from wirestep.timeline.select import BadFilter, Completion, Filter, compile_filter, complete

from .conversing import Conversing
from .filtering import frame_values
from .following import Following
from .marks import without_marks
from .objects import Finder
from .overview import Overview
from .search import search, search_bytes, wanted
from .sieve import Sieve
from .statistics import Statistics
from .views import Exchange
from .worker import Job


class Session(Conversing):
    """One capture, what is decoded of it, the filter, the marks."""

    exchange: Exchange | None = None
    """Of our own that it is the record of, if it is one."""
    windows: Mapping[tuple[Address, Address], Window] = MappingProxyType({})
    """By sender and target: what our own TCP told of its congestion window."""

    def __init__(
        self, capture: Capture, rules: Mapping[tuple[str, int], str] | None = None
    ) -> None:
        super().__init__(capture, rules)
        self._overview = Overview()
        self._judge: Filter | None = None
        self._judge_text = ""
        self._following: Following | None = None
        self._finding: Finder | None = None
        self.statistics = Statistics(
            capture,
            lambda: (self.registry, self.secrets),
            lambda: self.analysis,
            lambda: None if self._sieve is None else self._sieve.rows,
            self._worker.wake,
        )

    def _jobs(self) -> tuple[Job, ...]:
        jobs = super()._jobs()
        at = [job.name for job in jobs].index("loading")
        return (
            *jobs[:at],
            Job("follow", self._work_follow, share=2),
            Job("objects", self._work_objects),
            Job("verdicts", self._work_verdicts),
            Job("statistics", lambda: self.statistics.step()),
            *jobs[at:],
        )

    # following

    def following(self, number: int) -> Following:
        """A conversation at every level, read in the background; the one before is let go."""
        found = Following(self.capture, self.registry, self.secrets, number)
        self._following = found
        self._worker.wake()
        return found

    def unfollow(self) -> None:
        """Nobody looks at the conversation any more."""
        self._following = None

    def finding(self) -> Finder:
        """What was sent as files, looked for in the background."""
        self._finding = found = Finder(self.capture, self.registry, self.secrets)
        self._worker.wake()
        return found

    def unfind(self) -> None:
        """Nobody looks for objects any more."""
        self._finding = None

    def _work_objects(self) -> bool:
        finding = self._finding
        return finding is not None and finding.step()

    def _work_follow(self) -> bool:
        following = self._following
        return following is not None and following.step()

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
        sieve = None if wish is None else self._sieve_for(wish)
        with self._lock:
            self.filter_text = text.strip()
            self._sieve = sieve
            self.version += 1
        self._worker.wake()

    def _sieve_for(self, wish: Filter) -> Sieve:
        """A sieve that has judged all packets by their columns."""
        looked_at = self._frame
        sieve = Sieve(
            self.capture,
            self.registry,
            self.secrets,
            wish,
            near=0 if looked_at is None else looked_at.record,
            whole=lambda: self._groups.whole,
            analysis=lambda: self.analysis,
            before=self._sieve,
        )
        sieve.judge()
        return sieve

    def work(self) -> bool:
        """Do a slice of the most urgent work, here and now; False where there is none."""
        return self._worker.step() or self._work_loading()

    def shown(self) -> Array:
        """int64: the records that the filter lets through, as far as they are judged."""
        return np.arange(self.capture.count) if self._sieve is None else self._sieve.rows

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
        data, layered = self.capture[record].data, self._judge.needs_layers
        return self._judge.matches(frame_values(whole, self.registry, data, layered=layered))

    def find(
        self, text: str, start: int, step: int = 1, kind: str = "text", where: str = "info"
    ) -> Iterator[int | None]:
        """Shown records after (or before) `start` that hold `text`; None while it looks on.

        `kind` is one of search.KINDS, `where` one of search.PLACES.

        Raises:
            BadSearch: the text is no hex, or no regular expression.
        """
        what = wanted(text, kind)
        rows = self._shown_from(start, step)
        if where == "bytes":
            return search_bytes(self.capture, rows, what, back=step < 0)
        haystack = self._info_bytes if where == "info" else self._tree_bytes
        records = map(int, rows if step > 0 else rows[::-1])
        return search(records, haystack, what.pattern)

    def _shown_from(self, start: int, step: int) -> Array:
        """Shown records after (or before) `start`; a filter set meanwhile changes nothing."""
        sieve = self._sieve
        if sieve is None:
            return np.arange(start + 1, self.count) if step > 0 else np.arange(0, max(0, start))
        rows = sieve.rows
        if step > 0:
            return rows[np.searchsorted(rows, start, "right") :]
        return rows[: np.searchsorted(rows, start)]

    def _info_bytes(self, record: int) -> bytes:
        row = self.row(record)
        return " ".join((row.source, row.destination, row.protocol, row.info)).encode()

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
            texts = without_marks(self.capture[record].comments)
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
        """Write these records as pcapng, with comments, marks, and the file's own secrets.

        Raises:
            OSError: the file cannot be written.
        """
        save(self.capture, target, rows, self.notes())

    def notes(self) -> dict[int, tuple[str, ...]]:
        """Comments and marks as a file has them, by record that differs from the capture's."""
        return self._marks.notes(self._kept)

    def engine(self, number: int) -> Engine:
        """One that reads a conversation alone, and numbers it as it is numbered here."""
        return self._groups.engine(number)

    def _kept(self, record: int) -> tuple[str, ...]:
        return self.capture[record].comments
