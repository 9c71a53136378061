"""The master secret from a server's private key, where the client encrypted the premaster for it.

So it was up to TLS 1.2 with RSA key exchange (RFC 5246 section 7.4.7.1): whoever gets the key, even
years later, can read what was recorded. With every other key exchange the key is of no use.
"""

from __future__ import annotations

from wirestep.decode.secrets import Secrets

from .ciphers import suite
from .crypto import open_rsa, prf, prf_early
from .exchange import key_exchange
from .parameters import CLIENT_HELLO, SERVER_HELLO, TLS_1_2, Parameters
from .transcript import TICKET, Transcript

SIZE = 48
"""Bytes of a premaster, and of a master secret."""
SSL_3 = 0x0300
CLIENT_KEY_EXCHANGE = 16


def unlock(
    message: bytes, parameters: Parameters, transcript: Transcript, secrets: Secrets
) -> None:
    """What a message tells of the master secret, of this session or of one that goes on."""
    kind = message[0]
    if kind == CLIENT_HELLO:
        parameters.master = b""
    elif kind == CLIENT_KEY_EXCHANGE:
        parameters.master = master_secret(message, parameters, transcript, secrets)
        secrets.remember(parameters.named, parameters.master)
    elif kind == SERVER_HELLO and parameters.resumed:
        by_ticket = secrets.recalled(parameters.ticket)
        parameters.master = by_ticket or secrets.recalled(parameters.session_id)
    elif kind == TICKET and not parameters.modern:
        size = int.from_bytes(message[8:10], "big")
        secrets.remember(message[10 : 10 + size], parameters.master)


def master_secret(
    message: bytes, parameters: Parameters, transcript: Transcript, secrets: Secrets
) -> bytes:
    """What a ClientKeyExchange makes the master secret; b"" where no key opens it."""
    version = parameters.version or 0
    if key_exchange(parameters.suite) != "RSA" or not SSL_3 < version <= TLS_1_2:
        return b""
    sealed = message[6 : 6 + int.from_bytes(message[4:6], "big")]
    for key in secrets.keys:
        premaster = open_rsa(key, sealed)
        # A wrong key gives random bytes; a right one the version of the hello (RFC 5246 7.4.7.1).
        if premaster is not None and len(premaster) == SIZE and premaster[0] == 3:
            return _master(premaster, parameters, transcript)
    return b""


def _master(premaster: bytes, parameters: Parameters, transcript: Transcript) -> bytes:
    found = suite(parameters.suite if parameters.suite is not None else -1)
    early = (parameters.version or 0) < TLS_1_2
    name = "early" if early or found is None else found.hash
    label, seed = b"master secret", parameters.client_random + parameters.server_random
    if parameters.extended_master_secret:
        if not transcript.whole:
            return b""
        digest = transcript.digest(name, len(transcript.messages))
        label, seed = b"extended master secret", digest
    if name == "early":
        return prf_early(premaster, label, seed, SIZE)
    return prf(premaster, label, seed, SIZE, name)
