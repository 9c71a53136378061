"""What lies between the hosts: packets under way, and what is decided about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol as Shape

from .contract import Fate, Journey
from .frames import target_of, too_large, turned
from .link import LOST, SHORTEST, Channel
from .plan import Plan
from .world import Appointment, Stuck, World

ROUTER = {4: "203.0.113.254", 6: "2001:db8:ffff::1"}
"""Who says that a packet is too large, half way between two hosts."""


class Taker(Shape):
    """A host, as the wire knows it."""

    name: str
    addresses: tuple[str, ...]

    def take(self, data: bytes, damaged: bool) -> None:
        """A packet arrives; `damaged`: its bytes may have changed on the way."""
        ...


@dataclass(slots=True)
class _Flight:
    """What the wire keeps of a packet that has not landed."""

    lands: int
    """When it lands if nothing is decided about it."""
    chosen: int | None
    """When it lands as it was decided last; None: not at all."""
    appointment: Appointment | None = None
    copy: int | None = None
    left_over: int | None = None
    """Of a packet that is held: nanoseconds it still has to fly."""


_FATES = {
    "deliver": "",
    "drop": "dropped",
    "delay": "delayed",
    "duplicate": "duplicate",
    "corrupt": "corrupted",
    "edit": "edited",
}


class VirtualWire:
    """Carries the packets of all hosts; `journeys` only grows, its entries are replaced."""

    def __init__(self, plan: Plan, world: World) -> None:
        self.plan, self.world = plan, world
        self.journeys: list[Journey] = []
        self.judge: Callable[[Journey], Fate | None] = lambda journey: None
        """Asked about each packet when it leaves: what the script says of it."""
        self.met: Callable[[Journey], None] = lambda journey: None
        """Told of each packet that was sent."""
        self._flights: dict[int, _Flight] = {}
        self._hosts: Sequence[Taker] = ()
        self._places: dict[str, int] = {}
        self._channels: dict[tuple[int, int], Channel] = {}
        self._chance = world.chance("decisions")

    def join(self, hosts: Sequence[Taker]) -> None:
        """Say who is on the wire; once."""
        self._hosts = hosts
        self._places = {address: n for n, host in enumerate(hosts) for address in host.addresses}

    def channel(self, sender: int, target: int) -> Channel:
        """The direction from one host to another."""
        channel = self._channels.get((sender, target))
        if channel is None:
            names = self._hosts[sender].name, self._hosts[target].name
            link = self.plan.links.get(names, self.plan.link)
            title = f"link {names[0]} {names[1]}"
            channel = Channel(link, lambda kind: self.world.chance(f"{title} {kind}"))
            self._channels[sender, target] = channel
        return channel

    @property
    def under_way(self) -> list[int]:
        """Packets that left and have not landed, the oldest first; lost ones until they would."""
        now, journeys = self.world.now, self.journeys
        return [number for number in self._flights if journeys[number].left <= now]

    # packets leave

    def send(self, sender: int, data: bytes, note: str = "") -> int:
        """A host hands over an IP packet; gives its number.

        Raises:
            Stuck: there are more packets than a run may have.
        """
        if len(self.journeys) >= self.plan.most_packets:
            raise Stuck(f"more than {self.plan.most_packets:,} packets")
        now = self.world.now
        target = self._places.get(target_of(data))
        if target is None:
            link = self.plan.link
            lands = now + max(link.delay, SHORTEST)
            return self._new(
                Journey(0, sender, sender, now, lands, "no such host", data, note=note)
            )
        channel = self.channel(sender, target)
        left, lands, fate, arrived, copy = channel.send(data, now)
        journey = Journey(0, sender, target, left, lands, fate, data, arrived, note=note)
        number = self._new(journey)
        if copy is not None:
            self._new(replace(journey, lands=copy, fate="duplicate", copy_of=number))
        if fate == "too large" and not channel.link.hole:
            self._too_large(sender, target, data, left, lands)
        if fate not in LOST and (decided := self.judge(self.journeys[number])) is not None:
            self.decide(number, decided)
        return number

    def _too_large(self, sender: int, target: int, data: bytes, left: int, lands: int) -> None:
        """A router half way says so; it has as far back as the packet had to it."""
        mtu = self.channel(sender, target).link.mtu
        answer = too_large(data, ROUTER[4 if data[0] >> 4 == 4 else 6], mtu)
        middle = (left + lands) // 2
        back = max(self.channel(target, sender).link.delay // 2, SHORTEST)
        self._new(Journey(0, target, sender, middle, middle + back, "", answer, routed=True))

    def _new(self, draft: Journey) -> int:
        """Number a packet, and plan its landing; `lands` of the draft is when it would land."""
        assert draft.lands is not None
        number, lands = len(self.journeys), draft.lands
        chosen = None if draft.fate in LOST else lands
        journey = Journey(
            number,
            draft.sender,
            draft.target,
            draft.left,
            chosen,
            draft.fate,
            draft.data,
            draft.arrived,
            draft.copy_of,
            (draft.left + lands) // 2,
            draft.note,
            draft.routed,
            self.world.cause,
        )
        self.journeys.append(journey)
        flight = self._flights[number] = _Flight(lands, chosen)
        self._plan(number, flight)
        self.met(journey)
        return number

    def _plan(self, number: int, flight: _Flight) -> None:
        """Make the appointment for its landing, or for where it would have landed."""
        if flight.appointment is not None:
            flight.appointment.cancel()
        time = flight.lands if flight.chosen is None else flight.chosen
        flight.appointment = self.world.at(time, lambda: self._land(number))

    def _land(self, number: int) -> None:
        del self._flights[number]
        journey = self.journeys[number]
        if journey.lands is not None:
            self.world.cause = number
            data = journey.data if journey.arrived is None else journey.arrived
            self._hosts[journey.target].take(data, journey.arrived is not None)

    # what is decided about them

    def decide(self, number: int, fate: Fate) -> None:
        """Choose what becomes of a packet under way; the last choice counts.

        Raises:
            ValueError: the packet is not under way any more.
        """
        flight, journey = self._flight(number), self.journeys[number]
        self._forget_copy(flight)
        arrived: bytes | None = None
        lands: int | None = flight.lands
        if fate.kind == "drop":
            lands = None
        elif fate.kind == "delay":
            lands = flight.lands + fate.delay
        elif fate.kind == "corrupt":
            bit = fate.bit
            if bit is None:
                bit = self._chance.randrange(0, 8 * len(journey.data))
            arrived = turned(journey.data, bit)
        elif fate.kind == "edit":
            arrived = fate.data
        flight.chosen, flight.left_over = lands, None
        # A packet is not turned into a duplicate: its copy is.
        told = "" if fate.kind == "duplicate" else _FATES[fate.kind]
        self.journeys[number] = replace(journey, lands=lands, fate=told, arrived=arrived)
        self._plan(number, flight)
        if fate.kind == "duplicate":
            lands = max(flight.lands + fate.delay, self.world.now)
            flight.copy = self._new(replace(journey, lands=lands, fate="duplicate", copy_of=number))

    def _forget_copy(self, flight: _Flight) -> None:
        """What was copied by an earlier choice does not arrive."""
        if flight.copy is not None and flight.copy in self._flights:
            self.decide(flight.copy, Fate("drop"))
        flight.copy = None

    def hold(self, number: int) -> None:
        """Stop a packet where it is, until it is released.

        Raises:
            ValueError: the packet is not under way any more.
        """
        flight = self._flight(number)
        if flight.left_over is not None:
            return
        assert flight.appointment is not None
        flight.appointment.cancel()
        lands = flight.lands if flight.chosen is None else flight.chosen
        flight.left_over = lands - self.world.now
        self.journeys[number] = replace(self.journeys[number], lands=None, fate="held")

    def release(self, number: int) -> None:
        """Let a packet that was held fly the rest of its way.

        Raises:
            ValueError: the packet is not held.
        """
        flight = self._flights.get(number)
        if flight is None or flight.left_over is None:
            raise ValueError(f"packet {number + 1} is not held")
        flight.lands = flight.chosen = self.world.now + flight.left_over
        flight.left_over = None
        journey = self.journeys[number]
        self.journeys[number] = replace(journey, lands=flight.lands, fate="delayed")
        self._plan(number, flight)

    def _flight(self, number: int) -> _Flight:
        flight = self._flights.get(number)
        if flight is None:
            raise ValueError(f"packet {number + 1} is not under way")
        return flight

    @property
    def held(self) -> list[int]:
        """Packets that are held."""
        return [n for n, flight in self._flights.items() if flight.left_over is not None]

    @property
    def landing(self) -> Mapping[int, int]:
        """Of each packet under way: when it lands, as things stand; held ones are not in it."""
        return {
            number: flight.chosen
            for number, flight in self._flights.items()
            if flight.chosen is not None and flight.left_over is None
        }
