"""Who takes part in a scenario, as its file says it: hosts, what they serve, errands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from ipaddress import ip_address
from typing import Any

from wirestep.exchange.contract import Request
from wirestep.model import Address

from . import units
from .reader import Reader
from .stacks import Stack, driven, read_stack, schemes, served
from .tcp import Options

IDENTITIES = ("ed25519", "ec", "rsa", "expired", "self-signed", "wrong name")
"""What certificates a host can have."""


@dataclass(frozen=True, slots=True)
class ServePart:
    """What a host serves on one port, over TCP, over UDP or over both."""

    stacks: tuple[Stack, ...]
    port: int
    options: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class HostPart:
    """A host."""

    name: str
    addresses: tuple[str, ...]
    called: tuple[str, ...]
    """Names by which others find it without asking anybody, and those in its certificate."""
    serves: tuple[ServePart, ...]
    identity: str
    site: Mapping[str, object]
    tcp: Options
    restarted: bool = False
    """It has forgotten whom it met before."""

    @staticmethod
    def read(reader: Reader, place: int) -> HostPart:
        """From its table; `place` counts the hosts, and makes its address if none is given."""
        name = reader.text("name")
        usual: tuple[str, ...] = (f"192.0.2.{place * 10}",)
        addresses = reader.read("address", _addresses, usual)
        called = reader.texts("called")
        serves = tuple(_serve(one) for one in reader.tables("serve"))
        identity = reader.text("identity", IDENTITIES[0])
        if identity not in IDENTITIES:
            raise reader.error("identity", f"{identity!r} is none of {', '.join(IDENTITIES)}")
        site, tcp = reader.table("site"), reader.read("tcp", _tcp, TCP)
        restarted = reader.flag("restarted", False)
        reader.end()
        return HostPart(name, addresses, called, serves, identity, site, tcp, restarted)


def _serve(reader: Reader) -> ServePart:
    none: tuple[Stack, ...] = ()
    stacks = reader.read("stacks", _stacks, none)
    scheme = reader.text("scheme", "")
    if bool(stacks) == bool(scheme):
        raise reader.error("scheme", "there must be this or stacks")
    usual = 0
    if scheme:
        stacks = reader.read("scheme", lambda value: tuple(served(str(value))), stacks)
        usual = schemes()[scheme].port
    port, options = reader.whole("port", usual), reader.table("options")
    if not 0 < port < 65_536:
        raise reader.error("port", f"{port} is no port")
    reader.end()
    return ServePart(stacks, port, options)


@dataclass(frozen=True, slots=True)
class ErrandPart:
    """One conversation that a host's program has."""

    host: str
    """Name of the host that has it."""
    stack: Stack
    scheme: str
    to: Address
    wanted: str
    """Name of the server, as its protocol is told it."""
    requests: tuple[Request, ...]
    options: Mapping[str, object]
    finds: str = ""
    pause: int = 0
    beside: bool = False
    met: bool = False
    """The same was done before the run begins: tickets, tokens and caches are there."""

    @staticmethod
    def read(reader: Reader, hosts: Sequence[HostPart]) -> ErrandPart:
        """From its table."""
        names = [host.name for host in hosts]
        host = reader.text("from", names[0])
        target = reader.text("to", names[1] if len(names) > 1 else None)
        if host not in names:
            raise reader.error("from", f"there is no host {host!r}")
        stack = reader.read("stack", _stack, None)
        scheme, version = reader.text("scheme", ""), reader.text("version", "")
        if (stack is None) == (not scheme):
            raise reader.error("scheme", "there must be this or a stack")
        usual, options = 0, reader.table("options")
        if scheme:
            stack = reader.read("scheme", lambda value: driven(str(value), version), None)
            usual = schemes()[scheme].port
            options = {**schemes()[scheme].options, **options}
        assert stack is not None
        port = reader.whole("port", usual)
        if not 0 < port < 65_536:
            raise reader.error("port", f"{port} is no port")
        called = next((one.called for one in hosts if one.name == target and one.called), (target,))
        part = ErrandPart(
            host,
            stack,
            scheme,
            Address(reader.text("address", target), port),
            reader.text("host", called[0]),
            reader.read("requests", _requests, (Request(),)),
            options,
            reader.text("finds", ""),
            reader.read("pause", units.nanoseconds, 0),
            reader.flag("beside", False),
            reader.flag("met", False),
        )
        reader.end()
        return part

    def spoken(self, version: str) -> ErrandPart:
        """The same over another version, where its scheme has it; raises ValueError."""
        if not self.scheme or len(schemes()[self.scheme].drive) < 2:
            return self
        return replace(self, stack=driven(self.scheme, version))


def _stacks(value: object) -> tuple[Stack, ...]:
    if not isinstance(value, list):
        raise ValueError(f"{value!r} is no list of stacks")
    return tuple(read_stack(one) for one in value)


def _stack(value: object) -> Stack | None:
    return read_stack(value)


def _addresses(value: object) -> tuple[str, ...]:
    given = (value,) if isinstance(value, str) else value
    if not isinstance(given, list | tuple) or not given:
        raise ValueError(f"{value!r} are no IP addresses")
    return tuple(str(ip_address(one)) for one in given)


def _requests(value: object) -> tuple[Request, ...]:
    if not isinstance(value, list):
        raise ValueError(f"{value!r} is no list of requests")
    return tuple(_request(one) for one in value)


def _request(value: object) -> Request:
    """ "GET /", "/" or a table with method, target, headers, body."""
    if isinstance(value, str):
        method, space, target = value.partition(" ")
        return Request(method, target) if space else Request(target=value)
    if not isinstance(value, Mapping):
        raise ValueError(f"{value!r} is no request")
    reader = Reader("", value)
    headers = reader.table("headers")
    request = Request(
        reader.text("method", "GET"),
        reader.text("target", "/"),
        tuple((name, str(text)) for name, text in headers.items()),
        reader.text("body", "").encode(),
    )
    reader.end()
    return request


TCP = Options(nodelay=True)
"""Small segments are sent at once, as browsers and servers have it, unless Nagle is the point."""
_TIMES = frozenset(
    (
        *("delayed_ack", "rto_initial", "rto_min", "rto_max", "user_timeout", "time_wait"),
        *("keep_alive", "keep_alive_interval"),
    )
)


def _tcp(value: object) -> Options:
    """Options of TCP by their names there; times with their unit."""
    if not isinstance(value, Mapping):
        raise ValueError(f"{value!r} is no table")
    known = {one.name for one in fields(Options)}
    wrong = next((name for name in value if name not in known), None)
    if wrong is not None:
        raise ValueError(f"there is no {wrong!r}; there are {', '.join(sorted(known))}")
    given: dict[str, Any] = {
        name: units.nanoseconds(one) if name in _TIMES else one for name, one in value.items()
    }
    return replace(TCP, **given)
