"""Servers of others: started on a free port, waited for, and ended with the test."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from wirestep.model import Address


def free_port() -> int:
    """A port of loopback that nobody listens on just now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@asynccontextmanager
async def running(port: int, *command: str) -> AsyncIterator[Address]:
    """A server, once it listens and as long as the test."""
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*command, stdout=quiet, stderr=quiet)
    try:
        async with asyncio.timeout(10):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                except OSError:
                    await asyncio.sleep(0.02)
                else:
                    break
        writer.close()
        yield Address("127.0.0.1", port)
    finally:
        process.terminate()
        await process.wait()
