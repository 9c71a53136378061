"""Endpoints over this machine's loopback: what they are told, and what is seen of it."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable

import pytest
from echoing import LOOPBACK, Asker, Echo, Errand, Story, served

from wirestep.exchange.contract import (
    Abort,
    Done,
    Ended,
    Failed,
    Input,
    Open,
    Output,
    Panel,
    Pause,
    Rebind,
    Received,
    Response,
    Resume,
    Send,
    Started,
    Tell,
    Transport,
    WakeAt,
    Woken,
)
from wirestep.model import Address
from wirestep.wires.sockets import Dialer, listen_tcp


@pytest.mark.parametrize("transport", ["tcp", "udp"])
async def test_a_conversation_in_turns(transport: Transport) -> None:
    story, echo, asker = Story(), Echo(), Asker([b"one", b"two" * 300])
    at = await served(story, transport, echo)
    story.host.run(Errand(transport, at, asker))
    await story.finish()
    assert story.told == [Response(0, ""), Done()]
    assert story.said == ["begins"]
    assert not story.faults
    started = asker.heard[0]
    assert isinstance(started, Started)
    assert started.peer == at
    if transport == "tcp":
        await story.quiet(lambda: Ended() in echo.heard and Ended() in asker.heard)
        assert echo.heard[0] == Started(at, started.local)
    else:
        first = echo.heard[1]
        assert first == Received(b"one", started.local)
    await story.host.close()


async def test_what_is_seen_of_a_connection_is_all_of_it_in_order() -> None:
    story, echo, asker = Story(), Echo(), Asker([b"hello"])
    at = await served(story, "tcp", echo)
    story.host.run(Errand("tcp", at, asker))
    await story.finish()
    await story.quiet(lambda: sum(one.kind == "end" for one in story.seen) == 4)
    local = asker.heard[0].local  # type: ignore[union-attr]
    client = [(one.kind, one.mine, one.data) for one in story.seen if one.local == local]
    server = [
        (one.kind, one.mine, one.data)
        for one in story.seen
        if one.local == at and one.kind != "listening"
    ]
    assert client == [
        ("opening", True, b""),
        ("opened", True, b""),
        ("data", True, b"hello"),
        ("data", False, b"hello"),
        ("end", True, b""),
        ("end", False, b""),
    ]
    assert server == [
        ("accepted", False, b""),
        ("data", False, b"hello"),
        ("data", True, b"hello"),
        ("end", False, b""),
        ("end", True, b""),
    ]
    times = [one.time for one in story.seen]
    assert times == sorted(times)
    await story.host.close()


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@pytest.mark.parametrize(
    ("to", "word"),
    [
        (lambda: Address("127.0.0.1", free_port()), "refused"),
        (lambda: Address("nowhere.invalid", 80), "no such name"),
        (lambda: Address("a" * 70 + ".example", 80), "no such name"),
    ],
    ids=["refused", "no-name", "no-label"],
)
async def test_a_way_that_does_not_open_has_its_word(to: Callable[[], Address], word: str) -> None:
    story, asker = Story(), Asker([b"x"])
    story.host.run(Errand("tcp", to(), asker))
    await story.finish()
    assert story.told[-1] in (Done(word), Done(f"the name cannot be looked up now: {word}"))
    assert asker.heard == [Failed(word)]
    await story.host.close()


async def test_udp_that_nobody_takes_is_refused() -> None:
    story, asker = Story(), Asker([b"x"])
    story.host.run(Errand("udp", Address("127.0.0.1", free_port()), asker))
    await story.finish()
    assert story.told == [Done("refused")]
    await story.host.close()


async def test_a_fixed_address_takes_the_place_of_the_name() -> None:
    echo, asker = Echo(), Asker([b"x"])
    dialer = Dialer()
    story = Story(dialer)
    at = await served(story, "tcp", echo)
    dialer.fixed = {("nowhere.invalid", at.port): "127.0.0.1"}
    story.host.run(Errand("tcp", Address("nowhere.invalid", at.port), asker))
    await story.finish()
    assert story.told[-1] == Done()
    await story.host.close()


async def test_the_next_address_is_tried() -> None:
    """localhost has two addresses on most machines, and the server one of them."""
    story, echo, asker = Story(), Echo(), Asker([b"x"])
    at = await served(story, "tcp", echo)
    story.host.run(Errand("tcp", Address("localhost", at.port), asker))
    await story.finish()
    assert story.told[-1] == Done()
    await story.host.close()


class Teller:
    """Does what it is given at Started, and keeps what it hears."""

    def __init__(self, *outputs: Output, then: Callable[[Input], list[Output]] | None = None):
        self.outputs, self.then = list(outputs), then
        self.heard: list[tuple[Input, int]] = []

    def handle(self, event: Input, now: int) -> list[Output]:
        self.heard.append((event, now))
        if isinstance(event, Started):
            return self.outputs
        return self.then(event) if self.then else []

    def panels(self) -> tuple[Panel, ...]:
        return ()


async def test_it_is_woken_at_its_time_or_later_and_once() -> None:
    story = Story()
    late, soon = Teller(WakeAt(9_000_000_000_000)), Teller(WakeAt(10), WakeAt(20_000_000))
    never = Teller(WakeAt(1_000_000), WakeAt(None))
    for one in (late, soon, never):
        story.host.run(one)
    await story.quiet(lambda: len(soon.heard) > 1)
    assert soon.heard[1][0] == Woken()
    assert soon.heard[1][1] >= 20_000_000
    assert len(never.heard) == len(late.heard) == 1
    await story.host.close()


async def test_abort_is_a_reset() -> None:
    story, echo = Story(), Echo()
    at = await served(story, "tcp", echo)
    asker = Teller(Send(b"x"), then=lambda event: [Abort()])
    story.host.run(Teller(Open("way", "tcp", at, asker)))
    await story.quiet(lambda: Failed("reset") in echo.heard)
    assert [one.mine for one in story.seen if one.kind == "reset"] == [True, False]
    await story.host.close()


async def test_endpoints_of_a_host_talk_with_each_other() -> None:
    story, echo = Story(), Echo()
    at = await served(story, "tcp", echo)
    inner = Teller(Tell(None, "I am up"), then=lambda event: [])
    outer = Teller(
        Open("key", "tcp", at, inner),
        then=lambda event: [Tell("key", "well done"), Tell("nobody", 1), Tell(None, event)],
    )
    story.host.run(outer)
    await story.quiet(lambda: len(inner.heard) == 2)
    assert repr(inner.heard[1][0]) == "Told(key=None, value='well done')"
    assert repr(story.told) == "[Told(key='key', value='I am up')]"
    await story.host.close()


async def test_pause_reads_no_more_until_resume() -> None:
    story, echo = Story(), Echo()
    at = await served(story, "tcp", echo)
    asker = Teller(
        Pause(),
        Send(b"hello"),
        WakeAt(60_000_000),
        then=lambda event: [Resume()] if isinstance(event, Woken) else [],
    )
    story.host.run(Teller(Open("way", "tcp", at, asker)))
    await story.quiet(lambda: len(asker.heard) == 3)
    assert [type(event) for event, _ in asker.heard] == [Started, Woken, Received]
    await story.host.close()


async def test_rebind_goes_on_from_another_port() -> None:
    story, echo = Story(), Echo()
    at = await served(story, "udp", echo)
    asker = Teller(
        Send(b"one"),
        then=lambda event: (
            [Rebind(), Send(b"two")] if isinstance(event, Received) and event.data == b"one" else []
        ),
    )
    story.host.run(Teller(Open("way", "udp", at, asker)))
    await story.quiet(lambda: len(asker.heard) == 3)
    senders = [event.sender for event in echo.heard if isinstance(event, Received)]
    assert len(set(senders)) == 2
    await story.host.close()


async def test_an_endpoint_that_raises_takes_nobody_with_it() -> None:
    class Broken(Echo):
        def handle(self, event: Input, now: int) -> list[Output]:
            if isinstance(event, Received):
                raise ValueError("no")
            return super().handle(event, now)

    story = Story()
    port = await listen_tcp(story.host, LOOPBACK, Broken)
    for _ in range(2):
        reader, writer = await asyncio.open_connection(*port)
        writer.write(b"x")
        with pytest.raises(ConnectionResetError):
            await reader.read()
        writer.close()
    assert story.faults == ["Broken: ValueError: no"] * 2
    await story.host.close()


async def test_a_client_that_does_not_read_is_not_read_any_more() -> None:
    """It gets 64 bytes for each of its bytes, and takes none: what waits for it stays bounded."""

    class Generous(Echo):
        def handle(self, event: Input, now: int) -> list[Output]:
            return [Send(event.data * 64)] if isinstance(event, Received) else []

    story = Story()
    port = await listen_tcp(story.host, LOOPBACK, Generous)
    sock = socket.create_connection(tuple(port))
    sock.setblocking(False)
    sent = 0

    async def push() -> None:
        nonlocal sent
        while True:
            try:
                sent += sock.send(bytes(1 << 14))
            except BlockingIOError:
                await asyncio.sleep(0.05)
                sent += sock.send(bytes(1 << 14))  # its window is shut for good

    with pytest.raises((BlockingIOError, ConnectionError)):
        async with asyncio.timeout(10):
            await push()
    assert sum(len(one.data) for one in story.seen if one.mine) < 100 << 20
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()
    await story.host.close()


async def test_too_many_connections_are_broken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wirestep.wires.sockets.listen.MAX_CONNECTIONS", 3)
    story = Story()
    port = await listen_tcp(story.host, LOOPBACK, Echo)
    ends = [await asyncio.open_connection(*port) for _ in range(5)]

    async def answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        try:
            writer.write(b"x")
            return await reader.read(1) == b"x"
        except ConnectionError:
            return False
        finally:
            writer.close()

    assert sorted([await answered(*end) for end in ends]) == [False, False, True, True, True]
    await story.host.close()


async def test_a_connection_on_which_nothing_happens_is_broken_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("wirestep.wires.sockets.listen.IDLE", 30_000_000)
    story = Story()
    port = await listen_tcp(story.host, LOOPBACK, Echo)
    reader, writer = await asyncio.open_connection(*port)
    with pytest.raises(ConnectionResetError):
        await asyncio.wait_for(reader.read(), 10)
    writer.close()
    await story.host.close()
