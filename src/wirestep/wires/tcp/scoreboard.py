"""What was sent and not yet acknowledged, and what is known of it (RFC 6675 section 3)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

from .segment import ACK

DUP_THRESH = 3
"""RFC 6675 section 2; RFC 5681 section 3.2."""


@dataclass(slots=True)
class Sent:
    """One segment that is under way, or lost, or there but not yet acknowledged in order."""

    start: int
    stop: int
    """Its sequence numbers [start, stop), SYN and FIN among them."""
    flags: int
    time: int
    """When it was sent last."""
    first: int
    """When it was sent first."""
    again: int = 0
    """How often it was sent again."""
    sacked: bool = False
    """The peer says it has it (RFC 2018)."""
    lost: bool = False
    """Taken for lost."""
    resent: bool = False
    """Sent again since it was taken for lost."""

    @property
    def under_way(self) -> int:
        """How many bytes it adds to `pipe` (RFC 6675 section 4, SetPipe)."""
        if self.sacked:
            return 0
        return (self.stop - self.start) * ((not self.lost) + self.resent)


def _start(record: Sent) -> int:
    return record.start


class Scoreboard:
    """The segments between SND.UNA and SND.NXT, in order."""

    __slots__ = ("_waiting", "high_rxt", "highest_sacked", "pipe", "rescue", "sent")

    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self.pipe = 0
        """Bytes that are thought to be in the network."""
        self.high_rxt = 0
        """Where the retransmissions of this recovery have come to."""
        self.highest_sacked = 0
        """The end of the highest selective acknowledgment, as far as it is above SND.UNA."""
        self.rescue = 0
        """No rescue retransmission below this (RescueRxt)."""
        self._waiting = False
        """Something may wait to be sent again: what `next_lost` finds at the latest."""

    def add(self, record: Sent) -> None:
        """A new segment was sent."""
        self.sent.append(record)
        self.pipe += record.stop - record.start

    def acknowledge(self, ack: int) -> list[Sent]:
        """Forget what ends at or before `ack`; returns that, in order."""
        sent = self.sent
        count = 0
        for record in sent:
            if record.stop > ack:
                break
            self.pipe -= record.under_way
            count += 1
        gone = sent[:count]
        del sent[:count]
        if sent and sent[0].start < ack:
            self.pipe -= sent[0].under_way
            sent[0].start = ack
            self.pipe += sent[0].under_way
        return gone

    def mark_sacked(self, blocks: Iterable[tuple[int, int]]) -> bool:
        """Note what the peer has; returns whether anything of it is news."""
        news = False
        for start, stop in blocks:
            for at in range(bisect_left(self.sent, start, key=_start), len(self.sent)):
                record = self.sent[at]
                if record.stop > stop:
                    break
                if not record.sacked:
                    self.pipe -= record.under_way
                    record.sacked = news = True
                    self.highest_sacked = max(self.highest_sacked, record.stop)
        return news

    def mark_lost(self, mss: int) -> None:
        """Take for lost what has enough acknowledged above it (RFC 6675 section 4, IsLost)."""
        bytes_above = runs_above = 0
        in_run = False
        for record in reversed(self.sent):
            if record.sacked:
                bytes_above += record.stop - record.start
                runs_above += not in_run
                in_run = True
                continue
            in_run = False
            if record.lost:
                return  # and so is all that is missing below
            if runs_above >= DUP_THRESH or bytes_above > (DUP_THRESH - 1) * mss:
                self.lose(record)

    def lose(self, record: Sent) -> None:
        """Take one for lost, once more if it was sent again."""
        self.pipe -= record.under_way
        record.lost = self._waiting = True
        record.resent = False
        self.high_rxt = min(self.high_rxt, record.start)

    def lose_all(self) -> None:
        """The timer ran out: nothing is thought to be under way (RFC 6675 section 5.1).

        Where the peer has taken back what it had said of the oldest segment, nothing that it said
        is believed any more (RFC 2018 section 8).
        """
        reneged = bool(self.sent) and self.sent[0].sacked
        for record in self.sent:
            record.sacked = record.sacked and not reneged
            record.lost = not record.sacked
            record.resent = False
        if reneged:
            self.highest_sacked = 0
        self.pipe = 0
        self._waiting = True
        self.high_rxt = self.sent[0].start if self.sent else 0

    def next_lost(self) -> Sent | None:
        """The next segment to send again (RFC 6675 section 4, NextSeg, rule 1)."""
        if not self._waiting:
            return None
        for at in range(bisect_left(self.sent, self.high_rxt, key=_start), len(self.sent)):
            record = self.sent[at]
            if record.lost and not record.resent and not record.sacked:
                return record
        self._waiting = False
        return None

    def next_hole(self) -> Sent | None:
        """What may be sent again without being surely lost (NextSeg, rules 3 and 4)."""
        sent = self.sent
        for at in range(bisect_left(sent, self.high_rxt, key=_start), len(sent)):
            record = sent[at]
            if record.start >= self.highest_sacked:
                break
            if not record.sacked and not record.resent:
                return record
        if sent and sent[0].start >= self.rescue:
            last = next((record for record in reversed(sent) if not record.sacked), None)
            if last is not None and not last.resent:
                return last
        return None

    def resend(self, record: Sent, now: int, recover: int | None = None) -> None:
        """`record` is sent again; as a rescue (rule 4) where `recover` says until when no other."""
        record.time = now
        record.again += 1
        if not record.resent:
            record.resent = True
            self.pipe += record.stop - record.start
        if recover is None:
            self.high_rxt = max(self.high_rxt, record.stop)
        else:
            self.rescue = recover

    def split(self, mss: int) -> None:
        """Cut what is too large for the path now, and take it for lost (RFC 1191 section 6.4)."""
        cut: list[Sent] = []
        for record in self.sent:
            if record.sacked or record.stop - record.start <= mss:
                cut.append(record)
                continue
            self.lose(record)
            for start in range(record.start, record.stop, mss):
                stop = min(start + mss, record.stop)
                flags = record.flags if stop == record.stop else ACK
                cut.append(Sent(start, stop, flags, record.time, record.first, 1, lost=True))
        self.sent = cut
