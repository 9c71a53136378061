"""How connections came to be: the name that was looked up, the handshakes."""

from __future__ import annotations

from collections import OrderedDict

from wirestep.capture import Capture
from wirestep.decode.contract import Registry
from wirestep.model import Message
from wirestep.timeline.export.har import Opening

TCP, SYN = 6, 2
FIRST = 64
"""Packets of a connection that its handshake is looked for in."""
FRESH = 5_000_000_000
"""Nanoseconds after an answer in which a connection is held to be what the name was asked for."""
MOST = 10_000
"""Questions, and answers, that are remembered."""


class Openings:
    """Is shown messages before requests are looked at; then tells of each connection once."""

    def __init__(self, capture: Capture, registry: Registry, spoken: frozenset[str]) -> None:
        """`spoken`: the protocols whose first message ends the opening."""
        self._columns = capture.columns
        self._spoken = spoken
        cards = registry.cards.items()
        self._lookups = frozenset(name for name, card in cards if card.stage == "lookup")
        self._handshakes = frozenset(name for name, card in cards if card.stage == "handshake")
        self.beside = self._lookups | self._handshakes
        """The protocols that must be shown."""
        self._asked: OrderedDict[int, int] = OrderedDict()
        """By number of a message: its time."""
        self._resolved: OrderedDict[str, tuple[int, int]] = OrderedDict()
        """By host: when its name was asked for, and told."""
        self._secured: dict[int, int] = {}
        """By conversation: time of the last message of a handshake ahead of all others."""
        self._met: set[int] = set()
        self._told: set[int] = set()

    def hear(self, message: Message) -> None:
        """One more message, of those that are `spoken`, or `beside`."""
        flow = int(self._columns.flow[message.record]) >> 1
        if message.protocol in self._spoken:
            self._met.add(flow)
        elif message.protocol in self._handshakes:
            if flow not in self._met:
                self._secured[flow] = message.time
        elif message.protocol in self._lookups:
            self._look_up(message)

    def _look_up(self, message: Message) -> None:
        asked = None if message.answers is None else self._asked.get(message.answers)
        if asked is None:
            self._asked[message.number] = message.time
        else:
            for host, _ in message.names:
                self._resolved[host] = asked, message.time
        for known in (self._asked, self._resolved):
            while len(known) > MOST:
                known.popitem(last=False)

    def of(self, connection: int, flow: int, began: int) -> Opening | None:
        """Of a connection's first request; None for the others, and where it was not seen."""
        if connection in self._told:
            return None
        self._told.add(connection)
        opened = self._opened(flow)
        if opened is None:
            return None
        start, connected = opened
        server = self._columns.flows.ends(flow)[1]
        asked, resolved = self._resolved.pop(server.host, (-1, -1))
        if not start - FRESH <= resolved <= start:
            asked = resolved = -1
        return Opening(asked, resolved, start, connected, self._secured.get(flow, -1))

    def _opened(self, flow: int) -> tuple[int, int] | None:
        """Times of the first packet, and of the end of TCP's handshake (-1: there is none)."""
        columns = self._columns
        rows = columns.rows_of(flow)[:FIRST]
        start = int(columns.time[rows[0]])
        if int(columns.flows.transport[flow]) != TCP:
            return start, -1
        if not int(columns.flags[rows[0]]) & SYN:
            return None
        client = int(columns.flow[rows[0]]) & 1
        answered = False
        for row in rows.tolist():
            mine = int(columns.flow[row]) & 1 == client
            opening = bool(int(columns.flags[row]) & SYN)
            if not mine and opening:
                answered = True
            elif mine and not opening and answered:
                return start, int(columns.time[row])
        return None
