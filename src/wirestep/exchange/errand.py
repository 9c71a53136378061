"""What a client's program does: one conversation after the other, each by an endpoint of its own.

It knows no protocol. Where a conversation is there to find the address of a name (`Leg.finds`), the
first IP address among the headers of its responses is what is found.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address

from wirestep.model import Address

from .contract import (
    Done,
    Endpoint,
    Input,
    Open,
    Output,
    Panel,
    Response,
    Say,
    Started,
    Tell,
    Told,
    Transport,
    WakeAt,
    Woken,
)


@dataclass(frozen=True, slots=True)
class Leg:
    """One conversation of an errand."""

    make: Callable[[], Endpoint]
    """Makes its endpoint when it begins: what earlier ones learnt (tickets) is known by then."""
    transport: Transport
    to: Address
    """A name that an earlier leg found is replaced by its address; others are left as they are."""
    requests: int = 1
    """How many it makes: responses are counted through all legs."""
    finds: str = ""
    """The name whose address it finds; its responses are not told on."""
    pause: int = 0
    """Nanoseconds between the end of the leg before and its begin."""
    beside: bool = False
    """It begins together with the leg before."""
    early: bytes = b""
    """As in Open."""


class Errand:
    """A program: runs its legs, tells each Response and at the end, once, Done."""

    def __init__(self, legs: Sequence[Leg]) -> None:
        self.legs = legs
        self._next = 0
        self._under_way: set[int] = set()
        self._found: dict[str, str] = {}
        self._over = False

    def handle(self, event: Input, now: int) -> list[Output]:
        """Events of the program, and what its endpoints tell."""
        if self._over:
            return []
        match event:
            case Started():
                return self._go_on(now)
            case Woken():
                return self._begin()
            case Told(int() as leg, Response() as response):
                return self._answered(leg, response)
            case Told(int() as leg, Done(error)) if leg in self._under_way:
                return self._done(leg, error, now)
        return []

    def panels(self) -> tuple[Panel, ...]:
        """A program has no state that is worth a panel."""
        return ()

    def _go_on(self, now: int) -> list[Output]:
        if self._next == len(self.legs):
            return self._finish("")
        pause = self.legs[self._next].pause
        return [WakeAt(now + pause)] if pause else self._begin()

    def _begin(self) -> list[Output]:
        out: list[Output] = []
        while self._next < len(self.legs) and (self.legs[self._next].beside or not out):
            leg, place = self.legs[self._next], self._next
            self._next += 1
            self._under_way.add(place)
            to = Address(self._found.get(leg.to.host, leg.to.host), leg.to.port)
            try:
                endpoint = leg.make()
            except ValueError as error:  # a wish that cannot be
                return self._finish(str(error))
            out.append(Open(place, leg.transport, to, endpoint, leg.early))
        return out

    def _answered(self, place: int, response: Response) -> list[Output]:
        leg = self.legs[place]
        if leg.finds:
            found = next((value for _, value in response.headers if _is_address(value)), None)
            if found is None:
                return []
            self._found.setdefault(leg.finds, found)
            return [Say(f"{leg.finds} is at {found}")]
        before = sum(one.requests for one in self.legs[:place] if not one.finds)
        return [Tell(None, replace(response, request=before + response.request))]

    def _done(self, place: int, error: str, now: int) -> list[Output]:
        self._under_way.discard(place)
        name = self.legs[place].finds
        if not error and name and name not in self._found:
            error = f"There is no address for {name}."
        if error:
            return self._finish(error)
        return [] if self._under_way else self._go_on(now)

    def _finish(self, error: str) -> list[Output]:
        self._over = True
        return [WakeAt(None), Tell(None, Done(error))]


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
