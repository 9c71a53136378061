"""A ladder as a drawing that browsers show (SVG 1.1), in rows or to scale of time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from wirestep.timeline.ladder import Step

from .words import Drawn, said, since

ROW, LEFT, RIGHT, HEAD, LANE = 24, 130, 130, 56, 300
"""Pixels: a row, the margins, the head with the hosts' names, between two lifelines."""
WIDEST = 44
"""Characters of a label between two lifelines."""
HUES = {
    "blue": "#3b6fd4",
    "purple": "#8250c8",
    "teal": "#0f8a7a",
    "yellow": "#a07400",
    "orange": "#c4581a",
    "green": "#2e8b35",
    "pink": "#c2407e",
    "grey": "#6b7280",
}
STYLE = """
svg { background: #ffffff; font-family: ui-monospace, Menlo, Consolas, monospace; font-size: 12px }
.life { stroke: #c3c8d2; stroke-width: 1.5 } .time { fill: #8a91a0; text-anchor: end }
.host { font-weight: bold; text-anchor: middle; fill: #1f2430 } .label { text-anchor: middle }
.label { paint-order: stroke; stroke: #ffffff; stroke-width: 4px }
.note { fill: #8a91a0; font-style: italic } .packet { stroke-dasharray: 3 3 }
@media (prefers-color-scheme: dark) {
svg { background: #14161f } .host { fill: #e6e9f2 } .life { stroke: #3a4052 }
.label { stroke: #14161f }
}
""".strip()


def svg(whole: Drawn, title: str = "", line: str = "") -> Iterator[str]:
    """The lines of the drawing; one row an arrow. A peer's text is escaped."""
    lanes = max(1, len(whole.hosts) - 1)
    places = [LEFT + LANE * place for place in range(len(whole.hosts))]
    width = LEFT + LANE * lanes + RIGHT
    height = HEAD + ROW * (len(whole.steps) + 1) + (ROW if line else 0)
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img">'
    )
    yield f"<title>{escape(title or 'A ladder')}</title>"
    yield f"<style>{STYLE}</style>"
    yield from _tips()
    for place, host in zip(places, whole.hosts, strict=True):
        yield f'<text class="host" x="{place}" y="{HEAD - 24}">{escape(host)}</text>'
        yield f'<line class="life" x1="{place}" y1="{HEAD - 12}" x2="{place}" y2="{height - ROW}"/>'
    for row, step in enumerate(whole.steps):
        yield from _step(whole, step, HEAD + ROW * (row + 1), places)
    if line:
        yield f'<text class="note" x="{LEFT}" y="{height - 8}">{escape(line)}</text>'
    yield "</svg>"


def _tips() -> Iterator[str]:
    """Arrow heads, one a colour."""
    yield "<defs>"
    for hue, colour in HUES.items():
        yield (
            f'<marker id="tip-{hue}" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="9" '
            f'markerHeight="9" markerUnits="userSpaceOnUse" orient="auto">'
            f'<path d="M0 0 L8 4 L0 8 z" fill="{colour}"/></marker>'
        )
    yield "</defs>"


def _step(whole: Drawn, step: Step, y: int, places: Sequence[int]) -> Iterator[str]:
    start, stop = places[step.sender], places[step.target]
    middle = (start + stop) // 2
    text = said(step)
    shown = text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"
    if step.level == "note":
        yield f'<text class="note" x="{min(start, stop) + 8}" y="{y}">{escape(shown)}</text>'
        return
    hue = step.hue if step.hue in HUES else "grey"
    colour = HUES["pink"] if "lost" in step.marks else HUES[hue]
    weight = {"message": 2, "record": 1.2}.get(step.level, 1)
    kind = ' class="packet"' if step.level == "packet" else ""
    yield f"<g><title>{escape(f'{step.protocol}: {text}')}</title>"
    yield f'<text class="time" x="{LEFT - 12}" y="{y}">{since(whole, step)}</text>'
    if start == stop:
        yield f'<circle cx="{start}" cy="{y}" r="4" fill="{colour}"/>'
    else:
        tip = quoteattr(f"url(#tip-{hue})")
        yield (
            f'<line{kind} x1="{start}" y1="{y}" x2="{stop}" y2="{y}" stroke="{colour}" '
            f'stroke-width="{weight}" marker-end={tip}/>'
        )
    yield f'<text class="label" x="{middle}" y="{y - 5}" fill="{colour}">{escape(shown)}</text></g>'
