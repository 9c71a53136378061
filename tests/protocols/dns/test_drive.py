"""Who asks and who answers DNS: events in, outputs out."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial

from meetings import SECOND, Meeting

from wirestep.exchange.contract import (
    Done,
    Endpoint,
    Request,
    Response,
    Send,
    Started,
    Tell,
    Transport,
    WakeAt,
    Wish,
    Woken,
)
from wirestep.model import Address
from wirestep.protocols.dns import drive, lab
from wirestep.protocols.dns.lab.world import HOSTS

SERVER, CLIENT = Address("203.0.113.53", 53), Address("192.0.2.7", 40053)
RESOLVER = Address("192.0.2.53", 53)
MS = 1_000_000


def authority(**options: object) -> Endpoint:
    return lab.SERVERS["authority"](lab.material(options), random.Random(2), options)


def stub(*targets: str, kind: str = "udp", **options: object) -> Endpoint:
    requests = tuple(Request(target=target) for target in targets)
    return drive.CLIENTS[kind](Wish("ns", requests, dict(options)), random.Random(1))


def ask(client: Endpoint, **options: object) -> list[object]:
    """What the client tells when an authoritative server answers it."""
    servers = {("udp", SERVER): lambda: authority(**options)}
    servers["tcp", SERVER] = servers["udp", SERVER]
    return Meeting(client, servers, at=SERVER, transport="udp").run()


def test_a_name_and_its_addresses() -> None:
    told = ask(stub("www.lab.test", type="A+AAAA"))
    assert isinstance(told[0], Response)
    assert told[0].status == "NOERROR"
    assert told[0].body.split() == [b"203.0.113.80", b"2001:db8:113::80"]
    assert told[1:] == [Done("")]


def test_a_cut_answer_is_asked_for_again_over_tcp() -> None:
    told = ask(stub("big.lab.test", type="TXT"))
    assert isinstance(told[0], Response)
    assert len(told[0].headers) == 24
    assert told[1:] == [Done("")]


def test_asked_again_after_five_seconds_and_then_given_up() -> None:
    client = stub("www.lab.test")
    first = client.handle(Started(CLIENT, SERVER), 0)
    assert isinstance(first[0], Send)
    assert first[1] == WakeAt(5 * SECOND, "ask again")
    again = client.handle(Woken(), 5 * SECOND)
    assert again[1:] == [first[0], WakeAt(10 * SECOND, "ask again")]
    last = client.handle(Woken(), 10 * SECOND)
    error = "no answer from 203.0.113.53:53 to 2 tries within 10 s"
    assert Tell(None, Done(error)) in last


# A resolver


def world(**options: object) -> dict[tuple[Transport, Address], Callable[[], Endpoint]]:
    """All servers of the small world, and a resolver among them."""
    held = lab.material({})

    def resolver() -> Endpoint:
        return lab.SERVERS["recursive"](held, random.Random(3), options)

    servers: dict[tuple[Transport, Address], Callable[[], Endpoint]] = {}
    for host, zones in (("root", ["root"]), ("tld", ["test"]), ("auth", ["lab", "other"])):
        address = Address(HOSTS[host][0], 53)
        servers["udp", address] = partial(authority, zones=zones)
        servers["tcp", address] = partial(authority, zones=zones)
    servers["udp", RESOLVER] = servers["tcp", RESOLVER] = resolver
    return servers


def test_the_walk_from_the_root() -> None:
    client = stub("shop.lab.test", "www.lab.test", type="A")
    meeting = Meeting(client, world(), at=RESOLVER, transport="udp", delay=10 * MS)
    told = meeting.run()
    assert [each.status for each in told if isinstance(each, Response)] == ["NOERROR"] * 2
    assert told[-1] == Done("")
    asked = [text for text in meeting.said if ": asking" in text]
    assert asked == [
        "shop.lab.test A: asking a.root-servers.test (198.51.100.1), who serves .",
        "shop.lab.test A: asking ns.nic.test (198.51.100.2), who serves test",
        "shop.lab.test A: asking ns1.lab.test (203.0.113.53), who serves lab.test",
    ]
    # Four round trips for the first name, one for the second, which is remembered.
    assert meeting.told_at == [80 * MS, 100 * MS, 100 * MS]
