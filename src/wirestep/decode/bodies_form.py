"""What a form sends in the way of a query (URL Standard, application/x-www-form-urlencoded)."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote_to_bytes

from .bodies_reader import Inner
from .cursor import Cursor

MAX_ITEMS = 10_000


def read_form(cursor: Cursor, kind: str, parameters: Mapping[str, str], inner: Inner) -> None:
    """Names and values, one after the other."""
    for _ in range(MAX_ITEMS):
        if not cursor.left():
            return
        end = cursor.data.find(b"&", cursor.at, cursor.stop)
        stop = cursor.stop if end < 0 else end + 1
        if end == cursor.at:
            cursor.text("urlencoded-form.separator", 1)
            continue
        with cursor.group("urlencoded-form.item"):
            _item(cursor, stop)
    if cursor.left():
        cursor.note("odd", f"only the first {MAX_ITEMS:,} items are shown")
        cursor.text("urlencoded-form.rest", cursor.left())


def _item(cursor: Cursor, stop: int) -> None:
    """A name with the sign behind it, a value with the sign behind that one."""
    equals = cursor.data.find(b"=", cursor.at, stop)
    if equals < 0:
        cursor.meant("urlencoded-form.key", stop - cursor.at, _plain(cursor, stop))
        cursor.worked("urlencoded-form.value", "")
        return
    key = _plain(cursor, equals + 1)
    cursor.meant("urlencoded-form.key", equals + 1 - cursor.at, key)
    value = _plain(cursor, stop)
    cursor.meant("urlencoded-form.value", stop - cursor.at, value)


def _plain(cursor: Cursor, stop: int) -> str:
    """The bytes from here on as they were before they were escaped."""
    data = cursor.data[cursor.at : stop]
    if data[-1:] in (b"&", b"="):
        data = data[:-1]
    return unquote_to_bytes(data.replace(b"+", b" ")).decode("utf-8", "backslashreplace")
