"""Why a connection failed, in sentences for the user."""

from __future__ import annotations

import re

from aioquic.quic.events import ConnectionTerminated

from wirestep.model import safe
from wirestep.protocols.quic.names import ERRORS

CRYPTO = range(0x100, 0x200)
"""Codes of failed handshakes: 0x100 and the TLS alert (RFC 9001 section 4.8)."""
ALERTS = {
    40: "the two have no TLS parameters in common",
    42: "the certificate of {host} is not accepted",
    45: "the certificate of {host} is not valid today",
    47: "it held something that is not allowed",
    48: "nobody we trust signed the certificate of {host}",
    51: "a signature or a check in it is wrong",
    70: "the two have no version of TLS in common",
    109: "it lacks something that it must have",
    116: "{host} wants a certificate from the client",
    120: "{host} speaks none of the protocols that were offered",
}
CERTIFICATES = (
    ("no longer valid", "the certificate of {host} has expired"),
    ("certificate has expired", "a certificate above that of {host} has expired"),
    ("not valid yet", "the certificate of {host} is not valid yet"),
    ("self-signed certificate in", "nobody we trust signed the certificate of {host}"),
    ("self signed certificate in", "nobody we trust signed the certificate of {host}"),
    ("self-signed", "the certificate of {host} is signed by nobody but itself"),
    ("self signed", "the certificate of {host} is signed by nobody but itself"),
    ("local issuer", "nobody we trust signed the certificate of {host}"),
)
"""What aioquic and OpenSSL say of certificates, and what it means."""
PATTERN = re.compile(r"pattern=b?'([^']*)'")
WORDS = {
    "refused": "{host} refuses: nothing listens on this UDP port.",
    "unreachable": "There is no way to {host}.",
    "no such name": "There is no host {host}.",
    "timed out": "{host} did not answer. UDP may be blocked on the way.",
}
SILENT = "Nothing was heard from {host} any more: the connection timed out."
VERSIONS = "{host} speaks no version of QUIC that was offered."
RESET = "{host} has forgotten this connection (stateless reset): it may have been started anew."


def failure(host: str, word: str) -> str:
    """What is said when the way itself is gone (see FAILURES)."""
    known = WORDS.get(word)
    return known.format(host=host) if known else f"The connection with {host} ended: {word}."


def reason(why: ConnectionTerminated, host: str, heard: bool) -> str:
    """Why the connection ended before everything was said; `heard`: whether anything ever came."""
    said = safe(why.reason_phrase)
    if said == "Idle timeout":
        return (SILENT if heard else WORDS["timed out"]).format(host=host)
    if said == "Could not find a common protocol version":
        return VERSIONS.format(host=host)
    more = f" ({said})" if said else ""
    if why.frame_type is None:  # said by the application (RFC 9000 section 19.19)
        return f"The connection was closed with application code {why.error_code:#x}{more}."
    if why.error_code in CRYPTO:
        return f"The handshake failed: {_handshake(why.error_code, host, said)}."
    name = ERRORS.get(why.error_code, f"{why.error_code:#x}")
    return f"The connection was closed with {name}{more}."


def _handshake(code: int, host: str, said: str) -> str:
    for words, meaning in CERTIFICATES:
        if words in said:
            return meaning.format(host=host)
    if "doesn't match" in said:
        names = ", ".join(PATTERN.findall(said)) or "nobody"
        return f"the certificate is for {names}, not for {host}"
    alert = code - CRYPTO.start
    text = ALERTS.get(alert, f"TLS alert {alert}").format(host=host)
    return f"{text} ({said})" if said else text
