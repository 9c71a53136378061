"""Address resolution, and the reverse (RFC 826, RFC 903, RFC 5227)."""

from wirestep.decode.contract import Protocol, Reading, Stateless, Where
from wirestep.decode.cursor import Cursor
from wirestep.decode.fields import ipv4_text, table
from wirestep.decode.numbers import ETHERTYPES

HARDWARE = {
    1: "Ethernet",
    6: "IEEE 802",
    7: "ARCNET",
    15: "Frame relay",
    16: "ATM",
    17: "HDLC",
    18: "Fibre Channel",
    20: "Serial line",
    24: "IEEE 1394",
    32: "InfiniBand",
}
OPCODES = {
    1: "request",
    2: "reply",
    3: "reverse request",
    4: "reverse reply",
    8: "inverse request",
    9: "inverse reply",
    10: "NAK",
}
FIELDS = table(
    """
arp.hw.type         uint   Hardware type
arp.proto.type      hex2   Protocol type
arp.hw.size         uint   Hardware address size
arp.proto.size      uint   Protocol address size
arp.opcode          uint   Operation
arp.isgratuitous    bool   Gratuitous
arp.isprobe         bool   Probe
arp.isannouncement  bool   Announcement
arp.src.hw_mac      ether  Sender's hardware address
arp.src.proto_ipv4  ipv4   Sender's protocol address
arp.dst.hw_mac      ether  Target's hardware address
arp.dst.proto_ipv4  ipv4   Target's protocol address
arp.src.hw          bytes  Sender's hardware address
arp.src.proto       bytes  Sender's protocol address
arp.dst.hw          bytes  Target's hardware address
arp.dst.proto       bytes  Target's protocol address
""",
    names={"arp.hw.type": HARDWARE, "arp.opcode": OPCODES, "arp.proto.type": ETHERTYPES},
)
NOBODY = "0.0.0.0"


class ArpDecoder(Stateless):
    """Who has an address, and where."""

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        """Sizes first, so that any pair of address kinds can be read."""
        hardware = cursor.uint("arp.hw.type", 2)
        protocol = cursor.uint("arp.proto.type", 2)
        first, second = cursor.uint("arp.hw.size", 1), cursor.uint("arp.proto.size", 1)
        code = cursor.uint("arp.opcode", 2)
        ethernet = first == 6 and hardware in (1, 6)
        ipv4 = second == 4 and protocol == 0x0800
        if ethernet and ipv4:
            _special(cursor, code)
        ends = []
        for side in ("src", "dst"):
            mac = cursor.take(f"arp.{side}.hw_mac" if ethernet else f"arp.{side}.hw", first)
            name = f"arp.{side}.proto_ipv4" if ipv4 else f"arp.{side}.proto"
            address = cursor.take(name, second)
            ends += [
                mac.hex(":"),
                ipv4_text(address) if ipv4 else address.hex(),
            ]
        # what is left is the link's padding, where the link could not tell
        return Reading(_summary(code, *ends), brief=_brief(code, *ends))


def _special(cursor: Cursor, code: int) -> None:
    """Messages that tell rather than ask (RFC 5227 section 1.1)."""
    addresses = cursor.peek(min(20, cursor.left()))
    if len(addresses) < 20:
        return
    sender, target, mac = addresses[6:10], addresses[16:20], addresses[10:16]
    if sender == target and code == 1 and not any(mac):
        cursor.worked("arp.isannouncement", 1)
    if sender == target:
        cursor.worked("arp.isgratuitous", 1)
    if code == 1 and not any(sender) and any(target):
        cursor.worked("arp.isprobe", 1)


def _summary(code: int, mac: str, sender: str, wanted: str, target: str) -> str:
    if sender == target and code in (1, 2):
        if code == 1 and not wanted.strip("0:"):
            return f"ARP Announcement for {sender}"
        return f"Gratuitous ARP for {sender} ({'Request' if code == 1 else 'Reply'})"
    if code == 1 and sender == NOBODY:
        return f"Who has {target}? (ARP Probe)"
    texts = {
        1: f"Who has {target}? Tell {sender}",
        2: f"{sender} is at {mac}",
        3: f"Who is {wanted}? Tell {mac}",
        4: f"{wanted} is at {target}",
        8: f"Who is {wanted}? Tell {mac}",
        9: f"{mac} is at {sender}",
        10: "ARP NAK",
    }
    return texts.get(code, f"Operation {code}")


def _brief(code: int, mac: str, sender: str, wanted: str, target: str) -> str:
    """What stands on its arrow: who asks is at its foot."""
    if sender == target and code in (1, 2):
        return f"{sender} is here"
    if code == 1:
        return f"who has {target}?"
    return f"{sender} is at {mac}" if code == 2 else ""


PROTOCOL = Protocol(
    "arp",
    "ARP",
    "Address Resolution Protocol",
    "RFC 826",
    ArpDecoder,
    FIELDS,
    on={"eth.type": (0x0806, 0x8035)},
    level="packet",
    hue="yellow",
)
PROTOCOLS = (PROTOCOL,)
