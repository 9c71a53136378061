"""Who asks and who answers HTTP/2: pairs in memory, and events in, outputs out."""

from __future__ import annotations

import random
from collections.abc import Callable

from meetings import Meeting

from wirestep.exchange.contract import Done, Endpoint, Request, Response, Wish
from wirestep.exchange.site import Site
from wirestep.model import Address
from wirestep.protocols.http2 import drive, lab

SERVER = Address("203.0.113.80", 80)


def client(*requests: Request | str, **options: object) -> Endpoint:
    asked = tuple(Request(target=r) if isinstance(r, str) else r for r in requests)
    return drive.CLIENTS["requests"](Wish("lab.test", asked, dict(options)), random.Random(1))


def meet(
    asking: Endpoint,
    *,
    delay: int = 0,
    cut: Callable[[bytes], list[bytes]] = lambda data: [data],
    **options: object,
) -> Meeting:
    site = Site(3)
    servers = {("tcp", SERVER): lambda: lab.SERVERS["site"](site, random.Random(2), options)}
    return Meeting(asking, servers, at=SERVER, delay=delay, cut=cut)


def answers(told: list[object]) -> dict[int, Response]:
    return {each.request: each for each in told if isinstance(each, Response)}


def test_many_streams_at_once() -> None:
    meeting = meet(client("/", "/bytes/300000", "/users", "/bytes/200001"))
    told = meeting.run()
    assert told[-1] == Done("")
    got = answers(told)
    assert [got[n].status for n in range(4)] == ["200"] * 4
    assert [len(got[n].body) for n in (1, 3)] == [300_000, 200_001]


def test_an_upload_larger_than_the_windows() -> None:
    body = random.Random(4).randbytes(400_000)
    told = meet(client(Request("POST", "/echo", (), body), codings=""), window=20_000).run()
    assert told[-1] == Done("")
    assert answers(told)[0].body == body


def test_pushed_where_it_is_allowed() -> None:
    meeting = meet(client("/", push=True))
    assert meeting.run()[-1] == Done("")
    assert "promised: GET /style.css" in meeting.said
    assert any(text.startswith("pushed: GET /style.css") for text in meeting.said)
    refused = meet(client("/"))
    assert refused.run()[-1] == Done("")
    assert not [text for text in refused.said if "push" in text or "promise" in text]


def test_goaway_finishes_what_was_looked_at() -> None:
    told = meet(client("/users", "/about", "/logo.svg"), goaway=2).run()
    assert set(answers(told)) == {0, 1}
    error = "The server goes away (NO_ERROR); not looked at, and safe to ask again: GET /logo.svg."
    assert told[-1] == Done(error)
