"""Asking a client to show that it is where it says (RFC 9000 section 8.1.2)."""

from __future__ import annotations

from aioquic.quic.crypto import CryptoPair
from aioquic.quic.packet import (
    QuicErrorCode,
    QuicFrameType,
    QuicHeader,
    QuicPacketType,
    encode_quic_retry,
)
from aioquic.quic.packet_builder import QuicPacketBuilder
from aioquic.quic.retry import QuicRetryTokenHandler
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wirestep.exchange.contract import Chance
from wirestep.model import Address

KEY = 16
INITIAL_SIZE = 1200


class Retry:
    """Tokens sealed with a key that only this server has."""

    def __init__(self, chance: Chance, cid_length: int) -> None:
        self._chance, self._cid_length = chance, cid_length
        self._tokens = QuicRetryTokenHandler()
        # aioquic draws this key inside OpenSSL, which cannot be seeded.
        self._tokens._aead = AESGCM(chance.randbytes(KEY))

    def ask(self, header: QuicHeader, sender: Address, now: float) -> bytes:
        """A Retry packet with a token for this client; `now` in seconds."""
        source = self._chance.randbytes(self._cid_length)
        token = self._tokens.create_token(
            address=sender,
            original_destination_connection_id=header.destination_cid,
            retry_source_connection_id=source,
            now=now,
        )
        return encode_quic_retry(
            version=header.version or 0,
            source_cid=source,
            destination_cid=header.source_cid,
            original_destination_cid=header.destination_cid,
            retry_token=token,
        )

    def original(self, header: QuicHeader, sender: Address, now: float) -> bytes:
        """The connection id that the client chose first, out of its token.

        Raises ValueError: the token is not of this server, of another client, or too old.
        """
        return self._tokens.validate_token(
            address=sender,
            destination_cid=header.destination_cid,
            token=header.token,
            now=now,
        )


def refuse(header: QuicHeader, code: QuicErrorCode) -> bytes:
    """An Initial packet that closes a connection which was never begun (RFC 9000 section 10.2.3).

    Its keys come from the connection id that the client chose, so it can be read.
    """
    crypto = CryptoPair()
    crypto.setup_initial(cid=header.destination_cid, is_client=False, version=header.version or 0)
    builder = QuicPacketBuilder(
        host_cid=header.destination_cid,
        is_client=False,
        max_datagram_size=INITIAL_SIZE,
        peer_cid=header.source_cid,
        version=header.version or 0,
    )
    builder.start_packet(QuicPacketType.INITIAL, crypto)
    frame = builder.start_frame(QuicFrameType.TRANSPORT_CLOSE, capacity=32)
    frame.push_uint_var(code)
    frame.push_uint_var(QuicFrameType.PADDING)
    frame.push_uint_var(0)
    datagrams, _ = builder.flush()
    return datagrams[0]
