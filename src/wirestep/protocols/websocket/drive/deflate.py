"""permessage-deflate (RFC 7692) as wsproto has it, with two of its faults mended.

A control frame between the frames of a message, or before one, made wsproto forget whether the
message is compressed; and a small message could grow without bound when it was inflated.
"""

from __future__ import annotations

import zlib

from wsproto.extensions import PerMessageDeflate
from wsproto.frame_protocol import CloseReason, FrameDecoder, FrameProtocol, Opcode, RsvBits

MOST_MESSAGE = 16 * 1024 * 1024
"""Bytes of one message that are kept."""


class Deflate(PerMessageDeflate):
    """Compresses each message; `takeover`: what one message taught helps the next."""

    def __init__(self, *, takeover: bool = True) -> None:
        super().__init__(
            client_no_context_takeover=not takeover, server_no_context_takeover=not takeover
        )

    def frame_inbound_header(
        self, proto: FrameDecoder | FrameProtocol, opcode: Opcode, rsv: RsvBits, payload_length: int
    ) -> CloseReason | RsvBits:
        """Control frames are never compressed, and change nothing (RFC 7692 section 6)."""
        if opcode.iscontrol():
            self._inbound_is_compressible = False
            return CloseReason.PROTOCOL_ERROR if rsv.rsv1 else RsvBits(False, False, False)
        return super().frame_inbound_header(proto, opcode, rsv, payload_length)

    def frame_inbound_payload_data(
        self, proto: FrameDecoder | FrameProtocol, data: bytes
    ) -> bytes | CloseReason:
        """Inflated, up to MOST_MESSAGE."""
        if not self._inbound_compressed or not self._inbound_is_compressible:
            return data
        assert self._decompressor is not None
        try:
            inflated = self._decompressor.decompress(data, MOST_MESSAGE)
        except zlib.error:
            return CloseReason.INVALID_FRAME_PAYLOAD_DATA
        return CloseReason.MESSAGE_TOO_BIG if self._decompressor.unconsumed_tail else inflated

    def frame_inbound_complete(
        self, proto: FrameDecoder | FrameProtocol, fin: bool
    ) -> bytes | CloseReason | None:
        """What was left of a compressed message."""
        if not self._inbound_is_compressible:
            return None
        return super().frame_inbound_complete(proto, fin)
