"""What records hold: one line a type, a tuple of (field, kind) (RFC 1035 section 3.3 and later)."""

from __future__ import annotations

from wirestep.decode.cursor import Cursor

from . import shapes
from .kinds import (
    Item,
    Kind,
    cert_type,
    eui48,
    eui64,
    ipv4,
    ipv6,
    name,
    node,
    optional,
    rest_64,
    rest_hex,
    rest_text,
    salted,
    string,
    strings,
    time4,
    type_covered,
    types,
    u1,
    u2,
    u4,
)
from .labels import Names
from .names import NUMBERS

Layout = tuple[tuple[str, Kind], ...]


def _pair(prefix: str, first: str, second: str, kind: Kind = name) -> Layout:
    return ((f"{prefix}.{first}", u2), (f"{prefix}.{second}", kind))


_DS: Layout = (
    ("dns.ds.key_id", u2),
    ("dns.ds.algorithm", u1),
    ("dns.ds.digest_type", u1),
    ("dns.ds.digest", rest_hex),
)
_DNSKEY: Layout = (
    ("dns.dnskey.flags", shapes.dnskey_flags),
    ("dns.dnskey.protocol", u1),
    ("dns.dnskey.algorithm", u1),
    ("dns.dnskey.public_key", shapes.public_key),
)
_RRSIG: Layout = (
    ("dns.rrsig.type_covered", type_covered),
    ("dns.rrsig.algorithm", u1),
    ("dns.rrsig.labels", u1),
    ("dns.rrsig.original_ttl", u4),
    ("dns.rrsig.signature_expiration", time4),
    ("dns.rrsig.signature_inception", time4),
    ("dns.rrsig.key_tag", u2),
    ("dns.rrsig.signers_name", name),
    ("dns.rrsig.signature", rest_64),
)
_TLSA: Layout = (
    ("dns.tlsa.certificate_usage", u1),
    ("dns.tlsa.selector", u1),
    ("dns.tlsa.matching_type", u1),
    ("dns.tlsa.certificate_association_data", rest_hex),
)
_NSEC3PARAM: Layout = (
    ("dns.nsec3.algo", u1),
    ("dns.nsec3.flags", u1),
    ("dns.nsec3.iterations", u2),
    ("dns.nsec3.salt_value", salted),
)
_SVCB: Layout = (
    ("dns.svcb.svcpriority", u2),
    ("dns.svcb.targetname", name),
    ("dns.svcb.svcparam", shapes.svc_params),
)

LAYOUTS: dict[str, Layout] = {
    "A": (("dns.a", ipv4),),
    "NS": (("dns.ns", name),),
    "MD": (("dns.md", name),),
    "MF": (("dns.mf", name),),
    "CNAME": (("dns.cname", name),),
    "SOA": (
        ("dns.soa.mname", name),
        ("dns.soa.rname", name),
        ("dns.soa.serial_number", u4),
        ("dns.soa.refresh_interval", u4),
        ("dns.soa.retry_interval", u4),
        ("dns.soa.expire_limit", u4),
        ("dns.soa.minimum_ttl", u4),
    ),
    "MB": (("dns.mb", name),),
    "MG": (("dns.mg", name),),
    "MR": (("dns.mr", name),),
    "NULL": (("dns.null", rest_hex),),
    "WKS": (
        ("dns.wks.address", ipv4),
        ("dns.wks.protocol", u1),
        ("dns.wks.bits", shapes.wks_ports),
    ),
    "PTR": (("dns.ptr.domain_name", name),),
    "HINFO": (("dns.hinfo.cpu", string), ("dns.hinfo.os", string)),
    "MINFO": (("dns.minfo.r", name), ("dns.minfo.e", name)),
    "MX": _pair("dns.mx", "preference", "mail_exchange"),
    "TXT": (("dns.txt", strings),),
    "RP": (("dns.rp.mailbox", name), ("dns.rp.txt_rr", name)),
    "AFSDB": _pair("dns.afsdb", "subtype", "hostname"),
    "X25": (("dns.x25.psdn_address", string),),
    "ISDN": (("dns.idsn.address", string), ("dns.idsn.sa.address", optional)),
    "RT": _pair("dns.rt", "subtype", "intermediate_host"),
    "NSAP": (("dns.nsap.rdata", shapes.nsap),),
    "NSAP-PTR": (("dns.nsap_ptr.owner", name),),
    "SIG": _RRSIG,
    "KEY": (
        ("dns.key.flags", shapes.key_flags),
        ("dns.key.protocol", u1),
        ("dns.key.algorithm", u1),
        ("dns.key.public_key", shapes.public_key),
    ),
    "PX": (("dns.px.preference", u2), ("dns.px.map822", name), ("dns.px.map400", name)),
    "GPOS": (
        ("dns.gpos.longitude", shapes.decimal),
        ("dns.gpos.latitude", shapes.decimal),
        ("dns.gpos.altitude", shapes.decimal),
    ),
    "AAAA": (("dns.aaaa", ipv6),),
    "LOC": (("dns.loc", shapes.location),),
    "NXT": (("dns.nxt.next_domain_name", name), ("dns.nxt.bits", shapes.nxt_types)),
    "SRV": (
        ("dns.srv.priority", u2),
        ("dns.srv.weight", u2),
        ("dns.srv.port", u2),
        ("dns.srv.target", name),
    ),
    "NAPTR": (
        ("dns.naptr.order", u2),
        ("dns.naptr.preference", u2),
        ("dns.naptr.flags", string),
        ("dns.naptr.service", string),
        ("dns.naptr.regex", string),
        ("dns.naptr.replacement", shapes.measured_name),
    ),
    "KX": _pair("dns.kx", "preference", "key_exchange"),
    "CERT": (
        ("dns.cert.type", cert_type),
        ("dns.cert.key_tag", u2),
        ("dns.cert.algorithm", shapes.named_algorithm),
        ("dns.cert.certificate", rest_64),
    ),
    "A6": (("dns.a6", shapes.a6),),
    "DNAME": (("dns.dname", name),),
    "APL": (("dns.apl", shapes.prefixes),),
    "DS": _DS,
    "SSHFP": (
        ("dns.sshfp.algorithm", u1),
        ("dns.sshfp.fingerprint.type", u1),
        ("dns.sshfp.fingerprint", rest_hex),
    ),
    "IPSECKEY": (
        ("dns.ipseckey.gateway_precedence", u1),
        ("dns.ipseckey", shapes.ipsec_gateway),
        ("dns.ipseckey.public_key", rest_64),
    ),
    "RRSIG": _RRSIG,
    "NSEC": (("dns.nsec.next_domain_name", name), ("dns.bitmap", types)),
    "DNSKEY": _DNSKEY,
    "DHCID": (("dns.dhcid.rdata", rest_64),),
    "NSEC3": (
        ("dns.nsec3.algo", u1),
        ("dns.nsec3.flags", shapes.nsec3_flags),
        *_NSEC3PARAM[2:],
        ("dns.nsec3.hash_value", shapes.hashed),
        ("dns.bitmap", types),
    ),
    "NSEC3PARAM": _NSEC3PARAM,
    "TLSA": _TLSA,
    "SMIMEA": _TLSA,
    "HIP": (("dns.hip", shapes.hip),),
    "NINFO": (("dns.ninfo", strings),),
    "TALINK": (("dns.talink.previous", name), ("dns.talink.next", name)),
    "CDS": _DS,
    "CDNSKEY": _DNSKEY,
    "OPENPGPKEY": (("dns.openpgpkey", rest_64),),
    "CSYNC": (
        ("dns.csync.soa", u4),
        ("dns.csync.flags", shapes.csync_flags),
        ("dns.csync.type_bitmap", shapes.csync_types),
    ),
    "ZONEMD": (
        ("dns.zonemd.serial", u4),
        ("dns.zonemd.scheme", u1),
        ("dns.zonemd.hash_algo", u1),
        ("dns.zonemd.digest", rest_hex),
    ),
    "SVCB": _SVCB,
    "HTTPS": _SVCB,
    "DSYNC": (
        ("dns.dsync.type", type_covered),
        ("dns.dsync.scheme", shapes.dsync_scheme),
        ("dns.dsync.port", u2),
        ("dns.dsync.target", name),
    ),
    "HHIT": (("dns.hhit", rest_64),),
    "BRID": (("dns.brid", rest_64),),
    "SPF": (("dns.spf", strings),),
    "NID": _pair("dns.ilnp.nid", "preference", "", node),
    "L32": _pair("dns.ilnp.l32", "preference", "", ipv4),
    "L64": _pair("dns.ilnp.l64", "preference", "", node),
    "LP": _pair("dns.ilnp.lp", "preference", "", name),
    "EUI48": (("dns.eui48", eui48),),
    "EUI64": (("dns.eui64", eui64),),
    "TKEY": shapes.TKEY,
    "TSIG": shapes.TSIG,
    "URI": (("dns.uri.priority", u2), ("dns.uri.weight", u2), ("dns.uri.target", rest_text)),
    "CAA": (("dns.caa", shapes.caa),),
    "AVC": (("dns.avc", strings),),
    "AMTRELAY": (
        ("dns.amtrelay.precedence", u1),
        ("dns.amtrelay", shapes.amt_relay),
    ),
    "RESINFO": (("dns.resinfo", strings),),
    "WALLET": (("dns.wallet", strings),),
    "TA": _DS,
    "DLV": _DS,
}
BY_NUMBER = {
    NUMBERS[kind]: tuple((field.rstrip("."), part) for field, part in layout)
    for kind, layout in LAYOUTS.items()
}
UNKNOWN: Layout = (("dns.data", shapes.unknown),)
CHAOS_A: Layout = (("dns.ch.domain", name), ("dns.ch.address", shapes.octal))
INTERNET = (1, 254, 255)

BRIEF = {
    NUMBERS[kind]: count
    for kind, count in {
        **dict.fromkeys(("A", "AAAA", "NS", "CNAME", "PTR", "SOA", "DNAME", "NSEC", "MB", "MG"), 1),
        **dict.fromkeys(("MX", "HINFO"), 2),
        "NAPTR": 3,
        "SRV": 4,
    }.items()
}
"""How many parts of a record a summary tells."""

SHOWN = {
    NUMBERS[kind]: text
    for kind, text in {
        "A": "addr {}",
        "AAAA": "addr {}",
        "NS": "ns {}",
        "CNAME": "cname {}",
        "SOA": "mname {}, rname {}, serial {}",
        "MX": "preference {}, mx {}",
        "SRV": "priority {}, weight {}, port {}, target {}",
        "HINFO": "CPU {}, OS {}",
        "NAPTR": "order {}, preference {}, flags {}",
        "NSEC": "next domain name {}",
        "DNAME": "dname {}",
        "PTR": "{}",
    }.items()
}
"""How the line of a record tells its parts; others are told as a master file writes them."""


def layout(kind: int, domain: int) -> Layout:
    """How a record of type `kind` and class `domain` is laid out."""
    if domain == 3 and kind == 1:
        return CHAOS_A
    return BY_NUMBER.get(kind, UNKNOWN)


def read(cursor: Cursor, names: Names, parts: Layout, out: list[Item]) -> None:
    """Read the parts up to the cursor's stop; what was read before an error is in `out`.

    Raises:
        Broken, Short: the rdata does not fit its type.
    """
    for field, kind in parts:
        out.append(kind.read(cursor, names, field))


def text(parts: Layout, values: list[Item]) -> str:
    """The record's data as a master file writes it (RFC 1035 section 5.1)."""
    words = (kind.text(value) for (_, kind), value in zip(parts, values, strict=False))
    return " ".join(word for word in words if word)


def brief(value: Item) -> str:
    """One part for a line that people read."""
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)
