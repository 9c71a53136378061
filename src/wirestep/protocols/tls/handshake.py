"""Handshake messages in the clear (RFC 8446 section 4, RFC 5246 section 7.4): a table of readers.

One stream per side; who carries it (TLS records, QUIC's CRYPTO frames) does not matter here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Self

from wirestep.decode.contract import Reading, Where
from wirestep.decode.cursor import Cursor
from wirestep.model import Side

from . import schedule_tree
from .certificates import (
    certificate,
    certificate_request,
    certificate_status,
    certificate_verify,
    compressed_certificate,
)
from .exchange import client_exchange, server_exchange
from .extensions import extensions
from .facts import Facts
from .hello import chosen, client_hello, server_hello
from .names import HANDSHAKES
from .parameters import CLIENT_HELLO, SERVER_HELLO, Parameters
from .transcript import FINISHED, Transcript
from .trust import Use
from .vectors import opaque, string

SSL_3 = 0x0300
MAX_BODY = 1 << 18
"""Bytes of a message that are read field by field; no honest certificate chain is longer."""
NOT_DTLS = 3
"""HelloVerifyRequest, which only DTLS has."""
SETTLING = frozenset({SERVER_HELLO, FINISHED})
"""Messages after which there are new keys."""
Reader = Callable[[Cursor, Parameters, Facts], str]


@dataclass
class HandshakeDecoder:
    """Reads the messages of both sides, and remembers what the hellos settled."""

    parameters: Parameters = field(default_factory=Parameters)
    hellos: int = 0
    transcript: Transcript = field(default_factory=Transcript)

    def measure(self, data: memoryview, side: Side) -> int | None:
        """A type, a length of three bytes, a body."""
        if len(data) < 4:
            return None
        return 4 + (data[1] << 16 | data[2] << 8 | data[3])

    def lost(self, side: Side) -> None:
        """Messages stand alone: what was settled stays."""
        self.transcript.lost()

    def copy(self) -> Self:
        """What is settled so far."""
        return type(self)(replace(self.parameters), self.hellos, replace(self.transcript))

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        """One message."""
        whole = cursor.peek(cursor.left())
        kind = cursor.uint("tls.handshake.type", 1)
        length = cursor.uint("tls.handshake.length", 3)
        if length > cursor.left():
            cursor.note("broken", f"the message has {length} bytes, {cursor.left()} are here")
            self.transcript.lost()
        else:
            self.parameters.learn(whole)
            self.transcript.add(whole, self.parameters)
        name = self.parameters.server_name if where.side is Side.SERVER else ""
        facts = Facts(kind, use=Use(where.record.time, name))
        reader = READERS.get(kind, _unread)
        if cursor.left() > MAX_BODY:
            cursor.note("odd", f"more than {MAX_BODY} bytes are not read one by one")
            reader = _unread
        summary = reader(cursor, self.parameters, facts)
        asks: tuple[str, int] | None = None
        answers: tuple[str, int] | None = None
        taught: tuple[tuple[str, str], ...] = ()
        if kind == CLIENT_HELLO:
            self.hellos += 1
            asks = "hello", self.hellos
            if facts.name and where.target and where.side is Side.CLIENT:
                taught = ((where.target.host, facts.name),)
        elif kind == SERVER_HELLO:
            answers = "hello", self.hellos
            if cursor.wants("tls.handshake.chosen"):
                cursor.worked("tls.handshake.chosen", chosen(self.parameters))
        if kind in SETTLING and cursor.wants_under(f"{schedule_tree.PREFIX}."):
            parameters, transcript = self.parameters, self.transcript
            schedule_tree.tell(cursor, kind, where.side, parameters, transcript, where.secrets)
        brief = HANDSHAKES[CLIENT_HELLO] if kind == CLIENT_HELLO else ""
        label = self.parameters.label
        return Reading(summary, (), asks, answers, label=label, brief=brief, names=taught)


def _unread(cursor: Cursor, parameters: Parameters, facts: Facts) -> str:
    cursor.rest("tls.handshake.data")
    return HANDSHAKES.get(facts.message, f"Unknown Handshake ({facts.message})")


def _ticket(cursor: Cursor, parameters: Parameters, facts: Facts) -> str:
    """Two forms (RFC 8446 section 4.6.1, RFC 5077 section 3.3)."""
    prefix = "tls.handshake.session_ticket"
    body = cursor.peek(cursor.left())
    modern = parameters.modern
    if parameters.version is None:
        modern = 6 + int.from_bytes(body[4:6], "big") != len(body)
    cursor.uint(f"{prefix}_lifetime_hint", 4)
    if modern:
        cursor.uint(f"{prefix}_age_add", 4)
        opaque(cursor, f"{prefix}_nonce_length", 1, f"{prefix}_nonce")
    opaque(cursor, f"{prefix}_length", 2, prefix)
    if modern:
        extensions(cursor, facts)
    return "New Session Ticket"


def _encrypted_extensions(cursor: Cursor, parameters: Parameters, facts: Facts) -> str:
    """(RFC 8446 section 4.3.1)"""
    extensions(cursor, facts)
    return "Encrypted Extensions"


def _finished(cursor: Cursor, parameters: Parameters, facts: Facts) -> str:
    """One value, in SSLv3 two hashes (RFC 6101 section 5.6.9)."""
    if parameters.version == SSL_3:
        cursor.take("tls.handshake.md5_hash", 16)
        cursor.take("tls.handshake.sha_hash", 20)
    cursor.rest("tls.handshake.verify_data")
    return "Finished"


def _key_update(cursor: Cursor, parameters: Parameters, facts: Facts) -> str:
    """(RFC 8446 section 4.6.3)"""
    cursor.uint("tls.handshake.key_update.request_update", 1)
    return "Key Update"


def _next_protocol(cursor: Cursor, parameters: Parameters, facts: Facts) -> str:
    """(draft-agl-tls-nextprotoneg)"""
    prefix = "tls.handshake.npn"
    string(cursor, f"{prefix}_selected_protocol_len", 1, f"{prefix}_selected_protocol")
    opaque(cursor, f"{prefix}_padding_len", 1, f"{prefix}_padding")
    return "Next Protocol"


READERS: dict[int, Reader] = {
    1: client_hello,
    2: server_hello,
    4: _ticket,
    8: _encrypted_extensions,
    11: certificate,
    12: server_exchange,
    13: certificate_request,
    15: certificate_verify,
    16: client_exchange,
    20: _finished,
    22: certificate_status,
    24: _key_update,
    25: compressed_certificate,
    67: _next_protocol,
}
"""By type; the bodies of the others, where they have one, are shown as they are."""
assert READERS.keys() <= HANDSHAKES.keys() - {NOT_DTLS}
