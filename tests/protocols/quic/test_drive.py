"""QUIC clients and servers of the lab, in virtual time, and what our decoder reads of them."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest
from aioquic.quic.connection import QuicConnection
from aioquic.quic.crypto import CryptoPair
from quic_pair import HOST, IDENTITY, MS, ROOT, Datagram, Pair, losing, pair
from quic_peers import read

from wirestep.decode.engine import Engine
from wirestep.decode.secrets import Secrets
from wirestep.exchange.certificates import authority, self_signed
from wirestep.exchange.contract import (
    End,
    Endpoint,
    Failed,
    Input,
    Output,
    Received,
    Request,
    Response,
    Send,
    Started,
    Tell,
    WakeAt,
    Wish,
)
from wirestep.model import Address, Message
from wirestep.protocols import REGISTRY
from wirestep.protocols.quic import drive, lab
from wirestep.protocols.quic.drive import Tickets

THREE = (Request(), Request(target="/users"), Request(target="/about"))
UNKNOWN = 0x1A2A3A4A
Options = dict[str, Any]


def decoded(done: Pair) -> list[Message]:
    return read(done.records(), Secrets("\n".join(done.secrets).encode()))


def faults(messages: list[Message]) -> list[str]:
    """What is not decrypted, and every note that says something is wrong."""
    found = []
    for message in messages:
        for field in message.root.walk() if message.root else ():
            if field.name == "quic.decryption" and not str(field.value).startswith("decrypted"):
                found.append(str(field.value))
            found += [note.text for note in field.notes if note.level in ("broken", "bug")]
    return found


def kinds(messages: list[Message]) -> Counter[str]:
    """How many packets of each kind."""
    briefs = [message.brief for message in messages if message.protocol == "quic"]
    return Counter(brief.partition("[")[0] for brief in briefs)


def acquainted() -> tuple[Tickets, Tickets]:
    """The tickets of a client and a server that met before, when the clock stood as now."""
    client, server = Tickets(), Tickets()
    pair(seed=99, options={"tickets": client}, serve={"tickets": server}).run()
    return client, server


def test_one_request_takes_two_round_trips() -> None:
    """One for the handshake, one for the request."""
    done = pair(delay=140 * MS).run()
    assert done.at(Response) == 560
    assert [one.status for one in done.responses] == ["200"]
    assert done.error == ""
    assert not faults(decoded(done))


def test_early_data_takes_one() -> None:
    client, server = acquainted()
    done = pair(
        *THREE,
        delay=140 * MS,
        options={"tickets": client, "early_data": True},
        serve={"tickets": server},
    ).run()
    assert done.at(Response) == 280
    assert len(done.responses) == 3
    assert done.error == ""
    assert "QUIC handshake complete, resumed, early data accepted" in done.said
    assert sum(b == "CLIENT_EARLY_TRAFFIC_SECRET" for b in map(_label, done.secrets)) == 1
    messages = decoded(done)
    assert not faults(messages)
    assert any("0-RTT" in message.brief for message in messages)


def _label(line: str) -> str:
    return line.split()[0]


def test_a_stale_ticket_costs_the_round_trip_but_no_request() -> None:
    client, server = acquainted()
    server.forget()
    done = pair(
        *THREE, options={"tickets": client, "early_data": True}, serve={"tickets": server}
    ).run()
    assert done.at(Response) == 200
    assert len(done.responses) == 3
    assert done.said.count("QUIC handshake complete") == 2
    assert not faults(decoded(done))


def test_early_data_survives_a_retry() -> None:
    client, server = acquainted()
    done = pair(
        *THREE,
        options={"tickets": client, "early_data": True},
        serve={"tickets": server, "retry": True},
    ).run()
    assert done.at(Response) == 200
    assert len(done.responses) == 3
    assert not faults(decoded(done))


def test_a_ticket_resumes_without_early_data() -> None:
    client, server = acquainted()
    done = pair(options={"tickets": client}, serve={"tickets": server}).run()
    assert "QUIC handshake complete, resumed" in done.said
    assert not any("0-RTT" in message.brief for message in decoded(done))


def test_retry_costs_one_round_trip() -> None:
    done = pair(serve={"retry": True}).run()
    assert done.at(Response) == 300
    messages = decoded(done)
    assert not faults(messages)
    assert kinds(messages)["Retry"] == 1


def test_a_token_of_another_server_is_refused() -> None:
    """The second server has another key, as after a new start (RFC 9000 section 8.1.3)."""
    one = pair(serve={"retry": True}).run()
    other = lab.around({"h3": lambda: None}, IDENTITY, random.Random(9), {"retry": True})  # type: ignore[dict-item,return-value]
    with_token = next(d for d in one.sent[2:] if d.side == 0)
    out = other.handle(Received(with_token.data, with_token.source), 0)
    (send,) = [wish for wish in out if isinstance(wish, Send)]
    answer = Pair(one.client, other)
    answer.sent = [
        *one.sent[:3],
        type(with_token)(1, 1, one.sent[1].source, one.sent[1].target, send.data),
    ]
    assert any("INVALID_TOKEN" in message.brief + _text(message) for message in decoded(answer))


def _text(message: Message) -> str:
    return (
        " ".join(note.text for field in message.root.walk() for note in field.notes)
        if message.root
        else ""
    )


@pytest.mark.parametrize(
    ("client", "server", "time", "version"),
    [
        pytest.param({"quic_version": 2}, {}, 200, "2", id="v2"),
        pytest.param({"quic_versions": [2, 1]}, {}, 200, "2", id="v1-to-v2"),
        pytest.param({"quic_version": UNKNOWN}, {}, 300, "1", id="unknown"),
        pytest.param(
            {"quic_version": hex(UNKNOWN), "quic_versions": "2,1"}, {}, 300, "2", id="text"
        ),
        pytest.param({"quic_versions": [1, 2]}, {"quic_versions": [2]}, 300, "2", id="server-v2"),
    ],
)
def test_versions_are_agreed_on(client: Options, server: Options, time: int, version: str) -> None:
    """Compatible negotiation is free, a Version Negotiation packet costs a round trip."""
    done = pair(options=client, serve=server).run()
    assert done.at(Response) == time
    assert done.error == ""
    facts = {fact.name: fact.value for fact in done.client.panels()[0].facts}
    assert facts["version"] == version
    messages = decoded(done)
    assert not faults(messages)
    assert kinds(messages)["Version Negotiation"] == (time == 300)


def test_no_version_in_common_is_said() -> None:
    done = pair(options={"quic_version": UNKNOWN, "quic_versions": [0x2A2A2A2A]}).run()
    assert done.error == "lab.test speaks no version of QUIC that was offered."


@pytest.mark.parametrize("deed", ["migrate", "rebind", "key_update", "new_cid"])
def test_a_connection_goes_on(deed: str) -> None:
    done = pair(*THREE, options={"in_turn": True, deed: 1}).run()
    assert done.error == ""
    assert [one.request for one in done.responses] == [0, 1, 2]
    ports = {one.source.port for one in done.sent if one.side == 0}
    assert len(ports) == 1 + (deed in ("migrate", "rebind"))


def test_key_updates_are_followed() -> None:
    done = pair(*THREE, options={"in_turn": True, "key_update": 1}).run()
    messages = decoded(done)
    assert not faults(messages)
    phases = [
        field.value
        for message in messages
        for field in (message.root.walk() if message.root else ())
        if field.name == "quic.key_phase"
    ]
    assert set(phases) == {0, 1}


@pytest.mark.parametrize("deed", ["migrate", "rebind"])
def test_a_new_path_is_validated(deed: str) -> None:
    """The server asks from the new port, and goes on there (RFC 9000 section 8.2)."""
    done = pair(*THREE, options={"in_turn": True, deed: 1}).run()
    assert "the client is now at 192.0.2.17:50001" in done.said
    moved = next(n for n, one in enumerate(done.sent) if one.source.port == 50001)
    assert done.sent[-1].side == 0
    assert {one.target.port for one in done.sent[moved + 2 :] if one.side} == {50001}


@pytest.mark.parametrize("seed", [9, 18, 24, 30, 31, 39])
def test_a_proof_that_is_lost_is_asked_for_again(seed: int) -> None:
    """Of the datagrams after the move a quarter is lost, among them challenges and answers."""
    chance, moved = random.Random(seed), False

    def lose(number: int, one: Datagram) -> bool:
        nonlocal moved
        moved = moved or one.source.port == 50001
        return moved and chance.random() < 0.25

    requests = (Request(), Request(target="/style.css"), Request(target="/app.js"))
    done = pair(*requests, seed=seed, options={"in_turn": True, "migrate": 1}, lose=lose).run()
    assert done.error == ""


@pytest.mark.parametrize("deed", ["migrate", "rebind"])
def test_a_connection_that_moved_is_read_as_one(deed: str) -> None:
    """On the new path nothing says that it is QUIC but a connection id that is known."""
    done = pair(*THREE, options={"in_turn": True, deed: 1}).run()
    messages = decoded(done)
    assert not faults(messages)
    packets = [message for message in messages if message.protocol == "quic"]
    assert len(packets) >= len(done.sent)
    assert {message.flow for message in packets} == {packets[0].flow}
    assert {message.sender for message in packets} == {one.source for one in done.sent}
    frames = [
        field.value
        for message in packets
        for field in (message.root.walk() if message.root else ())
        if field.name == "quic.frame_type"
    ]
    assert frames.count(0x1A) == frames.count(0x1B) == 1
    streams = {message.flow for message in messages if message.protocol == "http3"}
    assert len(streams) == 1
    replayed = Engine(REGISTRY, Secrets("\n".join(done.secrets).encode()))
    briefs = []
    for record in done.records():  # from a checkpoint before each record
        replayed = replayed.copy()
        briefs += [message.brief for message in replayed.feed(record)]
    assert briefs == [message.brief for message in messages]


def test_a_server_that_forgets_resets() -> None:
    done = pair(*THREE, options={"in_turn": True}, serve={"forget_after": 0.12}).run()
    assert done.error.startswith("lab.test has forgotten this connection (stateless reset)")
    assert "knows no such connection: resets it" in done.said
    assert done.at(Response) == 200
    assert done.told[-1][0] == 300 * MS


def test_a_server_may_close() -> None:
    done = pair(
        Request(target="/slow?ms=5000"),
        serve={"close_after": 1, "close_code": 0x102, "close_reason": "tea time\x1b"},
    ).run()
    assert done.error == "The connection was closed with application code 0x102 (tea time\\x1b)."


def test_silence_ends_it() -> None:
    assert pair(lose=lambda number, one: one.side == 1).run().error == (
        "lab.test did not answer. UDP may be blocked on the way."
    )
    quiet = pair(Request(target="/slow?ms=50000"), options={"idle_timeout": 5}).run()
    assert quiet.error == "Nothing was heard from lab.test any more: the connection timed out."


@pytest.mark.parametrize("seed", range(20))
def test_whatever_is_lost_the_content_is_whole(seed: int) -> None:
    requests = (Request(target="/"), Request(target="/bytes/20000"), Request(target="/users"))
    done = pair(*requests, seed=seed, lose=losing(0.05, seed)).run()
    assert done.error == ""
    sizes = {one.request: len(one.body) for one in done.responses}
    assert sorted(sizes) == [0, 1, 2]
    assert sizes[1] == 20000
    assert not faults(decoded(done))


chance = random.Random(4)
CERTIFICATES = {
    "expired": (ROOT.expired([HOST], chance), "the certificate of lab.test has expired"),
    "wrong-name": (
        ROOT.identity(["other.test", "third.test"], chance),
        "the certificate is for other.test, third.test, not for lab.test",
    ),
    "unknown-root": (
        authority(chance).identity([HOST], chance),
        "nobody we trust signed the certificate of lab.test",
    ),
    "self-signed": (
        self_signed([HOST], chance),
        "the certificate of lab.test is signed by nobody but itself",
    ),
}


@pytest.mark.parametrize("name", CERTIFICATES)
def test_a_certificate_is_checked(name: str) -> None:
    identity, said = CERTIFICATES[name]
    assert pair(serve={"identity": identity}).run().error == f"The handshake failed: {said}."
    assert pair(serve={"identity": identity}, options={"verify": "no"}).run().error == ""


def test_no_application_in_common_is_said() -> None:
    done = pair(inner={"other": lambda: None}).run()  # type: ignore[dict-item,return-value]
    assert done.error.startswith("The handshake failed: lab.test speaks none of the protocols")


def test_what_the_system_says_of_the_way_is_told() -> None:
    client = drive.around({}, Wish("lab.test"), random.Random(1))
    client.handle(Started(), 0)
    out = client.handle(Failed("refused"), 5)
    assert [wish.value.error for wish in out if isinstance(wish, Tell)] == [  # type: ignore[attr-defined]
        "lab.test refuses: nothing listens on this UDP port."
    ]
    assert out[1:] == [WakeAt(None), End()]


@pytest.mark.parametrize(
    "options",
    [
        {"quic_version": "three"},
        {"quic_version": 0},
        {"idle_timeout": "soon"},
        {"congestion": "bbr"},
        {"migrate": "x"},
        {"verify": "perhaps"},
    ],
    ids=lambda options: next(iter(options)),
)
def test_options_that_cannot_be_are_told_at_once(options: Options) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        drive.around({}, Wish("lab.test", options=options), random.Random(1))


def test_a_server_bears_anything() -> None:
    """Noise, and pieces of a real exchange that are damaged, cut and mixed up."""
    chance = random.Random(11)
    sent = pair(*THREE).run().sent
    server = pair(serve={"retry": False}).server
    for number in range(300):
        data = bytearray(chance.choice(sent).data)
        for _ in range(chance.randrange(4)):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        data = data[: chance.randrange(1, len(data) + 1)] if chance.random() < 0.3 else data
        out = server.handle(Received(bytes(data), Address("192.0.2.9", 1000 + number)), number)
        assert sum(len(wish.data) for wish in out if isinstance(wish, Send)) <= 3 * max(
            len(data), 1200
        )
    server.handle(Received(b""), 400)
    server.handle(Received(chance.randbytes(1200)), 400)


@pytest.mark.parametrize("evil", [0, 1], ids=["client", "server"])
def test_a_peer_that_says_anything_is_borne(evil: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Packets whose content is damaged before it is protected: nothing raises, all runs end."""
    protect, chance = CryptoPair.encrypt_packet, random.Random(5)
    speaking = 0

    def damaged(self: CryptoPair, header: bytes, plain: bytes, number: int) -> bytes:
        if speaking == evil and chance.random() < 0.3:
            changed = bytearray(plain)
            changed[chance.randrange(min(len(plain), 400))] = chance.randrange(256)
            plain = bytes(changed)
        return protect(self, header, plain, number)

    class Speaker:
        def __init__(self, end: Endpoint, side: int) -> None:
            self.end, self.side, self.panels = end, side, end.panels

        def handle(self, event: Input, now: int) -> list[Output]:
            nonlocal speaking
            speaking = self.side
            return self.end.handle(event, now)

    monkeypatch.setattr(CryptoPair, "encrypt_packet", damaged)
    ends = Counter[bool]()
    for seed in range(40):
        done = pair(*THREE, seed=seed, options={"idle_timeout": 5}, serve={"idle_timeout": 5})
        done.client, done.server = Speaker(done.client, 0), Speaker(done.server, 1)
        ends[done.run().error == ""] += 1
        assert done.client.panels()
        done.server.panels()
    assert ends[False] > 5


def test_what_aioquic_is_not_prepared_for_closes_the_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def surprised(*given: object) -> None:
        raise KeyError("surprise")

    done = pair()
    monkeypatch.setattr(QuicConnection, "_handle_crypto_frame", surprised)
    assert "INTERNAL_ERROR (KeyError: 'surprise')" in done.run().error


def test_what_is_seen_of_a_connection() -> None:
    done = pair(delay=50 * MS)
    done.run(until=160 * MS)
    panels = done.client.panels()
    assert [panel.title for panel in panels] == ["QUIC", "HTTP/3", "HTTP/3 stream 0"]
    quic = panels[0]
    assert quic.state == "complete"
    assert dict(quic.since) == {"first flight": 0, "complete": 100 * MS}
    facts = {fact.name: fact.value for fact in quic.facts}
    assert facts["ALPN"] == "h3"
    assert facts["Initial"] == "discarded"
    assert facts["srtt"] == "100.0 ms"
    assert "unacknowledged" in facts["1-RTT"]
    names = [name for name, _ in done.client.timers()]  # type: ignore[attr-defined]
    assert names[-1] == "idle timeout"
    assert "PTO" in names
