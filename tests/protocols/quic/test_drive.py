"""QUIC clients and servers of the lab, in virtual time."""

from __future__ import annotations

import pytest
from quic_pair import losing, pair

from wirestep.exchange.contract import Request, Response


def test_one_request_takes_two_round_trips() -> None:
    """One for the handshake, one for the request."""
    done = pair(delay=140_000_000).run()
    assert done.at(Response) == 560
    assert [one.status for one in done.responses] == ["200"]
    assert done.error == ""


@pytest.mark.parametrize("seed", range(20))
def test_whatever_is_lost_the_content_is_whole(seed: int) -> None:
    requests = (Request(target="/"), Request(target="/bytes/20000"), Request(target="/users"))
    done = pair(*requests, seed=seed, lose=losing(0.05, seed)).run()
    assert done.error == ""
    sizes = {one.request: len(one.body) for one in done.responses}
    assert sorted(sizes) == [0, 1, 2]
    assert sizes[1] == 20000
