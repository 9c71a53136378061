"""Key logs: the secrets of TLS and QUIC connections, by the random that opened them.

A line is a label, the client's random and the secret, in hex (the format of SSLKEYLOGFILE,
draft-ietf-tls-keylogfile). Lines that are none are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator

MAX_SECRETS = 1_000_000
MAX_SESSIONS = 10_000
"""Secrets that were found out and may be used again; the oldest goes first."""


class Secrets:
    """What a key log holds; it may grow while it is used."""

    def __init__(self, log: bytes = b"") -> None:
        self._known: dict[bytes, dict[str, list[bytes]]] = {}
        self.count = 0
        """Secrets known."""
        self.keys: tuple[bytes, ...] = ()
        """Private keys of servers, in PEM."""
        self._sessions: dict[bytes, bytes] = {}
        self.add(log)

    def add(self, log: bytes) -> None:
        """Take in the lines of a key log."""
        for line in log.splitlines():
            words = line.split()
            if len(words) != 3 or line.startswith(b"#") or self.count >= MAX_SECRETS:
                continue
            try:
                random, secret = bytes.fromhex(words[1].decode()), bytes.fromhex(words[2].decode())
            except ValueError:
                continue
            label = words[0].decode("ascii", "replace")
            found = self._known.setdefault(random, {}).setdefault(label, [])
            if secret not in found:
                found.append(secret)
                self.count += 1

    def add_key(self, pem: bytes) -> None:
        """Take in a server's private key; what it can open is up to the protocol."""
        self.keys += (pem,)
        self.count += 1

    def remember(self, name: bytes, secret: bytes) -> None:
        """What a private key gave away, by the name under which it may be used again."""
        if name and secret and self._sessions.get(name) != secret:
            self._sessions[name] = secret
            if len(self._sessions) > MAX_SESSIONS:
                del self._sessions[next(iter(self._sessions))]

    def recalled(self, name: bytes) -> bytes:
        """What was remembered under a name; b"" for nothing."""
        return self._sessions.get(name, b"")

    def get(self, label: str, random: bytes) -> bytes | None:
        """The (last) secret of that label for the connection, or None."""
        found = self._known.get(random, {}).get(label)
        return found[-1] if found else None

    def labels(self, random: bytes) -> frozenset[str]:
        """The labels known for a connection; none where the log does not have it."""
        return frozenset(self._known.get(random, ()))

    @property
    def connections(self) -> int:
        """Connections that the log names."""
        return len(self._known)

    def __iter__(self) -> Iterator[bytes]:
        """The randoms of the connections."""
        return iter(self._known)


NO_SECRETS = Secrets()
"""For readers that have none; never add to it."""
