"""What the lines around the inspector's panes say: the state, the transport, the conversation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wirestep.session.views import Node, Row
from wirestep.timeline.times import seconds
from wirestep.ui.canvas import fit, many, number
from wirestep.ui.playback import Playback
from wirestep.ui.widgets.bars import Part, Reading

if TYPE_CHECKING:
    from wirestep.session import Session

WIDE = 100
"""Columns from which on there is room for words."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What there is to tell of."""

    session: Session
    playback: Playback
    width: int
    """Columns of the screen."""
    record: int
    row: Row | None
    """The selected packet."""
    field: Node | None
    """The selected field."""
    remark: str
    """Comments on the packet."""
    breakpoint: str
    newest: bool


def state(scene: Scene) -> Sequence[Part]:
    """The filter, and what is going on."""
    session = scene.session
    parts: list[Part] = []
    if scene.width >= 70 or session.filter_text:
        text = fit(session.filter_text, max(12, scene.width // 3)) or "no filter"
        parts += [("f ", "acc", True), (text, "fg" if session.filter_text else "dim", False)]
    if scene.breakpoint:
        parts.append(("  ■ break", "warn", True))
    name, colour = _going_on(scene)
    parts.append((f"  {name}", colour, True))
    return tuple(parts)


def _going_on(scene: Scene) -> tuple[str, str]:
    progress, exchange = scene.session.progress(), scene.session.exchange
    if exchange is not None and exchange.state == "failed":
        return "! FAILED", "bad"
    if not progress.finished:
        if exchange is not None:
            return "◆ UNDER WAY", "warn"
        share = f" {progress.fraction:.0%}" if progress.fraction is not None else ""
        return f"◆ READING{share}", "warn"
    if progress.filtering is not None:
        return f"◆ FILTER {progress.filtering:.0%}", "warn"
    if scene.playback.playing:
        return "▶ PLAYING", "good"
    if scene.playback.stopped:
        return f"■ {scene.playback.stopped}", "warn"
    if progress.problem:
        return "! DAMAGED", "bad"
    if exchange is not None:
        return "● DONE", "good"
    return ("▼ NEWEST", "acc") if scene.newest else ("● READY", "good")


def reading(scene: Scene) -> Reading:
    """What the transport line says."""
    session, playback = scene.session, scene.playback
    since = scene.row.time - session.first_time if scene.row is not None else 0
    shown = scene.record >= 0 and session.count > 0
    place = session.time_place(scene.record) + 1 if shown else 0
    if scene.width < WIDE:
        time, event = f"{seconds(since, 3)} s", f"{place}/{session.count}"
    else:
        whole = seconds(since, 6)
        time = f"{whole[:-3]} {whole[-3:]} s"
        event = f"packet {number(place)} / {number(session.count)}"
    middle = _middle(scene)
    return Reading(playback.playing, playback.stopped, playback.text(), time, event, middle)


def _middle(scene: Scene) -> str:
    """The field's filter name where no border shows it, else a comment, else the two ends."""
    if scene.field is not None and scene.field.name and scene.width < WIDE:
        return scene.field.name
    if scene.row is None:
        return ""
    if scene.remark:
        return f"✎ {scene.remark}"
    return f"{scene.row.source} → {scene.row.destination}  {scene.row.protocol}"


def about(session: Session) -> str:
    """How many packets, and what came of an exchange of our own."""
    text = many(session.total, "packet")
    if session.filter_text:
        text = f"{number(session.count)} of {text}"
    exchange = session.exchange
    if exchange is None:
        return text
    parts = [text, "inferred from the socket" if exchange.inferred else "captured", exchange.text]
    return " · ".join(part for part in parts if part)


def emptiness(session: Session) -> str:
    """Why there are no rows, where there are none."""
    progress = session.progress()
    if not progress.finished:
        return "reading…"
    if not session.total:
        return progress.problem or "this capture holds no packets"
    return "filtering…" if progress.filtering is not None else "no packet passes the filter"


def place_of_bytes(node: Node | None) -> str:
    """Which bytes say a field."""
    if node is None or node.start == node.stop:
        return "worked out, no byte says it" if node is not None else ""
    return f"bytes {node.start} to {node.stop - 1}"
