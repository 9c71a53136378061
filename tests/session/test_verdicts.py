"""Whether conversations were decrypted, as lists, ladders and rows tell it."""

from __future__ import annotations

from pathlib import Path

import pytest
from screenplay import CAPTURES, write_pcap

from wirestep.capture import load, open_capture
from wirestep.session import Session
from wirestep.session.problems import SEALED
from wirestep.timeline.ladder import Ladder

ENCRYPTED = ("tls13-full", "tls12-full", "quic-http3", "tls13-resumed-0rtt")


@pytest.fixture
def without(tmp_path: Path) -> str:
    """A capture of a TLS 1.3 connection without its secrets."""
    return stripped("tls13-full", tmp_path)


def stripped(name: str, folder: Path) -> str:
    """A copy of a bundled capture without the secrets it carries."""
    capture = open_capture(str(CAPTURES / f"{name}.pcapng"))
    for _ in load(capture):
        pass
    path = write_pcap(folder / f"{name}.pcap", capture.records(range(capture.count)))
    capture.close()
    return path


def settled(path: str) -> Session:
    session = Session.open(path)
    session.settle()
    return session


def ladder_of(session: Session) -> Ladder:
    drawn = session.ladder(None)
    assert drawn is not None
    return drawn


@pytest.mark.parametrize("name", ENCRYPTED)
def test_with_secrets_all_is_decrypted(name: str) -> None:
    session = settled(str(CAPTURES / f"{name}.pcapng"))
    lines = [line for line in session.conversations() if line.opened]
    assert lines
    assert {(line.opened, line.verdict) for line in lines} == {("all", "decrypted")}
    steps = ladder_of(session).steps
    assert any(step.opened for step in steps)
    assert not any(step.level == "note" or step.opened is False for step in steps)
    assert not any(SEALED in row.marks for row in session.rows(0, session.count))
    session.close()


@pytest.mark.parametrize("name", ENCRYPTED)
def test_without_secrets_the_reason_is_told(name: str, tmp_path: Path) -> None:
    session = settled(stripped(name, tmp_path))
    lines = [line for line in session.conversations() if line.opened]
    assert lines
    assert all(line.opened == "none" for line in lines)
    assert all("for client random" in line.verdict for line in lines)
    drawn = ladder_of(session)
    notes = [step for step in drawn.steps if step.level == "note"]
    assert len(notes) == len(lines)  # one a conversation
    assert all(note.label.startswith("not decrypted: no ") for note in notes)
    sealed = [row.record for row in session.rows(0, session.count) if SEALED in row.marks]
    closed = [step.record for step in drawn.steps if step.opened is False]
    assert sealed == sorted(set(closed))
    session.close()


def test_a_note_stands_at_the_first_closed_unit(without: str) -> None:
    session = settled(without)
    steps = ladder_of(session).steps
    place = next(at for at, step in enumerate(steps) if step.opened is False)
    after = next(step for step in steps[place:] if step.level == "note")
    assert after.record == steps[place].record
    assert after.parent == steps[place].parent
    session.close()


def test_secrets_that_come_later_change_the_verdict(without: str) -> None:
    with_secrets = open_capture(str(CAPTURES / "tls13-full.pcapng"))
    for _ in load(with_secrets):
        pass
    session = settled(without)
    assert [line.opened for line in session.conversations()] == ["none"]
    session._learn_secrets(with_secrets.secrets)
    session.settle()
    assert [line.verdict for line in session.conversations()] == ["decrypted"]
    assert not any(step.level == "note" for step in ladder_of(session).steps)
    with_secrets.close()
    session.close()


def test_columns_of_fields_leave_the_marks(without: str) -> None:
    session = settled(without)
    before = [row.marks for row in session.rows(0, session.count)]
    assert any(SEALED in marks for marks in before)
    session.show_columns(("No", "tls.record.length"))
    session.settle()
    assert [row.marks for row in session.rows(0, session.count)] == before
    session.close()


def test_a_conversation_is_called_by_its_innermost_protocol() -> None:
    session = settled(str(CAPTURES / "tls13-full.pcapng"))
    assert [line.protocol for line in session.conversations()] == ["HTTP"]
    session.close()
