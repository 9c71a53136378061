"""Where the screen gets its sessions from; tests put other doors in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from wirestep.session import Session, bundled, recents, remember
from wirestep.session.views import Bundled, Recent
from wirestep.timeline.ladder import Ladder


@dataclass(frozen=True, slots=True)
class Preview:
    """A glance at a capture: its ladder, and what its hosts are called."""

    ladder: Ladder
    names: Mapping[str, str]
    first_time: int
    overview: tuple[tuple[int, str], ...]
    duration: int
    """Nanoseconds."""


@dataclass(frozen=True, slots=True)
class Doors:
    """What the home screen can ask for."""

    open: Callable[[str], Session]
    """Raises ValueError with one sentence."""
    bundled: Callable[[], Sequence[Bundled]]
    recents: Callable[[], Sequence[Recent]]
    remember: Callable[[str, int, int], None]
    """(path, packets, now in seconds)."""
    preview: Callable[[str], Preview]


def doors(opener: Callable[[str], Session]) -> Doors:
    """The real doors."""
    return Doors(opener, bundled, recents, remember, glance)


COLUMNS = 120
"""Of the overview in a preview."""


def glance(path: str) -> Preview:
    """Opens a small capture, reads all of it, and closes it again.

    Raises:
        ValueError: it cannot be opened; one sentence.
    """
    session = Session.open(path)
    try:
        session.settle()
        drawn = session.ladder(None) or Ladder((), ())
        names = {host: session.host_name(host) for host in drawn.hosts}
        last = session.row(session.total - 1).time if session.total else 0
        counts = tuple(session.overview(COLUMNS))
        return Preview(drawn, names, session.first_time, counts, max(0, last - session.first_time))
    finally:
        session.close()
