"""HTTP/3 clients and the lab's server, inside QUIC, in virtual time."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest
from quic_pair import MS, Pair, losing, pair
from quic_peers import read

from wirestep.decode.secrets import Secrets
from wirestep.exchange.contract import Request, Response
from wirestep.exchange.site import Site
from wirestep.model import Message
from wirestep.protocols.http3.drive.link import Control


def decoded(done: Pair) -> list[Message]:
    return read(done.records(), Secrets("\n".join(done.secrets).encode()))


def values(messages: list[Message], name: str) -> list[Any]:
    return [
        field.value
        for message in messages
        for field in (message.root.walk() if message.root else ())
        if field.name == name
    ]


def headers(response: Response) -> dict[str, str]:
    return dict(response.headers)


def whole(response: Response) -> bool:
    """Whether the body is the one whose digest the server sent (RFC 9530)."""
    digest = base64.b64encode(hashlib.sha256(response.body).digest()).decode()
    return headers(response)["repr-digest"] == f"sha-256=:{digest}:"


def test_many_requests_share_a_connection() -> None:
    requests = tuple(Request(target=f"/bytes/{size}") for size in (0, 1, 1000, 50_000, 200_000))
    done = pair(*requests, Request("HEAD"), Request(target="/nothing")).run()
    assert done.error == ""
    answers = sorted(done.responses, key=lambda one: one.request)
    assert [one.status for one in answers] == ["200"] * 6 + ["404"]
    assert [len(one.body) for one in answers[:6]] == [0, 1, 1000, 50_000, 200_000, 0]
    assert all(whole(one) for one in answers[1:5])


def test_what_is_sent_comes_back() -> None:
    body = bytes(range(256)) * 300
    fields = (("Content-Type", "application/x-test"), ("Connection", "close"), ("Host", "x.test"))
    (answer,) = pair(Request("POST", "/echo", fields, body)).run().responses
    assert answer.body == body
    assert headers(answer)["content-type"] == "application/x-test"


def test_the_api_is_the_sites() -> None:
    done = pair(
        Request("POST", "/users", (("content-type", "application/json"),), b'{"name": "Zoe"}'),
        Request(target="/users", headers=(("accept-encoding", "identity"),)),
        Request("DELETE", "/users"),
        options={"in_turn": True},
    ).run()
    assert [one.status for one in done.responses] == ["201", "200", "405"]
    assert b"Zoe" in done.responses[1].body


def test_all_at_once_or_in_turn() -> None:
    requests = tuple(Request(target=f"/slow?ms={ms}") for ms in (300, 200, 100))
    at_once = pair(*requests).run()
    assert [
        (time // MS, one.request) for time, one in at_once.told if isinstance(one, Response)
    ] == [
        (300, 2),
        (400, 1),
        (500, 0),
    ]
    in_turn = pair(*requests, options={"in_turn": True}).run()
    assert [one.request for one in in_turn.responses] == [0, 1, 2]
    assert in_turn.at(Response) == 500


def test_parts_come_at_their_times() -> None:
    done = pair(Request(target="/events")).run()
    data = [time // MS for time, one in done.told if isinstance(one, Response)]
    assert data == [200 + 4 * 200]


def test_more_requests_than_streams() -> None:
    """128 streams are allowed at first; the others wait for MAX_STREAMS."""
    done = pair(*(Request(target=f"/bytes/{n}") for n in range(300))).run()
    assert done.error == ""
    assert sorted(len(one.body) for one in done.responses) == list(range(300))


def test_pushes() -> None:
    done = pair(serve={"push": True}).run()
    assert done.error == ""
    pages = Site(1).respond(Request()).pushes
    assert [f"the server promises {path}" in done.said for path in pages] == [True] * len(pages)
    stayed = pair(serve={"push": True}, options={"stay": 1}).run()
    assert sum(text.startswith("pushed: ") for text in stayed.said) == len(pages)
    assert values(decoded(stayed), "http3.push_id")[: len(pages)] == list(range(len(pages)))


def test_goaway() -> None:
    requests = tuple(Request(target=f"/bytes/{size}") for size in (10, 20, 30))
    done = pair(*requests, serve={"goaway": 2}, options={"in_turn": True}).run()
    assert [len(one.body) for one in done.responses] == [10, 20]
    assert done.error == "The server sent GOAWAY: it takes no more requests."
    assert any("GOAWAY" in message.brief for message in decoded(done))
    facts = {fact.name: fact.value for panel in done.client.panels() for fact in panel.facts}
    assert facts["GOAWAY"] == "nothing from stream 8 on"


def test_a_control_stream_is_read_however_it_is_cut() -> None:
    """Its type, a frame that is too long to be of use, GOAWAY, and the beginning of another."""
    stream = (
        bytes.fromhex("00") + b"\x21\x41\x00" + bytes(256) + bytes.fromhex("07024abc") + b"\x21"
    )
    for cut in range(len(stream)):
        control = Control()
        found = [*control.frames(stream[:cut]), *control.frames(stream[cut:])]
        assert found == [(7, bytes.fromhex("4abc"))]


def test_a_request_that_is_rejected() -> None:
    done = pair(Request(target="/about"), serve={"refuse": 1}).run()
    assert done.error == "The server gave GET /about up (H3_REQUEST_REJECTED)."


def test_a_request_that_is_broken_off() -> None:
    done = pair(
        Request(target="/bytes/500000"), Request(), options={"cancel": 5000, "stay": 1}
    ).run()
    assert done.error == ""
    first, second = sorted(done.responses, key=lambda one: one.request)
    assert 5000 <= len(first.body) < 500_000
    assert second.status == "200"
    assert "GET /bytes/500000: broken off by the client (H3_REQUEST_CANCELLED)" in done.said
    assert sum(len(one.data) for one in done.sent) < 400_000


def test_a_connection_that_stays_times_out_without_an_error() -> None:
    done = pair(options={"stay": 60, "idle_timeout": 3}).run()
    assert done.error == ""
    assert 3000 * MS < done.now < 4000 * MS


def test_a_body_that_is_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wirestep.protocols.http3.lab.serve.MOST_BODY", 10_000)
    (answer,) = pair(Request("POST", "/echo", (), bytes(30_000))).run().responses
    assert answer.status == "413"


@pytest.mark.parametrize("seed", range(5))
def test_streams_do_not_wait_for_each_other(seed: int) -> None:
    """Loss and many streams; what is heard is what was said, field by field."""
    sizes = [3000 * n for n in range(1, 7)]
    requests = tuple(Request(target=f"/bytes/{size}") for size in sizes)
    done = pair(*requests, seed=seed, lose=losing(0.03, seed)).run()
    assert done.error == ""
    assert all(whole(one) for one in done.responses)
    messages = decoded(done)
    assert values(messages, "http3.headers.status") == [200] * len(sizes)
    said = [m.brief for m in messages if m.protocol == "http3"]
    assert sum(brief.startswith("200 OK") for brief in said) == len(sizes)


def test_the_state_of_streams_is_seen() -> None:
    done = pair(Request(target="/slow?ms=1000"), Request(target="/about"))
    done.run(until=500 * MS)
    for end, state in ((done.client, "half-closed"), (done.server, "half-closed")):
        titles = {panel.title: panel for panel in end.panels()}
        assert titles["HTTP/3 stream 0"].state == state
        assert titles["HTTP/3 stream 4"].state == "closed"
        facts = {fact.name: fact.value for fact in titles["HTTP/3"].facts}
        assert facts["streams"] == "1 open of 2"
        assert "QPACK_MAX_TABLE_CAPACITY 4,096" in facts["their settings"]


@pytest.mark.parametrize("options", [{"cancel": "x"}, {"in_turn": "maybe"}, {"stay": -1}])
def test_options_that_cannot_be_are_told(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        pair(options=options).run()
