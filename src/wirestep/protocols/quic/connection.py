"""What is remembered of a connection: identifiers, keys, packet numbers, half-read messages."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from wirestep.decode.secrets import Secrets
from wirestep.model import Side

from . import protection
from .crypto_stream import CryptoStream
from .hello import Agreed
from .names import HANDSHAKE, INITIAL, KINDS, ONE_RTT, ZERO_RTT
from .protection import BY_LENGTH, SUITES, Keys

SPACES = {INITIAL: 0, HANDSHAKE: 1, ZERO_RTT: 2, ONE_RTT: 2}
"""Packet numbers are counted apart in each (RFC 9000 section 12.3)."""
LABELS = {
    HANDSHAKE: ("CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET"),
    ONE_RTT: ("CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0"),
    ZERO_RTT: ("CLIENT_EARLY_TRAFFIC_SECRET", ""),
}
"""Of the secrets in a key log, by who sends."""
MAX_TOKENS = 256
MAX_INITIALS = 4
"""Connection IDs that may have made the Initial keys: the first, and those of Retries."""


@dataclass
class Phases:
    """Keys of the packets with short headers, which change while they are used."""

    current: Keys
    bit: int = 0
    before: Keys | None = None
    after: Keys | None = None

    def open(self, bit: int, header: bytes, body: bytes, number: int) -> bytes | None:
        """The payload; moves on where the sender did (RFC 9001 section 6)."""
        if bit == self.bit:
            return self.current.open(header, body, number)
        if self.before is not None:
            plain = self.before.open(header, body, number)
            if plain is not None:
                return plain
        self.after = self.after or self.current.following()
        plain = self.after.open(header, body, number)
        if plain is not None:
            self.before, self.current, self.after, self.bit = self.current, self.after, None, bit
        return plain


@dataclass
class Way:
    """One direction of a connection."""

    largest: list[int] = field(default_factory=lambda: [-1, -1, -1])
    """Largest packet number in each space."""
    crypto: dict[int, CryptoStream] = field(default_factory=dict)
    """By the kind of packet that carries it."""
    keys: dict[tuple[int, int], list[Keys]] = field(default_factory=dict)
    """By kind of packet and version: those that may fit, one once it has fitted."""
    phases: Phases | None = None
    sizes: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Of its streams: the highest offset so far, and the final size or -1."""

    @property
    def unheard(self) -> bool:
        """Whether no packet of this direction was opened so far."""
        return max(self.largest) < 0

    def copy(self) -> Way:
        """A checkpoint."""
        return Way(
            list(self.largest),
            {kind: stream.copy() for kind, stream in self.crypto.items()},
            {key: list(keys) for key, keys in self.keys.items()},
            None if self.phases is None else replace(self.phases),
            dict(self.sizes),
        )


@dataclass(eq=False)
class Connection:
    """Both directions and what they agreed on."""

    client: Side
    """The side of the datagrams that the client sends."""
    version: int
    originals: list[bytes]
    """Connection IDs that the client gave the server, newest first: they make Initial keys."""
    agreed: Agreed = field(default_factory=Agreed)
    ways: tuple[Way, Way] = field(default_factory=lambda: (Way(), Way()))
    """The client's, the server's."""
    tokens: dict[bytes, None] = field(default_factory=dict)
    """By which an end may reset the connection."""
    number: int = 0
    """Place among the connections between the same two ports."""

    def copy(self) -> Connection:
        """A checkpoint; keys do not change and are shared."""
        return Connection(
            self.client,
            self.version,
            list(self.originals),
            replace(self.agreed),
            (self.ways[0].copy(), self.ways[1].copy()),
            dict(self.tokens),
            self.number,
        )

    def way(self, side: Side) -> Side:
        """Whose packets those of a side of the datagrams are."""
        return Side.CLIENT if side == self.client else Side.SERVER

    def restart(self, dcid: bytes) -> None:
        """After a Retry: the client says it all again, under keys from another ID."""
        if dcid in self.originals:
            return
        self.originals.insert(0, dcid)
        del self.originals[MAX_INITIALS:]
        self.begin_again()

    def begin_again(self) -> None:
        """The client says it all again: after a Retry, or in another version."""
        for way in self.ways:
            way.crypto.pop(INITIAL, None)
            way.keys.clear()

    def keys(self, sender: Side, kind: int, version: int, secrets: Secrets) -> list[Keys]:
        """Keys that may open such a packet; none where a secret is missing."""
        known = self.ways[sender].keys
        found = known.get((kind, version))
        if not found:
            if kind == INITIAL:
                found = [protection.initial(dcid, version)[sender] for dcid in self.originals]
            else:
                found = self._from_log(sender, kind, version, secrets)
            if found:
                known[kind, version] = found
        return found

    def _from_log(self, sender: Side, kind: int, version: int, secrets: Secrets) -> list[Keys]:
        label, random = LABELS[kind][sender], self.agreed.random
        secret = secrets.get(label, random) if label and random else None
        if secret is None:
            return []
        fitting = BY_LENGTH.get(len(secret), ())
        if self.agreed.suite is not None and kind != ZERO_RTT:
            fitting = (self.agreed.suite,) if self.agreed.suite in fitting else ()
        return [Keys(secret, SUITES[suite], version) for suite in fitting]

    def fitted(self, sender: Side, kind: int, version: int, keys: Keys) -> None:
        """These are the right keys."""
        known = self.ways[sender].keys
        if len(known[kind, version]) > 1:
            known[kind, version] = [keys]

    def missing(self, sender: Side, kind: int, secrets: Secrets) -> str:
        """Why there are no keys, in words."""
        label, random = LABELS[kind][sender], self.agreed.random
        if not label:
            return f"a server sends no {KINDS[kind]} packets"
        if not random:
            return f"no {label}: the ClientHello, which has the random to look it up, was not seen"
        secret = secrets.get(label, random)
        if secret is not None:
            suite = self.agreed.suite
            if suite is not None and suite not in SUITES:
                return f"cipher suite 0x{suite:04x} is none of QUIC's"
            return f"{label} has {len(secret)} bytes, which does not fit the cipher suite"
        text = f"no {label} for client random {random.hex()}"
        others = secrets.connections - (1 if secrets.labels(random) else 0)
        if not secrets.connections:
            return f"{text}: there is no key log"
        return f"{text}; the key log has {others} other connection{'' if others == 1 else 's'}"

    def remember(self, token: bytes) -> None:
        """A token by which the connection may be reset."""
        if len(token) == 16 and len(self.tokens) < MAX_TOKENS:
            self.tokens[token] = None
