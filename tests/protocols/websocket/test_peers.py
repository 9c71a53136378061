"""WebSocket with a peer of others, over loopback: the websockets library asks, and answers."""

from __future__ import annotations

import asyncio
import http
import random
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest
import websockets
from echoing import LOOPBACK, Errand, Story
from websockets.asyncio.server import ServerConnection, serve
from websockets.extensions.permessage_deflate import (
    ClientPerMessageDeflateFactory,
    ServerPerMessageDeflateFactory,
)

from wirestep.exchange.contract import Done, Request, Response, Wish
from wirestep.model import Address
from wirestep.protocols.websocket import drive, lab
from wirestep.wires.sockets import listen_tcp

WORDS = ("hello", "", "ü" * 40_000, b"", b"\x00\xff" * 70_000, "hello", "hello")
LONG = random.Random(9).randbytes(300_000)


# They ask


@asynccontextmanager
async def served(kind: str = "echo", **options: object) -> AsyncIterator[str]:
    """Our server on a port, as a URL; nothing may have gone wrong in it."""
    story, chance = Story(), random.Random(1)
    named = {name.replace("_", "-"): value for name, value in options.items()}
    make = lab.SERVERS[kind]
    at = await listen_tcp(story.host, LOOPBACK, lambda: make(None, chance, named))
    try:
        yield f"ws://{at}/chat"
    finally:
        await story.host.close()
    assert not story.faults


@pytest.mark.parametrize("mine", [True, False])
@pytest.mark.parametrize("theirs", [True, False])
@pytest.mark.parametrize("bits", [9, 15])
async def test_each_way_of_compressing(mine: bool, theirs: bool, bits: int) -> None:
    """Contexts kept or not on either side, windows small and large (RFC 7692 section 7.1)."""
    offer = ClientPerMessageDeflateFactory(
        client_no_context_takeover=not mine,
        server_no_context_takeover=not theirs,
        client_max_window_bits=bits,
        server_max_window_bits=bits,
    )
    async with served() as url:
        extensions = [offer]
        async with websockets.connect(url, extensions=extensions, compression=None) as way:
            assert way.protocol.extensions
            for word in (*WORDS, LONG):
                await way.send(word)
                assert await asyncio.wait_for(way.recv(), 10) == word


@pytest.mark.parametrize("fragment", [0, 500])
@pytest.mark.parametrize("compression", ["deflate", None])
async def test_fragments_both_ways_with_pings_between(
    fragment: int, compression: str | None
) -> None:
    said = [f"{number} hello hello " for number in range(40)]

    async def pieces(way: websockets.ClientConnection) -> AsyncIterator[str]:
        for piece in said:
            yield piece
            await (await way.ping())

    async with (
        served(fragment=fragment) as url,
        websockets.connect(url, compression=compression) as way,
    ):
        for _ in range(3):
            await way.send(pieces(way))
            assert await asyncio.wait_for(way.recv(), 10) == "".join(said)


async def test_subprotocols_and_closes() -> None:
    async with served("subprotocol", close_after=2) as url:
        names = [websockets.Subprotocol("v0"), websockets.Subprotocol("v1.echo.lab")]
        async with websockets.connect(url, subprotocols=names) as way:
            assert way.subprotocol == "v1.echo.lab"
            await way.send("a")
            await way.send("b")
            assert await way.recv() == "v1.echo.lab: a"
            assert await way.recv() == "v1.echo.lab: b"
            with pytest.raises(websockets.ConnectionClosedOK):
                await asyncio.wait_for(way.recv(), 10)
            assert (way.close_code, way.close_reason) == (1001, "that was enough")


async def test_ticks() -> None:
    async with served("ticker", every=0.01, ticks=5) as url, websockets.connect(url) as way:
        ticks = [tick async for tick in way]
        assert len(ticks) == 5
        assert way.close_code == 1000


async def test_what_is_refused() -> None:
    async with served(refuse=403) as url:
        with pytest.raises(websockets.InvalidStatus, match="403"):
            await websockets.connect(url)
    async with served("go-sample") as url:
        with pytest.raises(websockets.InvalidHandshake, match="Sec-WebSocket-Accept"):
            await websockets.connect(url)


# They answer

Serving = Callable[[ServerConnection], Coroutine[Any, Any, None]]


async def echo(way: ServerConnection) -> None:
    async for said in way:
        await way.send(said)


async def asked(serving: Serving, *requests: Request, how: Any = None, **options: object) -> Story:
    """What our client was told by a server that does `serving`."""
    async with serve(serving, "127.0.0.1", 0, **(how or {})) as server:
        at = Address(*server.sockets[0].getsockname()[:2])
        story = Story()
        wish = Wish(str(at), (Request(target="/chat"), *requests), dict(options))
        client = drive.CLIENTS["messages"](wish, random.Random(1))
        story.host.run(Errand("tcp", at, client))  # type: ignore[arg-type]
        await story.finish()
        await story.host.close()
    assert not story.faults
    return story


def bodies(story: Story) -> list[bytes]:
    told = [each for each in story.told if isinstance(each, Response)]
    return [each.body for each in told if each.status in ("text", "binary")]


def message(word: str | bytes) -> Request:
    return Request("TEXT", word) if isinstance(word, str) else Request("BINARY", body=word)


@pytest.mark.parametrize("fragment", [0, 1000])
@pytest.mark.parametrize("compression", ["deflate", None])
@pytest.mark.parametrize("takeover", [True, False])
async def test_our_words_come_back(fragment: int, compression: str | None, takeover: bool) -> None:
    how = {"compression": compression}
    words = [message(word) for word in WORDS]
    story = await asked(echo, *words, how=how, fragment=fragment, takeover=takeover)
    assert bodies(story) == [each if isinstance(each, bytes) else each.encode() for each in WORDS]
    assert story.told[-1] == Done("")


async def test_a_server_that_wants_small_windows_and_no_contexts() -> None:
    factory = ServerPerMessageDeflateFactory(
        server_no_context_takeover=True,
        client_no_context_takeover=True,
        server_max_window_bits=9,
        client_max_window_bits=9,
    )
    how = {"extensions": [factory], "compression": None}
    story = await asked(echo, *[message(LONG), message("x" * 5000)], how=how)
    assert bodies(story) == [LONG, b"x" * 5000]
    assert story.told[-1] == Done("")


async def test_a_server_that_closes() -> None:
    async def closing(way: ServerConnection) -> None:
        await way.recv()
        await way.close(4000, "no more")

    story = await asked(closing, Request("TEXT", "a"), Request("TEXT", "b"))
    why = "The server closed before everything was said: 4000 (no more)."
    assert story.told[-1] == Done(why)


async def test_a_server_that_says_no() -> None:
    def refuse(way: ServerConnection, request: Any) -> Any:
        return way.respond(http.HTTPStatus.UNAUTHORIZED, "who are you?\n")

    story = await asked(echo, Request("TEXT", "a"), how={"process_request": refuse})
    assert story.told == [Done("The server does not open a WebSocket: 401.")]


async def test_a_server_that_pings() -> None:
    async def pinging(way: ServerConnection) -> None:
        for _ in range(3):
            await asyncio.wait_for(await way.ping(), 5)
        await way.send("three pongs")

    story = await asked(pinging, hear=1)
    assert bodies(story) == [b"three pongs"]
    assert story.told[-1] == Done("")


async def test_a_subprotocol_that_both_speak() -> None:
    async def name(way: ServerConnection) -> None:
        await way.send(way.subprotocol or "none")

    how = {"subprotocols": [websockets.Subprotocol("b"), websockets.Subprotocol("c")]}
    story = await asked(name, how=how, subprotocols="a, b", hear=1)
    assert bodies(story) == [b"b"]
