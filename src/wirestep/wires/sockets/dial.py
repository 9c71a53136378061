"""Opening ways: names through the system, then one address after the other (RFC 8305, in short)."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest

from wirestep.exchange.contract import Open
from wirestep.model import Address

from .datagrams import Datagrams
from .failures import word
from .host import Host, Party
from .seen import Seen
from .stream import Stream, address

HEAD_START = 0.25
"""Seconds that an address has for itself before the next is tried as well (RFC 8305 section 5)."""
MAX_ADDRESSES = 8

Name = tuple[socket.AddressFamily, tuple[object, ...]]
"""What connect() takes."""


@dataclass(slots=True)
class Dialer:
    """Opens ways for the endpoints of a host; `Dialer().open` is what Host wants."""

    fixed: Mapping[tuple[str, int], str] = field(default_factory=dict)
    """By (host, port): the address to use instead (--resolve)."""
    looked_up: Callable[[str, list[str]], None] = lambda host, found: None
    """Told what a name's addresses are."""

    async def open(self, party: Party, output: Open) -> None:
        """As in host.OpenWay."""
        try:
            names = await self._names(party.host, output)
            if output.transport == "udp":
                self._datagrams(party, names)
            else:
                await self._stream(party, names)
        except OSError as error:
            party.host.lost(party, word(error))

    async def _names(self, host: Host, output: Open) -> list[Name]:
        """Where to connect to, in turn; raises OSError."""
        asked, port = output.to
        kind = socket.SOCK_DGRAM if output.transport == "udp" else socket.SOCK_STREAM
        wanted = self.fixed.get((asked, port), asked)
        try:
            names = await _looked_up(host, wanted, port, kind)
        except UnicodeError:
            raise socket.gaierror(socket.EAI_NONAME, "not a name") from None
        if wanted == asked:
            self.looked_up(asked, list(dict.fromkeys(str(name[0]) for _, name in names)))
        return _interleaved(names)[:MAX_ADDRESSES]

    def _datagrams(self, party: Party, names: list[Name]) -> None:
        """The first address that there is a route to."""
        failed: OSError = OSError("no address")
        for family, name in names:
            sock = socket.socket(family, socket.SOCK_DGRAM)
            try:
                sock.connect(name)
            except OSError as error:
                failed = error
                sock.close()
                continue
            Datagrams(party, sock, address(name)).open()  # type: ignore[arg-type]
            return
        raise failed

    async def _stream(self, party: Party, names: list[Name]) -> None:
        """The first address that answers."""
        sock = await _first(party.host, names)
        await party.host.loop.create_connection(lambda: Stream(party, "opened"), sock=sock)


async def _looked_up(host: Host, name: str, port: int, kind: socket.SocketKind) -> list[Name]:
    """What getaddrinfo(3) says, which may take long and cannot be broken off: its thread is left
    behind where nobody waits any more."""
    answer: asyncio.Future[list[Name]] = host.loop.create_future()

    def tell(names: list[Name], error: BaseException | None) -> None:
        if answer.done():
            return
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(names)

    def ask() -> None:
        names: list[Name] = []
        error: BaseException | None = None
        try:
            found = socket.getaddrinfo(name, port, type=kind)
            names = [(family, tuple(where)) for family, _, _, _, where in found]
        except (OSError, UnicodeError) as failure:
            error = failure
        with contextlib.suppress(RuntimeError):  # the loop is closed
            host.loop.call_soon_threadsafe(tell, names, error)

    threading.Thread(target=ask, name="looking up", daemon=True).start()
    return await answer


async def _first(host: Host, names: list[Name]) -> socket.socket:
    """The socket that was connected first; each gets a head start before the one after it."""
    left = list(reversed(names))
    running: set[asyncio.Task[socket.socket]] = set()
    failed: OSError = OSError("no address")
    try:
        while left or running:
            if left:
                running.add(asyncio.create_task(_connected(host, *left.pop())))
            wait = HEAD_START if left else None
            done, running = await asyncio.wait(
                running, timeout=wait, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                error = task.exception()
                if error is None:
                    running |= done - {task}
                    return task.result()
                if not isinstance(error, OSError):
                    raise error
                failed = error
    finally:
        for task in running:
            task.add_done_callback(_forget)
            task.cancel()
    raise failed


def _forget(task: asyncio.Task[socket.socket]) -> None:
    """One that came too late."""
    if not task.cancelled() and task.exception() is None:
        task.result().close()


async def _connected(host: Host, family: int, name: tuple[object, ...]) -> socket.socket:
    """A connected socket; who watches knows its port before the SYN leaves. Raises OSError."""
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setblocking(False)
    peer = address(name)  # type: ignore[arg-type]
    try:
        local = _source(sock, name)
        host.watch(Seen("opening", "tcp", local, peer, host.clock.now()))
        try:
            await host.loop.sock_connect(sock, name)
        except OSError as error:
            if word(error) in ("refused", "reset"):
                host.watch(Seen("reset", "tcp", local, peer, host.clock.now(), mine=False))
            raise
    except BaseException:
        sock.close()
        raise
    return sock


def _source(sock: socket.socket, name: tuple[object, ...]) -> Address:
    """Choose a local port, and tell from where the connection will come."""
    with socket.socket(sock.family, socket.SOCK_DGRAM) as probe:
        probe.connect(name)  # sends nothing; fails where there is no route
        chosen = probe.getsockname()
    sock.bind((chosen[0], 0, *chosen[2:]))
    return address(sock.getsockname())


def _interleaved(names: list[Name]) -> list[Name]:
    """The families in turn, beginning with that of the first (RFC 8305 section 4)."""
    first = [one for one in names if one[0] == names[0][0]]
    others = [one for one in names if one[0] != names[0][0]]
    pairs = zip_longest(first, others)
    return [one for pair in pairs for one in pair if one is not None]
