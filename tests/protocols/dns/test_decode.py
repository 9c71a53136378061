"""Messages as a whole: headers, sections, compression, transactions, damage."""

from __future__ import annotations

import random
import struct

import dns.edns
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rrset
import dns.update
import pytest
from frames import udp_records
from hypothesis import given
from hypothesis import strategies as st

from wirestep.decode.contract import Reading, Where
from wirestep.decode.cursor import Broken, Cursor
from wirestep.decode.engine import Engine
from wirestep.decode.lean import LeanCursor
from wirestep.model import Field, Record, Side, Source
from wirestep.protocols import REGISTRY
from wirestep.protocols.dns import PROTOCOL
from wirestep.protocols.dns.decode import DnsDecoder
from wirestep.protocols.dns.labels import MAX_JUMPS, Names

C, S = Side.CLIENT, Side.SERVER
SECOND = 1_000_000_000


class Talk:
    """One decoder and its clock: what it makes of one message after the other."""

    def __init__(self, variant: str = "dns") -> None:
        self.decoder = DnsDecoder(variant)
        self.number = 0

    def read(
        self, wire: bytes, after: float = 0.25, *, stream: bool = False, length: int | None = None
    ) -> tuple[Reading, Field]:
        """The message in the next frame, `after` seconds behind the one before it."""
        self.number += 1
        self.time = getattr(self, "time", 1_700_000_000 * SECOND) + int(after * SECOND)
        place = Where(
            C,
            Record(self.number, self.time, wire, len(wire)),
            stream=stream,
            length=len(wire) if length is None else length,
        )
        cursor = Cursor(Source("test", wire, ()))
        reading = self.decoder.decode(cursor, place)
        return reading, cursor.finish("dns")


def value(tree: Field, name: str) -> object:
    field = tree.find(name)
    return None if field is None else field.value


def values(tree: Field, name: str) -> list[object]:
    return [field.value for field in tree.walk() if field.name == name]


def notes(tree: Field, level: str) -> list[str]:
    return [note.text for field in tree.walk() for note in field.notes if note.level == level]


def header(key: int, flags: int, *counts: int) -> bytes:
    return struct.pack(">6H", key, flags, *counts)


QUESTION = b"\x04host\x07example\x00" + bytes.fromhex("001c0003")


# names


def names_of(data: bytes) -> Names:
    return Names(Cursor(Source("test", data, ())), 0)


def test_compression_example_of_rfc_1035() -> None:
    """Section 4.1.4: four names in one datagram, three of them with pointers or parts of one."""
    data = bytearray(93)
    data[20:32] = b"\x01F\x03ISI\x04ARPA\x00"
    data[40:46] = b"\x03FOO\xc0\x14"
    data[64:66] = b"\xc0\x1a"
    data[92:93] = b"\x00"
    names = names_of(bytes(data))
    assert [names.look(at, 93)[:3] for at in (20, 40, 64, 92)] == [
        ((b"F", b"ISI", b"ARPA"), "F.ISI.ARPA", 12),
        ((b"FOO", b"F", b"ISI", b"ARPA"), "FOO.F.ISI.ARPA", 6),
        ((b"ARPA",), "ARPA", 2),
        ((), "<Root>", 1),
    ]


def test_leaves_of_a_name_are_its_bytes() -> None:
    wire = (
        header(0xA1B2, 0x0120, 2, 0, 0, 0) + QUESTION + b"\x03www\xc0\x11" + bytes(2) + b"\x80\x2a"
    )
    _, tree = Talk().read(wire)
    second = [field for field in tree.walk() if field.name == "dns.qry.name"][1]
    assert second.value == "www.example"
    assert second.span[:2] == (30, 36)
    assert [(f.name, f.value, f.span) for f in second.children] == [
        ("dns.label.len", 3, (30, 31, 0)),
        ("dns.label", "www", (31, 34, 0)),
        ("dns.pointer.mark", 3, (34, 36, 0xC000)),
        ("dns.pointer", 17, (34, 36, 0x3FFF)),
    ]
    assert second.children[-1].shown == "17: example"
    assert values(tree, "dns.qry.name.len") == [12, 11]
    assert values(tree, "dns.count.labels") == [2, 2]
    assert values(tree, "dns.qry.class") == [3, 0x802A]


@pytest.mark.parametrize(
    ("name", "why", "text"),
    [
        (b"\xc0\x0c", "loops", "<broken name>"),
        (b"\x01a\xc0\x0c", "loops", "a.<broken name>"),
        (b"\xc0\x0e\xc0\x0c", "does not go back", "<broken name>"),
        (b"\x02ab\xc0\x40", "beyond the message's end", "ab.<broken name>"),
        (b"\x02ab\xc0\x04", "into the header", "ab.<broken name>"),
        (b"\x3f" + b"y" * 63 + (b"\x3f" + b"z" * 63) * 3 + b"\x00", "more than 255", ""),
    ],
)
def test_names_that_are_refused(name: bytes, why: str, text: str) -> None:
    """The name is told to be broken; what stands behind it is read all the same."""
    size = 2 if name[0] >= 0xC0 else len(name)
    wire = header(0x0102, 0, 1, 0, 0, 0) + name[:size] + bytes.fromhex("001c0003")
    reading, tree = Talk().read(wire)
    assert any(why in note for note in notes(tree, "broken"))
    assert text in str(value(tree, "dns.qry.name"))
    assert value(tree, "dns.qry.type") == 28
    assert value(tree, "dns.qry.class") == 3
    assert reading.marks == ("broken",)


def test_the_longest_name_is_a_good_one() -> None:
    name = (b"\x3f" + b"y" * 63) * 3 + b"\x3d" + b"z" * 61 + b"\x00"
    assert len(name) == 255
    _, tree = Talk().read(header(5, 0, 1, 0, 0, 0) + name + bytes.fromhex("001c0003"))
    assert notes(tree, "broken") == []
    assert value(tree, "dns.qry.name.len") == 253


@pytest.mark.parametrize(
    ("first", "kind"), [(0x41, "01"), (0x80, "10"), (0xBF, "10"), (0x7F, "01")]
)
def test_unknown_kinds_of_label_end_the_reading(first: int, kind: str) -> None:
    wire = header(0x0102, 0x0100, 1, 0, 0, 0) + bytes([1, 120, first]) + bytes(70)
    reading, tree = Talk().read(wire)
    assert reading.summary == "Standard query 0x0102"
    assert any(f"type {kind}" in note for note in notes(tree, "broken"))
    assert len(value(tree, "unread")) == 73  # type: ignore[arg-type]


def test_a_chain_of_pointers_is_followed_only_so_far() -> None:
    data = bytearray(12) + b"\x01a\x00"
    starts = [12]
    for _ in range(MAX_JUMPS + 2):
        starts.append(len(data))
        data += struct.pack(">H", 0xC000 | starts[-2])
    names = names_of(bytes(data))
    assert "more than" in names.look(starts[-1], len(data)).trouble
    assert names.look(starts[MAX_JUMPS], len(data)).text == "a"


def test_a_name_that_hides_its_dots_is_told() -> None:
    _, tree = Talk().read(
        header(1, 0, 1, 0, 0, 0) + b"\x07a.b\\c\x00\xff\x03org\x00\x00\x01\x00\x01"
    )
    assert notes(tree, "odd") == [
        "labels with bytes that mislead; exactly: a\\.b\\\\c\\000\\255.org."
    ]
    assert value(tree, "dns.count.labels") == 2


# headers


def test_bits_of_a_response() -> None:
    for bit, name in enumerate(
        (
            "checkdisable",
            "authenticated",
            "z",
            "recavail",
            "recdesired",
            "truncated",
            "authoritative",
        )
    ):
        _, tree = Talk().read(header(0xBEEF, 0x8000 | 0x10 << bit, 0, 0, 0, 0))
        on = [f.name for f in tree.walk() if f.name.startswith("dns.flags.") and f.value]
        assert on == ["dns.flags.response", f"dns.flags.{name}"]
        assert value(tree, "dns.flags") == 0x8000 | 0x10 << bit


def test_counts_codes_and_summary() -> None:
    wire = header(0x1A2B, 0xA405, 0x0102, 0x0304, 0x0506, 0x0708)
    reading, tree = Talk().read(wire)
    counts = ("queries", "answers", "auth_rr", "add_rr")
    assert [value(tree, f"dns.count.{n}") for n in counts] == [0x0102, 0x0304, 0x0506, 0x0708]
    assert reading.summary == "Zone change notification response 0x1a2b Refused"
    assert notes(tree, "broken") == ["0 questions are there, 258 are announced"]
    assert Talk().read(header(7, 0x7800, 0, 0, 0, 0))[0].summary == "Unknown operation (15) 0x0007"


def test_the_header_may_be_cut_anywhere() -> None:
    for size in range(12):
        with pytest.raises(Broken):
            Talk().read(header(0x1A2B, 0x8405, 1, 0, 0, 0)[:size])


def test_what_the_capture_cut_is_no_fault_of_the_sender() -> None:
    wire = header(0x1A2B, 0x8180, 1, 1, 0, 0) + QUESTION
    assert Talk().read(wire)[0].marks == ("broken",)
    reading, tree = Talk().read(wire, length=len(wire) + 28)
    assert reading.marks == ()
    assert notes(tree, "broken") == []
    assert notes(tree, "info") != []


def test_bytes_behind_the_last_record() -> None:
    _, tree = Talk().read(header(1, 0, 1, 0, 0, 0) + QUESTION + b"\xde\xad\xbe")
    assert value(tree, "dns.extraneous.data") == b"\xde\xad\xbe"
    assert value(tree, "dns.extraneous.length") == 3


def test_a_record_that_claims_more_data_than_there_is() -> None:
    record = b"\xc0\x0c" + bytes.fromhex("0001 0001 80000007 0009 01020304")
    reading, tree = Talk().read(header(1, 0x8000, 1, 1, 0, 0) + QUESTION + record)
    assert reading.summary.endswith("A 1.2.3.4")
    assert value(tree, "dns.a") == bytes([1, 2, 3, 4])
    assert notes(tree, "broken") == ["a record of 9 bytes of data where 4 are left"]
    assert any("highest bit" in note for note in notes(tree, "odd"))


# other operations


def test_a_dynamic_update() -> None:
    update = dns.update.UpdateMessage("example.org.", id=0x5A5B)
    update.present("old.example.org.", "A")
    update.delete("gone.example.org.", "TXT")
    update.add("new.example.org.", 301, "A", "192.0.2.99")
    reading, tree = Talk().read(update.to_wire())
    assert reading.summary == "Dynamic update 0x5a5b SOA example.org A TXT A 192.0.2.99"
    counts = [
        value(tree, f"dns.count.{n}") for n in ("zones", "prerequisites", "updates", "add_rr")
    ]
    assert counts == [1, 1, 2, 0]
    sections = [
        child.name for child in tree.children if child.name.endswith(("zone", "s", "updates"))
    ]
    assert sections[-3:] == ["dns.zone", "dns.prerequisites", "dns.updates"]
    assert values(tree, "dns.resp.class") == [255, 255, 1]
    assert notes(tree, "broken") == []


def test_inverse_query_and_stateful_operations() -> None:
    record = b"\x00" + bytes.fromhex("0001 0001 00000007 0004 c0000263")
    assert Talk().read(header(8, 0x0800, 0, 1, 0, 0) + record)[0].summary == (
        "Inverse query 0x0008 A 192.0.2.99"
    )
    dso = bytes.fromhex("0001 0008 00003a98 00007530 0003 0002 0000 0040 0003 abcdef 0002 0001 ff")
    reading, tree = Talk().read(header(12, 0x3000, 0, 0, 0, 0) + dso)
    assert values(tree, "dns.dso.tlv.type") == [1, 3, 64, 2]
    assert value(tree, "dns.dso.tlv.keepalive.inactivity") == 15000
    assert value(tree, "dns.dso.tlv.keepalive.interval") == 30000
    assert values(tree, "dns.dso.tlv.data") == [b"\xab\xcd\xef", b"\xff"]
    assert reading.marks == ("broken",)


def test_multicast() -> None:
    asking = b"\x05_http\x04_tcp\x05local\x00\x00\x0c\x80\x01" + b"\xc0\x0c\x00\xff\x00\x03"
    reading, tree = Talk("mdns").read(header(0, 0, 2, 0, 0, 0) + asking)
    assert values(tree, "dns.qry.qu") == [1, 0]
    assert values(tree, "dns.qry.class") == [1, 3]
    assert reading.summary == (
        'Standard query 0x0000 PTR _http._tcp.local, "QU" question'
        ' ANY _http._tcp.local, "QM" question'
    )
    assert reading.asks is None
    answer = b"\x01h\x05local\x00" + bytes.fromhex("0001 8003 00000078 0004 c0000263")
    opt = b"\x00" + bytes.fromhex("0029 85a0 01028000 0000")
    reading, tree = Talk("mdns").read(header(0, 0x8400, 0, 1, 0, 1) + answer + opt)
    assert values(tree, "dns.resp.cache_flush") == [1, 1]
    assert value(tree, "dns.resp.class") == 3
    assert value(tree, "dns.rr.udp_payload_size") == 0x05A0
    assert "A, cache flush" in reading.summary


def test_link_local_flags() -> None:
    _, tree = Talk("llmnr").read(header(9, 0x8503, 0, 0, 0, 0))
    on = {f.name: f.value for f in tree.walk() if f.name.startswith("dns.flags.") and f.value}
    assert on == {
        "dns.flags.response": 1,
        "dns.flags.conflict": 1,
        "dns.flags.tentative": 1,
        "dns.flags.rcode": 3,
    }


def test_who_reads_which_port() -> None:
    wire = header(3, 0, 1, 0, 0, 0) + QUESTION
    for port, name, label in ((53, "dns", "DNS"), (5353, "mdns", "MDNS"), (5355, "llmnr", "LLMNR")):
        engine = Engine(REGISTRY)
        last = [engine.feed(record)[-1] for record in udp_records([(C, wire)], port)][-1]
        assert (last.protocol, last.label) == (name, label)


# options


def test_options_of_the_opt_record() -> None:
    cookie = bytes.fromhex("2464c4abcf10c957010000005cf79f111f8130c3eee29480")
    options = [
        dns.edns.GenericOption(3, b"ns-7.lax"),
        dns.edns.ECSOption("198.51.100.0", 22, 24),
        dns.edns.ECSOption("2001:db8:ab00::", 40, 56),
        dns.edns.GenericOption(10, cookie),
        dns.edns.GenericOption(5, b"\x0d\x0f"),
        dns.edns.GenericOption(6, b"\x02\x04"),
        dns.edns.GenericOption(7, b"\x01"),
        dns.edns.GenericOption(9, bytes.fromhex("00127500")),
        dns.edns.GenericOption(11, bytes.fromhex("04d2")),
        dns.edns.GenericOption(12, bytes(7)),
        dns.edns.GenericOption(13, b"\x03com\x00"),
        dns.edns.GenericOption(14, bytes.fromhex("4f664a5c")),
        dns.edns.EDEOption(18, "not for you"),
        dns.edns.GenericOption(65001, b"\x7a"),
    ]
    query = dns.message.make_query("example.org.", "MX", id=0x0D0E)
    query.use_edns(1, dns.flags.DO, 1410, options=options)
    reading, tree = Talk().read(query.to_wire())
    assert notes(tree, "broken") == []
    assert reading.summary == "Standard query 0x0d0e MX example.org OPT"
    expected = {
        "dns.rr.udp_payload_size": [1410],
        "dns.resp.edns0_version": [1],
        "dns.resp.z.do": [1],
        "dns.opt.code": [option.otype for option in options],
        "dns.opt.nsid": ["ns-7.lax"],
        "dns.opt.client.family": [1, 2],
        "dns.opt.client.netmask": [22, 40],
        "dns.opt.client.scope": [24, 56],
        "dns.opt.client.addr4": [bytes([198, 51, 100, 0])],
        "dns.opt.client.addr6": [bytes.fromhex("20010db8ab00").ljust(16, b"\0")],
        "dns.opt.cookie.client": [cookie[:8]],
        "dns.opt.cookie.server": [cookie[8:]],
        "dns.opt.dau": [13, 15],
        "dns.opt.dhu": [2, 4],
        "dns.opt.n3u": [1],
        "dns.opt.expire": [0x00127500],
        "dns.opt.edns_tcp_keepalive.timeout": [0x04D2],
        "dns.opt.padding": [bytes(7)],
        "dns.opt.chain.fqdn": ["com"],
        "dns.opt.key_tag": [0x4F66, 0x4A5C],
        "dns.opt.ext_error.info_code": [18],
        "dns.opt.ext_error.extra_text": ["not for you"],
    }
    assert {name: values(tree, name) for name in expected} == expected
    shown = [field.shown for field in tree.walk() if field.name == "dns.opt"]
    assert shown[1:3] == ["ECS 198.51.100.0/22 scope 24", "ECS 2001:db8:ab00::/40 scope 56"]


@pytest.mark.parametrize(
    ("code", "data"),
    [
        (10, b"1234567"),
        (10, b"12345678abc"),
        (8, bytes.fromhex("00011800c0")),
        (13, b"\x03co"),
        (15, b"\x01"),
    ],
)
def test_options_that_break_their_rules(code: int, data: bytes) -> None:
    """RFC 7873 section 5.2.2, RFC 7871 section 6; the option behind is read."""
    options = struct.pack(">HH", code, len(data)) + data + bytes.fromhex("000b 0002 1234")
    opt = b"\x00" + bytes.fromhex("0029 04d0 00000000") + struct.pack(">H", len(options)) + options
    reading, tree = Talk().read(header(1, 0, 0, 0, 0, 1) + opt)
    assert reading.marks == ("broken",)
    assert value(tree, "dns.opt.edns_tcp_keepalive.timeout") == 0x1234


def test_dates_are_shown() -> None:
    data = b"\x00" + bytes.fromhex("00006b36ec7e 012d 0000 1234 0000 0000")
    _, tree = Talk().read(wire_with(data))
    signed = tree.find("dns.tsig.time_signed")
    assert signed is not None
    assert (signed.value, signed.shown) == (1_798_761_598 * SECOND, "2026-12-31 23:59:58 UTC")
    late = wire_with(data[:1] + b"\xff" * 6 + data[7:])
    signed = Talk().read(late)[1].find("dns.tsig.time_signed")
    assert signed is not None
    assert (signed.value, signed.shown) == (0xFFFFFFFFFFFF * SECOND, "")


def wire_with(data: bytes) -> bytes:
    """A response with one TSIG record."""
    record = b"\xc0\x0c" + struct.pack(">HHIH", 250, 255, 0, len(data)) + data
    return header(1, 0x8000, 1, 1, 0, 0) + QUESTION + record


# service bindings: RFC 9460 appendix D.2

FOO = "03666f6f076578616d706c6503636f6d00"
FOO_ORG = "03666f6f076578616d706c65036f726700"


@pytest.mark.parametrize(
    ("wire", "text"),
    [
        (f"0000 {FOO}", "0 foo.example.com."),
        ("0001 00", "1 ."),
        (f"0010 {FOO} 0003 0002 0035", '16 foo.example.com. port="53"'),
        (f"0001 {FOO} 029b 0005 68656c6c6f", '1 foo.example.com. key667="hello"'),
        (
            f"0001 {FOO} 029b 0009 68656c6c6fd2716f6f",
            '1 foo.example.com. key667="hello\\210qoo"',
        ),
        (
            f"0001 {FOO} 0006 0020"
            "20010db8000000000000000000000001 20010db8000000000000000000530001",
            '1 foo.example.com. ipv6hint="2001:db8::1,2001:db8::53:1"',
        ),
        (
            "0001 076578616d706c6503636f6d00 0006 0010 20010db80122034400000000c0000221",
            '1 example.com. ipv6hint="2001:db8:122:344::c000:221"',
        ),
        (
            f"0010 {FOO_ORG} 0000 0004 0001 00040001 0009 02 6832 05 68332d3139 0004 0004 c0000201",
            '16 foo.example.org. mandatory="alpn,ipv4hint" alpn="h2,h3-19" ipv4hint="192.0.2.1"',
        ),
        (
            f"0010 {FOO_ORG} 0001 000c 08 665c6f6f2c626172 02 6832",
            '16 foo.example.org. alpn="f\\\\\\\\oo\\\\,bar,h2"',
        ),
    ],
)
def test_service_bindings_of_rfc_9460(wire: str, text: str) -> None:
    data = bytes.fromhex(wire)
    record = b"\xc0\x0c" + struct.pack(">HHIH", 64, 1, 7, len(data)) + data
    _, tree = Talk().read(header(1, 0x8000, 1, 1, 0, 0) + QUESTION + record)
    assert notes(tree, "broken") == []
    assert value(tree, "dns.resp") == f"host.example. 7 IN SVCB {text}"


# queries and their answers


def ask(key: int, name: str = "www.example.org.", kind: str = "A") -> bytes:
    return dns.message.make_query(name, kind, id=key).to_wire()


def answer(key: int, name: str = "www.example.org.", kind: str = "A") -> bytes:
    return dns.message.make_response(dns.message.make_query(name, kind, id=key)).to_wire()


def test_a_response_knows_its_query() -> None:
    talk = Talk()
    assert talk.read(ask(0x1234))[0].asks == 0x1234
    assert talk.read(ask(0x5678, "b.example.org."))[0].asks == 0x5678
    reading, tree = talk.read(answer(0x1234, "WWW.example.ORG."), 0.125)
    assert reading.answers == 0x1234
    assert value(tree, "dns.response_to") == 2
    assert value(tree, "dns.time") == 375_000_000


def test_the_same_query_again() -> None:
    talk = Talk()
    talk.read(ask(0x1234))
    reading, tree = talk.read(ask(0x1234), 1.0)
    assert (reading.asks, reading.marks) == (None, ("retransmission",))
    assert value(tree, "dns.retransmit_request_in") == 2
    assert talk.read(ask(0x1234), 4.5)[0].marks == ()
    reading, tree = talk.read(answer(0x1234), 0.5)
    assert value(tree, "dns.response_to") == 4
    reading, tree = talk.read(answer(0x1234), 0.5)
    assert (reading.answers, reading.marks) == (None, ("retransmission",))
    assert value(tree, "dns.retransmit_response_in") == 5
    assert value(tree, "dns.response_to") is None
    assert talk.read(ask(0x1234), 0.1)[0].asks == 0x1234


def test_a_response_to_nothing_and_one_to_another_question() -> None:
    talk = Talk()
    _, tree = talk.read(answer(0x1234))
    assert value(tree, "dns.unsolicited") == 1
    talk.read(ask(0x1234))
    reading, tree = talk.read(answer(0x1234, "evil.example.org."))
    assert reading.answers is None
    assert value(tree, "dns.unsolicited") == 1
    assert talk.read(header(0x1234, 0x8001, 0, 0, 0, 0))[0].answers == 0x1234


def test_a_transfer_may_come_in_many_messages() -> None:
    talk = Talk()
    talk.read(ask(0x0777, "example.org.", "AXFR"))
    for _ in range(3):
        reading, tree = talk.read(answer(0x0777, "example.org.", "AXFR"))
        assert value(tree, "dns.response_to") == 2
        assert reading.marks == ()


def test_a_copy_does_not_see_what_comes_later() -> None:
    talk = Talk()
    talk.read(ask(0x1111))
    other = Talk()
    other.decoder, other.number, other.time = talk.decoder.copy(), talk.number, talk.time
    talk.read(answer(0x1111))
    assert other.read(answer(0x1111))[0].answers == 0x1111


# streams


def test_the_length_in_front_on_a_stream() -> None:
    wire = ask(0x4242)
    framed = struct.pack(">H", len(wire)) + wire
    decoder = DnsDecoder()
    assert decoder.measure(memoryview(b"\x01"), C) is None
    assert decoder.measure(memoryview(b"\x01\x02rest"), C) == 0x0104
    reading, tree = Talk().read(framed, stream=True)
    assert value(tree, "dns.length") == len(wire)
    assert reading.summary == "Standard query 0x4242 A www.example.org"
    pointer = struct.pack(">H", 0xC00C)
    doubled = wire[:4] + b"\x00\x02" + wire[6:] + pointer + b"\x00\x1c\x00\x01"
    _, tree = Talk().read(struct.pack(">H", len(doubled)) + doubled, stream=True)
    assert values(tree, "dns.qry.name") == ["www.example.org"] * 2
    with pytest.raises(Broken, match="an empty message"):
        Talk().read(b"\x00\x00", stream=True)


# damage

RICH = dns.message.from_text(
    """id 4660
opcode QUERY
rcode NXDOMAIN
flags QR AA RD
edns 0
eflags DO
payload 1232
;QUESTION
www.example.org. IN HTTPS
;ANSWER
www.example.org. 300 IN CNAME edge.example.net.
edge.example.net. 301 IN HTTPS 1 . alpn="h3,h2" ipv4hint="192.0.2.7" ipv6hint="2001:db8::7"
edge.example.net. 302 IN TXT "one" "two"
edge.example.net. 303 IN APL 1:192.168.32.0/21 !2:2001:db8:ff00::/40
edge.example.net. 304 IN LOC 52 22 23.417 N 4 53 32.021 E -2.00m 30.00m 10000.00m 20.00m
edge.example.net. 305 IN IPSECKEY 12 3 2 gate.example.net. AQNRU3mG7TVTO2BkR47usntb102uFJ==
edge.example.net. 306 IN HIP 2 200100107b1a74df AwEAAbdxyhNu rv1.example.net. rv2.example.net.
;AUTHORITY
example.org. 307 IN SOA ns.example.org. root.example.org. 2026112201 7203 3607 1209605 301
example.org. 308 IN NSEC3 1 1 12 aabb 2t7b4g4vsa5smi47k61mv5bv1a22bojr NS SOA TYPE1234
;ADDITIONAL
_sip._udp.example.org. 309 IN SRV 1 2 5060 sip.example.org.
example.org. 310 IN CAA 128 issue "ca.example.net"
example.org. 311 IN NAPTR 1030 515 "u" "E2U+sip" "!^.*$!sip:x@example.com!" .
""",
    one_rr_per_rrset=True,
).to_wire()


def both_gears(wire: bytes) -> None:
    """Lean and full agree in all they say, and nothing but Broken comes out of either."""
    place = Where(S, Record(3, SECOND, wire, len(wire)), length=len(wire))
    full = Cursor(Source("test", wire, ()))
    lean = LeanCursor(
        Source("test", wire, ()), 0, len(wire), frozenset(PROTOCOL.fields) | {"unread"}
    )
    said: list[object] = []
    for cursor in (full, lean):
        try:
            said.append(DnsDecoder().decode(cursor, place))
        except Broken as error:
            said.append(str(error))
    tree = full.finish("dns")
    below = [(f.name, f.value, f.shown) for f in tree.walk() if f is not tree]
    assert said[0] == said[1]
    assert list(lean.finish_lean()) == below
    assert DnsDecoder().decode(
        LeanCursor(Source("test", RICH, ()), 0, len(RICH), frozenset()), place
    )
    bits = [0] * len(wire)
    for leaf in tree.leaves():
        start, stop, mask = leaf.span
        for at in range(start, stop):
            these = mask >> 8 * (stop - 1 - at) & 0xFF if mask else 0xFF
            assert not bits[at] & these, leaf
            bits[at] |= these
    assert all(byte == 0xFF for byte in bits)


def test_the_rich_message_is_whole() -> None:
    reading, tree = Talk().read(RICH)
    assert notes(tree, "broken") == []
    assert reading.marks == ()
    both_gears(RICH)


def test_every_cut_and_many_damages_are_read_to_the_end() -> None:
    for size in range(len(RICH)):
        both_gears(RICH[:size])
    chance = random.Random(20261122)
    for _ in range(600):
        wire = bytearray(RICH)
        for _ in range(chance.randrange(1, 6)):
            wire[chance.randrange(len(wire))] = chance.choice(
                (0, 255, 192, 63, 64, chance.randrange(256))
            )
        both_gears(bytes(wire))


@given(st.binary(max_size=120))
def test_no_bytes_break_it(data: bytes) -> None:
    both_gears(data)
    both_gears(RICH[:12] + data)
