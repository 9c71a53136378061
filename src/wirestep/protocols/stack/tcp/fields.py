"""Fields of TCP segments, and what is said of each mark of the analysis."""

from typing import NamedTuple

from wirestep.decode.checksum import STATUS
from wirestep.decode.fields import table

from . import options

FIELDS = {
    **table(
        """
tcp.srcport                           uint   Source port
tcp.dstport                           uint   Destination port
tcp.stream                            uint   Conversation
tcp.completeness                      uint   Completeness of the conversation
tcp.len                               uint   Segment length
tcp.seq                               uint   Sequence number
tcp.seq_raw                           uint   Sequence number (raw)
tcp.nxtseq                            uint   Next sequence number
tcp.ack                               uint   Acknowledgment number
tcp.ack_raw                           uint   Acknowledgment number (raw)
tcp.hdr_len                           uint   Header length
tcp.flags                             hex2   Flags
tcp.flags.res                         uint   Reserved
tcp.flags.ae                          bool   Accurate ECN
tcp.flags.cwr                         bool   Congestion window reduced
tcp.flags.ece                         bool   ECN echo
tcp.flags.ace                         uint   Count of congestion marks
tcp.flags.urg                         bool   Urgent
tcp.flags.ack                         bool   Acknowledgment
tcp.flags.push                        bool   Push
tcp.flags.reset                       bool   Reset
tcp.flags.syn                         bool   Synchronize
tcp.flags.fin                         bool   Finish
tcp.flags.str                         str    Flags as letters
tcp.connection.syn                    group  A connection is asked for
tcp.connection.synack                 group  A connection is granted
tcp.connection.fin                    group  One side ends
tcp.connection.fin_active             group  It ends first
tcp.connection.fin_passive            group  It ends because the other did
tcp.connection.rst                    group  The connection is broken off
tcp.window_size_value                 uint   Window
tcp.window_size                       uint   Calculated window
tcp.window_size_scalefactor           int    Window scale factor
tcp.checksum                          hex2   Checksum
tcp.checksum.status                   uint   Checksum status
tcp.checksum_calculated               hex2   Checksum as it should be
tcp.urgent_pointer                    uint   Urgent pointer
tcp.time_relative                     span   Time since the conversation began
tcp.time_delta                        span   Time since its segment before
tcp.analysis                          group  Analysis
tcp.analysis.acks_frame               uint   Acknowledges the segment in frame
tcp.analysis.ack_rtt                  span   Round trip of that segment
tcp.analysis.initial_rtt              span   Round trip of the handshake
tcp.analysis.bytes_in_flight          uint   Bytes in flight
tcp.analysis.push_bytes_sent          uint   Bytes since the last push
tcp.analysis.flags                    group  What befell it
tcp.analysis.reused_ports             group  Ports of an earlier conversation
tcp.analysis.retransmission           group  Sent again
tcp.analysis.fast_retransmission      group  Sent again at once, asked by repeated acknowledgments
tcp.analysis.spurious_retransmission  group  Sent again though acknowledged
tcp.analysis.rto                      span   Time until it was sent again
tcp.analysis.rto_frame                uint   Counted from frame
tcp.analysis.out_of_order             group  Overtaken on its way
tcp.analysis.lost_segment             group  A segment before it was not captured
tcp.analysis.ack_lost_segment         group  Acknowledges bytes that were not captured
tcp.analysis.window_update            group  Only the window changed
tcp.analysis.window_full              group  Fills the window
tcp.analysis.keep_alive               group  Keeps an idle connection alive
tcp.analysis.keep_alive_ack           group  Answers a keep-alive
tcp.analysis.duplicate_ack            group  Says again what was acknowledged last
tcp.analysis.duplicate_ack_num        uint   Times it was said again
tcp.analysis.duplicate_ack_frame      uint   First said in frame
tcp.analysis.zero_window_probe        group  Asks whether the window has opened
tcp.analysis.zero_window              group  The window is closed
tcp.analysis.zero_window_probe_ack    group  Answers: still closed
tcp.reset_cause                       str    Reason given for the reset
tcp.payload                           bytes  Payload
""",
        {"tcp.checksum.status": STATUS},
    ),
    **options.FIELDS,
}


class Fate(NamedTuple):
    """One thing that can befall a segment."""

    name: str
    """Behind "tcp.analysis."."""
    text: str
    """In front of the Info column; those at the end of FATES stand first."""
    mark: str = ""
    """As the ladder knows it."""
    also: str = ""
    """A wider name that holds too."""


FATES = (
    Fate("reused_ports", "TCP Port numbers reused"),
    Fate("retransmission", "TCP Retransmission", "retransmission"),
    Fate("fast_retransmission", "TCP Fast Retransmission", "retransmission", "retransmission"),
    Fate(
        "spurious_retransmission", "TCP Spurious Retransmission", "retransmission", "retransmission"
    ),
    Fate("out_of_order", "TCP Out-Of-Order", "out-of-order"),
    Fate("lost_segment", "TCP Previous segment not captured", "gap"),
    Fate("ack_lost_segment", "TCP ACKed unseen segment", "gap"),
    Fate("window_update", "TCP Window Update"),
    Fate("window_full", "TCP Window Full"),
    Fate("keep_alive", "TCP Keep-Alive", "keep-alive"),
    Fate("keep_alive_ack", "TCP Keep-Alive ACK", "keep-alive"),
    Fate("duplicate_ack", "TCP Dup ACK", "duplicate-ack"),
    Fate("zero_window_probe", "TCP ZeroWindowProbe", "zero-window"),
    Fate("zero_window", "TCP ZeroWindow", "zero-window"),
    Fate("zero_window_probe_ack", "TCP ZeroWindowProbeAck", "zero-window"),
)
