"""The bytes of a capture, a window after the other, with the frames that were found in each.

Where nobody has to be waited for, a thread reads and scans one window ahead: the bytes of the file
then come in while the headers of the window before are decoded.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from .arrays import GUARD, Array
from .feed import Feed
from .frames import Taken
from .store import Reader

FIRST = 1 << 17
"""Bytes of the first window, so that something is there at once."""
WINDOW = 8 << 20
"""Bytes of a window, once the first ones are through; it should fit into the processor's cache."""
LINGER = 0.01
"""Seconds in which packets of a pipe or a growing file gather before they are indexed together."""


class Window(NamedTuple):
    """Valid until the next but one is asked for."""

    buffer: Array
    """uint8: its bytes, and GUARD more."""
    base: int
    """Where its first byte stands in the file."""
    taken: Taken
    links: list[int]
    """The link type of each interface so far."""
    left: int
    """Bytes at its end that make no whole unit; they come again."""
    last: bool
    """Nothing comes behind it."""
    done: int
    """Bytes of the input that were read."""


def windows(feed: Feed, reader: Reader) -> Iterator[Window]:
    """All windows of the capture that `feed` gives and `reader` understands."""
    return _ahead(_scanned(feed, reader)) if feed.steady else _scanned(feed, reader)


def _scanned(feed: Feed, reader: Reader) -> Iterator[Window]:
    size = FIRST
    buffer, other = np.zeros(size + GUARD, np.uint8), np.zeros(0, np.uint8)
    base = held = 0
    skip = reader.start
    while True:
        count = _fill(feed, buffer, held, size)
        held += count
        if skip and held >= skip:
            buffer[: held - skip] = buffer[skip:held].copy()
            base, held, skip = base + skip, held - skip, 0
        taken = reader.take(buffer, held, base)
        links = [one.link for one in reader.interfaces]
        last = bool(taken.problem) or not count
        left = held - taken.used
        yield Window(buffer, base, taken, links, left, last, feed.done)
        if last:
            return
        size = max(min(size * 8, WINDOW), taken.need)
        if len(other) < size + GUARD:
            other = np.zeros(size + GUARD, np.uint8)
        other[:left] = buffer[taken.used : held]
        buffer, other = other, buffer
        base, held = base + taken.used, left


def _fill(feed: Feed, buffer: Array, held: int, size: int) -> int:
    """Read up to `size` bytes in all into the buffer, which holds `held`: how many came."""
    view = memoryview(buffer)[held:size]  # type: ignore[arg-type]
    done, lingered = 0, False
    while done < len(view):
        count = feed.read_into(view[done:])
        if not count:
            break
        done += count
        if not feed.ready():
            # A few packets cost nearly as much work as thousands: let some gather.
            if not lingered:
                time.sleep(LINGER)
                lingered = True
            if not feed.ready():
                break
    return done


def _ahead(source: Iterator[Window]) -> Iterator[Window]:
    """The same, made in a thread while the one before is worked on."""
    made: queue.SimpleQueue[Window | BaseException | None] = queue.SimpleQueue()
    # A window's bytes are overwritten by the next but one: that waits until they are done with.
    room = threading.Semaphore(1)
    over = threading.Event()

    def work() -> None:
        try:
            for window in source:
                made.put(window)
                room.acquire()
                if over.is_set():
                    return
            made.put(None)
        except BaseException as error:  # it is raised where the windows are asked for
            made.put(error)

    thread = threading.Thread(target=work, name="read ahead", daemon=True)
    thread.start()
    try:
        while (window := made.get()) is not None:
            if isinstance(window, BaseException):
                raise window
            yield window
            room.release()
    finally:
        over.set()
        room.release()
        thread.join()
