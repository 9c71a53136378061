"""`wirestep explain`: what a field or a protocol is, and where it is laid down."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from difflib import get_close_matches

from wirestep.decode.contract import Protocol, Registry
from wirestep.protocols.explain import Explanation, Explanations

from .arguments import Wrong

WIDTH = 78
INDENT = "  "


def explained(names: Sequence[str], registry: Registry) -> list[Explanation]:
    """What is known of each name.

    Raises:
        Wrong: no such field, or none with an explanation; the nearest names are in the sentence.
    """
    book = Explanations(registry)
    found = []
    for name in names:
        entry = book.of(name)
        if entry is None:
            raise Wrong(_unknown(name, registry, book))
        found.append(entry)
    return found


def explain_lines(found: Sequence[Explanation], registry: Registry) -> Iterator[str]:
    """For people."""
    book = Explanations(registry)
    for place, entry in enumerate(found):
        if place:
            yield ""
        yield f"{entry.name}   {entry.title}   {entry.spec}"
        yield from textwrap.wrap(entry.text, WIDTH, initial_indent=INDENT, subsequent_indent=INDENT)
        yield from _value_lines(entry, registry)
        card = registry.cards.get(entry.name)
        if card is not None:
            yield from _fields(card, book)


def explain_json(found: Sequence[Explanation]) -> str:
    """For scripts: a list of objects."""
    return json.dumps([asdict(entry) for entry in found], indent=2, ensure_ascii=False)


def _value_lines(entry: Explanation, registry: Registry) -> Iterator[str]:
    """The values that have a sentence of their own, then the other values that have a name."""
    for value, text in entry.values.items():
        lines = textwrap.wrap(text, WIDTH - 10)
        for place, line in enumerate(lines):
            yield f"{INDENT}{'' if place else value:>6}  {line}"
    info = registry.fields.get(entry.name)
    if info is None or not info.names:
        return
    named = [f"{number} {name}" for number, name in info.names.items()]
    told = set(entry.values)
    listed = ", ".join(text for text in named if text.split(" ", 1)[0] not in told)
    if listed:
        yield f"{INDENT}Values:"
        yield from textwrap.wrap(
            listed, WIDTH, initial_indent=INDENT * 2, subsequent_indent=INDENT * 2
        )


def _fields(card: Protocol, book: Explanations) -> Iterator[str]:
    yield f"{INDENT}Fields (wirestep explain NAME says more):"
    told = set(book.written(card))
    for name, info in card.fields.items():
        if name in told:
            yield f"{INDENT * 2}{name:<44} {info.title}"


def _unknown(name: str, registry: Registry, book: Explanations) -> str:
    if name in registry.fields or name in registry.cards:
        return f"nobody has explained {name!r} yet; it is known to filters and to decode -e"
    names = [*registry.cards, *registry.fields]
    near = get_close_matches(name.lower(), names, 3, 0.5)
    hint = f"; did you mean {', '.join(near)}?" if near else ""
    return f"there is no field {name!r}{hint}"
