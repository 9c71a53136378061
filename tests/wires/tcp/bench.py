"""One connection of ours, and a peer whose segments are made by hand.

Sequence numbers are written relative to the initial ones, so that the first byte of data is 1; the
real ones begin so close to 2**32 that every test passes over it.
"""

from __future__ import annotations

from dataclasses import replace

from wirestep.exchange.contract import Ended, Failed, Received, Started
from wirestep.model import Address
from wirestep.wires.tcp import Connection, Cookies, Options, Segment
from wirestep.wires.tcp.segment import SYN

MS = 1_000_000
SECOND = 1_000_000_000
LETTERS = "FSRPAUEC"
ISS, IRS = 2**32 - 1000, 2**32 - 500
LOCAL, REMOTE = Address("10.0.0.1", 50000), Address("10.0.0.2", 80)
PLAIN = Options(sack=False, timestamps=False, scale=False, nodelay=True, congestion="reno")
"""Nothing negotiated: segments of 1460 bytes, Reno."""


class Fixed:
    """No chance at all."""

    def randbytes(self, n: int, /) -> bytes:
        return bytes(n)

    def randrange(self, start: int, stop: int, /) -> int:
        return ISS if stop > ISS else start

    def random(self) -> float:
        return 0.0


class Bench:
    """The connection, its clock, and what it said."""

    def __init__(
        self,
        options: Options = PLAIN,
        cookies: Cookies | None = None,
        remote: Address = REMOTE,
    ) -> None:
        self.options = options
        self.connection = Connection(LOCAL, remote, Fixed(), options, cookies)
        self.now = 0
        self.said: list[Segment] = []
        """All segments that left."""
        self.got = bytearray()
        self.told: list[Started | Ended | Failed] = []

    @property
    def last(self) -> Segment:
        return self.said[-1]

    @property
    def state(self) -> str:
        return self.connection.state

    def flush(self) -> list[str]:
        """What leaves now, as lines."""
        for event in self.connection.events():
            if isinstance(event, Received):
                self.got += event.data
            else:
                self.told.append(event)
        segments = self.connection.output(self.now)
        self.said += [replace(segment) for segment in segments]
        return [line(segment) for segment in segments]

    def hears(
        self,
        flags: str,
        seq: int,
        ack: int | None = None,
        data: bytes = b"",
        window: int = 65535,
        sack: tuple[tuple[int, int], ...] = (),
        **more: object,
    ) -> list[str]:
        """A segment of the peer arrives; returns what leaves for it."""
        self.connection.receive(
            Segment(
                REMOTE.port,
                LOCAL.port,
                (IRS + seq) % 2**32,
                0 if ack is None else (ISS + ack) % 2**32,
                sum(1 << LETTERS.index(letter) for letter in flags),
                window,
                data,
                sack=tuple(((ISS + a) % 2**32, (ISS + b) % 2**32) for a, b in sack),
                **more,  # type: ignore[arg-type]
            ),
            self.now,
        )
        return self.flush()

    def sends(self, data: bytes) -> list[str]:
        self.connection.send(data, self.now)
        return self.flush()

    def closes(self) -> list[str]:
        self.connection.close(self.now)
        return self.flush()

    def later(self, time: int) -> list[tuple[float, str]]:
        """`time` ns pass; what leaves meanwhile, with its time in ms."""
        stop = self.now + time
        found = []
        while self.connection.due is not None and self.connection.due <= stop:
            self.now = max(self.now, self.connection.due)
            self.connection.expire(self.now)
            found += [(self.now / MS, text) for text in self.flush()]
        self.now = stop
        return found

    def timers(self) -> list[tuple[str, float]]:
        """(name, ms until it is due) of the alarms that run."""
        return [(alarm.name, (alarm.due - self.now) / MS) for alarm in self.connection.timers()]

    def fact(self, name: str) -> str:
        """A number of the panel."""
        return next(fact.value for fact in self.connection.panel().facts if fact.name == name)

    @property
    def cwnd(self) -> int:
        return self.connection._tcb.congestion.cwnd

    @property
    def ssthresh(self) -> int:
        return self.connection._tcb.congestion.ssthresh


def line(segment: Segment) -> str:
    """ "PA 1+100 ack 1": flags, first number, bytes; the numbers relative."""
    flags = "".join(name for bit, name in enumerate(LETTERS) if segment.flags >> bit & 1)
    text = f"{flags} {(segment.sequence - ISS) % 2**32}"
    if segment.data:
        text += f"+{len(segment.data)}"
    if "A" in flags:
        text += f" ack {(segment.acknowledgment - IRS) % 2**32}"
    blocks = [((a - IRS) % 2**32, (b - IRS) % 2**32) for a, b in segment.sack]
    return text + "".join(f" [{a}, {b})" for a, b in blocks)


def client(options: Options = PLAIN, rtt: int = 100 * MS, **syn_ack: object) -> Bench:
    """A client that is connected since `rtt`; what it said so far is forgotten."""
    bench = Bench(options)
    bench.connection.connect(0)
    bench.flush()
    bench.now = rtt
    offer = {"mss": 1460, "window": 65535, **syn_ack}
    if options.sack:
        offer.setdefault("sack_permitted", True)
    if options.timestamps:
        offer.setdefault("timestamps", (1000, 0))
    bench.hears("SA", 0, 1, **offer)  # type: ignore[arg-type]
    bench.said.clear()
    return bench


def server(options: Options = PLAIN, rtt: int = 100 * MS, **syn: object) -> Bench:
    """A server whose client has connected."""
    bench = Bench(options)
    bench.connection.listen(0)
    bench.hears("S", 0, **{"mss": 1460, **syn})  # type: ignore[arg-type]
    assert bench.said[0].flags & SYN
    bench.now = rtt
    bench.hears("A", 1, 1)
    bench.said.clear()
    return bench
