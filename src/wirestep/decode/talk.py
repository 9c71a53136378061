"""A flow under decoding: who reads it, and what of it is not read yet."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from typing import NamedTuple

from wirestep.model import Address, Flow, Side

from .contract import Decoder, Protocol, Registry, Where
from .stream import Stream

NOBODY = Address("")
MAX_ASKED = 4096
"""Questions of one flow that may have answers yet; the oldest goes first."""
MAX_MOVING = 256
"""Conversations with one server that may go on elsewhere."""
MAX_BRANCHES = 4096
"""Streams of one flow that may be open in one direction; the oldest goes first."""
Keys = tuple[tuple[str, int], ...]


class Carried(NamedTuple):
    """How bytes got here."""

    inside: int | None
    """The message that carried them."""
    where: Where
    depth: int
    """Layers below."""
    keys: Keys = ()
    note: str = ""
    """What there is to say of the unit from outside."""


class Half:
    """One direction of a flow that is read as a stream."""

    def __init__(self) -> None:
        self.stream = Stream()
        self.need = 1
        """Bytes that must be there before the decoder is asked again."""
        self.skip = 0
        """Bytes of an overlong or torn unit still to be passed over."""
        self.torn = False
        """A gap tore that unit: what came after it is shown as plain bytes."""
        self.synced = False
        """Whether the front is known to be the start of a unit."""
        self.last: int | None = None
        """Offset where its sender ended it, once that was said."""
        self.ended = False
        """Nothing will follow what is there."""

    def copy(self) -> Half:
        """The same, for another future."""
        other = Half.__new__(Half)
        other.__dict__.update(self.__dict__)
        other.stream = self.stream.copy()
        return other


class Talk:
    """A flow, its decoder, its two directions."""

    def __init__(self, flow: Flow, card: Protocol, decoder: Decoder, decided: bool) -> None:
        self.flow, self.card, self.decoder = flow, card, decoder
        self.decided = decided
        """False while no protocol has claimed the flow."""
        self.synced = False
        """Whether both directions are known to begin with a unit."""
        self.asked: dict[object, int] = {}
        self._halves: tuple[Half, Half] | None = None
        self._branches: dict[tuple[int, Side], Half] = {}
        """Directions of the streams of a flow that has many."""
        self._over: set[tuple[int, Side]] = set()
        """Streams that have ended and are read."""

    def half(self, side: Side, tag: int | None = None) -> Half:
        """One direction; made when first asked for, for most flows are datagrams."""
        if tag is not None:
            return self._branch(tag, side)
        if self._halves is None:
            self._halves = (Half(), Half())
            for half in self._halves:
                half.synced = self.synced
        return self._halves[side]

    @property
    def streams(self) -> bool:
        """Whether bytes of a stream have come."""
        return self._halves is not None

    def _branch(self, tag: int, side: Side) -> Half:
        half = self._branches.get((tag, side))
        if half is None:
            half = self._branches[tag, side] = Half()
            half.synced = self.synced
            if len(self._branches) > MAX_BRANCHES:
                self.end(*next(iter(self._branches)))
        return half

    def end(self, tag: int, side: Side) -> None:
        """This direction of a stream is read to its end; what comes again is passed over."""
        self._branches.pop((tag, side), None)
        self._over.add((tag, side))

    def over(self, tag: int, side: Side) -> bool:
        """Whether nothing more is read of this direction of a stream."""
        return (tag, side) in self._over

    def reader(self, tag: int | None) -> Decoder:
        """Who measures the bytes of a stream: the decoder, or its branch for one of many."""
        branch = None if tag is None else getattr(self.decoder, "branch", None)
        return self.decoder if branch is None else branch(tag)

    def link(self, asks: Hashable, answers: Hashable, number: int) -> int | None:
        """Remember message `number` by what it asks; which message it answers, if any.

        A question may have several answers (interim ones first), so it is not forgotten.
        """
        answered = None if answers is None else self.asked.get(answers)
        if asks is not None:
            self.asked.pop(asks, None)
            self.asked[asks] = number
            if len(self.asked) > MAX_ASKED:
                del self.asked[next(iter(self.asked))]
        return answered

    def speak(self, card: Protocol) -> None:
        """From the next byte on, the flow is read as another protocol."""
        self.card, self.decoder, self.asked = card, card.decoder(), {}
        self.decided = True

    def sync(self) -> None:
        """Both directions stand at the start of a unit."""
        self.synced = True
        for half in self._halves or ():
            half.synced, half.need = True, 1

    def copy(self) -> Talk:
        """The same, for another future."""
        other = Talk(self.flow, self.card, self.decoder.copy(), self.decided)
        other.synced, other.asked = self.synced, dict(self.asked)
        if self._halves is not None:
            other._halves = (self._halves[0].copy(), self._halves[1].copy())
        other._branches = {key: half.copy() for key, half in self._branches.items()}
        other._over = set(self._over)
        return other


class Namer:
    """Finds who reads what, and keeps the list of flows."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.flows: list[Flow] = []
        self.moving: dict[Address, list[Talk]] = {}
        """By server: conversations that may go on from another address of the client's."""

    def name(self, keys: Keys, to: str | None, view: memoryview | None, side: Side) -> str | None:
        """Who reads it: the user's rule, the name that came along, claims, tables."""
        registry = self.registry
        named = registry.ruled(keys) if registry.rules else None
        named = named or to
        if named is None and view is not None:
            named = self.claimed(view, side)[0]
        if named is None:
            for key in keys:
                if key in registry.keys:
                    return registry.keys[key]
            return None
        return named if named in registry else None

    def claimed(self, view: memoryview, side: Side) -> tuple[str | None, bool]:
        """The protocol that claims the bytes; whether more bytes could make one claim them."""
        if not view:
            return None, True
        unsure = False
        for card in self.registry.claiming:
            assert card.claims is not None
            mine = card.claims(view, side)
            if mine:
                return card.name, False
            unsure = unsure or mine is None
        return None, unsure

    def moved(
        self, keys: Keys, server: Address | None, view: memoryview, side: Side
    ) -> Talk | None:
        """The conversation with this server that goes on here, between new ends."""
        registry = self.registry
        known = self.moving.get(server) if server is not None else None
        if not known or (registry.rules and registry.ruled(keys)):
            return None
        if not any(card.goes_on is not None and card.goes_on(view) for card in registry.moving):
            return None
        for talk in reversed(known):
            knows = getattr(talk.decoder, "knows", None)
            if knows is not None and knows(view, side):
                return talk
        return None

    def may_move(self, talk: Talk) -> None:
        """A conversation has begun that others may be the continuation of."""
        if talk.card.goes_on is not None and talk.flow.number >= 0:
            known = self.moving.setdefault(talk.flow.server, [])
            if talk not in known:
                known.append(talk)
                del known[:-MAX_MOVING]

    def decide(self, talk: Talk, name: str | None) -> None:
        """The flow turns out to be `name`; None leaves it open."""
        if name is not None:
            talk.speak(self.registry[name])
            self._rename(talk, name)
            self.may_move(talk)

    def switch(self, talk: Talk, name: str, ahead: bytes = b"") -> None:
        """From the next byte on, the flow speaks `name`; plain data where nobody reads that.

        `ahead`: what the client has said in it already.
        """
        name = name if name in self.registry else "data"
        talk.speak(self.registry[name])
        talk.sync()
        begin = getattr(talk.decoder, "begin", None)
        if ahead and begin is not None:
            begin(ahead)
        self._rename(talk, name)

    def _rename(self, talk: Talk, name: str) -> None:
        if talk.flow.number >= 0:
            talk.flow = self.flows[talk.flow.number] = replace(talk.flow, protocol=name)

    def open(
        self, name: str | None, where: Where, carrier: str, stream: int, parent: int | None
    ) -> Talk:
        """A new flow; undecided where nobody's name is known."""
        sender, target = where.sender or NOBODY, where.target or NOBODY
        if where.side is Side.SERVER:
            sender, target = target, sender
        card = self.registry[name or "data"]
        flow = Flow(len(self.flows), card.name, sender, target, carrier, stream, parent)
        self.flows.append(flow)
        talk = Talk(flow, card, card.decoder(), name is not None)
        self.may_move(talk)
        return talk

    def alone(self, name: str) -> Talk:
        """A decoder outside any flow."""
        card = self.registry[name]
        return Talk(Flow(-1, name, NOBODY, NOBODY), card, card.decoder(), True)
