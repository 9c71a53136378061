"""Where the screen gets its sessions from; tests put other doors in."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from wirestep import session as sessions
from wirestep.session.lab_views import Shelved
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

    open: Callable[[str], sessions.Session]
    """Raises ValueError with one sentence."""
    bundled: Callable[[], Sequence[Bundled]]
    recents: Callable[[], Sequence[Recent]]
    remember: Callable[[str, int, int], None]
    """(path, packets, now in seconds)."""
    preview: Callable[[str], Preview]
    first: Callable[[str], sessions.FirstLook | None]
    """The first packets at once, where a session would take some tenths of a second to be made;
    else None. Raises as `open` does."""
    scenarios: Callable[[], Sequence[Shelved]] = lambda: sessions.scenarios()
    """Raises ValueError with one sentence."""
    lab: Callable[[str, Mapping[str, object]], sessions.Lab] = lambda name, overrides: (
        sessions.Lab.open(name, overrides)
    )
    """A scenario, staged. Raises ValueError with one sentence."""
    rehearsal: Callable[[str], Preview] = lambda name: rehearsed(name)
    """A scenario as it goes if nobody touches it. Raises as `lab` does."""


def doors(opener: Callable[[str], sessions.Session], *, first_look: bool = False) -> Doors:
    """The real doors; with a first look where nothing that decodes is imported yet."""

    def first(path: str) -> sessions.FirstLook | None:
        made = "wirestep.session.session" in sys.modules
        return sessions.FirstLook.open(path) if first_look and not made else None

    return Doors(opener, sessions.bundled, sessions.recents, sessions.remember, glance, first)


COLUMNS = 120
"""Of the overview in a preview."""
PACKETS = 400
"""Of a scenario that a preview runs."""


def glance(path: str) -> Preview:
    """Opens a small capture, reads all of it, and closes it again.

    Raises:
        ValueError: it cannot be opened; one sentence.
    """
    return _seen(sessions.Session.open(path))


def rehearsed(name: str) -> Preview:
    """Runs a scenario to its end, or as far as a preview goes.

    Raises:
        ValueError: there is none, or it is wrong; one sentence.
    """
    lab = sessions.Lab.open(name)
    return _seen(lab.rehearsed(PACKETS), {h.address: h.name for h in lab.snapshot.hosts})


def _seen(session: sessions.Session, called: Mapping[str, str] = MappingProxyType({})) -> Preview:
    """Reads all of a small capture, and closes it; `called` are names of hosts."""
    try:
        session.settle()
        drawn = session.ladder(None) or Ladder((), ())
        names = {host: called.get(host) or session.host_name(host) for host in drawn.hosts}
        last = session.row(session.total - 1).time if session.total else 0
        counts = tuple(session.overview(COLUMNS))
        return Preview(drawn, names, session.first_time, counts, max(0, last - session.first_time))
    finally:
        session.close()
