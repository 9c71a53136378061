"""One protocol data unit, decoded."""

from __future__ import annotations

from typing import NamedTuple

from .field import Field, Value
from .flow import Address, Side
from .source import Source


class Message(NamedTuple):
    """A unit of one protocol; it belongs to the frame that completed it."""

    number: int
    """Place among all messages of one engine, counted from 0."""
    protocol: str
    """The card that read it."""
    label: str
    """The protocol as people say it here: "TLSv1.3", "DNS"."""
    level: str
    """One of LEVELS below: how it is drawn on the ladder; "" is not drawn."""
    flow: int
    """Number of its flow, -1 where it has none (Ethernet, IP)."""
    side: Side
    """The side that sent it."""
    sender: Address | None
    target: Address | None
    record: int
    """The record that completed it."""
    time: int
    """Nanoseconds, of that record."""
    summary: str
    """One line, as in the Info column. Made of wire bytes: make it safe before showing it."""
    length: int
    """Bytes of the unit."""
    records: tuple[int, ...] = ()
    """All records that hold bytes of it."""
    values: tuple[tuple[str, Value, str], ...] = ()
    """(name, value, shown) of the fields that were asked for, in tree order; lean gear only."""
    root: Field | None = None
    """The tree; full gear only."""
    source: Source | None = None
    """What the spans of `root` point into; full gear only."""
    inside: int | None = None
    """The message that carried it, if any."""
    answers: int | None = None
    """The message it replies to, if any."""
    marks: tuple[str, ...] = ()
    """What befell it: some of "retransmission", "out-of-order", "gap", "broken", "lost"."""
    brief: str = ""
    """A word or three for its arrow: "SYN, ACK", "ClientHello"; "" where the summary has to do."""
    names: tuple[tuple[str, str], ...] = ()
    """(host, name) that this message taught: from a DNS answer, from a server name."""


MESSAGE_LEVELS = ("packet", "record", "message")
"""From fine to coarse; the ladder folds from the right end to the left."""
