"""Everything a run needs: who takes part, what is between them, what goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from wirestep.exchange.contract import Chance, Endpoint

from .contract import SECOND, Fate, Link
from .tcp import Options

Chances = Callable[[str], Chance]
"""Gives a stream of random numbers of its own to each name."""
Maker = Callable[[], Endpoint]


@dataclass(frozen=True, slots=True)
class Actor:
    """A host, and what runs on it."""

    name: str
    addresses: tuple[str, ...]
    """IP addresses, as text."""
    tcp: Mapping[int, Maker] = field(default_factory=dict)
    """By port: who makes an endpoint for each connection."""
    udp: Mapping[int, Maker] = field(default_factory=dict)
    """By port: who makes the one endpoint that talks with everybody."""
    programs: tuple[Maker, ...] = ()
    """What is started when the run begins: endpoints that open their ways themselves."""
    options: Options = Options()  # noqa: RUF009 - it is frozen
    """Of its TCP."""
    called: tuple[str, ...] = ()
    """Names by which others find it, besides its own."""


Cast = Callable[[Chances], Sequence[Actor]]
"""Makes the hosts anew for each run; the same chance makes the same hosts."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is decided before the run about packets that are not known yet."""

    fate: Fate
    sender: str | None = None
    """Name of the host; None: either."""
    packet: int = 0
    """Place among the packets from there (or all), from 1; 0: by `match`."""
    match: Mapping[str, object] = field(default_factory=dict)
    """Fields that must have these values in the messages that the packet completes."""
    times: int = 1
    """How many packets that match."""
    swap: tuple[bytes, bytes] = (b"", b"")
    """Of an edit: what is replaced by what, as long; without it one bit turns (Fate.bit). The
    checksums hold afterwards, so that nobody below notices."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A run before it begins; the same plan makes the same run."""

    cast: Cast
    link: Link = field(default_factory=Link)
    """Between hosts of which `links` says nothing."""
    links: Mapping[tuple[str, str], Link] = field(default_factory=dict)
    """By names of the sending and the receiving host."""
    faults: tuple[Fault, ...] = ()
    seed: int = 0
    most_packets: int = 50_000
    most_time: int = 3600 * SECOND
