"""The ledger against the truth of the lab: python tests/ledger_truth.py [--seeds 200].

Random scenarios (delays, rates, losses of chosen packets, think times of both ends, protocols) run
on the virtual wire. What each wait was for is known from the run: which packet woke whom, which
timer rang, what was lost. The ledger sees only the packets that passed the client's door. Prints
how much of the time of each cause was charged to it; exit code 1 below 95 %.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from wirestep.session.measuring import ledger_of
from wirestep.wires import tap
from wirestep.wires.contract import MS, SECOND, START, Journey
from wirestep.wires.run import Run
from wirestep.wires.scenario import parse

CLASSES = {"timeout": "loss", "transfer": "queue"}
"""Kinds of the ledger that are one cause; the others are called alike."""
KINDS = {
    "http/1.1": ('scheme = "http"', ("/", "/bytes/9000", "/bytes/300")),
    "tls 1.2": (
        'scheme = "https"\nversion = "1.1"\noptions = { versions = "1.2" }',
        ("/", "/bytes/9000"),
    ),
    "tls 1.3": ('scheme = "https"\nversion = "1.1"', ("/bytes/40000", "/users")),
    "http/2": ('scheme = "https"\nversion = "2"', ("/", "/bytes/9000", "/bytes/20000", "/users")),
    "http/3": ('scheme = "h3"', ("/bytes/3000", "/users")),
    "websocket": ('scheme = "ws"', ("/echo",)),
    "bulk": ('scheme = "bulk"', ()),
}
WORDS = ', { method = "TEXT", body = "hello" }, { method = "TEXT", body = "and again" }'


@dataclass(frozen=True)
class Story:
    """One random scenario."""

    kind: str
    content: str
    think: int
    """ns, of the server."""
    pause: int
    """ns, of the client between two conversations."""

    def run(self) -> Run:
        """To its end."""
        run = parse(self.content, "story").start()
        run.run()
        return run


def story(seed: int) -> Story:
    """The scenario of a seed."""
    draw = random.Random(seed)
    kind = list(KINDS)[seed % len(KINDS)]
    scheme, paths = KINDS[kind]
    delay = draw.choice((5, 12, 25, 40, 70, 140))
    think = draw.choice((0, 0, 8, 35, 120, 400))
    pause = draw.choice((0, 0, 60, 300, 1500))
    rate = draw.choice(("", "", "", 'rate = "2mbit"', 'rate = "10mbit"'))
    named = draw.random() < 0.4 and kind not in ("bulk", "websocket")
    up, down = _losses(draw, 9), _losses(draw, 14)
    asked = [draw.choice(paths) for _ in range(draw.choice((1, 2, 4)))] if paths else []
    requests = ", ".join(f'"{path}"' for path in asked)
    if kind == "websocket":
        requests = '"/echo"' + WORDS
    lookup = _LOOKUP if named else ""
    resolver = _RESOLVER if named else ""
    errand = f'[[errand]]\nto = "server"\n{scheme}\n' + (
        f"requests = [{requests}]\n" if requests else ""
    )
    errand += 'address = "www.lab.test"\nhost = "www.lab.test"\n' if named else ""
    second = errand + f'pause = "{pause}ms"\n' if pause else ""
    served = {"websocket": "ws", "bulk": "bulk", "http/3": "h3", "http/1.1": "http"}.get(
        kind, "https"
    )
    size = draw.choice((30_000, 100_000, 200_000))
    options = f"options = {{ bytes = {size} }}" if kind == "bulk" else ""
    content = f"""title = "story {seed}"
shows = "Something."
seed = {seed}
[[link]]
delay = "{delay}ms"
{rate}
[[link]]
from = "client"
to = "server"
delay = "{delay}ms"
lose = {up}
[[link]]
from = "server"
to = "client"
delay = "{delay}ms"
lose = {down}
{_NEAR if named else ""}
[[host]]
name = "client"
[[host]]
name = "server"
called = ["www.lab.test", "lab.test"]
address = "203.0.113.80"
site = {{ think = {think / 1000} }}
[[host.serve]]
scheme = "{served}"
{options}
{resolver}
{lookup}
{errand}
{second}
"""
    return Story(kind, content, 0 if kind in ("bulk", "websocket") else think * MS, pause * MS)


def _losses(draw: random.Random, most: int) -> list[int]:
    count = draw.choice((0, 0, 0, 1, 1, 2))
    return sorted(draw.sample(range(1, most + 1), count))


_RESOLVER = (
    '[[host]]\nname = "resolver"\n[[host.serve]]\nscheme = "dns"\noptions = { zones = ["lab"] }'
)
_LOOKUP = """[[errand]]
to = "resolver"
scheme = "dns"
requests = ["www.lab.test"]
finds = "www.lab.test"
"""
_NEAR = '[[link]]\nbetween = ["client", "resolver"]\ndelay = "10ms"'


# the truth


@dataclass
class Stretch:
    """A time between two events at the client, and what it was spent on."""

    start: int
    stop: int
    spent: Counter[str] = field(default_factory=Counter)


class Truth:
    """What each wait of a run was for."""

    def __init__(self, run: Run, story: Story) -> None:
        self.run, self.story = run, story
        self.rates = {
            (a.place, b.place): run.plan.links.get((a.name, b.name), run.plan.link)
            for a in run.hosts
            for b in run.hosts
        }

    def stretches(self, goal: Journey) -> list[Stretch]:
        """From the landing of `goal` at the client back to the begin of the run."""
        found: list[Stretch] = []
        at, end = goal, self._due(goal)
        open_ = Stretch(end, end)
        for _ in range(10_000):
            found_loss = self._original(at)
            ahead = self._ahead(at) if at.sender != 0 and found_loss is None else None
            if ahead is not None:
                # The line was never idle: without any window it would have come no sooner.
                open_.spent["queue"] += self._due(at) - self._due(ahead)
                at = ahead
                continue
            if at.sender != 0:
                if found_loss is not None:
                    open_.spent["loss"] += self._due(at) - self._due(found_loss)
                    at = found_loss
                open_.spent[self._way(at)] += self._due(at) - at.left - self._bits(at)
                open_.spent["queue"] += self._bits(at)
                before = self._server(at, open_)
            else:
                if open_.stop > at.left:
                    open_.spent[self._way(at)] += (self._due(at) - at.left) - self._bits(at)
                    open_.spent["queue"] += self._bits(at)
                    open_.start = at.left
                    found.append(open_)
                if found_loss is not None:
                    found.append(
                        Stretch(found_loss.left, at.left, Counter(loss=at.left - found_loss.left))
                    )
                    at = found_loss
                before, kind = self._client(at)
                start = self._due(before) if before is not None else 0
                if at.left > start:
                    found.append(Stretch(start, at.left, Counter({kind: at.left - start})))
                open_ = Stretch(start, start)
            if before is None:
                break
            at = before
        return found[::-1]

    def _due(self, journey: Journey) -> int:
        """When it lands, or would have."""
        if journey.lands is not None:
            return journey.lands
        link = self.rates[journey.sender, journey.target]
        return journey.left + link.delay + self._bits(journey)

    def _ahead(self, at: Journey) -> Journey | None:
        """What left the same host right before it, with no room between."""
        if not self._bits(at) or not at.number:
            return None
        return next(
            (
                j
                for j in reversed(self.run.journeys[: at.number])
                if (j.sender, j.target) == (at.sender, at.target)
                and j.left + self._bits(j) == at.left
                and _ports(j.data) == _ports(at.data)
            ),
            None,
        )

    def _bits(self, journey: Journey) -> int:
        """How long it takes to put it on the line."""
        link = self.rates[journey.sender, journey.target]
        return len(journey.data) * 8 * SECOND // link.rate if link.rate else 0

    def _way(self, journey: Journey) -> str:
        """A round trip for a question, or for the leave to send more."""
        ack = journey if journey.sender == 0 else self._waker(journey)
        if ack is None or ack.sender != 0 or not self._pure(ack):
            return "round trip"
        waker = self._waker(ack)
        opening = waker is not None and waker.data[9] == 6 and waker.data[33] & 2
        return "round trip" if opening else "window"

    def _pure(self, journey: Journey) -> bool:
        """An acknowledgment and nothing else."""
        if len(journey.data) > 20 and journey.data[9] == 17:
            return len(journey.data) < 28 + 60 and journey.cause not in (None, "timer")
        return _size(journey.data) == 0 and not journey.data[33] & 3

    def _waker(self, journey: Journey) -> Journey | None:
        return self.run.journeys[journey.cause] if isinstance(journey.cause, int) else None

    def _server(self, at: Journey, open_: Stretch) -> Journey | None:
        """The packet that made a server send `at`; the time between is charged."""
        waker = self._waker(at)
        if waker is not None:
            open_.spent["queue"] += at.left - self._due(waker)
            return waker
        if at.cause == "delayed ACK":
            before = self._landed(at.sender, at.left - 1)
            kind = "delayed ACK"
        else:
            before = self._landed(at.sender, at.left - self.story.think)
            kind = "server"
        if before is None:
            return None
        open_.spent[kind] += at.left - self._due(before)
        return before

    def _client(self, at: Journey) -> tuple[Journey | None, str]:
        """The packet that made the client send `at`, and what the time between was for."""
        waker = self._waker(at)
        if waker is not None:
            return waker, "queue"
        if at.cause == "delayed ACK":
            return self._landed(0, at.left - 1), "delayed ACK"
        return self._landed(0, at.left - 1), "client"

    def _landed(self, host: int, time: int) -> Journey | None:
        """The last that landed by then."""
        landed = [j for j in self.run.journeys if j.target == host and j.lands and j.lands <= time]
        return max(landed, key=lambda j: (j.lands or 0, j.number), default=None)

    def _original(self, at: Journey) -> Journey | None:
        """The first copy of what `at` carries, where that was lost."""
        if at.data[9] == 6:
            same = [j for j in self._sent(at) if _range(j.data) == _range(at.data)]
            lost = [j for j in same if j.lands is None]
            return lost[0] if lost and lost[0].number < at.number else None
        if at.cause in (None, "delayed ACK", "pacing"):
            return None
        return self._datagram(at)

    def _datagram(self, at: Journey) -> Journey | None:
        """The same for datagrams: what was lost, and not sent again before `at`."""
        if isinstance(at.cause, str):
            lost = [j for j in self._sent(at) if j.lands is None and j.number < at.number]
            if not lost:
                return None
            first = lost[-1]
            while isinstance(first.cause, str) and (again := self._datagram(first)) is not None:
                first = again
            return first if at.cause in ("PTO", "loss detection", "timer") else None
        return None

    def _sent(self, at: Journey) -> Iterator[Journey]:
        return (
            j
            for j in self.run.journeys
            if (j.sender, j.target, j.data[9]) == (at.sender, at.target, at.data[9])
            and _ports(j.data) == _ports(at.data)
        )


def _ports(data: bytes) -> bytes:
    return data[20:24]


def _size(data: bytes) -> int:
    """Bytes that a TCP segment carries."""
    return len(data) - 20 - 4 * (data[32] >> 4)


def _range(data: bytes) -> tuple[bytes, int, int]:
    """What tells a TCP segment from others: number, length, SYN and FIN; 0 bytes are no segment."""
    size, flags = _size(data), data[33] & 3
    return (data[24:28] if size or flags else bytes(data), size, flags)


# the ledger


def passed_at_door(run: Run) -> list[Journey]:
    """The journey of each record at the client's door."""
    seen = [(time, j.number, j) for time, j, _ in tap._at_door(run, 0) if time <= run.now]
    return [journey for _, _, journey in sorted(seen, key=lambda one: one[:2])]


@dataclass
class Score:
    """How much of which cause was charged rightly, ns."""

    truth: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    wrong: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, other: Score) -> None:
        self.truth += other.truth
        self.right += other.right
        self.wrong += other.wrong

    @property
    def share(self) -> float:
        total = sum(self.truth.values())
        return sum(self.right.values()) / total if total else 1.0


def score(seed: int, *, loud: bool = False) -> Score:
    """The ledger of a seed's run against its truth."""
    told = story(seed)
    run = told.run()
    made, journeys = ledger_of(run), passed_at_door(run)
    result = Score()
    truth = Truth(run, told)
    if made.first is None:
        return result
    stretches = truth.stretches(journeys[made.first.record])
    if made.complete is not None:
        more = truth.stretches(journeys[made.complete.record])
        stretches += list(_behind(more, made.first.time - START))
    for stretch in stretches:
        mine: Counter[str] = Counter()
        for item in made.items:
            start, stop = item.start - START, item.stop - START
            both = min(stop, stretch.stop) - max(start, stretch.start)
            if both > 0:
                mine[CLASSES.get(item.kind, item.kind)] += both
        spent = +stretch.spent
        right = spent & mine
        result.truth += spent
        result.right += right
        missed, charged = spent - right, mine - right
        for kind, time in missed.items():
            other = max(charged, key=charged.__getitem__, default="nothing")
            result.wrong[kind, other] += time
        if loud and missed:
            shown = {k: v / MS for k, v in spent.items()}
            print(
                f"  {stretch.start / MS:9.2f} {stretch.stop / MS:9.2f} {shown} ledger",
                {k: v / MS for k, v in mine.items()},
            )
    return result


def _behind(stretches: Sequence[Stretch], start: int) -> Iterator[Stretch]:
    """Cut off at `start`: a stretch that reaches over it keeps its last part."""
    for stretch in stretches:
        if stretch.start >= start:
            yield stretch
        elif stretch.stop > start:
            share = (stretch.stop - start) / (stretch.stop - stretch.start)
            yield Stretch(
                start,
                stretch.stop,
                Counter({k: round(v * share) for k, v in stretch.spent.items()}),
            )


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--loud", action="store_true", help="show what is wrong")
    given = parser.parse_args()
    whole: Score = Score()
    by_kind: dict[str, Score] = {}
    worst: list[tuple[float, int]] = []
    for seed in range(given.first, given.first + given.seeds):
        one = score(seed, loud=given.loud and given.seeds == 1)
        whole.add(one)
        by_kind.setdefault(story(seed).kind, Score()).add(one)
        worst.append((one.share, seed))
    print("| protocol | waited s | right % |\n|---|---|---|")
    for kind, one in by_kind.items():
        print(f"| {kind} | {sum(one.truth.values()) / SECOND:.1f} | {one.share:.2%} |")
    print("\n| cause | s | right % | mostly taken for |\n|---|---|---|---|")
    for cause, time in whole.truth.most_common():
        taken = {b: n for (a, b), n in whole.wrong.items() if a == cause}
        most = max(taken, key=taken.__getitem__, default="")
        print(f"| {cause} | {time / SECOND:.2f} | {whole.right[cause] / time:.1%} | {most} |")
    worst.sort()
    print("\nworst:", ", ".join(f"{seed}: {share:.0%}" for share, seed in worst[:14]))
    print(
        f"all: {whole.share:.2%} of {sum(whole.truth.values()) / SECOND:.1f} s, "
        f"{given.seeds} scenarios"
    )
    return 0 if whole.share >= 0.95 else 1


if __name__ == "__main__":
    sys.exit(main())
