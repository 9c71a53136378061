"""What a record holds, in the clear or opened: alerts, changes of keys, heartbeats."""

from __future__ import annotations

from wirestep.decode.cursor import Cursor

from .ciphers import AEAD, CBC, NULL, STREAM
from .names import ALERT_LEVELS, CONTENTS
from .registries import ALERTS

CHANGE, ALERT, HANDSHAKE, DATA, HEARTBEAT = 20, 21, 22, 23, 24
CLOSE_NOTIFY = 0
FORMS = {
    CHANGE: ("tls.change_cipher_spec", "tls.change_cipher_spec.encrypted", "Change Cipher Spec"),
    ALERT: ("tls.alert_message", "tls.alert_message.encrypted", "Encrypted Alert"),
    HANDSHAKE: ("tls.handshake", "tls.handshake.encrypted", "Encrypted Handshake Message"),
    DATA: ("", "tls.app_data", "Application Data"),
    HEARTBEAT: (
        "tls.heartbeat_message",
        "tls.heartbeat_message.encrypted",
        "Encrypted Heartbeat",
    ),
}
"""How a record of each type looks that nobody can open: a group, its only field, a summary."""
assert FORMS.keys() == CONTENTS.keys() - {25}


PARTS = {
    AEAD: ("tls.record.nonce", "tls.record.tag"),
    CBC: ("tls.record.iv", "tls.record.mac"),
    NULL: ("tls.record.iv", "tls.record.mac"),
    STREAM: ("tls.record.iv", "tls.record.mac"),
}
"""What stands before and behind the ciphertext."""


def fragment(cursor: Cursor, name: str, count: int, front: int, back: int, kind: str) -> None:
    """The bytes of a record that was opened, as they were on the wire."""
    before, behind = PARTS[kind]
    with cursor.group(name, count, cursor.peek(count)):
        cursor.take(before, front)
        cursor.take("tls.record.ciphertext", count - front - back)
        cursor.take(behind, back)


def sealed(cursor: Cursor, kind: int, count: int) -> str:
    """A record that stays as it is."""
    group, name, summary = FORMS[kind]
    if not group:
        cursor.take(name, count)
        return summary
    with cursor.group(group, count, shown=summary if kind == HANDSHAKE else ""):
        cursor.take(name, count)
    return summary


def change(cursor: Cursor, count: int) -> str:
    """(RFC 5246 section 7.1)"""
    if count != 1:
        return sealed(cursor, CHANGE, count)
    with cursor.group("tls.change_cipher_spec", count):
        cursor.uint("tls.change_cipher_spec.type", 1)
    return "Change Cipher Spec"


def alert(cursor: Cursor, count: int) -> tuple[str, str]:
    """In one line, and in a few words (RFC 8446 section 6)."""
    if count != 2:
        return sealed(cursor, ALERT, count), ""
    with cursor.group("tls.alert_message", count):
        level = cursor.uint("tls.alert_message.level", 1)
        reason = cursor.uint("tls.alert_message.desc", 1)
    said = ALERT_LEVELS.get(level, f"Unknown ({level})")
    why = ALERTS.get(reason, f"Unknown ({reason})")
    return f"Alert (Level: {said}, Description: {why})", f"Alert: {why}"


def heartbeat(cursor: Cursor, count: int) -> str:
    """(RFC 6520 section 4)"""
    if count < 3:
        return sealed(cursor, HEARTBEAT, count)
    with cursor.group("tls.heartbeat_message", count):
        kind = cursor.uint("tls.heartbeat_message.type", 1)
        size = cursor.uint("tls.heartbeat_message.payload_length", 2)
        if size > cursor.left():
            there = cursor.left()
            cursor.note("broken", f"asks for {size} bytes where {there} are (CVE-2014-0160)")
        cursor.take("tls.heartbeat_message.payload", min(size, cursor.left()))
        cursor.rest("tls.heartbeat_message.padding")
    return "Heartbeat Request" if kind == 1 else "Heartbeat Response"
