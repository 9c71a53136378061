"""Extensions of hellos and of other messages: a table of readers (RFC 8446 section 4.2; IANA).

A reader finds the cursor bounded to the extension's data; what it leaves becomes `unread`.
"""

from __future__ import annotations

from collections.abc import Callable

from wirestep.decode.cursor import Bits, Broken, Cursor

from .facts import Facts
from .keys import KEY_READERS
from .quic import transport_parameters
from .registries import EXTENSIONS
from .vectors import (
    SCHEME,
    block,
    fitting,
    names,
    note_rest,
    numbers,
    opaque,
    schemes,
    string,
)

CLIENT_HELLO, SERVER_HELLO, TICKET, RETRY, ENCRYPTED, CERTIFICATE, REQUEST = 1, 2, 4, 6, 8, 11, 13
"""Handshake messages that hold extensions."""
Reader = Callable[[Cursor, Facts], None]


def extensions(cursor: Cursor, facts: Facts) -> None:
    """A block of extensions with its length; nothing where the message ends before it."""
    if not cursor.left():
        return
    count = fitting(cursor, cursor.uint("tls.handshake.extensions_length", 2))
    with cursor.group("tls.handshake.extensions", count):
        while cursor.left():
            if cursor.left() < 4:
                cursor.note("broken", "an extension has at least four bytes")
                break
            _extension(cursor, facts)


def _extension(cursor: Cursor, facts: Facts) -> None:
    front = cursor.peek(4)
    kind, size = int.from_bytes(front[:2], "big"), int.from_bytes(front[2:], "big")
    title = f"{EXTENSIONS.get(kind, f'Unknown type {kind}')} (len={size})"
    with cursor.group("tls.handshake.extension", min(4 + size, cursor.left()), None, title):
        cursor.uint("tls.handshake.extension.type", 2)
        cursor.uint("tls.handshake.extension.len", 2)
        if fitting(cursor, size) < size:
            cursor.rest("tls.handshake.extension.data")
            return
        if kind in facts.seen:
            cursor.note("odd", "an extension of this type came before (RFC 8446 section 4.2)")
        facts.seen.add(kind)
        facts.extensions.append(kind)
        try:
            READERS.get(kind, _data)(cursor, facts)
            note_rest(cursor)
        except Broken as error:
            cursor.note("broken", str(error))


def _data(cursor: Cursor, facts: Facts) -> None:
    cursor.rest("tls.handshake.extension.data")


def _server_name(cursor: Cursor, facts: Facts) -> None:
    """(RFC 6066 section 3); empty in a server's answer."""
    if not cursor.left():
        return
    prefix = "tls.handshake.extensions_server_name"
    with block(cursor, f"{prefix}_list_len", 2, f"{prefix}_list"):
        while cursor.left():
            kind = cursor.uint(f"{prefix}_type", 1)
            name = string(cursor, f"{prefix}_len", 2, prefix)
            if kind == 0 and not facts.name:
                facts.name = name


def _single(name: str, size: int) -> Reader:
    """A reader of nothing but one number."""

    def read(cursor: Cursor, facts: Facts) -> None:
        cursor.uint(name, size)

    return read


def _vector(length_name: str, width: int, name: str) -> Reader:
    """A reader of nothing but bytes with their length."""

    def read(cursor: Cursor, facts: Facts) -> None:
        opaque(cursor, length_name, width, name)

    return read


def _status_request(cursor: Cursor, facts: Facts) -> None:
    """(RFC 6066 section 8); in a certificate entry the response itself (RFC 8446 4.4.2.1)."""
    if not cursor.left():
        return
    cursor.uint("tls.handshake.extensions_status_request_type", 1)
    if facts.message == CERTIFICATE:
        opaque(cursor, "tls.handshake.ocsp_response_len", 3, "tls.handshake.ocsp_response")
        return
    _status_body(cursor)


def _status_body(cursor: Cursor) -> None:
    prefix = "tls.handshake.extensions_status_request"
    opaque(cursor, f"{prefix}_responder_ids_len", 2, f"{prefix}_responder_ids")
    opaque(cursor, f"{prefix}_exts_len", 2, f"{prefix}_exts")


def _status_request_v2(cursor: Cursor, facts: Facts) -> None:
    """(RFC 6961 section 2.2)"""
    if not cursor.left():
        return
    prefix = "tls.handshake.extensions_status_request"
    with block(cursor, f"{prefix}_list_len", 2, f"{prefix}_list"):
        while cursor.left():
            cursor.uint(f"{prefix}_type", 1)
            with block(cursor, f"{prefix}_len", 2, f"{prefix}_item"):
                _status_body(cursor)


def _groups(cursor: Cursor, facts: Facts) -> None:
    """(RFC 8446 section 4.2.7)"""
    prefix = "tls.handshake.extensions_supported_group"
    facts.groups += numbers(cursor, f"{prefix}s_length", 2, f"{prefix}s", prefix)


def _point_formats(cursor: Cursor, facts: Facts) -> None:
    """(RFC 8422 section 5.1.2)"""
    prefix = "tls.handshake.extensions_ec_point_format"
    facts.formats += numbers(cursor, f"{prefix}s_length", 1, f"{prefix}s", prefix, 1)


def _schemes(cursor: Cursor, facts: Facts) -> None:
    """(RFC 8446 section 4.2.3)"""
    facts.schemes += schemes(cursor)


def _other_schemes(cursor: Cursor, facts: Facts) -> None:
    """Those for certificates only (RFC 8446 section 4.2.3)."""
    schemes(cursor)


def _srtp(cursor: Cursor, facts: Facts) -> None:
    """(RFC 5764 section 4.1.1)"""
    prefix = "dtls.use_srtp"
    item = f"{prefix}.protection_profile"
    numbers(cursor, f"{item}s_length", 2, f"{item}s", item)
    opaque(cursor, f"{prefix}.mki_length", 1, f"{prefix}.mki")


def _protocols(cursor: Cursor, facts: Facts) -> None:
    """(RFC 7301 section 3.1)"""
    prefix = "tls.handshake.extensions_alpn"
    with block(cursor, f"{prefix}_len", 2, f"{prefix}_list"):
        while cursor.left():
            facts.protocols.append(string(cursor, f"{prefix}_str_len", 1, f"{prefix}_str"))


def _settings(cursor: Cursor, facts: Facts) -> None:
    """Application settings (draft-vvv-tls-alps); what both sides set is opaque."""
    prefix = "tls.handshake.extensions_alps"
    if facts.message != CLIENT_HELLO:
        cursor.rest(f"{prefix}.settings")
        return
    with block(cursor, f"{prefix}_len", 2, f"{prefix}_alpn_list"):
        while cursor.left():
            string(cursor, f"{prefix}_alpn_str_len", 1, f"{prefix}_alpn_str")


def timestamps(cursor: Cursor, facts: Facts) -> None:
    """Signed certificate timestamps (RFC 6962 sections 3.2 and 3.3)."""
    if not cursor.left():
        return
    with block(cursor, "tls.sct.scts_length", 2, "tls.sct.scts"):
        while cursor.left():
            with block(cursor, "tls.sct.sct_length", 2, "tls.sct.sct"):
                cursor.uint("tls.sct.sct_version", 1)
                cursor.take("tls.sct.sct_logid", 32)
                cursor.uint("tls.sct.sct_timestamp", 8, scale=1_000_000)
                opaque(cursor, "tls.sct.sct_extensions_length", 2, "tls.sct.sct_extensions")
                cursor.bits(2, SCHEME)
                opaque(cursor, "tls.sct.sct_signature_length", 2, "tls.sct.sct_signature")


def _certificate_kinds(cursor: Cursor, facts: Facts) -> None:
    """(RFC 7250 section 3)"""
    prefix = "tls.handshake.cert_type.type"
    if facts.message == CLIENT_HELLO:
        numbers(cursor, f"{prefix}s_len", 1, f"{prefix}s", prefix, 1)
    else:
        cursor.uint(prefix, 1)


def _padding(cursor: Cursor, facts: Facts) -> None:
    """(RFC 7685)"""
    cursor.rest("tls.handshake.extensions_padding_data")


def _token_binding(cursor: Cursor, facts: Facts) -> None:
    """(RFC 8472 section 2)"""
    cursor.uint("tls.token_binding.major", 1)
    cursor.uint("tls.token_binding.minor", 1)
    prefix = "tls.token_binding.key_parameter"
    numbers(cursor, f"{prefix}s_length", 1, f"{prefix}s", prefix, 1)


def _compressors(cursor: Cursor, facts: Facts) -> None:
    """(RFC 8879 section 3)"""
    prefix = "tls.compress_certificate.algorithm"
    numbers(cursor, f"{prefix}s_length", 1, f"{prefix}s", prefix)


def _delegated(cursor: Cursor, facts: Facts) -> None:
    """Schemes that are offered, or a credential with its signature (RFC 9345 section 4)."""
    if facts.message != CERTIFICATE:
        schemes(cursor)
        return
    prefix = "tls.handshake.cred"
    cursor.uint(f"{prefix}.valid_time", 4)
    cursor.bits(2, SCHEME)
    opaque(cursor, f"{prefix}.pubkey_len", 3, f"{prefix}.pubkey")
    cursor.bits(2, SCHEME)
    opaque(cursor, f"{prefix}.signature_len", 2, f"{prefix}.signature")


def _early_data(cursor: Cursor, facts: Facts) -> None:
    """(RFC 8446 section 4.2.10); a limit in tickets, nothing elsewhere."""
    if facts.message == TICKET:
        cursor.uint("tls.early_data.max_early_data_size", 4)


def _versions(cursor: Cursor, facts: Facts) -> None:
    """(RFC 8446 section 4.2.1)"""
    prefix = "tls.handshake.extensions.supported_version"
    if facts.message == CLIENT_HELLO:
        facts.versions += numbers(cursor, f"{prefix}s_len", 1, f"{prefix}s", prefix)
    else:
        facts.versions.append(cursor.uint(prefix, 2))


def _authorities(cursor: Cursor, facts: Facts) -> None:
    """(RFC 8446 section 4.2.4)"""
    names(cursor)


def _oid_filters(cursor: Cursor, facts: Facts) -> None:
    """(RFC 8446 section 4.2.5)"""
    prefix = "tls.extension.oid_filters"
    with block(cursor, f"{prefix}_length", 2, prefix):
        while cursor.left():
            opaque(cursor, f"{prefix}.oid_length", 1, f"{prefix}.oid")
            opaque(cursor, f"{prefix}.values_length", 2, f"{prefix}.values")


def _ticket_request(cursor: Cursor, facts: Facts) -> None:
    """(RFC 9149 section 3)"""
    cursor.uint("tls.ticket_request.new_session_count", 1)
    if facts.message == CLIENT_HELLO:
        cursor.uint("tls.ticket_request.resumption_count", 1)


def _next_protocols(cursor: Cursor, facts: Facts) -> None:
    """(draft-agl-tls-nextprotoneg)"""
    prefix = "tls.handshake.extensions_npn"
    while cursor.left():
        string(cursor, f"{prefix}_str_len", 1, prefix)


def _srp(cursor: Cursor, facts: Facts) -> None:
    """(RFC 5054 section 2.8.1)"""
    string(
        cursor,
        "tls.handshake.extensions_srp_len",
        1,
        "tls.handshake.extensions_srp_username",
    )


def _flags(cursor: Cursor, facts: Facts) -> None:
    """Bits that say no more than yes, low ones first (draft-ietf-tls-tlsflags)."""
    count = fitting(cursor, cursor.uint("tls.flags_length", 1))
    for _ in range(count):
        cursor.bits(1, Bits("tls.flags", 8))


def _trust_anchors(cursor: Cursor, facts: Facts) -> None:
    """Roots that are known, or that are offered (draft-ietf-tls-trust-anchor-ids)."""
    if not cursor.left():
        return
    with block(cursor, "tls.trust_anchors_length", 2, "tls.trust_anchors"):
        while cursor.left():
            opaque(cursor, "tls.trust_anchor_id_length", 1, "tls.trust_anchor_id")


READERS: dict[int, Reader] = {
    0: _server_name,
    1: _single("tls.handshake.max_fragment_length", 1),  # RFC 6066 section 4
    5: _status_request,
    9: _certificate_kinds,
    10: _groups,
    11: _point_formats,
    12: _srp,
    13: _schemes,
    14: _srtp,
    15: _single("tls.handshake.extension.heartbeat.mode", 1),  # RFC 6520 section 2
    16: _protocols,
    17: _status_request_v2,
    18: timestamps,
    19: _certificate_kinds,
    20: _certificate_kinds,
    21: _padding,
    24: _token_binding,
    27: _compressors,
    28: _single("tls.record_size_limit", 2),  # RFC 8449 section 4
    34: _delegated,
    42: _early_data,
    43: _versions,
    44: _vector(  # RFC 8446 section 4.2.2
        "tls.handshake.extensions.cookie_len", 2, "tls.handshake.extensions.cookie"
    ),
    47: _authorities,
    48: _oid_filters,
    50: _other_schemes,
    54: _vector("tls.connection_id_length", 1, "tls.connection_id"),  # RFC 9146 section 3
    57: transport_parameters,
    58: _ticket_request,
    62: _flags,
    13172: _next_protocols,
    17513: _settings,
    17613: _settings,
    0xCA34: _trust_anchors,
    0xFF01: _vector(  # RFC 5746 section 3.2
        "tls.handshake.extensions_reneg_info_len", 1, "tls.handshake.extensions_reneg_info"
    ),
    0xFFA5: transport_parameters,
    **KEY_READERS,
}
"""By type; of the others the data is shown as it is (those without data show nothing)."""
