"""An endpoint on a host, and what carries for it: nothing, or a datagram socket."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Protocol as Shape

from wirestep.exchange.contract import (
    Abort,
    End,
    Endpoint,
    Failed,
    Input,
    Output,
    Panel,
    Rebind,
    Received,
    Send,
    Started,
    Woken,
)
from wirestep.model import Address

from .contract import Timer
from .frames import datagram
from .world import Appointment, World


class Home(Shape):
    """A host, as those who live on it know it."""

    place: int
    world: World
    known_cookies: dict[str, bytes]
    """Of Fast Open, by server."""

    def tell(self, way: Way, event: Input) -> None:
        """Put an event before an endpoint."""
        ...

    def settle(self) -> None:
        """Let all events come to their endpoints."""
        ...

    def touch(self, way: Way) -> None:
        """It may have something to send once all events have come."""
        ...

    def send(self, data: bytes, note: str = "") -> int:
        """Put an IP packet on the wire; gives its number. `note`: why, where that is not plain."""
        ...

    def local(self, target: str) -> str | None:
        """The address that packets to `target` leave from."""
        ...

    def port(self) -> int:
        """A local port that nobody uses."""
        ...

    def ident(self) -> int:
        """Number of the next packet."""
        ...

    def closed(self, way: Way) -> None:
        """It is not used any more."""
        ...

    def moved(self, way: Datagrams, local: Address) -> None:
        """It goes on from another address or port."""
        ...


class Way:
    """An endpoint that nothing carries for yet; the base of those for which something does."""

    def __init__(
        self, home: Home, endpoint: Endpoint, opener: Way | None = None, key: Hashable = None
    ) -> None:
        self.home, self.endpoint, self.opener, self.key = home, endpoint, opener, key
        self.opened: dict[Hashable, Way] = {}
        """What its endpoint opened, by key."""
        self.open = True
        self._wake: Appointment | None = None
        self._asked, self._name = 0, ""

    @property
    def label(self) -> str:
        """Which conversation this is; "" for a program."""
        return ""

    def begin(self) -> None:
        """The first thing that happens."""
        self.home.tell(self, Started())

    def do(self, output: Output) -> None:
        """What the endpoint wants of whatever carries."""

    def flush(self) -> None:
        """All events of this instant have come: send what there is to send."""

    def wake_at(self, time: int | None, name: str = "") -> None:
        """Wake the endpoint at `time`; None: not at all."""
        if self._wake is not None:
            self._wake.cancel()
            self._wake = None
        if time is not None and self.open:
            self._asked, self._name = self.home.world.now, name
            # Nobody waits for it once the programs are done: a server may idle for long.
            self._wake = self.home.world.at(time, self._wakes, idle=True)

    def _wakes(self) -> None:
        self.home.world.cause = self._name or next((one.name for one in self.timers()), "timer")
        self._wake = None
        self.home.tell(self, Woken())
        self.home.settle()

    def panels(self) -> tuple[Panel, ...]:
        """The state of all layers, the lowest first."""
        return self.endpoint.panels()

    def timers(self) -> list[Timer]:
        """What is pending here: what the endpoint tells of it, or that it wants to be woken."""
        wake = self._wake
        if wake is None:
            return []
        told: list[tuple[str, int]] = getattr(self.endpoint, "timers", list)()
        if not told:
            panels = self.endpoint.panels()
            told = [(self._name or (f"{panels[-1].title} timer" if panels else "timer"), wake.time)]
        return [Timer(self.home.place, name, self._asked, due) for name, due in told]

    def close(self) -> None:
        """Nothing more happens here."""
        if self.open:
            self.open = False
            self.wake_at(None)
            self.home.closed(self)

    def fail(self, reason: str) -> None:
        """Tell the endpoint that the way is gone."""
        self.home.tell(self, Failed(reason))
        self.close()


class Nowhere(Way):
    """A way that never opens."""

    def __init__(
        self, home: Home, endpoint: Endpoint, opener: Way, key: Hashable, reason: str
    ) -> None:
        super().__init__(home, endpoint, opener, key)
        self._reason = reason

    def begin(self) -> None:
        """It fails at once."""
        self.fail(self._reason)


class Datagrams(Way):
    """A UDP socket: connected to one peer, or, where `remote` is None, open to all."""

    def __init__(
        self,
        home: Home,
        endpoint: Endpoint,
        local: Address,
        remote: Address | None = None,
        opener: Way | None = None,
        key: Hashable = None,
    ) -> None:
        super().__init__(home, endpoint, opener, key)
        self.local, self.remote = local, remote
        self._last = remote

    @property
    def label(self) -> str:
        """Which conversation this is."""
        ends = "" if self.remote is None else f" → {self.remote.port}"
        return f"UDP {self.local.port}{ends}"

    def begin(self) -> None:
        """A datagram socket is ready at once."""
        self.home.tell(self, Started(self.local, self.remote))

    def takes(self, sender: Address) -> bool:
        """Whether datagrams of this sender are for this socket."""
        return self.open and self.remote in (None, sender)

    def receive(self, data: bytes, sender: Address) -> None:
        """A datagram arrives."""
        if self.remote is None:
            self._last = sender
        self.home.tell(self, Received(data, sender))

    def refused(self, remote: Address) -> None:
        """A datagram met nobody there (ICMP port unreachable); who is open to all is not told."""
        if self.remote == remote:
            self.fail("refused")

    def do(self, output: Output) -> None:
        """Send a datagram, take another port, or close."""
        if not self.open:
            return
        if isinstance(output, Send):
            self._send(output.data, output.to or self._last)
        elif isinstance(output, End | Abort):
            self.close()
        elif isinstance(output, Rebind) and self.remote is not None:
            self.home.moved(self, Address(self.local.host, self.home.port()))

    def _send(self, data: bytes, target: Address | None) -> None:
        if target is None:
            return
        host = self.home.local(target.host)
        if host is not None:
            sender = Address(host, self.local.port)
            self.home.send(datagram(sender, target, data, self.home.ident()))
