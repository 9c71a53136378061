"""The link: its numbers, which can be changed, and what is under way on it."""

from __future__ import annotations

from collections.abc import Sequence

from textual.message import Message as Notice

from wirestep.session.lab_views import Setting, Snapshot
from wirestep.ui.canvas import Line, fit, many, number, width_of
from wirestep.ui.keys import bindings
from wirestep.ui.theme import Palette, style
from wirestep.ui.widgets.drawn import Drawn, rule

ORDER = (("rtt", "loss"), ("rate", "jitter"), ("seed", "mtu"))
"""Lines of the panel."""
SLIDER = 6
HINTS = (
    "↑ ↓ tab another number · ← → less, more · Enter types one · Esc back",
    "The run begins anew, with the same decisions about the same packets.",
)


class LinkView(Drawn):
    """Two settings a line; with the focus, one of them is the cursor's."""

    BINDINGS = bindings("link")

    class Nudged(Notice):
        """The setting under the cursor shall have its next value."""

        def __init__(self, name: str, by: int) -> None:
            super().__init__()
            self.name, self.by = name, by

    class Typed(Notice):
        """The setting under the cursor shall be typed."""

        def __init__(self, setting: Setting) -> None:
            super().__init__()
            self.setting = setting

    class Left(Notice):
        """Enough of the link."""

    def __init__(self) -> None:
        super().__init__(id="link")
        self.snapshot: Snapshot | None = None
        self.cursor = (0, 0)

    def show(self, snapshot: Snapshot) -> None:
        """Another moment, or other numbers."""
        self.snapshot = snapshot
        self.changed()

    def setting(self, name: str) -> Setting | None:
        """One of them by its name."""
        shown = self.snapshot
        return next((s for s in shown.settings if s.name == name), None) if shown else None

    def lay(self, width: int, height: int, look: Palette) -> tuple[Sequence[Line], Sequence[Line]]:
        """Settings, then what is under way in each direction."""
        shown = self.snapshot
        if shown is None:
            return (), ()
        lines: list[Line] = []
        half = width // 2
        for row, names in enumerate(ORDER):
            out = Line(width, style(look.fg, look.bg))
            for column, name in enumerate(names):
                setting = self.setting(name)
                if setting is not None:
                    lit = self.has_focus and self.cursor == (row, column)
                    span = column * half, (column + 1) * half
                    self._draw(out, setting, span, look, lit=lit)
            lines.append(out)
        if height > len(lines) + 1:
            lines.append(rule(width, look))
        lines.append(self._traffic(shown, width, look))
        if height > len(lines) + 3:
            lines += [Line(width, style(look.fg, look.bg)) for _ in range(len(HINTS) + 1)]
            for line, hint in zip(lines[-len(HINTS) :], HINTS, strict=True):
                line.put(2, fit(hint, width - 3), style(look.dim, look.bg))
        return (), lines

    def _draw(
        self, out: Line, setting: Setting, span: tuple[int, int], look: Palette, *, lit: bool
    ) -> None:
        start, stop = span[0] + 1, span[1] - 1
        back = look.sel if lit else look.bg
        out.fill(start, stop, " ", style(look.fg, back))
        changed = "*" if setting.changed else ""
        out.put(start, ("▌" if lit else " ") + setting.title + changed, style(look.dim, back))
        ink = look.warn if setting.changed else look.selfg if lit else look.fg
        text = fit(setting.shown, stop - start - 8)
        begin = out.right(stop - 1, text, style(ink, back, bold=True))
        at = start + 9
        if setting.share is not None and begin - at > SLIDER:
            place = round(setting.share * (SLIDER - 1))
            out.fill(at, at + place, "━", style(look.acc, back))
            out.put(at + place, "●", style(look.acc, back))
            out.fill(at + place + 1, at + SLIDER, "─", style(look.faint, back))

    def _traffic(self, shown: Snapshot, width: int, look: Palette) -> Line:
        out = Line(width, style(look.fg, look.bg))
        at = 2
        for host, named in enumerate(shown.hosts):
            flying = [p for n in shown.under_way if (p := shown.passages[n]).target == host]
            size = sum(passage.size for passage in flying)
            text = f"{many(len(flying), 'pkt')}, {number(size)} B" if flying else "empty"
            if at + width_of(named.name) + width_of(text) + 5 > width:
                break
            at = out.put(at, f"→ {named.name} ", style(look.dim, look.bg))
            at = 2 + out.put(at, text, style(look.fg if flying else look.dim, look.bg))
        return out

    # keys

    def action_move(self, by: int) -> None:
        """To the setting above or below."""
        row, column = self.cursor
        self.cursor = max(0, min(len(ORDER) - 1, row + by)), column
        self.changed()

    def action_side(self) -> None:
        """To the setting beside it."""
        row, column = self.cursor
        self.cursor = row, 1 - column
        self.changed()

    def action_nudge(self, by: int) -> None:
        """The next value."""
        row, column = self.cursor
        self.post_message(self.Nudged(ORDER[row][column], by))

    def action_type(self) -> None:
        """Any value."""
        row, column = self.cursor
        setting = self.setting(ORDER[row][column])
        if setting is not None:
            self.post_message(self.Typed(setting))

    def action_leave(self) -> None:
        """Back to the wire."""
        self.post_message(self.Left())
