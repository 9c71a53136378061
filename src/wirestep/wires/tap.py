"""A run as a capture: what somebody who listens at one place would have recorded.

At a host's door its own packets are seen when they leave, those of others when they land, as they
arrive. On the wire ("wire") all are seen, when they leave and as they left.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import BinaryIO

from wirestep.capture.frames import Interface
from wirestep.capture.live import LiveCapture
from wirestep.capture.write import save as write
from wirestep.model import Record

from .contract import MS, START, Journey
from .frames import RAW_IP
from .link import LOST
from .run import Run

WIRE = "wire"
"""The tap that sees everything."""


def records(run: Run, tap: str = WIRE) -> list[Record]:
    """What was seen by now at `tap`: "wire", or the name of a host, in order of time.

    Times are those of the hosts' clocks (START). Packets that were lost or changed say so in a
    comment. Raises ValueError where there is no such host.
    """
    return [_record(run, number, *one) for number, one in enumerate(_seen(run, tap))]


def ways(run: Run, tap: str = WIRE) -> list[tuple[int, int]]:
    """For each of `records`: when it left and when it arrived, or would have."""
    found = []
    for _, journey, _ in _seen(run, tap):
        would = 2 * journey.middle - journey.left
        lands = would if journey.lands is None else journey.lands
        found.append((START + journey.left, START + lands))
    return found


def _seen(run: Run, tap: str) -> list[tuple[int, Journey, bool]]:
    """(when, packet, whether it is seen as it arrives) of what was seen by now, in order."""
    if tap == WIRE:
        seen = [(journey.left, journey, False) for journey in run.journeys]
    else:
        seen = list(_at_door(run, _place(run, tap)))
    return sorted(
        (one for one in seen if one[0] <= run.now), key=lambda one: (one[0], one[1].number)
    )


def _place(run: Run, name: str) -> int:
    for host in run.hosts:
        if host.name == name:
            return host.place
    raise ValueError(f"there is no host {name!r}; there are {', '.join(h.name for h in run.hosts)}")


def _at_door(run: Run, place: int) -> Iterator[tuple[int, Journey, bool]]:
    """(when, packet, whether it is seen as it arrives) of all that passes a host's door."""
    for journey in run.journeys:
        if journey.sender == place and journey.copy_of is None and not journey.routed:
            yield journey.left, journey, False
        elif journey.target == place and journey.lands is not None:
            yield journey.lands, journey, True


def _record(run: Run, number: int, time: int, journey: Journey, arrives: bool) -> Record:
    changed = journey.arrived if arrives else None
    data = journey.data if changed is None else changed
    comment = _comment(run, journey)
    return Record(
        number,
        START + time,
        data,
        len(data),
        RAW_IP,
        comments=(comment,) if comment else (),
        lost=journey.fate in LOST,
    )


def _comment(run: Run, journey: Journey) -> str:
    """What became of the packet, where it did not just arrive."""
    if journey.routed:
        return "from a router on the way"
    if journey.copy_of is not None:
        return f"a copy of packet {journey.copy_of + 1} of the wire"
    fate = journey.fate
    if fate == "delayed" and journey.lands is not None:
        return f"delayed: lands at {journey.lands / MS:g} ms"
    if fate == "held":
        return "held on the way"
    if fate in LOST or fate in ("corrupted", "edited"):
        target = run.hosts[journey.target].name
        ends = "never arrives" if fate in LOST else "arrives otherwise"
        return f"{fate}: {ends} at {target}"
    return ""


def capture(run: Run, tap: str = WIRE) -> LiveCapture:
    """A capture of what was seen by now; ended."""
    live = LiveCapture(f"lab, {tap}", [Interface(name=tap, link=RAW_IP)])
    live.append(records(run, tap))
    live.end()
    return live


def log(run: Run) -> bytes:
    """The key log of the run."""
    return "".join(line + "\n" for line in run.secrets).encode()


def save(run: Run, target: str | BinaryIO, tap: str = WIRE) -> int:
    """Write what was seen as pcapng, with the secrets; gives the number of packets.

    A new file with secrets can only be read by its owner. Raises OSError.
    """
    with closing(capture(run, tap)) as seen:
        return write(seen, target, secrets=log(run))
