"""How a point in time is written, by the modes that tshark's -t and Wireshark's View menu name."""

from __future__ import annotations

from datetime import UTC, datetime

SECOND = 1_000_000_000
DECIMALS = (0, 1, 2, 3, 6, 9)
"""How finely times are written; a clock in between gets the next."""
MODES = ("r", "d", "dd", "a", "ad", "e", "u", "ud", "ref")
"""Relative to the first, to the frame before, to the shown frame before; local, UTC; epoch."""


def seconds(ns: int, digits: int = 6) -> str:
    """Nanoseconds as seconds with `digits` decimals (0 to 9), cut, not rounded."""
    whole, part = divmod(abs(ns), SECOND)
    sign = "-" if ns < 0 else ""
    return f"{sign}{whole}.{part:09d}"[: len(sign) + len(str(whole)) + 1 + digits].rstrip(".")


def milliseconds(ns: int, digits: int = 3) -> str:
    """Nanoseconds as milliseconds, thousands apart by a thin gap: "1 125.042"."""
    whole, part = divmod(abs(ns), 1_000_000)
    text = f"{whole:,}".replace(",", " ") + f".{part:06d}"[: digits + 1 if digits else 0]
    return f"-{text}" if ns < 0 else text


def moment(ns: int, *, utc: bool = False, date: bool = False, digits: int = 6) -> str:
    """A point in time as a clock shows it; "out of range" where no calendar has it."""
    whole, part = divmod(ns, SECOND)
    try:
        point = datetime.fromtimestamp(whole, UTC)
        if not utc:
            point = point.astimezone()
    except (OverflowError, ValueError, OSError):
        return "out of range"
    form = "%Y-%m-%d %H:%M:%S" if date else "%H:%M:%S"
    return point.strftime(form) + (f".{part:09d}"[: digits + 1] if digits else "")


def decimals(resolution: int) -> int:
    """How many decimals of a second a clock of that many ticks a second is written with."""
    exact = len(str(max(1, resolution) - 1)) if resolution > 1 else 0
    return next((digits for digits in DECIMALS if digits >= exact), DECIMALS[-1])


def written(
    mode: str,
    ns: int,
    *,
    first: int,
    previous: int,
    reference: int | None = None,
    digits: int = 6,
) -> str:
    """The time `ns` in one of MODES, with that many decimals; all in ns since the epoch.

    Raises:
        ValueError: no such mode.
    """
    since = {"r": first, "d": previous, "dd": previous}
    if mode == "ref":
        return seconds(ns - (first if reference is None else reference), digits)
    if mode in since:
        return seconds(ns - since[mode], digits)
    if mode == "e":
        return seconds(ns, digits)
    if mode in ("a", "ad", "u", "ud"):
        return moment(ns, utc=mode.startswith("u"), date=mode.endswith("d"), digits=digits)
    raise ValueError(f"no time format {mode!r}: one of {', '.join(MODES)}")
