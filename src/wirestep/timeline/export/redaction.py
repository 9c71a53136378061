"""What must not leave the program by accident: credentials, cookies, tokens.

Names are kept, values are replaced, so that what is left can still be read.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_plus

REDACTED = "[redacted]"
COOKIES = frozenset({"cookie", "set-cookie", "set-cookie2"})
CREDENTIALS = frozenset({"authorization", "proxy-authorization"})
"""Headers whose first word says how, and is kept."""
HEADERS = frozenset({"x-api-key", "api-key", "apikey", "x-amz-security-token", "x-csrf-token"})
NAMES = frozenset(
    {
        "access",
        "assertion",
        "auth",
        "authorization",
        "bearer",
        "code",
        "credential",
        "credentials",
        "csrf",
        "jwt",
        "key",
        "apikey",
        "otp",
        "pass",
        "passwd",
        "password",
        "pin",
        "pwd",
        "samlresponse",
        "secret",
        "session",
        "sessionid",
        "sid",
        "sig",
        "signature",
        "ticket",
        "token",
    }
)
ENDINGS = ("token", "_key", "_secret", "_password", "_signature", "_credential", "apikey")
FIELDS = frozenset(
    ["authbasic", "authorization", "proxy_authorization", "cookie", "cookie_pair", "set_cookie"]
)
"""Last parts of names of fields."""
_HEADER = re.compile(
    r"\b((?:set-)?cookie2?|(?:proxy-)?authorization|x-api-key|api-key|x-csrf-token"
    r"|x-amz-security-token)(: *)(\S[^\r\n]*)",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"\b(basic|bearer|digest|negotiate) +[\w.~+/=-]{4,}", re.IGNORECASE)
_PAIR = re.compile(r"(^|[?&#;])([^=&#;?\s\"'<>]{1,100})=([^&#;\s\"'<>]+)")
_USER = re.compile(r"(\w://)[^/@\s?#]+@")
_JSON = re.compile(r'"([^"\\]{1,100})"(\s*:\s*)("(?:[^"\\]|\\.)*"?|\d[\d.]*)')
_PART = re.compile(
    r'(name="([^"\r\n]{1,100})"[^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n)(.*?)(?=\r\n--)', re.S
)


def secret(name: str) -> bool:
    """Whether a parameter of this name is likely to be a secret."""
    plain = unquote_plus(name).lower().replace("-", "_")
    return plain in NAMES or plain.endswith(ENDINGS)


class Redactor:
    """Replaces secrets, or where it is told to keep them, nothing."""

    def __init__(self, *, keep: bool = False) -> None:
        self.keep = keep

    def header(self, name: str, value: str) -> str:
        """The value of a header."""
        if self.keep:
            return value
        plain = name.lower()
        if plain in COOKIES:
            parts = value.split(";")
            first = 1 if plain != "cookie" else len(parts)
            return ";".join([*map(_cookie, parts[:first]), *parts[first:]])
        if plain in CREDENTIALS:
            return f"{scheme} {REDACTED}" if (scheme := value.partition(" ")[0]) else value
        return REDACTED if plain in HEADERS or secret(plain) else self.text(value)

    def parameter(self, name: str, value: str) -> str:
        """The value of a parameter of a query or a form."""
        return value if self.keep or not secret(name) else REDACTED

    def text(self, text: str) -> str:
        """A line, or a URL, or a form: parameters, users of URLs, headers that are quoted."""
        if self.keep:
            return text
        if "=" in text:
            text = _PAIR.sub(_pair, text)
        if "@" in text:
            text = _USER.sub(rf"\1{REDACTED}@", text)
        return _SCHEME.sub(rf"\1 {REDACTED}", _HEADER.sub(self._quoted, text))

    def body(self, text: str, kind: str) -> str:
        """A body of text; `kind` is its content type."""
        if self.keep:
            return text
        if "json" in kind or text[:1] in "{[":
            return _JSON.sub(_member, text)
        if "form-urlencoded" in kind:
            return _PAIR.sub(_pair, text)
        return _PART.sub(_part, text) if "multipart" in kind else text

    def field(self, name: str, shown: str) -> bool:
        """Whether a field, and all below it, must not be told: by its name, or what it says."""
        if self.keep:
            return False
        if name.rpartition(".")[2] in FIELDS:
            return True
        head, colon, _ = shown.partition(":")
        plain = head.strip().lower()
        return bool(colon) and plain in (COOKIES | CREDENTIALS | HEADERS)

    def _quoted(self, found: re.Match[str]) -> str:
        return f"{found[1]}{found[2]}{self.header(found[1], found[3])}"


def _cookie(part: str) -> str:
    name, equals, _ = part.partition("=")
    return f"{name}={REDACTED}" if equals else REDACTED


def _pair(found: re.Match[str]) -> str:
    value = REDACTED if secret(found[2]) else found[3]
    return f"{found[1]}{found[2]}={value}"


def _member(found: re.Match[str]) -> str:
    value = f'"{REDACTED}"' if secret(found[1]) else found[3]
    return f'"{found[1]}"{found[2]}{value}'


def _part(found: re.Match[str]) -> str:
    return found[1] + (REDACTED if secret(found[2]) else found[3])
