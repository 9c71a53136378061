"""A sequence diagram of messages: lifelines, and one arrow for each message, record and packet.

A step stands for a message of some level. Coarse steps come first, the finer ones that carried
them right below, one deeper: message, then the records, then the packets. A packet that carried
nothing of its own (SYN, a pure ACK) is a step of depth 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from wirestep.model import Address, Message

from .scale import UNKNOWN, Scale
from .scale_phases import NO_PHASES, Phases
from .scale_steps import Step as Step

FINENESS = {"message": 0, "note": 0, "record": 1, "packet": 2}
FOLDS = ("phase", "message", "record", "packet")
"""How fine a ladder is drawn, coarse to fine."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """All steps of some messages, in order of time."""

    hosts: tuple[str, ...]
    """Lifelines from left to right, as addresses."""
    steps: tuple[Step, ...]
    scale: Scale = UNKNOWN
    """When their packets left and arrived."""

    phases: Phases = NO_PHASES
    """Their coarsest fold."""

    def step(self, number: int) -> Step:
        """A step or a phase by its number."""
        count = len(self.steps)
        return self.steps[number] if number < count else self.phases.steps[number - count]

    def folded(self, fold: str, opened: frozenset[int] = frozenset()) -> list[Step]:
        """The steps to draw at one of FOLDS; steps below those `opened` are drawn as well."""
        if fold == FOLDS[0]:
            return self._in_phases(opened)
        fine = FINENESS[fold]
        return [
            step
            for step in self.steps
            if (FINENESS[step.level] <= fine)
            or step.weighty
            or (step.depth > 0 and step.parent in opened)
        ]

    def _in_phases(self, opened: frozenset[int]) -> list[Step]:
        """The phases; below those that are opened their steps, one deeper."""
        wanted: dict[int, list[Step]] = {number: [] for number in opened}
        for step in self.steps if opened else ():
            phase = self.phases.inside.get(step.parent, -1)
            if phase in wanted and (step.depth == 0 or step.parent in opened):
                wanted[phase].append(replace(step, depth=step.depth + 1))
        drawn = []
        for phase_step in self.phases.steps:
            drawn += [phase_step, *wanted.get(phase_step.number, ())]
        return drawn


Hue = Callable[[str], str]
Judge = Callable[[Message], tuple[bool, str] | None]
"""Whether an encrypted unit was opened, and why not; None for a message that was never closed."""
HEAVY_MARKS = frozenset({"retransmission", "gap", "lost", "reset", "zero-window", "broken"})
OPENING = ("[SYN", "[FIN", "[RST", ", FIN", ", RST")


def ladder(
    frames: Sequence[Sequence[Message]],
    hue: Hue,
    most: int = 8,
    judge: Judge = lambda message: None,
    stage: Hue = lambda protocol: "",
) -> Ladder:
    """The ladder of frames (each: the messages that one record completed, outermost first).

    `hue` gives the colour of a protocol's name, `stage` what it is there for. Hosts
    beyond `most` share the last lifeline. Below the first unit of a conversation that `judge` says
    to be closed, a note says why.
    """
    hosts: dict[str, int] = {}
    builder = _Builder(hosts, (hue, stage), most, _carried(frames), judge)
    for messages in frames:
        builder.frame(messages)
    return Ladder(tuple(hosts), tuple(builder.finished()))


def _carried(frames: Sequence[Sequence[Message]]) -> Mapping[int, int]:
    """By record: the record that completed the first message which has bytes of it."""
    later: dict[int, int] = {}
    for messages in frames:
        for message in messages:
            if message.level in ("message", "record") and len(message.records) > 1:
                for record in message.records:
                    if record != message.record:
                        later.setdefault(record, message.record)
    return later


class _Builder:
    """Grows the list of steps, frame by frame."""

    def __init__(
        self,
        hosts: dict[str, int],
        told: tuple[Hue, Hue],
        most: int,
        carried: Mapping[int, int],
        judge: Judge,
    ) -> None:
        self.hosts, self.most, self.carried = hosts, most, carried
        self.hue, self.stage = told
        self.judge = judge
        self.said: dict[int, tuple[bool, str]] = {}
        """By message number, of this frame: what `judge` says."""
        self.told: set[int] = set()
        """Conversations of which a note says why they stay closed."""
        self.steps: list[Step] = []
        self.waiting: dict[int, list[Message]] = {}
        """By completing record: the packets that carried parts of what it completes."""
        self.times: dict[int, int] = {}
        self.places: dict[int, int] = {}
        """By message number: its step."""
        self.layers: dict[int, int] = {}
        """By message number: its place among the messages of its record."""

    def frame(self, messages: Sequence[Message]) -> None:
        drawn = [m for m in messages if m.level and m.sender is not None]
        if not drawn:
            return
        self.times[drawn[0].record] = drawn[0].time
        self.layers.update((message.number, place) for place, message in enumerate(messages))
        self._judge(messages)
        packets = [m for m in drawn if m.level == "packet"]
        above = [m for m in drawn if m.level != "packet"]
        if not above:
            for packet in packets:
                self._packet(packet)
            return
        inside = {m.inside for m in above}
        tops = [m for m in above if m.level == "message" or m.number not in inside]
        records = [m for m in above if m not in tops]
        carriers = [*self.waiting.pop(drawn[0].record, []), *packets]
        for place, top in enumerate(tops):
            mine = [m for m in records if m.number == top.inside] if top.inside is not None else []
            records = [m for m in records if m not in mine]
            self._group(top, mine, carriers if place == 0 else [])

    def _judge(self, messages: Sequence[Message]) -> None:
        self.said = {}
        for message in messages:
            said = self.judge(message)
            if said is None and message.inside is not None:
                # What can be read was not in the part that stays closed.
                around = self.said.get(message.inside, (False, ""))
                said = around if around[0] else None
            if said is not None:
                self.said[message.number] = said

    def _note(self, messages: Sequence[Message], parent: int) -> None:
        """Why a conversation stays closed, below its first unit that does."""
        for message in messages:
            opened, why = self.said.get(message.number, (True, ""))
            if opened or message.flow in self.told:
                continue
            self.told.add(message.flow)
            shown = self.places.get(message.number)
            number = self._step(message, 0, parent, True)
            self.places[message.number] = number if shown is None else shown
            self.steps[number] = replace(
                self.steps[number], level="note", label=f"not decrypted: {why}", answers=None
            )

    def _packet(self, packet: Message) -> None:
        """A packet alone: part of a message that a later record completes, or a step."""
        completing = self.carried.get(packet.record)
        if completing is not None and not packet.marks:
            self.waiting.setdefault(completing, []).append(packet)
            return
        weighty = bool(HEAVY_MARKS & set(packet.marks)) or any(
            mark in packet.summary for mark in OPENING
        )
        self._step(packet, 0, -1, weighty or packet.label != "TCP")

    def _group(self, top: Message, records: list[Message], packets: list[Message]) -> None:
        parent = self._step(top, 0, -1, True)
        for record in records:
            self._step(record, 1, parent, False)
        for packet in packets:
            heavy = bool(HEAVY_MARKS & set(packet.marks))
            self._step(packet, 2 if records else 1, parent, heavy)
        self._note([top, *records], parent)

    def _step(self, message: Message, depth: int, parent: int, weighty: bool) -> int:
        number = len(self.steps)
        assert message.sender is not None
        assert message.target is not None
        began = min((self.times.get(r, message.time) for r in message.records), default=0)
        answered = self.places.get(message.answers) if message.answers is not None else None
        step = Step(
            number,
            message.level,
            depth,
            number if parent < 0 else parent,
            self._lifeline(message.sender, message.target),
            self._lifeline(message.target, message.sender),
            message.brief or message.summary,
            message.label,
            self.hue(message.protocol),
            message.time,
            began if message.records else message.time,
            message.record,
            message.records,
            message.flow,
            message.marks,
            weighty,
            answered,
            layer=self.layers[message.number],
            stage=self.stage(message.protocol),
            opened=self.said.get(message.number, (None, ""))[0],
        )
        self.steps.append(step)
        self.places[message.number] = number
        return number

    def _lifeline(self, end: Address, other: Address) -> int:
        """Its host's; two programs on one host are told apart by their ports."""
        host = end.host if end.host != other.host else str(end)
        if host not in self.hosts:
            if len(self.hosts) >= self.most:
                return self.hosts.setdefault("others", len(self.hosts))
            self.hosts[host] = len(self.hosts)
        return self.hosts[host]

    def finished(self) -> list[Step]:
        """The steps, each knowing how many it folds away; packets still waiting come last."""
        for packets in list(self.waiting.values()):
            for packet in packets:
                self._step(packet, 0, -1, False)
        below = [0] * len(self.steps)
        for step in self.steps:
            if step.depth:
                below[step.parent] += 1
        return [_counted(step, count) for step, count in zip(self.steps, below, strict=True)]


def _counted(step: Step, below: int) -> Step:
    return replace(step, below=below) if below else step
