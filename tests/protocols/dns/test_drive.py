"""Who asks and who answers DNS: events in, outputs out, and what our decoder reads of it."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial

import dns.message
import dns.rcode
import dns.rrset
import pytest
from meetings import SECOND, Meeting

from wirestep.exchange.contract import (
    Done,
    End,
    Ended,
    Endpoint,
    Failed,
    Open,
    Output,
    Panel,
    Received,
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
Servers = dict[tuple[Transport, Address], Callable[[], Endpoint]]


@cache
def zones(*names: str) -> lab.Holdings:
    """Read once for all tests: zones never change."""
    return lab.material({"zones": names})


def authority(**options: object) -> Endpoint:
    held = zones("lab", "other") if "zone" not in options else lab.material(options)
    if "zones" in options or "addresses" in options:
        held = lab.material(options)
    return lab.SERVERS["authority"](held, random.Random(2), options)


def stub(*targets: str, kind: str = "udp", seed: int = 1, **options: object) -> Endpoint:
    requests = tuple(Request(target=target) for target in targets)
    return drive.CLIENTS[kind](Wish("ns", requests, dict(options)), random.Random(seed))


def meet(client: Endpoint, transport: Transport = "udp", **options: object) -> Meeting:
    """The client and an authoritative server."""
    servers: Servers = {("udp", SERVER): partial(authority, **options)}
    servers["tcp", SERVER] = servers["udp", SERVER]
    return Meeting(client, servers, at=SERVER, transport=transport)


def said(meeting: Meeting) -> list[str]:
    """The messages, as our decoder reads them, without their ids."""
    found = [each.summary for each in meeting.read(53) if each.protocol == "dns"]
    return [" ".join(word for word in text.split() if word[:2] != "0x") for text in found]


def answered(told: list[object]) -> list[Response]:
    return [each for each in told if isinstance(each, Response)]


# A stub resolver


def test_both_addresses_are_asked_for_at_once() -> None:
    meeting = meet(stub("www.lab.test", type="A+AAAA"))
    told = meeting.run()
    values = b"203.0.113.80\n2001:db8:113::80"
    headers = (
        ("www.lab.test 300 A", "203.0.113.80"),
        ("www.lab.test 300 AAAA", "2001:db8:113::80"),
    )
    assert told == [Response(0, "NOERROR", headers, values), Done("")]
    assert said(meeting) == [
        "Standard query A www.lab.test OPT",
        "Standard query AAAA www.lab.test OPT",
        "Standard query response A www.lab.test A 203.0.113.80 OPT",
        "Standard query response AAAA www.lab.test AAAA 2001:db8:113::80 OPT",
    ]
    ids = [data[:2] for _, _, data in meeting.log]
    assert ids[0] != ids[1], "two questions under way have two ids"


def test_asked_again_after_five_seconds_and_then_given_up() -> None:
    client = stub("www.lab.test")
    first = client.handle(Started(CLIENT, SERVER), 0)
    assert isinstance(first[0], Send)
    assert first[1] == WakeAt(5 * SECOND, "ask again")
    again = client.handle(Woken(), 5 * SECOND)
    assert again[1:] == [first[0], WakeAt(10 * SECOND, "ask again")]
    last = client.handle(Woken(), 10 * SECOND)
    error = "no answer from 203.0.113.53:53 to 2 tries within 10 s"
    assert last == [WakeAt(None), Tell(None, Done(error)), End()]
    assert client.handle(Woken(), 11 * SECOND) == []


def test_of_two_questions_only_the_unanswered_one_is_asked_again() -> None:
    meeting = meet(stub("www.lab.test", type="A+AAAA"))
    meeting._drop = lambda place, data: place == 2
    assert meeting.run()[-1] == Done("")
    assert said(meeting)[1] == said(meeting)[3] == "Standard query AAAA www.lab.test OPT"
    assert meeting.told_at == [5 * SECOND] * 2


def test_ids_are_drawn_anew() -> None:
    drawn = set()
    for seed in range(50):
        for each in stub("www.lab.test", seed=seed, type="A+AAAA").handle(Started(None, SERVER), 0):
            if isinstance(each, Send):
                drawn.add(each.data[:2])
    assert len(drawn) > 95


def reply_to(query: bytes, name: str = "www.lab.test.", ident: int | None = None) -> bytes:
    message = dns.message.make_response(dns.message.from_wire(query))
    message.id = message.id if ident is None else ident
    message.question = [dns.rrset.RRset(dns.name.from_text(name), dns.rdataclass.IN, 1)]
    message.answer = [dns.rrset.from_text(name, 9, "IN", "A", "192.0.2.66")]
    return message.to_wire()


def test_what_nobody_asked_for_is_left_alone() -> None:
    """Neither another id, nor another question, nor a question, nor no DNS (RFC 5452 9.1)."""
    client = stub("www.lab.test")
    query = client.handle(Started(CLIENT, SERVER), 0)[0].data  # type: ignore[union-attr]
    other = (int.from_bytes(query[:2], "big") + 1) % 0x10000
    for data in (
        reply_to(query, ident=other),
        reply_to(query, "evil.test."),
        query,
        b"",
        b"\0" * 9,
    ):
        outputs = client.handle(Received(data, SERVER), 1)
        assert not [each for each in outputs if not hasattr(each, "text")], data
    told = client.handle(Received(reply_to(query), SERVER), 2)
    assert any(isinstance(each, Tell) and isinstance(each.value, Response) for each in told)


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("refused", "203.0.113.53:53 refuses: nobody answers DNS there"),
        ("unreachable", "203.0.113.53:53 is unreachable"),
        ("The cable is cut.", "The cable is cut."),
    ],
)
def test_why_it_failed(reason: str, sentence: str) -> None:
    client = stub("www.lab.test")
    client.handle(Started(CLIENT, SERVER), 0)
    assert Tell(None, Done(sentence)) in client.handle(Failed(reason), 1)
    never = stub("www.lab.test")
    assert [type(each) for each in never.handle(Failed(reason), 1)] == [Tell, End]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"edns": "many"}, "edns: 'many' is no number"),
        ({"timeout": -1}, "timeout: -1 is no number"),
        ({"recurse": "perhaps"}, "recurse: 'perhaps' is neither yes nor no"),
        ({"attempts": 1.5}, "attempts: 1.5 is no whole number"),
        ({"type": 5}, "type: 5 is no text"),
        ({"type": "AAAAA"}, "'AAAAA' is no type of DNS records"),
    ],
)
def test_options_that_cannot_be_read(options: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        stub("www.lab.test", **options)


@pytest.mark.parametrize(
    ("target", "options", "start"),
    [
        ("www..lab", {}, "'www..lab' is no domain name: "),
        ("a" * 64, {}, f"'{'a' * 64}' is no domain name: "),
    ],
)
def test_what_cannot_be_asked(target: str, options: dict[str, object], start: str) -> None:
    (done,) = meet(stub(target, **options)).run()
    assert isinstance(done, Done)
    assert done.error.startswith(start)


def test_edns_and_flags_as_asked() -> None:
    first = stub("lab.test", edns=0, recurse=False).handle(Started(CLIENT, SERVER), 0)[0]
    assert isinstance(first, Send)
    assert first.data[2:12] == struct.pack("!HHHHH", 0, 1, 0, 0, 0)
    second = stub("lab.test", edns=4096, dnssec=True).handle(Started(CLIENT, SERVER), 0)[0]
    assert isinstance(second, Send)
    assert second.data[2:12] == struct.pack("!HHHHH", 0x0100, 1, 0, 0, 1)
    assert second.data[-11:] == struct.pack("!BHHBBHH", 0, 41, 4096, 0, 0, 0x8000, 0)


# Truncation, and streams


def test_a_cut_answer_is_asked_for_again_over_tcp() -> None:
    meeting = meet(stub("big.lab.test", type="TXT"))
    told = meeting.run()
    assert len(answered(told)[0].headers) == 24
    assert told[-1] == Done("")
    assert [party.transport for party in meeting.parties] == ["udp", "tcp"]
    assert meeting.log[1][2][2] & 0x02, "TC"
    assert len(meeting.log[1][2]) < 1232
    said(meeting)


def test_without_tcp_the_cut_answer_is_what_there_is() -> None:
    told = meet(stub("big.lab.test", **{"type": "TXT", "tcp-fallback": "no"})).run()
    assert told == [Response(0, "NOERROR"), Done("")]


SIZES = (300, 440, 460, 480, 820, 850, 880, 1150, 1180, 1210, 1300)


@pytest.mark.parametrize(("edns", "most"), [(0, 512), (512, 512), (900, 900), (4096, 1232)])
def test_no_udp_answer_is_larger_than_both_sides_want(edns: int, most: int) -> None:
    zone = "$ORIGIN z.\n@ IN SOA n m 1 1 1 1 1\n@ IN NS n\n" + "".join(
        f"t{size} IN TXT {' '.join(['x' * 200] * (size // 200))} {'y' * (size % 200)}\n"
        for size in SIZES
    )
    sizes = []
    for size in SIZES:
        client = stub(f"t{size}.z", **{"type": "TXT", "edns": edns, "tcp-fallback": False})
        meeting = meet(client, zone=zone)
        meeting.run()
        answer = meeting.log[1][2]
        cut = bool(answer[2] & 0x02)
        assert len(answer) <= most
        sizes.append((size, cut))
    assert [cut for _, cut in sizes] == sorted(cut for _, cut in sizes), "larger ones are cut"
    assert not sizes[0][1]
    assert sizes[-1][1]


@pytest.mark.parametrize("cut", [1, 2, 3, 7, 100])
def test_a_stream_may_be_cut_anywhere(cut: int) -> None:
    client = stub("big.lab.test", "www.lab.test", kind="tcp", type="TXT+A")
    meeting = meet(client, "tcp")
    meeting._cut = lambda data: [data[at : at + cut] for at in range(0, len(data), cut)]
    told = meeting.run()
    assert [each.status for each in answered(told)] == ["NOERROR", "NOERROR"]
    assert told[-1] == Done("")
    said(meeting)


def test_a_stream_that_ends_early() -> None:
    client = stub("www.lab.test", kind="tcp")
    client.handle(Started(CLIENT, SERVER), 0)
    done = Done("203.0.113.53:53 closed the connection without an answer")
    assert Tell(None, done) in client.handle(Ended(), 1)


# An authoritative server


@pytest.mark.parametrize(
    ("name", "rdtype", "rcode", "answer", "authority_", "additional"),
    [
        ("www.lab.test", "A", "NOERROR", ["A 203.0.113.80"], [], []),
        ("WWW.Lab.TEST", "A", "NOERROR", ["A 203.0.113.80"], [], []),
        (
            "shop.lab.test",
            "A",
            "NOERROR",
            ["CNAME store.lab.test.", "CNAME www.lab.test.", "A 203.0.113.80"],
            [],
            [],
        ),
        ("shop.lab.test", "CNAME", "NOERROR", ["CNAME store.lab.test."], [], []),
        ("away.lab.test", "A", "NOERROR", ["CNAME www.other.test."], [], []),
        ("none.lab.test", "A", "NXDOMAIN", [], ["SOA"], []),
        ("v6.lab.test", "A", "NOERROR", [], ["SOA"], []),
        ("_tcp.lab.test", "A", "NOERROR", [], ["SOA"], []),
        ("any.thing.dev.lab.test", "A", "NOERROR", ["A 203.0.113.99"], [], []),
        ("dev.lab.test", "A", "NOERROR", [], ["SOA"], []),
        (
            "lab.test",
            "MX",
            "NOERROR",
            ["MX 10 mail.lab.test.", "MX 20 backup.other.test."],
            [],
            ["A 203.0.113.25"],
        ),
        ("lab.test", "NS", "NOERROR", ["NS ns1.lab.test."], [], ["A 203.0.113.53"]),
        (
            "www.lab.test",
            "HTTPS",
            "NOERROR",
            ['HTTPS 1 . alpn="h3,h2"'],
            [],
            [],
        ),
        ("www.example", "A", "REFUSED", [], [], []),
        ("lab.test", "AXFR", "REFUSED", [], [], []),
    ],
)
def test_what_a_zone_says(
    name: str,
    rdtype: str,
    rcode: str,
    answer: list[str],
    authority_: list[str],
    additional: list[str],
) -> None:
    reply = question(authority(), name, rdtype)
    assert dns.rcode.to_text(reply.rcode()) == rcode
    assert bool(reply.flags & dns.flags.AA) == (rcode != "REFUSED")
    assert flat(reply.answer) == answer
    assert [line.split()[0] for line in flat(reply.authority)] == authority_
    assert flat(reply.additional) == additional
    if authority_:
        assert reply.authority[0].ttl == 60, "how long no is remembered (RFC 2308 section 3)"


def question(server: Endpoint, name: str, rdtype: str, **how: object) -> dns.message.Message:
    asked = dns.message.make_query(name, rdtype, id=7, **how)  # type: ignore[arg-type]
    (send,) = [
        each
        for each in server.handle(Received(asked.to_wire(), CLIENT), 0)
        if isinstance(each, Send)
    ]
    assert send.to == CLIENT
    return dns.message.from_wire(send.data)


def flat(section: list[dns.rrset.RRset]) -> list[str]:
    return [
        f"{dns.rdatatype.to_text(rrset.rdtype)} {rdata.to_text()}"
        for rrset in section
        for rdata in rrset
    ]


def test_an_upper_zone_refers_with_glue() -> None:
    reply = question(authority(zones=["test"]), "www.lab.test", "A")
    assert not reply.flags & dns.flags.AA
    assert not reply.answer
    assert flat(reply.authority) == ["NS ns1.lab.test."]
    assert str(reply.authority[0].name) == "lab.test."
    assert flat(reply.additional) == ["A 203.0.113.53"]
    bare = question(authority(zones=["test"]), "www.other.test", "A")
    assert (flat(bare.authority), bare.additional) == (["NS ns2.lab.test."], [])


def test_a_loop_of_aliases_ends() -> None:
    assert flat(question(authority(), "loop.lab.test", "A").answer) == [
        "CNAME pool.lab.test.",
        "CNAME loop.lab.test.",
    ]


@pytest.mark.parametrize(
    ("change", "rcode"),
    [
        ({2: 0x28}, dns.rcode.NOTIMP),  # an update
        ({5: 0}, dns.rcode.FORMERR),  # no question
        ({12: 0xFF}, dns.rcode.FORMERR),  # a label that is none
    ],
)
def test_what_is_no_question_is_refused(change: dict[int, int], rcode: dns.rcode.Rcode) -> None:
    data = bytearray(dns.message.make_query("lab.test", "A", id=0x1234).to_wire())
    for place, value in change.items():
        data[place] = value
    if 5 in change:
        del data[12:]
    (send,) = authority().handle(Received(bytes(data), CLIENT), 0)
    assert isinstance(send, Send)
    assert send.data[:2] == b"\x12\x34"
    assert send.data[3] & 15 == rcode


def test_an_answer_is_never_answered() -> None:
    data = dns.message.make_response(dns.message.make_query("lab.test", "A")).to_wire()
    assert authority().handle(Received(data, CLIENT), 0) == []
    assert authority().handle(Received(b"\xff" * 40, CLIENT), 0) == []
    assert authority().handle(Received(b"short", CLIENT), 0) == []


def test_newer_edns_is_refused() -> None:
    reply = question(authority(), "lab.test", "A", use_edns=1)
    assert reply.rcode() == dns.rcode.BADVERS


def test_an_answer_that_takes_its_time() -> None:
    meeting = meet(stub("www.lab.test"), think=0.75)
    assert meeting.run()[-1] == Done("")
    assert meeting.told_at == [750 * MS] * 2


@pytest.mark.parametrize(
    ("options", "status", "transports"),
    [
        ({"rcode": "SERVFAIL"}, "SERVFAIL", ["udp"]),
        ({"truncate": True}, "NOERROR", ["udp", "tcp"]),
    ],
)
def test_a_server_that_does_as_told(
    options: dict[str, object], status: str, transports: list[str]
) -> None:
    meeting = meet(stub("www.lab.test"), **options)
    told = meeting.run()
    assert answered(told)[0].status == status
    assert [party.transport for party in meeting.parties] == transports


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"zone": "www IN A 1.2.3.4"}, "zone: its first line must be .ORIGIN"),
        ({"zone": "$ORIGIN z.\n@ IN A 1.2.3.4.5"}, "zone z.: "),
        ({"zone": "$ORIGIN z.\n@ IN A 1.2.3.4"}, "zone z.: "),
        ({"zones": ["moon"]}, "zones: 'moon' is none of root, test, lab, other"),
        ({"addresses": 5}, "addresses: 5 are no table of hosts"),
        ({"rcode": "NO"}, "rcode: 'NO' is no response code of DNS"),
    ],
)
def test_a_zone_that_cannot_be_read(options: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        authority(**options)


# A resolver


def world(**options: object) -> Servers:
    """All servers of the small world, and a resolver among them."""
    held = replace(zones("lab", "other"), cache=lab.Cache())

    def resolver() -> Endpoint:
        return lab.SERVERS["recursive"](held, random.Random(3), options)

    servers: Servers = {}
    for host, names in (("root", ["root"]), ("tld", ["test"]), ("auth", ["lab", "other"])):
        address = Address(HOSTS[host][0], 53)
        serve = partial(lab.SERVERS["authority"], zones(*names), random.Random(2), {})
        servers["udp", address] = servers["tcp", address] = serve
    servers["udp", RESOLVER] = servers["tcp", RESOLVER] = resolver
    return servers


def walk(*names: str, servers: Servers | None = None, **options: object) -> Meeting:
    client = stub(*names, **options)
    at = servers or world()
    return Meeting(client, at, at=RESOLVER, transport="udp", delay=10 * MS)


def asked(meeting: Meeting) -> list[str]:
    return [text.partition(": asking ")[2] for text in meeting.said if ": asking" in text]


def test_the_walk_from_the_root() -> None:
    meeting = walk("shop.lab.test", "www.lab.test")
    told = meeting.run()
    assert [each.status for each in answered(told)] == ["NOERROR"] * 2
    assert [each.body for each in answered(told)] == [b"203.0.113.80"] * 2
    assert told[-1] == Done("")
    assert asked(meeting) == [
        "a.root-servers.test (198.51.100.1), who serves .",
        "ns.nic.test (198.51.100.2), who serves test",
        "ns1.lab.test (203.0.113.53), who serves lab.test",
    ]
    # Four round trips for the first name, one for the second, which is remembered.
    assert meeting.told_at == [80 * MS, 100 * MS, 100 * MS]
    assert len({party.address.port for party in meeting.parties}) == 4, "a port for each question"
    assert len(said(meeting)) == 2 * 2 + 3 * 2


def test_a_server_without_an_address_is_looked_up() -> None:
    meeting = walk("away.lab.test")
    told = meeting.run()
    assert [value for _, value in answered(told)[0].headers] == ["www.other.test.", "203.0.113.90"]
    assert asked(meeting)[3:] == [
        "ns.nic.test (198.51.100.2), who serves test",
        "ns1.lab.test (203.0.113.53), who serves lab.test",
        "ns2.lab.test (203.0.113.53), who serves other.test",
    ]


def test_what_does_not_exist_is_remembered_too() -> None:
    """For 60 s, as the SOA of the zone says (RFC 2308 section 5)."""
    meeting = walk("no.lab.test", "no.lab.test", "v6.lab.test", "v6.lab.test")
    told = meeting.run()
    statuses = [each.status for each in answered(told)]
    assert statuses == ["NXDOMAIN", "NXDOMAIN", "NOERROR", "NOERROR"]
    assert len(asked(meeting)) == 3 + 1


def test_a_name_that_does_not_exist_has_no_records_of_any_type() -> None:
    meeting = walk("no.lab.test", type="A+AAAA")
    assert answered(meeting.run())[0].status == "NXDOMAIN"
    first = len(asked(meeting))
    held = replace(zones("lab", "other"), cache=lab.Cache())
    resolver = lab.SERVERS["recursive"](held, random.Random(3), {})
    servers = world()
    servers["udp", RESOLVER] = lambda: resolver
    meeting = walk("no.lab.test", servers=servers)
    meeting.run()
    again = walk("no.lab.test", servers=servers, type="AAAA+MX")
    assert answered(again.run())[0].status == "NXDOMAIN"
    assert (first, asked(again)) == (6, []), "two walks side by side; then none"


def test_times_to_live_count_down_and_end() -> None:
    held = lab.material({})
    resolver = lab.SERVERS["recursive"](held, random.Random(3), {})
    servers = world()
    servers["udp", RESOLVER] = lambda: resolver
    seen = []
    for start in (0, 100, 299, 301):
        meeting = Meeting(stub("www.lab.test"), servers, at=RESOLVER, transport="udp")
        meeting.now = start * SECOND
        for place, (time, *rest) in enumerate(meeting._queue):
            meeting._queue[place] = (time + meeting.now, *rest)
        seen.append(answered(meeting.run(until=2000 * SECOND))[0].headers[0][0])
        seen.append(str(len(asked(meeting))))
    assert seen == [
        *("www.lab.test 300 A", "3"),
        *("www.lab.test 200 A", "0"),
        *("www.lab.test 1 A", "0"),
        *("www.lab.test 300 A", "1"),
    ]


def test_servers_that_say_nothing() -> None:
    """Five tries for each; the client asks again in the meantime, and is told once."""
    servers = world()
    servers["udp", Address(HOSTS["auth"][0], 53)] = Silent
    meeting = walk("www.lab.test", servers=servers)
    (response, done) = meeting.run()
    assert isinstance(response, Response)
    assert response.status == "SERVFAIL"
    assert done == Done("")
    assert meeting.told_at[0] == 7500 * MS + 60 * MS, "0.5 s, 1 s, then 2 s each"
    assert "www.lab.test A: no server of lab.test answers" in meeting.said
    final = dns.message.from_wire(meeting.log[-1][2])
    (why,) = final.options
    assert "no server of lab.test answers" in why.to_text()


class Silent:
    def handle(self, event: object, now: int) -> list[Output]:
        return []

    def panels(self) -> tuple[Panel, ...]:
        return ()


def test_a_client_is_not_kept_waiting_for_ever() -> None:
    servers = world(patience=2)
    servers["udp", Address(HOSTS["tld"][0], 53)] = Silent
    meeting = walk("www.lab.test", servers=servers)
    assert answered(meeting.run())[0].status == "SERVFAIL"
    assert meeting.told_at[0] == 2 * SECOND + 20 * MS


def test_a_question_that_comes_again_is_walked_once() -> None:
    meeting = walk("www.lab.test", timeout=0.05)
    told = meeting.run()
    assert answered(told)[0].status == "NOERROR"
    assert "www.lab.test A: asked again; the answer is on its way" in meeting.said
    assert len(asked(meeting)) == 3


def test_a_cut_answer_makes_the_resolver_use_tcp() -> None:
    meeting = walk("big.lab.test", type="TXT")
    assert len(answered(meeting.run())[0].headers) == 24
    assert asked(meeting)[3].endswith("lab.test over TCP")
    said(meeting)


def test_an_endless_loop_is_a_failure() -> None:
    meeting = walk("loop.lab.test")
    assert answered(meeting.run())[0].status == "SERVFAIL"
    assert "loop.lab.test A: more than 12 aliases, one after the other" in meeting.said


class Liar:
    """Answers what it likes."""

    def __init__(self, change: Callable[[dns.message.Message], None]) -> None:
        self.change = change

    def handle(self, event: object, now: int) -> list[Output]:
        if not isinstance(event, Received):
            return []
        reply = dns.message.make_response(dns.message.from_wire(event.data))
        self.change(reply)
        return [Send(reply.to_wire(), event.sender)]

    def panels(self) -> tuple[Panel, ...]:
        return ()


def rr(owner: str, rdtype: str, *values: str) -> dns.rrset.RRset:
    return dns.rrset.from_text(owner, 60, "IN", rdtype, *values)


def poison(reply: dns.message.Message) -> None:
    reply.answer = [
        rr(str(reply.question[0].name), "A", "203.0.113.66"),
        rr("www.elsewhere.", "A", "203.0.113.67"),
    ]
    reply.authority = [rr(".", "NS", "evil.elsewhere.")]
    reply.additional = [rr("evil.elsewhere.", "A", "203.0.113.68")]


def upward(reply: dns.message.Message) -> None:
    reply.authority = [rr("test.", "NS", "ns.nic.test.")]


def downward(reply: dns.message.Message) -> None:
    """A referral to a name server whose address only it can say, for ever."""
    name = str(reply.question[0].name)
    reply.authority = [rr(name, "NS", "a." + name)]


def test_what_a_server_says_of_others_zones_is_not_believed() -> None:
    servers = world()
    servers["udp", Address(HOSTS["auth"][0], 53)] = partial(Liar, poison)
    meeting = walk("www.lab.test", "www.elsewhere", "no.test", servers=servers)
    told = answered(meeting.run())
    assert told[0].body == b"203.0.113.66", "of its own zone it may say what it likes"
    assert [each.status for each in told[1:]] == ["NXDOMAIN", "NXDOMAIN"]
    assert not [text for text in asked(meeting) if "evil" in text]


@pytest.mark.parametrize(
    ("lie", "questions", "why"),
    [
        (upward, 3, "no server of lab.test answers"),
        (downward, 3, "no server of a.b.lab.test answers"),
    ],
    ids=["upward", "downward"],
)
def test_referrals_that_lead_nowhere_end(
    lie: Callable[[dns.message.Message], None], questions: int, why: str
) -> None:
    servers = world()
    servers["udp", Address(HOSTS["auth"][0], 53)] = partial(Liar, lie)
    meeting = walk("a.b.lab.test", servers=servers)
    assert answered(meeting.run())[0].status == "SERVFAIL"
    assert f"a.b.lab.test A: {why}" in meeting.said
    assert len(asked(meeting)) == questions


def test_a_resolver_asked_not_to_recurse_refuses() -> None:
    assert answered(walk("www.lab.test", recurse=False).run())[0].status == "REFUSED"


def test_for_whom_a_resolver_waits() -> None:
    resolver = lab.SERVERS["recursive"](lab.material({}), random.Random(3), {})
    query = dns.message.make_query("www.lab.test", "A", id=9).to_wire()
    outputs = resolver.handle(Received(query, CLIENT), 5)
    assert [type(each).__name__ for each in outputs] == ["Say", "Open", "WakeAt"]
    (panel,) = resolver.panels()
    assert [(fact.name, fact.value) for fact in panel.facts] == [
        ("remembers", "0 answers"),
        ("www.lab.test A", "waits for a.root-servers.test (198.51.100.1), who serves ."),
    ]
    opened = outputs[1]
    assert isinstance(opened, Open)
    assert (opened.transport, opened.to) == ("udp", Address(HOSTS["root"][0], 53))


@pytest.mark.parametrize("seed", range(20))
def test_lost_datagrams_are_asked_for_again(seed: int) -> None:
    chance = random.Random(seed)
    meeting = walk("shop.lab.test", "v6.lab.test", seed=seed, type="A+AAAA", attempts=5)
    meeting._drop = lambda place, data: chance.random() < 0.1
    told = meeting.run()
    assert [each.status for each in answered(told)] == ["NOERROR"] * 2
    assert answered(told)[0].body == b"203.0.113.80\n2001:db8:113::80"
    assert told[-1] == Done("")


@pytest.mark.parametrize("kind", ["authority", "recursive"])
def test_no_bytes_break_a_server(kind: str) -> None:
    rng = random.Random(11)
    held = lab.material({})
    server = lab.SERVERS[kind](held, random.Random(3), {})
    stream = lab.SERVERS[kind](held, random.Random(3), {})
    good = dns.message.make_query("www.lab.test", "ANY", id=9, use_edns=0).to_wire()
    for _ in range(400):
        data = bytearray(good)
        for _ in range(rng.randrange(1, 6)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        cut = bytes(data[: rng.randrange(len(data) + 1)])
        for each in server.handle(Received(cut, CLIENT), 0):
            assert not isinstance(each, Send) or dns.message.from_wire(each.data)
        stream.handle(Received(struct.pack("!H", len(cut)) + cut), 0)
