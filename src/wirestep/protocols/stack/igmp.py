"""Group membership in IPv4 (RFC 1112, RFC 2236, RFC 3376)."""

from wirestep.decode.checksum import BAD, GOOD, STATUS, UNVERIFIED, internet_checksum
from wirestep.decode.contract import Protocol, Reading, Stateless, Where
from wirestep.decode.cursor import Bits, Cursor
from wirestep.decode.fields import ipv4_text, table

TYPES = {
    0x11: "Membership Query",
    0x12: "Membership Report",
    0x13: "DVMRP",
    0x14: "PIM version 1",
    0x16: "Membership Report",
    0x17: "Leave Group",
    0x1E: "Multicast traceroute response",
    0x1F: "Multicast traceroute",
    0x22: "Membership Report",
    0x30: "Multicast router advertisement",
    0x31: "Multicast router solicitation",
    0x32: "Multicast router termination",
}
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
igmp.version          uint   Version
igmp.type             hex1   Type
igmp.max_resp         uint   Longest response time in tenths of a second
igmp.max_resp.exp     hex1   Exponent
igmp.max_resp.mant    hex1   Mantissa
igmp.max_resp.float   uint   Written as a floating number
igmp.checksum         hex2   Checksum
igmp.checksum.status  uint   Checksum status
igmp.maddr            ipv4   Group
igmp.reserved         bytes  Reserved
igmp.resv             uint   Reserved
igmp.s                bool   Routers need not act
igmp.qrv              uint   Robustness of the querier
igmp.qqic             uint   Interval code of the querier
igmp.num_src          uint   Number of sources
igmp.saddr            ipv4   Source
igmp.num_grp_recs     uint   Number of group records
igmp.record           group  Group record
igmp.record_type      uint   Record type
igmp.aux_data_len     uint   Words of auxiliary data
igmp.aux_data         bytes  Auxiliary data
igmp.data             bytes  Data
""",
    names={"igmp.type": TYPES, "igmp.record_type": RECORDS, "igmp.checksum.status": STATUS},
)
QUERY, REPORT1, REPORT2, LEAVE, REPORT3 = 0x11, 0x12, 0x16, 0x17, 0x22


BRIEFS = {
    QUERY: "query",
    REPORT1: "report",
    REPORT2: "report",
    REPORT3: "report",
    LEAVE: "leave group",
}
"""What stands on an arrow."""


class IgmpDecoder(Stateless):
    """Queries of routers, reports of hosts."""

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        """All versions: a query tells its own by its length and its second byte."""
        data = cursor.peek(cursor.left())
        kind, second = cursor.peek(2)
        version = _version(kind, second, where.length)
        cursor.worked("igmp.version", version)
        cursor.uint("igmp.type", 1)
        if version == 1 or kind == REPORT3:
            cursor.take("igmp.reserved", 1)
        else:
            _response_time(cursor, version == 3)
        cursor.uint("igmp.checksum", 2)
        _check(cursor, data, where)
        if kind == REPORT3:
            return Reading(_report(cursor), label="IGMPv3", brief=BRIEFS[kind])
        if kind not in (QUERY, REPORT1, REPORT2, LEAVE):
            cursor.rest("igmp.data")
            return Reading(TYPES.get(kind, f"Type 0x{kind:02x}"))
        group = ipv4_text(cursor.take("igmp.maddr", 4))
        if kind == QUERY and version == 3:
            _sources(cursor)
        cursor.rest("igmp.data")
        line = _summary(kind, version, group)
        return Reading(line, label=f"IGMPv{version}", brief=BRIEFS[kind])


def _version(kind: int, second: int, size: int) -> int:
    if kind == QUERY:
        return 3 if size >= 12 else 2 if second else 1
    return {REPORT1: 1, REPORT3: 3}.get(kind, 2)


def _summary(kind: int, version: int, group: str) -> str:
    if kind == QUERY:
        if version == 1:
            return TYPES[kind]
        return (
            f"{TYPES[kind]}, {'general' if group == '0.0.0.0' else f'specific for group {group}'}"
        )
    if kind == LEAVE:
        return f"Leave Group {group}"
    return TYPES[kind] if version == 1 else f"Membership Report group {group}"


def _response_time(cursor: Cursor, floating: bool) -> None:
    """Tenths of a second; version 3 writes long ones as (mant | 0x10) << (exp + 3)."""
    code = cursor.peek(1)[0]
    if not floating or code < 128:
        cursor.uint("igmp.max_resp", 1)
        return
    value = (code & 15 | 16) << ((code >> 4 & 7) + 3)
    with cursor.group("igmp.max_resp", 1, value):
        cursor.bits(
            1,
            Bits("igmp.max_resp.float", 1),
            Bits("igmp.max_resp.exp", 3),
            Bits("igmp.max_resp.mant", 4),
        )


def _check(cursor: Cursor, data: bytes, where: Where) -> None:
    if len(data) < where.length:
        cursor.worked("igmp.checksum.status", UNVERIFIED)
        return
    wrong = internet_checksum(data)
    cursor.worked("igmp.checksum.status", BAD if wrong else GOOD)
    if wrong:
        right = internet_checksum(data[:2] + b"\0\0" + data[4:])
        cursor.note("odd", f"the checksum should be 0x{right:04x}")


def _sources(cursor: Cursor) -> None:
    cursor.bits(1, Bits("igmp.resv", 4), Bits("igmp.s", 1), Bits("igmp.qrv", 3))
    cursor.uint("igmp.qqic", 1)
    for _ in range(cursor.uint("igmp.num_src", 2)):
        cursor.take("igmp.saddr", 4)


def _report(cursor: Cursor) -> str:
    """Group records of version 3 (RFC 3376 section 4.2)."""
    cursor.take("igmp.reserved", 2)
    said: list[str] = []
    for _ in range(cursor.uint("igmp.num_grp_recs", 2)):
        with cursor.group("igmp.record"):
            kind = cursor.uint("igmp.record_type", 1)
            words = cursor.uint("igmp.aux_data_len", 1)
            count = cursor.uint("igmp.num_src", 2)
            group = ipv4_text(cursor.take("igmp.maddr", 4))
            for _ in range(count):
                cursor.take("igmp.saddr", 4)
            cursor.take("igmp.aux_data", words * 4)
        if len(said) < 4:
            said.append(_record(kind, count, group))
    cursor.rest("igmp.data")
    return f"Membership Report / {' / '.join(said)}" if said else "Membership Report, empty"


def _record(kind: int, count: int, group: str) -> str:
    if kind in (1, 3) and not count:
        return f"Leave group {group}"
    if kind in (2, 4) and not count:
        return f"Join group {group} for any sources"
    return f"Group {group}, {RECORDS.get(kind, f'record type {kind}').lower()}, {count} sources"


PROTOCOL = Protocol(
    "igmp",
    "IGMP",
    "Internet Group Management Protocol",
    "RFC 3376",
    IgmpDecoder,
    FIELDS,
    on={"ip.proto": (2,)},
    level="packet",
    hue="orange",
)
PROTOCOLS = (PROTOCOL,)
