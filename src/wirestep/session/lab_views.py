"""What the lab shows: frozen, made safe, ready to draw. Times are ns of the wire's clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from wirestep.exchange.contract import Fact, Panel
from wirestep.wires.contract import MS, SECOND, Fate, Outcome, Party, Said, Timer

ACTIONS = ("deliver", "drop", "delay", "duplicate", "corrupt", "edit")
"""What can be done to a packet, in the order in which the screen shows it."""


class Passage(NamedTuple):
    """One packet on the wire, for its arrow."""

    number: int
    """Place in the order of leaving, from 0; people see number + 1."""
    journey: int
    """What the wire calls it."""
    sender: int
    """Place among Snapshot.hosts."""
    target: int
    left: int
    lands: int
    """When it arrives, or would have arrived."""
    never: bool
    """It does not arrive."""
    stopped: int | None
    """When it was stopped on its way; None where it flies."""
    fate: str
    """As in wires.contract.Journey: "" for nothing special."""
    label: str
    """What it says, in a word or three; safe."""
    hue: str
    size: int
    """Bytes of the IP packet."""
    weighty: bool
    """It carries more than an acknowledgement."""
    marks: tuple[str, ...] = ()
    """See model.Message.marks."""
    why: str = ""
    """What made its host send it: "#3" or the name of a timer; "" where nobody can say."""
    copy_of: int | None = None


@dataclass(frozen=True, slots=True)
class Host:
    """One lifeline."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Setting:
    """One number of the link (or the seed), as the screen edits it."""

    name: str
    """"rtt", "rate" ..."""
    title: str
    shown: str
    """With its unit."""
    plain: str
    """As it is typed."""
    share: float | None = None
    """0 to 1, where a slider helps."""
    changed: bool = False
    """It is not what the scenario says."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What the wire will do if nobody touches it."""

    packets: int
    ends: int
    """When the last of them lands."""
    lefts: tuple[int, ...] = ()
    """When each leaves."""
    over: bool = True
    """False where the run was stopped before its end."""


@dataclass(frozen=True, slots=True)
class Consequence:
    """What happens if something is done to the packet under the hand."""

    action: str
    text: str
    """One safe sentence; "" while it is being worked out."""
    parts: tuple[tuple[str, bool], ...] = ()
    """The same in pieces: (text, whether it is a number worth seeing)."""


@dataclass(frozen=True, slots=True)
class Branch:
    """One line of the list of branches."""

    name: str
    """"A", "B" ..."""
    origin: str
    """The branch it left, "" for the first."""
    told: str
    """What was decided in it: "#5 dropped, #9 delayed 280 ms"; safe."""
    packets: int
    now: int
    over: bool
    error: str = ""
    link: str = ""
    """What of the link is not as the scenario says."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The lab as it stands, or as it stood at an earlier packet."""

    version: int
    name: str
    title: str
    about: str
    branch: str
    now: int
    place: int
    """Which moment of the record this is, from 0."""
    places: int
    """Moments of the record."""
    hosts: tuple[Host, ...]
    passages: tuple[Passage, ...]
    """All packets of the branch; from `count` on they had not left at this moment."""
    count: int
    under_way: tuple[int, ...]
    """Passages that left and have not landed, the oldest first."""
    way: int
    """What one way across takes, as the link says."""
    pace: int
    """Ns that a row of the ladder should stand for."""
    held: int | None
    """The packet under the hand: its place among the passages."""
    parties: tuple[Party, ...]
    timers: tuple[Timer, ...]
    said: tuple[Said, ...]
    outcome: Outcome
    settings: tuple[Setting, ...]
    branches: tuple[Branch, ...]
    undoable: str = ""
    """The last decision in words, "" where there is none to take back."""
    running: bool = False
    speed: str = "1×"
    stopped: str = ""
    """Why running stopped: one safe sentence."""
    told: str = ""
    """A sentence for the user."""
    tellings: int = 0
    """How many there were: it is shown when this changes."""
    expected: Expected | None = None
    consequences: Mapping[str, Consequence] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def newest(self) -> bool:
        """Whether this is the last moment there is."""
        return self.place >= self.places - 1

    @property
    def hand(self) -> Passage | None:
        """The packet under the hand."""
        return None if self.held is None else self.passages[self.held]


@dataclass(frozen=True, slots=True)
class Shelved:
    """A scenario that ships with the program. All text is safe."""

    name: str
    title: str
    about: str
    """What it shows: one or two sentences."""
    stack: tuple[str, ...]
    """What is spoken, the lowest first, as badges say it."""
    hosts: tuple[str, ...]
    rtt: int
    link: str
    """In words: "280 ms, loss 2 %"."""
    fault: str
    """What is done to it, in words; "" for nothing."""


@dataclass(frozen=True, slots=True)
class Staged:
    """A scenario that is asked for."""

    about: Shelved
    overrides: Mapping[str, object] = field(default_factory=dict)
    path: str = ""
    """Where it lies, if it is not on the shelf."""


__all__ = [
    "ACTIONS",
    "MS",
    "SECOND",
    "Branch",
    "Consequence",
    "Expected",
    "Fact",
    "Fate",
    "Host",
    "Outcome",
    "Panel",
    "Party",
    "Passage",
    "Said",
    "Setting",
    "Shelved",
    "Snapshot",
    "Staged",
    "Timer",
]
