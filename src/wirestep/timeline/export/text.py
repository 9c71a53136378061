"""The ladder as text, one line an arrow."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from wirestep.timeline.ladder import Ladder, Step

GUTTER = 14


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The characters of one drawing."""

    lines: tuple[str, str, str]
    """Of a message, a record, a packet."""
    right: str
    left: str
    life: str
    loop: str
    cut: str
    """What stands for the rest of a text that is too long."""

    def text(self, text: str) -> str:
        """`text` in the characters of this drawing."""
        if self.life == "│":
            return text
        plain = text.replace("→", "->").replace("·", "-")
        return plain.encode("ascii", "backslashreplace").decode()


UNICODE = Glyphs(("━", "─", "╌"), "▶", "◀", "│", "↩", "…")
ASCII = Glyphs(("=", "-", "."), ">", "<", "|", "@", "~")
WEIGHT = {"message": 0, "record": 1, "packet": 2}


def ladder_lines(
    drawn: Ladder,
    fold: str,
    width: int,
    glyphs: Glyphs,
    time_of: Callable[[Step], str],
    name_of: Callable[[str], str],
) -> Iterator[str]:
    """A head with the hosts, then the steps of that fold, each on a line `width` wide."""
    names = [name_of(host) for host in drawn.hosts]
    return step_lines(names, drawn.folded(fold), width, glyphs, time_of)


def step_lines(
    names: Sequence[str],
    steps: Sequence[Step],
    width: int,
    glyphs: Glyphs,
    time_of: Callable[[Step], str],
) -> Iterator[str]:
    """The same of steps that were chosen already."""
    hosts = len(names)
    if not hosts:
        yield "nothing to draw: no packet has two ends"
        return
    room = max(12, (width - GUTTER - 2) // max(1, hosts - 1)) if hosts > 1 else width - GUTTER - 2
    places = [GUTTER + room * place for place in range(hosts)]
    head = [" "] * (places[-1] + room)
    free = 0
    for place, host in zip(places, names, strict=True):
        name = glyphs.text(host)[: room - 1]
        start = max(0, min(place - len(name) // 2, len(head) - len(name)))
        if place == places[0]:
            start = min(place, GUTTER)
        elif place == places[-1]:
            start = place - len(name) + 1
        start = max(start, free)
        free = start + len(name) + 1
        head[start : start + len(name)] = name
    yield "".join(head).rstrip()
    for step in steps:
        yield _line(step, places, glyphs, time_of(step))


def _line(step: Step, places: list[int], glyphs: Glyphs, time: str) -> str:
    cells = [" "] * (places[-1] + 1)
    for place in places:
        cells[place] = glyphs.life
    marks = "".join(f"[{mark}] " for mark in step.marks)
    label = glyphs.text(f"{marks}{step.label}")
    tail = ""
    low, high = sorted((places[step.sender], places[step.target]))
    if step.level == "note":
        cells[low + 1 :] = f" {label}"
    elif low == high:
        tail = f" {glyphs.loop} {label}"
    else:
        indent = 2 * step.depth
        cells[low + 1 : high] = _arrow(label, high - low - 1, indent, step, glyphs)
    return f"{time:>{GUTTER - 2}}  " + "".join(cells[GUTTER:]).rstrip() + tail


def _arrow(label: str, room: int, indent: int, step: Step, glyphs: Glyphs) -> list[str]:
    """The cells between two lifelines: line, label, line, and the head at the target's end."""
    right = step.target > step.sender
    line = glyphs.lines[WEIGHT[step.level]]
    inner = room - 1 - indent
    text = label if len(label) <= inner - 4 else label[: max(0, inner - 5)] + glyphs.cut
    text = f" {text} "
    before = max(0, (inner - len(text)) // 2)
    body = (line * before + text).ljust(inner, line)[:inner]
    pad = " " * indent
    return list(pad + body + glyphs.right if right else glyphs.left + body + pad)
