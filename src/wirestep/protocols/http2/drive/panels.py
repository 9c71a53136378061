"""What may be seen of an HTTP/2 connection: settings, windows, streams."""

from __future__ import annotations

from wirestep.exchange.contract import Fact, Panel
from wirestep.protocols.http2.names import SETTINGS_NAMES

from .link import STATES, WINDOW, Lane, Link

MOST_STREAMS = 8
"""Streams that get a panel of their own: those that are open first, then the newest."""


def panels(link: Link, title: str) -> tuple[Panel, ...]:
    """One panel for the connection, one for each stream."""
    facts = [
        _window("may send", link.h2.outbound_flow_control_window),
        _window("may receive", link.h2.inbound_flow_control_window),
        Fact("our settings", _settings(dict(link.h2.local_settings.items()))),
        Fact("their settings", _settings(dict(link.h2.remote_settings.items()))),
    ]
    still = [lane for lane in link.lanes.values() if lane.open]
    facts.insert(0, Fact("streams", f"{len(still)} open of {len(link.lanes)}"))
    if link.gone:
        facts.append(Fact("GOAWAY", f"{link.gone.error}, last stream {link.gone.last}"))
    over = [lane for lane in link.lanes.values() if not lane.open]
    spare = max(0, MOST_STREAMS - len(still))
    shown = [*still[:MOST_STREAMS], *(over[-spare:] if spare else ())]
    shown.sort(key=lambda lane: lane.number)
    return (Panel(title, facts=tuple(facts)), *(_stream(link, lane) for lane in shown))


def _stream(link: Link, lane: Lane) -> Panel:
    facts = [Fact("for", lane.label), Fact("received", f"{lane.received:,} bytes")]
    waiting = sum(map(len, lane.waiting))
    if lane.sent or waiting:
        sent = (
            f"{lane.sent:,} of {lane.sent + waiting:,} bytes" if waiting else f"{lane.sent:,} bytes"
        )
        facts.append(Fact("sent", sent, lane.sent / (lane.sent + waiting)))
    if lane.number in link.h2.streams and lane.open:
        stream = link.h2.streams[lane.number]
        facts.append(_window("may send", stream.outbound_flow_control_window))
        facts.append(_window("may receive", stream.inbound_flow_control_window))
    return lane.machine.panel(f"HTTP/2 stream {lane.number}", STATES, facts)


def _window(name: str, size: int) -> Fact:
    return Fact(name, f"{size:,} bytes", min(1.0, max(0, size) / max(WINDOW, size)))


def _settings(values: dict[int, int]) -> str:
    return ", ".join(
        f"{SETTINGS_NAMES.get(int(code), f'setting {int(code)}')} {value:,}"
        for code, value in values.items()
    )
