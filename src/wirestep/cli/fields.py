"""`wirestep decode -T fields`: the columns and their options, as tshark's -E means them."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from wirestep.decode.contract import Registry
from wirestep.model import safe
from wirestep.session import Session
from wirestep.session.decoding import Decoded, expanded
from wirestep.session.sharing import WORTH, Failed
from wirestep.session.wholesale import Wholesale, carried
from wirestep.timeline.summary import line

from .arguments import Wrong

NUMBER = "frame.number"
COLUMN = "_ws.col."
"""What starts the name of a column of the packet list: _ws.col.info."""
COLUMNS = ("no.", "number", "time", "source", "destination", "protocol", "length", "info")
"""The columns there are; "number" is another name of "no."."""

Columns = Mapping[str, list[str]]
"""By name, one text."""


@dataclass(frozen=True, slots=True)
class Form:
    """The -E options."""

    header: bool = False
    separator: str = "\t"
    occurrence: str = "a"
    aggregator: str = ","
    quote: str = ""


def form(options: Sequence[str]) -> Form:
    """The form that the -E options say.

    Raises:
        Wrong: an option that there is not, or a value it cannot have.
    """
    chosen: dict[str, str] = {}
    for option in options:
        name, equals, value = option.partition("=")
        if not equals or name not in ("header", "separator", "occurrence", "aggregator", "quote"):
            raise Wrong(f"-E {option}: header, separator, occurrence, aggregator or quote, and =")
        chosen[name] = value
    quotes = {"d": '"', "s": "'", "n": ""}
    if chosen.get("occurrence", "a") not in ("f", "l", "a"):
        raise Wrong("-E occurrence= takes f (first), l (last) or a (all)")
    if chosen.get("quote", "n") not in quotes:
        raise Wrong("-E quote= takes d (double), s (single) or n (none)")
    return Form(
        chosen.get("header", "n") == "y",
        _char(chosen.get("separator", "/t")),
        chosen.get("occurrence", "a"),
        _char(chosen.get("aggregator", ",")),
        quotes[chosen.get("quote", "n")],
    )


def _char(value: str) -> str:
    return {"/t": "\t", "/s": " "}.get(value, value)


def check_fields(names: Sequence[str], registry: Registry) -> None:
    """Refuse names that are no field, no protocol, no column.

    Raises:
        Wrong: names them all, each with the nearest that there are.
    """
    known = {*registry.fields, *registry.aliases, *registry.cards}
    known |= {card.family for card in registry.cards.values() if card.family}
    wrong = []
    for name in names:
        if name in known or name.startswith("scapy.") or _column(name) in COLUMNS:
            continue
        near = get_close_matches(name, {*known, *(COLUMN + column for column in COLUMNS)}, 3)
        wrong.append(f"{name} (near: {', '.join(near)})" if near else name)
    if wrong:
        raise Wrong(f"no such field: {'; '.join(wrong)}")


def _column(name: str) -> str:
    """The column that a name means, in small letters (tshark writes them large); "" for none."""
    return name[len(COLUMN) :].lower() if name.startswith(COLUMN) else ""


def field_lines(
    frames: Iterator[Decoded],
    names: Sequence[str],
    chosen: Form,
    registry: Registry,
    columns_of: Callable[[Decoded], Columns],
) -> Iterator[str]:
    """One line a frame, one column a name."""
    if chosen.header:
        yield chosen.separator.join(names)
    meant = expanded(names, registry)
    for frame in frames:
        found = columns_of(frame)
        cells = []
        for name in names:
            values = found.get(name)
            if values is None:
                values = frame.plain(meant[name], registry)
            cells.append(_cell(values, chosen))
        yield chosen.separator.join(cells)


def wholesale(
    session: Session, options: argparse.Namespace, meant: Mapping[str, tuple[str, ...]]
) -> Wholesale | None:
    """How to read a large capture of which only fields are asked that conversations carry.

    None where it is small, or more is asked.
    """
    more = options.filter.strip() or options.count is not None or options.write
    names = [name for of in meant.values() for name in of if name != NUMBER]
    small = session.capture.count < WORTH
    if more or small or not carried(names, session.registry):
        return None
    return Wholesale(session.capture, session.registry, session.secrets, tuple(meant.values()))


def wholesale_lines(found: Wholesale, names: Sequence[str], chosen: Form) -> Iterator[str]:
    """The same lines as those of `field_lines`.

    Raises:
        Wrong: a process that helped was ended.
    """
    if chosen.header:
        yield chosen.separator.join(names)
    nothing: list[list[str]] = [[] for _ in names]
    numbers = [place for place, name in enumerate(names) if name == NUMBER]
    empty = chosen.separator.join(_cell((), chosen) for _ in names)
    try:
        for window in found:
            for row in range(window.start, window.stop):
                cells = window.cells.get(row)
                if cells is None and not numbers:
                    yield empty
                    continue
                said = list(cells or nothing)
                for place in numbers:
                    said[place] = [str(row + 1)]
                yield chosen.separator.join(_cell(values, chosen) for values in said)
    except Failed as error:
        raise Wrong(str(error)) from None


def columns(frame: Decoded, names: Sequence[str], time_of: Callable[[Decoded], str]) -> Columns:
    """Those of `names` that are columns, as the packet list has them; `time_of` writes times."""
    wanted = [name for name in names if _column(name)]
    if not wanted:
        return {}
    said, record = line(frame.messages), frame.record
    number = str(record.number + 1)
    ends = said.source, said.destination
    texts = (number, number, time_of(frame), *ends, said.label, str(record.length), said.info)
    found = dict(zip(COLUMNS, texts, strict=True))
    return {name: [found[_column(name)]] for name in wanted}


def _cell(values: Sequence[str], chosen: Form) -> str:
    if not values:
        return ""
    picked = {"f": values[:1], "l": values[-1:]}.get(chosen.occurrence, values)
    text = chosen.aggregator.join(safe(value) for value in picked)
    return f"{chosen.quote}{text}{chosen.quote}"
