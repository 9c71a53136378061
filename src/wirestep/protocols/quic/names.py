"""What the numbers of QUIC are called (RFC 9000 sections 12.4, 17, 20; RFC 9369; IANA)."""

from __future__ import annotations

from collections.abc import Mapping

INITIAL, ZERO_RTT, HANDSHAKE, RETRY = 0, 1, 2, 3
"""Types of long headers as version 1 numbers them (RFC 9000 section 17.2)."""
ONE_RTT, NEGOTIATION, UNKNOWN = 4, 5, 6
"""Packets that have no type in their header."""
KINDS: Mapping[int, str] = {
    INITIAL: "Initial",
    ZERO_RTT: "0-RTT",
    HANDSHAKE: "Handshake",
    RETRY: "Retry",
    ONE_RTT: "1-RTT",
    NEGOTIATION: "Version Negotiation",
    UNKNOWN: "Unknown version",
}
TYPES: Mapping[int, str] = {kind: KINDS[kind] for kind in (INITIAL, ZERO_RTT, HANDSHAKE, RETRY)}
TYPES_V2: Mapping[int, str] = {(kind + 1) % 4: name for kind, name in TYPES.items()}
"""(RFC 9369 section 3.2)"""

V1, V2, DRAFT_29 = 0x00000001, 0x6B3343CF, 0xFF00001D
DRAFTS = range(0xFF000017, 0xFF000023)
"""Drafts 23 to 34: what the packets look like did not change any more."""
VERSIONS: Mapping[int, str] = {
    0: "Version Negotiation",
    V1: "1",
    V2: "2",
    0x709A50C4: "2 (draft)",
    **{number: f"draft-{number & 0xFF}" for number in DRAFTS},
}
READABLE = frozenset((V1, V2, *DRAFTS))

FORMS: Mapping[int, str] = {0: "Short header", 1: "Long header"}
NUMBER_LENGTHS: Mapping[int, str] = {0: "1 byte", 1: "2 bytes", 2: "3 bytes", 3: "4 bytes"}
INITIATORS: Mapping[int, str] = {0: "Client-initiated", 1: "Server-initiated"}
DIRECTIONS: Mapping[int, str] = {0: "Bidirectional", 1: "Unidirectional"}

FRAMES: Mapping[int, str] = {
    0x00: "PADDING",
    0x01: "PING",
    0x02: "ACK",
    0x03: "ACK_ECN",
    0x04: "RESET_STREAM",
    0x05: "STOP_SENDING",
    0x06: "CRYPTO",
    0x07: "NEW_TOKEN",
    **dict.fromkeys(range(0x08, 0x10), "STREAM"),
    0x10: "MAX_DATA",
    0x11: "MAX_STREAM_DATA",
    0x12: "MAX_STREAMS (bidirectional)",
    0x13: "MAX_STREAMS (unidirectional)",
    0x14: "DATA_BLOCKED",
    0x15: "STREAM_DATA_BLOCKED",
    0x16: "STREAMS_BLOCKED (bidirectional)",
    0x17: "STREAMS_BLOCKED (unidirectional)",
    0x18: "NEW_CONNECTION_ID",
    0x19: "RETIRE_CONNECTION_ID",
    0x1A: "PATH_CHALLENGE",
    0x1B: "PATH_RESPONSE",
    0x1C: "CONNECTION_CLOSE (transport)",
    0x1D: "CONNECTION_CLOSE (application)",
    0x1E: "HANDSHAKE_DONE",
    0x1F: "IMMEDIATE_ACK",
    0x30: "DATAGRAM",
    0x31: "DATAGRAM",
    0xAF: "ACK_FREQUENCY",
}

_ERRORS = {
    0x00: "NO_ERROR",
    0x01: "INTERNAL_ERROR",
    0x02: "CONNECTION_REFUSED",
    0x03: "FLOW_CONTROL_ERROR",
    0x04: "STREAM_LIMIT_ERROR",
    0x05: "STREAM_STATE_ERROR",
    0x06: "FINAL_SIZE_ERROR",
    0x07: "FRAME_ENCODING_ERROR",
    0x08: "TRANSPORT_PARAMETER_ERROR",
    0x09: "CONNECTION_ID_LIMIT_ERROR",
    0x0A: "PROTOCOL_VIOLATION",
    0x0B: "INVALID_TOKEN",
    0x0C: "APPLICATION_ERROR",
    0x0D: "CRYPTO_BUFFER_EXCEEDED",
    0x0E: "KEY_UPDATE_ERROR",
    0x0F: "AEAD_LIMIT_REACHED",
    0x10: "NO_VIABLE_PATH",
    0x11: "VERSION_NEGOTIATION_ERROR",
}
ERRORS: Mapping[int, str] = {
    **_ERRORS,
    **{0x100 + alert: "CRYPTO_ERROR" for alert in range(0x100)},
}
"""(RFC 9000 section 20.1, RFC 9368 section 10.2)"""


def grease(version: int) -> bool:
    """A version that means nothing, offered to be refused (RFC 9000 section 15)."""
    return version & 0x0F0F0F0F == 0x0A0A0A0A
