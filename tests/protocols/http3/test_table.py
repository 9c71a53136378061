"""The dynamic table of QPACK."""

from __future__ import annotations

import pytest

from wirestep.protocols.http3.table import Table


@pytest.mark.parametrize(
    ("limit", "inserted", "coded", "required"),
    [
        (100, 10, 4, 9),  # RFC 9204 section 4.5.1.1
        (100, 10, 0, 0),
        (100, 10, 6, 11),
        (100, 2, 4, 3),
        (100, 12, 1, 12),
        (None, 10, 4, 3),
    ],
)
def test_the_count_a_section_needs_is_coded_around_a_ring(
    limit: int | None, inserted: int, coded: int, required: int
) -> None:
    table = Table()
    table.limit, table.inserted = limit, inserted
    assert table.required(coded) == required
