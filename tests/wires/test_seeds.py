"""A small sample of tests/seeds.py: every protocol comes through losses, with the right bodies."""

from __future__ import annotations

import pytest
from seeds import KINDS, complaints, play


@pytest.mark.parametrize("name", KINDS)
def test_what_is_lost_is_made_up_for(name: str) -> None:
    for seed in range(3):
        run = play(KINDS[name], seed, {"loss": "5%", "reorder": "3%", "duplicate": "3%"})
        assert list(complaints(KINDS[name], run)) == []
