"""Which secrets go with a capture: those of its own conversations, and no others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .bulk import Bulk

if TYPE_CHECKING:
    from .session import Session


def spoken_of(session: Session, flow: int | None) -> bytes:
    """Lines of the key logs whose connections are in the capture, or in one conversation.

    A browser's key log tells of all that it ever visited.
    """
    registry = session.registry
    named = frozenset(card.secret for card in registry.cards.values() if card.secret)
    cards = frozenset(card.name for card in registry.cards.values() if card.secret)
    bulk = Bulk(session.capture, registry, session.secrets)
    known = {
        value
        for part in bulk.sweep(None if flow is None else [flow], named, cards)
        for message in part.messages
        for name, value, _ in message.values
        if name in named and isinstance(value, bytes)
    }
    log = [*session.capture.secrets.splitlines(), *session.keylog.splitlines()]
    return b"".join(line + b"\n" for line in dict.fromkeys(log) if _connection(line) in known)


def _connection(line: bytes) -> bytes:
    words = line.split()
    if len(words) != 3 or line.startswith(b"#"):
        return b""
    try:
        return bytes.fromhex(words[1].decode())
    except ValueError:
        return b""
