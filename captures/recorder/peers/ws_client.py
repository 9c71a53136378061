"""Talks in the chat room of ws_server.py: ws_client.py URL."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator

from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

PICTURE = bytes(range(256)) * 2


async def in_pieces() -> AsyncIterator[str]:
    for piece in ("this message ", "comes in ", "three fragments"):
        yield piece
        await asyncio.sleep(0.02)


async def main(url: str) -> None:
    protocols = [Subprotocol("chat")]
    async with connect(url, subprotocols=protocols, ping_interval=None) as room:
        await room.recv()
        for words in ("hello everybody in the room", "hello everybody in the room", in_pieces()):
            await room.send(words)
            await room.recv()
        await room.send(PICTURE)
        await room.recv()
        await (await room.ping(b"and you?"))
        await room.send("goodbye")
        async for _ in room:
            pass


asyncio.run(main(sys.argv[1]))
