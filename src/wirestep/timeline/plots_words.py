"""Numbers of plots as people read them: with units, and as exact as the axis is."""

from __future__ import annotations

from .plots import Plot, Reading
from .statistics.tables import titled

UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"))


def value_text(plot: Plot, value: float) -> str:
    """A value: "40.213 ms", "17 377 B", "1.2 Mbit/s", "stream 5"."""
    if plot.lanes:
        place = len(plot.lanes) - 1 - int(value)
        return f"{plot.unit} {plot.lanes[max(0, min(len(plot.lanes) - 1, place))]}"
    if plot.unit == "s":
        return f"{value * 1e3:.3f} ms"
    if plot.unit == "B":
        return f"{round(value):,} B".replace(",", " ")
    return titled(value, plot.unit)


def mark_text(plot: Plot, value: float, step: float) -> str:
    """A mark of the upright axis."""
    if plot.lanes:
        return value_text(plot, value).split(" ", 1)[1][-10:]
    if plot.unit == "s":
        return time_text(value, step)
    if plot.unit == "B" and value >= 1000:
        for size, prefix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
            if value >= size:
                digits = max(0, min(6, _digits(step / size)))
                return f"{value / size:.{digits}f} {prefix}B"
    return titled(value, plot.unit)


def time_text(value: float, step: float) -> str:
    """A time (s) on an axis with a mark each `step` s: "40 ms", "1.25 s"."""
    for size, unit in UNITS:
        if step >= size * 0.01 or unit == "µs":
            if unit == "s" and step < 0.1 and abs(value) < 1:
                continue
            return f"{value / size:.{_digits(step / size)}f} {unit}"
    return f"{value:g} s"


def _digits(step: float) -> int:
    """Digits behind the point that tell multiples of `step` apart."""
    for digits in range(7):
        scaled = step * 10**digits
        if abs(scaled - round(scaled)) < 1e-6 * max(1.0, scaled) and round(scaled):
            return digits
    return 6


def reading_text(plot: Plot, reading: Reading) -> str:
    """What a trace says: its value, or from where to where."""
    text = value_text(plot, reading.value)
    if plot.lanes:
        more = f", and {reading.more} more" if reading.more else ""
        return f"{text}, {reading.size} B{more}"
    if reading.low is not None:
        return f"{value_text(plot, reading.low)[:-2]} to {text}"
    return text
