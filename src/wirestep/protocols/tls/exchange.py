"""Key exchange messages of TLS 1.2 and before (RFC 5246 7.4.3 and 7.4.7, RFC 8422, RFC 4279)."""

from __future__ import annotations

from collections.abc import Callable

from wirestep.decode.cursor import Cursor

from .facts import Facts
from .names import SUITES
from .parameters import TLS_1_2, Parameters
from .vectors import SCHEME, opaque

NAMED_CURVE = 3
SSL_3 = 0x0300


def key_exchange(suite: int | None) -> str:
    """What the suite's name says before "WITH": "ECDHE_RSA"; "" where it is not known."""
    name = "" if suite is None else SUITES.get(suite, "")
    if "_WITH_" not in name:
        return ""
    return name.partition("_WITH_")[0].partition("_")[2].replace("PSK_DHE", "DHE_PSK")


def server_exchange(cursor: Cursor, parameters: Parameters, facts: Facts) -> str:
    """The server's share, by the suite's kind of key exchange."""
    kind = key_exchange(parameters.suite)
    for prefix, parts in SERVER_PARTS:
        if kind.startswith(prefix):
            for part in parts:
                part(cursor)
            if not kind.endswith(("_anon", "PSK")) and cursor.left():
                _signature(cursor, parameters)
            break
    cursor.rest("tls.handshake.data")
    return "Server Key Exchange"


def client_exchange(cursor: Cursor, parameters: Parameters, facts: Facts) -> str:
    """The client's share, by the suite's kind of key exchange."""
    kind = key_exchange(parameters.suite)
    if kind.startswith("RSA") and parameters.version == SSL_3 and "PSK" not in kind:
        cursor.rest("tls.handshake.epms")  # SSLv3 sends it without a length
    for prefix, parts in CLIENT_PARTS:
        if kind.startswith(prefix):
            for part in parts:
                if cursor.left():
                    part(cursor)
            break
    cursor.rest("tls.handshake.data")
    return "Client Key Exchange"


def _signature(cursor: Cursor, parameters: Parameters) -> None:
    if parameters.version is None or parameters.version >= TLS_1_2:
        cursor.bits(2, SCHEME)
    opaque(cursor, "tls.handshake.sig_len", 2, "tls.handshake.sig")


def _curve(cursor: Cursor) -> None:
    """(RFC 8422 section 5.4); curves spelled out were never used."""
    if cursor.uint("tls.handshake.server_curve_type", 1) != NAMED_CURVE:
        cursor.rest("tls.handshake.data")
        return
    cursor.uint("tls.handshake.server_named_curve", 2)
    opaque(cursor, "tls.handshake.server_point_len", 1, "tls.handshake.server_point")


def _group(cursor: Cursor) -> None:
    for name in ("p", "g", "ys"):
        opaque(cursor, f"tls.handshake.{name}_len", 2, f"tls.handshake.{name}")


def _modulus(cursor: Cursor) -> None:
    for name in ("modulus", "exponent"):
        opaque(cursor, f"tls.handshake.{name}_len", 2, f"tls.handshake.{name}")


def _hint(cursor: Cursor) -> None:
    opaque(cursor, "tls.handshake.hint_len", 2, "tls.handshake.hint")


def _identity(cursor: Cursor) -> None:
    opaque(cursor, "tls.handshake.identity_len", 2, "tls.handshake.identity")


def _point(cursor: Cursor) -> None:
    opaque(cursor, "tls.handshake.client_point_len", 1, "tls.handshake.client_point")


def _share(cursor: Cursor) -> None:
    opaque(cursor, "tls.handshake.yc_len", 2, "tls.handshake.yc")


def _secret(cursor: Cursor) -> None:
    opaque(cursor, "tls.handshake.epms_len", 2, "tls.handshake.epms")


Part = Callable[[Cursor], None]
SERVER_PARTS: tuple[tuple[str, tuple[Part, ...]], ...] = (
    ("ECDHE_PSK", (_hint, _curve)),
    ("ECDH", (_curve,)),
    ("DHE_PSK", (_hint, _group)),
    ("DH", (_group,)),
    ("RSA_PSK", (_hint,)),
    ("RSA", (_modulus,)),
    ("PSK", (_hint,)),
)
"""By the start of the key exchange's name, the first that fits."""
CLIENT_PARTS: tuple[tuple[str, tuple[Part, ...]], ...] = (
    ("ECDHE_PSK", (_identity, _point)),
    ("ECDH", (_point,)),
    ("DHE_PSK", (_identity, _share)),
    ("DH", (_share,)),
    ("RSA_PSK", (_identity, _secret)),
    ("RSA", (_secret,)),
    ("PSK", (_identity,)),
)
