"""Draws the pictures of docs/screens: runs the real program, presses keys, paints its cells.

    python docs/make_screens.py [NAME ...]      only the pictures whose names hold one of these

Needs pillow, and the fonts JetBrains Mono or DejaVu Sans Mono.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from rich.color import Color
from rich.segment import Segment
from rich.style import Style

HERE = Path(__file__).parent
CAPTURES = HERE.parent / "captures"
FONTS = Path("/usr/share/fonts/truetype")
CELL, SIZE = (12, 26), 20
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


LOOK = ("2", "plus", *["down"] * 9, "3", *["down"] * 6, "2")
SHOTS = [
    Shot("home", (120, 40), keys=["down"] * 2),
    Shot("home-light", (120, 40), "light", keys=["down"] * 2),
    Shot("home-80x24", (80, 24), keys=["down"] * 2),
    Shot("home-80x24-light", (80, 24), "light", keys=["down"] * 2),
    Shot("home-200x60", (200, 60), keys=["down"] * 2),
    Shot("home-200x60-light", (200, 60), "light", keys=["down"] * 2),
    Shot("inspector", (120, 40), capture="http1-keepalive", keys=LOOK),
    Shot("inspector-light", (120, 40), "light", "http1-keepalive", LOOK),
    Shot("inspector-tls", (120, 40), capture="tls13-full", keys=("2", "plus", *["down"] * 5)),
    Shot("inspector-loss", (120, 40), capture="tcp-loss", keys=("2", *["down"] * 8)),
    Shot("inspector-dns", (120, 40), capture="dns-records", keys=(*["down"] * 5, "3")),
    Shot("inspector-80x24-packets", (80, 24), capture="http1-keepalive", keys=["down"] * 5),
    Shot("inspector-80x24-ladder", (80, 24), capture="http1-keepalive", keys=LOOK),
    Shot("inspector-80x24-decode", (80, 24), capture="http1-keepalive", keys=(*LOOK, "3")),
    Shot("inspector-80x24-decode-light", (80, 24), "light", "http1-keepalive", (*LOOK, "3")),
    Shot("inspector-200x60", (200, 60), capture="page-load", keys=LOOK),
    Shot("inspector-200x60-light", (200, 60), "light", "page-load", LOOK),
    Shot("filter", (120, 40), capture="http1-keepalive", keys=("f", *"tcp.port == 80 && htt")),
    Shot(
        "filter-wrong", (120, 40), capture="http1-keepalive", keys=("f", *"tcp.port == x80 && dns")
    ),
    Shot("conversations", (120, 40), capture="page-load", keys=("c", "down", "down")),
    Shot("follow", (120, 40), capture="http1-keepalive", keys=("v",)),
    Shot("help", (120, 40), capture="tls13-full", keys=("question_mark",)),
]


@cache
def face(name: str) -> ImageFont.FreeTypeFont:
    """The first font of its kind that is there."""
    path = next(p for p in (FONTS / f for f in FACES[name]) if p.exists())
    return ImageFont.truetype(str(path), SIZE)


@cache
def known(name: str, letter: str) -> bool:
    """Whether the font has a glyph of its own for the letter."""
    font = face(name)
    return bytes(font.getmask(letter)) != bytes(font.getmask("\U0010fffe"))


def hexed(color: Color | None, otherwise: str) -> str:
    """A colour as "#rrggbb"."""
    return otherwise if color is None else color.get_truecolor().hex


def paint(lines: Sequence[Sequence[Segment]], path: Path) -> None:
    """Cell by cell, so that nothing is out of line."""
    width = max(sum(segment.cell_length for segment in line) for line in lines)
    image = Image.new("RGB", (width * CELL[0], len(lines) * CELL[1]))
    draw = ImageDraw.Draw(image)
    base = face("regular").getmetrics()[0]
    for y, line in enumerate(lines):
        x = 0
        for segment in line:
            style = segment.style or Style()
            ink = hexed(style.color, "#ffffff")
            back = hexed(style.bgcolor, "#000000")
            if style.reverse:
                ink, back = back, ink
            end = x + segment.cell_length
            top = y * CELL[1]
            draw.rectangle((x * CELL[0], top, end * CELL[0] - 1, top + CELL[1] - 1), fill=back)
            name = "bold" if style.bold else "italic" if style.italic else "regular"
            for letter in segment.text:
                glyph(draw, letter, x, y, ink, name, base)
                if style.underline:
                    at = top + CELL[1] - 3
                    draw.line((x * CELL[0], at, (x + 1) * CELL[0], at), fill=ink, width=2)
                x += 1
    image.quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)


def glyph(
    draw: ImageDraw.ImageDraw, letter: str, x: int, y: int, ink: str, name: str, base: int
) -> None:
    """One letter; blocks are painted, so that they meet."""
    if letter == " ":
        return
    left, top = x * CELL[0], y * CELL[1]
    code = ord(letter)
    if 0x2581 <= code <= 0x2588:
        start = top + round((1 - (code - 0x2580) / 8) * CELL[1])
        draw.rectangle((left, start, left + CELL[0] - 1, top + CELL[1] - 1), fill=ink)
    elif 0x2589 <= code <= 0x258F:
        size = round((0x2590 - code) / 8 * CELL[0])
        draw.rectangle((left, top, left + size - 1, top + CELL[1] - 1), fill=ink)
    else:
        font = face(name if known(name, letter) else "spare")
        draw.text((left, top + base), letter, font=font, fill=ink, anchor="ls")


async def take(shot: Shot, folder: Path) -> None:
    """Runs the program, presses the keys, paints."""
    from wirestep.session import Session
    from wirestep.ui.app import Wirestep
    from wirestep.ui.doors import doors

    path = str(CAPTURES / f"{shot.capture}.pcapng") if shot.capture else None
    app = Wirestep(doors(Session.open), path)
    if shot.theme == "light":
        app.theme = "wirestep-light"
    async with app.run_test(size=shot.size) as pilot:
        await pilot.pause(0.6)
        for key in shot.keys:
            await pilot.press(key)
        await pilot.pause(0.9)
        lines = [list(strip) for strip in app.screen._compositor.render_strips(app.screen.size)]
        paint(lines, folder / f"{shot.name}.png")
        app.exit(0)


def main(names: Sequence[str]) -> int:
    """Takes all pictures, or those named."""
    os.environ["TEXTUAL_ANIMATIONS"] = "none"
    os.environ["TEXTUAL_COLOR_SYSTEM"] = "truecolor"
    os.environ.setdefault("XDG_STATE_HOME", "/nonexistent")
    folder = HERE / "screens"
    folder.mkdir(exist_ok=True)
    for shot in SHOTS:
        if not names or any(name in shot.name for name in names):
            asyncio.run(take(shot, folder))
            print(shot.name, (folder / f"{shot.name}.png").stat().st_size // 1000, "kB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
