"""Fields of IPv6 headers and the names of their values."""

from wirestep.decode.fields import table
from wirestep.decode.numbers import IP_PROTOCOLS

OPTIONS = {
    0x00: "Pad1",
    0x01: "PadN",
    0x04: "Tunnel encapsulation limit",
    0x05: "Router alert",
    0x07: "CALIPSO",
    0x08: "SMF_DPD",
    0x0F: "Performance and diagnostic metrics",
    0x23: "RPL",
    0x26: "Quick start",
    0x30: "Minimum path MTU",
    0x31: "In situ OAM",
    0x63: "RPL, deprecated",
    0x6D: "MPL",
    0x8A: "Endpoint identification",
    0x8B: "ILNP nonce",
    0x8C: "Line identification",
    0xC2: "Jumbo payload",
    0xC9: "Home address",
}
ACTIONS = {
    0: "Skip and continue",
    1: "Discard",
    2: "Discard and send ICMP",
    3: "Discard and send ICMP if not multicast",
}
ROUTINGS = {
    0: "Source route (deprecated)",
    2: "Type 2 (mobility)",
    3: "RPL source route",
    4: "Segment routing",
    5: "Compact routing, 16 bits",
    6: "Compact routing, 32 bits",
}
ALERTS = {0: "MLD", 1: "RSVP", 2: "Active network"}
DSCP = {0: "Default", 8: "CS1", 10: "AF11", 46: "EF", 48: "CS6", 56: "CS7"}
ECN = {
    0: "Not ECN-capable",
    1: "ECN-capable (1)",
    2: "ECN-capable (0)",
    3: "Congestion experienced",
}

FIELDS = table(
    """
ipv6.version                    uint   Version
ipv6.tclass                     hex4   Traffic class
ipv6.tclass.dscp                uint   Differentiated services codepoint
ipv6.tclass.ecn                 uint   Explicit congestion notification
ipv6.flow                       hex3   Flow label
ipv6.plen                       uint   Payload length
ipv6.nxt                        uint   Next header
ipv6.hlim                       uint   Hop limit
ipv6.src                        ipv6   Source
ipv6.dst                        ipv6   Destination
ipv6.hopopts                    group  Hop-by-hop options
ipv6.hopopts.nxt                uint   Next header
ipv6.hopopts.len                uint   Length in units of 8 bytes, the first not counted
ipv6.hopopts.len_oct            uint   Length in bytes
ipv6.dstopts                    group  Destination options
ipv6.dstopts.nxt                uint   Next header
ipv6.dstopts.len                uint   Length in units of 8 bytes, the first not counted
ipv6.dstopts.len_oct            uint   Length in bytes
ipv6.opt                        group  Option
ipv6.opt.type                   hex1   Option
ipv6.opt.type.action            uint   Where it is unknown
ipv6.opt.type.change            bool   May change under way
ipv6.opt.type.rest              hex1   Low bits
ipv6.opt.length                 uint   Length
ipv6.opt.padn                   bytes  Padding
ipv6.opt.router_alert           uint   Router alert
ipv6.opt.jumbo                  uint   Payload length
ipv6.opt.tel                    uint   Tunnel encapsulation limit
ipv6.opt.mipv6.home_address     ipv6   Home address
ipv6.opt.pmtu.min               uint   Minimum path MTU
ipv6.opt.pmtu.rtn               uint   Returned path MTU and flag
ipv6.opt.unknown                bytes  Data
ipv6.routing                    group  Routing header
ipv6.routing.nxt                uint   Next header
ipv6.routing.len                uint   Length in units of 8 bytes, the first not counted
ipv6.routing.len_oct            uint   Length in bytes
ipv6.routing.type               uint   Type
ipv6.routing.segleft            uint   Segments left
ipv6.routing.src.reserved       bytes  Reserved
ipv6.routing.src.addr           ipv6   Address
ipv6.routing.mipv6.reserved     bytes  Reserved
ipv6.routing.mipv6.home_address ipv6   Home address
ipv6.routing.rpl.cmprI          uint   Prefix bytes left out, but for the last address
ipv6.routing.rpl.cmprE          uint   Prefix bytes left out of the last address
ipv6.routing.rpl.pad            uint   Bytes of padding
ipv6.routing.rpl.reserved       uint   Reserved
ipv6.routing.rpl.address        bytes  Addresses
ipv6.routing.srh.last_entry     uint   Last entry
ipv6.routing.srh.flags          hex1   Flags
ipv6.routing.srh.tag            bytes  Tag
ipv6.routing.srh.addr           ipv6   Address
ipv6.routing.unknown_data       bytes  Data
ipv6.fraghdr                    group  Fragment header
ipv6.fraghdr.nxt                uint   Next header
ipv6.fraghdr.reserved_octet     hex1   Reserved byte
ipv6.fraghdr.offset             uint   Offset in units of 8 bytes
ipv6.fraghdr.reserved_bits      uint   Reserved bits
ipv6.fraghdr.more               bool   More fragments
ipv6.fraghdr.ident              hex4   Identification
ipv6.fragments                  group  Fragments
ipv6.fragment                   uint   In frame
ipv6.fragment.overlap           bool   Fragments overlap
ipv6.fragment.overlap.conflict  bool   Overlapping fragments differ
ipv6.fragment.multipletails     bool   Several last fragments
ipv6.fragment.toolongfragment   bool   A fragment is too long
ipv6.fragment.count             uint   Fragment count
ipv6.reassembled.length         uint   Reassembled length
ipv6.reassembled.data           bytes  Reassembled data
""",
    names={
        "ipv6.tclass.dscp": DSCP,
        "ipv6.tclass.ecn": ECN,
        "ipv6.nxt": IP_PROTOCOLS,
        "ipv6.hopopts.nxt": IP_PROTOCOLS,
        "ipv6.dstopts.nxt": IP_PROTOCOLS,
        "ipv6.routing.nxt": IP_PROTOCOLS,
        "ipv6.fraghdr.nxt": IP_PROTOCOLS,
        "ipv6.routing.type": ROUTINGS,
        "ipv6.opt.type": OPTIONS,
        "ipv6.opt.type.action": ACTIONS,
        "ipv6.opt.router_alert": ALERTS,
    },
)
