"""What the capture itself says of a frame: its number, times and lengths."""

from wirestep.decode.contract import Payload, Protocol, Reading, Stateless, Where
from wirestep.decode.cursor import Cursor
from wirestep.decode.fields import table
from wirestep.decode.times import time_text

ENCAPSULATIONS = {
    1: "Ethernet",
    4: "PPP",
    7: "Raw IP",
    15: "BSD loopback",
    20: "IEEE 802.11",
    23: "IEEE 802.11 with radiotap",
    25: "Linux cooked v1",
    129: "Raw IPv4",
    130: "Raw IPv6",
    139: "PPPoE",
    174: "OpenBSD loopback",
    210: "Linux cooked v2",
}
BY_LINK = {
    0: 15,
    1: 1,
    9: 4,
    12: 7,
    14: 7,
    50: 4,
    51: 139,
    101: 7,
    104: 28,
    105: 20,
    107: 26,
    108: 174,
    113: 25,
    117: 39,
    119: 21,
    127: 23,
    163: 24,
    189: 95,
    192: 97,
    195: 104,
    220: 115,
    228: 129,
    229: 130,
    276: 210,
}
"""Wireshark's own number of an encapsulation, by pcap's number of a link type."""
FIELDS = table(
    """
frame.number         uint  Number
frame.interface_id   uint  Interface
frame.encap_type     uint  Encapsulation type
frame.time           str   Arrival time (UTC)
frame.time_epoch     time  Time since the epoch
frame.time_delta     span  Time since the frame before
frame.time_relative  span  Time since the first frame
frame.len            uint  Length on the wire
frame.cap_len        uint  Length captured
frame.protocols      str   Protocols
frame.comment        str   Comment
""",
    names={"frame.encap_type": ENCAPSULATIONS},
)


class FrameDecoder(Stateless):
    """All its fields are worked out: the bytes belong to the layers above."""

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        """Fields from the record, and the whole of it to the reader of its link type."""
        record = where.record
        if cursor.wants_under("frame."):
            _show(cursor, where)
        start, cursor.stop = cursor.at, cursor.at
        above = Payload(
            cursor.source,
            start,
            start + len(record.data),
            keys=(("link", record.link),),
            length=record.length,
        )
        return Reading(f"{record.length} bytes on the wire", (above,))


def _show(cursor: Cursor, where: Where) -> None:
    record = where.record
    for comment in record.comments:
        cursor.worked("frame.comment", comment)
    cursor.worked("frame.interface_id", record.interface)
    cursor.worked("frame.encap_type", BY_LINK.get(record.link, 0))
    if cursor.wants("frame.time"):
        cursor.worked("frame.time", time_text(record.time))
    cursor.worked("frame.time_epoch", record.time)
    cursor.worked("frame.time_delta", record.time - where.previous)
    cursor.worked("frame.time_relative", record.time - where.first)
    cursor.worked("frame.number", record.number + 1)
    cursor.worked("frame.len", record.length)
    cursor.worked("frame.cap_len", len(record.data))


PROTOCOL = Protocol("frame", "Frame", "Frame", "", FrameDecoder, FIELDS, level="")
