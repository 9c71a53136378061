"""Fields of IPv4 packets and the names of their values."""

from wirestep.decode.checksum import STATUS
from wirestep.decode.fields import table
from wirestep.decode.numbers import IP_PROTOCOLS

DSCP = {
    0: "CS0",
    1: "LE",
    8: "CS1",
    10: "AF11",
    12: "AF12",
    14: "AF13",
    16: "CS2",
    18: "AF21",
    20: "AF22",
    22: "AF23",
    24: "CS3",
    26: "AF31",
    28: "AF32",
    30: "AF33",
    32: "CS4",
    34: "AF41",
    36: "AF42",
    38: "AF43",
    40: "CS5",
    44: "VOICE-ADMIT",
    46: "EF",
    48: "CS6",
    56: "CS7",
}
"""(IANA, RFC 2474)"""
ECN = {
    0: "Not ECN-capable",
    1: "ECN-capable (1)",
    2: "ECN-capable (0)",
    3: "Congestion experienced",
}
OPTIONS = {
    0: "End of options",
    1: "No operation",
    7: "Record route",
    11: "MTU probe",
    12: "MTU reply",
    25: "Quick start",
    68: "Timestamp",
    82: "Traceroute",
    130: "Security",
    131: "Loose source route",
    133: "Extended security",
    134: "Commercial security",
    136: "Stream identifier",
    137: "Strict source route",
    148: "Router alert",
}
CLASSES = {0: "Control", 2: "Debugging and measurement"}
SECURITY = {
    0x0000: "Unclassified",
    0xF135: "Confidential",
    0x789A: "EFTO",
    0xBC4D: "MMMM",
    0x5E26: "PROG",
    0xAF13: "Restricted",
    0xD788: "Secret",
    0x6BC5: "Top secret",
}
TIMESTAMPS = {0: "Time stamps only", 1: "Time stamps and addresses", 3: "At listed addresses"}

FIELDS = table(
    """
ip.version                    uint   Version
ip.hdr_len                    uint   Header length
ip.dsfield                    hex1   Differentiated services
ip.dsfield.dscp               uint   Differentiated services codepoint
ip.dsfield.ecn                uint   Explicit congestion notification
ip.len                        uint   Total length
ip.id                         hex2   Identification
ip.flags                      hex1   Flags
ip.flags.rb                   bool   Reserved
ip.flags.df                   bool   Don't fragment
ip.flags.mf                   bool   More fragments
ip.frag_offset                uint   Fragment offset in units of 8 bytes
ip.ttl                        uint   Time to live
ip.proto                      uint   Protocol
ip.checksum                   hex2   Header checksum
ip.checksum.status            uint   Header checksum status
ip.checksum_calculated        hex2   Header checksum, worked out
ip.src                        ipv4   Source
ip.dst                        ipv4   Destination
ip.options                    group  Options
ip.opt                        group  Option
ip.opt.type                   uint   Option
ip.opt.type.copy              bool   Copied into fragments
ip.opt.type.class             uint   Class
ip.opt.type.number            uint   Number
ip.opt.len                    uint   Length
ip.opt.ptr                    uint   Pointer
ip.opt.ra                     uint   Router alert
ip.opt.mtu                    uint   MTU
ip.opt.sid                    uint   Stream identifier
ip.opt.sec_rfc791_sec         hex2   Security
ip.opt.sec_rfc791_comp        uint   Compartments
ip.opt.sec_rfc791_hr          str    Handling restrictions
ip.opt.sec_rfc791_tcc         str    Transmission control code
ip.opt.overflow               uint   Hosts that found no room
ip.opt.flag                   hex1   Kind
ip.opt.time_stamp             uint   Time stamp
ip.opt.time_stamp_addr        ipv4   Address
ip.opt.id_number              uint   Identifier
ip.opt.ohc                    uint   Hops outwards
ip.opt.rhc                    uint   Hops back
ip.opt.originator             ipv4   Originator
ip.opt.qs_func                uint   Function
ip.opt.qs_rate                uint   Rate
ip.opt.qs_ttl                 uint   Time to live
ip.opt.qs_nonce               hex4   Nonce
ip.opt.qs_reserved            hex4   Reserved
ip.opt.data                   bytes  Data
ip.opt.padding                bytes  Padding
ip.rec_rt                     ipv4   Recorded route
ip.src_rt                     ipv4   Source route
ip.empty_rt                   ipv4   Empty route
ip.fragments                  group  Fragments
ip.fragment                   uint   In frame
ip.fragment.overlap           bool   Fragments overlap
ip.fragment.overlap.conflict  bool   Overlapping fragments differ
ip.fragment.multipletails     bool   Several last fragments
ip.fragment.toolongfragment   bool   A fragment is too long
ip.fragment.count             uint   Fragment count
ip.reassembled.length         uint   Reassembled length
ip.reassembled.data           bytes  Reassembled data
""",
    names={
        "ip.dsfield.dscp": DSCP,
        "ip.dsfield.ecn": ECN,
        "ip.proto": IP_PROTOCOLS,
        "ip.checksum.status": STATUS,
        "ip.opt.type": OPTIONS,
        "ip.opt.type.class": CLASSES,
        "ip.opt.sec_rfc791_sec": SECURITY,
        "ip.opt.flag": TIMESTAMPS,
        "ip.opt.ra": {0: "Every router looks"},
    },
)
