"""Why a client does not take a server's answer to its upgrade (RFC 6455 section 4.1)."""

from __future__ import annotations

from wsproto.utilities import generate_accept_token

from wirestep.model import safe

MOST_HEAD = 64 * 1024


class Head:
    """The heads of the upgrade, as they went over the wire."""

    def __init__(self) -> None:
        self._key = b""
        self._answer = b""

    def asked(self, data: bytes) -> None:
        """The request, whole."""
        self._key = _field(data, b"sec-websocket-key") or b""

    def answered(self, data: bytes) -> None:
        """More bytes of the answer."""
        self._answer = (self._answer + data)[:MOST_HEAD]

    @property
    def key(self) -> str:
        """What the client drew."""
        return self._key.decode("ascii")

    @property
    def token(self) -> str:
        """What the server must say to it (RFC 6455 section 4.2.2)."""
        return generate_accept_token(self._key).decode("ascii")

    def field(self, name: str) -> str | None:
        """A field of the answer; None where it is not there."""
        found = _field(self._answer, name.encode("ascii"))
        return None if found is None else safe(found.decode("latin-1")[:200])

    @property
    def behind(self) -> bytes:
        """What came behind the answer's head."""
        return self._answer.partition(b"\r\n\r\n")[2]

    @property
    def http(self) -> bool:
        """True if the answer is HTTP at all."""
        return self._answer.startswith(b"HTTP/")


def _field(head: bytes, name: bytes) -> bytes | None:
    for line in head.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]:
        key, colon, value = line.partition(b":")
        if colon and key.strip().lower() == name:
            return value.strip()
    return None


def reason(head: Head, error: Exception) -> str:
    """The sentence for the user; `error` is what wsproto says of it."""
    if not head.http:
        return "The server does not answer in HTTP."
    accept = head.field("sec-websocket-accept")
    upgrade, connection = head.field("upgrade"), head.field("connection")
    if (upgrade or "").lower() != "websocket":
        said = f"Upgrade: {upgrade}" if upgrade else "no Upgrade field"
        return f"The server switched protocols, but not to WebSocket: {said}."
    if "upgrade" not in (connection or "").lower():
        said = f"Connection: {connection}" if connection else "no Connection field"
        return f"The server switched protocols without Connection: Upgrade ({said})."
    owed = f"the key {head.key} asks for {head.token} (RFC 6455 section 4.2.2)"
    if accept is None:
        return (
            "The server switched protocols without Sec-WebSocket-Accept, so nothing shows that it "
            f"knows WebSocket: {owed}."
        )
    if accept != head.token:
        return f"The server's Sec-WebSocket-Accept is {accept or 'empty'}, but {owed}."
    return f"The server's answer to the upgrade cannot be taken: {safe(str(error))}."
