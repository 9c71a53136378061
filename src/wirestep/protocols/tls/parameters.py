"""What the hellos settle, learnt by a glance before anybody reads them field by field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from struct import iter_unpack

from .names import GREASE_VALUES

CLIENT_HELLO, SERVER_HELLO = 1, 2
SUPPORTED_VERSIONS, EARLY_DATA, ENCRYPT_THEN_MAC, MASTER_SECRET = 43, 42, 22, 23
SERVER_NAME, PROTOCOLS = 0, 16
SESSION_TICKET, PRE_SHARED_KEY = 35, 41
QUIC_PARAMETERS = frozenset({0x39, 0xFFA5})
"""The extension's number, and that of its drafts (RFC 9001 section 8.2)."""
TLS_1_2, TLS_1_3 = 0x0303, 0x0304
RETRY_RANDOM = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
"""The random of a ServerHello that is a HelloRetryRequest (RFC 8446 section 4.1.3)."""
LABELS = {
    0x0002: "SSLv2",
    0x0300: "SSLv3",
    0x0301: "TLSv1",
    0x0302: "TLSv1.1",
    0x0303: "TLSv1.2",
    0x0304: "TLSv1.3",
}


@dataclass
class Parameters:
    """Parameters of one connection; those of the latest handshake, where there are several."""

    version: int | None = None
    """As agreed, drafts of TLS 1.3 as they call themselves; None while nobody has said."""
    suite: int | None = None
    client_random: bytes = b""
    server_random: bytes = b""
    session_id: bytes = b""
    """As the client asked for it."""
    named: bytes = b""
    """As the server gave it."""
    ticket: bytes = b""
    """What the client brought of an earlier session (RFC 5077), before TLS 1.3."""
    resumed: bool = False
    """The server took the session id up (RFC 5246 section 7.4.1.3); before TLS 1.3 only."""
    retried: bool = False
    """The server sent a HelloRetryRequest."""
    early: bool = False
    """The client offered early data."""
    offered: tuple[int, ...] = ()
    """Suites, as the client prefers them."""
    compression: int = 0
    protocol: str = ""
    """The protocol above, as agreed (RFC 7301)."""
    wished: str = ""
    """The only one that the client offered."""
    encrypt_then_mac: bool = False
    extended_master_secret: bool = False
    server_name: str = ""
    """The server that the client asked for (RFC 6066 section 3)."""
    over_quic: bool = False
    """The hello has QUIC's parameters: the keys of its packets are made with other labels."""
    by_key: bool = False
    """The server took a pre-shared key up (RFC 8446 section 4.2.11)."""
    master: bytes = b""
    """Where a private key gave it away (before TLS 1.3)."""

    @property
    def modern(self) -> bool:
        """TLS 1.3, or one of its drafts."""
        return is_modern(self.version)

    @property
    def label(self) -> str:
        """The protocol as people call this version; "" while it is not known."""
        if self.modern:
            return "TLSv1.3"
        return "" if self.version is None else LABELS.get(self.version, "TLS")

    def learn(self, message: bytes) -> None:
        """Take in a whole handshake message, header and all; few tell something."""
        if message[:1] == b"\x01":
            self._client(message[4:])
        elif message[:1] == b"\x02":
            self._server(message[4:])
        elif message[:1] == b"\x08":
            self.protocol = _one_protocol(dict(glance(message, 4)))

    def _client(self, body: bytes) -> None:
        size = body[34] if len(body) > 34 else 0
        self.client_random, self.session_id = body[2:34], body[35 : 35 + size]
        at = 35 + size
        count = int.from_bytes(body[at : at + 2], "big")
        suites = body[at + 2 : at + 2 + count]
        self.offered = tuple(number for (number,) in iter_unpack("!H", suites[: len(suites) & ~1]))
        at += 2 + count
        at += 1 + (body[at] if at < len(body) else 0)
        kinds = dict(glance(body, at))
        self.early = EARLY_DATA in kinds
        self.ticket = kinds.get(SESSION_TICKET, b"")
        self.over_quic = not QUIC_PARAMETERS.isdisjoint(kinds)
        self.wished = _one_protocol(kinds)
        self.server_name = _server_name(kinds)
        if self.early and self.version is None:
            self.version = TLS_1_3  # only TLS 1.3 has early data (RFC 8446 section 4.2.10)

    def _server(self, body: bytes) -> None:
        if len(body) < 38:
            return
        size = body[34]
        at = 35 + size
        self.server_random = body[2:34]
        self.suite = int.from_bytes(body[at : at + 2], "big")
        self.compression = body[at + 2] if len(body) > at + 2 else 0
        kinds = dict(glance(body, at + 3))
        self.version = server_version(body)
        self.retried = self.server_random == RETRY_RANDOM
        self.protocol = _one_protocol(kinds)
        self.encrypt_then_mac = ENCRYPT_THEN_MAC in kinds
        self.extended_master_secret = MASTER_SECRET in kinds
        self.by_key = PRE_SHARED_KEY in kinds
        self.named = body[35:at]
        same = bool(self.named) and self.named == self.session_id
        self.resumed = same and not self.modern


def is_modern(version: int | None) -> bool:
    """TLS 1.3, or one of its drafts."""
    return version is not None and (version == TLS_1_3 or version >> 8 in (0x7F, 0xFB))


def server_version(body: bytes) -> int:
    """The version that a ServerHello chooses; `body` starts behind the message's header."""
    at = 35 + body[34] + 3 if len(body) > 34 else len(body)
    chosen = dict(glance(body, at)).get(SUPPORTED_VERSIONS, b"")
    return int.from_bytes(chosen if len(chosen) == 2 else body[:2], "big")


def glance(body: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Extensions of the block at `at`: (type, data), as far as the bytes go."""
    stop = min(len(body), at + 2 + int.from_bytes(body[at : at + 2], "big"))
    at += 2
    while at + 4 <= stop:
        kind = int.from_bytes(body[at : at + 2], "big")
        size = int.from_bytes(body[at + 2 : at + 4], "big")
        if at + 4 + size > stop:
            return
        yield kind, body[at + 4 : at + 4 + size]
        at += 4 + size


def _one_protocol(kinds: dict[int, bytes]) -> str:
    """The name in an ALPN extension that holds one, as an answer does (RFC 7301 section 3.1)."""
    data = kinds.get(PROTOCOLS, b"")
    return data[3:].decode("ascii", "replace") if len(data) > 3 and 3 + data[2] == len(data) else ""


def _server_name(kinds: dict[int, bytes]) -> str:
    """The host that a client's extension names first (RFC 6066 section 3)."""
    data = kinds.get(SERVER_NAME, b"")
    size = int.from_bytes(data[3:5], "big")
    return data[5 : 5 + size].decode("ascii", "replace") if data[2:3] == b"\0" else ""


def grease(number: int) -> bool:
    """A number that means nothing (RFC 8701)."""
    return number in GREASE_VALUES
