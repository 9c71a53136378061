"""A capture as other programs want it: forms, what they hold, and the file they are written to."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from wirestep import __version__
from wirestep.capture.arrays import Array
from wirestep.capture.write import written
from wirestep.model import Message
from wirestep.timeline.export import har, words
from wirestep.timeline.export.redaction import Redactor

from .exporting_frames import csv_lines, lines, ndjson_lines, parquet
from .exporting_ladder import DRAWN, drawing
from .exporting_opening import Openings
from .exporting_secrets import spoken_of
from .exporting_trace import traces
from .exporting_web import Exchanges
from .whole import whole_messages

if TYPE_CHECKING:
    from .session import Session

FORMS = {
    "har": "requests and responses as HAR 1.2, for browsers' developer tools",
    "qlog": "QUIC connections as qlog 0.3, for qvis",
    "ndjson": "messages, one JSON object a line",
    "parquet": "the same as a Parquet table (needs pyarrow)",
    "csv": "the packet list",
    "pcapng": "packets with their comments",
    "mermaid": "the ladder as a Mermaid sequence diagram",
    "markdown": "the ladder as Markdown with such a diagram and a table",
    "svg": "the ladder as a drawing",
    "text": "the ladder as text",
}
"""By name: what it is, for people."""
ENDINGS = {"mermaid": "mmd", "markdown": "md", "text": "txt"}
"""How files are called, where not as the form."""
BINARY = frozenset({"pcapng", "parquet"})
BODIES = frozenset({"har", "ndjson", "parquet"})
"""Forms that may hold what was sent as files."""
CHUNK = 512

Fraction = float
"""How much is done, 0 to 1."""


class NoExport(Exception):
    """It cannot be written: one sentence."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be written, and how."""

    form: str
    flow: int | None = None
    """One conversation."""
    rows: Array | None = None
    """Records that a filter let through, ascending; None for all."""
    secrets: bool = False
    """Keep what is left out otherwise: see `told`."""
    fields: bool = False
    """With all fields of each message (ndjson, parquet)."""
    fold: str = "message"


def told(wish: Wish) -> str:
    """What a wish does with secrets, in a sentence."""
    if wish.form == "pcapng":
        if wish.secrets:
            return "the file holds the keys that decrypt its conversations"
        return "keys are left out; packets are as they were sent, with all that is not encrypted"
    if wish.form == "qlog":
        return "tokens are kept" if wish.secrets else "tokens are left out"
    if wish.secrets:
        return "cookies, credentials and tokens are kept as they were sent"
    bodies = "; bodies are kept, look through them" if wish.form in BODIES else ""
    return f"cookies, credentials and tokens are redacted{bodies}"


def ending(form: str) -> str:
    """What the name of a file of this form ends in."""
    return ENDINGS.get(form, form)


def export(
    session: Session, wish: Wish, out: BinaryIO, wait: Callable[[], None]
) -> Iterator[Fraction]:
    """Write into `out`, a little at a time; `wait` is called where decoding is waited for.

    Raises:
        NoExport: why not. OSError: it cannot be written.
    """
    redactor = Redactor(keep=wish.secrets)
    match wish.form:
        case "pcapng":
            yield from _pcapng(session, wish, out)
        case "parquet":
            frames = lines(session, wish.flow, _rows(session, wish), fields=wish.fields)
            try:
                yield from parquet(session, frames, redactor, out)
            except ImportError:
                raise NoExport("Parquet needs pyarrow: pip install 'wirestep[parquet]'") from None
        case "har":
            yield from _written(out, _har(session, wish, redactor))
        case "qlog":
            yield from _written(out, traces(session, wish.flow, wish.rows, redactor))
        case "ndjson":
            frames = lines(session, wish.flow, _rows(session, wish), fields=wish.fields)
            yield from _written(out, ndjson_lines(session, frames, redactor))
        case "csv":
            frames = lines(session, wish.flow, _rows(session, wish), fields=False)
            yield from _written(out, csv_lines(session, frames, redactor))
        case _:
            yield from _written(out, _ladder(session, wish, redactor, wait))


def export_file(
    session: Session,
    wish: Wish,
    path: str,
    wait: Callable[[], None],
    *,
    force: bool = False,
) -> Generator[Fraction, None, None]:
    """Write a file; it appears whole or not at all. With secrets only its owner can read it.

    Raises:
        NoExport: there is such a file already, and it shall not be written over.
        OSError: it cannot be written.
    """
    real = os.path.realpath(path)
    if os.path.exists(real) and not os.path.isfile(real):
        if os.path.isdir(real):
            raise NoExport(f"{path} is a folder")
        with open(real, "wb") as device:
            yield from export(session, wish, device, wait)
        return
    if os.path.exists(real) and not force:
        raise NoExport(f"{path} is there already; -f writes over it")
    mode = 0o600 if wish.secrets else 0o666
    part = f"{real}.{os.getpid()}.{os.urandom(4).hex()}.part"
    handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    try:
        with open(handle, "wb", buffering=1 << 18) as file:
            yield from export(session, wish, file, wait)
        _put(part, real, path, force=force)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(part)
        raise


def _put(part: str, real: str, path: str, *, force: bool) -> None:
    """Give the whole file its name, unless somebody else took it meanwhile."""
    if force:
        os.replace(part, real)
        return
    try:
        os.link(part, real)
    except FileExistsError:
        raise NoExport(f"{path} is there already; -f writes over it") from None
    except OSError:  # a file system without links
        if os.path.exists(real):
            raise NoExport(f"{path} is there already; -f writes over it") from None
        os.replace(part, real)
        return
    os.unlink(part)


def _written(out: BinaryIO, parts: Iterator[str | Fraction]) -> Iterator[Fraction]:
    for count, part in enumerate(parts):
        if isinstance(part, str):
            out.write(part.encode("utf-8", "backslashreplace"))
            if count % CHUNK:
                continue
            part = -1.0
        yield part


def _rows(session: Session, wish: Wish) -> Array:
    """The records that are wished for."""
    columns = session.capture.columns
    if wish.flow is None:
        return np.arange(session.capture.count) if wish.rows is None else wish.rows
    rows = columns.rows_of(wish.flow)
    return rows if wish.rows is None else np.intersect1d(rows, wish.rows)


def _pcapng(session: Session, wish: Wish, out: BinaryIO) -> Iterator[Fraction]:
    rows: Sequence[int] = _rows(session, wish).tolist()
    yield 0.0
    log = b""
    if wish.secrets:
        log = spoken_of(session, wish.flow)
    total = max(1, len(rows))
    records = written(session.capture, out, rows, session.notes(), log)
    for count, _ in enumerate(records):
        if not count % CHUNK:
            yield count / total


def _har(session: Session, wish: Wish, redactor: Redactor) -> Iterator[str | Fraction]:
    cards = session.registry.cards.items()
    spoken = frozenset(name for name, card in cards if card.asked is not None)
    openings = Openings(session.capture, session.registry, spoken)
    web = Exchanges(session.capture, session.registry, openings)
    wanted = None if wish.rows is None else frozenset(wish.rows.tolist())
    yield '{"log": ' + json.dumps(har.head(__version__))[:-1] + ', "entries": ['
    comma = "\n"
    found = whole_messages(
        session.capture,
        session.registry,
        session.secrets,
        spoken,
        flows=None,
        beside=openings.beside,
        heard=openings.hear,
    )
    for one in _entries(found, web):
        if isinstance(one, float):
            yield one
        elif _meant(session, wish, wanted, one):
            yield comma + json.dumps(har.entry(one, redactor))
            comma = ",\n"
    note = "" if not web.stray else f"{web.stray} responses have no request in the capture"
    yield "\n]" + (f', "comment": {json.dumps(note)}' if note else "") + "}}\n"


def _entries(found: Iterator[Message | Fraction], web: Exchanges) -> Iterator[har.Entry | Fraction]:
    for one in found:
        if isinstance(one, float):
            yield one
        else:
            yield from web.take(one)
    yield from web.rest()


def _meant(session: Session, wish: Wish, wanted: frozenset[int] | None, one: har.Entry) -> bool:
    """Whether an entry is of the conversation, and one of its ends passed the filter."""
    said = [one.request] if one.response is None else [one.request, one.response]
    if wish.flow is not None:
        first = one.request.records[0]
        if int(session.capture.columns.flow[first]) >> 1 != wish.flow:
            return False
    return wanted is None or any(not wanted.isdisjoint(part.records) for part in said)


def _ladder(
    session: Session, wish: Wish, redactor: Redactor, wait: Callable[[], None]
) -> Iterator[str | Fraction]:
    while (ladder := session.ladder(wish.flow)) is None:
        yield 0.0
        wait()
    whole = drawing(words.drawn(ladder, wish.fold, session.host_name), wish.rows, redactor)
    while (bill := session.ledger(wish.flow)) is None:
        yield 0.5
        wait()
    line = bill.line if bill.goal is not None and wish.rows is None else ""
    for text in DRAWN[wish.form](whole, session.title, line):
        yield text + "\n"
