"""Draws the pictures of docs/screens: runs the real program, presses keys, paints its cells.

    python docs/make_screens.py [NAME ...]      only the pictures whose names hold one of these

Needs pillow, and the fonts JetBrains Mono or DejaVu Sans Mono.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

# Before Textual is imported: it reads them once.
os.environ["TEXTUAL_ANIMATIONS"] = "none"
os.environ.setdefault("TEXTUAL_COLOR_SYSTEM", "truecolor")
os.environ.setdefault("XDG_STATE_HOME", "/nonexistent")
os.environ.setdefault("XDG_CONFIG_HOME", "/nonexistent")

from PIL import Image, ImageDraw, ImageFont
from rich.cells import cell_len
from rich.color import Color
from rich.segment import Segment
from rich.style import Style

from wirestep.session import Session, scenarios
from wirestep.session.lab_views import Staged
from wirestep.ui.app import Wirestep
from wirestep.ui.doors import doors
from wirestep.ui.theme import mix

HERE = Path(__file__).parent
CAPTURES = HERE.parent / "captures"
FONTS = Path("/usr/share/fonts/truetype")
SCALES = ((180, (9, 20), 15), (0, (12, 26), 20))
"""(at this many columns or more, cell, size of the letters)."""
COLOURS = 256
DOTS = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))
"""By bit of a braille letter: (column, row)."""
FACES = {
    "regular": ("jetbrains-mono/JetBrainsMono-Regular.ttf", "dejavu/DejaVuSansMono.ttf"),
    "bold": ("jetbrains-mono/JetBrainsMono-Bold.ttf", "dejavu/DejaVuSansMono-Bold.ttf"),
    "italic": ("jetbrains-mono/JetBrainsMono-Italic.ttf", "dejavu/DejaVuSansMono-Oblique.ttf"),
    "spare": ("dejavu/DejaVuSansMono.ttf",),
}


@dataclass(frozen=True)
class Shot:
    """One picture: its name, the size, the theme, the capture, and the keys before it is taken."""

    name: str
    size: tuple[int, int]
    theme: str = "dark"
    capture: str = ""
    keys: Sequence[str] = ()
    lab: str = ""
    """A scenario, instead of a capture."""


LOOK = ("2", "plus", *["down"] * 9, "3", *["down"] * 6, "2")
PAGE = (*["down"] * 17, "3", *["down"] * 11, "right", *["down"] * 2, "2", "plus")
STREAMS = (*["down"] * 9, "3", *["down"] * 7, "right", *["down"] * 2, "2", "plus")
DATAGRAM = (
    *["down"] * 3,
    "2",
    "plus",
    *["down"] * 6,
    "3",
    *["down"] * 4,
    "right",
    *["down"] * 4,
    "2",
)
TIMED = ("2", "t", "wait", "minus", *["down"] * 4, "wait")
SORTED = ("z", "c", *["down"] * 4, *["right"] * 6, "O", "wait", "O")
STEP, EARLIER = "full_stop", "left_square_bracket"
HELD = (*[STEP] * 4, "wait")
OTHER = ("E", "wait", *[EARLIER] * 6)
LAB = "tls13-full"
RACE = ("r", *["wait"] * 3, "end")
LOSSY = ("r", *["wait"] * 3, "e", "ctrl+u", *"loss 5% seed 2 path /bytes/12000", "enter")
LOSSY = (*LOSSY, *["wait"] * 3, "end")
BOTH = ("B", "wait", "c", *"tls13-full", "enter", *["wait"] * 3)
SHOTS = [
    Shot("home", (120, 40), keys=["down"] * 2),
    Shot("home-light", (120, 40), "light", keys=["down"] * 2),
    Shot("home-80x24", (80, 24), keys=["down"] * 2),
    Shot("home-80x24-light", (80, 24), "light", keys=["down"] * 2),
    Shot("home-200x60", (200, 60), keys=["down"] * 2),
    Shot("home-200x60-light", (200, 60), "light", keys=["down"] * 2),
    Shot("inspector", (120, 40), capture="page-load", keys=PAGE),
    Shot("inspector-light", (120, 40), "light", "page-load", PAGE),
    Shot("inspector-http1", (120, 40), capture="http1-keepalive", keys=LOOK),
    Shot("inspector-http2", (120, 40), capture="http2-streams", keys=STREAMS),
    Shot("inspector-quic", (120, 40), capture="quic-http3", keys=DATAGRAM),
    Shot("inspector-websocket", (120, 40), capture="websocket-chat", keys=("2", *["down"] * 9)),
    Shot("inspector-tls", (120, 40), capture="tls13-full", keys=("2", "plus", *["down"] * 5)),
    Shot("inspector-loss", (120, 40), capture="tcp-loss", keys=("2", *["down"] * 5)),
    Shot("inspector-dns", (120, 40), capture="dns-records", keys=(*["down"] * 5, "3")),
    Shot("inspector-80x24-packets", (80, 24), capture="http1-keepalive", keys=["down"] * 5),
    Shot("inspector-80x24-ladder", (80, 24), capture="http1-keepalive", keys=LOOK),
    Shot("inspector-80x24-decode", (80, 24), capture="http1-keepalive", keys=(*LOOK, "3")),
    Shot("inspector-80x24-decode-light", (80, 24), "light", "http1-keepalive", (*LOOK, "3")),
    Shot("inspector-200x60", (200, 60), capture="page-load", keys=PAGE),
    Shot("inspector-200x60-light", (200, 60), "light", "page-load", PAGE),
    Shot("inspector-time", (120, 40), capture="tls13-full", keys=TIMED),
    Shot("inspector-time-light", (120, 40), "light", capture="quic-http3", keys=TIMED),
    Shot("plots", (120, 40), capture="tcp-loss", keys=("P", "wait", "4", "wait")),
    Shot("filter", (120, 40), capture="http1-keepalive", keys=("f", *"tcp.port == 80 && htt")),
    Shot(
        "filter-wrong", (120, 40), capture="http1-keepalive", keys=("f", *"tcp.port == x80 && dns")
    ),
    Shot("conversations", (120, 40), capture="page-load", keys=("C", "down", "down")),
    Shot("columns", (120, 40), capture="page-load", keys=("number_sign", *["down"] * 5)),
    Shot("packets-sorted", (120, 40), capture="tcp-loss", keys=SORTED),
    Shot("statistics-io", (120, 40), capture="tcp-loss", keys=("S", "4", "wait", "n")),
    Shot("statistics-expert", (120, 40), "light", "tcp-loss", ("S", "8", "wait", "right")),
    Shot("follow", (120, 40), capture="http1-keepalive", keys=("v",)),
    Shot("lab-held", (120, 40), keys=HELD, lab=LAB),
    Shot("lab-held-light", (120, 40), "light", keys=HELD, lab=LAB),
    Shot("lab-held-80x24", (80, 24), keys=HELD, lab=LAB),
    Shot("lab-held-200x60", (200, 60), keys=(*[STEP] * 9, "wait"), lab="http2-page"),
    Shot("lab-dropped", (120, 40), keys=(*[STEP] * 4, "x", "wait"), lab=LAB),
    Shot("lab-silence", (120, 40), keys=(*[STEP] * 4, "x", *[STEP] * 2, "wait"), lab=LAB),
    Shot("lab-recovered", (120, 40), keys=(*[STEP] * 4, "x", *[STEP] * 4, "wait"), lab=LAB),
    Shot("lab-earlier", (120, 40), keys=(*OTHER, "wait"), lab=LAB),
    Shot("lab-branches", (120, 40), keys=(*OTHER, "x", "E", "wait", "B"), lab=LAB),
    Shot("lab-compare", (120, 40), keys=(*OTHER, "x", "E", "wait", "C", "wait"), lab=LAB),
    Shot("lab-resolver", (120, 40), keys=(*[STEP] * 7, "wait"), lab="dns-walk"),
    Shot("lab-rows", (120, 40), "light", keys=(*[STEP] * 16, "t", "wait"), lab="http2-one-loss"),
    Shot("ledger", (120, 40), capture="page-load", keys=("B", "wait", *["down"] * 2)),
    Shot("ledger-light", (120, 40), "light", "tls12-full", ("B", "wait", "tab", "down")),
    Shot("ledger-80x24", (80, 24), capture="page-load", keys=("B", "wait", *["down"] * 2)),
    Shot("waterfall", (120, 40), capture="http2-streams", keys=("B", "wait", "3")),
    Shot("race", (120, 40), keys=(*RACE, *["left"] * 14)),
    Shot("race-loss", (120, 40), "light", keys=(*LOSSY, *["left"] * 9)),
    Shot("race-80x24", (80, 24), keys=(*RACE, *["left"] * 30)),
    Shot("race-200x60", (200, 60), keys=(*RACE, *["left"] * 14)),
    Shot("compare", (120, 40), capture="tls12-full", keys=BOTH),
    Shot("compare-light", (120, 40), "light", "tls12-full", BOTH),
    Shot("compare-80x24", (80, 24), capture="tls12-full", keys=BOTH),
    Shot("help", (120, 40), capture="tls13-full", keys=("question_mark",)),
]


@cache
def face(name: str, size: int) -> ImageFont.FreeTypeFont:
    """The first font of its kind that is there."""
    path = next(p for p in (FONTS / f for f in FACES[name]) if p.exists())
    return ImageFont.truetype(str(path), size)


@cache
def known(name: str, letter: str) -> bool:
    """Whether the font has a glyph of its own for the letter."""
    font = face(name, 20)
    return bytes(font.getmask(letter)) != bytes(font.getmask("\U0010fffe"))


def hexed(color: Color | None, otherwise: str) -> str:
    """A colour as "#rrggbb"."""
    return otherwise if color is None else color.get_truecolor().hex


class Canvas:
    """Paints cell by cell, so that nothing is out of line."""

    def __init__(self, columns: int, rows: int) -> None:
        _, self.cell, self.size = next(scale for scale in SCALES if columns >= scale[0])
        self.image = Image.new("RGB", (columns * self.cell[0], rows * self.cell[1]))
        self.draw = ImageDraw.Draw(self.image)
        self.base = face("regular", self.size).getmetrics()[0]
        self.pairs: Counter[tuple[str, str]] = Counter()

    def segment(self, segment: Segment, x: int, y: int) -> int:
        """One run of a style; the cell after it."""
        style = segment.style or Style()
        ink, back = hexed(style.color, "#ffffff"), hexed(style.bgcolor, "#000000")
        if style.reverse:
            ink, back = back, ink
        self.pairs[ink, back] += len(segment.text)
        wide, high = self.cell
        end, top = x + segment.cell_length, y * high
        self.draw.rectangle((x * wide, top, end * wide - 1, top + high - 1), fill=back)
        name = "bold" if style.bold else "italic" if style.italic else "regular"
        for letter in segment.text:
            self.glyph(letter, x * wide, top, ink, name)
            if style.underline:
                at = top + high - 3
                self.draw.line((x * wide, at, (x + 1) * wide, at), fill=ink, width=2)
            x += cell_len(letter)
        return end

    def glyph(self, letter: str, left: int, top: int, ink: str, name: str) -> None:
        """One letter; blocks are painted, so that they meet."""
        wide, high = self.cell
        code = ord(letter)
        if letter == " ":
            return
        if 0x2581 <= code <= 0x2588:
            start = top + round((1 - (code - 0x2580) / 8) * high)
            self.draw.rectangle((left, start, left + wide - 1, top + high - 1), fill=ink)
        elif 0x2589 <= code <= 0x258F:
            size = round((0x2590 - code) / 8 * wide)
            self.draw.rectangle((left, top, left + size - 1, top + high - 1), fill=ink)
        elif letter == "▐":
            self.draw.rectangle((left + wide // 2, top, left + wide - 1, top + high - 1), fill=ink)
        elif 0x2800 <= code <= 0x28FF:
            self.dots(code - 0x2800, left, top, ink)
        else:
            font = face(name if known(name, letter) else "spare", self.size)
            self.draw.text((left, top + self.base), letter, font=font, fill=ink, anchor="ls")

    def dots(self, bits: int, left: int, top: int, ink: str) -> None:
        """The dots of a braille letter."""
        wide, high = self.cell
        size = max(2, wide // 4)
        for bit, (column, row) in enumerate(DOTS):
            if bits >> bit & 1:
                x = left + (2 * column + 1) * wide // 4 - size // 2
                y = top + (2 * row + 1) * high // 8 - size // 2
                self.draw.rectangle((x, y, x + size - 1, y + size - 1), fill=ink)

    def save(self, path: Path) -> None:
        """With a palette of the colours that were used and of those between them."""
        shades: dict[str, None] = {}
        for pair, _ in self.pairs.most_common():
            shades |= dict.fromkeys(pair)
        for share in (0.5, 0.25, 0.75):
            for (ink, back), _ in self.pairs.most_common():
                shades[mix(back, ink, share)] = None
        colours = [int(shade[at : at + 2], 16) for shade in shades for at in (1, 3, 5)]
        palette = Image.new("P", (1, 1))
        palette.putpalette(colours[: 3 * COLOURS])
        self.image.quantize(palette=palette, dither=Image.Dither.NONE).save(path, optimize=True)


async def take(shot: Shot, folder: Path) -> None:
    """Runs the program, presses the keys, paints."""
    path = str(CAPTURES / f"{shot.capture}.pcapng") if shot.capture else None
    about = next((one for one in scenarios() if one.name == shot.lab), None)
    staged = Staged(about) if about is not None else None
    app = Wirestep(doors(Session.open), path, staged=staged)
    if shot.theme == "light":
        app.theme = "wirestep-light"
    async with app.run_test(size=shot.size) as pilot:
        await pilot.pause(2.5 if shot.lab else 0.6)
        for key in shot.keys:
            if key == "wait":
                await pilot.pause(0.5)
            else:
                await pilot.press(key)
                await pilot.pause(0.1 if shot.lab else 0)
        await pilot.pause(0.9)
        lines = [list(strip) for strip in app.screen._compositor.render_strips(app.screen.size)]
        canvas = Canvas(shot.size[0], len(lines))
        for y, line in enumerate(lines):
            x = 0
            for segment in line:
                x = canvas.segment(segment, x, y)
        canvas.save(folder / f"{shot.name}.png")
        app.exit(0)


def main(names: Sequence[str]) -> int:
    """Takes all pictures, or those named."""
    folder = Path(os.environ.get("SCREENS", HERE / "screens"))
    folder.mkdir(exist_ok=True)
    for shot in SHOTS:
        if not names or any(name in shot.name for name in names):
            asyncio.run(take(shot, folder))
            print(shot.name, (folder / f"{shot.name}.png").stat().st_size // 1000, "kB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
