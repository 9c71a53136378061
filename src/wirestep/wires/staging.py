"""From a scenario's parts to hosts with endpoints on them: made anew, and alike, for each run.

Hosts that met before are given what they then learnt by a rehearsal: the same errand, on a wire of
its own that nobody sees.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from wirestep.exchange.certificates import Authority, Identity, authority, self_signed
from wirestep.exchange.contract import Chance, Endpoint, Wish
from wirestep.exchange.errand import Errand, Leg
from wirestep.exchange.options import nanoseconds
from wirestep.exchange.site import Site

from .contract import MS, Link
from .parts import ErrandPart, HostPart
from .plan import Actor, Cast, Chances, Maker, Plan
from .run import Run
from .stacks import Holdings, Stack, client, memories, server


def stage(parts: Sequence[HostPart], errands: Sequence[ErrandPart]) -> Cast:
    """The cast of these parts."""
    return partial(_cast, parts, errands)


def _cast(
    parts: Sequence[HostPart], errands: Sequence[ErrandPart], chances: Chances
) -> Sequence[Actor]:
    made = _Stage(parts, chances)
    if met := [one for one in errands if one.met]:
        Run(Plan(lambda other: made.actors(met, other), Link(delay=MS))).run()
        made.after_rehearsal()
    return made.actors(errands, chances)


class _Stage:
    """What lasts longer than one meeting: certificates, tickets, caches."""

    def __init__(self, parts: Sequence[HostPart], chances: Chances) -> None:
        self._parts, self._chances = parts, chances
        self._root = authority(chances("certificates"))
        self._memories: dict[tuple[str, Stack], dict[str, object]] = {}
        self._holdings: dict[str, list[Holdings]] = {}
        for part in parts:
            self._equip(part)

    def _equip(self, part: HostPart) -> None:
        """Make what the servers of a host share, and what each of them keeps."""
        identity = _identity(part, self._root, self._chances(f"{part.name} identity"))
        site = _site(part)
        self._holdings[part.name] = [
            Holdings(site, identity, _filled(serve.options, self._root, identity))
            for serve in part.serves
        ]

    def after_rehearsal(self) -> None:
        """A server that was started anew knows nobody; the content of the others is as new."""
        for part in self._parts:
            if part.restarted:
                self._equip(part)
            else:
                site = _site(part)
                for holdings in self._holdings[part.name]:
                    holdings.renew(site)

    def actors(self, errands: Sequence[ErrandPart], chances: Chances) -> list[Actor]:
        """The hosts, for one meeting."""
        return [self._actor(part, errands, chances) for part in self._parts]

    def _actor(self, part: HostPart, errands: Sequence[ErrandPart], chances: Chances) -> Actor:
        tcp: dict[int, Maker] = {}
        udp: dict[int, Maker] = {}
        for serve, holdings in zip(part.serves, self._holdings[part.name], strict=True):
            for stack in serve.stacks:
                chance = chances(f"{part.name} serves {stack.transport} {serve.port}")
                options = {**holdings.memory(stack), **holdings.options}
                make = partial(server, stack, holdings, chance, options)
                (tcp if stack.transport == "tcp" else udp)[serve.port] = make
        own = [one for one in errands if one.host == part.name]
        programs = [partial(self._errand, part, own, chances)] if own else []
        return Actor(part.name, part.addresses, tcp, udp, tuple(programs), part.tcp, part.called)

    def _errand(self, part: HostPart, errands: Sequence[ErrandPart], chances: Chances) -> Endpoint:
        legs = []
        for place, one in enumerate(errands):
            key = part.name, one.stack
            # Conversations of a host over the same stack share what they remember.
            if key not in self._memories:
                self._memories[key] = memories(one.stack)
            chance = chances(f"{part.name} errand {place}")
            own = _client_identity(part, self._root, self._chances)
            options = {
                "roots": self._root.pem,
                **self._memories[key],
                **_filled(one.options, self._root, own),
            }
            wish = Wish(one.wanted, one.requests, options)
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


def _site(part: HostPart) -> Site:
    return Site(think=nanoseconds(part.site, "think", 0))


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


def _client_identity(part: HostPart, root: Authority, chances: Chances) -> Identity:
    """What a client shows where it is asked for a certificate."""
    return root.identity([f"{part.name}.test"], chances(f"{part.name} client"), client=True)


def _filled(options: Mapping[str, object], root: Authority, own: Identity) -> dict[str, object]:
    """Options, with what is made at run time where their values ask for it."""
    made = {"@root": root.pem, "@certificate": own.certificate_pem, "@key": own.key_pem}
    return {
        name: made.get(value, value) if isinstance(value, str) else value
        for name, value in options.items()
    }
