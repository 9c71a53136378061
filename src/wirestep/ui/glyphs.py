"""What is drawn on a terminal that knows ASCII only: one letter stands for each glyph of ours."""

from __future__ import annotations

import locale
import os
from collections.abc import Mapping

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

PLAIN = str.maketrans(
    dict.fromkeys(map(chr, range(0x2801, 0x2900)), ".")
    | dict.fromkeys("━─╌┄┈", "-")
    | dict.fromkeys("│┃┊╎▏", "|")
    | dict.fromkeys("╭╮╰╯┌┐└┘┼├┤┬┴╵╷╴╶", "+")
    | dict.fromkeys("▶▷›▸»", ">")
    | dict.fromkeys("◀◁‹◂«", "<")
    | dict.fromkeys("▾▼", "v")
    | dict.fromkeys("▴▲", "^")
    | dict.fromkeys("▁▂▃░", ".")
    | dict.fromkeys("▄▅▆", ":")
    | dict.fromkeys("▇█", "#")
    | dict.fromkeys("▐▍▎▊▋▉", "|")
    | {
        "▌": ">",
        "═": "=",
        "↑": "^",
        "↓": "v",
        "·": ".",
        "•": "*",
        "●": "*",
        "◆": "*",
        "■": "#",
        "…": "~",
        "↻": "R",
        "⇄": "=",
        "✗": "X",
        "↷": ">",
        "≠": "!",
        "⌫": "<",
        "✓": "v",
        "×": "x",
        "╱": "/",
        "→": ">",
        "←": "<",
        "↔": "=",
        "⟲": "@",
        "Δ": "d",
        "µ": "u",
        "–": "-",
        "—": "-",
        "▔": "-",
        "✎": ";",
        "\u00a0": " ",
        "\u202f": " ",
    }
)


def wanted(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether only ASCII may be drawn: WIRESTEP_ASCII=1, or a locale that is not UTF-8."""
    asked = environ.get("WIRESTEP_ASCII", "")
    if asked:
        return asked != "0"
    named = environ.get("LC_ALL") or environ.get("LC_CTYPE") or environ.get("LANG") or ""
    if named:
        return "utf" not in named.lower()
    return "utf" not in locale.getpreferredencoding(False).lower()


def plain(text: str) -> str:
    """`text` in ASCII, as wide as before; "?" for what has no likeness."""
    if text.isascii():
        return text
    likeness = text.translate(PLAIN)
    return "".join(c if c.isascii() else "?" * cell_len(c) for c in likeness)


class Plain(LineFilter):
    """Turns all that is drawn, by whatever widget, into ASCII."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments in ASCII."""
        return [Segment(plain(text), style, control) for text, style, control in segments]
