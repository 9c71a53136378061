"""QUIC packets as events of qlog (draft-ietf-quic-qlog-main-schema-02, -quic-events-01).

The vantage point is the network: what the client sends is called sent, what the server sends is
called received. Losses of the client's packets are inferred from acknowledgements (RFC 9002
section 6.1.1).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from wirestep.model import Field, Message

from .names import ERRORS, HANDSHAKE, INITIAL, RETRY, ZERO_RTT

Json = dict[str, Any]
TYPES = {INITIAL: "initial", ZERO_RTT: "0RTT", HANDSHAKE: "handshake", RETRY: "retry"}
NUMBERLESS = ("retry", "version_negotiation")
THRESHOLD = 3
"""Packets by which one is overtaken that is held to be lost (RFC 9002 section 6.1.1)."""
MOST = 10_000
"""Packets of a side whose acknowledgement is waited for."""
SIDES = ("client", "server")
DELAY = "quic.ack.ack_delay"
FRAMES: dict[int, tuple[str, dict[str, str]]] = {
    0x00: ("padding", {"length": "quic.padding_length"}),
    0x01: ("ping", {}),
    0x02: ("ack", {}),
    0x03: (
        "ack",
        {
            "ect0": "quic.ack.ect0_count",
            "ect1": "quic.ack.ect1_count",
            "ce": "quic.ack.ecn_ce_count",
        },
    ),
    0x04: (
        "reset_stream",
        {
            "stream_id": "quic.rsts.stream_id",
            "error_code": "quic.rsts.application_error_code",
            "final_size": "quic.rsts.final_size",
        },
    ),
    0x05: (
        "stop_sending",
        {"stream_id": "quic.ss.stream_id", "error_code": "quic.ss.application_error_code"},
    ),
    0x06: ("crypto", {"offset": "quic.crypto.offset", "length": "quic.crypto.length"}),
    0x07: ("new_token", {"length": "quic.nt.length", "token": "quic.nt.token"}),
    0x10: ("max_data", {"maximum": "quic.md.maximum_data"}),
    0x11: (
        "max_stream_data",
        {"stream_id": "quic.msd.stream_id", "maximum": "quic.msd.maximum_stream_data"},
    ),
    0x12: ("max_streams", {"maximum": "quic.ms.max_streams"}),
    0x13: ("max_streams", {"maximum": "quic.ms.max_streams"}),
    0x14: ("data_blocked", {"limit": "quic.sb.stream_data_limit"}),
    0x15: (
        "stream_data_blocked",
        {"stream_id": "quic.sdb.stream_id", "limit": "quic.sb.stream_data_limit"},
    ),
    0x16: ("streams_blocked", {"limit": "quic.sib.stream_limit"}),
    0x17: ("streams_blocked", {"limit": "quic.sib.stream_limit"}),
    0x18: (
        "new_connection_id",
        {
            "sequence_number": "quic.nci.sequence",
            "retire_prior_to": "quic.nci.retire_prior_to",
            "length": "quic.nci.connection_id.length",
            "connection_id": "quic.nci.connection_id",
            "reset_token": "quic.nci.stateless_reset_token",
        },
    ),
    0x19: ("retire_connection_id", {"sequence_number": "quic.rci.sequence"}),
    0x1A: ("path_challenge", {"data": "quic.path_challenge.data"}),
    0x1B: ("path_response", {"data": "quic.path_response.data"}),
    0x1E: ("handshake_done", {}),
    0x30: ("datagram", {"length": "quic.dg.length"}),
    0x31: ("datagram", {"length": "quic.dg.length"}),
}
"""By type: what it is called, and what is told of it, by field."""
STREAMS, CLOSES = range(0x08, 0x10), (0x1C, 0x1D)
STREAM_TYPES = {
    0x12: "bidirectional",
    0x13: "unidirectional",
    0x16: "bidirectional",
    0x17: "unidirectional",
}
TOKENS = frozenset({"quic.nt.token", "quic.nci.stateless_reset_token"})

Sent = dict[str, set[int]]
"""By space: numbers of the client's packets that nobody has acknowledged."""


class Log:
    """The trace of one connection; messages are shown to it in order, with their trees."""

    def __init__(self, *, secrets: bool) -> None:
        self._secrets = secrets
        self._start = 0
        self._known = ""
        self._ends: tuple[object, ...] = ()
        self._closed = False
        self._sent: Sent = {}

    def head(self, title: str, reference: int) -> Json:
        """All of the trace but its events; `reference` is where times are counted from, ns."""
        self._start = reference
        return {
            "title": title,
            "vantage_point": {"name": "wirestep", "type": "network", "flow": "client"},
            "common_fields": {
                "time_format": "relative",
                "reference_time": reference / 1e6,
                "protocol_type": ["QUIC"],
            },
        }

    def events(self, message: Message) -> Iterator[Json]:
        """What one datagram says."""
        if message.root is None:
            return
        for packet in message.root.children:
            if packet.name != "quic.packet":
                continue
            header = _header(packet)
            yield from self._ways(message, header)
            if header.get("packet_number") is None and header["packet_type"] not in NUMBERLESS:
                continue  # not decrypted: nobody knows what it is
            yield from self._packet(message, packet, header)

    def _event(self, message: Message, name: str, data: Json) -> Json:
        return {"time": (message.time - self._start) / 1e6, "name": name, "data": data}

    def _ways(self, message: Message, header: Json) -> Iterator[Json]:
        """The connection begins, or goes on between other ends."""
        first, second = message.sender, message.target
        if first is None or second is None:
            return
        client, server = (second, first) if message.side else (first, second)
        if self._ends == (client, server):
            return
        if not self._ends:
            data = {
                "ip_version": "v6" if ":" in client.host else "v4",
                "src_ip": client.host,
                "dst_ip": server.host,
                "protocol": "QUIC",
                "src_port": client.port,
                "dst_port": server.port,
            }
            if not message.side and "scid" in header:
                data |= {"src_cid": header["scid"], "dst_cid": header["dcid"]}
            yield self._event(message, "connectivity:connection_started", data)
        else:
            data = {"new": "path_changed", "src": str(client), "dst": str(server)}
            yield self._event(message, "connectivity:connection_state_updated", data)
        self._ends = client, server

    def _packet(self, message: Message, packet: Field, header: Json) -> Iterator[Json]:
        payload = next((one for one in packet.children if one.name == "quic.decrypted"), None)
        fields = [] if payload is None else payload.children
        frames = [self._frame(one) for one in fields if one.name == "quic.frame"]
        name = "transport:packet_received" if message.side else "transport:packet_sent"
        length = next((one.value for one in packet.children if one.name == "quic.packet_length"), 0)
        data = {"header": header, "frames": frames, "raw": {"length": length}}
        yield self._event(message, name, data)
        space = "1RTT" if header["packet_type"] == "0RTT" else header["packet_type"]
        if "packet_number" in header and not message.side:
            mine = self._sent.setdefault(space, set())
            mine.add(header["packet_number"])
            if len(mine) > MOST:
                mine.discard(min(mine))
        for frame in frames:
            if frame["frame_type"] == "ack" and message.side:
                yield from self._lost(message, space, frame["acked_ranges"])
            elif frame["frame_type"] == "connection_close" and not self._closed:
                self._closed = True
                code = frame["error_code"]
                kind = (
                    "connection_code"
                    if frame["error_space"] == "transport"
                    else ("application_code")
                )
                told = {"owner": SIDES[message.side], kind: code, "reason": frame["reason"]}
                yield self._event(message, "connectivity:connection_closed", told)

    def _lost(self, message: Message, space: str, ranges: list[list[int]]) -> Iterator[Json]:
        """What an acknowledgement shows to be lost."""
        sent = self._sent.get(space)
        if not sent or not ranges:
            return
        acked = {n for n in sent if any(first <= n <= last for first, last in ranges)}
        sent -= acked
        largest = ranges[-1][1]
        for number in sorted(n for n in sent if n <= largest - THRESHOLD):
            sent.discard(number)
            header = {"packet_type": space, "packet_number": number}
            data = {"header": header, "trigger": "reordering_threshold"}
            yield self._event(message, "recovery:packet_lost", data)

    def _frame(self, frame: Field) -> Json:
        fields = {one.name: one.value for one in frame.walk()}
        kind = fields.get("quic.frame_type")
        kind = kind if isinstance(kind, int) else -1
        if kind in STREAMS:
            return {
                "frame_type": "stream",
                "stream_id": fields.get("quic.stream.stream_id"),
                "offset": fields.get("quic.stream.offset") or 0,
                "length": _length(frame, "quic.stream_data"),
                "fin": bool(fields.get("quic.stream.fin")),
            }
        if kind in CLOSES:
            return _close(kind, fields)
        name, told = FRAMES.get(kind, ("unknown", {}))
        data: Json = {"frame_type": name}
        for key, of in told.items():
            value = fields.get(of)
            if value is not None and (self._secrets or of not in TOKENS):
                data[key] = value.hex() if isinstance(value, bytes) else value
        if kind in STREAM_TYPES:
            data["stream_type"] = STREAM_TYPES[kind]
        if name == "ack":
            delay = fields.get(DELAY)
            data["ack_delay"] = delay * 8 / 1000 if isinstance(delay, int) else 0
            data["acked_ranges"] = _ranges(frame)
        if name == "datagram" and "length" not in data:
            data["length"] = _length(frame, "quic.dg")
        if name == "unknown":
            data["raw_frame_type"] = kind
        return data


def _header(packet: Field) -> Json:
    fields = {one.name: one.value for one in packet.children}
    kind = packet.shown.partition("[")[0].strip()
    names = {
        "Initial": "initial",
        "0-RTT": "0RTT",
        "Handshake": "handshake",
        "Retry": "retry",
        "1-RTT": "1RTT",
        "Version Negotiation": "version_negotiation",
    }
    header: Json = {"packet_type": names.get(kind, "unknown")}
    number = fields.get("quic.packet_number")
    if isinstance(number, int):
        header["packet_number"] = number
    for key, of in (("dcid", "quic.dcid"), ("scid", "quic.scid")):
        value = fields.get(of)
        if isinstance(value, bytes):
            header[key] = value.hex()
    version = fields.get("quic.version")
    if isinstance(version, int):
        header["version"] = f"{version:08x}"
    return header


def _close(kind: int, fields: dict[str, Any]) -> Json:
    application = kind == CLOSES[1]
    code = fields.get("quic.cc.error_code.app" if application else "quic.cc.error_code")
    number = code if isinstance(code, int) else 0
    data: Json = {
        "frame_type": "connection_close",
        "error_space": "application" if application else "transport",
        "error_code": number if application else ERRORS.get(number, str(number)).lower(),
        "raw_error_code": number,
        "reason": str(fields.get("quic.cc.reason_phrase") or ""),
    }
    if not application:
        data["trigger_frame_type"] = fields.get("quic.cc.frame_type") or 0
    return data


def _ranges(frame: Field) -> list[list[int]]:
    """The packets that are acknowledged, ascending, both ends included (RFC 9000 19.3.1)."""
    found = []
    first = last = 0
    for one in frame.children:
        if not isinstance(one.value, int):
            continue
        if one.name == "quic.ack.largest_acknowledged":
            last = one.value
        elif one.name in ("quic.ack.first_ack_range", "quic.ack.ack_range"):
            first = last - one.value
            found.append([first, last])
        elif one.name == "quic.ack.gap":
            last = first - one.value - 2
    return sorted(found)


def _length(frame: Field, name: str) -> int:
    data = next((one for one in frame.children if one.name == name), None)
    return 0 if data is None else data.span.stop - data.span.start
