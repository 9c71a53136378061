"""A small chat room over WebSocket: ws_server.py ADDRESS. Pings each guest, echoes, then closes."""

from __future__ import annotations

import asyncio
import sys

from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

GREETING = "welcome to the room, anna; three people are here"
FAREWELL = "goodbye"


async def room(guest: ServerConnection) -> None:
    await guest.send(GREETING)
    alive = await guest.ping(b"still there?")
    await alive
    async for words in guest:
        await guest.send(words if isinstance(words, bytes) else f"anna says: {words}")
        if words == FAREWELL:
            await guest.close(1000, "the room is closed")


async def main(address: str) -> None:
    protocols = [Subprotocol("chat")]
    async with serve(room, address, 80, subprotocols=protocols, ping_interval=None) as server:
        await server.serve_forever()


asyncio.run(main(sys.argv[1]))
