"""What one direction of a wire does to its packets."""

from __future__ import annotations

import random
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from wirestep.wires.contract import MS, SECOND, Link
from wirestep.wires.link import Channel, Passage

PACKET = bytes.fromhex("45000028") + bytes(1246)


def channel(link: Link, seed: int = 1) -> Channel:
    return Channel(link, lambda name: random.Random(f"{seed} {name}"))


def sent(link: Link, count: int = 2000, seed: int = 1, gap: int = MS) -> list[Passage]:
    one = channel(link, seed)
    return [one.send(PACKET, n * gap) for n in range(count)]


def test_time_is_delay() -> None:
    assert sent(Link(delay=7 * MS), 2) == [Passage(0, 7 * MS), Passage(MS, 8 * MS)]


def test_nothing_arrives_in_the_instant_in_which_it_leaves() -> None:
    assert all(passage.lands > passage.left for passage in sent(Link()))


def test_a_rate_makes_packets_wait_for_each_other() -> None:
    # 1250 bytes at 10 Mbit/s take a millisecond.
    passages = sent(Link(delay=5 * MS, rate=10_000_000), 4, gap=0)
    assert [(one.left, one.lands) for one in passages] == [
        (n * MS, (n + 1) * MS + 5 * MS) for n in range(4)
    ]


def test_a_full_queue_drops_at_its_tail() -> None:
    passages = sent(Link(rate=10_000_000, queue=3), 10, gap=0)
    # One is being sent, three wait.
    assert [one.fate for one in passages] == ["", "", "", "", *["queue full"] * 6]


def test_a_queue_empties_as_time_goes_on() -> None:
    one = channel(Link(rate=10_000_000, queue=1))
    fates = [one.send(PACKET, time).fate for time in (0, 0, 0, MS, MS)]
    assert fates == ["", "", "queue full", "", "queue full"]


def test_loss_by_place() -> None:
    fates = [one.fate for one in sent(Link(lose=(2, 5)), 6)]
    assert fates == ["", "lost", "", "", "lost", ""]
    assert [one.fate for one in sent(Link(every=3), 7)] == ["", "", "lost"] * 2 + [""]


def test_loss_by_chance_is_as_frequent_as_it_should_be() -> None:
    lost = sum(one.fate == "lost" for one in sent(Link(loss=0.05), 20_000))
    assert 850 < lost < 1150  # five standard deviations


def test_too_large() -> None:
    one = channel(Link(mtu=1249))
    assert one.send(PACKET, 0).fate == "too large"
    assert one.send(PACKET[:-1], 0).fate == ""


def test_jitter_keeps_the_order_and_its_bounds() -> None:
    passages = sent(Link(delay=10 * MS, jitter=5 * MS))
    lands = [one.lands for one in passages]
    assert lands == sorted(lands)
    assert all(10 * MS <= one.lands - one.left <= 15 * MS + MS for one in passages)
    assert len({one.lands - one.left for one in passages}) > 100


def test_packets_that_are_overtaken() -> None:
    lands = [one.lands for one in sent(Link(delay=20 * MS, reorder=0.1))]
    late = sum(after < before for before, after in pairwise(lands))
    assert 100 < late < 300


def test_copies_and_turned_bits() -> None:
    passages = sent(Link(duplicate=0.1, corrupt=0.1))
    assert 140 < sum(one.copy is not None for one in passages) < 260
    changed = [one.arrived for one in passages if one.arrived is not None]
    assert 140 < len(changed) < 260
    for data in changed:
        differing = int.from_bytes(data, "big") ^ int.from_bytes(PACKET, "big")
        assert differing.bit_count() == 1


LINKS = st.builds(
    Link,
    delay=st.just(20 * MS),
    jitter=st.sampled_from((0, 3 * MS)),
    loss=st.sampled_from((0.0, 0.1)),
    reorder=st.sampled_from((0.0, 0.1)),
    duplicate=st.sampled_from((0.0, 0.1)),
    corrupt=st.sampled_from((0.0, 0.1)),
    rate=st.sampled_from((0, 50_000_000)),
)


@given(LINKS, st.integers(0, 5))
def test_the_same_seed_is_the_same_link(link: Link, seed: int) -> None:
    assert sent(link, 50, seed) == sent(link, 50, seed)


@given(LINKS, st.integers(0, 20))
def test_one_kind_of_mishap_does_not_shift_another(link: Link, seed: int) -> None:
    """What is lost is lost whatever the delays are; delays are what they are whatever is lost."""
    plain = sent(Link(delay=link.delay, loss=link.loss), 80, seed)
    full = sent(link, 80, seed)
    assert [one.fate == "lost" for one in plain] == [one.fate == "lost" for one in full]
    calm = sent(Link(delay=link.delay, jitter=link.jitter, reorder=link.reorder), 80, seed)
    busy = sent(
        Link(delay=link.delay, jitter=link.jitter, reorder=link.reorder, loss=0.5), 80, seed
    )
    assert [one.lands for one in calm] == [one.lands for one in busy]


def test_other_seeds_are_other_links() -> None:
    link = Link(loss=0.3)
    assert len({tuple(one.fate for one in sent(link, 60, seed)) for seed in range(20)}) == 20


def test_each_packet_is_weighed_once_per_second_of_its_rate() -> None:
    passages = sent(Link(rate=8 * len(PACKET)), 3, gap=0)
    assert [one.left for one in passages] == [0, SECOND, 2 * SECOND]
