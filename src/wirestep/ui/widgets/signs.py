"""The letters that stand before the info of a packet, and the colours of a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from wirestep.session.problems import GRAVITY, SEALED
from wirestep.session.views import Row
from wirestep.ui.theme import LANES, Palette


@dataclass(frozen=True, slots=True)
class Sign:
    """What befell a packet, as it is shown."""

    letter: str
    level: str
    """How grave: "error", "warn", "note" or "chat", as in Wireshark's expert information; QUIET."""
    meaning: str


_LETTERS = {
    "broken": ("B", "broken: the bytes do not follow the rules"),
    "lost": ("L", "lost on the way"),
    "reset": ("X", "the connection is reset"),
    "gap": ("G", "a segment before it is missing"),
    "unseen": ("A", "acknowledges what was never seen"),
    "zero-window": ("Z", "the receiver takes no more"),
    "window-full": ("W", "fills the receiver's window"),
    "out-of-order": ("O", "came out of order"),
    "reused": ("P", "the ports were used before"),
    "fast": ("F", "fast retransmission"),
    "spurious": ("S", "sent again, though it was acknowledged"),
    "retransmission": ("R", "retransmission"),
    "duplicate-ack": ("D", "duplicate acknowledgement"),
    "probe": ("?", "asks whether the window is still closed"),
    "keep-alive": ("K", "keep-alive"),
    "window-update": ("U", "the window has changed"),
}
QUIET = "quiet"
"""A level of ours, below all others: no more than the letter is coloured."""
SIGNS = {
    word: Sign(*_LETTERS[word][:1], level, _LETTERS[word][1]) for word, level in GRAVITY.items()
} | {SEALED: Sign("E", QUIET, "encrypted, and not decrypted: its fields say why")}
"""By mark of a row, the gravest first: the first that fits is shown."""
TONES = {"error": "bad", "warn": "warn", "note": "acc", "chat": "dim", QUIET: "dim"}
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


class Inks(NamedTuple):
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
    letter = tone(shown.level, look) if shown.letter else ""
    grave = "" if shown.level == QUIET else letter
    if mode == "off":
        return Inks(look.dim, fg, fg, fg, fg)
    if mode == "problem":
        ink = grave or fg
        return Inks(grave or look.faint, ink, letter, ink, ink)
    if mode == "conversation":
        hue = look.hue(LANES[row.flow % len(LANES)] if row.flow >= 0 else "grey")
        return Inks(hue, hue, letter, fg, hue)
    hue = look.hue(row.hue)
    return Inks(hue, hue, letter, grave or fg, fg)


def legend(marks: Sequence[str] = tuple(SIGNS)) -> list[tuple[str, str]]:
    """(letter, what it means) of these marks."""
    return [(SIGNS[mark].letter, f"{SIGNS[mark].meaning} ({SIGNS[mark].level})") for mark in marks]
