"""`wirestep decode`: print packets; the same arguments run on tshark."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from functools import partial

from wirestep.session import Session
from wirestep.session.decoding import Decoded, decoded, expanded
from wirestep.timeline.select import BadFilter, Filter, compile_filter

from .arguments import Wrong
from .fields import check_fields, columns, field_lines, form, wholesale, wholesale_lines
from .text import json_lines, summary_lines, time_of, trees

MAX_SHOWN = 200
"""Letters of a filter that is shown with what is wrong in it."""


def decode(session: Session, options: argparse.Namespace) -> Iterator[str]:
    """The lines that the options ask for.

    Raises:
        Wrong: fields, filter or form cannot be followed.
    """
    registry = session.registry
    if options.form == "fields" and not options.fields:
        raise Wrong("-T fields wants at least one -e FIELD")
    if options.fields and options.form == "text":
        raise Wrong("-e FIELD goes with -T fields or -T json")
    check_fields(options.fields, registry)
    chosen = form(options.options)
    wish = filter_of(options.filter, session)
    full = (
        options.form != "fields" and not options.fields and (options.form == "json" or options.tree)
    )
    meant = expanded(options.fields, registry)
    if options.form == "fields" and (found := wholesale(session, options, meant)) is not None:
        return wholesale_lines(found, options.fields, chosen)
    names = {name for of in meant.values() for name in of}
    frames = decoded(
        session.capture,
        registry,
        secrets=session.secrets,
        full=full,
        names=names,
        wish=wish,
        most=options.count,
    )
    if options.write:
        return _written(session, frames, options.write)
    when = partial(time_of, mode=options.time, first=session.first_time)
    listed = partial(columns, names=options.fields, time_of=when)
    if options.form == "fields":
        return field_lines(frames, options.fields, chosen, registry, listed)
    if options.form == "json":
        return json_lines(frames, options.fields, registry, listed)
    if options.tree or options.bytes:
        return trees(frames, registry, tree=options.tree, data=options.bytes)
    return summary_lines(frames, options.time, session.first_time)


def filter_of(text: str, session: Session) -> Filter | None:
    """The display filter, or None for none.

    Raises:
        Wrong: what is wrong with it, and where.
    """
    if not text.strip():
        return None
    try:
        return compile_filter(text, session.registry)
    except BadFilter as error:
        if len(text) > MAX_SHOWN:
            raise Wrong(f"the filter cannot be read: {error.message}") from None
        pointer = " " * error.start + "^" * max(1, error.stop - error.start)
        raise Wrong(f"the filter cannot be read: {error.message}\n  {text}\n  {pointer}") from None


def _written(session: Session, frames: Iterator[Decoded], path: str) -> Iterator[str]:
    rows = [frame.record.number for frame in frames]
    try:
        session.write(sys.stdout.buffer if path == "-" else path, rows)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Wrong(f"{path} cannot be written: {error.strerror or error}") from None
    return iter(())
