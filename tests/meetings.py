"""Endpoints that meet without a wire: in order, at once or after a delay, in virtual time.

What the wires do with loss, segments and windows is tested with them; here only what endpoints say.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field

from frames import Turn, tcp_records, udp_records
from trees import check_names, check_tree

from wirestep.decode.engine import Engine
from wirestep.exchange.contract import (
    Abort,
    End,
    Ended,
    Endpoint,
    Failed,
    Input,
    Open,
    Output,
    Received,
    Say,
    Secret,
    Send,
    Started,
    Tell,
    Told,
    Transport,
    WakeAt,
    Woken,
)
from wirestep.model import Address, Message, Side
from wirestep.protocols import REGISTRY

SECOND = 1_000_000_000
LARGE = 500
"""Bytes of messages whose trees are not checked bit by bit: that takes its time."""
Servers = Mapping[tuple[Transport, Address], Callable[[], Endpoint]]


@dataclass
class Party:
    """One endpoint on its way."""

    endpoint: Endpoint
    transport: Transport
    address: Address
    peer: Party | None = None
    opener: Party | None = None
    key: Hashable = None
    opened: dict[Hashable, Party] = field(default_factory=dict)
    alarm: int = 0
    last: Address | None = None
    sent: list[bytes] = field(default_factory=list)
    ended: bool = False
    gone: bool = False


class Meeting:
    """A client and those it finds; `cut` makes the pieces a stream arrives in.

    `drop` is asked for each datagram: (its place, its bytes) -> lost or not.
    """

    def __init__(
        self,
        client: Endpoint,
        servers: Servers,
        *,
        at: Address,
        transport: Transport = "tcp",
        delay: int = 0,
        cut: Callable[[bytes], list[bytes]] = lambda data: [data],
        drop: Callable[[int, bytes], bool] = lambda place, data: False,
    ) -> None:
        self.now = 0
        self.told: list[object] = []
        self.told_at: list[int] = []
        self.said: list[str] = []
        self.secrets: list[str] = []
        self.log: list[tuple[int, Side, bytes]] = []
        """(port of the client's end, who sent, what), in order."""
        self.parties: list[Party] = []
        self.turns: list[tuple[Party, bytes]] = []
        """Who sent what, in order."""
        self._servers = servers
        self._delay = delay
        self._cut = cut
        self._drop = drop
        self._queue: list[tuple[int, int, Party, Input, int]] = []
        self._count = 0
        self._datagrams = 0
        self._listening: dict[Address, Party] = {}
        self.client = self._open(transport, at, client, None, None)

    def run(self, until: int = 3600 * SECOND, steps: int = 100_000) -> list[object]:
        """Everything that was told by the client, once nobody has anything left to do."""
        for _ in range(steps):
            if not self._queue or self._queue[0][0] > until:
                return self.told
            self.now, _, party, event, alarm = heapq.heappop(self._queue)
            if party.gone or (isinstance(event, Woken) and alarm != party.alarm):
                continue
            if isinstance(event, Received) and event.sender is not None:
                party.last = event.sender
            party.gone = isinstance(event, Failed)
            self._do(party, party.endpoint.handle(event, self.now))
        raise AssertionError("they never come to an end")

    def stream(self, party: Party) -> bytes:
        """What a party sent."""
        return b"".join(party.sent)

    def read(self, port: int) -> list[Message]:
        """What was said on all ways, as our decoders read it: whole, and not one byte broken."""
        messages: list[Message] = []
        for party in self.parties:
            turns: list[Turn] = [
                (side, data) for at, side, data in self.log if at == party.address.port and data
            ]
            records = (tcp_records if party.transport == "tcp" else udp_records)(turns, port)
            engine = Engine(REGISTRY)
            messages += [each for record in records for each in engine.feed(record, full=True)]
        for message in messages:
            assert message.root is not None
            assert message.source is not None
            assert "broken" not in message.marks, message.summary
            if message.length <= LARGE:
                check_tree(message.root, message.source.data)
            check_names(message.root, REGISTRY)
            notes = [note for part in message.root.walk() for note in part.notes]
            assert not [note for note in notes if note.level in ("broken", "bug")], notes
        return messages

    def _at(self, time: int, party: Party, event: Input, alarm: int = 0) -> None:
        self._count += 1
        heapq.heappush(self._queue, (time, self._count, party, event, alarm))

    def _open(
        self,
        transport: Transport,
        to: Address,
        endpoint: Endpoint,
        opener: Party | None,
        key: Hashable,
    ) -> Party:
        host = opener.address.host if opener else "192.0.2.7"
        party = Party(endpoint, transport, Address(host, 50_000 + len(self.parties)))
        party.opener, party.key = opener, key
        self.parties.append(party)
        if opener is not None:
            opener.opened[key] = party
        maker = self._servers.get((transport, to))
        if transport == "udp":
            if maker is not None and to not in self._listening:
                self._listening[to] = Party(maker(), "udp", to)
            party.peer = self._listening.get(to)
        elif maker is None:
            self._at(self.now + 2 * self._delay, party, Failed("refused"))
            return party
        else:
            other = Party(maker(), "tcp", to, party)
            party.peer = other
            self._at(self.now + 2 * self._delay, other, Started(to, party.address))
        way = 2 * self._delay if transport == "tcp" else 0
        self._at(self.now + way, party, Started(party.address, to))
        return party

    def _do(self, party: Party, outputs: list[Output]) -> None:
        for out in outputs:
            match out:
                case Send(data, to):
                    self._send(party, data, to)
                case End() if party.transport == "udp":
                    party.gone = party.peer is not None
                case End() if not party.ended:
                    party.ended = True
                    self._to_peer(party, Ended())
                case Abort():
                    party.gone = True
                    self._to_peer(party, Failed("reset"))
                case WakeAt(time):
                    party.alarm += 1
                    if time is not None:
                        self._at(max(time, self.now), party, Woken(), party.alarm)
                case Say(text):
                    self.said.append(text)
                case Secret(line):
                    self.secrets.append(line)
                case Open(key, transport, to, endpoint):
                    self._open(transport, to, endpoint, party, key)
                case Tell(key, value):
                    self._tell(party, key, value)

    def _send(self, party: Party, data: bytes, to: Address | None) -> None:
        party.sent.append(data)
        self.turns.append((party, data))
        client = party in self.parties
        back = to or party.last
        far = (party.peer.address if party.peer else None) if party.transport == "tcp" else back
        near = party.address if client else far
        self.log.append((near.port if near else 0, Side(not client), data))
        if party.transport == "tcp":
            assert data, "nothing is sent"
            assert not party.ended, "bytes after the end"
            for piece in self._cut(data):
                self._to_peer(party, Received(piece))
            return
        self._datagrams += 1
        if self._drop(self._datagrams, data):
            return
        if party.peer is not None:
            self._to_peer(party, Received(data, party.address))
            return
        for other in self.parties:
            if other.transport == "udp" and other.address == back:
                self._at(self.now + self._delay, other, Received(data, party.address))

    def _to_peer(self, party: Party, event: Input) -> None:
        if party.peer is not None:
            self._at(self.now + self._delay, party.peer, event)

    def _tell(self, party: Party, key: Hashable, value: object) -> None:
        if key is not None:
            self._at(self.now, party.opened[key], Told(None, value))
        elif party.opener is not None:
            self._at(self.now, party.opener, Told(party.key, value))
        else:
            self.told.append(value)
            self.told_at.append(self.now)
