"""The working part of a session: one capture, what is decoded of it, and the thread that works."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import BinaryIO, Self

import numpy as np

from wirestep.capture import Capture, NotACapture, load, open_capture
from wirestep.decode.engine import Engine
from wirestep.decode.secrets import Secrets
from wirestep.model import safe
from wirestep.protocols import registry
from wirestep.timeline.analysis import TcpView

from .frames import frame_view
from .groups import Groups, Key
from .looking import Looker, Ready
from .marks import Marks
from .opening import KeyLog, Unreadable, key_log, private_key
from .reading import Reading
from .sieve import Sieve
from .transfer import Transfer
from .views import FrameView, Progress
from .worker import Job, Worker

SLICE = 32
"""Records decoded in one go of the background thread; some milliseconds."""
MAX_NOTED = 20_000
"""Records with comments that are looked through for marks."""


class Workbench:
    """Indexes, decodes and filters in slices; answers with frozen views.

    All methods may be called from one foreground thread while the worker thread runs.
    """

    def __init__(
        self, capture: Capture, rules: Mapping[tuple[str, int], str] | None = None
    ) -> None:
        self.capture = capture
        self.registry = registry(dict(rules or {}))
        self.title = safe(capture.name)
        self.path = capture.path
        self.version = 0
        """Changes whenever a view could have changed."""
        self.naming = True
        """Whether hosts are called by the names that the capture teaches."""
        self.reference: int | None = None
        self.filter_text = ""
        self.keylog = b""
        """Secrets that came from outside the capture."""
        self._growing: KeyLog | None = None
        self.secrets = Secrets()
        """Key log lines: from outside, and from the file as far as it is indexed."""
        self._logged = 0
        """Bytes of the file's own key log taken into `secrets`."""
        self.transfer = Transfer(capture)
        """The analysis of TCP."""
        self._groups = Groups(capture, self.registry, self.secrets)
        self._marks = Marks()
        self._sieve: Sieve | None = None
        self._loading: Iterator[int] | None = load(capture)
        self._sorted_rows = False
        """Whether the rows have been sorted by conversation."""
        self._wishes: list[Key] = []
        """Groups that something on the screen waits for, the most urgent last."""
        self._frame: FrameView | None = None
        self._lock = threading.RLock()
        """For what several threads look up and put down; nobody decodes or counts under it."""
        self._apart = threading.Lock()
        """For who replays a conversation: where that ended, the next one goes on."""
        self._worker = Worker(self._jobs(), self._changed)
        self._looker = Looker(self.frame)

    @classmethod
    def open(
        cls,
        path: str,
        *,
        rules: Mapping[tuple[str, int], str] | None = None,
        keylog: str = "",
        keys: Sequence[str] = (),
        stream: BinaryIO | None = None,
        follow: bool = False,
    ) -> Self:
        """Open a capture file ("-": standard input); only its head is read here.

        A file that is to `follow` is still being written; a key log may always be. `keys` are files
        with private keys of servers.

        Raises:
            Unreadable: it, or the key log, or a private key, cannot be read or is none.
        """
        secrets = key_log(keylog) if keylog else b""
        private = [private_key(name) for name in keys]
        try:
            session = cls(open_capture(path, stream=stream, follow=follow), rules)
            session.keylog = secrets
            session.secrets.add(secrets)
            for key in private:
                session.secrets.add_key(key)
            if keylog:
                session._growing = KeyLog(keylog, secrets.rfind(b"\n") + 1)
            return session
        except NotACapture as error:
            raise Unreadable(safe(str(error))) from None
        except OSError as error:
            reason = error.strerror or str(error)
            raise Unreadable(safe(f"{path}: {reason}")) from None

    # work

    def _jobs(self) -> tuple[Job, ...]:
        """What is done in the background, the most urgent first (see worker.Job)."""
        return (
            Job("wishes", self._work_wishes, share=6),
            Job("filter", self._work_filter, share=3),
            Job("loading", self._work_ready),
            Job("analysis", self.transfer.step),
            Job("secrets", self._work_secrets),
            Job("whole", self._work_all),
            Job("conversations", self._work_conversations),
        )

    def start(self) -> None:
        """Start the thread that indexes, decodes and filters in the background."""
        self._worker.start(self._failed)

    def close(self) -> None:
        """Stop all work and close the file."""
        self._looker.close()
        self._worker.close()
        self.capture.close()

    def load(self) -> None:
        """Index all of the capture, here and now."""
        while self._work_loading():
            pass

    def settle(self) -> None:
        """Do all work that waits, here and now; a small capture is decoded whole."""
        while self._worker.step() or self._work_loading():
            pass

    def _changed(self) -> None:
        self.version += 1

    def _failed(self, error: OSError) -> None:
        """The disk is gone, or the file: what is decoded stays, and no more will come."""
        self.capture.problem = f"cannot be read any more: {error.strerror or error}"
        self.version += 1

    def _work_wishes(self) -> bool:
        reading = self._wished()
        if reading is None:
            return False
        reading.step(SLICE)
        return True

    def _wished(self) -> Reading | None:
        """What is waited for most urgently."""
        with self._lock:
            while self._wishes:
                key = self._wishes[-1]
                reading = self._groups.reading(key)
                # Who asked for all of it did so when there was little of it.
                if reading.left and (key.kind != "all" or self._groups.whole):
                    return reading
                self._wishes.pop()
        return None

    def _work_ready(self) -> bool:
        """A stream that has nothing to read yet is not waited for."""
        return self.capture.feed.ready() and self._work_loading()

    def _work_loading(self) -> bool:
        if self._loading is None:
            return False
        if next(self._loading, None) is None:
            self._loading = None
            self._restore_marks()
        log = self.capture.secrets
        if len(log) > self._logged:
            self._logged = len(log)
            self._learn_secrets(log)
        return True

    def _work_secrets(self) -> bool:
        if self._growing is None:
            return False
        known = self._growing.done
        added = self._growing.more()
        if added:
            # The line that was being written when the log was opened is whole now.
            self.keylog = self.keylog[:known] + added
            self._learn_secrets(added)
        return bool(added)

    def _learn_secrets(self, log: bytes) -> None:
        """Take in lines of a key log; what was decoded without them is decoded anew."""
        known = self.secrets.count
        self.secrets.add(log)
        if self.secrets.count > known:
            with self._lock:
                self._groups.forget()
                self._frame = None

    def _restore_marks(self) -> None:
        """Marks are saved as comments; those of very many commented records are not looked for."""
        noted = np.flatnonzero(self.capture.columns.options)[:MAX_NOTED]
        for record in self.capture.records(noted.tolist()):
            self._marks.restore(record.number, record.comments)

    def _work_filter(self) -> bool:
        sieve = self._sieve
        return sieve is not None and sieve.step()

    def _work_all(self) -> bool:
        """A small capture is decoded before anybody asks: names and ladders want all of it."""
        if not self.capture.finished or not self._groups.whole or not self.capture.count:
            return False
        with self._lock:
            reading = self._groups.reading(Key("all"))
        if not reading.left:
            return False
        reading.step(SLICE)
        return True

    def _work_conversations(self) -> bool:
        """Who first asks for a conversation's rows would wait until all of them are sorted."""
        if self._sorted_rows or not self.capture.finished:
            return False
        self._sorted_rows = True
        self.capture.columns.rows_of(0)
        return True

    def _wish(self, key: Key) -> Reading:
        """The reading of a group, decoded in the background if it is not yet."""
        reading = self._groups.reading(key)
        if reading.left:
            if key in self._wishes:
                self._wishes.remove(key)
            self._wishes.append(key)
            del self._wishes[:-8]
            self._worker.wake()
        return reading

    # what there is

    @property
    def analysis(self) -> TcpView | None:
        """What befell TCP segments, as far as they are judged (TcpView.done); None at first."""
        return self.transfer.view

    @property
    def total(self) -> int:
        """Records indexed so far."""
        return self.capture.count

    @property
    def count(self) -> int:
        """Rows shown: those that the filter lets through."""
        return self.capture.count if self._sieve is None else len(self._sieve.rows)

    @property
    def first_time(self) -> int:
        """Nanoseconds since the epoch of the first record; 0 where there is none."""
        return int(self.capture.columns.time[0]) if self.capture.count else 0

    def progress(self) -> Progress:
        """How far the background has come."""
        capture, sieve = self.capture, self._sieve
        total = capture.bytes_total
        judged = None
        if sieve is not None and not (sieve.finished and capture.finished):
            judged = sieve.done / max(1, capture.count)
        return Progress(
            capture.count,
            capture.finished,
            1.0 if capture.finished else capture.bytes_done / total if total else None,
            sum(
                reading.left
                for key, reading in self._groups.readings()
                if key in self._wishes or key.kind == "all"
            ),
            judged,
            safe(capture.problem),
        )

    def time_of(self, record: int) -> int:
        """Nanoseconds since the epoch."""
        return int(self.capture.columns.time[record])

    def in_time(self, place: int) -> int:
        """The record that is shown as number `place` (from 0), in the order of the file."""
        return place if self._sieve is None else int(self._sieve.rows[place])

    def time_place(self, record: int) -> int:
        """Which of those shown `record` is, in the order of the file, or the next one after it."""
        if self._sieve is None:
            return record
        rows = self._sieve.rows
        return min(bisect_left(rows, record), max(0, len(rows) - 1))

    def frame(self, record: int) -> FrameView:
        """One frame, taken apart; not `settled` while its conversation is being decoded.

        For one thread beside the foreground, too: nothing is decoded under the session's lock.
        """
        key = self._groups.key(record)
        with self._lock:
            last = self._frame if self._frame and self._frame.record == record else None
            if last is not None and last.settled:
                return last
            reading = self._wish(key)
        with self._apart:
            whole = reading.whole(record)
            if whole is None and last is not None:
                return last
            messages = whole
            if messages is None:
                engine = Engine(self.registry, self.secrets)
                messages = engine.feed(self.capture[record], full=True)
        view = frame_view(record, messages, self.registry, settled=whole is not None)
        with self._lock:
            if self._groups.known(key) is not reading:
                # New secrets came meanwhile: there is more to say.
                return replace(view, settled=False)
            self._frame = view
        return view

    def look(self, record: int, ready: Ready) -> None:
        """Tell somebody what the frame is, as `frame` does, from another thread (see Looker)."""
        self._looker.wish(record, ready)

    # names

    def host_name(self, host: str) -> str:
        """What a host is called: a name that the capture taught, or its address. Safe."""
        if not self.naming:
            return safe(host)
        return safe(self._groups.names.get(host) or self.capture.names.get(host, host))
