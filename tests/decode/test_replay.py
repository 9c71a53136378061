"""Requests in early data, in captures of real peers."""

from __future__ import annotations

import pytest
from byte_coverage import FOLDER

from wirestep.capture import load, open_capture
from wirestep.decode import replay
from wirestep.decode.secrets import Secrets
from wirestep.protocols import REGISTRY
from wirestep.session.decoding import decoded

EARLY = {"tls13-resumed-0rtt": "http", "quic-0rtt": "http3", "tls13-full": "", "quic-http3": ""}


def noted(name: str) -> list[tuple[str, int]]:
    """Protocol and frame of the messages that carry the remark."""
    capture, found, secrets = open_capture(str(FOLDER / f"{name}.pcapng")), [], Secrets()
    for _ in load(capture):
        pass
    secrets.add(capture.secrets)
    for frame in decoded(capture, REGISTRY, secrets=secrets, full=True):
        for message in frame.messages:
            fields = () if message.root is None else message.root.walk()
            texts = [note.text for field in fields for note in field.notes]
            if any("can be replayed" in text for text in texts):
                found.append((message.protocol, message.record))
    capture.close()
    return found


@pytest.mark.parametrize(("name", "protocol"), EARLY.items())
def test_what_is_asked_in_early_data_is_known(
    name: str, protocol: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """These ask with GET, which is safe; were it not, the early ones of them would be told."""
    assert noted(name) == []
    monkeypatch.setattr(replay, "SAFE", frozenset())
    assert {of for of, _ in noted(name)} == ({protocol} if protocol else set())
