"""Extensions about keys: shares, pre-shared keys, encrypted hellos (RFC 8446 4.2.8 to 4.2.11)."""

from __future__ import annotations

from collections.abc import Callable

from wirestep.decode.cursor import Cursor

from .facts import Facts
from .registries import GROUPS
from .vectors import block, fitting, numbers, opaque

CLIENT_HELLO, SERVER_HELLO, RETRY, ENCRYPTED = 1, 2, 6, 8
OUTER, INNER = 0, 1
SHARE = "tls.handshake.extensions_key_share"
PSK = "tls.handshake.extensions.psk"
ECH = "tls.ech"


def _entry(cursor: Cursor) -> None:
    with cursor.group(f"{SHARE}_entry") as entry:
        group = cursor.uint(f"{SHARE}_group", 2)
        entry.shown = GROUPS.get(group, f"Unknown ({group})")
        opaque(cursor, f"{SHARE}_key_exchange_length", 2, f"{SHARE}_key_exchange")


def _key_share(cursor: Cursor, facts: Facts) -> None:
    """Three forms (RFC 8446 section 4.2.8)."""
    if facts.message == RETRY:
        cursor.uint(f"{SHARE}_selected_group", 2)
    elif facts.message == SERVER_HELLO:
        _entry(cursor)
    else:
        with block(cursor, f"{SHARE}_client_length", 2, f"{SHARE}_entries"):
            while cursor.left():
                _entry(cursor)


def _pre_shared_key(cursor: Cursor, facts: Facts) -> None:
    """(RFC 8446 section 4.2.11)"""
    if facts.message == SERVER_HELLO:
        cursor.uint(f"{PSK}.identity.selected", 2)
        return
    with block(cursor, f"{PSK}.identities.length", 2, f"{PSK}.identities"):
        while cursor.left():
            with cursor.group(f"{PSK}.identity"):
                opaque(cursor, f"{PSK}.identity.identity_length", 2, f"{PSK}.identity.identity")
                cursor.uint(f"{PSK}.identity.obfuscated_ticket_age", 4)
    with block(cursor, f"{PSK}.binders_len", 2, f"{PSK}.binders"):
        while cursor.left():
            opaque(cursor, f"{PSK}.binder_len", 1, f"{PSK}.binder")


def _psk_modes(cursor: Cursor, facts: Facts) -> None:
    """(RFC 8446 section 4.2.9)"""
    prefix = "tls.extension.psk_ke_mode"
    numbers(cursor, f"{prefix}s_length", 1, f"{prefix}s", prefix, 1)


def _encrypted_hello(cursor: Cursor, facts: Facts) -> None:
    """Outer and inner form, the server's confirmation and its new keys (RFC 9849 section 5)."""
    if facts.message == RETRY:
        cursor.take(f"{ECH}.confirmation", min(8, cursor.left()))
        return
    if facts.message != CLIENT_HELLO:
        cursor.rest(f"{ECH}.retry_configs")
        return
    kind = cursor.uint(f"{ECH}.client_hello_type", 1)
    if kind != OUTER:
        if kind != INNER:
            cursor.note("odd", f"a form that nobody knows: {kind}")
        return
    with cursor.group(f"{ECH}.cipher_suite"):
        cursor.uint(f"{ECH}.hpke.kdf_id", 2)
        cursor.uint(f"{ECH}.hpke.aead_id", 2)
    cursor.uint(f"{ECH}.config_id", 1)
    opaque(cursor, f"{ECH}.enc_length", 2, f"{ECH}.enc")
    opaque(cursor, f"{ECH}.payload_length", 2, f"{ECH}.payload")


def _outer_extensions(cursor: Cursor, facts: Facts) -> None:
    """Types that an inner hello takes over from the outer one (RFC 9849 section 5.1)."""
    numbers(cursor, f"{ECH}.outer_length", 1, f"{ECH}.outer", f"{ECH}.outer_type")


def _encrypted_name(cursor: Cursor, facts: Facts) -> None:
    """(draft-ietf-tls-esni-02), the forerunner of encrypted hellos."""
    if facts.message != CLIENT_HELLO:
        cursor.take("tls.esni.nonce", fitting(cursor, 16))
        return
    cursor.uint("tls.esni.suite", 2)
    _entry(cursor)
    opaque(cursor, "tls.esni.record_digest_length", 2, "tls.esni.record_digest")
    opaque(cursor, "tls.esni.encrypted_sni_length", 2, "tls.esni.encrypted_sni")


KEY_READERS: dict[int, Callable[[Cursor, Facts], None]] = {
    41: _pre_shared_key,
    45: _psk_modes,
    51: _key_share,
    0xFD00: _outer_extensions,
    0xFE0D: _encrypted_hello,
    0xFFCE: _encrypted_name,
}
"""By type."""
