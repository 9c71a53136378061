"""The key schedule as a tree: the values of RFC 8448, and every Finished that we ever recorded."""

from __future__ import annotations

from pathlib import Path

import pytest
from byte_coverage import FOLDER
from rfc8448 import FINISHED, KEYLOG, trace

from wirestep.capture import load, open_capture
from wirestep.decode.contract import Where
from wirestep.decode.cursor import Cursor
from wirestep.decode.secrets import Secrets
from wirestep.model import Field, Message, Record, Side, Source, Value
from wirestep.protocols import REGISTRY
from wirestep.protocols.tls.handshake import HandshakeDecoder
from wirestep.session.decoding import decoded

SECURE = ("tls12-full", "tls13-full", "tls13-hello-retry", "tls13-resumed-0rtt", "quic-http3")
RFC_8448 = {
    "Early Secret": {
        "tls.schedule.secret": "33ad0a1c607ec03b09e6cd9893680ce210adf300aa1f2660e1b22e10f170f92a"
    },
    "Handshake Secret": {
        "tls.schedule.salt": "6f2615a108c702c5678f54fc9dbab69716c076189c48250cebeac3576c3611ba"
    },
    "Client handshake traffic": {
        "tls.schedule.transcript": (
            "860c06edc07858ee8e78f0e7428c58edd6b43f2ca3e6e95f02ed063cf0e1cad8"
        ),
        "tls.schedule.key": "dbfaa693d1762c5b666af5d950258d01",
        "tls.schedule.iv": "5bd3c71b836e0b76bb73265f",
    },
    "Server handshake traffic": {
        "tls.schedule.key": "3fce516009c21727d0f2e4e86ee403bc",
        "tls.schedule.iv": "5d313eb2671276ee13000b30",
    },
    "Server traffic 0": {
        "tls.schedule.transcript": (
            "9608102a0f1ccc6db6250b7b7e417b1a000eaada3daae4777a7686c9ff83df13"
        ),
        "tls.schedule.key": "9f02283b6c9c07efc26bb9f2ac92e356",
        "tls.schedule.iv": "cf782b88dd83549aadf1e984",
    },
    "Client traffic 0": {
        "tls.schedule.key": "17422dda596ed5d9acd890e3c63f5051",
        "tls.schedule.iv": "5b78923dee08579033e523d9",
    },
}
"""By the secret, what the trace of section 3 prints."""
SERVER_FINISHED_KEY = "008d3b66f816ea559f96b537e885c31fc068bf492c652f01f288a1d8cdc19fc8"


def secrets_of(messages: list[Message]) -> dict[str, Field]:
    """By name."""
    roots = [m.root for m in messages if m.protocol == "tls.handshake" and m.root is not None]
    found = [field for root in roots for field in root.walk()]
    return {
        field.shown.partition(":")[0]: field
        for field in found
        if field.name == "tls.schedule.secret"
    }


@pytest.mark.parametrize("name", RFC_8448)
def test_the_secrets_of_rfc_8448(name: str) -> None:
    secret = secrets_of(trace())[name]
    for field, value in RFC_8448[name].items():
        found = secret.find(field)
        assert found is not None
        assert found.value == bytes.fromhex(value)


def test_the_finished_keys_of_rfc_8448() -> None:
    roots = [m.root for m in trace() if m.summary == "Finished" and m.protocol != "tls"]
    keys = [root.find("tls.schedule.secret") for root in roots if root is not None]
    assert keys[0] is not None
    assert keys[0].value == bytes.fromhex(SERVER_FINISHED_KEY)
    assert [values(root, "tls.schedule.verified") for root in roots if root] == [[1], [1]]


def values(root: Field, name: str) -> list[Value]:
    return [field.value for field in root.walk() if field.name == name]


@pytest.mark.parametrize("name", SECURE)
def test_every_finished_fits(name: str) -> None:
    verified = finished_of(FOLDER / f"{name}.pcapng")
    assert verified
    assert verified == [1] * len(verified)


def finished_of(path: Path) -> list[Value]:
    capture = open_capture(str(path))
    for _ in load(capture):
        pass
    secrets = Secrets()
    secrets.add(capture.secrets)
    said = [
        value
        for frame in decoded(capture, REGISTRY, names=["tls.schedule.verified"], secrets=secrets)
        for message in frame.messages
        for _, value, _ in message.values
    ]
    capture.close()
    return said


def test_a_finished_that_does_not_fit() -> None:
    messages = [m for m in trace() if m.protocol == "tls.handshake" and m.source is not None]
    decoder = HandshakeDecoder()
    for message in messages:
        assert message.source is not None
        data = message.source.data
        changed = data == FINISHED
        cursor = Cursor(Source("message", data[:-1] + b"\0" if changed else data))
        place = Where(message.side, Record(0, 0, b"", 0), secrets=Secrets(KEYLOG))
        decoder.decode(cursor, place)
        root = cursor.finish("tls.handshake")
        if changed:
            assert values(root, "tls.schedule.verified") == [0]
            [note] = [note for field in root.walk() for note in field.notes]
            assert (note.level, "does not fit" in note.text) == ("broken", True)
            return
    raise AssertionError("the trace has no Finished")


def test_nothing_is_said_of_half_a_handshake() -> None:
    messages = [m for m in trace() if m.protocol == "tls.handshake" and m.source is not None]
    decoder = HandshakeDecoder()
    for place, message in enumerate(messages):
        assert message.source is not None
        if place == 3:
            decoder.lost(Side.SERVER)
        cursor = Cursor(message.source)
        where = Where(message.side, Record(0, 0, b"", 0), secrets=Secrets(KEYLOG))
        decoder.decode(cursor, where)
        root = cursor.finish("tls.handshake")
        assert place < 3 or root.find("tls.schedule") is None
