"""Whole transfers between two of our TCPs, in virtual time: every byte arrives, come what may."""

from __future__ import annotations

import os
import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wirestep.wires.tcp import Cookies, Options, Segment
from wirestep.wires.tcp.segment import ACK, FIN, PSH, RST, SYN

from .bench import PLAIN, Bench, client, server
from .pair import CLIENT, MS, SECOND, SERVER, Pair, chance_of, on_time, transfer

UP = random.Random(1).randbytes(60_000)
DOWN = random.Random(2).randbytes(30_000)
PATIENT = Options(syn_retries=30, retries=60, rto_max=10 * SECOND)
"""At 20 % loss each way a SYN or its answer is lost seven times in a row now and then."""

options = st.builds(
    Options,
    mss=st.sampled_from([100, 536, 1460]),
    window=st.sampled_from([1, 700, 4000, 65535, 262_144]),
    scale=st.booleans(),
    sack=st.booleans(),
    timestamps=st.booleans(),
    ecn=st.booleans(),
    nodelay=st.booleans(),
    delayed_ack=st.sampled_from([0, 40 * MS, 500 * MS]),
    congestion=st.sampled_from(["reno", "cubic"]),
    initial_window=st.sampled_from([1, 10]),
    fast_open=st.booleans(),
    syn_retries=st.just(30),
    retries=st.just(60),
    rto_max=st.just(10 * SECOND),
)


def test_a_transfer_both_ways_without_loss() -> None:
    pair = Pair()
    transfer(pair, UP, DOWN)
    assert pair.when[CLIENT][0] == 100 * MS
    assert not any("retransmission" in sent.segment.note for sent in pair.sent)


def test_the_same_seed_is_the_same_story() -> None:
    stories = []
    for _ in range(2):
        pair = Pair(judge=chance_of(random.Random(5), 0.1, 0.1, 0.1))
        transfer(pair, UP, DOWN)
        stories.append(pair.story())
    assert stories[0] == stories[1]


@settings(max_examples=60)
@given(
    client=options,
    server=options,
    loss=st.sampled_from([0, 0.01, 0.05, 0.1, 0.2]),
    reorder=st.sampled_from([0, 0.05, 0.3]),
    duplicate=st.sampled_from([0, 0.05, 0.3]),
    seed=st.integers(0, 2**32),
    up=st.integers(0, 20_000),
    down=st.integers(0, 20_000),
)
def test_every_byte_arrives(
    client: Options,
    server: Options,
    loss: float,
    reorder: float,
    duplicate: float,
    seed: int,
    up: int,
    down: int,
) -> None:
    """All options, both ways, any loss; `transfer` checks the bytes and that both ends end."""
    narrow = min(client.window, server.window)
    up, down = (min(size, 300) if narrow < 700 else size for size in (up, down))
    judge = chance_of(random.Random(seed), loss, reorder, duplicate)
    pair = Pair(client, server, 20 * MS, judge, seed, Cookies(bytes(16)))
    data = random.Random(seed)
    transfer(pair, data.randbytes(up), data.randbytes(down), until=20_000 * SECOND)


@pytest.mark.slow
@pytest.mark.parametrize("loss", [0.01, 0.05, 0.1, 0.2])
@pytest.mark.parametrize("kind", ["sack", "newreno"])
def test_many_seeds(loss: float, kind: str) -> None:
    """How many seeds: the environment variable SEEDS."""
    chosen = replace(PATIENT, sack=kind == "sack", timestamps=kind == "sack")
    for seed in range(int(os.environ.get("SEEDS", "50"))):
        judge = chance_of(random.Random(seed), loss, 0.05, 0.02)
        transfer(Pair(chosen, chosen, judge=judge, seed=seed), UP, DOWN)


@settings(max_examples=30)
@given(st.integers(0, 2**32), st.floats(0, 0.15))
def test_a_reader_that_pauses_gets_all(seed: int, loss: float) -> None:
    """The window shuts and opens again and again; probes may be lost too."""
    rng = random.Random(seed)
    small = replace(PATIENT, window=5000)
    pair = Pair(small, small, 20 * MS, chance_of(rng, loss), seed)
    pair.ends[SERVER].pause(0)
    told: list[bool] = []

    def react(pair: Pair, side: int, event: object) -> None:
        if side == CLIENT and not told:
            told.append(True)
            pair.ends[CLIENT].send(UP[:20_000], pair.now)
            pair.ends[CLIENT].close(pair.now)

    pair.react = react
    pair.open()
    for turn in range(2000):
        pair.run(pair.now + rng.randrange(1, 2000) * MS)
        pair.now = (turn + 1) * 2 * SECOND
        if rng.random() < 0.5:
            pair.ends[SERVER].pause(pair.now)
        else:
            pair.ends[SERVER].resume(pair.now)
        pair.flush()
        if len(pair.got[SERVER]) == 20_000:
            break
    assert bytes(pair.got[SERVER]) == UP[:20_000]


@settings(max_examples=20)
@given(st.integers(0, 2**32), st.sampled_from([0.0, 0.05]), st.booleans())
def test_a_path_that_gets_narrower(seed: int, loss: float, sack: bool) -> None:
    """Packets above the MTU vanish, and ICMP says so; the rest is sent in smaller ones."""
    rng = random.Random(seed)
    by_chance = chance_of(rng, loss) if loss else on_time
    mtu = 1500

    def judge(number: int, sender: int, segment: Segment) -> list[int]:
        nonlocal mtu
        if number > 20:
            mtu = 800
        if 40 + len(segment.data) + 12 > mtu:
            pair.ends[sender].too_big(mtu, pair.now)
            told.setdefault(sender, pair.now)
            return []
        return by_chance(number, sender, segment)

    told: dict[int, int] = {}
    chosen = replace(PATIENT, sack=sack)
    pair = Pair(chosen, chosen, 20 * MS, judge, seed)
    transfer(pair, UP, DOWN)
    assert told
    for sent in pair.sent:
        if sent.time > told.get(sent.sender, pair.now):
            assert len(sent.segment.data) <= 748


flags = st.lists(st.sampled_from([FIN, SYN, RST, PSH, ACK, ACK, ACK, 64, 128]), max_size=4).map(sum)
near = st.integers(-3000, 3000) | st.integers(0, 2**32 - 1)
hostile = st.builds(
    Segment,
    st.just(80),
    st.just(50000),
    near,
    near,
    flags.map(lambda value: value & 255),
    st.integers(0, 65535),
    st.binary(max_size=30),
    mss=st.none() | st.integers(0, 65535),
    scale=st.none() | st.integers(0, 255),
    sack_permitted=st.booleans(),
    sack=st.lists(st.tuples(near, near), max_size=4).map(tuple),
    timestamps=st.none() | st.tuples(near, near),
    cookie=st.none() | st.just(b"12345678"),
    ecn=st.integers(0, 3),
)
DOINGS = ("send", "close", "pause", "resume", "abort", "time", "too big", "unreachable")


@settings(max_examples=150)
@given(
    st.sampled_from(["client", "server", "connecting", "listening", "fast"]),
    options,
    st.lists(hostile | st.sampled_from(DOINGS), max_size=25),
)
def test_no_peer_can_break_it(start: str, chosen: Options, story: list[Segment | str]) -> None:
    """Whatever comes, in whatever order: no exception, few answers, bounded memory."""
    bench = {
        "client": lambda: client(chosen),
        "server": lambda: server(chosen, sack_permitted=True, timestamps=(5, 0)),
        "connecting": lambda: _opened(chosen, active=True),
        "listening": lambda: _opened(chosen, active=False),
        "fast": lambda: client(PLAIN),
    }[start]()
    window = max(chosen.window, PLAIN.window)
    for doing in story:
        if isinstance(doing, Segment):
            said = bench.connection._tcb.sender
            heard = bench.connection._tcb.receiver
            segment = replace(
                doing,
                sequence=(doing.sequence + heard.nxt) % 2**32,
                acknowledgment=(doing.acknowledgment + said.una) % 2**32,
                sack=tuple(((a + said.una) % 2**32, (b + said.una) % 2**32) for a, b in doing.sack),
                timestamps=doing.timestamps
                and (doing.timestamps[0] % 2**32, doing.timestamps[1] % 2**32),
            )
            bench.connection.receive(segment, bench.now)
        else:
            _do(bench, doing)
        assert len(bench.flush()) <= 60
        bench.connection.panel()
        assert len(bench.got) <= 25 * 30 + window
    bench.later(7200 * SECOND)


def _opened(chosen: Options, active: bool) -> Bench:
    bench = Bench(chosen, Cookies(bytes(16)))
    if active:
        bench.connection.connect(0, b"early", b"12345678")
    else:
        bench.connection.listen(0)
    bench.flush()
    return bench


def _do(bench: Bench, doing: str) -> None:
    connection, now = bench.connection, bench.now
    if doing == "send":
        connection.send(bytes(5000), now)
    elif doing == "time":
        bench.later(SECOND)
    elif doing == "too big":
        connection.too_big(600, now)
    else:
        getattr(connection, doing)(now)
