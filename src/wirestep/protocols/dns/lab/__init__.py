"""Who answers: authoritative servers, a recursive resolver, and a small world of zones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import dns.name

from wirestep.exchange.contract import Chance, Endpoint
from wirestep.exchange.options import Options

from . import authority, recursive, world
from .authority import Authority
from .cache import Cache, Cut
from .recursive import Recursive
from .zones import Zone

OPTIONS = {
    "zones": "zones of the small world that are served: root, test, lab, other",
    "zone": "a master file that is served besides, with $ORIGIN as its first line",
    "addresses": "where the hosts of the small world are: {root, tld, auth, web, mail: [...]}",
    **authority.OPTIONS,
    **recursive.OPTIONS,
}


@dataclass(frozen=True)
class Holdings:
    """What the servers of one host share."""

    zones: tuple[Zone, ...]
    roots: Cut
    """Where a resolver begins."""
    cache: Cache = field(default_factory=Cache)
    """What the resolver remembers."""


def material(options: Options) -> Holdings:
    """What `options` say that a host holds; raises ValueError, with a sentence."""
    hosts = dict(world.HOSTS)
    addresses = options.get("addresses", {})
    if not isinstance(addresses, Mapping):
        raise ValueError(f"addresses: {addresses!r} are no table of hosts")
    hosts |= {str(name): tuple(given) for name, given in addresses.items()}
    zones: list[Zone] = []
    names = options.get("zones", () if "zone" in options else ("lab", "other"))
    for name in names if isinstance(names, list | tuple) else (names,):
        if name not in world.ZONES:
            raise ValueError(f"zones: {name!r} is none of {', '.join(world.ZONES)}")
        zones.append(world.ZONES[str(name)](hosts))
    if "zone" in options:
        zones.append(_own(str(options["zone"])))
    servers = ((dns.name.from_text("a.root-servers.test."), hosts["root"]),)
    return Holdings(tuple(zones), Cut(dns.name.root, servers))


def _own(content: str) -> Zone:
    first, _, rest = content.partition("\n")
    word, _, origin = first.partition(" ")
    if word != "$ORIGIN" or not origin.strip():
        raise ValueError("zone: its first line must be $ORIGIN and the name of the zone")
    return Zone(origin.strip(), rest)


def _held(material_: object, options: Options) -> Holdings:
    return material_ if isinstance(material_, Holdings) else material(options)


def _authority(held: object, chance: Chance, options: Options) -> Endpoint:
    return Authority(_held(held, options).zones, chance, options)


def _recursive(held: object, chance: Chance, options: Options) -> Endpoint:
    own = _held(held, options)
    return Recursive(own.roots, own.cache, chance, options)


SERVERS: dict[str, Callable[[object, Chance, Options], Endpoint]] = {
    "authority": _authority,
    "recursive": _recursive,
}
"""Made with what `material` gave; for each connection over TCP, once for a port over UDP."""
