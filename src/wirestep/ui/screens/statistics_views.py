"""What the views of the statistics screen ask, and how answers become plots."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wirestep.session.statistics import Answer, Ask
from wirestep.timeline.statistics.series import Series
from wirestep.timeline.statistics.talks import HOSTED, PORTED, TITLES
from wirestep.ui.widgets.plot_view import NOTHING, SECOND, Curve, Panel, Plot


@dataclass(frozen=True, slots=True)
class View:
    """One tab."""

    name: str
    """As the session knows it."""
    title: str
    short: str
    """Of the tab, where there is little room."""
    plotted: bool = False
    forms: tuple[str, ...] = ("",)
    """What tab goes through: levels, units."""
    sort: str = ""
    """The column it is sorted by at first."""


VIEWS = (
    View("hierarchy", "Protocols", "Proto"),
    View("conversations", "Conversations", "Conv", forms=(*PORTED, *HOSTED), sort="bytes"),
    View("endpoints", "Endpoints", "Ends", forms=(*HOSTED, *PORTED), sort="bytes"),
    View("io", "I/O", "I/O", plotted=True, forms=("packets/s", "bit/s")),
    View("rtt", "RTT", "RTT", plotted=True, forms=("all", "one")),
    View("throughput", "Throughput", "Thru", plotted=True),
    View("lengths", "Lengths", "Len"),
    View("expert", "Expert", "Expert"),
)
HUES = {
    "all packets": "blue",
    "shown": "teal",
    "TCP problems": "bad",
    "A→B": "blue",
    "B→A": "green",
}


def ask_of(view: View, form: str, *, shown: bool, columns: int, interval: int, flow: int) -> Ask:
    """The question of a view; `flow` is the conversation that it is about, -1 for none."""
    if view.name in ("conversations", "endpoints"):
        return Ask(view.name, level=form, shown=shown)
    if not view.plotted:
        return Ask(view.name, shown=shown)
    one = flow if view.name == "throughput" or form == "one" else -1
    return Ask(
        view.name,
        shown=shown and view.name == "rtt",
        intervals=max(10, columns),
        interval=interval,
        flow=one,
    )


def heading(view: View, form: str, ends: str) -> str:
    """The title of the pane; `ends` are those of the conversation that it is about."""
    if view.name == "throughput" or (view.name == "rtt" and form == "one"):
        what = "Throughput" if view.name == "throughput" else "Round-trip time"
        return f"{what} · A {ends}" if ends else what
    if view.name in ("conversations", "endpoints"):
        return f"{TITLES[form]} {view.title.lower()}"
    titles = {
        "hierarchy": "Protocol hierarchy",
        "io": "Packets over time" if form == "packets/s" else "Bits over time",
        "rtt": "Round-trip time, from segment to ACK",
        "lengths": "Packet lengths",
        "expert": "Expert information",
    }
    return titles[view.name]


def plot_of(answer: Answer, form: str) -> Plot:
    """What is drawn of an answer."""
    if answer.track is not None:
        found = answer.track
        if not found.count.any():
            return NOTHING
        mean, least, most = (1000 * part for part in (found.mean, found.least, found.most))
        curve = Curve("mean, from least to most", "teal", mean, least, most)
        return Plot((Panel("ms", (curve,)),), found.start, found.interval, len(found))
    if not answer.lines or not answer.totals.packets:
        return NOTHING
    first = answer.lines[0][1]
    if answer.ask.view == "throughput":
        panels = tuple(
            Panel("bit/s", (Curve(name, HUES[name], _rate(one, "bit/s")),))
            for name, one in answer.lines
        )
    else:
        curves = tuple(
            Curve(name, HUES[name], _rate(one, form), marked=name == "TCP problems")
            for name, one in answer.lines
        )
        panels = (Panel("/s" if form == "packets/s" else form, curves),)
    return Plot(panels, first.start, first.interval, len(first))


def _rate(counted: Series, unit: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    values = counted.packets if unit == "packets/s" else counted.bytes * 8
    return np.asarray(values * (SECOND / counted.interval), np.float64)
