"""Verdicts on the conversations of large captures are those of small ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from screenplay import CAPTURES

from wirestep.capture import load, open_capture
from wirestep.decode.secrets import Secrets
from wirestep.protocols import REGISTRY
from wirestep.session import Session, groups
from wirestep.session.judging import Judging

SOME = ("tls13-full", "tls12-full", "quic-http3", "page-load", "http1-keepalive")


def verdicts(session: Session) -> dict[int, tuple[str, str]]:
    return {one.number: (one.opened, one.verdict) for one in session.conversations()}


def settled(path: Path) -> Session:
    session = Session.open(str(path))
    session.settle()
    return session


@pytest.mark.parametrize("name", SOME)
def test_a_large_capture_is_judged_when_somebody_looks(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = CAPTURES / f"{name}.pcapng"
    small = settled(path)
    assert small.judging() is None
    told = verdicts(small)
    small.close()
    monkeypatch.setattr(groups, "WHOLE", 0)
    session = settled(path)
    before = verdicts(session)
    judging = session.judging()
    assert judging is not None
    session.unjudge()
    session.settle()
    assert judging.done == 0
    assert verdicts(session) == before
    assert session.judging() is judging
    session.settle()
    assert verdicts(session) == told
    session.close()


def test_new_secrets_begin_anew() -> None:
    capture = open_capture(str(CAPTURES / "tls13-full.pcapng"))
    for _ in load(capture):
        pass
    secrets = Secrets(b"")
    judging = Judging(capture, REGISTRY, secrets)
    while judging.step():
        pass
    assert [opened for opened, _ in judging.told().values()] == ["none"]
    secrets.add(capture.secrets)
    while judging.step():
        pass
    assert list(judging.told().values()) == [("all", "decrypted")]
    capture.close()
