"""DNS stateful operations (RFC 8490 section 5.4)."""

from __future__ import annotations

from wirestep.decode.cursor import Cursor

from .kinds import within
from .labels import Names

TLV = "dns.dso.tlv"


def read(cursor: Cursor, names: Names) -> None:
    """Types, lengths and values up to the end of the message."""
    if not cursor.left():
        return
    with cursor.group("dns.dso"):
        while cursor.left():
            with cursor.group(TLV):
                kind = cursor.uint(f"{TLV}.type", 2)
                size = cursor.uint(f"{TLV}.length", 2)
                with within(cursor, names, size, f"{TLV}.data"):
                    if kind == 1 and size:
                        cursor.uint(f"{TLV}.keepalive.inactivity", 4)
                        cursor.uint(f"{TLV}.keepalive.interval", 4)
                    elif kind == 2 and size:
                        cursor.uint(f"{TLV}.retrydelay.retrydelay", 4)
                    elif kind == 3:
                        cursor.rest(f"{TLV}.encpad.padding")
                    else:
                        cursor.rest(f"{TLV}.data")
