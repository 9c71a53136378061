"""How much the network is trusted with: Reno's congestion window (RFC 5681). Sizes are bytes."""

from __future__ import annotations

from .options import Options

UNKNOWN = 1 << 30
"""ssthresh before anything was lost: as good as no limit (RFC 5681 section 3.1)."""


class Reno:
    """Slow start, congestion avoidance, and what a loss costs."""

    name = "reno"
    __slots__ = ("_acked", "_initial", "cwnd", "mss", "ssthresh")

    def __init__(self, mss: int, segments: int) -> None:
        self.mss = mss
        """SMSS: what one segment carries at most."""
        self._initial = segments
        self.cwnd = segments * mss
        """RFC 6928 section 2."""
        self.ssthresh = UNKNOWN
        self._acked = 0
        """Bytes acknowledged since the window last grew in congestion avoidance."""

    def begin(self, mss: int, lost: bool) -> None:
        """The handshake is done; after a `lost` SYN with one segment (RFC 5681 section 3.1)."""
        self.mss = mss
        self.cwnd = mss if lost else self._initial * mss

    def acknowledged(self, count: int, now: int, srtt: int | None) -> None:
        """`count` new bytes are acknowledged, and the window was in full use."""
        if self.cwnd < self.ssthresh:
            self.cwnd += min(count, self.mss)  # slow start: RFC 5681 section 3.1, (2)
        else:
            self._avoid(count, now, srtt)

    def lost(self, flight: int, now: int) -> None:
        """A segment was lost, or marked (ECN), while `flight` bytes were under way."""
        self._reduce(flight)
        self.cwnd = self.ssthresh

    def timed_out(self, flight: int, first: bool) -> None:
        """The retransmission timer ran out; the `first` time for this segment (section 3.1)."""
        if first:
            self._reduce(flight)
        self.cwnd = self.mss

    def idle(self, time: int) -> None:
        """Nothing was sent for `time` ns, longer than an RTO (RFC 5681 section 4.1)."""
        self.cwnd = min(self.cwnd, self._initial * self.mss)

    def _avoid(self, count: int, now: int, srtt: int | None) -> None:
        """One segment more for each window that was acknowledged (section 3.1)."""
        self._acked += count
        if self._acked >= self.cwnd:
            self._acked -= self.cwnd
            self.cwnd += self.mss

    def _reduce(self, flight: int) -> None:
        self.ssthresh = max(flight // 2, 2 * self.mss)  # RFC 5681 section 3.1, (4)
        self._acked = 0


C = 0.4
BETA = 0.7
ALPHA = 3 * (1 - BETA) / (1 + BETA)
"""RFC 9438 sections 4.1, 4.6 and 4.3."""
_SECOND = 1_000_000_000


class Cubic(Reno):
    """A window that grows as a cubic function of the time since the last loss (RFC 9438).

    Windows are counted in segments here, times in seconds, as in the RFC.
    """

    name = "cubic"
    __slots__ = ("_epoch", "_fraction", "_k", "_prior", "_timed_out", "_w_est", "_w_max")

    def __init__(self, mss: int, segments: int) -> None:
        super().__init__(mss, segments)
        self._epoch: int | None = None
        """When this stage of congestion avoidance began, ns."""
        self._w_max = 0.0
        self._k = 0.0
        self._w_est = 0.0
        """What Reno would have by now (section 4.3)."""
        self._prior = 0.0
        self._fraction = 0.0
        """Segments that the window has grown, beyond whole bytes."""
        self._timed_out = False

    def idle(self, time: int) -> None:
        """Time in which nothing was sent does not make the window grow (section 5.8)."""
        super().idle(time)
        if self._epoch is not None:
            self._epoch += time

    def timed_out(self, flight: int, first: bool) -> None:
        """Section 4.8."""
        super().timed_out(flight, first)
        self._timed_out = True

    def _begin(self, now: int, window: float) -> None:
        """A stage of congestion avoidance begins (sections 4.2, 4.3, 4.8)."""
        self._epoch = now
        self._w_est = window
        if self._timed_out or self._w_max < window:
            self._w_max = window
            self._k = 0.0
        else:
            self._k = ((self._w_max - window) / C) ** (1 / 3)
        self._timed_out = False

    def _avoid(self, count: int, now: int, srtt: int | None) -> None:
        window = self.cwnd / self.mss
        if self._epoch is None:
            self._begin(now, window)
        acked = count / self.mss
        time = (now - (self._epoch or 0)) / _SECOND
        # Section 4.3: never slower than Reno.
        self._w_est += (ALPHA if self._w_est < self._prior else 1.0) * acked / window
        if self._cubic(time) < self._w_est:
            self.cwnd = max(self.cwnd, int(self._w_est * self.mss))
            return
        # Sections 4.2, 4.4 and 4.5: towards where the curve will be in a round trip.
        target = min(max(self._cubic(time + (srtt or 0) / _SECOND), window), 1.5 * window)
        self._fraction += (target - window) / window * count
        whole = int(self._fraction)
        self.cwnd += whole
        self._fraction -= whole

    def _cubic(self, time: float) -> float:
        return C * (time - self._k) ** 3 + self._w_max

    def _reduce(self, flight: int) -> None:
        window = self.cwnd / self.mss
        self._prior = window
        # Fast convergence: leave room for those who came later (section 4.7).
        self._w_max = window * (1 + BETA) / 2 if window < self._w_max else window
        self._epoch = None
        self._fraction = 0.0
        self.ssthresh = max(int(flight * BETA), 2 * self.mss)  # section 4.6


def controller(options: Options, mss: int) -> Reno:
    """The congestion control that the options name."""
    kind = Reno if options.congestion == "reno" else Cubic
    return kind(mss, options.initial_window)
