"""What the lab's QUIC sends, as tshark reads it: the same packets with the same frames."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from frames import tshark_fields
from quic_pair import Pair, losing, pair
from quic_peers import read

from wirestep.decode.secrets import Secrets
from wirestep.exchange.contract import Request
from wirestep.protocols.quic.drive import Tickets

THREE = (Request(), Request(target="/users"), Request(target="/bytes/5000"))
NAMES = ("quic.packet_number", "quic.frame_type", "quic.stream.stream_id", "quic.dcid")
Row = tuple[list[int], ...]


def early() -> Pair:
    client, server = Tickets(), Tickets()
    pair(seed=9, options={"tickets": client}, serve={"tickets": server}).run()
    options = {"tickets": client, "early_data": True}
    return pair(*THREE, options=options, serve={"tickets": server})


def going_on(**deed: Any) -> Pair:
    return pair(*THREE, options={"in_turn": True, **deed})


# Not here: Retry and version 2, which tshark 4.0 does not decrypt.
RUNS = {
    "early-data": early,
    "migration": lambda: going_on(migrate=1),
    "key-update": lambda: going_on(key_update=1),
    "losses": lambda: pair(*THREE, seed=3, lose=losing(0.1, 3)),
}


def theirs(done: Pair, folder: Path) -> list[list[list[str]]]:
    """By datagram and name: the values, in order."""
    keys = folder / "keys"
    keys.write_text("\n".join(done.secrets) + "\n")
    rows = tshark_fields(done.records(), NAMES, folder, "-o", f"tls.keylog_file:{keys}")
    return [[row.get(name, []) for name in NAMES] for row in rows]


def ours(done: Pair) -> list[list[list[str]]]:
    found: list[list[list[str]]] = [[[] for _ in NAMES] for _ in done.sent]
    for message in read(done.records(), Secrets("\n".join(done.secrets).encode())):
        for field in message.root.walk() if message.protocol == "quic" and message.root else ():
            if field.name in NAMES:
                value = field.value.hex() if isinstance(field.value, bytes) else str(field.value)
                found[message.record][NAMES.index(field.name)].append(value)
    return found


@pytest.mark.tshark
@pytest.mark.parametrize("name", RUNS)
def test_the_same_packets_and_frames(name: str, tmp_path: Path) -> None:
    done = RUNS[name]().run()
    assert done.error == ""
    here, there = ours(done), theirs(done, tmp_path)
    for mine, other in zip(here, there, strict=True):
        assert mine == other
