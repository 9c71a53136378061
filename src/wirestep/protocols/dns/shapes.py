"""Rdata that a row of plain parts cannot say: parts that depend on others, lists, bit fields."""

from __future__ import annotations

from base64 import b32hexencode

from wirestep.decode.cursor import Bits, Broken, Cursor
from wirestep.decode.fields import ipv4_text, ipv6_text

from .kinds import (
    Item,
    Kind,
    base64,
    flags,
    hexed,
    lengths,
    name,
    one_string,
    quoted,
    seconds,
    time4,
    types,
    u2,
    words,
)
from .labels import Names, escaped
from .location import location as _location
from .names import ALGORITHMS, RCODE_MNEMONICS, type_name
from .services import svc_params as _svc_params

_DNSKEY_FLAGS = flags(
    "dns.dnskey.flags",
    2,
    ("unassigned", 7),
    ("zone_key", 1),
    ("key_revoked", 1),
    ("unassigned", 6),
    ("secure_entry_point", 1),
)
key_flags = flags(
    "dns.key.flags",
    2,
    ("authentication", 1),
    ("confidentiality", 1),
    ("required", 1),
    ("unassigned", 2),
    ("associated_user", 1),
    ("associated_named_entity", 1),
    ("unassigned", 1),
    ("ipsec", 1),
    ("mime", 1),
    ("unassigned", 2),
    ("signatory", 4),
)
csync_flags = flags("dns.csync.flags", 2, ("unassigned", 14), ("soaminimum", 1), ("immediate", 1))
nsec3_flags = flags("dns.nsec3.flags", 1, ("unassigned", 7), ("opt_out", 1))
svc_params = Kind(_svc_params, words)
location = Kind(_location)


def key_tag(rdata: bytes) -> int:
    """The number that signatures know a DNSKEY by (RFC 4034 appendix B)."""
    if len(rdata) > 3 and rdata[3] == 1:
        return int.from_bytes(rdata[-3:-1], "big")
    total = sum(rdata[0::2]) * 256 + sum(rdata[1::2])
    return (total + (total >> 16)) & 0xFFFF


def _dnskey_flags(cursor: Cursor, names: Names, field: str) -> Item:
    value = _DNSKEY_FLAGS.read(cursor, names, field)
    assert isinstance(value, int)
    cursor.worked("dns.dnskey.flags.reserved", value & 0xFE7E)
    return value


def _key(cursor: Cursor, names: Names, field: str) -> bytes:
    tag_field = field.replace("public_key", "key_id")
    if cursor.wants(tag_field):
        cursor.worked(tag_field, key_tag(cursor.data[cursor.at - 4 : cursor.stop]))
    return cursor.rest(field)


def _measured_name(cursor: Cursor, names: Names, field: str) -> Item:
    found = names.look(cursor.at, cursor.stop)
    cursor.worked(lengths(field), len(found.text))
    return names.read(cursor, field, found)


def _wks_ports(cursor: Cursor, names: Names, field: str) -> tuple[int, ...]:
    """A bit for each port (RFC 1035 section 3.4.2)."""
    found: list[int] = []
    base = 0
    while cursor.left():
        zeros = cursor.at
        while zeros < cursor.stop and not cursor.data[zeros]:
            zeros += 1
        base += 8 * len(cursor.take("dns.wks.none", zeros - cursor.at))
        if not cursor.left():
            break
        bits = cursor.uint(field, 1)
        found += [base + place for place in range(8) if bits & 0x80 >> place]
        base += 8
    return tuple(found)


def _csync_types(cursor: Cursor, names: Names, field: str) -> Item:
    data = cursor.peek(cursor.left())
    with cursor.group(field, len(data), data):
        return types.read(cursor, names, field)


def _nxt_types(cursor: Cursor, names: Names, field: str) -> tuple[str, ...]:
    bits = cursor.rest(field)
    places = (p for p in range(8 * len(bits)) if bits[p >> 3] & 0x80 >> (p & 7))
    return tuple(type_name(place) for place in places)


def _a6(cursor: Cursor, names: Names, field: str) -> tuple[str, ...]:
    """An address in pieces (RFC 2874 section 3.1.1)."""
    prefix = cursor.uint("dns.a6.prefix_len", 1)
    if prefix > 128:
        raise Broken(f"a prefix of {prefix} bits")
    suffix = cursor.take("dns.a6.address_suffix", (128 - prefix + 7) // 8)
    out = (str(prefix), ipv6_text(suffix.rjust(16, b"\0")))
    if prefix:
        return (*out, names.read(cursor, "dns.a6.prefix_name").master())
    return out


def _prefixes(cursor: Cursor, names: Names, field: str) -> tuple[str, ...]:
    """Address prefixes, each wanted or not (RFC 3123 section 4)."""
    out = []
    while cursor.left():
        family = cursor.uint("dns.apl.address_family", 2)
        prefix = cursor.uint("dns.apl.coded_prefix", 1)
        negated, size = cursor.bits(1, Bits("dns.apl.negation", 1), Bits("dns.apl.afdlength", 7))
        whole = {1: 4, 2: 16}.get(family, 0)
        if size > whole:
            shown = cursor.take("dns.apl.afdpart.data", size).hex()
        else:
            kind = "dns.apl.afdpart.ipv4" if family == 1 else "dns.apl.afdpart.ipv6"
            shown = cut_address(cursor, kind, size, whole) if whole else ""
        out.append(f"{'!' if negated else ''}{family}:{shown}/{prefix}")
    return tuple(out)


def cut_address(cursor: Cursor, field: str, size: int, whole: int) -> str:
    """The first `size` bytes of an address of `whole` bytes; the rest are zero."""
    data = cursor.peek(size).ljust(whole, b"\0")
    with cursor.group(field, size, data):
        cursor.take("dns.address.prefix", size)
    return ipv4_text(data) if whole == 4 else ipv6_text(data)


def _gateway(cursor: Cursor, names: Names, kind: int, prefix: str) -> str:
    """Nothing, an address or a name (RFC 4025 section 2.5, RFC 8777 section 4.2)."""
    if kind == 0:
        return "."
    if kind == 1:
        return ipv4_text(cursor.take(f"{prefix}_ipv4", 4))
    if kind == 2:
        return ipv6_text(cursor.take(f"{prefix}_ipv6", 16))
    if kind == 3:
        return names.read(cursor, f"{prefix}_dns").master()
    raise Broken(f"a gateway of the unknown type {kind}")


def _ipsec_gateway(cursor: Cursor, names: Names, field: str) -> tuple[str, ...]:
    kind = cursor.uint("dns.ipseckey.gateway_type", 1)
    algorithm = cursor.uint("dns.ipseckey.gateway_algorithm", 1)
    gateway = _gateway(cursor, names, kind, "dns.ipseckey.gateway")
    return str(kind), str(algorithm), gateway


def _amt_relay(cursor: Cursor, names: Names, field: str) -> tuple[str, ...]:
    discovery, kind = cursor.bits(
        1, Bits("dns.amtrelay.discovery_optional", 1), Bits("dns.amtrelay.type", 7)
    )
    return str(discovery), str(kind), _gateway(cursor, names, kind, "dns.amtrelay.relay")


def _hip(cursor: Cursor, names: Names, field: str) -> tuple[str, ...]:
    """An identity, its key and where to meet it (RFC 8005 section 5)."""
    hit_size = cursor.uint("dns.hip.hit.length", 1)
    algorithm = cursor.uint("dns.hip.hit.pk.algo", 1)
    key_size = cursor.uint("dns.hip.pk.length", 2)
    hit = cursor.take("dns.hip.hit", hit_size)
    key = cursor.take("dns.hip.pk", key_size)
    out = [str(algorithm), hexed(hit), base64(key)]
    while cursor.left():
        out.append(names.read(cursor, "dns.hip.rendezvous_server").master())
    return tuple(out)


CAA_TAGS = ("issue", "issuewild", "iodef")


def _caa(cursor: Cursor, names: Names, field: str) -> tuple[str, ...]:
    """Who may issue certificates (RFC 8659 section 4.1)."""
    critical = cursor.bits(
        1,
        Bits(
            "dns.caa.flags",
            8,
            (Bits("dns.caa.flags.issuer_critical", 1), Bits("dns.caa.flags.unassigned", 7)),
        ),
    )[0]
    size = cursor.peek(1)[0]
    data = cursor.peek(cursor.left())
    tag, value = data[1 : 1 + size], data[1 + size :]
    known = tag.decode("ascii", "backslashreplace").lower()
    holder = f"dns.caa.{known}" if known in CAA_TAGS else "dns.caa.unknown"
    with cursor.group(holder, value=value.decode("utf-8", "backslashreplace")):
        cursor.uint("dns.caa.tag_length", 1)
        cursor.text("dns.caa.tag", size)
        cursor.text("dns.caa.value", cursor.left())
    return str(critical), escaped(tag, b"\\"), quoted(value)


def _hashed(cursor: Cursor, names: Names, field: str) -> str:
    """The next owner's hash in base 32 with extended hex (RFC 5155 section 3.3)."""
    size = cursor.uint(lengths(field), 1)
    shown = b32hexencode(cursor.peek(size)).decode("ascii").rstrip("=").lower()
    if size:
        with cursor.group(field, size, shown):
            cursor.take("dns.nsec3.hash_bytes", size)
    return shown


def _plain_string(cursor: Cursor, names: Names, field: str) -> str:
    return one_string(cursor, lengths(field), field).decode("ascii", "backslashreplace")


def _unknown(cursor: Cursor, names: Names, field: str) -> str:
    r"""Bytes of a type without a layout: \# LENGTH HEX (RFC 3597 section 5)."""
    data = cursor.rest(field)
    return f"\\# {len(data)} {data.hex()}".rstrip()


def _rest_bytes(cursor: Cursor, names: Names, field: str) -> str:
    return f"0x{cursor.rest(field).hex()}"


def _time6(cursor: Cursor, names: Names, field: str) -> int:
    return seconds(cursor, field, 6)


def _seconds(value: Item) -> str:
    assert isinstance(value, int)
    return str(value // 1_000_000_000)


def _sized(size_field: str) -> Kind:
    def read(cursor: Cursor, names: Names, field: str) -> bytes:
        return cursor.take(field, cursor.uint(size_field, 2))

    return Kind(read, lambda value: f"{len(hexed(value)) // 2} {base64(value)}".rstrip())


def _sized_key(size_field: str) -> Kind:
    return Kind(_sized(size_field).read, base64)


def _error(value: Item) -> str:
    assert isinstance(value, int)
    return RCODE_MNEMONICS.get(value) or str(value)


def _algorithm(value: Item) -> str:
    assert isinstance(value, int)
    return ALGORITHMS.get(value, str(value)).replace("-", "")


def _octal(value: Item) -> str:
    assert isinstance(value, int)
    return f"{value:o}"


def _scheme(value: Item) -> str:
    return "NOTIFY" if value == 1 else str(value)


dnskey_flags = Kind(_dnskey_flags)
public_key = Kind(_key, base64)
measured_name = Kind(_measured_name, name.text)
wks_ports, nxt_types, prefixes = (
    Kind(_wks_ports, words),
    Kind(_nxt_types, words),
    Kind(_prefixes, words),
)
a6, ipsec_gateway, amt_relay = (
    Kind(_a6, words),
    Kind(_ipsec_gateway, words),
    Kind(_amt_relay, words),
)
hip, caa, hashed = Kind(_hip, words), Kind(_caa, words), Kind(_hashed)
decimal, unknown, nsap = Kind(_plain_string), Kind(_unknown), Kind(_rest_bytes)
csync_types = Kind(_csync_types, words)
octal = Kind(u2.read, _octal)
named_algorithm = Kind(lambda cursor, names, field: cursor.uint(field, 1), _algorithm)
dsync_scheme = Kind(lambda cursor, names, field: cursor.uint(field, 1), _scheme)
time6 = Kind(_time6, _seconds)
rcode = Kind(u2.read, _error)

TSIG = (
    ("dns.tsig.algorithm_name", name),
    ("dns.tsig.time_signed", time6),
    ("dns.tsig.fudge", u2),
    ("dns.tsig.mac", _sized("dns.tsig.mac_size")),
    ("dns.tsig.original_id", u2),
    ("dns.tsig.error", rcode),
    ("dns.tsig.other_data", _sized("dns.tsig.other_len")),
)
"""RFC 8945 section 4.2."""
_TIME4 = Kind(time4.read, _seconds)
TKEY = (
    ("dns.tkey.algo_name", name),
    ("dns.tkey.signature_inception", _TIME4),
    ("dns.tkey.signature_expiration", _TIME4),
    ("dns.tkey.mode", u2),
    ("dns.tkey.error", u2),
    ("dns.tkey.key_data", _sized_key("dns.tkey.key_size")),
    ("dns.tkey.other_data", _sized_key("dns.tkey.other_size")),
)
"""RFC 2930 section 2."""
