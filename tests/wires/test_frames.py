"""Packets of the virtual wire beside scapy's, which builds and sums them on its own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.inet6 import ICMPv6DestUnreach, ICMPv6PacketTooBig, IPv6

from wirestep.model import Address
from wirestep.wires import frames

V4 = Address("192.0.2.17", 50123), Address("198.51.100.201", 443)
V6 = Address("2001:db8::17", 50123), Address("2001:db8:1::c9", 443)


def again(packet: IP | IPv6) -> bytes:
    """The packet as scapy writes it, with lengths and checksums of its own."""
    for layer in (IP, UDP, ICMP):
        while layer in packet and packet[layer].chksum is not None:
            packet[layer].chksum = None
            break
    return bytes(packet)


@given(st.binary(max_size=1500))
def test_datagrams_are_those_of_scapy(data: bytes) -> None:
    sender, target = V4
    ours = frames.datagram(sender, target, data, 7)
    theirs = IP(src=sender.host, dst=target.host, id=7, flags="DF", ttl=64)
    theirs /= UDP(sport=sender.port, dport=target.port) / data
    assert ours == bytes(theirs)


@given(st.binary(max_size=1500))
def test_datagrams_over_ipv6_are_those_of_scapy(data: bytes) -> None:
    sender, target = V6
    theirs = IPv6(src=sender.host, dst=target.host, hlim=64)
    theirs /= UDP(sport=sender.port, dport=target.port) / data
    assert frames.datagram(sender, target, data) == bytes(theirs)


@pytest.mark.parametrize("ends", [V4, V6], ids=["IPv4", "IPv6"])
def test_a_packet_is_read_as_it_was_made(ends: tuple[Address, Address]) -> None:
    data = frames.packet(ends[0].host, ends[1].host, frames.TCP, b"x" * 33, 5, 2)
    assert frames.read(data) == (ends[0].host, ends[1].host, frames.TCP, b"x" * 33, 2)


@given(st.binary(max_size=80))
def test_whatever_arrives_is_read_or_refused(data: bytes) -> None:
    parts = frames.read(data)
    frames.sound(data)
    frames.repaired(data)
    if parts is not None:
        frames.trouble(parts)


@pytest.mark.parametrize("ends", [V4, V6], ids=["IPv4", "IPv6"])
def test_one_turned_bit_is_noticed_and_can_be_repaired(ends: tuple[Address, Address]) -> None:
    data = frames.datagram(*ends, b"some words of a datagram", 9)
    assert frames.sound(data)
    for bit in range(8 * (len(data) - frames.HEADER[frames.version(ends[0].host)])):
        changed = frames.turned(data, bit)
        assert sum(a != b for a, b in zip(data, changed, strict=True)) == 1
        assert not frames.sound(changed)
    edited = data.replace(b"words", b"WORDS")
    assert not frames.sound(edited)
    assert frames.sound(frames.repaired(edited))
    assert frames.repaired(data) == data


def test_too_large_names_the_mtu_and_the_packet() -> None:
    data = frames.datagram(*V4, b"x" * 1400)
    answer = IP(frames.too_large(data, "203.0.113.254", 1000))
    assert (answer.src, answer.dst) == ("203.0.113.254", V4[0].host)
    assert (answer[ICMP].type, answer[ICMP].code, answer[ICMP].nexthopmtu) == (3, 4, 1000)
    assert again(answer) == frames.too_large(data, "203.0.113.254", 1000)
    parts = frames.read(bytes(answer))
    assert parts is not None
    told = frames.trouble(parts)
    assert told is not None
    assert (told.kind, told.mtu, told.protocol) == (frames.TOO_LARGE, 1000, frames.UDP)
    assert (told.local, told.remote) == V4


def test_too_large_over_ipv6_is_packet_too_big() -> None:
    answer = IPv6(frames.too_large(frames.datagram(*V6, b"x" * 1400), "2001:db8::1", 1280))
    assert answer[ICMPv6PacketTooBig].mtu == 1280
    assert len(bytes(answer)) <= 1280
    given_sum, answer[ICMPv6PacketTooBig].cksum = answer[ICMPv6PacketTooBig].cksum, None
    assert IPv6(bytes(answer))[ICMPv6PacketTooBig].cksum == given_sum


@pytest.mark.parametrize("ends", [V4, V6], ids=["IPv4", "IPv6"])
def test_nobody_at_this_port(ends: tuple[Address, Address]) -> None:
    data = frames.port_unreachable(frames.datagram(*ends, b"hello"), ends[1].host)
    assert frames.sound(data)
    packet = IP(data) if ends is V4 else IPv6(data)
    if ends is V4:
        assert (packet[ICMP].type, packet[ICMP].code) == (3, 3)
    else:
        assert packet[ICMPv6DestUnreach].code == 4
    parts = frames.read(data)
    assert parts is not None
    told = frames.trouble(parts)
    assert told is not None
    assert (told.kind, told.local, told.remote) == (frames.UNREACHABLE, *ends)
