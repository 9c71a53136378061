"""Fields of ICMPv6 messages and the names of their values (IANA, ICMPv6 parameters)."""

from wirestep.decode.checksum import STATUS
from wirestep.decode.fields import table

TYPES = {
    1: "Destination Unreachable",
    2: "Packet Too Big",
    3: "Time Exceeded",
    4: "Parameter Problem",
    128: "Echo (ping) request",
    129: "Echo (ping) reply",
    130: "Multicast Listener Query",
    131: "Multicast Listener Report",
    132: "Multicast Listener Done",
    133: "Router Solicitation",
    134: "Router Advertisement",
    135: "Neighbor Solicitation",
    136: "Neighbor Advertisement",
    137: "Redirect",
    138: "Router Renumbering",
    139: "Node Information Query",
    140: "Node Information Response",
    141: "Inverse Neighbor Discovery Solicitation",
    142: "Inverse Neighbor Discovery Advertisement",
    143: "Multicast Listener Report Message v2",
    144: "Home Agent Address Discovery Request",
    145: "Home Agent Address Discovery Reply",
    146: "Mobile Prefix Solicitation",
    147: "Mobile Prefix Advertisement",
    148: "Certification Path Solicitation",
    149: "Certification Path Advertisement",
    151: "Multicast Router Advertisement",
    152: "Multicast Router Solicitation",
    153: "Multicast Router Termination",
    155: "RPL Control",
    157: "Duplicate Address Request",
    158: "Duplicate Address Confirmation",
    160: "Extended Echo request",
    161: "Extended Echo reply",
}
BRIEFS = {
    1: "unreachable",
    128: "echo request",
    129: "echo reply",
    130: "listener query",
    131: "listener report",
    132: "listener done",
    135: "neighbour solicitation",
    136: "neighbour advertisement",
    143: "listener report",
}
"""What stands on an arrow where that is not the type's name."""
CODES = {
    1: {
        0: "no route to destination",
        1: "Administratively prohibited",
        2: "Beyond scope of source address",
        3: "Address unreachable",
        4: "Port unreachable",
        5: "Source address failed ingress/egress policy",
        6: "Reject route to destination",
        7: "Error in source routing header",
    },
    3: {0: "hop limit exceeded in transit", 1: "fragment reassembly time exceeded"},
    4: {
        0: "erroneous header field encountered",
        1: "unrecognized Next Header type encountered",
        2: "unrecognized IPv6 option encountered",
        3: "IPv6 first fragment has incomplete header chain",
    },
}
OPTIONS = {
    1: "Source link-layer address",
    2: "Target link-layer address",
    3: "Prefix information",
    4: "Redirected header",
    5: "MTU",
    7: "Advertisement interval",
    8: "Home agent information",
    11: "CGA",
    12: "RSA signature",
    13: "Timestamp",
    14: "Nonce",
    24: "Route information",
    25: "Recursive DNS server",
    26: "Router flags extension",
    31: "DNS search list",
    33: "Address registration",
    34: "6LoWPAN context",
    37: "Captive portal",
    38: "PREF64",
}
PREFERENCES = {0: "Medium", 1: "High", 2: "Reserved", 3: "Low"}
RECORDS = {
    1: "Mode is include",
    2: "Mode is exclude",
    3: "Change to include mode",
    4: "Change to exclude mode",
    5: "Allow new sources",
    6: "Block old sources",
}
FIELDS = table(
    """
icmpv6.type                                   uint   Type
icmpv6.code                                   uint   Code
icmpv6.checksum                               hex2   Checksum
icmpv6.checksum.status                        uint   Checksum status
icmpv6.reserved                               bytes  Reserved
icmpv6.length                                 uint   Length of the quoted packet in units of 8 bytes
icmpv6.data                                   bytes  Data
icmpv6.mtu                                    uint   MTU
icmpv6.pointer                                uint   Pointer
icmpv6.echo.identifier                        hex2   Identifier
icmpv6.echo.sequence_number                   uint   Sequence number
icmpv6.resp_to                                uint   Reply to the request in frame
icmpv6.resptime                               float  Time since the request, ms
icmpv6.nd.ra.cur_hop_limit                    uint   Hop limit to use
icmpv6.nd.ra.flag                             hex1   Flags
icmpv6.nd.ra.flag.m                           bool   Addresses are managed (DHCPv6)
icmpv6.nd.ra.flag.o                           bool   Other configuration is managed (DHCPv6)
icmpv6.nd.ra.flag.h                           bool   Home agent
icmpv6.nd.ra.flag.prf                         uint   Preference
icmpv6.nd.ra.flag.p                           bool   Proxy
icmpv6.nd.ra.flag.rsv                         uint   Reserved
icmpv6.nd.ra.router_lifetime                  uint   Router lifetime in seconds
icmpv6.nd.ra.reachable_time                   uint   Reachable time in ms
icmpv6.nd.ra.retrans_timer                    uint   Retransmission timer in ms
icmpv6.nd.ns.target_address                   ipv6   Target
icmpv6.nd.na.flag                             hex4   Flags
icmpv6.nd.na.flag.r                           bool   Router
icmpv6.nd.na.flag.s                           bool   Solicited
icmpv6.nd.na.flag.o                           bool   Override
icmpv6.nd.na.flag.rsv                         uint   Reserved
icmpv6.nd.na.target_address                   ipv6   Target
icmpv6.nd.rd.target_address                   ipv6   Target
icmpv6.rd.na.destination_address              ipv6   Destination
icmpv6.opt                                    group  Option
icmpv6.opt.type                               uint   Option
icmpv6.opt.length                             uint   Length in units of 8 bytes
icmpv6.opt.reserved                           bytes  Reserved
icmpv6.opt.padding                            bytes  Padding
icmpv6.opt.linkaddr                           ether  Link-layer address
icmpv6.opt.src_linkaddr                       ether  Source link-layer address
icmpv6.opt.target_linkaddr                    ether  Target link-layer address
icmpv6.opt.prefix.length                      uint   Prefix length
icmpv6.opt.prefix.flag                        hex1   Flags
icmpv6.opt.prefix.flag.l                      bool   On-link
icmpv6.opt.prefix.flag.a                      bool   Hosts make addresses of it
icmpv6.opt.prefix.flag.r                      bool   Router address
icmpv6.opt.prefix.flag.reserved               uint   Reserved
icmpv6.opt.prefix.valid_lifetime              uint   Valid for, in seconds
icmpv6.opt.prefix.preferred_lifetime          uint   Preferred for, in seconds
icmpv6.opt.prefix                             ipv6   Prefix
icmpv6.opt.prefix.bytes                       bytes  As much as was sent
icmpv6.opt.mtu                                uint   MTU
icmpv6.opt.advertisement_interval             uint   Advertisement interval in ms
icmpv6.opt.home_agent_preference              uint   Preference
icmpv6.opt.home_agent_lifetime                uint   Lifetime in seconds
icmpv6.opt.nonce                              bytes  Nonce
icmpv6.opt.route_info.flag                    hex1   Flags
icmpv6.opt.route_info.flag.route_preference   uint   Preference
icmpv6.opt.route_info.flag.reserved           uint   Reserved
icmpv6.opt.route_lifetime                     uint   Lifetime in seconds
icmpv6.opt.rdnss.lifetime                     uint   Lifetime in seconds
icmpv6.opt.rdnss                              ipv6   DNS server
icmpv6.opt.dnssl.lifetime                     uint   Lifetime in seconds
icmpv6.opt.dnssl                              str    Domain
icmpv6.opt.dnssl.bytes                        bytes  Labels
icmpv6.opt.captive_portal                     str    Captive portal
icmpv6.opt.pref64.scaled_lifetime             uint   Lifetime in units of 8 seconds
icmpv6.opt.pref64.plc                         hex2   Prefix length code
icmpv6.opt.pref64.prefix                      ipv6   Prefix
icmpv6.opt.pref64.prefix.bytes                bytes  First 12 bytes
icmpv6.opt.redirected_packet                  bytes  Redirected packet
icmpv6.unknown_data                           bytes  Data
icmpv6.mld.maximum_response_delay             uint   Longest response delay in ms
icmpv6.mld.maximum_response_code              uint   Longest response code
icmpv6.mld.multicast_address                  ipv6   Group
icmpv6.mld.flag                               hex1   Flags
icmpv6.mld.flag.reserved                      uint   Reserved
icmpv6.mld.flag.s                             bool   Routers need not act
icmpv6.mld.flag.qrv                           uint   Robustness of the querier
icmpv6.mld.qqi                                uint   Interval code of the querier
icmpv6.mld.nb_sources                         uint   Number of sources
icmpv6.mld.source_address                     ipv6   Source
icmpv6.mldr.nb_mcast_records                  uint   Number of records
icmpv6.mldr.mar                               group  Record
icmpv6.mldr.mar.record_type                   uint   Record type
icmpv6.mldr.mar.aux_data_len                  uint   Words of auxiliary data
icmpv6.mldr.mar.nb_sources                    uint   Number of sources
icmpv6.mldr.mar.multicast_address             ipv6   Group
icmpv6.mldr.mar.source_address                ipv6   Source
icmpv6.mldr.mar.auxiliary_data                bytes  Auxiliary data
""",
    names={
        "icmpv6.type": TYPES,
        "icmpv6.checksum.status": STATUS,
        "icmpv6.nd.ra.flag.prf": PREFERENCES,
        "icmpv6.opt.type": OPTIONS,
        "icmpv6.opt.route_info.flag.route_preference": PREFERENCES,
        "icmpv6.mldr.mar.record_type": RECORDS,
    },
)
