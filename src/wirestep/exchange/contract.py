"""A party of an exchange, without a socket and without a clock: events in, wishes out.

All times are nanoseconds of the wire's clock. An endpoint reads no clock and draws no number but
through what it was given, so the same events at the same times give the same outputs.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Literal
from typing import Protocol as Shape

from wirestep.model import Address

Transport = Literal["tcp", "udp"]


class Chance(Shape):
    """Where random numbers come from: seeded on a virtual wire, the system's on a real one."""

    def randbytes(self, n: int, /) -> bytes:
        """`n` random bytes."""
        ...

    def randrange(self, start: int, stop: int, /) -> int:
        """A whole number from `start` up to, not including, `stop`."""
        ...

    def random(self) -> float:
        """A number from 0 up to, not including, 1."""
        ...


# What an endpoint is told


@dataclass(frozen=True, slots=True)
class Started:
    """The way is open: TCP connected, or a datagram socket ready; a program begins."""

    local: Address | None = None
    peer: Address | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """Bytes of the stream, or one datagram."""

    data: bytes
    sender: Address | None = None
    """Who sent a datagram; None on a stream."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The other party sends no more on this stream."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The way is gone, or never opened; nothing more comes."""

    reason: str
    """One of the words of FAILURES where one fits, else a sentence."""


@dataclass(frozen=True, slots=True)
class Woken:
    """The time asked for with WakeAt has come."""


@dataclass(frozen=True, slots=True)
class Told:
    """Another endpoint of the same host says something (see Tell)."""

    key: Hashable
    """Under which this endpoint opened the one that speaks; None where its opener speaks."""
    value: object


FAILURES = {
    "refused": "The server refused the connection.",
    "reset": "The connection was reset.",
    "timed out": "No answer came in time.",
    "unreachable": "The server cannot be reached.",
    "closed": "The connection is closed.",
    "no such name": "There is no host of this name.",
}
"""The words for how a way fails, and the sentences they stand for."""

# What an endpoint wants


@dataclass(frozen=True, slots=True)
class Send:
    """Bytes for the stream, or one datagram."""

    data: bytes
    to: Address | None = None
    """For a datagram of a listening endpoint: to whom; None answers the last sender."""


@dataclass(frozen=True, slots=True)
class End:
    """Send no more (a FIN once all is sent). Twice is once. A datagram socket is closed."""


@dataclass(frozen=True, slots=True)
class Abort:
    """Break the way off at once (an RST); a datagram socket is closed."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Read no more of the stream until Resume: the receive window fills and shuts."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Read on."""


@dataclass(frozen=True, slots=True)
class WakeAt:
    """Be woken at `time`, ns; a later WakeAt replaces an earlier one; None cancels."""

    time: int | None
    name: str = ""
    """What people call the timer, "TLS timeout"; "" where the wire may name it."""


@dataclass(frozen=True, slots=True)
class Say:
    """Something for the people watching; it never reaches the other party."""

    text: str


@dataclass(frozen=True, slots=True)
class Secret:
    """One line of a key log (NSS format, without line end)."""

    line: str


@dataclass(frozen=True, slots=True)
class Open:
    """Open another way from the same host; `endpoint` then talks on it."""

    key: Hashable
    """What the opener calls it, in Told and Tell."""
    transport: Transport
    to: Address
    endpoint: Endpoint
    early: bytes = b""
    """Data for the SYN (TCP Fast Open, RFC 7413), where a cookie is known."""


@dataclass(frozen=True, slots=True)
class Tell:
    """Say something to another endpoint of this host: the opener (None), or who was opened."""

    key: Hashable
    value: object


@dataclass(frozen=True, slots=True)
class Rebind:
    """Go on from another local port, as after a change of network (a datagram socket only)."""


Input = Started | Received | Ended | Failed | Woken | Told
Output = Send | End | Abort | Pause | Resume | WakeAt | Say | Secret | Open | Tell | Rebind

# What people watching may see of an endpoint


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a panel."""

    name: str
    value: str
    """As it is written, unit and all; safe text (see model.safe) where a peer chose it."""
    share: float | None = None
    """0 to 1, where a bar says more than the number."""


@dataclass(frozen=True, slots=True)
class Panel:
    """The state machine of one layer of one end, as it stands now."""

    title: str
    """The layer as people say it: "TCP", "TLS 1.3", "HTTP/2"."""
    states: tuple[str, ...] = ()
    """The usual way through the machine, in order; those on other ways only when they are met."""
    state: str = ""
    """Where it stands."""
    since: tuple[tuple[str, int], ...] = ()
    """(state, ns when it was entered), of those that were."""
    facts: tuple[Fact, ...] = ()


class Endpoint(Shape):
    """One party, of one protocol; those around others (TLS) hand events in and outputs out."""

    def handle(self, event: Input, now: int) -> list[Output]:
        """What this party does about `event` at `now` (ns), in order. Raises nothing."""
        ...

    def panels(self) -> tuple[Panel, ...]:
        """Its state, and that of the endpoints inside it, the lowest layer first."""
        ...


# What a client is to do


@dataclass(frozen=True, slots=True)
class Request:
    """One request of an exchange."""

    method: str = "GET"
    target: str = "/"
    """Path and query; for a name service the name asked for, for a socket what to say."""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    """What came back for one request; told to the opener with Tell(None, response)."""

    request: int
    """Place of the request among those of the wish."""
    status: str
    """As the protocol writes it: "200", "NOERROR"; "" where it has none."""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Done:
    """All requests of the wish are answered, or one failed: told to the opener, once."""

    error: str = ""
    """A sentence for the user; "" when all went well."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a client of any protocol is asked to do; what does not concern it, it leaves alone."""

    host: str
    """Name of the server, as in Host, :authority and SNI; with the port where it is not usual."""
    requests: tuple[Request, ...] = (Request(),)
    options: dict[str, object] = field(default_factory=dict)
    """What only this protocol knows; each drive.py has a table OPTIONS: name -> what it does."""
