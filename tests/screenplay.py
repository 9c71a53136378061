"""Helpers for the tests of the screen."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from pathlib import Path

from textual.pilot import Pilot

from wirestep.model import Record
from wirestep.ui.screens.inspector import Inspector

CAPTURES = Path(__file__).parents[1] / "captures"


def write_pcap(path: Path, records: Iterable[Record]) -> str:
    """A classic capture of Ethernet frames."""
    out = struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1)
    for record in records:
        seconds, part = divmod(record.time, 1_000_000_000)
        size = len(record.data)
        out += struct.pack("<IIII", seconds, part, size, size) + record.data
    path.write_bytes(out)
    return str(path)


async def settled(pilot: Pilot[int]) -> None:
    """Waits until the session has done what was asked and the screen has shown it."""
    for _ in range(200):
        await pilot.pause(0.02)
        screen = pilot.app.screen
        if not isinstance(screen, Inspector):
            continue
        progress = screen.session.progress()
        busy = not progress.finished or progress.decoding or progress.filtering is not None
        shown = screen.view is not None or not screen.session.total
        if not busy and shown and (not screen.ladder.waiting or not screen.session.total):
            break
    # What was decoded last is drawn in a thread of its own: wait until nothing changes any more.
    before = -1
    for _ in range(40):
        screen = pilot.app.screen
        now = screen.ladder.count() if isinstance(screen, Inspector) else 0
        if now == before:
            break
        before = now
        await pilot.pause(0.15)


def text_of(pilot: Pilot[int]) -> str:
    """All that is on the screen, a line for each line."""
    screen = pilot.app.screen
    return "\n".join(strip.text for strip in screen._compositor.render_strips(screen.size))
