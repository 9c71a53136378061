"""Linux cooked captures, both versions (LINKTYPE_LINUX_SLL, LINKTYPE_LINUX_SLL2)."""

from wirestep.decode.contract import Payload, Protocol, Reading, Stateless, Where
from wirestep.decode.cursor import Cursor
from wirestep.decode.fields import table
from wirestep.decode.numbers import ETHERTYPES
from wirestep.model import Address

PACKET_TYPES = {
    0: "Unicast to us",
    1: "Broadcast",
    2: "Multicast",
    3: "Unicast to another host",
    4: "Sent by us",
}
HARDWARE = {
    1: "Ethernet",
    512: "PPP",
    772: "Loopback",
    768: "IPIP",
    776: "SIT",
    778: "GRE",
    801: "IEEE 802.11",
    802: "IEEE 802.11 with Prism header",
    803: "IEEE 802.11 with radiotap",
    823: "IPv6 GRE",
    824: "Netlink",
    65534: "None",
}
LINUX_TYPES = {1: "Novell 802.3", 4: "802.2 LLC", 12: "CAN", 13: "CAN FD"}
FIELDS = table(
    """
sll.pkttype    uint   Packet type
sll.hatype     uint   Link layer
sll.halen      uint   Link address length
sll.src.eth    ether  Source
sll.src.ipv4   ipv4   Source
sll.src.other  bytes  Source
sll.unused     bytes  Unused
sll.etype      hex2   Protocol
sll.ltype      hex2   Protocol
sll.gretype    hex2   Protocol
sll.ifindex    uint   Interface index
""",
    names={
        "sll.pkttype": PACKET_TYPES,
        "sll.hatype": HARDWARE,
        "sll.etype": ETHERTYPES,
        "sll.gretype": ETHERTYPES,
        "sll.ltype": LINUX_TYPES,
    },
)
GRE_DEVICES = (778, 823)
RADIOTAP_DEVICE = 803
NETLINK_DEVICE = 824


class SllDecoder(Stateless):
    """What the kernel knows of a packet whose link header was taken off."""

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        """Version 1: 16 bytes, the protocol last."""
        kind = cursor.uint("sll.pkttype", 2)
        hardware = cursor.uint("sll.hatype", 2)
        sender = _address(cursor, cursor.uint("sll.halen", 2))
        keys = _protocol(cursor, hardware)
        return _reading(cursor, where, 16, kind, sender, keys)


class Sll2Decoder(Stateless):
    """The same for captures on all interfaces at once."""

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        """Version 2: 20 bytes, the protocol first."""
        hardware = int.from_bytes(cursor.peek(10)[8:], "big")
        keys = _protocol(cursor, hardware)
        cursor.take("sll.unused", 2)
        cursor.uint("sll.ifindex", 4)
        cursor.uint("sll.hatype", 2)
        kind = cursor.uint("sll.pkttype", 1)
        sender = _address(cursor, cursor.uint("sll.halen", 1))
        return _reading(cursor, where, 20, kind, sender, keys)


def _address(cursor: Cursor, length: int) -> str:
    """Eight bytes, of which `length` are the sender's address."""
    used = min(length, 8)
    text = ""
    if used == 6:
        text = cursor.take("sll.src.eth", 6).hex(":")
    elif used == 4:
        text = ".".join(map(str, cursor.take("sll.src.ipv4", 4)))
    elif used:
        cursor.take("sll.src.other", used)
    cursor.take("sll.unused", 8 - used)
    return text


def _protocol(cursor: Cursor, hardware: int) -> tuple[tuple[str, int], ...]:
    """The protocol field, whose meaning hangs on the link layer."""
    number = int.from_bytes(cursor.peek(2), "big")
    if hardware in GRE_DEVICES:
        cursor.uint("sll.gretype", 2)
        return (("gre.proto", number), ("eth.type", number))
    if number < 0x0600:
        cursor.uint("sll.ltype", 2)
        if hardware == RADIOTAP_DEVICE:
            return (("link", 127),)
        return (("eth.llc", 0),) if number == 4 else (("sll.ltype", number),)
    cursor.uint("sll.etype", 2)
    return (("eth.type", number),)


def _reading(
    cursor: Cursor,
    where: Where,
    size: int,
    kind: int,
    sender: str,
    keys: tuple[tuple[str, int], ...],
) -> Reading:
    start, stop, cursor.stop = cursor.at, cursor.stop, cursor.at
    above = Payload(
        cursor.source,
        start,
        stop,
        keys=keys,
        sender=Address(sender) if sender else None,
        length=max(0, where.length - size),
    )
    return Reading(PACKET_TYPES.get(kind, f"Packet type {kind}"), (above,))


PROTOCOL = Protocol(
    "sll",
    "SLL",
    "Linux cooked capture",
    "LINKTYPE_LINUX_SLL",
    SllDecoder,
    FIELDS,
    on={"link": (113,)},
    level="",
)
PROTOCOL2 = Protocol(
    "sll2",
    "SLL2",
    "Linux cooked capture, version 2",
    "LINKTYPE_LINUX_SLL2",
    Sll2Decoder,
    FIELDS,
    on={"link": (276,)},
    level="",
    family="sll",
)
PROTOCOLS = (PROTOCOL, PROTOCOL2)
