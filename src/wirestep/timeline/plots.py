"""What is plotted of one conversation: traces over time, and what a cursor reads of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from wirestep.capture.arrays import Array

KINDS = {
    "rtt": "Round-trip time",
    "window": "Bytes in flight, windows",
    "sequence": "Sequence over time (Stevens)",
    "tcptrace": "Sequence over time (tcptrace)",
    "throughput": "Throughput and goodput",
    "streams": "Streams",
}
"""By name: the title."""
SIDES = (
    ("C", "from the client", "orange", 0.55, 0.9),
    ("S", "from the server", "teal", 0.1, 0.45),
)
"""Of a lane: letter, name, hue, and from where to where it is drawn."""
FORMS = ("points", "steps", "line", "bars", "stems", "area", "rule", "marks")
"""How a trace is drawn: a dot a sample; a value that holds until the next; a line from one to the
next; from `low` to the value; from 0 to the value at each sample, or all
along; one value all along; its letter a sample."""
HOLDS = ("steps", "line", "area", "rule")
"""Forms whose value holds, or goes on, between two samples."""


class Passed(NamedTuple):
    """Bytes of a stream that passed."""

    stream: int
    side: int
    """0 from the client."""
    time: int
    """Nanoseconds since the epoch."""
    size: int
    """Bytes."""
    row: int


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """One curve. All arrays have a row a sample, in order of time."""

    letter: str
    """In the legend and on the curve."""
    name: str
    hue: str
    form: str
    """One of FORMS."""
    time: Array
    """int64, ns since the epoch."""
    value: Array
    """float64, in the plot's unit."""
    rows: Array
    """int64: the packet, -1 where none stands for the sample."""
    low: Array | None = None
    """float64: where bars begin."""
    sizes: Array | None = None
    """int64: bytes, where the value does not say how many."""

    def __len__(self) -> int:
        return len(self.time)

    def at(self, time: int) -> int:
        """The sample that tells of a time: the last by then, or the first; -1 without any."""
        if not len(self.time):
            return -1
        return max(0, int(np.searchsorted(self.time, time, "right")) - 1)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a trace says under the cursor."""

    trace: Trace
    value: float
    low: float | None
    size: int | None
    """Bytes."""
    row: int
    """The packet of the sample, -1 where there is none."""
    here: bool
    """The sample is of this very moment."""
    more: int
    """Other samples of the trace that this packet brought."""


@dataclass(frozen=True, slots=True, eq=False)
class Plot:
    """Traces that share their axes."""

    kind: str
    unit: str
    """ "s", "B", "bit/s"; what a lane is, where values are places in `lanes`."""
    traces: tuple[Trace, ...]
    start: int
    """Nanoseconds since the epoch: where the conversation begins."""
    stop: int
    side: int = 0
    """Whose data it tells of: 0 for the conversation's first sender."""
    notes: tuple[str, ...] = ()
    """What is estimated, or left out: sentences."""
    lanes: tuple[str, ...] = ()
    """Names of lanes, from the top."""
    empty: str = ""
    """Why there is nothing to see: a sentence."""
    packets: int = 0
    """Of the conversation."""

    @property
    def samples(self) -> tuple[Array, Array]:
        """(times, rows) that a cursor stands on, each packet once, in order of time."""
        found = [trace for trace in self.traces if trace.form != "rule" and len(trace)]
        if not found:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        time = np.concatenate([trace.time for trace in found])
        rows = np.concatenate([trace.rows for trace in found])
        pairs = np.lexsort((rows, time))
        time, rows = time[pairs], rows[pairs]
        fresh = np.ones(len(time), bool)
        fresh[1:] = (np.diff(time) != 0) | (np.diff(rows) != 0)
        return time[fresh], rows[fresh]

    def read(self, time: int, row: int = -1) -> list[Reading]:
        """What each trace says at a time, of a packet where several share the time."""
        found = []
        for trace in self.traces:
            at = trace.at(time)
            if at < 0:
                continue
            first = int(np.searchsorted(trace.time, time))
            same = np.flatnonzero((trace.rows[first : at + 1] == row) & (row >= 0))
            at, more = (first + int(same[0]), len(same) - 1) if len(same) else (at, 0)
            here = int(trace.time[at]) == time
            holds = trace.form in HOLDS and trace.time[at] <= time
            if not (here or holds or trace.form == "rule"):
                continue
            low = None if trace.low is None else float(trace.low[at])
            size = None if trace.sizes is None else int(trace.sizes[at])
            value, record = float(trace.value[at]), int(trace.rows[at])
            found.append(Reading(trace, value, low, size, record, here, more))
        return found


def trace(
    letter: str, name: str, hue: str, form: str, time: Array, value: Array, rows: Array,
    low: Array | None = None, sizes: Array | None = None,
) -> Trace:  # fmt: skip
    """A trace, put in order of time."""
    order = np.argsort(time, kind="stable")
    return Trace(
        letter, name, hue, form, np.asarray(time, np.int64)[order],
        np.asarray(value, np.float64)[order], np.asarray(rows, np.int64)[order],
        None if low is None else np.asarray(low, np.float64)[order],
        None if sizes is None else np.asarray(sizes, np.int64)[order],
    )  # fmt: skip


def rule(letter: str, name: str, hue: str, time: int, value: float) -> Trace:
    """One value all along."""
    one = np.array([time], np.int64)
    return trace(letter, name, hue, "rule", one, np.array([value]), np.array([-1]))


def streams(
    passed: Sequence[Passed], span: tuple[int, int], packets: int, title: str = "stream"
) -> Plot:
    """When bytes of each stream passed: a lane a stream, both sides in it; `span`: start, stop."""
    numbers = sorted({one.stream for one in passed})
    place = {number: len(numbers) - 1 - at for at, number in enumerate(numbers)}
    traces = []
    for side, (letter, name, hue, low, high) in enumerate(SIDES):
        mine = [one for one in passed if one.side == side]
        lane = np.array([place[one.stream] for one in mine], np.float64)
        time, rows = (np.array([one[at] for one in mine], np.int64) for at in (2, 4))
        sizes = np.array([one.size for one in mine], np.int64)
        traces.append(trace(letter, name, hue, "bars", time, lane + high, rows, lane + low, sizes))
    lanes = tuple(str(number) for number in numbers)
    empty = "" if lanes else "no streams can be read in this conversation"
    kept = tuple(one for one in traces if len(one))
    return Plot("streams", title, kept, *span, lanes=lanes, empty=empty, packets=packets)
