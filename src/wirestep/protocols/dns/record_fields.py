"""What the fields of the records' data are, under Wireshark's names."""

from wirestep.decode.fields import table

from . import names

RECORD_FIELDS = table(
    """
dns.srv.service                      str    Service
dns.srv.proto                        str    Protocol
dns.srv.name                         str    Name
dns.srv.priority                     uint   Priority
dns.srv.weight                       uint   Weight
dns.srv.port                         uint   Port
dns.srv.target                       str    Target
dns.naptr.order                      uint   Order
dns.naptr.preference                 uint   Preference
dns.naptr.flags_length               uint   Flags Length
dns.naptr.flags                      str    Flags
dns.naptr.service_length             uint   Service Length
dns.naptr.service                    str    Service
dns.naptr.regex_length               uint   Regex Length
dns.naptr.regex                      str    Regex
dns.naptr.replacement_length         uint   Replacement Length
dns.naptr.replacement                str    Replacement
dns.a                                ipv4   Address
dns.md                               str    Mail Destination
dns.mf                               str    Mail Forwarder
dns.mb                               str    Mailbox host
dns.mg                               str    Mail Group member
dns.mr                               str    Mail Rename domaine
dns.null                             bytes  Null (data)
dns.aaaa                             ipv6   AAAA Address
dns.cname                            str    CNAME
dns.soa.mname                        str    Primary name server
dns.soa.rname                        str    Responsible mailbox
dns.soa.serial_number                uint   Serial Number
dns.soa.refresh_interval             uint   Refresh Interval
dns.soa.retry_interval               uint   Retry Interval
dns.soa.expire_limit                 uint   Expire limit
dns.soa.minimum_ttl                  uint   Minimum TTL
dns.ptr.domain_name                  str    Domain Name
dns.wks.address                      ipv4   Address
dns.wks.protocol                     uint   Protocol
dns.wks.bits                         hex1   Ports
dns.hinfo.cpu_length                 uint   CPU Length
dns.hinfo.cpu                        str    CPU
dns.hinfo.os_length                  uint   OS Length
dns.hinfo.os                         str    OS
dns.minfo.r                          str    Responsible Mailbox
dns.minfo.e                          str    Error Mailbox
dns.mx.preference                    uint   Preference
dns.mx.mail_exchange                 str    Mail Exchange
dns.txt.length                       uint   TXT Length
dns.txt                              str    TXT
dns.openpgpkey                       bytes  OpenPGP key
dns.csync.soa                        uint   SOA
dns.csync.flags                      hex2   Flags
dns.csync.flags.immediate            bool   immediate
dns.csync.flags.soaminimum           bool   soaminimum
dns.csync.type_bitmap                bytes  Type Bitmap
dns.zonemd.serial                    uint   Serial
dns.zonemd.scheme                    uint   Scheme
dns.zonemd.hash_algo                 uint   Hash Algorithm
dns.zonemd.digest                    bytes  Digest
dns.svcb.svcpriority                 uint   SvcPriority
dns.svcb.targetname                  str    TargetName
dns.svcb.svcparam.key                uint   SvcParamKey
dns.svcb.svcparam.value.length       uint   SvcParamValue length
dns.svcb.svcparam.value              bytes  SvcParamValue
dns.svcb.svcparam                    group  SvcParam
dns.svcb.svcparam.mandatory.key      uint   Mandatory key
dns.svcb.svcparam.alpn.length        uint   ALPN length
dns.svcb.svcparam.alpn               str    ALPN
dns.svcb.svcparam.port               uint   Port
dns.svcb.svcparam.ipv4hint.ip        ipv4   IP
dns.svcb.svcparam.echconfig          bytes  ECHConfig
dns.svcb.svcparam.ipv6hint.ip        ipv6   IP
dns.spf.length                       uint   SPF Length
dns.spf                              str    SPF
dns.ilnp.nid.preference              uint   Preference
dns.ilnp.nid                         bytes  NodeID
dns.ilnp.l32.preference              uint   Preference
dns.ilnp.l32                         ipv4   Locator32
dns.ilnp.l64.preference              uint   Preference
dns.ilnp.l64                         bytes  Locator64
dns.ilnp.lp.preference               uint   Preference
dns.ilnp.lp                          str    Locator FQDN
dns.eui48                            ether  EUI48 Address
dns.eui64                            bytes  EUI64 Address
dns.rrsig.type_covered               uint   Type Covered
dns.rrsig.algorithm                  uint   Algorithm
dns.rrsig.labels                     uint   Labels
dns.rrsig.original_ttl               uint   Original TTL
dns.rrsig.signature_expiration       when   Signature Expiration
dns.rrsig.signature_inception        when   Signature Inception
dns.rrsig.key_tag                    uint   Key Tag
dns.rrsig.signers_name               str    Signer's name
dns.rrsig.signature                  bytes  Signature
dns.dnskey.flags                     hex2   Flags
dns.dnskey.flags.zone_key            bool   Zone Key
dns.dnskey.flags.key_revoked         bool   Key Revoked
dns.dnskey.flags.secure_entry_point  bool   Secure entry point
dns.dnskey.flags.reserved            hex2   Reserved
dns.dnskey.protocol                  uint   Protocol
dns.dnskey.algorithm                 uint   Algorithm
dns.dnskey.key_id                    uint   Key id
dns.dnskey.public_key                bytes  Public Key
dns.key.flags                        hex2   Flags
dns.key.flags.authentication         bool   Key allowed for authentication
dns.key.flags.confidentiality        bool   Key allowed for confidentiality
dns.key.flags.required               bool   Key required
dns.key.flags.associated_user        bool   Key is associated with a user
dns.key.flags.associated_named_entity bool   Key is associated with the named entity
dns.key.flags.ipsec                  bool   Key use with IPSEC
dns.key.flags.mime                   bool   Key use with MIME security multiparts
dns.key.flags.signatory              uint   Signatory
dns.key.protocol                     uint   Protocol
dns.key.algorithm                    uint   Algorithm
dns.key.key_id                       uint   Key ID
dns.key.public_key                   bytes  Public Key
dns.px.preference                    uint   Preference
dns.px.map822                        str    MAP822
dns.px.map400                        str    MAPX400
dns.tkey.algo_name                   str    Algorithm name
dns.tkey.signature_expiration        when   Signature Expiration
dns.tkey.signature_inception         when   Signature Inception
dns.tkey.mode                        uint   Mode
dns.tkey.error                       uint   Error
dns.tkey.key_size                    uint   Key Size
dns.tkey.key_data                    bytes  Key Data
dns.tkey.other_size                  uint   Other Size
dns.tkey.other_data                  bytes  Other Data
dns.ipseckey.gateway_precedence      uint   Gateway Precedence
dns.ipseckey.gateway_algorithm       uint   Gateway Algorithm
dns.ipseckey.gateway_type            uint   Gateway Type
dns.ipseckey.gateway_ipv4            ipv4   IPv4 Gateway
dns.ipseckey.gateway_ipv6            ipv6   IPv6 Gateway
dns.ipseckey.gateway_dns             str    DNS Gateway
dns.ipseckey.public_key              bytes  Public Key
dns.a6.prefix_len                    uint   Prefix len
dns.a6.address_suffix                ipv6   Address Suffix
dns.a6.prefix_name                   str    Prefix name
dns.dname                            str    Dname
dns.loc.version                      uint   Version
dns.loc.size                         uint   Size
dns.loc.horizontal_precision         uint   Horizontal Precision
dns.loc.vertical_precision           uint   Vertical Precision
dns.loc.latitude                     uint   Latitude
dns.loc.longitude                    uint   Longitude
dns.loc.altitude                     uint   Altitude
dns.loc.unknown_data                 bytes  Unknown data
dns.nxt.next_domain_name             str    Next Domain Name
dns.kx.preference                    uint   Preference
dns.kx.key_exchange                  str    Key Exchange
dns.cert.type                        uint   Type
dns.cert.key_tag                     hex2   Key Tag
dns.cert.algorithm                   uint   Algorithm
dns.cert.certificate                 bytes  Certificate (or CRL)
dns.nsec.next_domain_name            str    Next Domain Name
dns.ns                               str    Name Server
dns.nsec3.algo                       uint   Hash algorithm
dns.nsec3.flags                      uint   NSEC3 flags
dns.nsec3.flags.opt_out              bool   Opt-out
dns.nsec3.iterations                 uint   NSEC3 iterations
dns.nsec3.salt_length                uint   Salt length
dns.nsec3.salt_value                 bytes  Salt value
dns.nsec3.hash_length                uint   Hash length
dns.nsec3.hash_value                 str    Next hashed owner
dns.tlsa.certificate_usage           uint   Certificate Usage
dns.tlsa.selector                    uint   Selector
dns.tlsa.matching_type               uint   Matching Type
dns.tlsa.certificate_association_data bytes  Certificate Association Data
dns.tsig.algorithm_name              str    Algorithm Name
dns.tsig.time_signed                 when   Time Signed
dns.tsig.original_id                 uint   Original Id
dns.tsig.error                       uint   Error
dns.tsig.fudge                       uint   Fudge
dns.tsig.mac_size                    uint   MAC Size
dns.tsig.other_len                   uint   Other Len
dns.tsig.mac                         bytes  MAC
dns.tsig.other_data                  bytes  Other Data
dns.sshfp.algorithm                  uint   Algorithm
dns.sshfp.fingerprint.type           uint   Fingerprint type
dns.sshfp.fingerprint                bytes  Fingerprint
dns.hip.hit.length                   uint   HIT length
dns.hip.hit.pk.algo                  uint   Key algorithm
dns.hip.pk.length                    uint   PK length
dns.hip.hit                          bytes  Host Identity Tag
dns.hip.pk                           bytes  HIP Public Key
dns.hip.rendezvous_server            str    Rendezvous Server
dns.dhcid.rdata                      bytes  DHCID Data
dns.ds.key_id                        hex2   Key id
dns.ds.algorithm                     uint   Algorithm
dns.ds.digest_type                   uint   Digest Type
dns.ds.digest                        bytes  Digest
dns.apl.address_family               uint   Address Family
dns.apl.coded_prefix                 uint   Prefix Length
dns.apl.negation                     bool   Negation Flag
dns.apl.afdlength                    uint   Address Length
dns.apl.afdpart.ipv4                 ipv4   Address
dns.apl.afdpart.ipv6                 ipv6   Address
dns.apl.afdpart.data                 bytes  Address
dns.gpos.longitude_length            uint   Longitude length
dns.gpos.longitude                   str    Longitude
dns.gpos.latitude_length             uint   Latitude length
dns.gpos.latitude                    str    Latitude
dns.gpos.altitude_length             uint   Altitude length
dns.gpos.altitude                    str    Altitude
dns.rp.mailbox                       str    Mailbox
dns.rp.txt_rr                        str    TXT RR
dns.afsdb.subtype                    uint   Subtype
dns.afsdb.hostname                   str    Hostname
dns.x25.length                       uint   Length
dns.x25.psdn_address                 str    PSDN-Address
dns.idsn.length                      uint   Length
dns.idsn.address                     str    ISDN Address
dns.idsn.sa.length                   uint   Length
dns.idsn.sa.address                  str    Sub Address
dns.rt.subtype                       uint   Preference
dns.rt.intermediate_host             str    Intermediate Hostname
dns.nsap.rdata                       bytes  NSAP Data
dns.nsap_ptr.owner                   str    Owner
dns.caa.flags                        hex1   CAA Flags
dns.caa.flags.issuer_critical        bool   Issuer Critical
dns.caa.issue                        str    Issue
dns.caa.issuewild                    str    Issue Wildcard
dns.caa.iodef                        str    Report URL
dns.caa.unknown                      str    Unknown tag
dns.caa.tag_length                   uint   Tag length
dns.caa.tag                          str    Tag
dns.caa.value                        str    Value
dns.srv.owner                        str    Name
dns.wks.none                         bytes  No ports
dns.bitmap.window                    uint   Window
dns.bitmap.length                    uint   Bitmap length
dns.bitmap.bits                      bytes  Bitmap
dns.amtrelay.precedence              uint   Precedence
dns.amtrelay.discovery_optional      bool   Discovery optional
dns.amtrelay.type                    uint   Relay type
dns.amtrelay.relay_ipv4              ipv4   Relay
dns.amtrelay.relay_ipv6              ipv6   Relay
dns.amtrelay.relay_dns               str    Relay
dns.avc.length                       uint   AVC length
dns.avc                              str    AVC
dns.brid                             bytes  Broadcast remote ID
dns.caa.flags.unassigned             uint   Unassigned
dns.ch.domain                        str    Domain
dns.ch.address                       uint   Chaos address
dns.csync.flags.unassigned           uint   Unassigned
dns.dnskey.flags.unassigned          uint   Unassigned
dns.dsync.type                       uint   Type
dns.dsync.scheme                     uint   Scheme
dns.dsync.port                       uint   Port
dns.dsync.target                     str    Target
dns.hhit                             bytes  Hierarchical host identity
dns.key.flags.unassigned             uint   Unassigned
dns.ninfo.length                     uint   NINFO length
dns.ninfo                            str    NINFO
dns.nsec3.flags.unassigned           uint   Unassigned
dns.nsec3.hash_bytes                 bytes  Bytes of it
dns.nxt.bits                         bytes  Bitmap
dns.resinfo.length                   uint   RESINFO length
dns.resinfo                          str    RESINFO
dns.svcb.svcparam.dohpath            str    DoH path
dns.svcb.svcparam.group              uint   Group
dns.talink.previous                  str    Previous
dns.talink.next                      str    Next
dns.uri.priority                     uint   Priority
dns.uri.weight                       uint   Weight
dns.uri.target                       str    Target
dns.wallet.length                    uint   WALLET length
dns.wallet                           str    WALLET
""",
    names={
        **dict.fromkeys(
            ("dns.ds.algorithm", "dns.dnskey.algorithm", "dns.rrsig.algorithm"), names.ALGORITHMS
        ),
        "dns.key.algorithm": names.ALGORITHMS,
        "dns.cert.algorithm": names.ALGORITHMS,
        "dns.ds.digest_type": names.DIGESTS,
        "dns.rrsig.type_covered": names.TYPES,
        "dns.nsec3.algo": names.NSEC3_HASHES,
        "dns.tlsa.certificate_usage": names.TLSA_USAGES,
        "dns.tlsa.selector": names.TLSA_SELECTORS,
        "dns.tlsa.matching_type": names.TLSA_MATCHES,
        "dns.sshfp.algorithm": names.SSH_ALGORITHMS,
        "dns.sshfp.fingerprint.type": names.SSH_DIGESTS,
        "dns.cert.type": names.CERT_TYPES,
        "dns.zonemd.scheme": names.ZONEMD_SCHEMES,
        "dns.zonemd.hash_algo": names.ZONEMD_HASHES,
        "dns.ipseckey.gateway_type": names.GATEWAYS,
        "dns.ipseckey.gateway_algorithm": names.IPSEC_ALGORITHMS,
        "dns.amtrelay.type": names.GATEWAYS,
        "dns.apl.address_family": names.FAMILIES,
        "dns.tsig.error": names.RCODES,
        "dns.tkey.mode": names.TKEY_MODES,
        "dns.tkey.error": names.RCODES,
        "dns.svcb.svcparam.key": names.SVC_KEYS,
        "dns.svcb.svcparam.mandatory.key": names.SVC_KEYS,
        "dns.dsync.type": names.TYPES,
    },
)
