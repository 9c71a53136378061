"""Random numbers and the date of other people's engines, given by whoever runs them."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import aioquic.tls
import pytest
from quic_pair import losing, pair

from wirestep.exchange import chance
from wirestep.exchange.chance import drawing
from wirestep.exchange.contract import Request

SIX = tuple(Request(target=f"/bytes/{size}") for size in (10, 2000, 3000, 4000, 5000, 6000))


def run(seed: int) -> list[tuple[int, int, bytes]]:
    """Enough streams and losses that the order in which they are served matters."""
    done = pair(*SIX, seed=seed, lose=losing(0.15, seed)).run()
    assert done.error == ""
    return [(one.time, one.side, one.data) for one in done.sent]


@pytest.mark.parametrize("seed", range(8))
def test_the_same_seed_gives_the_same_bytes_and_times(seed: int) -> None:
    assert run(seed) == run(seed)


def test_another_seed_gives_others() -> None:
    here = [data for _, _, data in run(5)]
    there = [data for _, _, data in run(6)]
    assert here[0] != there[0]


def test_another_process_gives_the_same_bytes() -> None:
    """Nothing hangs on the order in which this process's sets give their members."""
    code = "import test_chance as t, hashlib as h; print(h.md5(repr(t.run(5)).encode()).digest())"
    here = Path(__file__).parent
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": salt, "PYTHONPATH": f"{here}:{here.parent}"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for salt in ("1", "2")
    }
    assert len(said) == 1


def test_the_system_answers_where_nobody_gave_anything() -> None:
    assert chance.urandom(16) != chance.urandom(16)
    assert abs((chance.utcnow() - datetime.now(UTC)).total_seconds()) < 60


def test_a_date_that_is_given_is_the_engines() -> None:
    with drawing(random.Random(1), 1_700_000_000_000_001_000):
        assert aioquic.tls.utcnow() == datetime(2023, 11, 14, 22, 13, 20, 1, tzinfo=UTC)


def test_what_is_given_ends_with_the_block_even_when_it_fails() -> None:
    with pytest.raises(ZeroDivisionError), drawing(random.Random(1)):
        raise ZeroDivisionError
    assert chance.urandom(16) != random.Random(1).randbytes(16)


def test_other_threads_draw_from_the_system() -> None:
    drawn: list[bytes] = []
    with drawing(random.Random(1)):
        thread = threading.Thread(target=lambda: drawn.append(aioquic.tls.os.urandom(16)))
        thread.start()
        thread.join()
        mine = aioquic.tls.os.urandom(16)
    assert mine == random.Random(1).randbytes(16)
    assert drawn[0] != mine


def test_keys_are_drawn_from_what_is_given() -> None:
    def keys(seed: int) -> list[bytes]:
        with drawing(random.Random(seed)):
            x25519 = aioquic.tls.x25519.X25519PrivateKey.generate()
            x448 = aioquic.tls.x448.X448PrivateKey.generate()
            curve = aioquic.tls.ec.generate_private_key(aioquic.tls.ec.SECP384R1())
        public = curve.public_key().public_numbers()
        return [
            x25519.public_key().public_bytes_raw(),
            x448.public_key().public_bytes_raw(),
            public.x.to_bytes(48, "big"),
        ]

    assert keys(1) == keys(1)
    assert not set(keys(1)) & set(keys(2))


def test_an_engine_without_the_name_is_refused() -> None:
    with pytest.raises(AttributeError):
        chance.lend(aioquic.quic.packet, "utcnow")


def test_the_systems_numbers_are_where_they_should_be() -> None:
    system = chance.System()
    assert {system.randrange(3, 6) for _ in range(200)} == {3, 4, 5}
    assert all(0 <= system.random() < 1 for _ in range(100))
    assert len(system.randbytes(7)) == 7
