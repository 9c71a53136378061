"""Certificates and what goes with them (RFC 8446 section 4.4, RFC 5246 section 7.4, RFC 8879)."""

from __future__ import annotations

import zlib

from wirestep.decode.cursor import Cursor
from wirestep.model import Source

from . import der, trust, x509, x509_extensions
from .extensions import extensions
from .facts import Facts
from .parameters import TLS_1_2, Parameters
from .trust import Use
from .vectors import SCHEME, block, fitting, names, numbers, opaque, schemes

PREFIX = "tls.handshake.certificate"
INSIDE = ("x509", "ber.", "pkcs1.", "pkix1implicit.")
"""What the fields inside a certificate are called."""
SIGNATURE = f"{PREFIX}.signature"
"""Whether the next certificate of the chain has signed it."""
DETAILS = ("subject", "issuer", "serial", "not_before", "not_after")
OCSP_MULTI = 2
ZLIB = 1
MAX_INFLATED = 1 << 18
"""Bytes of a compressed message that are read."""


def certificate(cursor: Cursor, parameters: Parameters, facts: Facts) -> str:
    """A chain, the sender's own certificate first."""
    modern = _modern_chain(cursor, parameters)
    if modern:
        _context(cursor)
    with block(cursor, f"{PREFIX}s_length", 3, f"{PREFIX}s"):
        chain = _chain(cursor, modern)
        place = 0
        while cursor.left():
            if chain and place == trust.MAX_CHAIN:
                cursor.note("odd", f"only the first {trust.MAX_CHAIN} certificates are checked")
            _entry(cursor, facts.use, chain, place)
            place += 1
            if modern:
                extensions(cursor, Facts(facts.message))
    return "Certificate"


def _chain(cursor: Cursor, modern: bool) -> tuple[bytes, ...]:
    """The certificates of the list ahead, where somebody wants to know what holds them together."""
    if not cursor.full and not cursor.wants(SIGNATURE):
        return ()
    body, at = cursor.peek(cursor.left()), 0
    found: list[bytes] = []
    while at + 3 <= len(body) and len(found) < trust.MAX_CHAIN:
        stop = at + 3 + int.from_bytes(body[at : at + 3], "big")
        found.append(body[at + 3 : stop])
        at = stop + (2 + int.from_bytes(body[stop : stop + 2], "big") if modern else 0)
    return tuple(found)


def _modern_chain(cursor: Cursor, parameters: Parameters) -> bool:
    """By the version; where that is not known, by whether the list fills the message."""
    if parameters.version is not None:
        return parameters.modern
    body = cursor.peek(cursor.left())
    return len(body) >= 4 and 3 + int.from_bytes(body[:3], "big") != len(body)


def _context(cursor: Cursor) -> None:
    prefix = f"{PREFIX}_request_context"
    opaque(cursor, f"{prefix}_length", 1, prefix)


def _entry(cursor: Cursor, use: Use | None, chain: tuple[bytes, ...], place: int) -> None:
    count = fitting(cursor, cursor.uint(f"{PREFIX}_length", 3))
    data = cursor.peek(count)
    if cursor.wants(SIGNATURE) or any(cursor.wants_under(prefix) for prefix in INSIDE):
        with cursor.group(PREFIX, count, value=data):
            x509.signed(cursor, x509_extensions.extensions)
            if place < len(chain):
                _judge(cursor, use, chain, place)
    else:
        cursor.take(PREFIX, count)
    if not any(cursor.wants(f"{PREFIX}.{detail}") for detail in DETAILS):
        return
    said = der.certificate(data)
    for detail in DETAILS:
        value = getattr(said, detail)
        if value not in ("", None):
            cursor.worked(f"{PREFIX}.{detail}", value)


def _judge(cursor: Cursor, use: Use | None, chain: tuple[bytes, ...], place: int) -> None:
    """What is wrong with a certificate, in itself and where it is shown."""
    verdict = trust.judged(chain)[place]
    cursor.worked(SIGNATURE, verdict.signature)
    told = () if use is None else trust.used(chain[place], use, place)
    for level, text in (*told, *verdict.notes):
        cursor.note(level, text)


def certificate_request(cursor: Cursor, parameters: Parameters, facts: Facts) -> str:
    """Three forms: TLS 1.3, TLS 1.2, and before."""
    if parameters.modern:
        _context(cursor)
        extensions(cursor, facts)
        return "Certificate Request"
    numbers(
        cursor,
        "tls.handshake.cert_types_count",
        1,
        "tls.handshake.cert_types",
        "tls.handshake.cert_type",
        1,
    )
    if parameters.version is None or parameters.version >= TLS_1_2:
        schemes(cursor)
    names(cursor)
    return "Certificate Request"


def certificate_verify(cursor: Cursor, parameters: Parameters, facts: Facts) -> str:
    """A signature over what was said so far."""
    if parameters.version is None or parameters.version >= TLS_1_2:
        cursor.bits(2, SCHEME)
    prefix = "tls.handshake.client_cert_vrfy.sig"
    opaque(cursor, f"{prefix}_len", 2, prefix)
    return "Certificate Verify"


def certificate_status(cursor: Cursor, parameters: Parameters, facts: Facts) -> str:
    """OCSP responses (RFC 6066 section 8, RFC 6961 section 2.2)."""
    prefix = "tls.handshake.ocsp_response"
    kind = cursor.uint("tls.handshake.extensions_status_request_type", 1)
    if kind != OCSP_MULTI:
        opaque(cursor, f"{prefix}_len", 3, prefix)
        return "Certificate Status"
    with block(cursor, f"{prefix}_list_len", 3, f"{prefix}_list"):
        while cursor.left():
            opaque(cursor, f"{prefix}_len", 3, prefix)
    return "Certificate Status"


def compressed_certificate(cursor: Cursor, parameters: Parameters, facts: Facts) -> str:
    """A Certificate message in a smaller form (RFC 8879 section 4)."""
    prefix = "tls.compress_certificate"
    kind = cursor.uint(f"{prefix}.algorithm", 2)
    size = cursor.uint(f"{prefix}.uncompressed_length", 3)
    name = f"{prefix}.compressed_certificate_message"
    count = fitting(cursor, cursor.uint(f"{name}.length", 3))
    data = cursor.take(name, count)
    if kind != ZLIB:
        return "Compressed Certificate"
    try:
        plain = zlib.decompressobj().decompress(data, min(size + 1, MAX_INFLATED))
    except zlib.error as error:
        cursor.note("broken", f"it cannot be inflated: {error}")
        return "Compressed Certificate"
    if len(plain) != size:
        cursor.note("odd", f"it inflates to other than the announced {size} bytes")
    source = Source("Decompressed certificate", plain, made_from=cursor.source.records)
    with cursor.over(f"{prefix}.message", source) as inner:
        certificate(inner, parameters, Facts(11, use=facts.use))
    return "Compressed Certificate"
