"""The analysis of TCP keeps up with what a session indexes."""

from __future__ import annotations

from pathlib import Path

from wirestep.session.session import Session
from wirestep.timeline.analysis import Mark

LOSS = Path(__file__).parents[2] / "captures" / "tcp-loss.pcapng"


def test_the_worker_judges_what_is_indexed() -> None:
    """All rows have been looked at once nothing waits; before that there is no view."""
    session = Session.open(str(LOSS))
    assert session.analysis is None
    session.settle()
    view = session.analysis
    assert view is not None
    assert view.done == session.total
    assert len(view.rows_with(Mark.RETRANSMISSION)) > 0
    session.close()


def test_here_and_now() -> None:
    """Whoever has no worker asks for all of it at once, as often as it likes."""
    session = Session.open(str(LOSS))
    session.load()
    view = session.transfer.finish()
    assert view is not None
    assert view.done == session.total
    assert session.transfer.finish() is view
    assert not session.transfer.step()
    session.close()
