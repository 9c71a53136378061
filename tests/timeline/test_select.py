"""Display filters against tshark, frame by frame, and against what people type."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wirestep.capture import load, open_capture
from wirestep.decode.contract import Protocol, Registry, Stateless
from wirestep.decode.engine import Engine
from wirestep.decode.fields import table
from wirestep.model import Record, Value
from wirestep.protocols import REGISTRY
from wirestep.session.filtering import frame_values
from wirestep.timeline.select import (
    BadFilter,
    Filter,
    FrameValues,
    compile_filter,
    complete,
)
from wirestep.timeline.select_pattern import BadPattern
from wirestep.timeline.select_regex import Pattern

FOLDER = Path(__file__).parents[2] / "captures"

# A small world of our own: one field of each kind.

KINDS = Registry(
    (
        Protocol(
            "toy",
            "Toy",
            "A toy",
            "",
            Stateless,  # type: ignore[arg-type]
            table(
                """
toy.flag   bool   A flag
toy.count  uint   How many
toy.delta  int    More or less
toy.mask   hex2   Bits
toy.kind   hex1   Kind
toy.name   str    Name
toy.raw    bytes  Bytes
toy.mac    ether  Station
toy.src    ipv4   Source
toy.dst    ipv4   Target
toy.six    ipv6   Six
toy.when   time   When
toy.took   span   How long
toy.rate   float  Rate
toy.group  group  A group
frame.len  uint   Length
http.request.method  str   Method
http.response.code   uint  Code
http.request.full_uri str  URI
http.file_data       str   Body
""",
                {"toy.kind": {0x0A: "Apple", 0x0B: "Big pear"}},
            ),
            aliases={"toy.addr": ("toy.src", "toy.dst")},
            family="games",
        ),
        Protocol("frame", "Frame", "A frame", "", Stateless),  # type: ignore[arg-type]
    )
)
VALUES: dict[str, list[Value]] = {
    "toy.flag": [1],
    "toy.count": [7, 300],
    "toy.delta": [-12],
    "toy.mask": [0x8123],
    "toy.kind": [0x0B],
    "toy.name": ["Ärger.example.ORG", "second"],
    "toy.raw": [b"\x00GET /\xff"],
    "toy.mac": [bytes.fromhex("02a1b2c3d4e5")],
    "toy.src": [bytes((10, 1, 2, 3))],
    "toy.dst": [bytes((192, 0, 2, 77))],
    "toy.six": [bytes.fromhex("20010db8000000000000000000000042")],
    "toy.when": [1_588_748_889_123_456_789],
    "toy.took": [250_000_000],
    "toy.rate": [1_500_000],
    "toy.group": [None],
    "http.request.method": ["POST"],
    "http.response.code": [404],
    "http.request.full_uri": ["http://example.org/a?b"],
    "http.file_data": ["some body"],
}
LAYERS = {name: list(range(1, len(values) + 1)) for name, values in VALUES.items()}
FRAME = FrameValues(
    VALUES, frozenset({"toy", "games", "frame"}), b"\x01\x02\x03GET /x", layer_of=LAYERS
)


def passes(text: str, frame: FrameValues = FRAME) -> bool:
    return compile_filter(text, KINDS).matches(frame)


@pytest.mark.parametrize(
    "text",
    [
        "toy",
        "games",
        "toy.group",
        "toy.addr",
        "toy.flag == 1 and toy.flag == True and toy.flag == 5",
        "toy.flag != false",
        "toy.count == 7",
        "toy.count == 0x12c",
        "toy.count == 0454",
        "toy.count == 0b111",
        "toy.count == '\\x07'",
        "any toy.count == 7",
        "any toy.count != 7",
        "toy.count ~= 7",
        "toy.count !== 7",
        "all toy.count > 6",
        "toy.count != 8",
        "toy.count in {1, 5..9}",
        "toy.count in {1..4, 300}",
        "toy.count not in {1, 2}",
        "frame.len not in {1}",
        "not toy.count not in {7}",
        "count(toy.count) == 2",
        "count(toy.addr) == 2",
        "toy.delta == -12",
        "toy.delta < -11 && toy.delta >= -12",
        "abs(toy.delta) == 12",
        "toy.delta + 20 == 8",
        "toy.delta -3 == -15",
        "{toy.delta + 2} * 3 == -30",
        "toy.delta / 5 == -2",
        "toy.delta % 5 == -2",
        "-toy.delta == 12",
        "toy.mask & 0x8000",
        "toy.mask & 0x0122 == 0x122",
        "toy.mask bitwise_and 1",
        'toy.kind == "big pear"',
        "toy.kind != Apple",
        "toy.kind == 0x0b",
        'toy.name == "second"',
        'toy.name contains "example"',
        'not toy.name contains "EXAMPLE"',
        'lower(toy.name) contains "example.org"',
        'upper(toy.name) == "SECOND"',
        'toy.name matches "^SEC"',
        'toy.name ~ "exa(m|n)ple"',
        'not toy.name matches "(?-i)^SEC"',
        'toy.name[0:3] == "sec"',
        'toy.name[-3:] == "ond"',
        'toy.name[-3:3] == "ORG"',
        'toy.name[0,2-3] == "sco"',
        "len(toy.name) == 18",
        "toy.raw contains 47:45:54",
        'toy.raw contains "GET"',
        "toy.raw[0] == 00",
        "toy.raw[0] == 0x00",
        "toy.raw[1-3] == 47.45.54",
        'toy.raw[1:3] == "GET"',
        "toy.raw[-1:] == ff",
        "toy.raw[0:2] & ff:40",
        'toy.raw matches "get /\\xff$"',
        "toy.mac == 02:a1:b2:c3:d4:e5",
        "toy.mac == 02-A1-B2-C3-D4-E5",
        "toy.mac == 02a1.b2c3.d4e5",
        "max(toy.count) == 300",
        "min(toy.count, toy.delta) == -12",
        "min(toy.count, 3) == 3",
        "toy.count == 5 + 2",
        "toy.count + 2 * 3 == 13",
        "toy.count#1 == 7 and toy.count#[-1] == 300",
        "toy.count#[1-2] == 300 and toy.count#[2:] == 300",
        "toy.count#2 and count(toy.count#[1,2]) == 2",
        "toy.mac[0:3] == 02:a1:b2",
        "toy.mac contains c3:d4",
        "toy.src == 10.1.2.3",
        "toy.src == 10.0.0.0/8",
        "toy.src != 10.2.0.0/16",
        "toy.src in {192.0.2.0/24, 10.1.2.0 .. 10.1.2.9}",
        "toy.addr == 192.0.2.77",
        "toy.addr == 10.1.2.3",
        "toy.addr > 10.0.0.0",
        "toy.src < toy.dst",
        "not toy.addr != 10.1.2.3",
        "toy.addr ~= 10.1.2.3",
        "toy.six == 2001:db8::42",
        "toy.six == 2001:db8::/32",
        "len(toy.six) == 16",
        'toy.when == "2020-05-06 07:08:09.123456789Z"',
        'toy.when > "2020-05-06T07:08:09+00:00"',
        'toy.when < "2020-05-06 09:08:10+02:00"',
        'toy.when > "May  6, 2020 07:08:09.123 UTC"',
        "toy.when > 1588748889.12",
        'toy.when > "2020-05-01"',
        "toy.took == 0.25",
        "toy.took > 0.2499 and toy.took < 1",
        "toy.rate == 1.5",
        "toy.rate in {1 .. 2}",
        'string(toy.count) matches "^3"',
        'string(toy.src) == "10.1.2.3"',
        "7 == toy.count",
        "5 < toy.count < 8",
        "toy ^^ !toy",
        "not not toy",
        "!toy or toy.count == 7 and toy.flag",
        "(toy && !(toy.count == 8)) || toy.count == 9",
        'toy.name contains "\\x45\\x78" or toy.name contains r"second"',
        'frame contains "GET"',
        'toy.raw contains "\\xff"',
        'toy.raw contains "\\377"',
        'toy.raw[-1] matches "\\xff"',
        'toy.name contains "\\xc3\\x84rger"',
        'toy.name contains "\\u00c4rger"',
        'toy.name contains "Ärger"',
        "toy.count == '\\a'",
        "frame[0:3] == 01:02:03",
        'frame matches "get /.$"',
        "~m POST",
        "~m post & ~c 404",
        "~u example.org/a && ~b body",
        "!~c 200 | ~c 300",
    ],
)
def test_filters_that_pass(text: str) -> None:
    assert passes(text)
    assert not passes(f"not ({text})")


@pytest.mark.parametrize(
    "text",
    [
        "frame.len",
        "frame.len == 1",
        "frame.len != 1",
        "count(frame.len) == 0",
        "toy.count != 7",
        "toy.count === 7",
        "all toy.count == 7",
        "toy.count > 300",
        "toy.count in {8..299}",
        'toy.name[0:40] contains "second"',
        "toy.raw[6:9]",
        "toy.raw[7]",
        "toy.src[2:3] == 02:03",
        "toy.mask & 0x0040",
        "toy.addr != 10.1.2.3",
        "toy.src == 10.2.0.0/16",
        "toy.count / 0 == 1",
        "toy.count#3",
        "toy.count#1 == 300",
        "toy.count#0 == 7",
        "max(toy.count) == 7",
        'toy.name == "Second"',
        "~c 200",
    ],
)
def test_filters_that_do_not(text: str) -> None:
    assert not passes(text)


@pytest.mark.parametrize(
    ("text", "said", "start", "stop"),
    [
        ("toy.cuont == 1", "near to it: toy.count", 0, 9),
        ("toy and wild.horse", "no field is called 'wild.horse'", 8, 18),
        ("toy.count == many", "'many' is no value of toy.count", 13, 17),
        ("toy.kind == plum", "or a name, as 'Apple'", 12, 16),
        ("toy.src == 10.0.0.0/64", "an IPv4 address or a net", 11, 22),
        ("toy.mac == 01:02", "six bytes", 11, 16),
        ("toy.raw == 0x1234", "bytes", 11, 17),
        ("toy.when > yesterday", "a time", 11, 20),
        ('toy.when > "2020-13-01"', "a time", 11, 23),
        ("toy.group == 1", "has no value", 0, 9),
        ('toy contains "x"', "the bytes of toy cannot be asked for", 0, 3),
        ('toy.count contains "x"', "neither text nor bytes; string(toy.count)", 0, 9),
        ("toy.name matches abc", "double quotes", 17, 20),
        ('toy.name matches "("', "the pattern cannot be read", 17, 20),
        ('toy.name matches "(a)\\\\1"', "back references", 17, 25),
        ("toy.count & ", "a field or a value is expected", 12, 12),
        ("toy.count ==", "a field or a value is expected", 12, 12),
        ("toy.count == 1 and", "a field or a value is expected", 18, 18),
        ("(toy", "a closing bracket is expected", 4, 4),
        ("toy)", "is not expected here", 3, 4),
        ("toy toy", "'and', 'or' or the end", 4, 7),
        ("toy.count in 5", "a set in braces", 13, 14),
        ("toy.count in {5", "a comma or a closing brace", 15, 15),
        ("toy.count[0] == 1", "cannot be sliced", 0, 9),
        ("toy.name[x] == 1", "a slice is", 8, 11),
        ("toy.name[0:0] == 1", "above nothing", 8, 13),
        ('toy.name == "x', "does not end", 12, 14),
        ('toy.name == "\\q"', "is no escape", 13, 15),
        ('toy.name == "\\ud800"', "is no escape", 13, 19),
        ("toy.src == toy.six", "their kinds differ", 0, 18),
        ("len(toy.count) == 1", "len() cannot take toy.count", 4, 13),
        ("size(toy.name) == 1", "no function is called 'size'", 0, 4),
        ("count(toy.name)", "a comparison is expected", 0, 15),
        ("max(toy.name) == 1", "max() cannot take toy.name", 4, 12),
        ("max(1, 2) == 1", "wants a field among them", 0, 9),
        ("len(toy.name, toy.raw) == 1", "len() takes one field", 14, 22),
        ("toy.count == 1 / 0", "divided by 0", 13, 18),
        ("toy.count#x == 1", "a slice is", 10, 11),
        ("toy.name[0:1]#1 == 1", "is not expected here", 13, 14),
        ("any toy.count", "a comparison is expected after 'any'", 4, 13),
        ("1 == 2", "no field is called '1'", 0, 1),
        ("toy.name + 1 == 2", "is no number", 0, 8),
        ("toy.count = 1", "'=' means nothing", 10, 11),
        ("", "a filter is expected", 0, 0),
        ("(" * 70 + "toy" + ")" * 70, "more than 64 brackets", 64, 65),
        ("a" * 5000, "at most 4096 characters", 4096, 5000),
        ("toy.count == " + "9" * 100, "is no value", 13, 113),
    ],
)
def test_what_is_wrong_is_said(text: str, said: str, start: int, stop: int) -> None:
    with pytest.raises(BadFilter) as found:
        compile_filter(text, KINDS)
    assert said in found.value.message
    assert (found.value.start, found.value.stop) == (start, stop)


def test_a_filter_tells_what_it_asks_for() -> None:
    found = compile_filter("toy and toy.addr == 10.0.0.1 or len(toy.name) > frame.len", KINDS)
    assert found.names == {"toy.src", "toy.dst", "toy.name", "frame.len"}
    assert found.protocols == {"toy"}
    assert not found.needs_bytes
    assert compile_filter('frame contains "x"', KINDS).needs_bytes
    assert compile_filter("frame[3] == 00", KINDS).needs_bytes
    assert not compile_filter("frame", KINDS).needs_bytes


def compiled(text: str) -> Filter | None:
    """The filter, or None for a complaint, which points into the text."""
    complaint = BadFilter("")
    try:
        return compile_filter(text, KINDS)
    except BadFilter as error:
        complaint = error
    assert complaint.message
    assert 0 <= complaint.start <= complaint.stop <= len(text)
    return None


_WORDS = (
    "toy toy.count toy.name toy.raw toy.src toy.addr toy.kind frame 1 0x10 - 10.0.0.0/8 00:11 "
    '"x" r"\\x" " \'a\' == != ~= ~ < >= & && || ! and or not xor in contains matches any all '
    "( ) { } [ ] : 0:2 .. , + * / % len count( lower( ~m ~c \\ é"
)
WORDS = _WORDS.split()


@given(st.lists(st.sampled_from(WORDS), max_size=12), st.sampled_from(["", " "]))
def test_any_words_are_a_filter_or_a_complaint(words: list[str], gap: str) -> None:
    text = gap.join(words)
    found = compiled(text)
    if found is not None:
        assert found.matches(FRAME) in (True, False)
        assert not found.matches(FrameValues({}, frozenset())) or "!" in text or "not" in text
    for at in (0, len(text) // 2, len(text)):
        for offer in complete(text, at, KINDS):
            assert 0 <= offer.start <= at <= offer.stop <= len(text)


@given(st.text(max_size=60))
def test_any_text_is_a_filter_or_a_complaint(text: str) -> None:
    compiled(text)


@pytest.mark.parametrize("opening", ["(", "!", "-", "{", "lower(", "toy.name[", "not "])
def test_deep_nesting_ends(opening: str) -> None:
    with pytest.raises(BadFilter):
        compile_filter((opening * 4000)[:4096], KINDS)


# completion


def offered(text: str, at: int | None = None) -> list[str]:
    return [found.text for found in complete(text, len(text) if at is None else at, KINDS)]


def test_fields_are_offered() -> None:
    assert offered("toy.c") == ["toy.count"]
    assert offered("toy and ga") == ["games"]
    assert offered("stat") == ["toy.mac"]
    assert "toy" in offered("")
    assert offered("(toy.ad") == ["toy.addr"]
    [found] = complete("x == 1 or toy.c == 3", 15, KINDS)
    assert (found.text, found.start, found.stop, found.title) == ("toy.count", 10, 15, "How many")


def test_operators_are_offered() -> None:
    assert offered("toy.name ") == ["==", "!=", "in", "contains", "matches", "and", "or"]
    assert offered("toy.name co") == ["contains"]
    assert offered("toy.group ") == ["and", "or"]
    assert ">=" in offered("toy.count ")
    assert offered("toy.count == 1 ") == ["and", "or"]


def test_values_are_offered() -> None:
    assert [(c.text, c.title) for c in complete("toy.kind == ", 12, KINDS)] == [
        ("0x0a", "Apple"),
        ("0x0b", "Big pear"),
    ]
    assert offered("toy.kind in {0x0a, b") == ["0x0b"]
    assert offered("toy.flag == ") == ["True", "False"]
    assert offered('toy.name == "') == []


# patterns


def test_patterns_agree_with_the_usual_matcher() -> None:
    rng = random.Random(4)
    pieces = [
        "a",
        "b",
        ".",
        r"\d",
        "[ab]",
        "[^a]",
        "[a-c1]",
        r"\w",
        r"\b",
        "^",
        "$",
        r"\.",
        "\n",
        "é",
    ]

    def made(depth: int = 0) -> str:
        draw = rng.random()
        if depth > 3 or draw < 0.35:
            return rng.choice(pieces)
        if draw < 0.55:
            return made(depth + 1) + made(depth + 1)
        if draw < 0.7:
            return f"({made(depth + 1)}|{made(depth + 1)})"
        repeat = rng.choice(["", "*", "+", "?", "{2}", "{1,3}", "{0,2}", "{2,}", "*?"])
        return f"(?:{made(depth + 1)}){repeat}"

    for _ in range(1500):
        text = made()
        ours, theirs = Pattern(text), re.compile(text, re.IGNORECASE | re.ASCII)
        for _ in range(5):
            subject = "".join(rng.choice("abcABx1_. \né") for _ in range(rng.randrange(9)))
            assert ours.found_in(subject) == bool(theirs.search(subject)), (text, subject)


def test_patterns_do_not_hang() -> None:
    for text in ("(a+)+$", "(a|a)*b", "a*a*a*a*a*a*c", "(a{1,20}){1,20}b", "(.*)*x"):
        assert not Pattern(text).found_in("a" * 20_000 + "\n!")


@pytest.mark.parametrize(
    "text", ["(", ")", "a{300}", "(?=a)", "(?<!a)b", "*", "[a", "\\1", "(((a{99}){99}){99})", "a++"]
)
def test_patterns_that_are_refused(text: str) -> None:
    with pytest.raises(BadPattern):
        Pattern(text)


# tshark

TABLE = {
    "dns-records": r"""
dns
udp && !dns
dns.flags.response
dns.flags.response == 1
dns.flags.response == False
dns.flags.response ne True
dns.flags.rcode != 0
dns.flags.rcode in {2, 3}
dns.qry.type == 1
dns.qry.type in {1, 28}
dns.qry.type in {2..6, 15..16}
dns.qry.type > 15 and dns.qry.type <= 28
dns.qry.type == 0x1c
dns.qry.name == "www.example.org"
dns.qry.name contains "shop"
dns.qry.name contains "SHOP"
dns.qry.name matches "SHOP"
dns.qry.name matches "(?-i)SHOP"
dns.qry.name matches "^(www|shop)\\.[a-z]+"
dns.qry.name matches r"\.org$"
dns.qry.name[0:3] == "www"
dns.qry.name[0] == "s"
dns.qry.name[-3:] == "org"
dns.qry.name[0:16]
dns.qry.name[4-6] == "exa"
len(dns.qry.name) > 12
count(dns.resp.name) > 3
count(dns.resp.name) == 0
upper(dns.qry.name) contains "SHOP"
dns.a == 198.51.100.0/24
dns.a == 198.51.100.80
dns.a != 198.51.100.80
dns.a === 198.51.100.80
any dns.a != 198.51.100.80
dns.aaaa
dns.aaaa == 2001:db8:2::/48
dns.aaaa == 2001:db8:2::80
dns.resp.ttl > 3000
all dns.resp.ttl > 3000
dns.resp.ttl >= 300 && dns.resp.ttl < 4000
dns.id & 1
dns.id & 0x0003 == 3
dns.id & 0x8000
dns.count.answers gt 1
dns.count.answers le 1 and dns
dns.cname contains "cdn"
dns.mx.mail_exchange
ip.src == 192.0.2.0/24
ip.addr == 192.0.2.0/30
ip.dst != 192.0.2.10
ip.src < ip.dst
ip.src == ip.dst
ip.addr[0:2] == c0:00
ip.src[3] == 0a
ip.src[0,3] == c6:35
ip.src[0:5]
eth.src[0:3] == 02:00:00
eth.addr contains 00:00
ip.len > 200 or udp.length < 60
ip.id > 0x7fff
udp.port == 53
udp.srcport == 53
udp.port != 53
any udp.port != 53
all udp.port > 50
udp.dstport >= udp.srcport + 1
udp.srcport - 53 == 0
{udp.srcport + 1} * 2 == 108
udp.length > 0b1001000
udp.length < 0120
frame.number == 5
frame.number <= 10 and frame.number >= 3
frame.number % 2 == 1
frame.len in {60..100}
string(frame.number) matches "[13579]$"
frame.time_relative > 0.2
frame.time_delta < 0.03
frame.time > "2020-01-01 00:00:00"
frame.time < "Jan  1, 2020 00:00:00"
frame.time > "Dec 31, 2020 00:00:00"
frame.time < "2199-01-01T00:00:00Z"
frame contains "shop"
frame contains 04:73:68:6f:70
frame[12:2] == 08:00
frame[-1:] == 00
frame matches "SHOP.example"
frame contains "\xc6\x33"
frame contains "\306\063\144"
(dns.flags.response == 1 || ip.ttl > 1) && !(ip.ttl < 64)
not udp.port == 53
! dns.flags.response == 1
dns.flags.response == 1 or dns.qry.type == 1 and dns.qry.type == 2
""",
    "http1-keepalive": r"""
http
http.request
http.request.method == "GET"
http.request.method in {"HEAD", "POST"}
http.request.method != "GET"
http.request.uri matches "^/[a-z]*$"
http.request.version == "HTTP/1.1"
http.response.code == 200
http.response.code >= 300
http.response.code / 100 == 2
http.host[0:3] == "www"
http.content_type contains "html"
http.content_length > 100
http.user_agent
http.content_encoding
http.chunk_size > 10
http.connection
len(http.request.uri) > 1
http.request.line contains "Accept"
http.response.line matches "^content-type"
count(http.response.line) > 4
tcp.len > 0 and not http
tcp.dstport not in {80}
udp.port not in {80}
tcp.port == 80 && tcp.flags.syn == 1
tcp.flags == 0x02
tcp.flags & 0x02
tcp.flags & 0x12 == 0x12
tcp.flags.fin || tcp.flags.reset
tcp.options.mss_val == 1460
tcp.window_size_value < 600
tcp.stream eq 0 && http.request
tcp.payload contains "GET"
tcp.payload[0:4] == "HTTP"
tcp.seq_raw > 0x7fffffff
""",
}
CASES = [(name, line) for name in TABLE for line in TABLE[name].strip().splitlines()]


@cache
def records(name: str) -> tuple[Record, ...]:
    capture = open_capture(str(FOLDER / f"{name}.pcapng"))
    for _ in load(capture):
        pass
    return tuple(capture.records(range(capture.count)))


def ours(name: str, text: str) -> list[int]:
    """Numbers of the frames that pass, in the lean gear."""
    wish = compile_filter(text, REGISTRY)
    engine = Engine(REGISTRY)
    found = []
    for record in records(name):
        values = frame_values(engine.feed(record, wanted=wish.names), REGISTRY, record.data)
        if wish.matches(values):
            found.append(record.number + 1)
    return found


SUM = re.compile(r"^\|[^|]*<>[^|]*\|\s*(\d+)\s*\|", re.MULTILINE)
needs_tshark = pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")


def tshark(name: str, *arguments: str) -> str:
    command = ["tshark", "-n", "-r", str(FOLDER / f"{name}.pcapng"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.tshark
@needs_tshark
@pytest.mark.parametrize("name", list(TABLE))
def test_the_same_frames_pass_as_in_tshark(name: str) -> None:
    """In one run of tshark, which adds up the numbers of the frames that pass each filter."""
    texts = [text for where, text in CASES if where == name and "," not in text]
    asked = [f"io,stat,0,SUM(frame.number)frame.number and ({text})" for text in texts]
    said = tshark(name, "-q", *(part for one in asked for part in ("-z", one)))
    theirs = dict(zip(reversed(texts), map(int, SUM.findall(said)), strict=True))
    assert {text: sum(ours(name, text)) for text in texts} == theirs


@pytest.mark.tshark
@needs_tshark
@pytest.mark.parametrize(("name", "text"), [case for case in CASES if "," in case[1]])
def test_the_same_frames_pass_as_in_tshark_with_commas(name: str, text: str) -> None:
    said = tshark(name, "-Y", text, "-T", "fields", "-e", "frame.number")
    assert ours(name, text) == [int(number) for number in said.split()]


def test_the_table_tells_filters_apart() -> None:
    """Most filters pass some frames and not others; else the comparison proves little."""
    some = [0 < len(ours(name, text)) < len(records(name)) for name, text in CASES]
    assert sum(some) > 0.7 * len(CASES)
