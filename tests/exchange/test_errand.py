"""Errands: one conversation after the other, addresses found on the way, one end."""

from __future__ import annotations

from wirestep.exchange.contract import (
    Done,
    Input,
    Open,
    Output,
    Panel,
    Response,
    Say,
    Started,
    Tell,
    Told,
    WakeAt,
    Woken,
)
from wirestep.exchange.errand import Errand, Leg
from wirestep.model import Address

SERVER = Address("lab.test", 443)
FOUND = Address("192.0.2.80", 443)


class Nobody:
    def handle(self, event: Input, now: int) -> list[Output]:
        return []

    def panels(self) -> tuple[Panel, ...]:
        return ()


NOBODY = Nobody()


def leg(**more: object) -> Leg:
    return Leg(lambda: NOBODY, "tcp", SERVER, **more)


def opened(place: int, to: Address = SERVER) -> Open:
    return Open(place, "tcp", to, NOBODY)


def test_one_after_the_other() -> None:
    errand = Errand([leg(), leg()])
    assert errand.handle(Started(), 0) == [opened(0)]
    assert errand.handle(Told(0, Done()), 5) == [opened(1)]
    assert errand.handle(Told(1, Done()), 9) == [WakeAt(None), Tell(None, Done())]


def test_responses_are_counted_through_all_legs() -> None:
    errand = Errand([leg(requests=2), leg(requests=3)])
    errand.handle(Started(), 0)
    assert errand.handle(Told(0, Response(1, "200")), 1) == [Tell(None, Response(1, "200"))]
    errand.handle(Told(0, Done()), 2)
    assert errand.handle(Told(1, Response(0, "404")), 3) == [Tell(None, Response(2, "404"))]


def test_side_by_side() -> None:
    errand = Errand([leg(), leg(beside=True), leg()])
    assert errand.handle(Started(), 0) == [opened(0), opened(1)]
    assert errand.handle(Told(1, Done()), 3) == []
    assert errand.handle(Told(0, Done()), 4) == [opened(2)]


def test_after_a_pause() -> None:
    errand = Errand([leg(), leg(pause=100)])
    errand.handle(Started(), 0)
    assert errand.handle(Told(0, Done()), 7) == [WakeAt(107)]
    assert errand.handle(Woken(), 107) == [opened(1)]


def test_what_is_found_is_where_the_next_goes() -> None:
    errand = Errand([leg(finds="lab.test"), leg()])
    errand.handle(Started(), 0)
    answer = Response(0, "NOERROR", (("lab.test CNAME", "web.test"), ("web.test A", "192.0.2.80")))
    assert errand.handle(Told(0, answer), 1) == [Say("lab.test is at 192.0.2.80")]
    assert errand.handle(Told(0, Done()), 1) == [opened(1, FOUND)]
    # Its responses are not among those of the errand.
    assert errand.handle(Told(1, Response(0, "200")), 3) == [Tell(None, Response(0, "200"))]


def test_without_an_address_nothing_goes_on() -> None:
    errand = Errand([leg(finds="lab.test"), leg()])
    errand.handle(Started(), 0)
    assert errand.handle(Told(0, Response(0, "NXDOMAIN")), 1) == []
    end = errand.handle(Told(0, Done()), 1)
    assert end == [WakeAt(None), Tell(None, Done("There is no address for lab.test."))]


def test_the_first_error_is_the_end_and_the_end_is_told_once() -> None:
    errand = Errand([leg(), leg(beside=True), leg()])
    errand.handle(Started(), 0)
    assert errand.handle(Told(0, Done("It broke.")), 2) == [
        WakeAt(None),
        Tell(None, Done("It broke.")),
    ]
    assert errand.handle(Told(1, Done()), 3) == []


def test_a_wish_that_cannot_be_is_told() -> None:
    def refuse() -> Nobody:
        raise ValueError("speed: 'fast' is no number")

    errand = Errand([Leg(refuse, "tcp", SERVER)])
    told = errand.handle(Started(), 0)
    assert told == [WakeAt(None), Tell(None, Done("speed: 'fast' is no number"))]
