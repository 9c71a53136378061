"""The letters that stand before the info of a packet, and the colours of a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from wirestep.session.views import Row
from wirestep.ui.theme import LANES, Palette


@dataclass(frozen=True, slots=True)
class Sign:
    """What befell a packet, as it is shown."""

    letter: str
    level: str
    """How grave: "error", "warn", "note" or "chat", as in Wireshark's expert information."""
    meaning: str


SIGNS = {
    "broken": Sign("B", "error", "broken: the bytes do not follow the rules"),
    "lost": Sign("L", "error", "lost on the way"),
    "gap": Sign("G", "warn", "a segment before it is missing"),
    "unseen": Sign("A", "warn", "acknowledges what was never seen"),
    "reset": Sign("X", "warn", "the connection is reset"),
    "zero-window": Sign("Z", "warn", "the receiver takes no more"),
    "window-full": Sign("W", "warn", "fills the receiver's window"),
    "out-of-order": Sign("O", "warn", "came out of order"),
    "reused": Sign("P", "note", "the ports were used before"),
    "fast": Sign("F", "note", "fast retransmission"),
    "spurious": Sign("S", "note", "retransmission of what was acknowledged"),
    "retransmission": Sign("R", "note", "retransmission"),
    "duplicate-ack": Sign("D", "note", "duplicate acknowledgement"),
    "probe": Sign("?", "note", "asks whether the window is still closed"),
    "keep-alive": Sign("K", "note", "keep-alive"),
    "window-update": Sign("U", "chat", "the window has changed"),
}
"""By mark of a row, the gravest first: the first that fits is shown."""
TONES = {"error": "bad", "warn": "warn", "note": "acc", "chat": "dim"}
"""By level: the name of its colour."""
MODES = {
    "protocol": "by protocol",
    "problem": "by problem: error, warning, note, chat",
    "conversation": "by conversation",
    "off": "not at all",
}
"""By what lines are coloured."""
NO_SIGN = Sign("", "", "")


@lru_cache(512)
def sign(marks: tuple[str, ...]) -> Sign:
    """What is shown of these marks."""
    if not marks:
        return NO_SIGN
    known = next((shown for mark, shown in SIGNS.items() if mark in marks), None)
    return known or Sign(marks[0][:1].upper(), "warn", marks[0])


def tone(level: str, look: Palette) -> str:
    """The colour of a level."""
    colours = {"bad": look.bad, "warn": look.warn, "acc": look.acc, "dim": look.dim}
    return colours[TONES.get(level, "dim")]


@dataclass(frozen=True, slots=True)
class Inks:
    """The colours of one line."""

    edge: str
    """Of the bar at its left."""
    name: str
    """Of its protocol."""
    sign: str
    """Of the letter before its info."""
    info: str
    text: str
    """Of the ends, and of the columns that were added."""


def inks(mode: str, row: Row, shown: Sign, look: Palette, fg: str) -> Inks:
    """The colours of a line in one of MODES; `fg` is that of plain text on it."""
    grave = tone(shown.level, look) if shown.letter else ""
    if mode == "off":
        return Inks(look.dim, fg, fg, fg, fg)
    if mode == "problem":
        ink = grave or fg
        return Inks(grave or look.faint, ink, grave, ink, ink)
    if mode == "conversation":
        hue = look.hue(LANES[row.flow % len(LANES)] if row.flow >= 0 else "grey")
        return Inks(hue, hue, grave, fg, hue)
    hue = look.hue(row.hue)
    return Inks(hue, hue, grave, grave or fg, fg)


def legend(marks: Sequence[str] = tuple(SIGNS)) -> list[tuple[str, str]]:
    """(letter, what it means) of these marks."""
    return [(SIGNS[mark].letter, f"{SIGNS[mark].meaning} ({SIGNS[mark].level})") for mark in marks]
