"""The lab's strip and transport: what passed, what is expected, where the present is."""

from __future__ import annotations

from dataclasses import dataclass

from wirestep.session.lab_views import Snapshot
from wirestep.timeline.times import milliseconds
from wirestep.ui.canvas import Line, fit, number
from wirestep.ui.theme import Palette, style
from wirestep.ui.widgets.bars import Overview, Part, Transport, put_parts, tone


def spread(shown: Snapshot, columns: int) -> tuple[list[tuple[int, str]], int]:
    """(packets in each column of time, with a hue; the column of the present)."""
    lefts = [passage.left for passage in shown.passages]
    ends = max((passage.lands for passage in shown.passages), default=0)
    if shown.expected is not None:
        lefts = [*lefts, *(left for left in shown.expected.lefts if left > shown.now)]
        ends = max(ends, shown.expected.ends)
    ends = max(ends, shown.now, 1)
    counts = [0] * columns
    for left in lefts:
        counts[min(columns - 1, left * (columns - 1) // ends)] += 1
    head = min(columns - 1, shown.now * (columns - 1) // ends)
    return [(count, "blue" if count else "") for count in counts], head


def state(shown: Snapshot) -> Part:
    """One word with a sign: what the lab is at."""
    if shown.running:
        return "▶ RUNNING", "good", True
    if not shown.newest:
        return "◂ EARLIER", "acc", True
    if shown.outcome.over:
        bad = shown.outcome.error or shown.outcome.reason
        return ("✗ ENDED", "bad", True) if bad else ("● OVER", "good", True)
    return ("■ HELD", "warn", True) if shown.hand is not None else ("■ PAUSED", "warn", True)


class LabStrip(Overview):
    """Packets over the wire's clock."""

    least = 5

    def show(self, shown: Snapshot) -> None:
        """Another moment."""
        counts, head = spread(shown, self.columns)
        self.set(counts, head, ())


@dataclass(frozen=True, slots=True)
class Told:
    """What the transport says."""

    state: Part = ("■ PAUSED", "warn", True)
    left: str = ""
    right: tuple[Part, ...] = ()


class LabTransport(Transport):
    """Back, run, forward; the seed, the packet in hand, the time, the place."""

    told = Told()
    BUTTONS = (
        ("  |◂ ", "edge(-1)"),
        (" ◂◂ ", "go(-1)"),
        (" ■ RUNNING ", "run"),
        (" ▸▸ ", "step"),
        (" ▸| ", "edge(1)"),
    )

    def show(self, shown: Snapshot) -> None:
        """Another moment."""
        wide = self.size.width >= 100
        seed = next((s.shown for s in shown.settings if s.name == "seed"), "")
        left = f"seed {seed}   branch {shown.branch}   speed {shown.speed}" if wide else ""
        right: list[Part] = []
        if wide and shown.hand is not None:
            right += [("held ", "dim", False), (f"#{shown.hand.number + 1}   ", "warn", True)]
        if wide:
            right += [("t = ", "dim", False), (f"{milliseconds(shown.now)} ms   ", "fg", False)]
        else:
            right += [(f"{_ends(shown)}  ", "dim", False)]
        at = shown.count if shown.hand is None else shown.hand.number + 1
        right += [("packet " if wide else "", "dim", False), (f"{number(at)}", "fg", True)]
        right += _whole(shown, wide)
        told = Told(state(shown), left, tuple(right))
        if told != self.told:
            self.told = told
            self.refresh()

    def draw(self, out: Line, look: Palette) -> None:
        """Buttons at the left, numbers at the right."""
        told = self.told
        at = 0
        for text, action in self.BUTTONS:
            name = "dim" if action.startswith("edge") else "fg"
            if action == "run":
                text, name = f" {told.state[0]} ".ljust(11), told.state[1]
            at = out.put(at, text, style(tone(look, name), look.panel, bold=True))
        size = sum(len(text) for text, _, _ in told.right)
        start = out.width - size - 1
        put_parts(out, start, told.right, look)
        if start - at > 12:
            out.put(at + 2, fit(told.left, start - at - 4), style(look.dim, look.panel))


def _whole(shown: Snapshot, wide: bool) -> list[Part]:
    """How many packets there are or will be."""
    if shown.expected is None or not shown.newest:
        return [(f" / {number(len(shown.passages))} ", "dim", False)]
    count = max(shown.expected.packets, len(shown.passages))
    sign = "" if shown.expected.over else "+"
    word = " expected " if wide and not shown.outcome.over else " "
    return [(f" / {number(count)}{sign}{word}", "dim", False)]


def _ends(shown: Snapshot) -> str:
    """Where the first layer of both ends stands, in few letters: "ESTAB/ESTAB"."""
    states = [
        party.panels[0].state[:5].rstrip("-")
        for host in range(len(shown.hosts))
        for party in shown.parties
        if party.host == host and party.panels and party.panels[0].state
    ]
    return "/".join(states[:2])
