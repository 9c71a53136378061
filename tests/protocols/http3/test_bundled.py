"""The bundled captures of QUIC are read whole, with the secrets that they bring along."""

from __future__ import annotations

from pathlib import Path

import pytest
from quic_peers import read
from trees import check_names, check_tree

from wirestep.capture import load, open_capture
from wirestep.decode.secrets import Secrets
from wirestep.model import Message
from wirestep.protocols import REGISTRY

FOLDER = Path(__file__).resolve().parents[3] / "captures"


def messages(name: str) -> list[Message]:
    capture = open_capture(str(FOLDER / f"{name}.pcapng"))
    for _ in load(capture):
        pass
    records = list(capture.records(range(capture.count)))
    return read(records, Secrets(capture.secrets))


@pytest.mark.parametrize(
    ("name", "requests", "size"), [("quic-http3", 6, 48000), ("quic-0rtt", 1, 600)]
)
def test_all_of_it_is_read(name: str, requests: int, size: int) -> None:
    found = messages(name)
    bodies = 0
    for message in found:
        assert message.root is not None
        assert message.source is not None
        assert message.marks == ()
        check_tree(message.root, message.source.data)
        check_names(message.root, REGISTRY)
        for field in message.root.walk():
            assert field.name not in ("unread", "quic.remaining_payload")
            assert all(note.level == "info" for note in field.notes)
            if field.name == "http3.data":
                assert isinstance(field.value, bytes)
                bodies += len(field.value)
    assert sum(message.brief.startswith("GET ") for message in found) == requests
    assert sum(message.brief.count("200 OK") for message in found) == requests
    assert bodies == size
    summaries = " ".join(message.summary for message in found)
    assert summaries.count("200 OK") == requests
    for word in ("Client Hello", "Server Hello", "Encrypted Extensions", "Finished"):
        assert any(message.brief == word or message.summary.startswith(word) for message in found)
