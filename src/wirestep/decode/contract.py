"""What a protocol must offer so that the engine can read it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from types import ModuleType
from typing import NamedTuple, Self
from typing import Protocol as Shape

from wirestep.model import Address, Record, Side, Source

from .cursor import Cursor
from .fields import FieldInfo
from .offers import Asked, Followed, Objects, Resumed
from .secrets import NO_SECRETS, Secrets

OPENED = "decrypted"
"""How the verdict on a unit that was opened begins (see Protocol.verdict)."""


new_tuple = tuple.__new__
"""Makes a NamedTuple of all its values in a third of the time: for what every unit needs."""


class Where(NamedTuple):
    """Where a unit was met: all that a decoder may know of the world outside its bytes."""

    side: Side
    record: Record
    """The record that completed the unit."""
    sender: Address | None = None
    target: Address | None = None
    stream: bool = False
    """True where units are cut from a byte stream, False where each came as a datagram."""
    whole: bool = True
    """False where the flow ended, or bytes were lost, before the unit was complete."""
    length: int = 0
    """Bytes the unit had on the wire; more than the cursor holds where the capture was snapped."""
    quoted: bool = False
    """True inside an ICMP error: a packet of the past that must not change any state."""
    first: int = 0
    """Time of the capture's first record, ns."""
    previous: int = 0
    """Time of the record before this one, ns; the same as `first` for the first."""
    secrets: Secrets = NO_SECRETS
    """Key log lines, for protocols that encrypt."""
    base: int = 0
    """Number of the first conversation: above 0 where only a part of the capture is read."""
    tag: int | None = None
    """Which of the flow's streams the unit is of, where it has several (see Payload.tag)."""
    last: bool = False
    """No byte follows in this direction of the stream that `tag` names."""
    early: bool = False
    """Sent before the handshake was over: whoever copied it can send it again."""

    def cut(self, length: int, whole: bool) -> Where:
        """The same for a unit that is cut out of the stream (`_replace` would take far longer)."""
        side, record, one, two, _, _, _, quoted, first, before, secrets, base, tag, _, early = self
        ends, times = (side, record, one, two), (quoted, first, before, secrets, base, tag)
        return new_tuple(Where, (*ends, True, whole, length, *times, False, early))


class Payload(NamedTuple):
    """Bytes handed to the protocol above. A decoder knows no other decoder, at most its name."""

    source: Source
    start: int
    stop: int
    to: str | None = None
    """Name of the protocol, where the decoder knows it."""
    keys: tuple[tuple[str, int], ...] = ()
    """Else: where to look it up, best first: (("ip.proto", 6),), (("tcp.port", 80), ...)."""
    sender: Address | None = None
    """Set where this layer knows the ends better than the one below; else inherited."""
    target: Address | None = None
    flow: Hashable = None
    """Set where a conversation begins: with the protocol's name, what tells it from others."""
    stream: int = -1
    """The conversation's number among those of its carrier (tcp.stream), if it has one."""
    offset: int | None = None
    """Place of the first byte in the flow's byte stream; None for a datagram."""
    side: Side | None = None
    last: bool = False
    """No byte will follow in this direction."""
    acked: int | None = None
    """Bytes of the other direction that arrived over there: what is missing was not captured."""
    length: int | None = None
    """Bytes on the wire, where the capture kept fewer."""
    quoted: bool = False
    early: bool = False
    """See Where.early; holds for all that is carried inside."""
    tag: int | None = None
    """A stream's number, where one flow, read by one decoder, has many streams (QUIC's). The
    decoder then has a method `branch(tag)`: what measures the bytes of that stream."""


@dataclass(slots=True)
class Reading:
    """What a decoder tells of one unit besides its fields; read once, by the engine.

    (Not frozen: one is made for each unit, and frozen ones cost four times as much to make.)
    """

    summary: str
    """One line for the Info column; may hold wire text as it is, whoever shows it makes it safe."""
    payloads: Sequence[Payload] = ()
    asks: Hashable = None
    """A key, within the flow, that a later unit will answer with (a DNS id)."""
    answers: Hashable = None
    switch: str | None = None
    """From the next byte on, both sides of the flow speak this protocol."""
    ahead: bytes = b""
    """What the client has said ahead in it; its decoder then has a method `begin(ahead)`."""
    label: str = ""
    """The protocol as people say it here ("TLSv1.3"); "" takes the card's."""
    level: str | None = None
    """Overrides the card's level."""
    marks: tuple[str, ...] = ()
    """See Message.marks."""
    brief: str = ""
    """A word or three for an arrow of the ladder ("SYN, ACK", "GET /a"); "" takes the summary."""
    names: tuple[tuple[str, str], ...] = ()
    """(host, name) that this unit teaches: hosts are called so on lifelines."""


class Decoder(Shape):
    """Reads one flow, both sides, and keeps its state; no I/O, no clock, no other decoder."""

    def measure(self, data: memoryview, side: Side) -> int | None:
        """Bytes of the unit at the front of `data`, or None while that cannot be told.

        A number above len(data) may be a lower bound: it is asked again once that many are there.
        A number up to len(data) is exact and at least 1. Looks only at the front: more bytes
        behind never change an exact answer. Changes nothing that shows (a memo of how far it
        looked is allowed). Datagram protocols return len(data).
        """
        ...

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        """Read one unit: the cursor holds what `measure` asked for, or less (`not where.whole`).

        Raises:
            Broken: the bytes break the protocol's rules; Short: they end too early. Nothing else.
        """
        ...

    def lost(self, side: Side) -> None:
        """Bytes of this side are missing: forget what was half read; the next unit starts anew."""
        ...

    def copy(self) -> Self:
        """A checkpoint: the state as it is now, unchanged by what this decoder reads later."""
        ...


class Stateless:
    """A decoder of datagrams that remembers nothing: only `decode` is left to write."""

    def measure(self, data: memoryview, side: Side) -> int | None:
        """The datagram is the unit."""
        return len(data)

    def lost(self, side: Side) -> None:
        """Nothing was half read."""

    def copy(self) -> Self:
        """There is no state to part."""
        return self


Claims = Callable[[memoryview, Side], bool | None]
"""A cheap, strict look at first bytes: mine, not mine, or None while more bytes could tell."""


@dataclass(frozen=True, slots=True)
class Protocol:
    """A protocol's card: all that the rest of the program knows of it."""

    name: str
    """Wireshark's filter name: "dns"."""
    label: str
    """As people say it: "DNS"."""
    title: str
    """In full: "Domain Name System"."""
    spec: str
    """The document it is read by: "RFC 1035"."""
    decoder: Callable[[], Decoder]
    fields: Mapping[str, FieldInfo] = field(default_factory=dict)
    on: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """Tables and keys it is found under: {"udp.port": (53,), "tcp.port": (53,)}."""
    claims: Claims | None = None
    """Finds it on any port, and finds it again after lost bytes."""
    goes_on: Callable[[memoryview], bool] | None = None
    """Whether a first datagram between two ends may go on with a conversation that began between
    others. Its decoder then has a method `knows(data, side)`, which says whether it is its own."""
    level: str = "message"
    """How its units are drawn on the ladder: "packet", "record", "message", "" for not at all."""
    hue: str = "grey"
    """Its colour everywhere: blue, purple, teal, yellow, orange, green, pink, grey."""
    family: str = ""
    """The name a filter knows it by, where that is not its own ("tls" for its handshakes)."""
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Filter names that stand for any of several fields: {"tcp.port": ("tcp.srcport", ...)}."""
    secret: str = ""
    """The field whose value a key log calls a connection by, where its payload is encrypted."""
    verdict: str = ""
    """The field that says of each encrypted unit whether it was opened, beginning with OPENED, or
    why not."""
    follow: Followed | None = None
    """How what is said in it is followed, apart from what carries it."""
    objects: Objects | None = None
    """What of it can be saved as files."""
    asked: Asked | None = None
    """What in it are requests and responses; goes with `objects`."""
    resumed: Resumed | None = None
    """What ties a conversation to an earlier one that it goes on with."""
    stage: str = ""
    """"lookup" or "handshake" where it only prepares what somebody came for."""
    package: str = ""

    def part(self, name: str) -> ModuleType | None:
        """The module `name` ("drive", "lab") beside the decoder, loaded when asked for, or None."""
        if not self.package:
            return None
        try:
            return import_module(f"{self.package}.{name}")
        except ModuleNotFoundError as error:
            if error.name != f"{self.package}.{name}":
                raise
            return None


class Registry:
    """All cards, by name and by the tables they are found under; rules of the user come first."""

    def __init__(
        self, cards: Sequence[Protocol], rules: Mapping[tuple[str, int], str] = {}
    ) -> None:
        self.cards = {card.name: card for card in cards}
        self.rules = dict(rules)
        """Decode-as: {("tcp.port", 8888): "http"}."""
        self.keys = {
            (table, key): card.name for card in cards for table in card.on for key in card.on[table]
        }
        self.claiming = tuple(card for card in cards if card.claims is not None)
        self.moving = tuple(card for card in cards if card.goes_on is not None)
        self.fields = {name: info for card in cards for name, info in card.fields.items()}
        self.aliases = {name: of for card in cards for name, of in card.aliases.items()}

    def __getitem__(self, name: str) -> Protocol:
        return self.cards[name]

    def __contains__(self, name: object) -> bool:
        return name in self.cards

    def ruled(self, keys: Sequence[tuple[str, int]]) -> str | None:
        """The protocol that the user's rules name for these keys."""
        return next((self.rules[key] for key in keys if key in self.rules), None)

    def found(self, keys: Sequence[tuple[str, int]]) -> str | None:
        """The protocol that the cards' tables name for these keys."""
        return next((self.keys[key] for key in keys if key in self.keys), None)

    def info(self, name: str) -> FieldInfo:
        """What the field `name` is; a field that no table has is written as it comes."""
        return self.fields.get(name) or FieldInfo(name, name.rpartition(".")[2], "str")
