"""What the fields of DNS messages are, under Wireshark's names."""

from wirestep.decode.fields import table

from .names import (
    ALGORITHMS,
    CLASSES,
    DIGESTS,
    DSO_TYPES,
    EDE_CODES,
    FAMILIES,
    NSEC3_HASHES,
    OPCODES,
    OPTIONS,
    RCODES,
    TYPES,
)
from .record_fields import RECORD_FIELDS

MESSAGE_FIELDS = table(
    """
dns.length                           uint   Length
dns.flags                            hex2   Flags
dns.flags.response                   bool   Response
dns.flags.opcode                     uint   Opcode
dns.flags.authoritative              bool   Authoritative
dns.flags.conflict                   bool   Conflict
dns.flags.truncated                  bool   Truncated
dns.flags.recdesired                 bool   Recursion desired
dns.flags.tentative                  bool   Tentative
dns.flags.recavail                   bool   Recursion available
dns.flags.z                          bool   Z
dns.flags.authenticated              bool   Answer authenticated
dns.flags.checkdisable               bool   Checking disabled
dns.flags.rcode                      uint   Reply code
dns.id                               hex2   Transaction ID
dns.qry.type                         uint   Type
dns.qry.class                        hex2   Class
dns.qry.qu                           bool   Unicast response wanted
dns.qry.name                         str    Name
dns.qry.name.len                     uint   Name Length
dns.count.labels                     uint   Label Count
dns.resp.type                        uint   Type
dns.resp.class                       hex2   Class
dns.resp.cache_flush                 bool   Cache flush
dns.resp.ext_rcode                   hex1   Higher bits in extended RCODE
dns.resp.edns0_version               uint   EDNS0 version
dns.resp.z                           hex2   Z
dns.resp.z.do                        bool   DO bit
dns.resp.z.reserved                  hex2   Reserved
dns.resp.name                        str    Name
dns.resp.ttl                         uint   Time to live
dns.resp.len                         uint   Data length
dns.count.queries                    uint   Questions
dns.count.zones                      uint   Zones
dns.count.answers                    uint   Answer RRs
dns.count.prerequisites              uint   Prerequisites
dns.count.auth_rr                    uint   Authority RRs
dns.count.updates                    uint   Updates
dns.response_in                      uint   Answered in frame
dns.response_to                      uint   Answers frame
dns.retransmission                   bool   Sent again
dns.retransmit_request_in            uint   First sent in frame
dns.retransmit_response_in           uint   First sent in frame
dns.time                             span   Time since the query
dns.unsolicited                      bool   Unsolicited
dns.count.add_rr                     uint   Additional RRs
dns.extraneous.data                  bytes  Extraneous Data Bytes
dns.extraneous.length                int    Extraneous Data Length
dns.data                             bytes  Data
dns.dso                              group  DNS Stateful Operation
dns.dso.tlv                          group  DSO TLV
dns.dso.tlv.type                     uint   Type
dns.dso.tlv.length                   uint   Length
dns.dso.tlv.data                     bytes  Data
dns.dso.tlv.keepalive.inactivity     uint   Inactivity Timeout
dns.dso.tlv.keepalive.interval       uint   Keepalive Interval
dns.dso.tlv.retrydelay.retrydelay    uint   Retry Delay
dns.dso.tlv.encpad.padding           bytes  Padding
dns.ttl.high_bit_set                 group  High bit of the time to live set
dns.retransmit_request               group  Query sent again
dns.retransmit_response              group  Response sent again
dns.extraneous                       group  Bytes behind the last record
dns.additionals                      group  Additional records
dns.answers                          group  Answers
dns.authorities                      group  Authorities
dns.queries                          group  Queries
dns.zone                             group  Zone
dns.prerequisites                    group  Prerequisites
dns.updates                          group  Updates
dns.qry                              group  Question
dns.resp                             str    Record
dns.label.len                        uint   Label length
dns.label                            str    Label
dns.pointer.mark                     uint   Pointer mark
dns.pointer                          uint   Pointer to byte
dns.flags.unused                     uint   Unused here
dns.address.prefix                   bytes  Bytes of it
""",
    names={
        "dns.flags.opcode": OPCODES,
        "dns.flags.rcode": RCODES,
        "dns.qry.type": TYPES,
        "dns.qry.class": CLASSES,
        "dns.resp.type": TYPES,
        "dns.resp.class": CLASSES,
        "dns.dso.tlv.type": DSO_TYPES,
    },
)

EDNS_FIELDS = table(
    """
dns.rr.udp_payload_size              uint   UDP payload size
dns.opt                              group  Option
dns.opt.code                         uint   Option Code
dns.opt.len                          uint   Option Length
dns.opt.data                         bytes  Data
dns.opt.dau                          uint   DAU
dns.opt.dhu                          uint   DHU
dns.opt.n3u                          uint   N3U
dns.opt.client.family                uint   Family
dns.opt.client.netmask               uint   Source Netmask
dns.opt.client.scope                 uint   Scope Netmask
dns.opt.client.addr                  bytes  Client Subnet
dns.opt.client.addr4                 ipv4   Client Subnet
dns.opt.client.addr6                 ipv6   Client Subnet
dns.opt.cookie.client                bytes  Client Cookie
dns.opt.cookie.server                bytes  Server Cookie
dns.opt.edns_tcp_keepalive.timeout   uint   Timeout
dns.opt.padding                      bytes  Padding
dns.opt.chain.fqdn                   str    Closest Trust Point
dns.opt.ext_error.info_code          uint   Info Code
dns.opt.ext_error.extra_text         str    Extra Text
dns.opt.nsid                         str    Name server identifier
dns.opt.expire                       uint   Zone expires in
dns.opt.key_tag                      uint   Key tag
dns.opt.client_tag                   uint   Client tag
dns.opt.server_tag                   uint   Server tag
dns.opt.report_channel               str    Agent domain
dns.opt.zoneversion.labels           uint   Labels
dns.opt.zoneversion.type             uint   Type
dns.opt.zoneversion.version          bytes  Version
""",
    names={
        "dns.opt.code": OPTIONS,
        "dns.opt.client.family": FAMILIES,
        "dns.opt.ext_error.info_code": EDE_CODES,
        "dns.opt.dau": ALGORITHMS,
        "dns.opt.dhu": DIGESTS,
        "dns.opt.n3u": NSEC3_HASHES,
    },
)

FIELDS = MESSAGE_FIELDS | EDNS_FIELDS | RECORD_FIELDS
