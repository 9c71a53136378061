"""Requests and what came back as HAR 1.2, the format of browsers' developer tools.

Times are nanoseconds in, milliseconds out. What browsers do not say begins with "_".
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from .redaction import Redactor

Json = dict[str, Any]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TEXT = ("text/", "json", "xml", "javascript", "ecmascript", "x-www-form-urlencoded", "multipart/")
"""Parts of content types whose bodies are written as text."""
REDIRECTS = range(300, 400)


@dataclass(slots=True)
class Said:
    """A request, or a response."""

    began: int = 0
    """Time of its first byte, ns since the epoch; 0 while there is none."""
    ended: int = 0
    """Of the last one so far."""
    records: tuple[int, int] = (-1, -1)
    """First and last."""
    version: str = ""
    method: str = ""
    url: str = ""
    status: int = 0
    reason: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    head: int = -1
    """Bytes of the head as it was sent; -1 where it was compressed."""
    body: bytes = b""
    """Without codings."""
    size: int = 0
    """Bytes of the body as it was sent."""
    cut: bool = False
    """The body is longer than is kept."""

    def header(self, name: str) -> str:
        """The first header of this name, "" for none."""
        return next((value for known, value in self.headers if known.lower() == name), "")


@dataclass(frozen=True, slots=True)
class Opening:
    """How a connection came to be, in ns since the epoch; -1 for what was not seen or not done."""

    asked: int = -1
    """The name of the host was asked for."""
    resolved: int = -1
    began: int = -1
    """The first packet of the connection."""
    connected: int = -1
    """TCP's handshake was over."""
    secured: int = -1
    """TLS's was."""


@dataclass(slots=True)
class Entry:
    """A request and its response."""

    request: Said
    response: Said | None = None
    opening: Opening | None = None
    """Set for the first request of a connection whose beginning was seen."""
    server: str = ""
    connection: str = ""
    done: bool = False


def head(version: str) -> Json:
    """All of a log but its entries."""
    return {"version": "1.2", "creator": {"name": "wirestep", "version": version}}


def entry(one: Entry, redactor: Redactor) -> Json:
    """An entry of a log."""
    times, started = timings(one)
    request, response = one.request, one.response or Said(version=one.request.version)
    told: Json = {
        "startedDateTime": moment(started),
        "time": round(times.total, 6),
        "request": _request(request, redactor),
        "response": _response(response, redactor),
        "cache": {},
        "timings": times._asdict(),
        "serverIPAddress": one.server,
        "connection": one.connection,
        "_packets": [record + 1 for record in (request.records[0], response.records[1])],
    }
    if one.response is None:
        told["comment"] = "no response in the capture"
        told["_packets"] = [record + 1 for record in request.records]
    return told


class Timings(NamedTuple):
    """Milliseconds by phase, as the format calls them; -1 where there was none.

    `connect` includes `ssl`, as the format wants; all others add up to the time of the entry.
    """

    blocked: float = -1
    dns: float = -1
    connect: float = -1
    ssl: float = -1
    send: float = 0
    wait: float = 0
    receive: float = 0

    @property
    def total(self) -> float:
        """Of the whole entry."""
        return sum(ms for ms in self._replace(ssl=-1) if ms > 0)


def timings(one: Entry) -> tuple[Timings, int]:
    """(how long each phase took, when it all started in ns)."""
    request, response, opening = one.request, one.response, one.opening
    first = max(request.ended, response.began) if response is not None else request.ended
    last = max(first, response.ended) if response is not None else first
    sent = request.ended - request.began
    spans = Timings(send=sent / 1e6, wait=(first - request.ended) / 1e6)
    spans = spans._replace(receive=(last - first) / 1e6)
    if opening is None or not 0 <= opening.began <= request.began:
        return spans, request.began
    ready = min(max(opening.connected, opening.secured, opening.began), request.began)
    blocked, started = request.began - ready, opening.began
    spans = spans._replace(connect=(ready - opening.began) / 1e6)
    if opening.secured >= 0:
        handshake = max(0, ready - max(opening.connected, opening.began))
        spans = spans._replace(ssl=handshake / 1e6)
    if 0 <= opening.asked <= opening.resolved <= opening.began:
        spans = spans._replace(dns=(opening.resolved - opening.asked) / 1e6)
        blocked += opening.began - opening.resolved
        started = opening.asked
    return spans._replace(blocked=blocked / 1e6), started


def moment(time: int) -> str:
    """A time as ISO 8601 wants it, in UTC, with microseconds."""
    try:
        return (EPOCH + timedelta(microseconds=time // 1000)).isoformat(timespec="microseconds")
    except OverflowError:
        return EPOCH.isoformat(timespec="microseconds")


def _request(said: Said, redactor: Redactor) -> Json:
    told = _common(said, redactor)
    query = _split(said.url)
    told |= {
        "method": said.method,
        "url": redactor.text(said.url),
        "queryString": [
            {"name": name, "value": redactor.parameter(name, value)} for name, value in query
        ],
        "cookies": [
            {"name": name, "value": value}
            for header, line in said.headers
            if header.lower() == "cookie"
            for name, value in _pairs(redactor.header(header, line))
        ],
    }
    if said.body:
        told["postData"] = _posted(said, redactor)
    return told


def _posted(said: Said, redactor: Redactor) -> Json:
    kind = said.header("content-type")
    text = _text(said.body, kind)
    if text is None:
        coded = base64.b64encode(said.body).decode()
        return {"mimeType": kind, "text": coded, "_encoding": "base64", "params": []}
    params = []
    if "form-urlencoded" in kind.lower():
        pairs = parse_qsl(text, keep_blank_values=True, errors="replace")
        params = [{"name": name, "value": redactor.parameter(name, value)} for name, value in pairs]
    return {"mimeType": kind, "text": redactor.body(text, kind.lower()), "params": params}


def _response(said: Said, redactor: Redactor) -> Json:
    told = _common(said, redactor)
    where = said.header("location") if said.status in REDIRECTS else ""
    told |= {
        "status": said.status,
        "statusText": said.reason,
        "cookies": [
            _set_cookie(redactor.header(name, value))
            for name, value in said.headers
            if name.lower() == "set-cookie"
        ],
        "redirectURL": redactor.text(where),
        "content": _content(said, redactor),
    }
    return told


def _content(said: Said, redactor: Redactor) -> Json:
    kind = said.header("content-type")
    told: Json = {"size": len(said.body), "mimeType": kind or "x-unknown"}
    if said.body:
        text = _text(said.body, kind)
        if text is None:
            told |= {"text": base64.b64encode(said.body).decode(), "encoding": "base64"}
        else:
            told["text"] = redactor.body(text, kind.lower())
        if said.header("content-encoding"):
            told["compression"] = len(said.body) - said.size
    if said.cut:
        told["comment"] = "the body is longer than is kept"
    return told


def _common(said: Said, redactor: Redactor) -> Json:
    return {
        "httpVersion": said.version,
        "headers": [
            {"name": name, "value": redactor.header(name, value)} for name, value in said.headers
        ],
        "headersSize": said.head,
        "bodySize": said.size,
    }


def _text(body: bytes, kind: str) -> str | None:
    """A body as text; None where it is none."""
    plain = kind.lower()
    if plain and not any(part in plain for part in TEXT):
        return None
    charset = plain.partition("charset=")[2].partition(";")[0].strip(" \"'") or "utf-8"
    try:
        text = body.decode(charset)
    except (LookupError, ValueError):
        return None
    printable = plain or all(letter.isprintable() or letter in "\r\n\t" for letter in text)
    return text if printable else None


def _split(url: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(urlsplit(url).query, keep_blank_values=True, errors="replace")
    except ValueError:
        return []


def _pairs(line: str) -> list[tuple[str, str]]:
    parts = (part.partition("=") for part in line.split(";") if part.strip())
    return [(name.strip(), value.strip()) for name, _, value in parts]


def _set_cookie(line: str) -> Json:
    [(name, value), *rest] = _pairs(line) or [("", "")]
    told: Json = {"name": name, "value": value}
    for key, said in rest:
        match key.lower():
            case "path" | "domain":
                told[key.lower()] = said
            case "httponly":
                told["httpOnly"] = True
            case "secure":
                told["secure"] = True
            case "expires":
                if (when := _date(said)) is not None:
                    told["expires"] = when
    return told


def _date(text: str) -> str | None:
    try:
        return parsedate_to_datetime(text).astimezone(UTC).isoformat()
    except (ValueError, TypeError, OverflowError):
        return None
