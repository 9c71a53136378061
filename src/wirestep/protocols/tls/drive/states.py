"""The handshake as a state machine (RFC 8446 appendix A, RFC 5246 section 7.3), for panels.

The events are OpenSSL's own words for the step it has just taken, "read server hello"; before it
may stand the version and "resumed" where the next state depends on them. "wait" is when nothing
more can be done without the other party; "done" when the handshake is over.
"""

from __future__ import annotations

from collections.abc import Iterator

from wirestep.exchange.machine import Table

CLIENT_13 = (
    "start",
    "ClientHello sent",
    "wait ServerHello",
    "wait EncryptedExtensions",
    "wait Certificate",
    "wait CertificateVerify",
    "wait Finished",
    "connected",
    "closed",
)
CLIENT_12 = (
    "start",
    "ClientHello sent",
    "wait ServerHello",
    "wait Certificate",
    "wait ServerKeyExchange",
    "wait ServerHelloDone",
    "Finished sent",
    "wait Finished",
    "connected",
    "closed",
)
SERVER_13 = (
    "wait ClientHello",
    "ClientHello read",
    "ServerHello sent",
    "Finished sent",
    "wait client Finished",
    "connected",
    "closed",
)
SERVER_12 = (
    "wait ClientHello",
    "ClientHello read",
    "ServerHello sent",
    "ServerHelloDone sent",
    "wait ClientKeyExchange",
    "wait client Finished",
    "connected",
    "closed",
)
SHORT_CLIENT = (
    "start",
    "ClientHello sent",
    "wait ServerHello",
    "wait Finished",
    "connected",
    "closed",
)
"""The way of a resumed session of TLS 1.2."""

_CLIENT = {
    ("start", "write client hello"): "ClientHello sent",
    ("ClientHello sent", "wait"): "wait ServerHello",
    ("wait ServerHello", "1.3 read server hello"): "wait EncryptedExtensions",
    # A second ClientHello: what looked like a ServerHello was a HelloRetryRequest.
    ("wait EncryptedExtensions", "write client hello"): "ClientHello sent",
    ("wait EncryptedExtensions", "1.3 read encrypted extensions"): "wait Certificate",
    ("wait EncryptedExtensions", "1.3 resumed read encrypted extensions"): "wait Finished",
    ("wait Certificate", "1.3 read server certificate"): "wait CertificateVerify",
    ("wait CertificateVerify", "read server certificate verify"): "wait Finished",
    ("wait ServerHello", "1.2 read server hello"): "wait Certificate",
    ("wait ServerHello", "1.2 resumed read server hello"): "wait Finished",
    ("wait Certificate", "1.2 read server certificate"): "wait ServerKeyExchange",
    ("wait ServerKeyExchange", "read server key exchange"): "wait ServerHelloDone",
    # RSA key exchange has no ServerKeyExchange.
    ("wait ServerKeyExchange", "write finished"): "Finished sent",
    ("wait ServerHelloDone", "write finished"): "Finished sent",
    ("Finished sent", "wait"): "wait Finished",
    ("wait Finished", "done"): "connected",
}
_SERVER = {
    ("wait ClientHello", "read client hello"): "ClientHello read",
    ("ClientHello read", "write server hello"): "ServerHello sent",
    # It was a HelloRetryRequest: the next ClientHello is waited for.
    ("ServerHello sent", "1.3 wait"): "wait ClientHello",
    ("ServerHello sent", "write finished"): "Finished sent",
    ("Finished sent", "wait"): "wait client Finished",
    ("Finished sent", "mutual wait"): "wait client Certificate",
    ("Finished sent", "early data came"): "wait EndOfEarlyData",
    ("wait client Finished", "early data came"): "wait EndOfEarlyData",
    ("wait EndOfEarlyData", "read end of early data"): "wait client Finished",
    ("wait client Certificate", "read client certificate"): "wait CertificateVerify",
    ("wait client Certificate", "done"): "connected",
    ("wait CertificateVerify", "read certificate verify"): "wait client Finished",
    ("ServerHello sent", "write server done"): "ServerHelloDone sent",
    ("ServerHelloDone sent", "mutual wait"): "wait client Certificate",
    ("ServerHelloDone sent", "wait"): "wait ClientKeyExchange",
    ("wait CertificateVerify", "read client key exchange"): "wait CertificateVerify",
    ("wait ClientKeyExchange", "read client key exchange"): "wait client Finished",
    ("wait client Finished", "done"): "connected",
}
_CLOSING = {
    ("connected", "close sent"): "close_notify sent",
    ("connected", "close read"): "close_notify read",
    ("close_notify sent", "close read"): "closed",
    ("close_notify read", "close sent"): "closed",
}


def _whole(handshake: Table) -> Table:
    """With the ways out of every state."""
    states = {state for state, _ in handshake} | {"connected", "close_notify sent"}
    ends = {(state, "fail"): "failed" for state in states}
    return {**handshake, **_CLOSING, **ends}


CLIENT = _whole(_CLIENT)
SERVER = _whole(_SERVER)


def events(step: str, version: str, kind: str) -> Iterator[str]:
    """The names of a step, the most particular first; `kind` is "resumed", "mutual" or ""."""
    if kind:
        yield f"{version} {kind} {step}"
        yield f"{kind} {step}"
    yield f"{version} {step}"
    yield step
