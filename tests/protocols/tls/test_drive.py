"""TLS around other endpoints: every kind of handshake, cut anywhere, read by our decoders."""

from __future__ import annotations

import datetime
import gc
import random
from collections.abc import Callable
from functools import cache, partial
from itertools import pairwise
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.x509.oid import NameOID
from frames import numbered, tshark_fields
from hypothesis import given, settings
from hypothesis import strategies as st
from meetings import SECOND, Meeting
from understood import records, summaries, understood

from wirestep.exchange.certificates import FROM, UNTIL, Authority, Identity, authority, self_signed
from wirestep.exchange.contract import (
    Abort,
    Done,
    End,
    Ended,
    Endpoint,
    Failed,
    Input,
    Output,
    Panel,
    Pause,
    Received,
    Request,
    Response,
    Resume,
    Say,
    Send,
    Started,
    Tell,
    WakeAt,
    Wish,
    Woken,
)
from wirestep.exchange.site import Site
from wirestep.model import Address, Message, Record, safe
from wirestep.protocols.http1 import drive as web
from wirestep.protocols.http1 import lab as pages
from wirestep.protocols.tls import drive, lab

PLACE = Address("203.0.113.80", 443)
MS = 1_000_000
Options = dict[str, object]


@cache
def root() -> Authority:
    return authority(random.Random(1))


@cache
def identity(kind: str = "good") -> Identity:
    chance, later = random.Random(kind), datetime.datetime(2098, 1, 1, tzinfo=datetime.UTC)
    sign = root().identity
    make: dict[str, Callable[[], Identity]] = {
        "good": partial(sign, ["lab.test", "203.0.113.80"], chance),
        "rsa": partial(sign, ["lab.test"], chance, "rsa"),
        "client": partial(sign, ["reader"], chance, client=True),
        "expired": partial(root().expired, ["lab.test"], chance),
        "other name": partial(sign, ["other.test", "*.other.test"], chance),
        "unknown root": partial(authority(random.Random(9)).identity, ["lab.test"], chance),
        "self-signed": partial(self_signed, ["lab.test"], chance),
        "not yet": partial(sign, ["lab.test"], chance, start=later, stop=UNTIL),
        "for clients": partial(sign, ["lab.test"], chance, client=True),
        "dangerous": partial(sign, ["x\x1b[2Jy.test"], chance),
        "odd": _odd,
    }
    return make[kind]()


def _odd() -> Identity:
    """A certificate whose names are of a kind that cryptography does not read (x400Address)."""
    key = ed25519.Ed25519PrivateKey.generate()
    names = x509.UnrecognizedExtension(x509.SubjectAlternativeName.oid, b"\x30\x02\xa3\x00")
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "odd")]))
        .issuer_name(root().certificate.subject)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(FROM)
        .not_valid_after(UNTIL)
        .add_extension(names, critical=False)
        .sign(root().key, None)
    )
    return Identity(made, key)


class World:
    """One server, and one client host that may remember."""

    def __init__(self, server: Options | None = None, who: str = "good") -> None:
        self.service = lab.Service(identity(who), server or {})
        self.site = Site()
        self.memory: dict[object, object] = {}
        self.serves = {"http/1.1": partial(pages.Server, self.site)}

    def meet(
        self,
        options: Options | None = None,
        requests: tuple[Request, ...] = (Request(),),
        *,
        host: str = "lab.test",
        offers: tuple[str, ...] = ("http/1.1",),
        delay: int = 0,
        cut: Callable[[bytes], list[bytes]] = lambda data: [data],
    ) -> Meeting:
        """A connection of the client to the server, over."""
        wish = Wish(host, requests, {"roots": root().pem, "memory": self.memory, **(options or {})})
        client = drive.around({alpn: partial(web.Client, wish) for alpn in offers}, wish)
        server = {("tcp", PLACE): lambda: lab.around(self.serves, self.service)}
        meeting = Meeting(client, server, at=PLACE, delay=delay, cut=cut)
        meeting.run()
        return meeting


def panels(meeting: Meeting) -> tuple[Panel, Panel]:
    """The client's TLS, and the server's."""
    assert meeting.client.peer is not None
    return meeting.client.endpoint.panels()[0], meeting.client.peer.endpoint.panels()[0]


def facts(panel: Panel) -> dict[str, str]:
    return {fact.name: fact.value for fact in panel.facts}


def since(panel: Panel) -> dict[str, int]:
    """When each state was entered, ms."""
    return {state: time // MS for state, time in panel.since}


def messages(meeting: Meeting, cuts: tuple[int, ...] = (1400,)) -> list[Message]:
    return understood(records(meeting, PLACE.port, cuts), meeting.secrets)


VARIANTS: dict[str, tuple[Options, Options, str]] = {
    "1.3": ({}, {}, "good"),
    "1.2": ({"versions": "1.2"}, {}, "good"),
    "1.1": ({"versions": "1.1"}, {"versions": "1.0-1.3"}, "rsa"),
    "1.0": ({"versions": "1.0"}, {"versions": "1.0"}, "rsa"),
    "1.2 ticket": ({"versions": "1.2"}, {"tickets": True}, "good"),
    "1.3 ticket": ({}, {"tickets": True}, "good"),
    "rsa exchange": ({}, {"versions": "1.2", "ciphers": "AES128-GCM-SHA256"}, "rsa"),
    "mutual": ({"identity": None}, {"client_roots": None}, "good"),
    "mutual 1.2": ({"identity": None, "versions": "1.2"}, {"client_roots": None}, "good"),
    "retried": ({}, {"groups": "P-384"}, "good"),
    "early": ({"early": True}, {"early": 16_384}, "good"),
    "ChaCha20": ({"ciphers": "TLS_CHACHA20_POLY1305_SHA256"}, {}, "good"),
    "large key": ({"groups": "X25519MLKEM768:X25519"}, {"groups": "X25519MLKEM768"}, "good"),
    "unchecked": ({"verify": False, "roots": None}, {}, "expired"),
}
variants = pytest.mark.parametrize("name", VARIANTS, ids=lambda name: name.replace(" ", "-"))


def variant(name: str) -> tuple[World, Options]:
    """Who meets, and the client's options."""
    client, server, who = VARIANTS[name]
    client, server = dict(client), dict(server)
    if "identity" in client:
        client["identity"], server["client_roots"] = identity("client"), root().pem
    return World(server, who), client


def pieces(step: int) -> Callable[[bytes], list[bytes]]:
    return lambda data: [data[at : at + step] for at in range(0, len(data), step)]


DAY = (Request(), Request(target="/bytes/40000"), Request("POST", "/echo", body=b"x" * 9000))


@variants
def test_what_is_inside_goes_through_and_is_read_again(name: str) -> None:
    """Two connections of each kind; our decoder opens both with their key logs."""
    world, options = variant(name)
    for _ in range(2):
        meeting = world.meet(options, DAY)
        assert meeting.told[-1] == Done("")
        assert [one.status for one in meeting.told[:-1] if isinstance(one, Response)] == ["200"] * 3
        read = messages(meeting)
        lines = summaries(read, "http")
        assert [line.split()[:2] for line in lines if line[0] in "GP"] == [
            [request.method, request.target] for request in DAY
        ]
        assert panels(meeting)[0].state == panels(meeting)[1].state == "closed"
        assert not [line for line in meeting.said if "TLS" in line]


@variants
@pytest.mark.parametrize("step", [1, 5, 99])
def test_any_cut_is_the_same(name: str, step: int) -> None:
    world, options = variant(name)
    cut = [world.meet(options, cut=pieces(step)) for _ in range(2)]
    world, options = variant(name)
    whole = [world.meet(options) for _ in range(2)]
    for one, other in zip(cut, whole, strict=True):
        assert one.told == other.told
        assert len(one.stream(one.client)) == len(other.stream(other.client))
        for mine, theirs in zip(panels(one), panels(other), strict=True):
            assert mine.facts == theirs.facts
            # A server may wait for Finished before it learns that early data comes.
            assert {state for state, _ in mine.since} == {state for state, _ in theirs.since}


@given(st.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None)
def test_any_pieces_are_the_same(chance: random.Random) -> None:
    def cut(data: bytes) -> list[bytes]:
        places = sorted(chance.sample(range(len(data)), min(5, len(data))))
        return [data[a:b] for a, b in pairwise([0, *places, len(data)]) if a < b]

    assert World().meet(cut=cut).told == World().meet().told


SIZED = [name for name in VARIANTS if VARIANTS[name][2] != "rsa" and name != "1.3 ticket"]


@pytest.mark.parametrize("name", SIZED, ids=lambda name: name.replace(" ", "-"))
def test_sizes_are_always_the_same(name: str) -> None:
    """OpenSSL draws its own numbers, but with Ed25519 nothing it writes varies in length."""

    def sizes() -> list[list[int]]:
        world, options = variant(name)
        meetings = [world.meet(options) for _ in range(2)]
        return [[len(data) for _, data in meeting.turns] for meeting in meetings]

    assert sizes() == sizes()


def test_round_trips_of_each_kind() -> None:
    """50 ms one way: TCP takes one round trip, TLS 1.3 one, 1.2 two, early data none (issue 5)."""

    def answered(meeting: Meeting) -> int:
        return meeting.told_at[0] // MS

    world = World({"early": 16_384})
    first = world.meet({"early": True}, delay=50 * MS)
    assert answered(first) == 300
    # ClientHello, the server's flight, Finished with the question, the answer, two close_notify.
    assert len(first.turns) == 6
    assert since(panels(first)[0]) == {
        "start": 100,
        "ClientHello sent": 100,
        "wait ServerHello": 100,
        **dict.fromkeys(("wait EncryptedExtensions", "wait Certificate"), 200),
        **dict.fromkeys(("wait CertificateVerify", "wait Finished", "connected"), 200),
        "close_notify sent": 300,
        "closed": 400,
    }
    again = world.meet({"early": True}, delay=50 * MS)
    assert answered(again) == 200
    assert answered(World().meet({"versions": "1.2"}, delay=50 * MS)) == 400
    assert answered(World({"groups": "P-384"}).meet(delay=50 * MS)) == 400
    world = World({"versions": "1.2"})
    assert [answered(world.meet(delay=50 * MS)) for _ in range(2)] == [400, 300]


FLIGHTS = {
    "1.3": [1, 2, 8, 11, 15, 20, 20, 4, 4],
    "mutual": [1, 2, 8, 13, 11, 15, 20, 11, 15, 20, 4, 4],
    "retried": [1, 2, 1, 2, 8, 11, 15, 20, 20, 4, 4],
    "1.3 ticket": [1, 2, 8, 11, 15, 20, 20, 4, 4],
    "1.2": [1, 2, 11, 12, 14, 16, 20, 20],
    "mutual 1.2": [1, 2, 11, 12, 13, 14, 11, 16, 15, 20, 20],
    "1.2 ticket": [1, 2, 11, 12, 14, 16, 20, 4, 20],
}
AGAIN = {
    "1.3": [1, 2, 8, 20, 20, 4],
    "early": [1, 2, 8, 20, 5, 20, 4],
    "1.2": [1, 2, 20, 20],
    "1.2 ticket": [1, 2, 20, 20],
}


@pytest.mark.tshark
def test_tshark_sees_the_messages_that_each_kind_is_made_of(tmp_path: Path) -> None:
    """Handshake types (RFC 8446 section 4), decrypted with the drivers' key logs, in order."""
    expected: list[tuple[str, list[int] | None]] = []
    packets, secrets = list[Record](), list[str]()
    for name in (*FLIGHTS, "early"):
        world, options = variant(name)
        for flights in (FLIGHTS, AGAIN):
            meeting = world.meet(options)
            packets += records(meeting, 4000 + len(expected))
            secrets += meeting.secrets
            expected.append((name, flights.get(name)))
    log = tmp_path / "keys"
    log.write_text("".join(f"{line}\n" for line in dict.fromkeys(secrets)))
    rows = tshark_fields(
        numbered(packets),
        ["tcp.stream", "tls.handshake.type", "http.response.code"],
        tmp_path,
        *("-o", f"tls.keylog_file:{log}", "-d", f"tcp.port==4000-{3999 + len(expected)},tls"),
    )
    for stream, (name, flight) in enumerate(expected):
        mine = [row for row in rows if row["tcp.stream"] == [str(stream)]]
        seen = [int(kind) for row in mine for kind in row["tls.handshake.type"]]
        assert flight is None or seen == flight, name
        assert [code for row in mine for code in row["http.response.code"]] == ["200"], name


def test_what_was_agreed_stands_on_the_panel() -> None:
    client, server = panels(World().meet())
    assert (client.title, server.title) == ("TLS 1.3", "TLS 1.3")
    assert facts(client) == {
        "server name": "lab.test",
        "cipher": "TLS_AES_256_GCM_SHA384",
        "group": "x25519",
        "session": "new",
        "ALPN": "http/1.1",
        "certificate": "CN=lab.test",
        "keys": "handshake, application",
    }
    assert {state for state, _ in client.since} >= set(client.states)
    assert [state for state, _ in server.since if state in server.states] == list(server.states)
    client, server = panels(World().meet({"versions": "1.2"}))
    assert (client.title, facts(client)["keys"]) == ("TLS 1.2", "master")
    assert [state for state, _ in client.since if state in client.states] == list(client.states)
    assert [state for state, _ in server.since if state in server.states] == list(server.states)
    mutual, wish = variant("mutual")
    assert facts(panels(mutual.meet(wish))[1])["certificate"] == "CN=reader"
    client, _ = panels(World({"groups": "P-384"}).meet())
    assert facts(client)["retried"].endswith("(HelloRetryRequest)")
    assert facts(client)["group"] == "secp384r1"


# going on


@pytest.mark.parametrize("name", ["1.3", "1.2", "1.3 ticket", "1.2 ticket", "mutual"])
def test_a_second_connection_goes_on(name: str) -> None:
    world, options = variant(name)
    sessions = [facts(panels(world.meet(options))[0])["session"] for _ in range(3)]
    assert sessions == ["new", "resumed", "resumed"]
    assert facts(panels(world.meet({**options, "resume": False}))[0])["session"] == "new"
    world.memory.clear()
    assert facts(panels(world.meet(options))[0])["session"] == "new"


def test_a_ticket_is_used_once() -> None:
    world = World()
    world.meet()
    (known,) = world.memory.values()
    assert isinstance(known, drive.client.Known)
    before = known.tickets["lab.test"]
    world.meet()
    assert known.tickets["lab.test"] is not before
    wish = Wish("lab.test", (), {"roots": root().pem, "memory": world.memory})
    drive.around({"http/1.1": Keeper}, wish)  # it is used up, whatever comes of it
    assert not known.tickets
    assert facts(panels(world.meet())[0])["session"] == "new"


def test_a_ticket_that_the_server_does_not_know_falls_back_to_a_full_handshake() -> None:
    world = World({"forget": True, "early": 16_384})
    world.meet({"early": True})
    stale = world.meet({"early": True}, delay=50 * MS)
    assert stale.told[-1] == Done("")
    assert facts(panels(stale)[0])["session"] == "new"
    assert "refused and sent again" in facts(panels(stale)[0])["early data"]
    assert "The server did not take the early data; it is sent again." in stale.said
    # What was said early cost nothing but its bytes: the answer is there when it would have been.
    assert stale.told_at[0] == 300 * MS
    # On the wire it stands twice, once as early data that only its sender can open.
    lines = [line.split()[0] for line in summaries(messages(stale), "http")]
    assert lines == ["GET", "GET", "HTTP/1.1"]


def test_early_data_that_is_sent_twice_is_taken_once() -> None:
    """An attacker's copy of a ticket: the second use is refused (RFC 8446 section 8)."""
    world = World({"early": 16_384})
    world.meet({"early": True})
    (known,) = world.memory.values()
    assert isinstance(known, drive.client.Known)
    ticket = known.tickets["lab.test"]
    post = Request("POST", "/users", (("content-type", "application/json"),), b'{"name": "x"}')
    results = []
    for _ in range(2):
        known.tickets["lab.test"] = ticket
        meeting = world.meet({"early": True}, (post,))
        results.append(facts(panels(meeting)[0])["early data"].partition("bytes, ")[2])
        assert meeting.told[-1] == Done("")
    assert results == ["taken by the server", "refused and sent again"]


def test_an_answer_to_early_data_may_be_long() -> None:
    world = World({"early": 16_384})
    world.meet({"early": True})
    told = world.meet({"early": True}, (Request(target="/bytes/300000"),)).told
    assert isinstance(told[0], Response)
    assert len(told[0].body) == 300_000
    assert told[-1] == Done("")


def test_what_has_no_room_as_early_data_waits() -> None:
    world = World({"early": 200})
    world.meet({"early": True})
    body = bytes(1000)
    meeting = world.meet({"early": True}, (Request("POST", "/echo", body=body),))
    assert isinstance(meeting.told[0], Response)
    assert meeting.told[0].body == body
    assert facts(panels(meeting)[0])["early data"] == "200 bytes, taken by the server"


# distrust


DISTRUST = {
    "expired": ("The certificate (CN=lab.test) expired on 2016-01-01.", 45),
    "not yet": ("The certificate (CN=lab.test) is valid only from 2098-01-01 on.", 42),
    "other name": ("The certificate is for other.test, *.other.test, not for lab.test.", 42),
    "unknown root": (
        "The certificate (CN=lab.test) is signed by CN=wirestep lab root, who is not trusted here.",
        48,
    ),
    "self-signed": (
        "The certificate (CN=lab.test) is signed by itself; nobody trusted vouches for it.",
        48,
    ),
    "for clients": ("(CN=lab.test) is not believed: unsuitable certificate purpose.", 43),
    "odd": ("The certificate (CN=odd) is not believed: hostname mismatch.", 42),
    "dangerous": ("The certificate is for x\\x1b[2Jy.test, not for lab.test.", 42),
}


@pytest.mark.parametrize("version", ["1.2", "1.3"])
@pytest.mark.parametrize("who", DISTRUST, ids=lambda who: who.replace(" ", "-"))
def test_a_certificate_that_is_not_in_order_is_refused(who: str, version: str) -> None:
    sentence, alert = DISTRUST[who]
    meeting = World({}, who).meet({"versions": version})
    assert len(meeting.told) == 1
    (done,) = meeting.told
    assert isinstance(done, Done)
    assert done.error.endswith(sentence)
    assert panels(meeting)[0].state == panels(meeting)[1].state == "failed"
    alerts = [
        field.value
        for message in messages(meeting)
        if message.root is not None
        for field in message.root.walk()
        if field.name == "tls.alert_message.desc"
    ]
    assert alerts == [alert]
    assert all(line == safe(line) for line in meeting.said)


def test_an_address_is_checked_against_addresses() -> None:
    assert World().meet(host="203.0.113.80").told[-1] == Done("")
    assert World().meet(host="203.0.113.80:8443").told[-1] == Done("")
    (done,) = World().meet(host="203.0.113.81").told
    assert done == Done("The certificate is for lab.test, 203.0.113.80, not for 203.0.113.81.")
    _, server = panels(World().meet(host="203.0.113.80"))
    assert "server name" not in facts(server)  # no address in SNI (RFC 6066 section 3)


def refusal(server: Options, client: Options, who: str = "good", **meet: object) -> tuple[str, str]:
    """What the client is told, and what the server says."""
    meeting = World(server, who).meet(client, **meet)  # type: ignore[arg-type]
    (done,) = meeting.told
    assert isinstance(done, Done)
    return done.error, " ".join(meeting.said)


def test_what_the_sides_do_not_have_in_common_is_told_of() -> None:
    error, said = refusal({"versions": "1.3"}, {"versions": "1.2"})
    assert error.startswith("The server broke off with the alert “Protocol Version”")
    assert "The two sides have no version of TLS in common." in said
    error, said = refusal({"groups": "P-384"}, {"groups": "X25519"})
    assert "Handshake Failure" in error
    assert "no key exchange group in common" in said
    error, said = refusal({"versions": "1.2"}, {"ciphers": "ECDHE-RSA-AES128-GCM-SHA256"})
    assert "no cipher suite in common" in said
    error, said = refusal({}, {}, offers=("h2", "spdy"))
    assert "none of the offered application protocols is spoken there" in error
    assert "The client offers h2, spdy, none of which is spoken here." in said
    error, said = refusal({"client_roots": root().pem}, {})
    assert "a client certificate is required" in error
    assert "The client sent no certificate." in said
    stranger = authority(random.Random(4)).identity(["x"], random.Random(4), client=True)
    error, said = refusal({"client_roots": root().pem}, {"identity": stranger})
    assert "Unknown CA" in error
    assert "The certificate (CN=x) is signed by CN=wirestep lab root, who is not trusted" in said


def test_who_offers_no_application_protocol_gets_the_last_one() -> None:
    meeting = World().meet(offers=("",))
    assert meeting.told[-1] == Done("")
    assert "ALPN" not in facts(panels(meeting)[0])


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"versions": "1.4"}, "versions: '1.4' is none of TLS 1.0, 1.1, 1.2, 1.3 nor a range"),
        ({"groups": "X26"}, "groups: OpenSSL does not know all of 'X26'"),
        ({"ciphers": "ROT13"}, "ciphers: OpenSSL does not know 'ROT13'"),
        ({"roots": b"x"}, "roots: this holds no certificate in PEM form"),
        ({"certificate": b"x"}, "certificate: this holds no certificate in PEM form"),
        ({"timeout": "soon"}, "timeout: 'soon' is no number"),
        ({"verify": "perhaps"}, "verify: 'perhaps' is neither yes nor no"),
        ({"server_name": "a..b"}, "'a..b' cannot be the name of a host"),
    ],
    ids=["versions", "groups", "ciphers", "roots", "certificate", "timeout", "verify", "name"],
)
def test_options_that_cannot_be_read_are_told_of(options: Options, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence.replace("(", r"\(")):
        World().meet(options)


def test_old_versions_need_another_kind_of_certificate() -> None:
    with pytest.raises(ValueError, match="need a certificate of kind ec or rsa"):
        World({"versions": "1.1-1.3"})


def test_a_key_of_somebody_else_is_told_of() -> None:
    shown, key = identity("client").certificate_pem, identity("good").key_pem
    with pytest.raises(ValueError, match="does not belong to the certificate"):
        World().meet({"certificate": shown, "key": key})


def test_a_certificate_and_its_key_in_pem_are_an_identity() -> None:
    who = identity("client")
    meeting = World({"client_roots": root().pem}).meet(
        {"certificate": who.certificate_pem, "key": who.key_pem}
    )
    assert meeting.told[-1] == Done("")


# ends that are no good, and what strangers send


class Keeper:
    """Somebody inside, who keeps what it is told, and says some things at first and when woken."""

    def __init__(self, *first: Output, woken: Output | None = None) -> None:
        self.events: list[Input] = []
        self._first, self._woken = list(first), [woken] if woken else []

    def handle(self, event: Input, now: int) -> list[Output]:
        self.events.append(event)
        if isinstance(event, Started):
            return self._first
        return self._woken if isinstance(event, Woken) else []

    def panels(self) -> tuple[Panel, ...]:
        return ()


class Pair:
    """Both ends in the hand, with somebody inside each; what they speak is called "x"."""

    def __init__(
        self,
        client: Endpoint,
        server: Endpoint,
        world: World | None = None,
        clients: dict[str, Endpoint] | None = None,
        speaks: str = "x",
    ) -> None:
        known = world or World()
        options = {"roots": root().pem, "memory": known.memory, "early": True}
        offers = clients or {"x": client}
        inner = {name: (lambda one=one: one) for name, one in offers.items()}
        self.client = drive.around(inner, Wish("lab.test", (), options))
        self.server = lab.around({speaks: lambda: server}, known.service)
        self.out: tuple[list[Output], list[Output]] = [], []

    def carry(self, now: int, to_client: list[Output], to_server: list[Output]) -> None:
        """Bring over what both want to send until they are quiet."""
        queue = [(self.client, one) for one in to_client] + [
            (self.server, one) for one in to_server
        ]
        while queue:
            target, output = queue.pop(0)
            if not isinstance(output, Send):
                continue
            other = self.server if target is self.client else self.client
            done = target.handle(Received(output.data), now)
            self.out[target is self.server].extend(done)
            queue += [(other, one) for one in done]

    def shake(self) -> None:
        self.server.handle(Started(), 0)
        self.carry(0, [], self.client.handle(Started(), 0))


def sealed(end: Endpoint, data: bytes) -> bytes:
    """A record of this end, which nobody inside it sent."""
    engine = getattr(end, "engine")  # noqa: B009
    engine.send(data)
    return bytes(engine.bio_read(1000))


def test_a_handshake_that_does_not_end_is_given_up() -> None:
    inner = Keeper()
    client = drive.around({"x": lambda: inner}, Wish("lab.test", (), {"roots": root().pem}))
    hello, alarm = client.handle(Started(), 5)
    assert isinstance(hello, Send)
    assert alarm == WakeAt(5 + 10 * SECOND, "TLS timeout")
    assert getattr(client, "timers")() == [("TLS timeout", 5 + 10 * SECOND)]  # noqa: B009
    outputs = client.handle(Woken(), 5 + 10 * SECOND)
    why = "The TLS handshake did not end within 10 s (wait ServerHello)."
    assert outputs == [Say(why), Abort()]
    assert inner.events == [Failed(why)]
    assert client.handle(Received(b"late"), 6 + 10 * SECOND) == []


def test_timers_inside_are_kept_beside_ours() -> None:
    inner = Keeper(WakeAt(30, "inner"), Send(b"hello"))
    both = Pair(inner, Keeper())
    both.shake()
    assert WakeAt(30, "inner") in both.out[0]
    assert WakeAt(None) in both.out[1]  # nobody waits for the handshake any more
    assert both.client.handle(Woken(), 30) == []
    assert inner.events[-1] == Woken()


@pytest.mark.parametrize("side", ["client", "server"])
def test_an_end_without_close_notify_is_not_taken_for_an_end(side: str) -> None:
    inner = Keeper(), Keeper()
    both = Pair(*inner)
    both.shake()
    end, keeper = (both.client, inner[0]) if side == "client" else (both.server, inner[1])
    outputs = end.handle(Ended(), 9)
    assert isinstance(outputs[-1], End)
    assert isinstance(keeper.events[-1], Failed)
    assert keeper.events[-1].reason.endswith("ended without close_notify: data may be missing.")


def test_close_notify_is_an_end() -> None:
    inner = Keeper(Send(b"all"), End()), Keeper()
    both = Pair(*inner)
    both.shake()
    assert inner[1].events[-2:] == [Received(b"all"), Ended()]
    assert End() in both.out[0]
    assert both.server.handle(Ended(), 9) == []
    assert inner[1].events[-1] == Ended()


def test_early_data_may_come_in_several_pieces_before_the_answer() -> None:
    world = World({"early": 16_384})
    Pair(Keeper(), Keeper(), world).shake()
    heard = Keeper()
    both = Pair(Keeper(WakeAt(3), Send(b"one "), woken=Send(b"two")), heard, world)
    both.server.handle(Started(), 0)
    first = both.client.handle(Started(), 0)
    then = both.client.handle(Woken(), 3)
    both.carry(5, [], [*first, *then])
    assert heard.events == [Started(), Received(b"one "), Received(b"two")]
    assert facts(both.client.panels()[0])["early data"] == "7 bytes, taken by the server"


def test_another_protocol_than_the_tickets_begins_anew() -> None:
    """Early data was said in one protocol, and the server now wants another."""
    world = World({"early": 16_384, "forget": True})
    Pair(Keeper(), Keeper(), world).shake()
    old, new, heard = Keeper(WakeAt(50), Send(b"said early")), Keeper(Send(b"new")), Keeper()
    both = Pair(old, heard, world, {"x": old, "y": new}, speaks="y")
    both.shake()
    assert old.events == new.events == [Started()]
    assert heard.events == [Started(), Received(b"new")]
    assert both.out[0][-1] == WakeAt(None)


def test_a_session_outlives_a_connection_that_broke() -> None:
    """Whenever Python forgets the connection: OpenSSL then forgets sessions that did not end."""
    world = World()
    for session in ("new", "resumed"):
        both = Pair(Keeper(), Keeper(), world)
        both.shake()
        assert facts(both.client.panels()[0])["session"] == session
        for end in (both.client, both.server):
            end.handle(Failed("reset"), 1)
        del both, end
        gc.collect()


def test_a_pause_holds_back_what_is_here_already() -> None:
    inner = Keeper(), Keeper(Pause(), WakeAt(30), woken=Resume())
    both = Pair(*inner)
    both.shake()
    assert Pause() in both.out[1]
    both.server.handle(Received(sealed(both.client, b"held back")), 1)
    assert inner[1].events == [Started()]
    assert Resume() in both.server.handle(Woken(), 30)
    assert inner[1].events == [Started(), Woken(), Received(b"held back")]


def test_a_way_that_fails_before_and_during_the_handshake() -> None:
    for started, why in (
        (False, "refused"),
        (True, "The connection was reset, during the TLS handshake (wait ServerHello)."),
    ):
        inner = Keeper()
        client = drive.around({"x": lambda inner=inner: inner}, Wish("lab.test"))  # type: ignore[misc]
        if started:
            client.handle(Started(), 0)
        client.handle(Failed("reset" if started else "refused"), 1)
        assert inner.events == [Failed(why)]


NOISE = [
    (b"HTTP/1.1 400 Bad Request\r\n\r\n", "What came is not TLS."),
    (b"220 mail.example ESMTP\r\n", "What came is not TLS."),
    (b"\x15\x03\x03\x00\x02\x02\x28", "The server broke off with the alert “Handshake Failure”"),
    (b"\x15\x03\x03\x00\x02\x02\x70", "The server broke off with the alert “Unrecognized Name”"),
]


@pytest.mark.parametrize(("noise", "sentence"), NOISE, ids=range(len(NOISE)))
def test_what_is_no_server_of_tls(noise: bytes, sentence: str) -> None:
    inner = Keeper()
    client = drive.around({"x": lambda: inner}, Wish("lab.test"))
    client.handle(Started(), 0)
    outputs = client.handle(Received(noise), 1)
    assert isinstance(inner.events[-1], Failed)
    assert inner.events[-1].reason.startswith(sentence)
    assert End() in outputs


def test_http_without_tls_is_known_by_the_server() -> None:
    server = lab.around({"x": Keeper}, identity())
    server.handle(Started(), 0)
    outputs = server.handle(Received(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 1)
    assert Say("What came is HTTP without TLS.") in outputs
    assert not [output for output in outputs if isinstance(output, Tell)]


def test_a_changed_record_breaks_the_connection() -> None:
    inner = Keeper(Send(b"hello")), Keeper()
    both = Pair(*inner)
    both.shake()
    record = bytearray(sealed(both.client, b"more"))
    record[-1] ^= 1
    outputs = both.server.handle(Received(bytes(record)), 1)
    assert Say("A record does not decrypt: it was changed on the way.") in outputs
    assert isinstance(inner[1].events[-1], Failed)


@given(st.binary(max_size=300), st.booleans(), st.integers(0, 400))
@settings(max_examples=150, deadline=None)
def test_nothing_that_comes_raises(noise: bytes, serving: bool, kept: int) -> None:
    """Noise, alone or in a place of a real flight."""
    both = Pair(Keeper(), Keeper())
    (hello, *_) = both.client.handle(Started(), 0)
    both.server.handle(Started(), 0)
    assert isinstance(hello, Send)
    if serving:
        both.server.handle(Received(hello.data[:kept] + noise), 1)
        both.server.handle(Ended(), 2)
    else:
        flight = b"".join(
            one.data for one in both.server.handle(Received(hello.data), 1) if isinstance(one, Send)
        )
        both.client.handle(Received(flight[:kept] + noise + flight[kept:]), 1)
        both.client.handle(Ended(), 2)
