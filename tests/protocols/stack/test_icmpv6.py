"""ICMPv6, neighbour discovery and multicast listeners against scapy."""

from __future__ import annotations

from scapy.layers.inet import UDP
from scapy.layers.inet6 import (
    ICMPv6DestUnreach,
    ICMPv6EchoReply,
    ICMPv6EchoRequest,
    ICMPv6MLDMultAddrRec,
    ICMPv6MLQuery2,
    ICMPv6MLReport2,
    ICMPv6ND_NA,
    ICMPv6ND_NS,
    ICMPv6ND_RA,
    ICMPv6ND_Redirect,
    ICMPv6NDOptCaptivePortal,
    ICMPv6NDOptDNSSL,
    ICMPv6NDOptDstLLAddr,
    ICMPv6NDOptMTU,
    ICMPv6NDOptPrefixInfo,
    ICMPv6NDOptRDNSS,
    ICMPv6NDOptRedirectedHdr,
    ICMPv6NDOptRouteInfo,
    ICMPv6NDOptSrcLLAddr,
    ICMPv6PacketTooBig,
    ICMPv6ParamProblem,
    IPv6,
)
from scapy.layers.l2 import Ether
from stack_reading import check, layer, layers, notes, read, text

ETHER = Ether(dst="0a:01:02:03:04:05", src="00:11:12:13:14:15")
HERE, THERE = "2001:db8::1", "2001:db8::2"
QUOTED = IPv6(src=THERE, dst=HERE) / UDP(sport=51, dport=62) / b"hello"


def there(packet: object) -> Ether:
    return ETHER / IPv6(src=HERE, dst=THERE, hlim=255) / packet


def back(packet: object) -> Ether:
    return ETHER / IPv6(src=THERE, dst=HERE, hlim=255) / packet


def test_a_reply_knows_its_request() -> None:
    first, second = read(
        there(ICMPv6EchoRequest(id=0x1234, seq=0x5678, data=b"one")),
        back(ICMPv6EchoReply(id=0x1234, seq=0x5678, data=b"one")),
    )
    check(
        layer(first, "icmpv6"),
        {
            "icmpv6.type": "128",
            "icmpv6.checksum.status": "1",
            "icmpv6.echo.identifier": "0x1234",
            "icmpv6.echo.sequence_number": "22136",
        },
    )
    reply = layer(second, "icmpv6")
    check(reply, {"icmpv6.resp_to": "1", "icmpv6.resptime": "1"})
    assert reply.answers == layer(first, "icmpv6").number
    assert text(layer(second, "data"), "data.data") == b"one".hex()


def test_neighbours() -> None:
    first, second = read(
        there(ICMPv6ND_NS(tgt="2001:db8::9") / ICMPv6NDOptSrcLLAddr(lladdr="00:11:22:33:44:55")),
        back(
            ICMPv6ND_NA(tgt="2001:db8::9", R=1, S=0, O=1)
            / ICMPv6NDOptDstLLAddr(lladdr="a0:11:22:33:44:55")
        ),
    )
    asked, told = layer(first, "icmpv6"), layer(second, "icmpv6")
    assert asked.summary == "Neighbor Solicitation for 2001:db8::9 from 00:11:22:33:44:55"
    assert told.summary == ("Neighbor Advertisement 2001:db8::9 (rtr, ovr) is at a0:11:22:33:44:55")
    check(asked, {"icmpv6.nd.ns.target_address": "2001:db8::9"})
    check(
        told,
        {
            "icmpv6.nd.na.flag": "0xa0000000",
            "icmpv6.nd.na.flag.r": "True",
            "icmpv6.nd.na.flag.s": "False",
            "icmpv6.nd.na.flag.o": "True",
            "icmpv6.opt.type": "2",
            "icmpv6.opt.length": "1",
            "icmpv6.opt.linkaddr": "a0:11:22:33:44:55",
            "icmpv6.opt.target_linkaddr": "a0:11:22:33:44:55",
        },
    )


def test_a_router_tells_everything() -> None:
    packet = (
        ICMPv6ND_RA(chlim=64, M=1, prf=1, routerlifetime=1800, reachabletime=11, retranstimer=12)
        / ICMPv6NDOptPrefixInfo(
            prefix="2001:db8:1::",
            prefixlen=64,
            L=1,
            A=0,
            validlifetime=86_400,
            preferredlifetime=14_400,
        )
        / ICMPv6NDOptMTU(mtu=1480)
        / ICMPv6NDOptRDNSS(lifetime=600, dns=["2001:db8::53", "2001:db8::54"])
        / ICMPv6NDOptDNSSL(lifetime=500, searchlist=["example.com", "a.test"])
        / ICMPv6NDOptRouteInfo(plen=48, prf=3, rtlifetime=99, prefix="2001:db8:5::")
        / ICMPv6NDOptCaptivePortal(URI=b"http://x.test/")
    )
    (found,) = read(there(packet))
    check(
        layer(found, "icmpv6"),
        {
            "icmpv6.nd.ra.cur_hop_limit": "64",
            "icmpv6.nd.ra.flag": "0x88",
            "icmpv6.nd.ra.flag.m": "True",
            "icmpv6.nd.ra.flag.o": "False",
            "icmpv6.nd.ra.flag.prf": "1",
            "icmpv6.nd.ra.router_lifetime": "1800",
            "icmpv6.nd.ra.reachable_time": "11",
            "icmpv6.nd.ra.retrans_timer": "12",
            "icmpv6.opt.type": "3,5,25,31,24,37",
            "icmpv6.opt.prefix.length": "64,48",
            "icmpv6.opt.prefix.flag": "0x80",
            "icmpv6.opt.prefix.valid_lifetime": "86400",
            "icmpv6.opt.prefix.preferred_lifetime": "14400",
            "icmpv6.opt.prefix": "2001:db8:1::,2001:db8:5::",
            "icmpv6.opt.mtu": "1480",
            "icmpv6.opt.rdnss.lifetime": "600",
            "icmpv6.opt.rdnss": "2001:db8::53,2001:db8::54",
            "icmpv6.opt.dnssl": "example.com,a.test",
            "icmpv6.opt.route_info.flag.route_preference": "3",
            "icmpv6.opt.route_lifetime": "99",
            "icmpv6.opt.captive_portal": "http://x.test/",
        },
    )


def test_a_redirect_quotes_the_packet() -> None:
    packet = ICMPv6ND_Redirect(tgt="2001:db8::9", dst="2001:db8::a") / ICMPv6NDOptRedirectedHdr(
        pkt=bytes(QUOTED)
    )
    (found,) = read(there(packet))
    assert layers(found) == "eth ipv6 icmpv6 ipv6 udp", "scapy cuts the packet to whole words"
    check(
        layer(found, "icmpv6"),
        {
            "icmpv6.nd.rd.target_address": "2001:db8::9",
            "icmpv6.rd.na.destination_address": "2001:db8::a",
        },
    )


def test_errors_quote_the_packet() -> None:
    cases = [
        (ICMPv6DestUnreach(code=4), {"icmpv6.code": "4"}),
        (ICMPv6PacketTooBig(mtu=1281), {"icmpv6.mtu": "1281"}),
        (ICMPv6ParamProblem(code=1, ptr=6), {"icmpv6.pointer": "6"}),
    ]
    for packet, expected in cases:
        (found,) = read(there(packet / QUOTED))
        assert layers(found) == "eth ipv6 icmpv6 ipv6 udp data"
        check(layer(found, "icmpv6"), expected)
        assert text(layer(found, "udp"), "udp.srcport") == "51"


def test_multicast_listeners() -> None:
    query = ICMPv6MLQuery2(
        mladdr="ff02::5", mrd=1000, S=1, QRV=2, QQIC=125, sources=["2001:db8::33"]
    )
    report = ICMPv6MLReport2(
        records=[ICMPv6MLDMultAddrRec(rtype=4, dst="ff02::7", sources=["2001:db8::44"])]
    )
    first, second = read(there(query), there(report))
    check(
        layer(first, "icmpv6"),
        {
            "icmpv6.mld.maximum_response_code": "1000",
            "icmpv6.mld.multicast_address": "ff02::5",
            "icmpv6.mld.flag.s": "True",
            "icmpv6.mld.flag.qrv": "2",
            "icmpv6.mld.qqi": "125",
            "icmpv6.mld.source_address": "2001:db8::33",
        },
    )
    check(
        layer(second, "icmpv6"),
        {
            "icmpv6.mldr.nb_mcast_records": "1",
            "icmpv6.mldr.mar.record_type": "4",
            "icmpv6.mldr.mar.multicast_address": "ff02::7",
            "icmpv6.mldr.mar.source_address": "2001:db8::44",
        },
    )


def test_lies_are_told() -> None:
    (found,) = read(there(ICMPv6EchoRequest(id=1, seq=2, cksum=0x1111)))
    icmp = layer(found, "icmpv6")
    assert text(icmp, "icmpv6.checksum.status") == "0"
    packet = bytearray(bytes(there(ICMPv6ND_NS(tgt=THERE) / ICMPv6NDOptMTU(mtu=9))))
    packet[-7] = 0
    (found,) = read(bytes(packet))
    assert any(note.startswith("broken: an option") for note in notes(layer(found, "icmpv6")))
