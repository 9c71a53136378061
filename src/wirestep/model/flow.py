"""Who talks with whom."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple


class Side(IntEnum):
    """The client is who opened the conversation."""

    CLIENT = 0
    SERVER = 1

    @property
    def other(self) -> Side:
        """The side it talks with."""
        return _OTHERS[self]


_OTHERS = (Side.SERVER, Side.CLIENT)


class Address(NamedTuple):
    """An end of a conversation; the host is text already ("10.0.0.1", "00:11:22:33:44:55")."""

    host: str
    port: int = 0

    def __str__(self) -> str:
        if not self.port:
            return self.host
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Flow:
    """One conversation."""

    number: int
    """Place among all flows of one engine, counted from 0."""
    protocol: str
    """Who reads it: a protocol's name ("dns"), "data" where nobody does."""
    client: Address
    server: Address
    carrier: str = ""
    """What carries it: "tcp", "udp", or "" for a flow inside another one."""
    stream: int = -1
    """Number among the conversations of its carrier, as tcp.stream; -1 for none."""
    parent: int | None = None
    """The flow that carries this one (TLS records under handshake messages), if any."""
