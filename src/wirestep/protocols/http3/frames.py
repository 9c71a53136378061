"""Frames that hold no headers (RFC 9114 section 7.2, RFC 9218 section 7.2, RFC 9412)."""

from __future__ import annotations

from collections.abc import Callable

from wirestep.decode.cursor import Cursor

from . import names
from .numbers import varint
from .rules import judge_setting

Settings = dict[int, int]


def settings(cursor: Cursor) -> Settings:
    """(RFC 9114 section 7.2.4)"""
    said: Settings = {}
    while cursor.left():
        with cursor.group("http3.settings") as group:
            kind = varint(cursor, "http3.settings.id")
            value = varint(cursor, "http3.settings.value")
            name = names.SETTING_NAMES.get(kind)
            if kind in names.SETTING_FIELDS:
                cursor.worked(names.SETTING_FIELDS[kind], value)
            if name is None:
                name = "Reserved (GREASE)" if names.reserved(kind) else f"Setting 0x{kind:x}"
            group.shown = f"{name}: {value}"
            judge_setting(cursor, kind)
            if kind in said:
                cursor.note("broken", "a setting comes twice (RFC 9114 section 7.2.4)")
            said[kind] = value
    return said


def _data(cursor: Cursor) -> str:
    size = cursor.left()
    cursor.rest("http3.data")
    return f": {size} byte{'' if size == 1 else 's'}"


def _number(name: str) -> Callable[[Cursor], str]:
    def read(cursor: Cursor) -> str:
        return f": {varint(cursor, name)}"

    return read


def _priority(cursor: Cursor) -> str:
    element = varint(cursor, "http3.priority_update_element_id")
    value = cursor.text("http3.priority_update_field_value", cursor.left(), "ascii")
    return f": {element} {value}".rstrip()


def _origin(cursor: Cursor) -> str:
    origins = []
    while cursor.left():
        size = cursor.uint("http3.origin.length", 2)
        origins.append(cursor.text("http3.origin", min(size, cursor.left()), "ascii"))
    return f": {', '.join(origins)}" if origins else ""


def other(cursor: Cursor) -> str:
    """A frame that nobody here knows."""
    cursor.rest("http3.frame_payload")
    return ""


READERS: dict[int, Callable[[Cursor], str]] = {
    names.DATA: _data,
    names.CANCEL_PUSH: _number("http3.push_id"),
    names.GOAWAY: _number("http3.goaway.id"),
    names.MAX_PUSH_ID: _number("http3.max_push_id"),
    names.PRIORITY_REQUEST: _priority,
    names.PRIORITY_PUSH: _priority,
    names.ORIGIN: _origin,
}
"""What reads the body; what it returns follows the frame's name in the summary."""
