"""The bytes of a frame and of what was derived from it, coloured by who reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.message import Message as Notice
from textual.strip import Strip

from wirestep.session.views import Buffer, FrameView, Node
from wirestep.ui.canvas import Line, blank, fit, width_of
from wirestep.ui.keys import bindings
from wirestep.ui.theme import Palette, style
from wirestep.ui.widgets.rows import Rows

NOTHING = Buffer("", b"", ())


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the cells of one line of bytes stand."""

    offset: int
    """Digits of the offset."""
    per_line: int

    @property
    def hex(self) -> int:
        """Where the first byte stands."""
        return self.offset + 3

    @property
    def text(self) -> int:
        """Where the first letter stands."""
        return self.hex + self.per_line * 3 + (self.per_line - 1) // 8 + 2

    def cell(self, place: int) -> int:
        """Where the byte counted `place` in its line stands."""
        return self.hex + place * 3 + place // 8

    def place(self, x: int) -> int:
        """The byte of the line at cell `x`, in digits or letters; -1 for none."""
        if self.text <= x < self.text + self.per_line:
            return x - self.text
        return next((p for p in range(self.per_line) if self.cell(p) <= x < self.cell(p) + 3), -1)


def grid(width: int, size: int) -> Grid:
    """8, 16 or 32 bytes a line, as many as fit."""
    digits = max(4, len(f"{max(0, size - 1):x}"))
    fitting = [n for n in (8, 16, 32) if Grid(digits, n).text + n <= width]
    return Grid(digits, fitting[-1] if fitting else 4)


def tab_row(buffers: Sequence[Buffer], chosen: int, width: int) -> tuple[list[str], int, int]:
    """What the tabs say, and which of them, [low, high), stand beside the first and the chosen.

    The first is the frame itself and always there. Where not all fit, those that are not chosen
    are written short.
    """
    texts = [f" {fit(buffer.name, 28)} {len(buffer.data)} B " for buffer in buffers]
    if sum(map(width_of, texts)) <= width:
        return texts, 0, len(texts)
    for number, buffer in enumerate(buffers):
        if number not in (0, chosen):
            texts[number] = f" {fit(buffer.name.split(' ')[-1], 12)} {len(buffer.data)} "
    low, high = chosen, chosen + 1
    room = width - width_of(texts[chosen]) - (width_of(texts[0]) if chosen else 0) - 8
    while True:
        if high < len(texts) and width_of(texts[high]) <= room:
            room -= width_of(texts[high])
            high += 1
        elif low > 1 and width_of(texts[low - 1]) <= room:
            low -= 1
            room -= width_of(texts[low])
        else:
            return texts, low, high


class HexView(Rows):
    """Tabs for the buffers, then lines of bytes; the cursor is a line, `at` a byte."""

    BINDINGS = bindings("bytes")
    HEAD = 1

    class Chosen(Notice):
        """The user moved to a byte."""

        def __init__(self, buffer: int, offset: int) -> None:
            super().__init__()
            self.buffer = buffer
            self.offset = offset

    class Copied(Notice):
        """The user wants these bytes on the clipboard."""

        def __init__(self, data: bytes) -> None:
            super().__init__()
            self.data = data

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.view: FrameView | None = None
        self.buffer = 0
        self.at = 0
        self.span = (0, 0)
        """The bytes of the selected field."""
        self.soft = False
        """Whether a whole layer is selected: it is tinted, not filled."""
        self.tabs: list[tuple[int, int, int]] = []
        """(start, stop, buffer) cells of the tabs as drawn."""

    @property
    def data(self) -> bytes:
        """The bytes shown."""
        return self._buffer().data

    def _buffer(self) -> Buffer:
        if self.view is None or not self.view.buffers:
            return NOTHING
        return self.view.buffers[min(self.buffer, len(self.view.buffers) - 1)]

    def grid(self) -> Grid:
        """The lay-out at this width."""
        return grid(self.room if self.size.width else 80, len(self.data))

    def count(self) -> int:
        """Lines of bytes."""
        return -(-len(self.data) // self.grid().per_line)

    def draw_empty(self) -> str:
        """Why there are no bytes."""
        return "" if self.view is None else "no bytes here"

    def set_view(self, view: FrameView | None) -> None:
        """Shows another frame, the frame's own bytes first."""
        self.view = view
        self.buffer, self.at, self.span, self.cursor = 0, 0, (0, 0), -1
        self.changed()
        self.scroll_to(y=0, animate=False, immediate=True)

    def show_node(self, node: Node, at: int | None = None) -> None:
        """Highlights a field and scrolls to it; tells nobody."""
        if self.view is None or node.buffer >= len(self.view.buffers):
            return
        self.buffer = node.buffer
        self.span = (node.start, node.stop)
        self.soft = len(node.path) == 1
        if at is None:
            self.at = node.start if node.stop > node.start else min(node.start, len(self.data))
        else:
            self.at = at
        self.changed()
        if self.count():
            self.show(min(self.count() - 1, self.at // self.grid().per_line))

    def draw_head(self, line: int, width: int, look: Palette) -> Strip:
        """The tabs of the buffers."""
        out = Line(width, style(look.dim, look.panel))
        buffers = self.view.buffers if self.view else ()
        chosen = min(self.buffer, max(0, len(buffers) - 1))
        texts, low, high = tab_row(buffers, chosen, width)
        more = style(look.warn, look.panel, bold=True)
        self.tabs = []
        at = 0
        for number in sorted({0, *range(low, high)}) if texts else ():
            if number == low and low > 1:
                self.tabs.append((at, at + 4, low - 1))
                at = out.put(at, f"‹{low - 1} ", more)
            on = number == chosen
            ink = style(look.acc if on else look.dim, look.panel, bold=on)
            stop = out.put(at, texts[number], ink)
            if on and len(texts) > 1:
                out.put(at, "▸", ink)
            self.tabs.append((at, stop, number))
            at = stop
        if high < len(texts):
            self.tabs.append((at, width, high))
            out.put(min(at, width - 4), f" {len(texts) - high}›", more)
        return out.strip()

    def draw(self, row: int, width: int, look: Palette, selected: bool) -> Strip:
        """One line of bytes."""
        buffer, where = self._buffer(), self.grid()
        first = row * where.per_line
        data = buffer.data[first : first + where.per_line]
        hues = self._hues(buffer, first, len(data))
        out = Line(width, style(look.fg, look.bg))
        mark = style(look.acc if selected else look.dim, look.bg, bold=selected)
        out.put(1, f"{first:0{where.offset}x}", mark)
        rule = where.text - 2
        out.put(rule, "│", style(look.faint, look.bg))
        low, high = self.span
        fill, fillfg = (look.sel, "") if self.soft else (look.hl, look.hlfg)
        here = self.at if self.has_focus else -1
        gap = style(look.fg, fill)
        quiet = style(look.faint, look.bg), style(look.faint, fill if self.soft else look.bg)
        for place, byte in enumerate(data):
            at = first + place
            on = low <= at < high
            cursor = at == here
            hue = look.hue(hues[place])
            back = fill if on else look.sel if cursor else look.bg
            ink = style(
                (fillfg or hue) if on else hue, back, bold=on and not self.soft, underline=cursor
            )
            cell = where.cell(place)
            out.put(cell, f"{byte:02x}", ink)
            if on and at + 1 < high and place + 1 < len(data):
                out.fill(cell + 2, where.cell(place + 1), " ", gap)
            if 32 <= byte < 127:
                out.put(where.text + place, chr(byte), ink)
            else:
                out.fill(
                    where.text + place,
                    where.text + place + 1,
                    "·",
                    ink if on and not self.soft else quiet[on],
                )
        return out.strip()

    def _hues(self, buffer: Buffer, first: int, count: int) -> list[str]:
        hues = ["grey"] * count
        for region in buffer.regions:
            for at in range(max(region.start, first), min(region.stop, first + count)):
                hues[at - first] = region.hue
        return hues

    def draw_rest(self, line: int, width: int, look: Palette) -> Strip:
        """Nothing below the last byte."""
        return blank(width, style(look.fg, look.bg))

    def _pick(self, at: int) -> None:
        if 0 <= at < len(self.data):
            self.at = at
            self.changed()
            self.show(at // self.grid().per_line)
            self.post_message(self.Chosen(self.buffer, at))

    def on_click(self, event: events.Click) -> None:
        """A click on a byte chooses it, on a tab its buffer."""
        event.prevent_default()
        if event.y == 0:
            for start, stop, number in self.tabs:
                if start <= event.x < stop:
                    self.set_buffer(number)
            return
        row, where = self.row_under(event.y), self.grid()
        place = where.place(event.x)
        if row >= 0 and place >= 0:
            self._pick(row * where.per_line + place)

    def set_buffer(self, number: int) -> None:
        """Shows another buffer from its start."""
        if self.view is not None and 0 <= number < len(self.view.buffers):
            self.buffer, self.at, self.span = number, 0, (0, 0)
            self.changed()
            self._pick(0)

    def on_focus(self) -> None:
        """The cursor shows only with the focus."""
        self.drawn.clear()

    def on_blur(self) -> None:
        """The cursor shows only with the focus."""
        self.drawn.clear()

    def action_move(self, by: int) -> None:
        """By lines."""
        self._pick(max(0, min(len(self.data) - 1, self.at + by * self.grid().per_line)))

    def action_page(self, by: int) -> None:
        """By pages."""
        lines = max(1, self.size.height - self.HEAD - 1)
        self.action_move(by * lines)

    def action_edge(self, end: bool) -> None:
        """To the first or the last byte."""
        self._pick(len(self.data) - 1 if end else 0)

    def action_shift(self, by: int) -> None:
        """By bytes."""
        self._pick(self.at + by)

    def action_buffer(self, by: int) -> None:
        """To another buffer."""
        if self.view is not None and self.view.buffers:
            self.set_buffer((self.buffer + by) % len(self.view.buffers))

    def action_copy(self) -> None:
        """The selected bytes as hex."""
        low, high = self.span if self.span[1] > self.span[0] else (self.at, self.at + 1)
        self.post_message(self.Copied(self.data[low:high]))
