"""The bytes of a capture, a window after the other, with what was found in each.

Where nobody has to be waited for, a thread works some windows ahead: it reads, finds the frames and
their headers, while those of the window before get their conversations.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from .arrays import GUARD, Array
from .columns import Block, decoded
from .feed import Feed
from .store import Reader

FIRST = 1 << 17
"""Bytes of the first window, so that something is there at once."""
WINDOW = 8 << 20
"""Bytes of a window, once the first ones are through; the fewer, the better for the cache."""
ROWS, WIDER = 36_000, 4
"""Packets that a window should hold, and so many times WINDOW it may be for that: threads that work
on few packets at a time mostly wait for each other."""
AHEAD = 3
"""Windows that may be ready while one is worked on, so that neither thread waits for the other."""
LINGER = 0.01
"""Seconds in which packets of a pipe or a growing file gather before they are indexed together."""


class Window(NamedTuple):
    """What was found in it."""

    blocks: list[Block]
    base: int
    """Where its first byte stands in the file."""
    links: list[int]
    """The link type of each interface so far."""
    done: int
    """Bytes of the input that were read."""
    last: bool
    """Nothing comes behind it."""
    problem: str
    """Of the last one: why, where that is no good end."""


def windows(feed: Feed, reader: Reader) -> Iterator[Window]:
    """All windows of the capture that `feed` gives and `reader` understands."""
    return _ahead(_scanned(feed, reader)) if feed.steady else _scanned(feed, reader)


def _scanned(feed: Feed, reader: Reader) -> Iterator[Window]:
    size = FIRST
    buffer = np.zeros(size + GUARD, np.uint8)
    base = held = 0
    skip = reader.start
    while True:
        count = _fill(feed, buffer, held, size)
        held += count
        if skip and held >= skip:
            held = _drop(buffer, skip, held)
            base, skip = base + skip, 0
        taken = reader.take(buffer, held, base)
        links = [one.link for one in reader.interfaces]
        blocks = list(decoded(buffer, taken.frames, links))
        last = bool(taken.problem) or not count
        held = _drop(buffer, taken.used, held)
        problem = taken.problem
        if last and not problem:
            problem = _ended(feed, reader.cut(held, base + taken.used))
        yield Window(blocks, base, links, feed.done, last, problem)
        if last:
            return
        base += taken.used
        mean = taken.used // max(len(taken.frames.at), 1)
        large = min(max(mean * ROWS, WINDOW), WINDOW * WIDER)
        size = max(min(size * 8, large), taken.need)
        buffer = _roomy(buffer, held, size)


def _ended(feed: Feed, cut: str) -> str:
    """What is said at the end of the bytes; why they ended matters more than where."""
    return f"{feed.problem}: everything before it is shown" if feed.problem else cut


def _drop(buffer: Array, used: int, held: int) -> int:
    """Move what was not used to the front: bytes held now."""
    if used:
        buffer[: held - used] = buffer[used:held].copy()
    return held - used


def _roomy(buffer: Array, held: int, size: int) -> Array:
    if len(buffer) >= size + GUARD:
        return buffer
    fresh = np.zeros(size + GUARD, np.uint8)
    fresh[:held] = buffer[:held]
    return fresh


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
    # No further ahead: windows take memory.
    room = threading.Semaphore(AHEAD)
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
