"""What went wrong in TLS, in a sentence for the user."""

from __future__ import annotations

from cryptography import x509
from OpenSSL import SSL, crypto

from wirestep.model import safe
from wirestep.protocols.tls.registries import ALERTS

ALERTED = {
    40: "the two sides have no set of parameters in common, or one did not like the other's",
    42: "the certificate is not in order",
    43: "a certificate of this kind is not supported",
    44: "the certificate was revoked",
    45: "the certificate has expired",
    46: "something about the certificate could not be accepted",
    48: "the certificate leads to no authority that is trusted",
    51: "a signature or a Finished message is wrong",
    70: "this version of TLS is not spoken there",
    71: "what was offered is too weak",
    80: "something failed on the other side",
    109: "an extension that is needed was missing",
    112: "there is no host of this name",
    116: "a client certificate is required",
    120: "none of the offered application protocols is spoken there",
}
"""Alerts (RFC 8446 section 6.2): what they mean for who reads them."""

_REASONS = {
    "wrong version number": "What came is not TLS.",
    "packet length too long": "What came is not TLS.",
    "bad record type": "What came is not TLS.",
    "http request": "What came is HTTP without TLS.",
    "https proxy request": "What came is HTTP without TLS.",
    "unsupported protocol": "The two sides have no version of TLS in common.",
    "no protocols available": "This version of TLS is not available here.",
    "version too low": "This version of TLS is not available here.",
    "no shared cipher": "The two sides have no cipher suite in common.",
    "no suitable key share": "The two sides have no key exchange group in common.",
    "no suitable groups": "The two sides have no key exchange group in common.",
    "no suitable signature algorithm": "The two sides have no signature algorithm in common.",
    "bad key share": "The other side chose a key exchange group that was not offered.",
    "peer did not return a certificate": "The client sent no certificate.",
    "decryption failed or bad record mac": "A record does not decrypt: it was changed on the way.",
    "bad decrypt": "A record does not decrypt: it was changed on the way.",
    "cipher operation failed": "A record does not decrypt: it was changed on the way.",
    "bad extension": "What came is damaged: an extension cannot be read.",
    "bad length": "What came is damaged: a length does not fit.",
    "length mismatch": "What came is damaged: a length does not fit.",
    "unexpected message": "A message came out of its turn.",
    "unexpected eof while reading": "The connection ended without close_notify.",
    "no ciphers available": "None of the chosen cipher suites is available here.",
    "ca md too weak": "A signature in the certificate's chain is too weak.",
    "ee key too small": "The key in the certificate is too small.",
    "digest check failed": "The Finished message does not fit what was said.",
    "inappropriate fallback": "The client offered less than it could: a version was held back.",
}
"""OpenSSL's reasons that have a better sentence."""


def reason(error: SSL.Error) -> str:
    """A sentence for what OpenSSL complains about."""
    queue = error.args[0] if error.args and isinstance(error.args[0], list) else []
    said = [str(entry[2]) for entry in queue if len(entry) > 2]
    known = next((_REASONS[one] for one in said if one in _REASONS), "")
    return known or f"TLS failed: {safe(said[0]) if said else 'the connection ended'}."


def alert(number: int) -> str:
    """An alert by its name, "Bad Certificate"."""
    return ALERTS.get(number, f"number {number}")


def refused(who: str, number: int) -> str:
    """The sentence for a fatal alert that came."""
    why = ALERTED.get(number)
    return f"The {who} broke off with the alert “{alert(number)}”{': ' + why if why else ''}."


def owner(certificate: crypto.X509) -> str:
    """Whose certificate it is, "CN=lab.test"."""
    try:
        return safe(certificate.to_cryptography().subject.rfc4514_string()[:100]) or "nobody"
    except Exception:  # a peer may send anything that OpenSSL could take apart, and others cannot
        return "unreadable"


def distrust(code: int, certificate: crypto.X509, host: str, text: str) -> str:
    """Why a certificate is not believed; `code` is OpenSSL's X509_V_ERR_..., `text` its words."""
    try:
        why = _distrust(code, certificate.to_cryptography(), host)
    except Exception:  # as above
        why = ""
    return why or f"The certificate ({owner(certificate)}) is not believed: {safe(text)}."


def _distrust(code: int, certificate: x509.Certificate, host: str) -> str:
    whose = safe(certificate.subject.rfc4514_string()[:100]) or "nobody"
    issuer = safe(certificate.issuer.rfc4514_string()[:100])
    match code:
        case 9:
            start = certificate.not_valid_before_utc
            return f"The certificate ({whose}) is valid only from {start:%Y-%m-%d} on."
        case 10:
            end = certificate.not_valid_after_utc
            return f"The certificate ({whose}) expired on {end:%Y-%m-%d}."
        case 18:
            return f"The certificate ({whose}) is signed by itself; nobody trusted vouches for it."
        case 2 | 19 | 20 | 21:
            return f"The certificate ({whose}) is signed by {issuer}, who is not trusted here."
        case 62 | 64:
            return f"The certificate is for {_named(certificate)}, not for {host}."
    return ""


def _named(certificate: x509.Certificate) -> str:
    """Whom it is for, as far as a line holds."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return safe(certificate.subject.rfc4514_string()[:100])
    found = [safe(str(name.value))[:60] for name in names]
    return ", ".join(found[:4]) + (" and others" if len(found) > 4 else "")
