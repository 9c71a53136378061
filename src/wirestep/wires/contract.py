"""What the wires and those who hold them agree on. Times are nanoseconds of the wire's clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from wirestep.exchange.contract import Panel

MS = 1_000_000
SECOND = 1_000_000_000
START = 1_767_225_600 * SECOND
"""What the clocks of all hosts of a virtual wire show when it begins: 2026-01-01, 00:00 UTC."""

FateKind = Literal["deliver", "drop", "delay", "duplicate", "corrupt", "edit"]


@dataclass(frozen=True, slots=True)
class Fate:
    """What is decided about one packet."""

    kind: FateKind = "deliver"
    delay: int = 0
    """Nanoseconds more than the link needs (delay: of the packet; duplicate: of the copy)."""
    bit: int | None = None
    """corrupt: number of the bit that turns, from the first of the IP payload; None: by chance."""
    data: bytes | None = None
    """edit: the IP packet that arrives instead."""


@dataclass(frozen=True, slots=True)
class Link:
    """One direction of a wire."""

    delay: int = 0
    """One way, ns."""
    jitter: int = 0
    """Up to so many ns more, evenly spread; keeps the order unless `reorder` says otherwise."""
    loss: float = 0.0
    """Share of packets lost by chance, 0 to 1."""
    every: int = 0
    """Each so-manieth packet is lost; 0: none."""
    lose: tuple[int, ...] = ()
    """These packets are lost: places among the packets of this direction, from 1."""
    reorder: float = 0.0
    """Share of packets that are overtaken."""
    duplicate: float = 0.0
    corrupt: float = 0.0
    rate: int = 0
    """Bits a second; 0: no limit."""
    queue: int = 64
    """Packets that wait for their turn where there is a rate; what comes then is lost."""
    mtu: int = 1500
    """Bytes of an IP packet. Larger ones are dropped: with an ICMP message, or without (`hole`)."""
    hole: bool = False
    """A black hole: too large packets vanish without a word."""


@dataclass(frozen=True, slots=True)
class Journey:
    """One packet on its way; `number` is its place on the wire, from 0."""

    number: int
    sender: int
    """Place of the host (Run.hosts)."""
    target: int
    left: int
    """When its first bit left its host."""
    lands: int | None
    """When it arrives, or would; None: never (dropped, or held for good)."""
    fate: str
    """"" under way or arrived as it was; else "lost", "dropped", "held", "delayed", "duplicate",
    "corrupted", "edited", "queue full", "too large", "no such host"."""
    data: bytes
    """The IP packet as it was sent."""
    arrived: bytes | None = None
    """As it arrived, where that differs."""
    copy_of: int | None = None
    """The packet that this is a duplicate of."""
    middle: int = 0
    """When it is half way, or would be: where a step stops, so that it is under the hand."""
    note: str = ""
    """Why its host sent it, where that is not plain: "retransmission", "zero-window probe" ..."""
    routed: bool = False
    """A router on the way sent it, not `sender`, from whose direction it comes."""
    cause: int | str | None = None
    """What made its host send it then: the packet that landed (its number), or the timer that
    rang (its name); None: a program began."""


@dataclass(frozen=True, slots=True)
class Timer:
    """Something that will happen if nothing else does."""

    host: int
    name: str
    """"RTO", "delayed ACK", "TIME-WAIT", "PTO", "TLS timeout" ..."""
    armed: int
    due: int
    packets: tuple[int, ...] = ()
    """The packets it is for."""


@dataclass(frozen=True, slots=True)
class Party:
    """One conversation of one host, as it stands now."""

    host: int
    label: str
    """"TCP 50000 → 443"."""
    panels: tuple[Panel, ...]
    """The lowest layer first."""


@dataclass(frozen=True, slots=True)
class Said:
    """A line that an endpoint said for the people watching."""

    time: int
    host: int
    text: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended."""

    over: bool = False
    reason: str = ""
    """"" while it runs or where everything was said; else why it was stopped."""
    error: str = ""
    """What the client says went wrong; "" when it got what it wanted."""
