"""Every record type that dnspython knows: its bytes, read here, must say what dnspython says."""

from __future__ import annotations

import dns.flags
import dns.message
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import pytest

from wirestep.decode.contract import Where
from wirestep.decode.cursor import Cursor
from wirestep.decode.lean import LeanCursor
from wirestep.model import Field, Record, Side, Source
from wirestep.protocols.dns import PROTOCOL
from wirestep.protocols.dns.decode import DnsDecoder
from wirestep.protocols.dns.names import TYPES
from wirestep.protocols.dns.rdata import LAYOUTS

OWNER = "_25._tcp.host-7.example.org."
KEY = "AwEAAc3pQ1hm7nU2yZ0lbf4s9Vd8a/8wq5cN2yYtTgRr0JtqXv9W"
DIGEST = "3d1e0a7755c2f09b8d6a4e13f07b22c19a5d8e6f40b1c2d3e4f5061728394a5b"

SAMPLES = """
A 198.51.100.77
NS ns-9.example.net.
CNAME target-3.example.com.
SOA ns-1.example.org. hostmaster-2.example.org. 2026112201 7203 3607 1209605 301
WKS 10.1.2.77 6 25 80 443
PTR printer-4.example.org.
HINFO "VAX-11/780" "UNIX \\"V7\\""
MX 513 mail-2.example.net.
TXT "v=spf1 -all" "second; \\"quoted\\" \\\\ \\200\\255 string" ""
TXT one
RP admin.example.org. info.example.net.
AFSDB 258 afs-3.example.org.
X25 "311061700956"
ISDN "150862028003217" "004"
ISDN "150862028003217"
RT 772 relay-5.example.net.
NSAP 0x47.0005.80.005a00.0000.0001.e133.ffffff000161.00
NSAP-PTR nsap-owner.example.org.
SIG A 5 3 86401 20261231235958 20261101000203 2642 example.net. oJB1W6WNGv+ldvQ3WDG0MQkg5IEhjRip
KEY 513 3 8 AwEAAc3pQ1hm7nU2yZ0lbf4s9Vd8a/8wq5cN2yYtTgRr0Jtq
PX 1029 map822.example.net. map400.example.org.
GPOS -32.6882 116.8652 250.0
AAAA 2001:db8:17:2::5a:f00d
AAAA ::ffff:203.0.113.9
LOC 52 22 23.417 N 4 53 32.021 E -2.00m 30.00m 10000.00m 20.00m
LOC 33 51 35.900 S 151 12 40.000 W 42849672.95m 0.00m 90000000.00m 1.00m
SRV 770 1541 5062 sip-8.example.net.
NAPTR 1030 515 "u" "E2U+sip" "!^.*$!sip:info@example.com!" .
NAPTR 1031 516 "s" "SIP+D2U" "" _sip._udp.example.com.
KX 2050 kx-7.example.org.
CERT PGP 4660 RSASHA256 mQINBFit2jsBEADrbl5vjVxYeAE0g0IDYCBpHirv1Sjlqxx5gjtP
CERT 65280 1 200 AQIDBA==
DNAME moved-2.example.net.
APL 1:192.168.32.0/21 !1:192.168.38.0/28 2:2001:db8:ff00::/40 !2:2001:db8:a::1/128
APL
DS 60485 13 2 3d1e0a7755c2f09b8d6a4e13f07b22c19a5d8e6f40b1c2d3e4f5061728394a5b
SSHFP 4 2 3d1e0a7755c2f09b8d6a4e13f07b22c19a5d8e6f40b1c2d3e4f5061728394a5b
IPSECKEY 10 1 2 192.0.2.38 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==
IPSECKEY 11 0 3 . AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==
IPSECKEY 12 3 2 gateway-6.example.org. AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==
IPSECKEY 13 2 2 2001:db8:0:8002::2000:1 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==
RRSIG MX 14 4 3605 20270102030405 20261122151617 30909 example.org. oJB1W6WNGv+ldvQ3WDG0MQkg5IEhjRip
NSEC zz-host.example.org. A MX RRSIG NSEC TYPE1234 CAA
DNSKEY 257 3 13 AwEAAc3pQ1hm7nU2yZ0lbf4s9Vd8a/8wq5cN2yYtTgRr0Jtq
DNSKEY 384 3 1 AwEAAc3pQ1hm7nU2yZ0lbf4s9Vd8a/8wq5cN2yYtTgRr0Jtq
DHCID AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA=
NSEC3 1 1 1285 aabbccdd 2t7b4g4vsa5smi47k61mv5bv1a22bojr NS SOA MX RRSIG DNSKEY NSEC3PARAM
NSEC3 1 0 12 - 2t7b4g4vsa5smi47k61mv5bv1a22bojr
NSEC3PARAM 1 0 1541 0badcafe
TLSA 3 0 1 3d1e0a7755c2f09b8d6a4e13f07b22c19a5d8e6f40b1c2d3e4f5061728394a5b
SMIMEA 2 0 1 3d1e0a7755c2f09b8d6a4e13f07b22c19a5d8e6f40b1c2d3e4f5061728394a5b
HIP 2 200100107b1a74df365639cc39f1d578 AwEAAbdxyhNuSutc5EMzxTs9LBPCIkOF \
rv1.example.net. rv2.example.org.
NINFO "zone is" "fine"
CDS 60486 14 2 3d1e0a7755c2f09b8d6a4e13f07b22c19a5d8e6f40b1c2d3e4f5061728394a5b
CDNSKEY 256 3 15 AwEAAc3pQ1hm7nU2yZ0lbf4s9Vd8a/8wq5cN2yYtTgRr0Jtq
OPENPGPKEY mQINBFit2jsBEADrbl5vjVxYeAE0g0IDYCBpHirv1Sjlqxx5gjtP
CSYNC 2026112299 3 A NS AAAA
ZONEMD 2026112298 1 1 3d1e0a7755c2f09b8d6a4e13f07b22c19a5d8e6f40b1c2d3e4f5061728394a5b\
3d1e0a7755c2f09b8d6a4e13f07b22c1
SVCB 16 svc-2.example.org. mandatory="alpn,ipv4hint" alpn="h2,h3" no-default-alpn port="8443" \
ipv4hint="192.0.2.1,192.0.2.77" ech="AAYAAQIDBAU=" \
ipv6hint="2001:db8::1,2001:db8::53:9" key667="he\\"llo\\210"
SVCB 0 pool-3.example.net.
HTTPS 1 . alpn="h3,h2" port="4443"
DSYNC CDS NOTIFY 5359 scanner-1.example.net.
HHIT AwEAAc3pQ1hm7nU2
BRID AwEAAc3pQ1hm7nU3
SPF "v=spf1 include:example.net -all"
NID 772 0014:4fff:ff20:ee64
L32 1030 10.1.2.77
L64 1286 2001:0db8:1140:1000
LP 1543 l64-subnet.example.com.
EUI48 00-00-5e-90-01-2a
EUI64 00-00-5e-ef-10-00-02-2b
URI 2571 5142 "ftp://ftp1.example.com/public"
CAA 128 issuewild "ca-4.example.net; policy=ev"
CAA 0 iodef "mailto:security@example.com"
CAA 1 tbs "unknown tag"
AVC "app-name:WIRE|app-class:OAM"
AMTRELAY 10 0 1 203.0.113.15
AMTRELAY 129 1 2 2001:db8::15
AMTRELAY 3 0 3 amtrelays.example.com.
AMTRELAY 4 1 0 .
RESINFO "qnamemin" "exterr=15-17" "infourl=https://resolver.example.com/guide"
WALLET "BTC" "bc1qxy2kgdygjrsqtzq2n0yrf2493p83kkfjhx0wlh"
DLV 60487 5 1 2bb183af5f22588179a53b0a98631fad1a292118
TKEY gss-tsig. 1793491323 1798761598 3 16 AQIDBAUGBwg=
TSIG hmac-sha256. 1795362000 301 8 AQIDBAUGBwg= 4660 NOERROR 0
NULL \\# 5 0102030405
MB \\# 12 026d62076578616d706c6500
TYPE65280 \\# 7 c00c01020304ff
"""
STYLE = dns.rdata.RdataStyle(base64_chunk_size=0, hex_chunk_size=0)
CASES = [line for line in SAMPLES.splitlines() if line]


def where_of(wire: bytes, side: Side = Side.SERVER, *, stream: bool = False) -> Where:
    """A place in the world for one message."""
    return Where(side, Record(6, 1_000_000_000, wire, len(wire)), stream=stream, length=len(wire))


def tree_of(wire: bytes, variant: str = "dns") -> Field:
    """The message decoded in the full gear."""
    cursor = Cursor(Source("test", wire, ()))
    reading = DnsDecoder(variant).decode(cursor, where_of(wire))
    return cursor.finish("dns")._replace(shown=reading.summary)


def all_of(tree: Field, name: str) -> list[object]:
    """The values of all fields called `name`."""
    return [field.value for field in tree.walk() if field.name == name]


def uncovered(tree: Field, size: int) -> list[int]:
    """Bytes whose bits are not in exactly one leaf."""
    seen = [0] * size
    wrong = set()
    for leaf in tree.leaves():
        start, stop, mask = leaf.span
        width = stop - start
        for place in range(start, stop):
            bits = mask >> 8 * (stop - 1 - place) & 0xFF if mask else 0xFF
            if seen[place] & bits:
                wrong.add(place)
            seen[place] |= bits
        assert width >= 0
    return sorted(wrong | {place for place, bits in enumerate(seen) if bits != 0xFF})


def message_with(text: str) -> tuple[bytes, dns.rdata.Rdata]:
    """A response whose one answer is the sample, and dnspython's reading of it."""
    kind, _, rest = text.partition(" ")
    number = dns.rdatatype.from_text(kind)
    rdata = dns.rdata.from_text(dns.rdataclass.IN, number, rest)
    message = dns.message.make_response(dns.message.make_query(OWNER, number))
    answer = dns.rrset.from_rdata(dns.name.from_text(OWNER), 86399, rdata)
    message.answer.append(answer)
    wire = message.to_wire()
    return wire, rdata


@pytest.mark.parametrize("text", CASES)
def test_record_as_dnspython_reads_it(text: str) -> None:
    wire, rdata = message_with(text)
    tree = tree_of(wire)
    kind = dns.rdatatype.to_text(rdata.rdtype)
    line = all_of(tree, "dns.resp")[0]
    expected = f"{OWNER} 86399 IN {kind} {rdata.to_styled_text(STYLE)}".rstrip()
    if isinstance(rdata, dns.rdata.GenericRdata) and rdata.rdtype in TYPES:
        assert not [note for field in tree.walk() for note in field.notes]
    else:
        assert line == expected
    assert [note for field in tree.walk() for note in field.notes] == []
    assert uncovered(tree, len(wire)) == []
    assert tree.find("unread") is None


@pytest.mark.parametrize("text", CASES)
def test_lean_gear_keeps_what_the_tree_has(text: str) -> None:
    wire, _ = message_with(text)
    tree = tree_of(wire)
    lean = LeanCursor(Source("test", wire, ()), 0, len(wire), frozenset(PROTOCOL.fields))
    DnsDecoder().decode(lean, where_of(wire))
    below = [(f.name, f.value, f.shown) for f in tree.walk() if f is not tree]
    assert list(lean.finish_lean()) == below


@pytest.mark.parametrize("text", CASES)
def test_every_field_is_in_the_table(text: str) -> None:
    tree = tree_of(message_with(text)[0])
    assert {field.name for field in tree.walk()} - {"dns"} <= set(PROTOCOL.fields)


@pytest.mark.parametrize("text", CASES)
def test_data_cut_short_is_told_and_left(text: str) -> None:
    """Whatever is missing of the data, the record behind it is read."""
    wire, rdata = message_with(text)
    size = len(rdata.to_wire())
    if rdata.rdtype in (dns.rdatatype.SVCB, dns.rdatatype.HTTPS) or size < 3:
        return
    head = wire.index(dns.name.from_text(OWNER).to_wire()) + len(
        dns.name.from_text(OWNER).to_wire()
    )
    for keep in range(0, size, 3):
        data = rdata.to_wire()[:keep]
        record = b"\xc0\x0c" + rdata.rdtype.to_bytes(2, "big") + bytes.fromhex("0001000151ff")
        record += len(data).to_bytes(2, "big") + data
        tail = bytes.fromhex("c00c0001000100000007 0004 cb0071fa")
        counts = bytes.fromhex("8000 0001 0002 0000 0000")
        whole = wire[:2] + counts + wire[12 : head + 4] + record + tail
        tree = tree_of(whole)
        assert all_of(tree, "dns.a")[-1] == bytes([203, 0, 113, 250])
        assert uncovered(tree, len(whole)) == []


def test_there_is_a_sample_for_every_layout() -> None:
    sampled = {line.split()[0] for line in CASES}
    without = {"MD", "MF", "MG", "MR", "MINFO", "NXT", "A6", "TALINK", "TA"}
    assert set(LAYOUTS) - sampled == without


def test_dnspython_has_no_type_without_layout() -> None:
    meta = {"TYPE0", "OPT", "ANY", "IXFR", "AXFR", "MAILA", "MAILB", "UNSPEC", "NXNAME"}
    assert {dns.rdatatype.to_text(t) for t in dns.rdatatype.RdataType} - meta <= set(LAYOUTS)
