"""What the capture itself says of a frame: its number, times and lengths."""

from wirestep.decode.contract import Payload, Protocol, Reading, Stateless, Where
from wirestep.decode.cursor import Cursor
from wirestep.decode.fields import table

FIELDS = table("""
frame.number         uint  Number
frame.interface_id   uint  Interface
frame.encap_type     uint  Encapsulation type
frame.time_epoch     time  Time since the epoch
frame.time_delta     span  Time since the frame before
frame.time_relative  span  Time since the first frame
frame.len            uint  Length on the wire
frame.cap_len        uint  Length captured
frame.protocols      str   Protocols
frame.comment        str   Comment
""")


class FrameDecoder(Stateless):
    """All its fields are worked out: the bytes belong to the layers above."""

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        """Fields from the record, and the whole of it to the reader of its link type."""
        record = where.record
        cursor.worked("frame.number", record.number + 1)
        cursor.worked("frame.interface_id", record.interface)
        cursor.worked("frame.encap_type", record.link)
        cursor.worked("frame.time_epoch", record.time)
        cursor.worked("frame.time_delta", record.time - where.previous)
        cursor.worked("frame.time_relative", record.time - where.first)
        cursor.worked("frame.len", record.length)
        cursor.worked("frame.cap_len", len(record.data))
        for comment in record.comments:
            cursor.worked("frame.comment", comment)
        start, cursor.stop = cursor.at, cursor.at
        above = Payload(
            cursor.source,
            start,
            start + len(record.data),
            keys=(("link", record.link),),
            length=record.length,
        )
        return Reading(f"{record.length} bytes on the wire", (above,))


PROTOCOL = Protocol("frame", "Frame", "Frame", "", FrameDecoder, FIELDS, level="")
