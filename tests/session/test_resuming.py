"""Which hellos resume which tickets: of the same server, in an earlier conversation."""

from __future__ import annotations

import pytest

from wirestep.model import Address, Message, Side
from wirestep.protocols import REGISTRY
from wirestep.session.resuming import resumptions

TICKET, IDENTITY = "tls.handshake.session_ticket", "tls.handshake.extensions.psk.identity.identity"
SESSION, EXTENSION = "tls.handshake.session_id", "tls.handshake.extension.data"
HOSTS = Address("192.0.2.1", 50000), Address("192.0.2.2", 443)


def said(record: int, side: Side, field: str, value: bytes, server: Address = HOSTS[1]) -> Message:
    """One handshake message with one value."""
    ends = (HOSTS[0], server) if side is Side.CLIENT else (server, HOSTS[0])
    values = ((field, value, ""),)
    return Message(
        *(record, "tls.handshake", "TLS", "message", 0, side, *ends, record, 0, "", 9),
        values=values,
    )


@pytest.mark.parametrize(
    ("given", "taken"), [(TICKET, IDENTITY), (TICKET, EXTENSION), (SESSION, SESSION)]
)
def test_what_was_given_is_taken_up_later(given: str, taken: str) -> None:
    frames = [
        [said(0, Side.SERVER, given, b"one")],
        [said(1, Side.SERVER, given, b"two")],
        [said(2, Side.CLIENT, taken, b"two")],
    ]
    found = resumptions(frames, REGISTRY, lambda record: record // 2)
    assert found == {(2, 0): (1, 0)}


@pytest.mark.parametrize(
    "early",
    [
        said(0, Side.SERVER, TICKET, b"other"),
        said(0, Side.SERVER, TICKET, b"one", Address("192.0.2.3", 443)),
        said(0, Side.CLIENT, SESSION, b"one"),
        said(1, Side.SERVER, SESSION, b"one"),
        said(0, Side.SERVER, IDENTITY, b"one"),
    ],
    ids=["other value", "other server", "own words", "same conversation", "nothing given"],
)
def test_what_was_not_given_resumes_nothing(early: Message) -> None:
    frames = [[early], [said(2, Side.CLIENT, IDENTITY, b"one")]]
    assert not resumptions(frames, REGISTRY, lambda record: (record + 1) // 2)


def test_an_empty_session_name_is_none() -> None:
    frames = [[said(0, Side.SERVER, SESSION, b"")], [said(1, Side.CLIENT, SESSION, b"")]]
    assert not resumptions(frames, REGISTRY, lambda record: record)
