"""Streams that carry something else once a CONNECT was accepted (RFC 9114 4.4, RFC 9220, 9297)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from wirestep.decode.contract import Payload
from wirestep.model import Side, Source

from .section import Section

CAPSULES = "capsule"
READ = {
    "": None,
    "websocket": "websocket",
    "connect-udp": CAPSULES,
    "connect-ip": CAPSULES,
    "webtransport": CAPSULES,
}
"""What a CONNECT asks for, and who reads it; plain bytes tell that themselves."""
PROXIES = ("connect-udp", "connect-ip")
"""Whose datagrams begin with a context (RFC 9298 section 4, RFC 9484 section 6)."""
MAX_TUNNELS = 1024
"""Tunnels of one connection that are remembered; the oldest goes first."""


@dataclass
class Tunnel:
    """One stream."""

    protocol: str
    capsules: bool = False
    """Both sides speak capsules, whatever it is (RFC 9297 section 3.4)."""
    accepted: bool = False
    sizes: list[int] = field(default_factory=lambda: [0, 0])
    """Bytes that each side has sent so far."""


class Tunnels:
    """The tunnels of one connection."""

    def __init__(self) -> None:
        self._known: dict[int, Tunnel] = {}

    def copy(self) -> Tunnels:
        """A checkpoint."""
        other = Tunnels()
        other._known = {
            tag: replace(one, sizes=list(one.sizes)) for tag, one in self._known.items()
        }
        return other

    def learn(self, tag: int | None, section: Section) -> None:
        """Headers of a request or a response."""
        if tag is None:
            return
        if section.get(":method") == "CONNECT":
            capsules = (section.get("capsule-protocol") or "").startswith("?1")
            self._known[tag] = Tunnel(section.get(":protocol") or "", capsules)
            if len(self._known) > MAX_TUNNELS:
                del self._known[next(iter(self._known))]
        elif tag in self._known and (section.get(":status") or "").startswith("2"):
            self._known[tag].accepted = True

    def protocol(self, tag: int) -> str:
        """What was opened on a stream; "" where that is not known."""
        return self._known[tag].protocol if tag in self._known else ""

    def through(
        self, tag: int | None, side: Side, source: Source, start: int, stop: int
    ) -> tuple[Payload, ...]:
        """Bytes of a DATA frame, where they are another protocol's."""
        tunnel = None if tag is None else self._known.get(tag)
        if tunnel is None or not tunnel.accepted:
            return ()
        if tunnel.protocol not in READ and not tunnel.capsules:
            return ()
        offset = tunnel.sizes[side]
        tunnel.sizes[side] += stop - start
        to = CAPSULES if tunnel.capsules else READ[tunnel.protocol]
        flow = "tunnel", tag
        return (Payload(source, start, stop, to, flow=flow, offset=offset, side=side),)
