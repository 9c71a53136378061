"""What befell a packet, in the words that the list has letters for."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from wirestep.capture import Columns
from wirestep.capture.arrays import Array
from wirestep.timeline.analysis import MARK_SEVERITY, Mark, TcpView

WORDS = {
    Mark.LOST_SEGMENT: "gap",
    Mark.ACK_LOST_SEGMENT: "unseen",
    Mark.ZERO_WINDOW: "zero-window",
    Mark.WINDOW_FULL: "window-full",
    Mark.OUT_OF_ORDER: "out-of-order",
    Mark.REUSED_PORTS: "reused",
    Mark.FAST_RETRANSMISSION: "fast",
    Mark.SPURIOUS_RETRANSMISSION: "spurious",
    Mark.RETRANSMISSION: "retransmission",
    Mark.DUPLICATE_ACK: "duplicate-ack",
    Mark.ZERO_WINDOW_PROBE: "probe",
    Mark.ZERO_WINDOW_PROBE_ACK: "probe",
    Mark.KEEP_ALIVE: "keep-alive",
    Mark.KEEP_ALIVE_ACK: "keep-alive",
    Mark.WINDOW_UPDATE: "window-update",
}
"""By mark of the analysis, the gravest first."""
RESET, RST, TCP = "reset", 4, 6
GRAVITY = {
    "broken": "error",
    "lost": "error",
    RESET: "warn",
    **{word: MARK_SEVERITY[mark] for mark, word in WORDS.items()},
}
"""By word, the gravest first: "error", "warn", "note" or "chat"."""
SEALED = "sealed"
"""No problem, but a mark of a row all the same: an encrypted unit in it stays closed."""
TOLD = frozenset({RESET, *WORDS.values()})
"""What the analysis tells better than a decoder that has not read the whole conversation."""


@lru_cache(1024)
def words(marks: int, *, reset: bool) -> tuple[str, ...]:
    """What some bits of Mark say, and whether the segment resets its connection."""
    found = [word for mark, word in WORDS.items() if marks & mark]
    return tuple(dict.fromkeys([RESET, *found] if reset else found))


def words_of(record: int, columns: Columns, view: TcpView | None) -> tuple[str, ...]:
    """The same of one packet; what is not analysed yet has no marks."""
    if int(columns.transport[record]) != TCP:
        return ()
    marks = int(view.marks[record]) if view is not None and record < view.done else 0
    reset = bool(int(columns.flags[record]) & RST)
    return words(marks, reset=reset) if marks or reset else ()


def text_of(found: tuple[str, ...]) -> str:
    """The gravest problem, with the first letter of how grave it is: "W zero-window"."""
    worst = next((word for word in GRAVITY if word in found), "")
    return f"{GRAVITY[worst][0].upper()} {worst}" if worst else ""


def gravity(columns: Columns, view: TcpView | None) -> Array:
    """int8: one sort key a packet; the graver its worst problem, the greater. 0 for none."""
    rank = {word: len(GRAVITY) - place for place, word in enumerate(GRAVITY)}
    out = np.zeros(len(columns), np.int8)
    if view is not None:
        marks = view.marks[: len(columns)]
        for mark, word in WORDS.items():
            found = np.flatnonzero(marks & np.uint16(mark))
            out[found] = np.maximum(out[found], rank[word])
    resets = np.flatnonzero((columns.transport == TCP) & (columns.flags & RST != 0))
    out[resets] = np.maximum(out[resets], rank[RESET])
    return out
