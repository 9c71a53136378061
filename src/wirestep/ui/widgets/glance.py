"""What the home screen tells of the capture under the cursor."""

from __future__ import annotations

from collections.abc import Sequence

from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from wirestep.session.lab_views import Shelved
from wirestep.session.views import Bundled
from wirestep.timeline.times import milliseconds
from wirestep.ui.canvas import Line, amount, number, width_of
from wirestep.ui.theme import Palette, badge_hue, palette, style

Piece = tuple[str, Style]


class Details(Widget):
    """About, numbers, protocols, and where the capture came from."""

    DEFAULT_CSS = "Details { height: 1fr; width: 1fr; background: $background; }"

    def __init__(self) -> None:
        super().__init__(id="details")
        self.entry: Bundled | Shelved | None = None
        self.told = ""
        """What a rehearsal of a scenario showed."""
        self.lines: list[Sequence[Piece]] = []
        self.laid: tuple[object, ...] = ()

    def show(self, entry: Bundled | Shelved | None, told: str = "") -> None:
        """Tells of another capture, or of a scenario."""
        self.entry, self.told = entry, told
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line."""
        look, width = palette(self.app), self.size.width
        key = (self.entry, self.told, width, look.name)
        if key != self.laid:
            self.laid = key
            self.lines = self._lay(width, look)
        out = Line(width, style(look.fg, look.bg))
        if y < len(self.lines):
            at = 1
            for text, ink in self.lines[y]:
                at = out.put(at, text, ink)
        return out.strip()

    def _lay(self, width: int, look: Palette) -> list[Sequence[Piece]]:
        entry = self.entry
        if entry is None:
            return []
        if isinstance(entry, Shelved):
            return self._scenario(entry, width, look)
        plain, quiet = style(look.fg, look.bg), style(look.dim, look.bg)
        bold = style(look.fg, look.bg, bold=True)
        lines: list[Sequence[Piece]] = [((entry.name, bold),)]
        lines.append([(f"{entry.title}", quiet)])
        badges: list[Piece] = []
        for name in entry.protocols:
            hue = badge_hue(name)
            badges.append((f" {name} ", style(look.hue(hue), look.badge(hue, look.bg))))
            badges.append((" ", plain))
        lines.append(badges)
        facts = f"{number(entry.packets)} packets · {amount(entry.size)}"
        lines.append([(facts, plain)])
        if entry.round_trips:
            trips = f"{entry.round_trips} round trips of {entry.rtt_ms:g} ms"
            total = f" = {entry.round_trips * entry.rtt_ms:g} ms"
            lines.append([(trips, plain), (total, bold)])
        lines.append([])
        lines += [[(line, plain)] for line in wrapped(entry.about, width - 2)]
        lines += [[], [("recorded with", quiet)]]
        for line in entry.provenance:
            lines += [[(part, quiet)] for part in wrapped(line, width - 3)]
        return lines

    def _scenario(self, entry: Shelved, width: int, look: Palette) -> list[Sequence[Piece]]:
        plain, quiet = style(look.fg, look.bg), style(look.dim, look.bg)
        bold = style(look.fg, look.bg, bold=True)
        badges: list[Piece] = []
        for name in entry.stack:
            hue = badge_hue(name)
            badges.append((f" {name} ", style(look.hue(hue), look.badge(hue, look.bg))))
            badges.append((" ", plain))
        lines: list[Sequence[Piece]] = [((entry.name, bold),), badges]
        lines += [[(self.told, bold)], []]
        lines += [[(part, plain)] for part in wrapped(entry.about, width - 2)]
        lines.append([])
        rtt = f"RTT {milliseconds(entry.rtt, 0)} ms" + (f", {entry.link}" if entry.link else "")
        lines += [[(part, plain)] for part in wrapped(rtt, width - 2)]
        if entry.fault:
            warn = style(look.warn, look.bg)
            lines += [[(part, warn)] for part in wrapped(f"fault: {entry.fault}", width - 2)]
        hosts = ", ".join(entry.hosts)
        lines += [[(part, quiet)] for part in wrapped(f"hosts: {hosts}", width - 2)]
        return lines


def wrapped(text: str, width: int) -> list[str]:
    """`text` in lines of at most `width` cells, broken at spaces where there are any."""
    lines: list[str] = []
    current = ""
    for word in text.split():
        while width_of(word) > width:
            if current:
                lines.append(current)
                current = ""
            lines.append(word[:width])
            word = word[width:]
        if current and width_of(current) + 1 + width_of(word) > width:
            lines.append(current)
            current = word
        else:
            current = f"{current} {word}".strip()
    return [*lines, current] if current else lines
