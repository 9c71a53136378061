"""An exchange of our own over real sockets: driven in a thread, shown while it happens.

The thread has an event loop with the endpoints and their sockets, and fills the capture; the
session reads that as it would a file that grows.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from wirestep.capture import LiveCapture
from wirestep.exchange.chance import SYSTEM
from wirestep.exchange.contract import Done, Request, Response, Wish
from wirestep.exchange.errand import Errand, Leg
from wirestep.model import Address, safe
from wirestep.protocols import registry
from wirestep.wires.sockets import Clock, Dialer, Heard, Host, Party, Seen
from wirestep.wires.sockets.recorder import Recorder
from wirestep.wires.stacks import client, driven, memories, schemes

from .driving_url import Url
from .driving_words import Course, late, lost, silent
from .session import Session
from .views import Exchange, ExchangeState

LINGER = 1.0
"""Seconds that connections have for closing once all is answered."""
SHORTLY = 0.1
"""Seconds that they have where something went wrong."""
LIMIT = 30.0
"""Seconds for the whole exchange, unless something else is wanted."""
MS = 1_000_000
INTERRUPTED = "Interrupted."


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be driven."""

    url: Url
    requests: tuple[Request, ...]
    version: str = ""
    """Of the protocol, as in wires/stacks.toml; "" for the usual one."""
    options: Mapping[str, object] = field(default_factory=dict)
    """Of the wish: those of tls, quic, dns ..."""
    server: Address | None = None
    """Instead of the URL's host and port."""
    fixed: Mapping[tuple[str, int], str] = field(default_factory=dict)
    """By (host, port): the address to use."""
    limit: float = LIMIT
    """Seconds for the whole exchange."""
    keylog: str = ""
    """A file that secrets are appended to."""
    save: str = ""
    """A file that all is written to when it is over."""
    infer: bool = False
    """Do not capture, even where it is allowed."""


class Driving:
    """One exchange. `session` may be looked at from the beginning.

    Raises ValueError, with a sentence, where the wish cannot be.
    """

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        url = wanted.url
        stack = driven(url.scheme, wanted.version)
        scheme = schemes()[url.scheme]
        usual, self.asks = scheme.port, scheme.asks
        options = {**memories(stack), **wanted.options}
        wish = Wish(url.authority(usual), wanted.requests, options)
        client(stack, wish, SYSTEM)  # says now what is wrong with it
        self._to = wanted.server or Address(url.host, url.port or usual)
        leg = Leg(lambda: client(stack, wish, SYSTEM), stack.transport, self._to)
        self._errand = Errand([leg])
        self.course = Course(self._to.host, self._to.port, stack.transport)
        self.capture = LiveCapture(url.text, [])
        rules = _rules(stack.transport, usual, self._to.port)
        self.session = Session(self.capture, rules)
        self.responses: list[tuple[Response, int]] = []
        """Each with when it was there, ns since the beginning."""
        self.said: list[tuple[int, str]] = []
        self.over = threading.Event()
        self._error: str | None = None
        self._secrets: set[str] = set()
        self._began = 0
        self._recorder: Recorder | None = None
        self._done: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._main, name="driving", daemon=True)
        self._show("under way", "")

    # from outside

    def start(self) -> None:
        """Begin; it goes on in a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Break it off, and wait until it is over."""
        loop, done = self._loop, self._done
        if loop is not None and done is not None and not self.over.is_set():
            self._fail(INTERRUPTED)
            with contextlib.suppress(RuntimeError):  # it is closed already
                loop.call_soon_threadsafe(done.set)
        if self._thread.is_alive():
            self._thread.join()

    @property
    def error(self) -> str:
        """Why it failed: safe text; "" where it did not."""
        return safe(self._error or "")

    @property
    def source(self) -> str:
        """Where its packets are from."""
        recorder = self._recorder
        if recorder is None:
            return ""
        if recorder.inferred or recorder.problem:
            why = f" (they cannot be captured here: {recorder.problem})" if recorder.problem else ""
            return f"inferred from the socket{why}"
        return "captured on " + ", ".join(sorted({one.name for one in self.capture.interfaces}))

    # the thread

    def _main(self) -> None:
        problem = ""
        try:
            asyncio.run(self._drive())
        except OSError as error:
            problem = f"The system does not allow it: {error.strerror or error}."
            self._fail(problem)
        finally:
            if not self.capture.finished:
                self.capture.end(problem)
            self._close_up()
            self.over.set()

    async def _drive(self) -> None:
        self._loop, self._done = asyncio.get_running_loop(), asyncio.Event()
        clock = Clock()
        recorder = self._recorder = Recorder(self.capture, clock, infer=self.wanted.infer)

        def watch(seen: Seen) -> None:
            self._note(seen)
            recorder.see(seen)

        heard = Heard(
            said=lambda text, now: self.said.append((now, text)),
            secret=lambda line, now: self._secret(line),
            told=self._told,
            lost=self._lost,
            fault=lambda text: self._fail(f"A fault of wirestep itself: {text}"),
        )
        host = Host(clock, Dialer(self.wanted.fixed, self._looked_up).open, heard, watch)
        recorder.start()
        keeping = asyncio.create_task(recorder.keep())
        try:
            program = host.run(self._errand)
            try:
                async with asyncio.timeout(self.wanted.limit):
                    await self._done.wait()
            except TimeoutError:
                self._look(program)
                self._fail(late(self.course, self.wanted.limit))
            await host.settle(SHORTLY if self._error else LINGER)
        finally:
            await host.close()
            keeping.cancel()
            await recorder.finish()

    def _note(self, seen: Seen) -> None:
        course = self.course
        course.asked = True
        course.opened |= seen.kind in ("opened", "accepted") or seen.transport == "udp"
        if seen.mine:
            course.said += len(seen.data)
        else:
            course.heard += len(seen.data)

    def _looked_up(self, host: str, found: list[str]) -> None:
        if host == self.course.host:
            self.course.addresses = found

    def _look(self, program: Party) -> None:
        """Where the layers stand."""
        panels = [panel for one in program.opened.values() for panel in one.endpoint.panels()]
        self.course.panels = panels

    def _lost(self, party: Party, reason: str) -> None:
        if party.opener is not None and self._error is None:
            self.course.panels = party.endpoint.panels()
            self._fail(lost(self.course, reason))

    def _secret(self, line: str) -> None:
        if line in self._secrets or self._recorder is None:
            return
        self._secrets.add(line)
        self._recorder.secret(line)
        if self.wanted.keylog:
            try:
                append(self.wanted.keylog, line)
            except OSError as error:
                self.said.append((0, f"{self.wanted.keylog}: {error.strerror or error}"))

    def _told(self, value: object, now: int) -> None:
        match value:
            case Response():
                self.responses.append((value, now))
            case Done(error):
                if self._error is None:
                    self._error = silent(self.course, error) if error else ""
                if self._done is not None:
                    self._done.set()

    def _fail(self, why: str) -> None:
        if self._error is None:
            self._error = why

    def _close_up(self) -> None:
        """Save, and say how it went."""
        if self.wanted.save:
            try:
                self.session.write(self.wanted.save, range(self.capture.count))
            except OSError as error:
                self._error = self._error or f"{self.wanted.save}: {error.strerror or error}"
        if self._error:
            self._show("failed", self.error)
        else:
            self._show("done", "; ".join(told(*one) for one in self.responses))

    def _show(self, state: ExchangeState, text: str) -> None:
        inferred = self._recorder is not None and self._recorder.inferred
        self.session.exchange = Exchange(state, text, inferred)
        self.session.version += 1


def _rules(transport: str, usual: int, port: int) -> dict[tuple[str, int], str]:
    """What is spoken on the usual port of a scheme is spoken on this one."""
    table = f"{transport}.port"
    known = registry({}).found(((table, usual),))
    return {(table, port): known} if known is not None and port != usual else {}


def told(response: Response, now: int) -> str:
    """A response in a few words. Safe."""
    time = f"{now / MS:.1f} ms" if now < 1000 * MS else f"{now / MS / 1000:.2f} s"
    parts = [response.status, f"{len(response.body):,} bytes", time]
    return safe(" · ".join(part for part in parts if part))


def append(path: str, line: str) -> None:
    """Add a line to a key log; a new file is for its owner alone. Raises OSError."""
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, line.encode() + b"\n")
    finally:
        os.close(handle)
