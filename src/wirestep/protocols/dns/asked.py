"""Which query a response answers, and what was sent again (RFC 1035 section 4.1.1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from wirestep.decode.contract import Where
from wirestep.decode.cursor import Cursor

AGAIN = 5_000_000_000
"""The same query within this many ns is a repetition, later a new one (as Wireshark has it)."""
MAX_OPEN = 4096
"""Queries remembered for one flow; beyond them the oldest are forgotten."""
TRANSFERS = frozenset({251, 252})
"""IXFR and AXFR may be answered by many messages (RFC 5936 section 2.2)."""

Question = tuple[tuple[bytes, ...], int]
"""A name's labels in lower case and a type."""


class Query(NamedTuple):
    """A query as it was seen."""

    record: int
    time: int
    question: Question | None
    answered: int | None = None
    """The record of the response."""


@dataclass
class Asked:
    """The queries of one flow, by id."""

    queries: dict[int, Query] = field(default_factory=dict)

    def copy(self) -> Asked:
        """The queries as they are now."""
        return Asked(dict(self.queries))

    def ask(self, cursor: Cursor, where: Where, key: int, question: Question | None) -> bool:
        """Note a query; True where it is the repetition of one that waits for its answer."""
        now = where.record
        known = self.queries.get(key)
        if (
            known is not None
            and known.question == question
            and known.answered is None
            and known.record != now.number
            and now.time - known.time < AGAIN
        ):
            self._again(cursor, "request", known.record)
            return True
        self.queries.pop(key, None)
        self.queries[key] = Query(now.number, now.time, question)
        if len(self.queries) > MAX_OPEN:
            del self.queries[next(iter(self.queries))]
        return False

    def answer(
        self, cursor: Cursor, where: Where, key: int, question: Question | None, expected: bool
    ) -> tuple[bool, bool]:
        """Link a response to its query; whether there is one, whether it was answered before.

        `expected`: say so where there is none.
        """
        now = where.record
        known = self.queries.get(key)
        if known is not None and question is not None and known.question not in (None, question):
            cursor.note("odd", f"the question is not that of the query in frame {known.record + 1}")
            known = None
        if known is None:
            if expected:
                cursor.worked("dns.unsolicited", 1)
            return False, False
        transfer = known.question is not None and known.question[1] in TRANSFERS
        if known.answered not in (None, now.number) and not transfer:
            assert known.answered is not None
            self._again(cursor, "response", known.answered)
            return False, True
        if known.answered is None:
            self.queries[key] = known._replace(answered=now.number)
        cursor.worked("dns.response_to", known.record + 1)
        cursor.worked("dns.time", now.time - known.time)
        return True, False

    def _again(self, cursor: Cursor, what: str, record: int) -> None:
        cursor.worked(f"dns.retransmit_{what}", None)
        cursor.worked(f"dns.retransmit_{what}_in", record + 1)
        cursor.worked("dns.retransmission", 1)
        cursor.note("odd", f"sent again: the first {what} is in frame {record + 1}")
