"""A server of TLS around other endpoints (RFC 8446, RFC 5246), on pyOpenSSL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from OpenSSL import SSL

from wirestep.exchange.certificates import Identity
from wirestep.exchange.contract import Chance, Endpoint, Received
from wirestep.exchange.options import flag, whole
from wirestep.model import safe

from .drive import private
from .drive.layer import Inner, Layer
from .drive.states import SERVER, SERVER_12, SERVER_13
from .drive.terms import make_context, present, terms, trust
from .drive.watch import watch_of

OPTIONS: dict[str, str] = {
    "versions": "versions that are spoken: 1.3, 1.2, 1.2-1.3",
    "ciphers": "cipher suites that are taken, by OpenSSL's names, with colons between",
    "groups": "key exchange groups that are taken; P-384 alone makes others ask again",
    "early": "bytes of early data (0-RTT) that are taken with each ticket; usually none",
    "tickets": "whether sessions live in their tickets; usually the server keeps them, by an id",
    "forget": "whether every connection finds a server that knows no ticket of before",
    "client_roots": "who must have signed the certificate that a client must show (PEM)",
    "timeout": "seconds that the handshake may take; usually 10",
}


SESSIONS = b"wirestep"
"""Which sessions belong to this server (SSL_CTX_set_session_id_context(3))."""


class Service:
    """What all connections of one server share: who it is, its terms, its sessions.

    A session that is kept here goes by an id: that of TLS 1.2, or a ticket of TLS 1.3 that holds
    nothing else. A ticket with the session in it varies in size (a random number in it is written
    without its leading zeros), and so would the same run.

    Early data may be copied and sent again by somebody else (RFC 8446 section 8). Where it is
    taken, OpenSSL keeps each ticket on the server and lets it be used once; a second use is
    answered with a full handshake, so that what was said early is not heard twice.

    Raises ValueError, with a sentence, over options that cannot be read or do not fit.
    """

    def __init__(self, identity: Identity, options: Mapping[str, object] | None = None) -> None:
        options = options or {}
        self.identity, self.terms = identity, terms(options)
        if self.terms.lowest < "1.2" and isinstance(identity.key, Ed25519PrivateKey):
            raise ValueError(
                "versions: TLS 1.0 and 1.1 know no Ed25519; "
                "they need a certificate of kind ec or rsa"
            )
        self.early = whole(options, "early", 0)
        self._tickets = flag(options, "tickets", False)
        self._forget = flag(options, "forget", False)
        roots = options.get("client_roots")
        self._client_roots = roots.encode() if isinstance(roots, str) else roots
        self.mutual = isinstance(self._client_roots, bytes)
        self._context = self._make()

    def connection(self) -> SSL.Connection:
        """OpenSSL's end of a new connection."""
        if self._forget:
            self._context = self._make()
        return SSL.Connection(self._context)

    def _make(self) -> SSL.Context:
        verify = SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT if self.mutual else 0
        context = make_context(True, self.terms, verify)
        context.set_session_id(SESSIONS)
        present(context, self.identity)
        if isinstance(self._client_roots, bytes):
            trust(context, self._client_roots)
        if not self._tickets:
            context.set_options(SSL.OP_NO_TICKET)
        if self.early:
            private.take_early_data(context, self.early)
        context.set_alpn_select_callback(_choose)
        return context


class Server(Layer):
    """A server of TLS."""

    peer = "client"

    def __init__(self, inner: Inner, service: Service) -> None:
        engine = service.connection()
        super().__init__(engine, inner, (SERVER, "wait ClientHello"), service.terms.patience)
        self.watch.accepts = tuple(inner)
        engine.set_accept_state()
        self.watch.kind = "mutual" if service.mutual else ""
        self._reading_early = service.early > 0
        self._early = 0

    def states(self) -> tuple[str, ...]:
        return SERVER_13 if self.watch.version == "1.3" else SERVER_12

    def shake(self) -> None:
        while self._reading_early:
            data = private.read_early(self.engine)
            self._reading_early = data is not None
            if data:
                self._hear_early(data)
        self.engine.do_handshake()

    def write_early(self, data: bytes) -> bytes:
        # What is answered before the client's Finished (RFC 8446 section 2.3).
        private.write_early(self.engine, data)
        return b""

    def whole(self, alpn: str) -> None:
        name = self.engine.get_servername()
        self.watch.facts["server name"] = safe(name.decode("latin-1")) if name else ""

    def _hear_early(self, data: bytes) -> None:
        self._early += len(data)
        self.watch.step("early data came")
        self.watch.facts["early data"] = f"{self._early:,} bytes, taken with a ticket used once"
        if self.inside is None:
            self.enter(self.engine.get_alpn_proto_negotiated().decode("latin-1"))
        self.tell(Received(data))


class NoProtocolInCommon(SSL.Error):
    """None of the application protocols that were offered is spoken here (RFC 7301, 3.2)."""


def _choose(engine: SSL.Connection, offered: list[bytes]) -> Any:
    """The first of ours that the client offers; without ALPN where somebody talks then too."""
    watch = watch_of(engine)
    for alpn in watch.accepts:
        if alpn and alpn.encode("latin-1") in offered:
            return alpn.encode("latin-1")
    if "" in watch.accepts:
        return SSL.NO_OVERLAPPING_PROTOCOLS
    names = safe(", ".join(name.decode("latin-1") for name in offered)[:100])
    watch.why = f"The client offers {names}, none of which is spoken here."
    raise NoProtocolInCommon


def around(
    inner: Inner,
    identity: Identity | Service,
    chance: Chance | None = None,
    options: Mapping[str, object] | None = None,
) -> Endpoint:
    """One connection of a TLS server, around the endpoint for the protocol that is agreed.

    `inner` is what is spoken, by ALPN identifier, the first before others; "" is who talks where
    nothing is agreed (else the last). With an identity alone nothing is remembered for the next
    connection. `chance` is not used: OpenSSL draws its own numbers. Raises ValueError for options
    that cannot be read.
    """
    service = identity if isinstance(identity, Service) else Service(identity, options)
    return Server(inner, service)
