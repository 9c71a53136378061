"""What acknowledgments tell of losses, and what is done about them.

Three ways: with selective acknowledgments (RFC 6675), without (NewReno, RFC 6582), and after the
retransmission timer ran out (RFC 5681 section 3.1). All three keep the same scoreboard.
"""

from __future__ import annotations

from enum import StrEnum

from .congestion import Reno
from .scoreboard import DUP_THRESH
from .sender import Sender


class Mode(StrEnum):
    """How the sender stands towards losses."""

    OPEN = ""
    FAST = "fast recovery"
    TIMED_OUT = "after a time-out"


class Recovery:
    """Counts duplicate acknowledgments; takes segments for lost; tells congestion control."""

    __slots__ = (
        "_congestion",
        "_partials",
        "_sender",
        "cwr",
        "dup_acks",
        "eager",
        "mode",
        "recover",
        "reduced",
        "sack",
    )

    def __init__(self, sender: Sender, congestion: Reno) -> None:
        self._sender = sender
        self._congestion = congestion
        self.sack = False
        """Selective acknowledgments were agreed on."""
        self.mode = Mode.OPEN
        self.dup_acks = 0
        self.recover = sender.iss
        """RecoveryPoint: a recovery ends when this is acknowledged."""
        self.reduced = sender.iss
        """Until this is acknowledged a mark does not make the window smaller again."""
        self.cwr = False
        """The congestion window was reduced: the next new data says so (RFC 3168 6.1.2)."""
        self.eager = False
        """The first retransmission of a fast recovery asks no window (RFC 6675 section 5, 4.3)."""
        self._partials = 0
        """Partial acknowledgments in this recovery (RFC 6582)."""

    @property
    def allowance(self) -> int:
        """Bytes beyond the congestion window: limited transmit (RFC 3042 section 2).

        With selective acknowledgments the pipe is shorter by what arrived, which is the same.
        """
        if self.sack or self.mode is Mode.FAST or self.dup_acks >= DUP_THRESH:
            return 0
        return self.dup_acks * self._congestion.mss

    def acknowledged(self, count: int, now: int, srtt: int | None, grow: bool) -> bool:
        """`count` new bytes are acknowledged; `grow`: cwnd was what held us back.

        Returns whether the retransmission timer may start anew.
        """
        sender, congestion = self._sender, self._congestion
        self.dup_acks = 0
        complete = sender.una >= self.recover
        if self.mode is Mode.FAST:
            if complete:
                self._leave()
                return True
            return self.sack or self._partial(count)
        if complete:
            self.mode = Mode.OPEN
        if grow:
            congestion.acknowledged(count, now, srtt)
        return True

    def duplicate(self, now: int) -> None:
        """An acknowledgment of nothing new came, because something arrived out of order."""
        sender = self._sender
        if self.mode is Mode.FAST:
            if not self.sack:
                self._congestion.cwnd += self._congestion.mss  # RFC 6582 section 3.2, step 3
            return
        self.dup_acks += 1
        first = sender.board.sent[0]
        # RFC 6675 section 5: a new recovery only above the old one; RFC 6582 section 3.2, step 2.
        fresh = sender.una >= self.recover if self.sack else sender.una > self.recover
        if fresh and (self.dup_acks >= DUP_THRESH or (self.sack and first.lost)):
            self._enter(now)

    def timed_out(self, first: bool) -> None:
        """The retransmission timer ran out; for the `first` time for this segment."""
        sender = self._sender
        self._congestion.timed_out(sender.flight, first)
        sender.board.lose_all()
        self.mode = Mode.TIMED_OUT
        self.recover = self.reduced = sender.nxt
        self.dup_acks = 0
        self.eager = False
        self.cwr = True

    def marked(self, now: int) -> None:
        """The peer echoes a congestion mark: heeded once for each window (RFC 3168 6.1.2)."""
        sender = self._sender
        if sender.una >= self.reduced:
            self._congestion.lost(sender.flight, now)
            self.reduced = sender.nxt
            self.cwr = True

    def _enter(self, now: int) -> None:
        """Fast retransmit (RFC 6675 section 5, step 4; RFC 6582 section 3.2, step 2)."""
        sender, congestion, board = self._sender, self._congestion, self._sender.board
        if sender.una >= self.reduced:
            congestion.lost(sender.flight, now)
        else:  # the same window was marked already: RFC 3168 section 6.1.2
            congestion.cwnd = congestion.ssthresh
        self.mode = Mode.FAST
        self.recover = self.reduced = sender.nxt
        self.eager = self.cwr = True
        self._partials = 0
        board.high_rxt = sender.una
        if not board.sent[0].lost:
            board.lose(board.sent[0])
        if not self.sack:
            congestion.cwnd += DUP_THRESH * congestion.mss

    def _partial(self, count: int) -> bool:
        """A partial acknowledgment: the next segment is lost too (RFC 6582 section 3.2, step 3)."""
        congestion, board = self._congestion, self._sender.board
        self._partials += 1
        if board.sent:
            board.lose(board.sent[0])
            self.eager = True
        congestion.cwnd = max(congestion.cwnd - count, congestion.mss)
        if count >= congestion.mss:
            congestion.cwnd += congestion.mss
        return self._partials == 1  # "impatient": RFC 6582 section 4

    def _leave(self) -> None:
        """A full acknowledgment (RFC 6675 section 5, (A); RFC 6582 section 3.2, step 3, (1))."""
        congestion = self._congestion
        self.mode = Mode.OPEN
        if not self.sack:
            flight = max(self._sender.flight, congestion.mss)
            congestion.cwnd = min(congestion.ssthresh, flight + congestion.mss)
