"""From a scenario's parts to hosts with endpoints on them: made anew, and alike, for each run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from wirestep.exchange.certificates import Authority, Identity, authority, self_signed
from wirestep.exchange.contract import Chance, Endpoint, Wish
from wirestep.exchange.errand import Errand, Leg
from wirestep.exchange.options import nanoseconds
from wirestep.exchange.site import Site

from .parts import ErrandPart, HostPart
from .plan import Actor, Cast, Chances, Maker
from .stacks import Holdings, Stack, client, memories, server


def stage(parts: Sequence[HostPart], errands: Sequence[ErrandPart]) -> Cast:
    """The cast of these parts."""
    return partial(_cast, parts, errands)


def _cast(
    parts: Sequence[HostPart], errands: Sequence[ErrandPart], chances: Chances
) -> Sequence[Actor]:
    root = authority(chances("certificates"))
    return [_actor(part, errands, root, chances) for part in parts]


def _actor(
    part: HostPart, errands: Sequence[ErrandPart], root: Authority, chances: Chances
) -> Actor:
    tcp: dict[int, Maker] = {}
    udp: dict[int, Maker] = {}
    site = Site(think=nanoseconds(part.site, "think", 0))
    identity = _identity(part, root, chances(f"{part.name} identity"))
    for place, serve in enumerate(part.serves):
        chance = chances(f"{part.name} serves {place}")
        kept = memories(serve.stack)
        options = {**kept, **_filled(serve.options, root, identity)}
        holdings = Holdings(site, identity, options, {})
        make = partial(server, serve.stack, holdings, chance, options)
        (tcp if serve.stack.transport == "tcp" else udp)[serve.port] = make
    own = [one for one in errands if one.host == part.name]
    programs = [partial(_errand, part, own, root, chances)] if own else []
    return Actor(part.name, part.addresses, tcp, udp, tuple(programs), part.tcp, part.called)


def _identity(part: HostPart, root: Authority, chance: Chance) -> Identity:
    names = [*(part.called or (f"{part.name}.test",)), *part.addresses]
    if part.identity == "expired":
        return root.expired(names, chance)
    if part.identity == "self-signed":
        return self_signed(names, chance)
    if part.identity == "wrong name":
        return root.identity(["elsewhere.test"], chance)
    if part.identity == "rsa":
        return root.identity(names, chance, "rsa")
    return root.identity(names, chance, "ec" if part.identity == "ec" else "ed25519")


def _filled(options: Mapping[str, object], root: Authority, own: Identity) -> dict[str, object]:
    """Options with what is made at run time where their values ask for it."""
    made = {"@root": root.pem, "@certificate": own.certificate_pem, "@key": own.key_pem}
    return {
        name: made.get(value, value) if isinstance(value, str) else value
        for name, value in options.items()
    }


def _errand(
    part: HostPart, errands: Sequence[ErrandPart], root: Authority, chances: Chances
) -> Endpoint:
    kept: dict[Stack, Mapping[str, object]] = {}
    own = root.identity([f"{part.name}.test"], chances(f"{part.name} identity"), client=True)
    legs = []
    for place, one in enumerate(errands):
        # Conversations over the same stack share what they remember: tickets.
        memory = kept.setdefault(one.stack, memories(one.stack))
        options = {"roots": root.pem, **memory, **_filled(one.options, root, own)}
        wish = Wish(one.wanted, one.requests, options)
        chance = chances(f"{part.name} errand {place}")
        legs.append(
            Leg(
                partial(client, one.stack, wish, chance),
                one.stack.transport,
                one.to,
                len(one.requests),
                one.finds,
                one.pause,
                one.beside,
            )
        )
    return Errand(legs)
