"""A meeting before the one that is looked at, so that both know a session ticket."""

from __future__ import annotations

from wirestep.exchange.certificates import Identity
from wirestep.exchange.chance import drawing
from wirestep.exchange.contract import (
    Chance,
    Endpoint,
    Input,
    Output,
    Panel,
    Received,
    Send,
    Started,
    Wish,
)
from wirestep.model import Address
from wirestep.protocols.quic.drive import around
from wirestep.protocols.quic.drive.tickets import Tickets

from .server import Server

STEP = 10_000_000
ROUNDS = 20
CLIENT, SERVER = Address("192.0.2.1", 49_152), Address("192.0.2.2", 443)


class Silent:
    """Says nothing inside a connection."""

    def handle(self, event: Input, now: int) -> list[Output]:
        return []

    def panels(self) -> tuple[Panel, ...]:
        return ()


def acquaint(
    host: str,
    protocol: str,
    identity: Identity,
    client: Tickets,
    server: Tickets,
    chance: Chance,
    date: int,
) -> bool:
    """Let a client of `host` meet its server once, where nobody sees it.

    `protocol` is an ALPN id. A ticket of the date (ns since 1970) is left with both; False where
    none was given.
    """
    wish = Wish(host, (), {"verify": False, "tickets": client})
    ends: tuple[Endpoint, Endpoint] = (
        around({protocol: Silent}, wish, chance),
        Server({protocol: Silent}, identity, chance, {"tickets": server}),
    )
    with drawing(chance, date):
        waiting = _sent(ends[0].handle(Started(CLIENT, SERVER), 0))
        side = 1
        for turn in range(1, ROUNDS):
            answers: list[bytes] = []
            for data in waiting:
                event = Received(data, CLIENT if side else SERVER)
                answers += _sent(ends[side].handle(event, turn * STEP))
            if client.find(host, [protocol]):
                return True
            waiting, side = answers, 1 - side
    return False


def _sent(outputs: list[Output]) -> list[bytes]:
    return [wish.data for wish in outputs if isinstance(wish, Send)]
