"""The analysis of TCP by Wireshark's definitions, over columns: a few nanoseconds a packet.

`protocols/stack/tcp` says the same of a packet that is decoded; here whole captures are judged at
once, in slices of some ten thousand segments, and the state of each conversation is carried from
slice to slice. What can be told from sequence numbers in order is told for all segments together;
the finer rules see only those that are out of the ordinary.
"""

from .marks import MARK_FIELDS, MARK_SEVERITY, Mark
from .sides import SLICE
from .tcp import TcpAnalysis
from .view import DuplicateAcks, Flight, Samples, TcpView

__all__ = [
    "MARK_FIELDS",
    "MARK_SEVERITY",
    "SLICE",
    "DuplicateAcks",
    "Flight",
    "Mark",
    "Samples",
    "TcpAnalysis",
    "TcpView",
]
