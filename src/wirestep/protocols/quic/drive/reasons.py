"""Why a connection failed, in sentences for the user."""

from __future__ import annotations

from aioquic.quic.events import ConnectionTerminated

from wirestep.model import safe
from wirestep.protocols.quic.names import ERRORS

CRYPTO = range(0x100, 0x200)
"""Codes of failed handshakes: 0x100 and the TLS alert (RFC 9001 section 4.8)."""
ALERTS = {
    40: "the two have no TLS parameters in common",
    42: "the certificate of {host} is not accepted",
    45: "the certificate of {host} is not valid today",
    47: "the handshake held something that is not allowed",
    48: "nobody we trust signed the certificate of {host}",
    51: "a signature or a check of the handshake is wrong",
    70: "the two have no version of TLS in common",
    109: "the handshake lacks something that it must have",
    116: "{host} wants a certificate from the client",
    120: "{host} speaks none of the protocols that were offered",
}
WORDS = {
    "refused": "{host} refuses: nothing listens on this UDP port.",
    "unreachable": "There is no way to {host}.",
    "no such name": "There is no host {host}.",
    "timed out": "{host} did not answer. UDP may be blocked on the way.",
}


def failure(host: str, word: str) -> str:
    """What is said when the way itself is gone (see FAILURES)."""
    return WORDS.get(word, "The connection with {host} ended: " + word + ".").format(
        host=safe(host)
    )


def reason(why: ConnectionTerminated, host: str, heard: bool) -> str:
    """Why the connection ended before everything was said; `heard`: whether anything ever came."""
    host, said = safe(host), safe(why.reason_phrase)
    if why.reason_phrase == "Idle timeout":
        if heard:
            return f"Nothing was heard from {host} any more: the connection timed out."
        return WORDS["timed out"].format(host=host)
    if why.reason_phrase == "Could not find a common protocol version":
        return f"{host} speaks no version of QUIC that was offered."
    more = f" ({said})" if said else ""
    if why.frame_type is None:  # said by the application (RFC 9000 section 19.19)
        return f"The connection was closed with application code {why.error_code:#x}{more}."
    if why.error_code in CRYPTO:
        alert = why.error_code - CRYPTO.start
        text = ALERTS.get(alert, f"TLS alert {alert}").format(host=host)
        return f"The handshake failed: {text}{more}."
    name = ERRORS.get(why.error_code, f"{why.error_code:#x}")
    return f"The connection was closed with {name}{more}."
