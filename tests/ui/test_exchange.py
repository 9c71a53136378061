"""An exchange of our own on the screen, while it happens and when it is over."""

from __future__ import annotations

import pytest
from screenplay import settled, text_of
from textual.pilot import Pilot

from wirestep.capture import Interface, LiveCapture
from wirestep.model import Address
from wirestep.session import Session
from wirestep.session.views import Exchange
from wirestep.ui.app import Wirestep
from wirestep.ui.doors import doors
from wirestep.ui.screens.inspector import Inspector
from wirestep.wires.sockets.seen import Seen
from wirestep.wires.sockets.sketch import INTERFACE, Sketch

HERE, THERE = Address("192.0.2.1", 50000), Address("192.0.2.2", 80)
URL = "http://192.0.2.2/"
BEGIN = [Seen("opening", "tcp", HERE, THERE, 0), Seen("opened", "tcp", HERE, THERE, 1000)]
ASKED = [Seen("data", "tcp", HERE, THERE, 2000, data=b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")]
ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"
ANSWERED = [Seen("data", "tcp", HERE, THERE, 9000, mine=False, data=ANSWER)]


class Story:
    """A session whose capture grows by what is seen."""

    def __init__(self) -> None:
        self.capture = LiveCapture(URL, [Interface(INTERFACE, link=101)])
        self.session = Session(self.capture)
        self.sketch = Sketch(0)
        self.session.exchange = Exchange("under way", "", True)

    def happen(self, *seen: Seen) -> None:
        self.capture.append([one for some in seen for one in self.sketch.records(some)])

    def end(self, exchange: Exchange) -> None:
        self.capture.end()
        self.session.exchange = exchange
        self.session.version += 1


async def inspected(pilot: Pilot[int]) -> Inspector:
    for _ in range(100):
        await pilot.pause(0.02)
        if isinstance(pilot.app.screen, Inspector):
            break
    screen = pilot.app.screen
    assert isinstance(screen, Inspector)
    return screen


async def test_it_is_drawn_while_it_happens_and_the_newest_packet_is_shown() -> None:
    story = Story()
    app = Wirestep(doors(lambda name: story.session), URL, ladder_first=True)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await inspected(pilot)
        story.happen(*BEGIN, *ASKED)
        for _ in range(100):
            await pilot.pause(0.02)
            if "GET /" in text_of(pilot):
                break
        text = text_of(pilot)
        assert "UNDER WAY" in text
        assert "inferred from the socket" in text
        assert screen.record == 3
        story.happen(*ANSWERED)
        story.end(Exchange("done", "204 · 0 bytes", True))
        await settled(pilot)
        for _ in range(100):
            await pilot.pause(0.02)
            if "204 No Content" in text_of(pilot) and screen.record == 4:
                break
        text = text_of(pilot)
        assert "204 · 0 bytes" in text
        assert "DONE" in text
        assert screen.record == 4


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
async def test_why_it_failed_is_said(size: tuple[int, int]) -> None:
    story = Story()
    app = Wirestep(doors(lambda name: story.session), URL, ladder_first=True)
    story.happen(BEGIN[0], Seen("reset", "tcp", HERE, THERE, 500, mine=False))
    story.end(Exchange("failed", "Nobody listens on port 80 of 192.0.2.2 (refused).", True))
    async with app.run_test(size=size) as pilot:
        await inspected(pilot)
        await settled(pilot)
        text = text_of(pilot)
        assert "FAILED" in text
        assert "Nobody listens on port 80" in text
