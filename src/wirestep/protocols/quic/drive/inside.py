"""What aioquic keeps to itself and people watching want to see: its private names, all here."""

from __future__ import annotations

from aioquic.quic.connection import QuicConnection, QuicConnectionState
from aioquic.quic.events import ConnectionTerminated
from aioquic.quic.packet import QuicPacketType
from aioquic.quic.packet_builder import QuicSentPacket
from aioquic.quic.recovery import QuicPacketSpace
from aioquic.tls import Epoch

from wirestep.exchange.contract import Fact
from wirestep.protocols.quic.names import VERSIONS

SPACES = ((Epoch.INITIAL, "Initial"), (Epoch.HANDSHAKE, "Handshake"), (Epoch.ONE_RTT, "1-RTT"))
ENDING = {
    QuicConnectionState.CLOSING: "closing",
    QuicConnectionState.DRAINING: "draining",
    QuicConnectionState.TERMINATED: "closed",
}


def phase(quic: QuicConnection) -> str:
    """Where the connection stands, as a state of the panel."""
    if quic._state in ENDING:
        return ENDING[quic._state]
    if quic._handshake_confirmed:
        return "confirmed"
    if quic._handshake_complete:
        return "complete"
    return "first flight" if quic._state is QuicConnectionState.FIRSTFLIGHT else "handshake"


def detours(quic: QuicConnection) -> tuple[int, int]:
    """(Retry packets obeyed, version spoken): what can make a client begin anew."""
    return quic._retry_count, quic._version or 0


def spaces(quic: QuicConnection) -> list[QuicPacketSpace]:
    """The packet number spaces, to be kept while something may replace them."""
    return list(quic._spaces.values())


def give_up(quic: QuicConnection, before: list[QuicPacketSpace], seconds: float) -> None:
    """Send anew what was sent in the spaces of `before`, void since a Retry or a new version.

    aioquic forgets these packets when it begins again, and with them the requests in early data.
    """
    for space in before:
        _lose(quic, space, list(space.sent_packets.values()), seconds)


def follow_version(quic: QuicConnection) -> None:
    """Protect Initial packets as the version in their header says.

    After compatible negotiation (RFC 9368 section 2.3) aioquic's client writes the new version,
    but keeps the keys of the old one.
    """
    keys = quic._cryptos_initial.get(version(quic))
    if keys is not None and keys.send.is_valid():
        quic._cryptos[Epoch.INITIAL] = keys


def early_is_lost(quic: QuicConnection, seconds: float) -> None:
    """Send early data anew: the server did not take it (RFC 9001 section 4.6.2)."""
    space = quic._spaces[Epoch.ONE_RTT]
    packets = [p for p in space.sent_packets.values() if p.packet_type is QuicPacketType.ZERO_RTT]
    _lose(quic, space, packets, seconds)


def _lose(
    quic: QuicConnection, space: QuicPacketSpace, packets: list[QuicSentPacket], seconds: float
) -> None:
    quic._loss._on_packets_lost(congestion_event=False, now=seconds, packets=packets, space=space)


def confirmed(quic: QuicConnection) -> bool:
    """Whether both ends are known to have finished (RFC 9001 section 4.1.2)."""
    return quic._handshake_confirmed


def patience(quic: QuicConnection) -> float:
    """Seconds after which an answer is late: the PTO, without backoff."""
    return quic._loss.get_probe_timeout()


def challenged(quic: QuicConnection) -> bool:
    """Whether the path in use was asked for a proof that has not come."""
    path = quic._network_paths[0] if quic._network_paths else None
    return path is not None and path.local_challenge_sent and not path.is_validated


def challenge_again(quic: QuicConnection) -> None:
    """The proof may be lost, which aioquic does not think of (RFC 9000 section 8.2.1)."""
    quic._network_paths[0].local_challenge_sent = False


def ending(quic: QuicConnection) -> ConnectionTerminated | None:
    """Why it closes or drains, once it does; the event itself comes after three PTOs."""
    return quic._close_event if quic._state in ENDING else None


def version(quic: QuicConnection) -> int:
    return quic._version or 0


def reset_tokens(quic: QuicConnection) -> list[bytes]:
    """By which the peer may reset without state, for the connection ids in use with it."""
    mine = [quic._peer_cid, *quic._peer_cid_available]
    return [cid.stateless_reset_token for cid in mine if cid.stateless_reset_token]


def own_ids(quic: QuicConnection) -> set[bytes]:
    """Connection ids under which the peer may reach it: its own, and for a server those that
    it is called by at first: one made up by the client (RFC 9000 section 7.2), one of a Retry."""
    ids = {cid.cid for cid in quic._host_cids}
    if not quic._is_client:
        ids.add(quic._original_destination_connection_id)
        ids.add(quic._retry_source_connection_id or b"")
    return ids


def own_reset_tokens(quic: QuicConnection) -> dict[bytes, bytes]:
    """Connection id -> token, of a server's own connection ids."""
    return {cid.cid: cid.stateless_reset_token for cid in quic._host_cids}


def timers(quic: QuicConnection) -> list[tuple[str, float]]:
    """(name, deadline in seconds of aioquic's clock) of all that is armed, soonest first."""
    found: list[tuple[str, float | None]] = []
    if quic._state in ENDING:
        found.append(("end of " + ENDING[quic._state], quic._close_at))
    else:
        found.append(("idle timeout", quic._close_at))
        found += [("delayed ACK", space.ack_at) for space in quic._loss.spaces]
        late = quic._loss._get_loss_space() is not None
        found.append(("loss detection" if late else "PTO", quic._loss_at))
        found.append(("pacing", quic._pacing_at))
        found.append(("path validation", quic._path_validation_deadline()))
    return sorted(((name, at) for name, at in found if at is not None), key=lambda one: one[1])


def facts(quic: QuicConnection) -> tuple[Fact, ...]:
    """Lines of the panel."""
    loss, path = quic._loss, quic._network_paths[0] if quic._network_paths else None
    lines = [
        Fact("version", VERSIONS.get(version(quic), f"{version(quic):#010x}")),
        Fact("own cid", " ".join(cid.cid.hex() for cid in quic._host_cids)),
        Fact("peer's cid", quic._peer_cid.cid.hex()),
        Fact("spare cids", str(len(quic._peer_cid_available))),
    ]
    for epoch, name in SPACES:
        space = quic._spaces.get(epoch)
        if space is not None:
            lines.append(Fact(name, _space(space)))
    window, flying = loss.congestion_window, loss.bytes_in_flight
    lines.append(Fact("cwnd", f"{window:,} bytes"))
    lines.append(Fact("in flight", f"{flying:,} bytes", min(1.0, flying / window)))
    if loss._cc.ssthresh is not None:
        lines.append(Fact("ssthresh", f"{loss._cc.ssthresh:,} bytes"))
    if loss._rtt_initialized:
        lines.append(Fact("srtt", f"{loss._rtt_smoothed * 1000:.1f} ms"))
        lines.append(Fact("rttvar", f"{loss._rtt_variance * 1000:.1f} ms"))
    lines.append(Fact("PTO", f"{loss.get_probe_timeout() * 1000:.1f} ms x {2**loss._pto_count}"))
    if path is not None and not path.is_validated:
        left = max(0, 3 * path.bytes_received - path.bytes_sent)
        lines.append(Fact("path", f"not validated, {left:,} bytes may be sent"))
    return tuple(lines)


def _space(space: QuicPacketSpace) -> str:
    """What a packet number space holds: largest received, largest acknowledged, waiting."""
    if space.discarded:
        return "discarded"
    received = space.largest_received_packet
    return (
        f"received to {received if received >= 0 else '-'}, "
        f"acknowledged to {space.largest_acked_packet}, {len(space.sent_packets)} unacknowledged"
    )
