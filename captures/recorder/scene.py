"""A scene: one story with what the home screen says about it, and the play itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from recorder.stage import Stage


@dataclass(frozen=True, slots=True)
class Scene:
    """What is told about a capture and how it is made.

    title: at most 30 characters. protocols: badges, lowest first.
    programs: whose versions the provenance names. rtt_ms: of the path.
    round_trips: until the first byte of the answer the story is about; 0 where that says nothing.
    wait_ms: how long a timer held that answer up beside the round trips.
    answer: a display filter whose first packet is that answer.
    keep: a display filter; packets that do not match are left out of the file.
    rate: bit/s of the long link. neighbours_known: nobody has to ask by ARP or ICMPv6.
    own_names: the client has a hosts file, so that it need not ask DNS.
    """

    name: str
    title: str
    about: str
    protocols: tuple[str, ...]
    programs: tuple[str, ...]
    play: Callable[[Stage], None]
    rtt_ms: int
    round_trips: int = 0
    wait_ms: int = 0
    answer: str = ""
    keep: str = ""
    rate: float = 20e6
    neighbours_known: bool = True
    own_names: bool = True
