"""The race's strip and transport."""

from __future__ import annotations

from wirestep.session.racing import Race
from wirestep.ui.widgets.bars import Transport


def columns(race: Race | None, now: int, count: int) -> tuple[list[tuple[int, str]], int]:
    """(packets of all lanes in each column of time, with a hue; the column of the present)."""
    found = [(0, "")] * count
    if race is None or not race.ends:
        return found, -1
    for lane in race.lanes:
        for flight in lane.flights:
            at = min(count - 1, flight.left * (count - 1) // race.ends)
            found[at] = (found[at][0] + 1, "blue")
    return found, min(count - 1, now * (count - 1) // race.ends)


class RaceTransport(Transport):
    """Begin, back, play, forward, end; speed, time, packets."""

    BUTTONS = (
        ("  |◂ ", "edge(-1)"),
        (" ◂◂ ", "scrub(-1)"),
        (" ▶ PLAY ", "play"),
        (" ▸▸ ", "scrub(1)"),
        (" ▸| ", "edge(1)"),
    )
