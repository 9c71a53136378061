"""Parties that speak no protocol but their transport's: echo, bulk data.

A body of N bytes ends with the SHA-256 hash of what is before it, so that who receives it can tell
whether all of it came as it was sent.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

from .contract import (
    Abort,
    Chance,
    Done,
    End,
    Ended,
    Endpoint,
    Fact,
    Failed,
    Input,
    Output,
    Panel,
    Pause,
    Received,
    Response,
    Resume,
    Say,
    Send,
    Started,
    Tell,
    WakeAt,
    Wish,
    Woken,
)
from .options import Options, nanoseconds, whole

HASH = 32
MOST_HEARD = 16 << 20
"""Bytes that are kept of what somebody says."""
REASONS = {
    "refused": "The server refuses: nobody listens there.",
    "reset": "The server broke the connection off.",
    "timed out": "The connection timed out: nothing was heard any more.",
    "unreachable": "There is no way to the server.",
    "no such name": "There is no host of this name.",
}
OPTIONS = {
    "bytes": "how many bytes a source sends, or an upload (default 100000)",
    "pause-at": "stop reading after so many bytes",
    "pause-for": "seconds until reading goes on (default 5)",
    "abort-at": "seconds after which a source breaks the connection off",
    "quiet": "seconds without a byte after which a conversation is over (default 1)",
    "wait": "seconds to wait for an answer to a datagram (default 1)",
    "attempts": "how often to send a datagram (default 3)",
}


def sealed(size: int, chance: Chance) -> bytes:
    """`size` bytes, the last of them the hash of those before."""
    body = chance.randbytes(max(0, size - HASH))
    return body + sha256(body).digest()


def whole_body(data: bytes) -> bool:
    """Whether these are all the bytes of `sealed`, in order."""
    return len(data) >= HASH and sha256(data[:-HASH]).digest() == data[-HASH:]


def _failure(reason: str) -> Done:
    return Done(REASONS.get(reason, reason))


class Talk:
    """Says the requests of its wish on a stream, one after the other; each comes back."""

    def __init__(self, wish: Wish, chance: Chance) -> None:
        self._words = [request.body or request.target.encode() for request in wish.requests]
        self._heard = b""
        self._at = 0
        self._over = False

    def handle(self, event: Input, now: int) -> list[Output]:
        """Events of the stream; words out."""
        if self._over:
            return []
        match event:
            case Started():
                return self._say()
            case Received(data):
                self._heard += data
                return self._hear()
            case Ended():
                return self._stop("The server ended the connection before it had answered.")
            case Failed(reason):
                self._over = True
                return [Tell(None, _failure(reason))]
        return []

    def _say(self) -> list[Output]:
        if self._at == len(self._words):
            return self._stop("")
        return [Send(self._words[self._at])]

    def _hear(self) -> list[Output]:
        size = len(self._words[self._at])
        if len(self._heard) < size:
            return []
        body, self._heard = self._heard[:size], self._heard[size:]
        told = Tell(None, Response(self._at, "", (), body))
        self._at += 1
        return [told, *self._say()]

    def _stop(self, error: str) -> list[Output]:
        self._over = True
        return [End(), Tell(None, Done(error))]

    def panels(self) -> tuple[Panel, ...]:
        """How far it is."""
        return (Panel("echo", facts=(Fact("said", f"{self._at} of {len(self._words)}"),)),)


class Converse:
    """Says all that its wish holds, and takes what comes until the other ends, or falls silent."""

    unheard = ""
    """What is wrong where nothing came."""

    def __init__(self, wish: Wish, chance: Chance) -> None:
        self._words = [request.body for request in wish.requests if request.body]
        self._quiet = nanoseconds(wish.options, "quiet", 1)
        self._data = bytearray()
        self._over = False

    def handle(self, event: Input, now: int) -> list[Output]:
        """Events of the way."""
        if self._over:
            return []
        match event:
            case Started():
                return [*(Send(word) for word in self._words), WakeAt(now + self._quiet)]
            case Received(data):
                self._data += data[: MOST_HEARD - len(self._data)]
                return [WakeAt(now + self._quiet)]
            case Woken() | Ended():
                self._over = True
                data = bytes(self._data)
                told: list[Output] = [Tell(None, Response(0, "", (), data))] if data else []
                error = self.unheard if self._words and not data else ""
                return [WakeAt(None), End(), *told, Tell(None, Done(error))]
            case Failed(reason):
                self._over = True
                return [WakeAt(None), Tell(None, _failure(reason))]
        return []

    def panels(self) -> tuple[Panel, ...]:
        """How much came."""
        return (Panel("bytes", facts=(Fact("received", f"{len(self._data):,} bytes"),)),)


class Inquire(Converse):
    """The same with datagrams, which are lost without a word."""

    unheard = "Nobody answered."


class Ask:
    """Sends each request of its wish as a datagram, again where nothing comes back in time."""

    def __init__(self, wish: Wish, chance: Chance) -> None:
        self._words = [request.body or request.target.encode() for request in wish.requests]
        self._wait = nanoseconds(wish.options, "wait", 1)
        self._attempts = max(1, whole(wish.options, "attempts", 3))
        self._at = self._tries = 0
        self._over = False

    def handle(self, event: Input, now: int) -> list[Output]:
        """Events of the socket; datagrams out."""
        if self._over:
            return []
        match event:
            case Started():
                return self._say(now)
            case Woken() if self._tries < self._attempts:
                return [Say("nothing came back: once more"), *self._say(now)]
            case Woken():
                return self._stop("Nobody answered.")
            case Received(data) if data == self._words[self._at]:
                told = Tell(None, Response(self._at, "", (), data))
                self._at, self._tries = self._at + 1, 0
                return [told, *self._say(now)]
            case Failed(reason):
                self._over = True
                return [Tell(None, _failure(reason))]
        return []

    def _say(self, now: int) -> list[Output]:
        if self._at == len(self._words):
            return self._stop("")
        self._tries += 1
        return [Send(self._words[self._at]), WakeAt(now + self._wait)]

    def _stop(self, error: str) -> list[Output]:
        self._over = True
        return [End(), Tell(None, Done(error))]

    def panels(self) -> tuple[Panel, ...]:
        """How far it is."""
        return (Panel("echo", facts=(Fact("sent", f"{self._tries} times"),)),)


class Take:
    """Takes what a source sends until it ends, and says whether it is whole."""

    def __init__(self, wish: Wish, chance: Chance) -> None:
        self._pause_at = whole(wish.options, "pause-at", 0)
        self._pause = nanoseconds(wish.options, "pause-for", 5)
        self._data = bytearray()
        self._over = False

    def handle(self, event: Input, now: int) -> list[Output]:
        """Events of the stream."""
        if self._over:
            return []
        match event:
            case Received(data):
                self._data += data
                if self._pause_at and len(self._data) >= self._pause_at:
                    self._pause_at = 0
                    why = f"reads no more for {self._pause / 1e9:g} s"
                    return [Say(why), Pause(), WakeAt(now + self._pause)]
            case Woken():
                return [Say("reads on"), Resume()]
            case Ended():
                self._over = True
                data = bytes(self._data)
                error = "" if whole_body(data) else "What came is not what was sent."
                told = Tell(None, Response(0, "", (), data))
                return [End(), told, Tell(None, Done(error))]
            case Failed(reason):
                self._over = True
                return [Tell(None, _failure(reason))]
        return []

    def panels(self) -> tuple[Panel, ...]:
        """How much came."""
        return (Panel("bulk", facts=(Fact("received", f"{len(self._data):,} bytes"),)),)


class Source:
    """Sends `bytes` bytes when the stream opens (or with the first datagram), and ends."""

    def __init__(self, material: object, chance: Chance, options: Options) -> None:
        self._size = whole(options, "bytes", 100_000)
        self._abort_at = nanoseconds(options, "abort-at", 0)
        self._chance = chance

    def handle(self, event: Input, now: int) -> list[Output]:
        """Events of the stream."""
        match event:
            case Started():
                out: list[Output] = [Send(sealed(self._size, self._chance))]
                return [*out, WakeAt(now + self._abort_at)] if self._abort_at else [*out, End()]
            case Woken():
                return [Say("breaks the connection off"), Abort()]
        return []

    def panels(self) -> tuple[Panel, ...]:
        """What it sends."""
        return (Panel("bulk", facts=(Fact("sends", f"{self._size:,} bytes"),)),)


class Echo:
    """Says again what it hears, on a stream or in datagrams."""

    def __init__(self, material: object, chance: Chance, options: Options) -> None:
        self._count = 0

    def handle(self, event: Input, now: int) -> list[Output]:
        """Events of the way."""
        match event:
            case Received(data, sender):
                self._count += len(data)
                return [Send(data, sender)]
            case Ended():
                return [End()]
        return []

    def panels(self) -> tuple[Panel, ...]:
        """How much it said again."""
        return (Panel("echo", facts=(Fact("echoed", f"{self._count:,} bytes"),)),)


CLIENTS: dict[str, Callable[[Wish, Chance], Endpoint]] = {
    "talk": Talk,
    "converse": Converse,
    "inquire": Inquire,
    "ask": Ask,
    "take": Take,
}
SERVERS: dict[str, Callable[[object, Chance, Options], Endpoint]] = {
    "echo": Echo,
    "source": Source,
}
