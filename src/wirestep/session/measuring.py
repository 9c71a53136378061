"""What a ledger foresees, measured: the nearest exchange is run in the lab and billed likewise."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from wirestep.decode.secrets import Secrets
from wirestep.protocols import REGISTRY
from wirestep.timeline.analysis import TcpAnalysis
from wirestep.timeline.ledger import Ledger, ledger
from wirestep.wires.run import Run
from wirestep.wires.scenario import parse
from wirestep.wires.tap import capture, log

from .billing import Bill, Change
from .decoding import decoded
from .exchanges import Facts

OLD = " old"


@dataclass(frozen=True, slots=True)
class Measured:
    """What the lab's run took, nanoseconds; lookups are those that were recorded."""

    first: int
    complete: int | None
    trips: int
    scenario: str
    """The text of the scenario that was run."""


@cache
def _texts() -> tuple[str, dict[str, str]]:
    table = tomllib.loads(files(__package__).joinpath("measuring.toml").read_text("utf-8"))
    return table["scenario"], table["changes"]


def measured(change: Change, bill: Bill) -> Measured | None:
    """A run in the lab under the change, with the round trip of the bill's server and its thinking.

    None where the lab has nothing like it (what was recorded itself, another round trip).
    """
    scenario, texts = _texts()
    lookups = [line for line in bill.lines if line.stage == "lookup" and not line.page]
    key = _deeper(change, bill) if change.deeper else change.key
    if change.old:
        key += OLD
    if key not in texts or bill.first is None:
        return None
    asked = [line for line in bill.lines if not line.page and line.stage == ""]
    rtt = next((line.trip for line in reversed(asked) if line.trip), 0)
    think = sum(line.length for line in asked if line.kind == "server") / 1e9
    content = scenario.format(rtt=rtt, think=think) + texts[key]
    run = parse(content, "what if").start()
    run.run()
    made = ledger_of(run)
    if made.first is None:
        return None
    start = made.items[0].start
    before = 0 if change.deeper else sum(line.length for line in lookups)
    paid = 0 if change.deeper else sum(line.trips for line in lookups)
    complete = None if made.complete is None else made.complete.time - start + before
    return Measured(made.first.time - start + before, complete, made.first.trips + paid, content)


def _deeper(change: Change, bill: Bill) -> str:
    """The change that one below it builds on."""
    place = bill.changes.index(change)
    return bill.changes[place - 1].key if place else change.key


def ledger_of(run: Run, tap: str = "client") -> Ledger:
    """The ledger of a run in the lab, from the packets at the door of a host."""
    seen = capture(run, tap)
    frames, datas = [], dict[int, bytes]()
    for frame in decoded(seen, REGISTRY, secrets=Secrets(log(run))):
        frames.append(frame.messages)
        datas[frame.record.number] = frame.record.data
    analysis = TcpAnalysis()
    analysis.extend(seen.columns, datas.__getitem__)
    facts = Facts(seen.columns, analysis.view(), REGISTRY, str)
    made = ledger(frames, facts.tell, facts.stage)
    seen.close()
    return made
