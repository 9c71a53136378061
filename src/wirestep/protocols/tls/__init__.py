"""TLS: records, and the handshake messages that they carry."""

from wirestep.decode.contract import Protocol
from wirestep.decode.offers import Followed, Resumed

from .claims import claims
from .decode import VERDICT, TlsDecoder
from .extension_fields import EXTENSION_FIELDS, KEY_FIELDS
from .fields import MESSAGE_FIELDS, RECORD_FIELDS, SCHEDULE_FIELDS
from .handshake import HandshakeDecoder
from .x509_fields import CERTIFICATE_FIELDS

PROTOCOL = Protocol(
    "tls",
    "TLS",
    "Transport Layer Security",
    "RFC 8446",
    TlsDecoder,
    RECORD_FIELDS,
    on={
        "tcp.port": (
            *(443, 465, 563, 636, 802, 853, 989, 990, 992, 993, 994, 995, 1300, 2221, 2443),
            *(3249, 3250, 3251, 3252, 3496, 5061, 5671, 5684, 5868, 8443, 8883, 11207, 19999),
        )
    },
    claims=claims,
    level="record",
    hue="purple",
    verdict=VERDICT,
    follow=Followed("TLS", ("tls.record.plaintext",), only="tls.app_data"),
    package=__name__,
)
HANDSHAKE = Protocol(
    "tls.handshake",
    "TLS",
    "TLS handshake message",
    "RFC 8446 section 4",
    HandshakeDecoder,
    {**MESSAGE_FIELDS, **EXTENSION_FIELDS, **KEY_FIELDS, **CERTIFICATE_FIELDS, **SCHEDULE_FIELDS},
    level="message",
    hue="purple",
    family="tls",
    secret="tls.handshake.random",
    stage="handshake",
    resumed=Resumed(
        ("tls.handshake.session_ticket", "tls.handshake.session_id"),
        (
            "tls.handshake.extensions.psk.identity.identity",
            # The ticket of RFC 5077 is the body of an extension.
            "tls.handshake.extension.data",
            "tls.handshake.session_id",
        ),
    ),
    package=__name__,
)
PROTOCOLS: tuple[Protocol, ...] = (PROTOCOL, HANDSHAKE)
