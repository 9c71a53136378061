"""The names of connections and sessions, written down the bands at the left of a ladder."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest
from screenplay import settled
from textual.pilot import Pilot

from wirestep.ui.screens.inspector import Inspector
from wirestep.ui.widgets.ladder_bands import SPARE, Band, written

Open = Callable[..., AbstractAsyncContextManager[tuple[Pilot[int], Inspector]]]


@pytest.mark.parametrize(
    ("last", "shown"), [(2, "╭│╰"), (3 + SPARE, "╭│││││╰"), (4 + SPARE, "╭TLS│││╰")]
)
def test_a_name_is_written_only_where_it_leaves_a_line(last: int, shown: str) -> None:
    band = Band(10, 10 + last, "purple", "TLS")
    assert "".join(band.glyph(row) for row in range(10, 11 + last)) == shown


@pytest.mark.parametrize(
    ("name", "text"),
    [("TLSv1.3", "TLS"), ("WebSocket", "WebSocket"), ("HTTP2", "HTTP2"), ("Länge", ""), ("", "")],
)
def test_a_name_goes_without_its_version_and_only_where_it_fits(name: str, text: str) -> None:
    assert written(name) == text
    assert not written("A" * 10)


@pytest.mark.parametrize("size", [(80, 40), (120, 40)])
@pytest.mark.parametrize(
    ("capture", "names"),
    [("websocket-chat", ("TCP", "WebSocket")), ("http2-streams", ("TCP", "TLS", "HTTP2"))],
)
async def test_bands_are_named(
    stage: Open, capture: str, names: tuple[str, ...], size: tuple[int, int]
) -> None:
    async with stage(capture, size=size) as (pilot, screen):
        view = screen.ladder
        await pilot.press("2")
        await settled(pilot)
        lines = ["".join(part.text for part in view.render_line(y)) for y in range(1, 30)]
        start = view.where(view.room).gutter
        columns = ["".join(line[start + at] for line in lines) for at in range(len(names))]
        for name, column in zip(names, columns, strict=True):
            assert f"╭{name}│" in column


async def test_both_connections_of_a_resumption_are_named(stage: Open) -> None:
    async with stage("tls13-resumed-0rtt") as (pilot, screen):
        await pilot.press("2")
        await settled(pilot)
        named = [[band.name for band in slot] for slot in screen.ladder.bands]
        assert named[:2] == [["TCP", "TCP"], ["TLS", "TLS"]]
