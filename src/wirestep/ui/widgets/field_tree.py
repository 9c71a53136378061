"""The decode tree: title, value and place of every field of one frame."""

from __future__ import annotations

from dataclasses import dataclass

from rich.style import Style
from textual import events
from textual.message import Message as Notice
from textual.strip import Strip

from wirestep.session.views import FrameView, Node
from wirestep.ui.canvas import Line, blank, fit, width_of
from wirestep.ui.keys import bindings
from wirestep.ui.theme import Palette, style
from wirestep.ui.widgets.rows import Rows

NOTES = {"info": ("i", "acc"), "odd": ("O", "warn"), "broken": ("B", "bad"), "bug": ("X", "bad")}
"""By level of a note: its letter and the name of its colour."""


@dataclass(frozen=True, slots=True)
class Twig:
    """One line: a field, or a note on it."""

    node: Node
    depth: int
    note: tuple[str, str] | None = None


class FieldTree(Rows):
    """All fields of one frame; folds are remembered by kind of field, from frame to frame."""

    BINDINGS = bindings("tree")
    MARGIN = 1

    class Chosen(Notice):
        """The user moved to a field."""

        def __init__(self, node: Node) -> None:
            super().__init__()
            self.node = node

    class Wanted(Notice):
        """The user wants something done with a field."""

        def __init__(self, node: Node, what: str) -> None:
            super().__init__()
            self.node = node
            self.what = what
            """ "apply", "apply-not", "copy" or "copy-filter"."""

    class ColumnWanted(Notice):
        """The user wants a field as a column of the packet list, or no longer."""

        def __init__(self, node: Node) -> None:
            super().__init__()
            self.node = node

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.view: FrameView | None = None
        self.twigs: list[Twig] = []
        self.folds: dict[str, bool] = {}
        """By kind of line: whether the user has it open."""
        self.lit = -1
        """The layer that is open where the user has not folded it; -1 for the innermost."""
        self.pinned = False
        """Whether the user went to a field: then the cursor looks for it in the next frame."""

    def count(self) -> int:
        """Lines that are not folded away."""
        return len(self.twigs)

    def draw_empty(self) -> str:
        """Why there are no fields."""
        return "no packet chosen" if self.view is None else "nothing to read in this packet"

    def set_view(self, view: FrameView | None) -> None:
        """Shows another frame; the cursor goes with the kind of field it stood on."""
        kind = self.twigs[self.cursor].node if 0 <= self.cursor < len(self.twigs) else None
        if not self.pinned or (kind is not None and len(kind.path) == 1):
            kind = None
        self.view = view
        self.lit = -1
        self._grow()
        self.cursor = -1
        self.changed()
        if kind is not None:
            self.show(self._alike(kind))
        elif self.twigs:
            self.show(self._first())

    def _alike(self, node: Node) -> int:
        named = [r for r, t in enumerate(self.twigs) if _kind(t.node) == _kind(node)]
        exact = [r for r in named if self.twigs[r].node.path == node.path]
        return exact[0] if exact else named[0] if named else self._first()

    def _first(self) -> int:
        """The line of the innermost layer."""
        tops = [row for row, twig in enumerate(self.twigs) if twig.depth == 0]
        return tops[-1] if tops else -1

    def _grow(self) -> None:
        self.twigs = []
        for node in self.view.nodes if self.view else ():
            self._branch(node, 0)

    def _branch(self, node: Node, depth: int) -> None:
        self.twigs.append(Twig(node, depth))
        self.twigs.extend(Twig(node, depth + 1, note) for note in node.notes)
        if node.children and self.is_open(node):
            for child in node.children:
                self._branch(child, depth + 1)

    def is_open(self, node: Node) -> bool:
        """The innermost layer is open, and what bears a note; else as the user left it."""
        known = self.folds.get(_kind(node))
        if known is not None:
            return known
        if len(node.path) == 1:
            last = len(self.view.nodes) - 1 if self.view is not None else 0
            return node.path[0] == (last if self.lit < 0 else self.lit)
        return _noted(node)

    def node(self) -> Node | None:
        """The field under the cursor."""
        return self.twigs[self.cursor].node if 0 <= self.cursor < len(self.twigs) else None

    def show_path(self, path: tuple[int, ...]) -> None:
        """Puts the cursor on a field and unfolds what hides it; tells nobody."""
        if self.view is None:
            return
        self.pinned = True
        for length in range(1, len(path)):
            above = self.view.node(path[:length])
            if above is not None and not self.is_open(above):
                self.folds[_kind(above)] = True
        self._regrow(path)

    def show_layer(self, node: Node) -> None:
        """Puts the cursor on a layer, which is the open one of this frame; tells nobody."""
        self.lit = node.path[0]
        self._regrow(node.path)

    def _regrow(self, path: tuple[int, ...]) -> None:
        self._grow()
        self.changed()
        rows = [r for r, t in enumerate(self.twigs) if t.node.path == path and t.note is None]
        self.show(rows[0] if rows else -1)

    def draw(self, row: int, width: int, look: Palette, selected: bool) -> Strip:
        """One field or note."""
        twig = self.twigs[row]
        node = twig.node
        layer = twig.depth == 0
        back = look.sel if selected else look.panel if layer else look.bg
        hue = look.hue(node.hue)
        out = Line(width, style(look.fg, back))
        out.put(0, "▌" if selected else " ", style(hue, back))
        at = 1 + 2 * twig.depth
        if twig.note is not None:
            letter, colour = NOTES.get(twig.note[0], NOTES["info"])
            tone = {"acc": look.acc, "warn": look.warn, "bad": look.bad}[colour]
            out.put(at, letter, style(tone, back, bold=True))
            out.put(at + 2, fit(twig.note[1], width - at - 2), style(tone, back, italic=True))
            return out.strip()
        if node.children:
            out.put(at, "▾" if self.is_open(node) else "▸", style(hue, back))
        made = node.start == node.stop and not layer
        title = f"[{node.title}]" if made else node.title
        bold = layer or selected
        ink = style(hue if layer else look.fg, back, bold=bold)
        where = self._where(node, width)
        stop = width - width_of(where)
        if layer and (width < 66 or at + 4 + width_of(title) + width_of(node.shown) >= stop):
            title = node.brief or title
        out.put(at + 2, fit(title, stop - at - 2), ink)
        begin = at + 2 + width_of(title) + 2 if layer else max(26, at + 3 + width_of(title))
        value = style(look.selfg if selected else look.dim if layer else look.fg, back)
        out.put(begin, fit(node.shown, stop - begin - 1), value)
        out.put(stop, where, style(look.dim if selected else look.faint, back))
        self._letter(out, node, stop - 2, look, back)
        return out.strip()

    def _letter(self, out: Line, node: Node, at: int, look: Palette, back: str) -> None:
        """A folded line says by a letter that there is a note below it."""
        if self.is_open(node) or not node.children:
            return
        levels = [level for level, _ in _notes(node)]
        worst = next((level for level in ("bug", "broken", "odd") if level in levels), "")
        if worst:
            letter, colour = NOTES[worst]
            tone: Style = style(look.bad if colour == "bad" else look.warn, back, bold=True)
            out.put(at, letter, tone)

    def _where(self, node: Node, width: int) -> str:
        if width < 44 or node.start == node.stop:
            return ""
        buffer = f"{node.buffer}:" if node.buffer else ""
        return f"{buffer}{node.start}+{node.stop - node.start}".rjust(8) + " "

    def draw_rest(self, line: int, width: int, look: Palette) -> Strip:
        """Nothing below the last field."""
        return blank(width, style(look.fg, look.bg))

    def chosen(self, row: int) -> None:
        """Tells the screen."""
        self.pinned = True
        self.post_message(self.Chosen(self.twigs[row].node))

    def entered(self, row: int) -> None:
        """Folds or unfolds."""
        node = self.twigs[row].node
        if node.children:
            self._set(node, not self.is_open(node))

    def on_click(self, event: events.Click) -> None:
        """A click on the fold sign, or on a layer, folds it."""
        row = self.row_under(event.y)
        if row >= 0:
            twig = self.twigs[row]
            at = 1 + 2 * twig.depth
            if twig.node.children and at - 1 <= event.x <= at + 1 and event.chain == 1:
                self.go(row)
                self.entered(row)

    def _set(self, node: Node, wide: bool) -> None:
        self.folds[_kind(node)] = wide
        self._regrow(node.path)

    def action_unfold(self, wide: bool) -> None:
        """Right: unfold, then into it. Left: fold, then out of it."""
        node = self.node()
        if node is None:
            return
        if node.children and self.is_open(node) != wide:
            self._set(node, wide)
        elif wide and node.children:
            self.go(self.cursor + 1 + len(node.notes))
        elif not wide and len(node.path) > 1 and self.view is not None:
            above = node.path[:-1]
            rows = [r for r, t in enumerate(self.twigs) if t.node.path == above]
            if rows:
                self.go(rows[0])

    def action_unfold_all(self) -> None:
        """Unfolds everything, or folds it where it is."""
        if self.view is None:
            return
        nodes = [n for top in self.view.nodes for n in _all(top) if n.children]
        wide = not all(self.is_open(node) for node in nodes)
        self.folds.update((_kind(node), wide) for node in nodes)
        current = self.node()
        path = current.path if current else ()
        self._regrow(path if wide else path[:1])

    def action_apply(self) -> None:
        """Filter by this field."""
        self._want("apply")

    def action_apply_not(self) -> None:
        """Filter by all but this field."""
        self._want("apply-not")

    def action_column(self) -> None:
        """Make the field a column of the packet list, or let it be none any more."""
        node = self.node()
        if node is not None:
            self.post_message(self.ColumnWanted(node))

    def action_copy(self) -> None:
        """Copy the value."""
        self._want("copy")

    def action_copy_filter(self) -> None:
        """Copy the field as a filter."""
        self._want("copy-filter")

    def _want(self, what: str) -> None:
        node = self.node()
        if node is not None:
            self.post_message(self.Wanted(node, what))


def _kind(node: Node) -> str:
    """What makes two lines of different frames alike."""
    return f"{len(node.path)} {node.name or node.title}"


def _all(node: Node) -> list[Node]:
    return [node, *(inner for child in node.children for inner in _all(child))]


def _notes(node: Node) -> list[tuple[str, str]]:
    return [note for inner in _all(node) for note in inner.notes]


def _noted(node: Node) -> bool:
    return any(level in ("broken", "bug") for level, _ in _notes(node))
