"""Every record type that dnspython knows: its bytes, read here, must say what dnspython says."""

from __future__ import annotations

import dns.flags
import dns.message
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import pytest
from dns_records import CASES, OWNER, message_with

from wirestep.decode.contract import Where
from wirestep.decode.cursor import Cursor
from wirestep.decode.lean import LeanCursor
from wirestep.model import Field, Record, Side, Source
from wirestep.protocols.dns import PROTOCOL
from wirestep.protocols.dns.decode import DnsDecoder
from wirestep.protocols.dns.names import TYPES
from wirestep.protocols.dns.rdata import LAYOUTS

STYLE = dns.rdata.RdataStyle(base64_chunk_size=0, hex_chunk_size=0)


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
