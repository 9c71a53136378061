"""The scenarios that come along, for lists; nothing runs."""

from __future__ import annotations

from wirestep.model import safe
from wirestep.wires.contract import Link
from wirestep.wires.plan import Fault
from wirestep.wires.scenario import Scenario, shelf

from .lab_settings import written_rate, written_time
from .lab_views import Shelved


def scenarios() -> list[Shelved]:
    """All of the shelf.

    Raises:
        ValueError: one of them is wrong: one sentence.
    """
    return [shelved(scenario) for scenario in shelf()]


def shelved(scenario: Scenario) -> Shelved:
    """What is told of a scenario."""
    links = list(scenario.links.values()) or [scenario.link]
    delay = max(link.delay for link in links)
    back = links[1].delay if len(links) == 2 else delay
    return Shelved(
        safe(scenario.name),
        safe(scenario.title),
        " ".join(safe(scenario.shows).split()),
        tuple(safe(one.upper()) for one in scenario.stack),
        tuple(safe(name) for name in scenario.hosts),
        delay + back,
        link_words(links[0]),
        ", ".join(_fault(fault) for fault in scenario.faults),
    )


def link_words(link: Link) -> str:
    """What stands out of a link: "loss 2 %, 2 Mbit/s"."""
    words = []
    if link.jitter:
        words.append(f"jitter {written_time(link.jitter)}")
    for name, value in (
        ("loss", link.loss),
        ("reordered", link.reorder),
        ("duplicated", link.duplicate),
        ("corrupted", link.corrupt),
    ):
        if value:
            words.append(f"{name} {100 * value:g} %")
    if link.lose or link.every:
        words.append("lost on purpose")
    if link.rate:
        words.append(written_rate(link.rate))
    if link.mtu != Link().mtu:
        words.append(f"MTU {link.mtu}" + (" (black hole)" if link.hole else ""))
    return ", ".join(words)


def _fault(fault: Fault) -> str:
    """ "the 2nd packet from server: drop"."""
    which = f"packet {fault.packet}" if fault.packet else "a packet"
    if not fault.packet and fault.times > 1:
        which = f"{fault.times} packets"
    whose = f" from {safe(fault.sender)}" if fault.sender else ""
    return f"{which}{whose}: {fault.fate.kind}"
