"""What is spoken over what: endpoints put into each other as stacks.toml, or a scenario, says.

Nobody here knows a protocol: a layer is a name of a folder, whose `drive` and `lab` are asked for
what they have: `CLIENTS` and `SERVERS` by name, and `around` where others can be put inside, by
their `ALPN` ids. What goes on after an upgrade is offered to the layer below as its option
"upgrades", under the name of the folder above.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from importlib import import_module
from importlib.resources import files
from types import ModuleType
from typing import Any, cast

from wirestep.exchange import raw
from wirestep.exchange.certificates import Identity
from wirestep.exchange.contract import Chance, Endpoint, Transport, Wish
from wirestep.exchange.options import Options
from wirestep.exchange.site import Site

RAW = "raw"
"""The layer of those that speak no protocol (wirestep.exchange.raw)."""
Layer = tuple[str, ...]
"""One name, or those that are offered, the best first."""


@dataclass(frozen=True, slots=True)
class Stack:
    """A transport, and the layers on it, the lowest first."""

    transport: Transport
    layers: tuple[Layer, ...]


@dataclass(frozen=True, slots=True)
class Scheme:
    """What the first word of a URL stands for."""

    port: int
    serve: tuple[Stack, ...]
    drive: Mapping[str, Stack]
    """By version; "" where nobody asked for one."""
    asks: str = "target"
    """What a request of it is: a "target" (a path), a "name", or a "message"."""
    options: Mapping[str, object] = field(default_factory=dict)
    """Of each wish."""


def read_stack(value: object) -> Stack:
    """A stack from its names; raises ValueError, with a sentence."""
    if not isinstance(value, list | tuple) or len(value) < 2 or value[0] not in ("tcp", "udp"):
        raise ValueError(f"{value!r} is no stack: it begins with tcp or udp, and has a layer on it")
    layers = []
    for one in value[1:]:
        names = tuple(one) if isinstance(one, list | tuple) else (one,)
        for name in names:
            if not isinstance(name, str) or not _exists(name.partition(":")[0]):
                raise ValueError(f"{name!r} is no protocol that can be driven")
        layers.append(names)
    return Stack(cast(Transport, value[0]), tuple(layers))


@cache
def schemes() -> Mapping[str, Scheme]:
    """All schemes, by name."""
    table = tomllib.loads(files(__package__).joinpath("stacks.toml").read_text("utf-8"))
    return {
        name: Scheme(
            entry["port"],
            tuple(read_stack(one) for one in entry["serve"]),
            {version: read_stack(one) for version, one in entry["drive"].items()},
            entry.get("asks", "target"),
            entry.get("options", {}),
        )
        for name, entry in table.items()
    }


def driven(scheme: str, version: str = "") -> Stack:
    """What drives a URL of this scheme; raises ValueError, with a sentence."""
    known = schemes().get(scheme)
    if known is None:
        raise ValueError(f"{scheme!r} is no scheme; there are {', '.join(schemes())}")
    stack = known.drive.get(version)
    if stack is None:
        versions = ", ".join(name for name in known.drive if name)
        raise ValueError(f"{scheme} has no version {version!r}; there are {versions or 'none'}")
    return stack


@cache
def _exists(name: str) -> bool:
    # Looked for, not imported: a list of scenarios needs no engine.
    return name == RAW or files("wirestep").joinpath("protocols", name).is_dir()


@cache
def _part(name: str, part: str) -> ModuleType:
    """`drive` or `lab` of a layer; imported when it is first wanted, with the engine it needs."""
    if name == RAW:
        return raw  # both in one
    return import_module(f"wirestep.protocols.{name}.{part}")


def _choice(table: Mapping[str, Any], layer: str) -> Any:
    """Who was meant by "folder" or "folder:name" among a folder's clients or servers."""
    folder, _, name = layer.partition(":")
    name = name or next(iter(table))
    if name not in table:
        raise ValueError(f"{layer}: there is no {name!r} in {folder}; there are {', '.join(table)}")
    return table[name]


def _alpn(name: str, part: str) -> str:
    folder = name.partition(":")[0]
    modules = _part(folder, part), _part(folder, "drive")
    return next((str(one.ALPN) for one in modules if hasattr(one, "ALPN")), "")


# Clients


def client(stack: Stack, wish: Wish, chance: Chance) -> Endpoint:
    """Who drives a wish over this stack; raises ValueError over options it cannot read."""
    return _client(stack.layers, wish, chance)


def _client(layers: tuple[Layer, ...], wish: Wish, chance: Chance) -> Endpoint:
    name, rest = layers[0][0], layers[1:]
    module = _part(name.partition(":")[0], "drive")
    if rest and hasattr(module, "around"):
        inner: dict[str, Callable[[], Endpoint]] = {
            _alpn(one, "drive"): partial(_client, ((one,), *rest[1:]), wish, chance)
            for one in rest[0]
        }
        return cast(Endpoint, module.around(inner, wish, chance))
    if rest:
        wish = replace(wish, options={**wish.options, "upgrades": _upgrades(rest, wish, chance)})
    return cast(Endpoint, _choice(module.CLIENTS, name)(wish, chance))


def _upgrades(rest: tuple[Layer, ...], wish: Wish, chance: Chance) -> dict[str, object]:
    return {rest[0][0].partition(":")[0]: partial(_client, rest, wish, chance)}


def options_of(stack: Stack) -> Mapping[str, str]:
    """What the clients of this stack can be told, and what it means."""
    found: dict[str, str] = {}
    for name in (name for names in stack.layers for name in names):
        found |= _part(name.partition(":")[0], "drive").OPTIONS
    return found


def memories(stack: Stack) -> dict[str, object]:
    """What a party keeps from one conversation over this stack to the next, as options."""
    found: dict[str, object] = {"memory": {}}
    for name in (name for names in stack.layers for name in names):
        module = _part(name.partition(":")[0], "drive")
        if hasattr(module, "Tickets"):
            found["tickets"] = module.Tickets()
    return found


# Servers


@dataclass(slots=True)
class Holdings:
    """What the servers of one port share."""

    site: Site
    identity: Identity
    options: Options
    made: dict[str, object] = field(default_factory=dict)
    """By folder: what its servers are given."""
    kept: dict[Stack, dict[str, object]] = field(default_factory=dict)
    """What they keep from one conversation to the next."""

    def memory(self, stack: Stack) -> Mapping[str, object]:
        """The options that hold what is kept for this stack."""
        if stack not in self.kept:
            self.kept[stack] = memories(stack)
        return self.kept[stack]

    def of(self, name: str) -> object:
        """What a server of this layer is given: what it made of the host's options, once, or the
        host's certificate, where it is put around others, or else the site."""
        folder = name.partition(":")[0]
        module = _part(folder, "lab")
        if folder not in self.made:
            if hasattr(module, "material"):
                self.made[folder] = module.material(self.options)
            elif hasattr(module, "Service"):
                self.made[folder] = module.Service(self.identity, self.options)
            else:
                self.made[folder] = self.identity if hasattr(module, "around") else self.site
        return self.made[folder]

    def renew(self, site: Site) -> None:
        """Put another site in the place of this one; all else stays."""
        self.made = {name: one for name, one in self.made.items() if one is not self.site}
        self.site = site


def server(stack: Stack, holdings: Holdings, chance: Chance, options: Options) -> Endpoint:
    """Who serves this stack: once a connection over TCP, once a port over UDP.

    Raises ValueError over options that cannot be read.
    """
    return _server(stack.layers, holdings, chance, options)


def _server(
    layers: tuple[Layer, ...], holdings: Holdings, chance: Chance, options: Options
) -> Endpoint:
    name, rest = layers[0][0], layers[1:]
    module = _part(name.partition(":")[0], "lab")
    if rest and hasattr(module, "around"):
        inner: dict[str, Callable[[], Endpoint]] = {
            _alpn(one, "lab"): partial(_server, ((one,), *rest[1:]), holdings, chance, options)
            for one in rest[0]
        }
        material = holdings.of(name)
        # What was made of the options knows them already.
        more = (options,) if material is holdings.identity else ()
        return cast(Endpoint, module.around(inner, material, chance, *more))
    if rest:
        heir = partial(_server, rest, holdings, chance, options)
        options = {**options, "upgrades": {rest[0][0].partition(":")[0]: heir}}
    return cast(Endpoint, _choice(module.SERVERS, name)(holdings.of(name), chance, options))


def served(scheme: str) -> Sequence[Stack]:
    """What a server of this scheme speaks; raises ValueError, with a sentence."""
    if scheme not in schemes():
        raise ValueError(f"{scheme!r} is no scheme; there are {', '.join(schemes())}")
    return schemes()[scheme].serve
