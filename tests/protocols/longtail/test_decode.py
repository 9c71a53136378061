"""What scapy reads for us: names, values, spans; that it is not imported early; that it is tame."""

from __future__ import annotations

import random
import subprocess
import sys

import pytest
from scapy.contrib.mpls import MPLS
from scapy.contrib.ospf import OSPF_Hdr, OSPF_Hello
from scapy.layers.dhcp import BOOTP, DHCP
from scapy.layers.dhcp6 import DHCP6_Solicit, DHCP6OptElapsedTime
from scapy.layers.eap import EAP, EAPOL
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import LLC, STP, Dot3, Ether
from scapy.layers.ntp import NTP
from scapy.layers.radius import Radius, RadiusAttr_NAS_IP_Address
from scapy.layers.rip import RIP, RIPEntry
from scapy.layers.sctp import SCTP, SCTPChunkData
from scapy.layers.snmp import SNMP, SNMPget, SNMPvarbind
from scapy.layers.tftp import TFTP, TFTP_RRQ
from stack_reading import START, check, layer, layers, notes, read, root, text
from trees import check_nesting

from wirestep.decode.engine import Engine
from wirestep.model import Record
from wirestep.protocols import REGISTRY
from wirestep.protocols.longtail import PROTOCOLS
from wirestep.protocols.longtail.bindings import BINDINGS, NATIVE
from wirestep.protocols.longtail.trace import load

MACS = {"dst": "0a:01:02:03:04:05", "src": "00:11:12:13:14:15"}
ETHER = Ether(**MACS) / IP(src="10.1.2.3", dst="10.4.5.6")


def over_udp(port: int, packet: object) -> Ether:
    return ETHER / UDP(sport=40_000, dport=port) / packet


SAMPLES = {
    "dhcp": over_udp(
        67,
        BOOTP(xid=0x1234ABCD, chaddr=b"\x00\x11\x12\x13\x14\x15", yiaddr="10.0.0.7")
        / DHCP(options=[("message-type", "discover"), ("requested_addr", "10.0.0.9"), "end"]),
    ),
    "ntp": over_udp(123, NTP(version=4, mode=3, stratum=2)),
    "snmp": over_udp(
        161,
        SNMP(
            community="public",
            PDU=SNMPget(id=5, varbindlist=[SNMPvarbind(oid="1.3.6.1.2.1.1.1.0")]),
        ),
    ),
    "tftp": over_udp(69, TFTP() / TFTP_RRQ(filename="boot.img", mode="octet")),
    "radius": over_udp(
        1812, Radius(code=1, id=7, attributes=[RadiusAttr_NAS_IP_Address(value="1.2.3.4")])
    ),
    "rip": over_udp(520, RIP(cmd=2, version=2) / RIPEntry(addr="10.0.0.0", metric=3)),
    "sctp": ETHER
    / SCTP(sport=51, dport=62, tag=0x7788)
    / SCTPChunkData(tsn=9, beginning=1, data=b"hello"),
    "ospf": ETHER / OSPF_Hdr(src="1.1.1.1") / OSPF_Hello(neighbors=["2.2.2.2"]),
    "eapol": Ether(**MACS) / EAPOL(type=0) / EAP(code=2, id=3, type=1, identity=b"bob"),
    "stp": Dot3(**MACS) / LLC(dsap=0x42, ssap=0x42, ctrl=3) / STP(rootid=0x1234),
    "dhcpv6": Ether(**MACS)
    / IPv6(src="fe80::1", dst="ff02::1:2")
    / UDP(sport=546, dport=547)
    / DHCP6_Solicit(trid=0x112233)
    / DHCP6OptElapsedTime(elapsedtime=7),
}
EXPECTED = {
    "dhcp": {
        "scapy.bootp.xid": "305441741",
        "scapy.bootp.yiaddr": "10.0.0.7",
        "scapy.dhcp_option.code": "53,50,255",
        "scapy.dhcp_option.value": "1,10.0.0.9",
    },
    "ntp": {"scapy.ntpheader.version": "4", "scapy.ntpheader.mode": "3"},
    "snmp": {
        "scapy.snmp.community": "public",
        "scapy.snmp.pdu.snmpget.id": "5",
        "scapy.snmp.pdu.snmpget.varbindlist.snmpvarbind.oid": "1.3.6.1.2.1.1.1.0",
    },
    "tftp": {"scapy.tftp_rrq.filename": "boot.img"},
    "radius": {"scapy.radius.id": "7", "scapy.radiusattr_nas_ip_address.value": "1.2.3.4"},
    "rip": {"scapy.rip.cmd": "2", "scapy.ripentry.metric": "3"},
    "sctp": {
        "scapy.sctp.sport": "51",
        "scapy.sctp.dport": "62",
        "scapy.sctpchunkdata.beginning": "1",
        "scapy.sctpchunkdata.ending": "0",
        "scapy.sctpchunkdata.tsn": "9",
    },
    "ospf": {"scapy.ospf_hdr.src": "1.1.1.1"},
    "eapol": {"scapy.eap.identity": "bob"},
    "stp": {"scapy.stp.rootid": "4660"},
    "dhcpv6": {
        "scapy.dhcp6_solicit.trid": str(0x112233),
        "scapy.dhcp6optelapsedtime.elapsedtime": "7",
    },
}


@pytest.mark.parametrize("name", SAMPLES)
def test_values_are_scapys(name: str) -> None:
    (found,) = read(SAMPLES[name])
    assert name in layers(found).split()
    message = layer(found, name)
    check(message, EXPECTED[name])
    check_nesting(root(message))
    assert not message.marks
    assert message.label == next(card.label for card in PROTOCOLS if card.name == name)


def test_spans_are_where_the_bytes_are() -> None:
    frame = bytes(SAMPLES["dhcp"])
    (found,) = read(frame)
    message = layer(found, "dhcp")
    tree = root(message)
    for name, said in (
        ("scapy.bootp.xid", bytes.fromhex("1234abcd")),
        ("scapy.bootp.yiaddr", bytes((10, 0, 0, 7))),
        ("scapy.bootp.options", bytes.fromhex("63825363")),
        ("scapy.dhcp.options", frame[frame.index(b"\x63\x82\x53\x63") + 4 :]),
    ):
        field = tree.find(name)
        assert field is not None
        assert frame[field.span.start : field.span.stop] == said
    assert message.summary == "DHCP Discover - Transaction ID 0x1234abcd"
    (found,) = read(SAMPLES["snmp"])
    assert layer(found, "snmp").summary == "snmpget 1.3.6.1.2.1.1.1.0"
    (found,) = read(SAMPLES["sctp"])
    flag = root(layer(found, "sctp")).find("scapy.sctpchunkdata.beginning")
    assert flag is not None
    assert flag.span == (47, 48, 2)


def test_what_we_read_ourselves_is_handed_to_us() -> None:
    inner = IP(src="7.7.7.7", dst="8.8.8.8") / UDP(sport=51, dport=62) / b"x"
    (found,) = read(Ether(**MACS) / MPLS(label=16, s=0) / MPLS(label=17, s=1) / inner)
    assert layers(found) == "eth mpls ip udp data"
    assert text(layer(found, "ip"), "ip.src") == "7.7.7.7"
    check(layer(found, "mpls"), {"scapy.mpls.label": "16,17", "scapy.mpls.s": "0,1"})


def test_every_binding_names_a_layer_that_exists() -> None:
    for binding in BINDINGS:
        assert callable(load(binding.module, binding.layer)), binding
    assert all(name in REGISTRY for name in NATIVE.values())


def test_scapy_is_imported_with_the_first_packet_and_no_sooner() -> None:
    code = (
        "import sys, wirestep.protocols as p\n"
        "assert not [m for m in sys.modules if m.startswith('scapy')]\n"
        "from wirestep.decode.engine import Engine\n"
        "from wirestep.model import Record\n"
        f"data = bytes.fromhex('{bytes(SAMPLES['ntp']).hex()}')\n"
        "found = Engine(p.REGISTRY).feed(Record(0, 0, data, len(data)))\n"
        "assert 'ntp' in [m.protocol for m in found], found\n"
        "assert 'scapy.layers.ntp' in sys.modules and 'scapy.all' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", SAMPLES)
def test_damage_stays_inside(name: str) -> None:
    """Changed and cut packets: whole trees, no fault of ours, nothing but notes."""
    dice = random.Random(name)
    frame = bytes(SAMPLES[name])
    for _ in range(60):
        data = bytearray(frame)
        for _ in range(dice.randrange(1, 6)):
            data[dice.randrange(14, len(data))] = dice.choice((0, 255, dice.randrange(256)))
        data = data[: dice.randrange(len(data) // 2, len(data) + 1)]
        for message in Engine(REGISTRY).feed(Record(0, START, bytes(data), len(frame)), full=True):
            assert "bug" not in message.marks, message.summary
            check_nesting(root(message))


def test_a_broken_packet_keeps_what_was_read() -> None:
    frame = bytes(SAMPLES["ospf"])[:44]
    (found,) = read(frame)
    message = layer(found, "ospf")
    assert text(message, "scapy.ospf_hdr.version") == "2"
    assert notes(message) or "broken" in message.marks
