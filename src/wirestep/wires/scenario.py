"""Scenarios: who talks with whom, over what, what goes wrong, and what is to be seen (TOML).

A file is read and checked when it is loaded; engines are imported when a run starts. All errors are
ValueErrors that name the file and the key.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from itertools import permutations
from pathlib import Path
from typing import cast, get_args

from wirestep.exchange.contract import Request

from .contract import Fate, FateKind, Link
from .parts import ErrandPart, HostPart
from .plan import Fault, Plan
from .reader import Reader, read_link
from .run import Run
from .stacks import RAW, options_of
from .staging import stage
from .units import count, nanoseconds

FATES = get_args(FateKind)
OVERRIDES = {
    "seed": "another seed: other losses, other delays",
    "version": 'what the client speaks, where the scheme leaves a choice: "1.1", "2", "3"',
    "requests": "what the client asks for, instead",
    "options": "a table of options for the client's endpoints (see OPTIONS of their protocols)",
}
"""Keys of `Scenario.start` besides those of a link (LINK)."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario, read and checked."""

    name: str
    title: str
    shows: str
    """One or two sentences."""
    parts: tuple[HostPart, ...]
    errands: tuple[ErrandPart, ...]
    link: Link
    links: Mapping[tuple[str, str], Link] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    seed: int = 1
    expect: Mapping[str, object] = field(default_factory=dict)
    """What a test checks of the run as it stands in the file."""

    @property
    def hosts(self) -> tuple[str, ...]:
        """Names of the hosts, the client first."""
        return tuple(part.name for part in self.parts)

    @property
    def stack(self) -> tuple[str, ...]:
        """What the last conversation speaks, the lowest first, by folders: "tcp", "tls" ..."""
        stack = self.errands[-1].stack
        names = (name.partition(":")[0] for layer in stack.layers for name in layer)
        return (stack.transport, *(name for name in names if name != RAW))

    def plan(self, overrides: Mapping[str, object] | None = None) -> Plan:
        """The plan of a run, with what the user wants otherwise (see OVERRIDES, LINK).

        Raises:
            ValueError: a key is unknown, or a value cannot be read; a sentence for the user.
        """
        given = dict(overrides or {})
        seed, errands = self.seed, self.errands
        if (wanted := given.pop("seed", None)) is not None:
            seed = _seed(wanted)
        version, requests = given.pop("version", None), given.pop("requests", None)
        options = given.pop("options", None)
        if version is not None:
            errands = tuple(one.spoken(str(version)) for one in errands)
        if options is not None:
            if not isinstance(options, Mapping):
                raise ValueError(f"options: {options!r} is no table")
            _understood(options, errands)
            errands = tuple(replace(one, options={**one.options, **options}) for one in errands)
        if requests is not None:
            asked = tuple(Request("GET", str(one)) for one in list(requests))  # type: ignore[call-overload]
            errands = tuple(one if one.finds else replace(one, requests=asked) for one in errands)
        change = Reader("", given)
        link = read_link(change, self.link)
        links = {ends: read_link(Reader("", given), one) for ends, one in self.links.items()}
        change.end()
        cast = stage(self.parts, errands)
        return Plan(cast, link, links, self.faults, seed)

    def start(self, seed: int | None = None, overrides: Mapping[str, object] | None = None) -> Run:
        """A run of this scenario, at its begin; raises ValueError as `plan` does."""
        more = {} if seed is None else {"seed": seed}
        return Run(self.plan({**(overrides or {}), **more}))


def parse(content: str, name: str) -> Scenario:
    """A scenario from the text of its file; raises ValueError naming the file and the key."""
    try:
        table = tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{name}: {error}") from error
    reader = Reader(name, table)
    title, shows = reader.text("title"), reader.text("shows")
    parts = tuple(HostPart.read(one, n) for n, one in enumerate(reader.tables("host"), 1))
    names = [part.name for part in parts]
    if len(names) < 2 or len(set(names)) < len(names):
        raise ValueError(f"{name}: host: there must be two or more, of different names")
    link, links = _links(reader, names)
    errands = tuple(ErrandPart.read(one, parts) for one in reader.tables("errand"))
    faults = tuple(_fault(one, names) for one in reader.tables("fault"))
    seed = reader.whole("seed", 1)
    expect = reader.table("expect")
    reader.end()
    if not errands:
        raise ValueError(f"{name}: errand: nobody does anything")
    return Scenario(name, title, shows, parts, errands, link, links, faults, seed, expect)


def _links(reader: Reader, names: list[str]) -> tuple[Link, dict[tuple[str, str], Link]]:
    """The link that holds where nothing else is said, and those between certain hosts."""
    general = Link()
    links: dict[tuple[str, str], Link] = {}
    for one in reader.tables("link"):
        sender, target = one.text("from", ""), one.text("to", "")
        between = one.texts("between")
        link = read_link(one, general)
        one.end()
        if not sender and not target and not between:
            general = link
            continue
        for key, host in (("from", sender), ("to", target), *(("between", n) for n in between)):
            if host and host not in names:
                raise one.error(key, f"there is no host {host!r}")
        for a, b in permutations(names, 2):
            if {a, b} == set(between) if between else sender in ("", a) and target in ("", b):
                links[a, b] = link
    return general, links


def _fault(reader: Reader, names: list[str]) -> Fault:
    """One line of the script: which packet, and what becomes of it."""
    kind = reader.text("fate")
    if kind not in FATES:
        raise reader.error("fate", f"{kind!r} is none of {', '.join(FATES)}")
    sender = reader.text("from", "")
    if sender and sender not in names:
        raise reader.error("from", f"there is no host {sender!r}")
    fate = Fate(
        cast(FateKind, kind),
        reader.read("delay", nanoseconds, 0),
        reader.read("bit", _bit, None),
    )
    packet, match = reader.whole("packet", 0), reader.table("match")
    if bool(packet) == bool(match):
        raise reader.error("packet", "there must be this or match")
    times, swap = reader.whole("times", 1), reader.texts("swap")
    if swap and (len(swap) != 2 or len(swap[0].encode()) != len(swap[1].encode())):
        raise reader.error("swap", "there must be two texts of one length")
    pair = (swap[0].encode(), swap[1].encode()) if swap else (b"", b"")
    fault = Fault(fate, sender or None, packet, match, times, pair)
    reader.end()
    return fault


def _understood(options: Mapping[str, object], errands: tuple[ErrandPart, ...]) -> None:
    """Raise ValueError over an option that no client of these has."""
    for name in options:
        if not any(name in options_of(one.stack) for one in errands):
            stack = errands[-1].stack
            layers = " or ".join("/".join(layer) for layer in stack.layers)
            raise ValueError(f"{name}: a client of {layers} has no such option")


def _seed(value: object) -> int:
    try:
        return int(str(value))
    except ValueError:
        raise ValueError(f"seed: {value!r} is no whole number") from None


def _bit(value: object) -> int | None:
    return count(value)


@cache
def shelf() -> tuple[Scenario, ...]:
    """All scenarios that come with the program, in order of their files' names."""
    folder = files(__package__).joinpath("shelf")
    found = sorted((one for one in folder.iterdir() if one.name.endswith(".toml")), key=_name)
    return tuple(parse(one.read_text("utf-8"), one.name.removesuffix(".toml")) for one in found)


def _name(one: object) -> str:
    return str(getattr(one, "name", ""))


def load(name: str) -> Scenario:
    """A scenario of the shelf by its name, or a file by its path.

    Raises:
        ValueError: there is none, or it is wrong.
    """
    if name.endswith(".toml"):
        try:
            return parse(Path(name).read_text("utf-8"), Path(name).name)
        except OSError as error:
            raise ValueError(f"{name}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise ValueError(f"{name} is no text") from error
    for scenario in shelf():
        if scenario.name == name:
            return scenario
    near = get_close_matches(name, [scenario.name for scenario in shelf()], n=3)
    hint = f"; is it {' or '.join(near)}?" if near else ""
    raise ValueError(f"there is no scenario {name!r}{hint}")
