"""The thread that takes apart what somebody looks at, and the strip while a file is read."""

from __future__ import annotations

import queue
import threading
from pathlib import Path

import numpy as np

from wirestep.session import Session
from wirestep.session.looking import Looker
from wirestep.session.overview import BINS, Overview
from wirestep.session.views import FrameView

CAPTURES = Path(__file__).parents[2] / "captures"


def test_of_what_waits_only_the_newest_is_taken_apart() -> None:
    begun, go = queue.Queue[int](), threading.Event()

    def frame(record: int) -> FrameView:
        begun.put(record)
        assert go.wait(10)
        if record == 9:
            raise OSError(5, "the disk is gone")
        return FrameView(record, (), ())

    looker, answers = Looker(frame), queue.Queue[FrameView | Exception]()
    looker.wish(1, answers.put)
    assert begun.get(timeout=10) == 1
    for record in (2, 3, 9):
        looker.wish(record, answers.put)
    go.set()
    first, last = answers.get(timeout=10), answers.get(timeout=10)
    looker.close()
    assert isinstance(first, FrameView)
    assert first.record == 1
    assert isinstance(last, OSError)
    assert begun.get(timeout=10) == 9
    assert begun.empty()


def test_the_thread_says_what_the_session_says() -> None:
    session = Session.open(str(CAPTURES / "tcp-lost-syn.pcapng"))
    session.settle()
    answers = queue.Queue[FrameView | Exception]()
    for record in (session.total - 1, 0):
        session.look(record, answers.put)
        assert answers.get(timeout=10) == session.frame(record)
    session.close()


def test_a_strip_that_grows_counts_every_packet_and_is_exact_in_the_end() -> None:
    class Growing:
        """As columns are: only times, one that comes too early among them."""

        def __init__(self, time: np.ndarray[tuple[int], np.dtype[np.int64]]) -> None:
            self.time = time

        def __len__(self) -> int:
            return len(self.time)

    times = 10**18 + np.sort(np.random.default_rng(5).integers(0, 10**11, 3 * BINS))
    times[2 * BINS] -= 2 * 10**11
    strip = Overview()
    for count in range(0, len(times) + 1, BINS // 4):
        strip.measure(Growing(times[:count]), finished=False)  # type: ignore[arg-type]
        counts = strip.counts(Growing(times[:count]), 90, None)  # type: ignore[arg-type]
        assert sum(counts) == count
    whole = Growing(times)
    strip.measure(whole, finished=True)  # type: ignore[arg-type]
    exact = strip.counts(whole, 90, None)  # type: ignore[arg-type]
    low, span = int(times.min()), int(times.max() - times.min()) + 1
    assert exact == np.bincount(((times - low) * 90 // span).astype(int), minlength=90).tolist()
    assert np.abs(np.array(counts) - exact).max() <= np.max(exact) // 10
