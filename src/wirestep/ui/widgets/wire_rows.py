"""The lab's ladder with a line for each packet, in the order in which they left."""

from __future__ import annotations

from wirestep.session.lab_views import Passage, Snapshot
from wirestep.timeline.times import milliseconds
from wirestep.ui.canvas import Line, fit, width_of
from wirestep.ui.theme import Palette, mix, style
from wirestep.ui.widgets.ladder_draw import lane_hue, rounded
from wirestep.ui.widgets.ladder_paths import said
from wirestep.ui.widgets.wire_draw import FAINT, GUTTER, LOST, NOTES, lanes


def draw_row(snapshot: Snapshot, passage: Passage, width: int, look: Palette) -> Line:
    """One packet: when it left, how far it has come, what it says."""
    held = passage.number == snapshot.held
    ahead = passage.number >= snapshot.count
    back = look.sel if held else look.bg
    out = Line(width, style(look.fg, back))
    cells = lanes(width, len(snapshot.hosts))
    for lane, cell in enumerate(cells):
        hue = look.hue(lane_hue(lane, len(cells)))
        out.put(cell, "│" if ahead else "┃", style(look.faint if ahead else hue, back))
    time = rounded(milliseconds(passage.left), GUTTER - 3)
    out.right(GUTTER - 2, time, style(look.faint if ahead else look.dim, back))
    if held:
        out.put(0, "▌", style(look.warn, back))
    ink = _ink(snapshot, passage, look)
    low, high = sorted((cells[passage.sender], cells[passage.target]))
    right = cells[passage.target] > cells[passage.sender]
    behind = _behind(snapshot, passage, high - low - 1)
    order = range(low + 1, high) if right else range(high - 1, low, -1)
    faint = style(mix(back, ink, FAINT) if look.tint else look.faint, back)
    for place, column in enumerate(order):
        if place >= behind and passage.never:
            out.put(column, "✗", style(look.bad, back, bold=True))
            break
        out.put(column, "─", style(ink, back) if place < behind else faint)
    else:
        hollow = behind < high - low - 1
        heads = ("▷", "◁") if hollow else ("▶", "◀")
        head = heads[0] if right else heads[1]
        out.put(high - 1 if right else low + 1, head, faint if hollow else style(ink, back))
    _say(out, passage, (low, high), (ink if not ahead else look.faint, back), look)
    return out


def _ink(snapshot: Snapshot, passage: Passage, look: Palette) -> str:
    if passage.number == snapshot.held:
        return look.warn
    if passage.number >= snapshot.count:
        return look.faint
    return look.bad if passage.never else look.hue(passage.hue)


def _behind(snapshot: Snapshot, passage: Passage, room: int) -> int:
    """Cells of its way that the packet has behind it."""
    if passage.number >= snapshot.count:
        return 0
    share = 1.0
    if passage.lands > passage.left:
        share = min(1.0, (snapshot.now - passage.left) / (passage.lands - passage.left))
    return round(room * (min(share, LOST) if passage.never else share))


def _say(
    out: Line, passage: Passage, span: tuple[int, int], inks: tuple[str, str], look: Palette
) -> None:
    low, high = span
    ink, back = inks
    note = NOTES.get(passage.fate, "")
    front = f" {passage.number + 1} "
    text = fit(said(passage) + (f"  {note}" if note else ""), high - low - 5 - width_of(front))
    start = (low + high + 1 - width_of(front) - width_of(text)) // 2
    after = out.put(start, front, style(look.dim, back))
    plain = ink == look.hue(passage.hue)
    fg = (look.fg if passage.weighty else look.dim) if plain else ink
    after = out.put(after, text, style(fg, back, bold=passage.weighty))
    out.put(after, " ", style(look.fg, back))
