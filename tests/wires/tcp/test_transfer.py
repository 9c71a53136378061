"""Whole transfers between two of our TCPs, in virtual time."""

from __future__ import annotations

import random

from .pair import CLIENT, MS, Pair, transfer

UP = random.Random(1).randbytes(60_000)
DOWN = random.Random(2).randbytes(30_000)


def test_a_transfer_both_ways() -> None:
    pair = Pair()
    transfer(pair, UP, DOWN)
    assert pair.when[CLIENT][0] == 100 * MS
