"""Conversations and endpoints as tables, with the columns of Wireshark's."""

from __future__ import annotations

from wirestep.capture import Columns
from wirestep.capture.arrays import Array

from .tables import Column, Table, numbers
from .talks import PORTED, TITLES, Ends, Talks, conversations, endpoints
from .totals import SECOND


def conversation_table(columns: Columns, level: str, rows: Array | None = None) -> Table:
    """The conversations of a level."""
    talks = conversations(columns, level, rows)
    base = int(columns.time[0]) if len(columns) else 0
    bits = talks.bits()
    shown = [
        Column(
            "a",
            "Address A",
            "text",
            lambda row: talks.ends(row)[0],
            lambda d: talks.order("a", down=d),
        ),
        Column(
            "b",
            "Address B",
            "text",
            lambda row: talks.ends(row)[1],
            lambda d: talks.order("b", down=d),
        ),
        numbers("packets", "Packets", "count", talks.packets.sum(1)),
        numbers("bytes", "Bytes", "bytes", talks.bytes.sum(1)),
        numbers("packets_a", "Packets A→B", "count", talks.packets[:, 0]),
        numbers("bytes_a", "Bytes A→B", "bytes", talks.bytes[:, 0]),
        numbers("packets_b", "Packets B→A", "count", talks.packets[:, 1]),
        numbers("bytes_b", "Bytes B→A", "bytes", talks.bytes[:, 1]),
        numbers("start", "Rel start", "seconds", (talks.start - base) / SECOND),
        numbers("duration", "Duration", "seconds", talks.duration / SECOND),
        numbers("bits_a", "Bits/s A→B", "bits", bits[:, 0]),
        numbers("bits_b", "Bits/s B→A", "bits", bits[:, 1]),
    ]
    if level in PORTED:
        shown.insert(1, numbers("a_port", "Port A", "port", talks.a_port))
        shown.insert(3, numbers("b_port", "Port B", "port", talks.b_port))
        shown.append(numbers("stream", "Stream", "count", talks.stream))
    return Table(
        "conversations",
        f"{TITLES[level]} conversations",
        tuple(shown),
        len(talks),
        lambda row: int(talks.first[row]),
        lambda row: _talk_wish(talks, row),
    )


def _talk_wish(talks: Talks, row: int) -> str:
    if talks.level in PORTED:
        return f"{talks.level}.stream == {int(talks.stream[row])}"
    a, b = talks.ends(row)
    return f"{talks.level}.addr == {a} && {talks.level}.addr == {b}"


def endpoint_table(columns: Columns, level: str, rows: Array | None = None) -> Table:
    """The endpoints of a level."""
    ends = endpoints(columns, level, rows)
    shown = [
        Column("address", "Address", "text", ends.host, lambda d: ends.order("address", down=d)),
        numbers("packets", "Packets", "count", ends.packets.sum(1)),
        numbers("bytes", "Bytes", "bytes", ends.bytes.sum(1)),
        numbers("packets_sent", "Tx packets", "count", ends.packets[:, 0]),
        numbers("bytes_sent", "Tx bytes", "bytes", ends.bytes[:, 0]),
        numbers("packets_received", "Rx packets", "count", ends.packets[:, 1]),
        numbers("bytes_received", "Rx bytes", "bytes", ends.bytes[:, 1]),
    ]
    if level in PORTED:
        shown.insert(1, numbers("port", "Port", "port", ends.port))
    return Table(
        "endpoints",
        f"{TITLES[level]} endpoints",
        tuple(shown),
        len(ends),
        lambda row: int(ends.first[row]),
        lambda row: _end_wish(ends, row),
    )


def _end_wish(ends: Ends, row: int) -> str:
    layer = "ip" if int(ends.network[row]) == 4 else "ipv6"
    wish = f"{layer}.addr == {ends.host(row)}"
    return f"{wish} && {ends.level}.port == {int(ends.port[row])}" if ends.level in PORTED else wish
