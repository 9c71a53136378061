"""Records of application data as nearly all are, for those who want nothing but what is in them.

What is read here is read in `decode` as well, with all fields; a test holds the two equal.
"""

from __future__ import annotations

from wirestep.decode.cursor import Cursor

from .claims import MAX_LENGTH
from .content import DATA
from .opener import OLD, TRAFFIC, Lock

FIELDS = "tls.record"
OTHERS = ("tls.app_data", "unread")
"""What a record of application data has; this is no way to read it where one of them is wanted."""


def application_data(cursor: Cursor, lock: Lock, modern: bool) -> bytes | None:
    """What a record holds that opens with the keys at hand and has no padding.

    In TLS 1.3 with the type of the content behind it. None where this is another record: then
    nothing has changed.
    """
    data, at, stop = cursor.data, cursor.at, cursor.stop
    keys, link = lock.keys, lock.link
    if keys is None or link is None or lock.unsure or lock.stage not in (TRAFFIC, OLD):
        return None
    size = stop - at - 5
    if size < 0 or data[at] != DATA or size != data[at + 3] << 8 | data[at + 4]:
        return None
    body = data[at + 5 : stop]
    plain = keys.open(lock.number, data[at : at + 5], body, link) if size <= MAX_LENGTH else None
    if plain is None or (modern and plain[-1:] != bytes((DATA,))):
        return None
    lock.opened(lock.number, body)
    cursor.skip(stop - at)
    return plain
