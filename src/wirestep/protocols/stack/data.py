"""Bytes nobody claims."""

from wirestep.decode.contract import Protocol, Reading, Stateless, Where
from wirestep.decode.cursor import Cursor
from wirestep.decode.fields import table

FIELDS = table("""
data.data bytes Data
data.len  uint  Length
""")


class DataDecoder(Stateless):
    """All there is, as it is."""

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        """One field of bytes."""
        size = len(cursor.rest("data.data"))
        cursor.worked("data.len", size)
        return Reading(f"{size} byte{'' if size == 1 else 's'}")


PROTOCOL = Protocol("data", "Data", "Data", "", DataDecoder, FIELDS, level="")
