"""Fields of ICMP messages and the names of their values (IANA, ICMP parameters)."""

from wirestep.decode.checksum import STATUS
from wirestep.decode.fields import table

TYPES = {
    0: "Echo (ping) reply",
    3: "Destination unreachable",
    4: "Source quench",
    5: "Redirect",
    6: "Alternate host address",
    8: "Echo (ping) request",
    9: "Router advertisement",
    10: "Router solicitation",
    11: "Time-to-live exceeded",
    12: "Parameter problem",
    13: "Timestamp request",
    14: "Timestamp reply",
    15: "Information request",
    16: "Information reply",
    17: "Address mask request",
    18: "Address mask reply",
    30: "Traceroute",
    31: "Datagram conversion error",
    32: "Mobile host redirect",
    33: "IPv6 where are you",
    34: "IPv6 I am here",
    35: "Mobile registration request",
    36: "Mobile registration reply",
    37: "Domain name request",
    38: "Domain name reply",
    39: "SKIP",
    40: "Photuris",
    41: "Experimental mobility",
    42: "Extended echo request",
    43: "Extended echo reply",
}
CODES = {
    3: {
        0: "Network unreachable",
        1: "Host unreachable",
        2: "Protocol unreachable",
        3: "Port unreachable",
        4: "Fragmentation needed",
        5: "Source route failed",
        6: "Network unknown",
        7: "Host unknown",
        8: "Source host isolated",
        9: "Network administratively prohibited",
        10: "Host administratively prohibited",
        11: "Network unreachable for type of service",
        12: "Host unreachable for type of service",
        13: "Communication administratively filtered",
        14: "Host precedence violation",
        15: "Precedence cutoff in effect",
    },
    5: {
        0: "Redirect for network",
        1: "Redirect for host",
        2: "Redirect for type of service and network",
        3: "Redirect for type of service and host",
    },
    9: {0: "Normal router advertisement", 16: "Does not route common traffic"},
    11: {
        0: "Time to live exceeded in transit",
        1: "Fragment reassembly time exceeded",
    },
    12: {
        0: "Pointer indicates the error",
        1: "Required option missing",
        2: "Bad length",
    },
    40: {
        0: "Bad SPI",
        1: "Authentication failed",
        2: "Decompression failed",
        3: "Decryption failed",
        4: "Need authentication",
        5: "Need authorization",
    },
    42: {0: "No error"},
    43: {
        0: "No error",
        1: "Malformed query",
        2: "No such interface",
        3: "No such table entry",
        4: "Multiple interfaces satisfy query",
    },
}
BRIEFS = {
    0: "echo reply",
    3: "unreachable",
    8: "echo request",
    11: "time exceeded",
    42: "extended echo request",
    43: "extended echo reply",
}
"""What stands on an arrow where that is not the type's name."""
FIELDS = table(
    """
icmp.type                      uint   Type
icmp.code                      uint   Code
icmp.checksum                  hex2   Checksum
icmp.checksum.status           uint   Checksum status
icmp.unused                    bytes  Unused
icmp.reserved                  bytes  Reserved
icmp.ident                     uint   Identifier
icmp.ident_le                  uint   Identifier, read little end first
icmp.seq                       uint   Sequence number
icmp.seq_le                    uint   Sequence number, read little end first
icmp.resp_to                   uint   Reply to the request in frame
icmp.resptime                  float  Time since the request, ms
icmp.data_time                 str    Time in the data (UTC)
icmp.data_time.bytes           bytes  Seconds and microseconds
icmp.data_time_relative        span   Age of the time in the data
icmp.length                    uint   Length of the quoted packet in units of 4 bytes
icmp.length.original_datagram  uint   Length of the quoted packet
icmp.mtu                       uint   MTU of the next hop
icmp.pointer                   uint   Pointer
icmp.redir_gw                  ipv4   Better gateway
icmp.num_addrs                 uint   Number of addresses
icmp.addr_entry_size           uint   Words in an entry
icmp.lifetime                  uint   Lifetime in seconds
icmp.router_address            ipv4   Router
icmp.pref_level                int    Preference
icmp.pref_level.bytes          bytes  Two's complement
icmp.originate_timestamp       uint   Originated, ms since midnight UTC
icmp.receive_timestamp         uint   Received, ms since midnight UTC
icmp.transmit_timestamp        uint   Sent back, ms since midnight UTC
icmp.address_mask              ipv4   Address mask
icmp.ext.echo.seq              uint   Sequence number
icmp.ext.echo.req.res          hex1   Reserved
icmp.ext.echo.req.local        bool   Interface of the probed host itself
icmp.ext.echo.rsp.state        uint   State
icmp.ext.echo.rsp.res          hex1   Reserved
icmp.ext.echo.rsp.active       bool   Active
icmp.ext.echo.rsp.ipv4         bool   Speaks IPv4
icmp.ext.echo.rsp.ipv6         bool   Speaks IPv6
icmp.data                      bytes  Data
""",
    names={"icmp.type": TYPES, "icmp.checksum.status": STATUS},
)
CLASSES = {1: "MPLS label stack", 2: "Interface information", 3: "Interface identification"}
EXTENSION_FIELDS = table(
    """
icmp.ext.version          uint   Version
icmp.ext.res              hex2   Reserved
icmp.ext.checksum         hex2   Checksum
icmp.ext.checksum.status  uint   Checksum status
icmp.ext                  group  Object
icmp.ext.length           uint   Length
icmp.ext.class            uint   Class
icmp.ext.ctype            uint   Type in its class
icmp.ext.data             bytes  Data
icmp.mpls                 group  Label
icmp.mpls.label           uint   Label
icmp.mpls.exp             uint   Traffic class
icmp.mpls.s               bool   Bottom of the stack
icmp.mpls.ttl             uint   Time to live
icmp.int_ident.name       str    Interface name
icmp.int_ident.index      uint   Interface index
""",
    names={"icmp.ext.class": CLASSES, "icmp.ext.checksum.status": STATUS},
)
