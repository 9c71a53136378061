"""The ladder in the forms in which it leaves the program."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from wirestep.capture.arrays import Array
from wirestep.timeline.export.mermaid import markdown, mermaid
from wirestep.timeline.export.redaction import Redactor
from wirestep.timeline.export.svg import svg
from wirestep.timeline.export.text import UNICODE, step_lines
from wirestep.timeline.export.words import Drawn, since

WIDTH = 120
"""Columns of the ladder as text."""


def drawing(whole: Drawn, rows: Array | None, redactor: Redactor) -> Drawn:
    """The steps of these records only, with what they say redacted."""
    wanted = None if rows is None else frozenset(rows.tolist())
    steps = [
        replace(step, label=redactor.text(step.label))
        for step in whole.steps
        if wanted is None or step.record in wanted or not wanted.isdisjoint(step.records)
    ]
    return replace(whole, steps=steps)


def _text(whole: Drawn, title: str, line: str) -> Iterator[str]:
    yield from step_lines(
        whole.hosts, whole.steps, WIDTH, UNICODE, lambda step: since(whole, step)[:-3]
    )
    if line:
        yield from ("", line)


DRAWN: dict[str, Callable[[Drawn, str, str], Iterable[str]]] = {
    "mermaid": lambda whole, title, line: mermaid(whole, title),
    "markdown": markdown,
    "svg": svg,
    "text": _text,
}
"""By form: what makes the lines of a ladder, its title and its bill."""
