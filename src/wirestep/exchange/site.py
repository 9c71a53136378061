"""The site that every HTTP server of the lab serves alike, whatever the version (RFC 9110).

It knows requests and answers, no bytes of a protocol; names of fields are lower-case. It reads no
clock, so its answers carry no Date (RFC 9110 section 6.6.1).

    /                a page, with /style.css, /app.js, /logo.svg and /waves.png
    /about           a second page
    /users, /users/N a collection: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS; JSON
    /bytes/N         N bytes (up to MOST_BYTES), the same for the same seed of the site
    /slow?ms=N       an answer after so many milliseconds
    /events          five server-sent events, 200 ms apart
    /echo            the body that came, sent back
    /status/N        an answer of this status
    /old             moved to /
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import parse_qs

from .contract import Request
from .site_pages import coded, digest, etag, pages, seeded
from .site_users import Refused, Users

MS = 1_000_000
MOST_BYTES = 64 * 1024 * 1024
"""The largest /bytes/N."""
MOST_BODY = 16 * 1024 * 1024
"""The largest body a server of this site needs to keep; 413 beyond."""
SAFE = ("GET", "HEAD", "OPTIONS")
METHODS = (*SAFE, "POST", "PUT", "PATCH", "DELETE")
"""What servers of this site answer at all; others are 501."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a body."""

    data: bytes
    after: int = 0
    """Nanoseconds after the part before, or after the head."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the site says to one request. For HEAD the parts are empty already."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    """Names in lower case; with content-length where the length is known beforehand."""
    parts: tuple[Part, ...] = ()
    think: int = 0
    """Nanoseconds until the head is sent."""
    pushes: tuple[str, ...] = ()
    """Paths whose content the client will want next."""

    @property
    def body(self) -> bytes:
        """All parts."""
        return b"".join(part.data for part in self.parts)


Respond = Callable[[Request, str], Answer]
"""A place of the site: from a request and what its path says behind the place's name."""


class NotAllowed(Refused):
    """The method is not one of those that can be asked here."""

    def __init__(self, allowed: tuple[str, ...]) -> None:
        names = ", ".join(allowed)
        super().__init__(405, f"What can be asked here: {names}.", ("allow", names))


class Site:
    """One site, with users of its own."""

    def __init__(self, seed: int = 0, think: int = 0) -> None:
        self.seed, self.think = seed, think
        self.users = Users()
        self._places: dict[str, tuple[Respond, tuple[str, ...]]] = {
            "/users": (self._collection, (*SAFE, "POST")),
            "/users/": (self._user, (*SAFE, "PUT", "PATCH", "DELETE")),
            "/bytes/": (self._bytes, SAFE),
            "/slow": (self._slow, SAFE),
            "/events": (self._events, SAFE),
            "/echo": (self._echo, (*SAFE, "POST", "PUT", "PATCH")),
            "/status/": (self._status, METHODS),
            "/old": (self._old, SAFE),
        }

    def respond(self, request: Request) -> Answer:
        """The answer; whatever is asked, there is one."""
        path = _path(request.target)
        try:
            answer = self._answer(request, path)
        except Refused as refused:
            answer = problem(refused.status, refused.text, *refused.fields)
        answer = replace(answer, think=answer.think + self.think)
        return replace(answer, parts=()) if request.method == "HEAD" else answer

    def _answer(self, request: Request, path: str) -> Answer:
        if request.method not in METHODS:
            raise Refused(501, f"Nothing here knows the method {request.method[:20]}.")
        if request.target == "*" and request.method == "OPTIONS":
            return Answer(204, (("allow", ", ".join(METHODS)),))
        name, slash, rest = path[1:].partition("/")
        known = (_page, SAFE) if path in pages() else self._places.get(path[:1] + name + slash)
        if known is None:
            raise Refused(404, f"There is nothing at {path[:100]}.")
        respond, allowed = known
        if request.method == "OPTIONS":
            return Answer(204, (("allow", ", ".join(allowed)),))
        if request.method not in allowed:
            raise NotAllowed(allowed)
        return respond(request, rest)

    def _collection(self, request: Request, rest: str) -> Answer:
        if request.method != "POST":
            return _json(request, 200, self.users.all())
        _needs_json(request)
        user = self.users.add(request.body)
        return _json(request, 201, user, ("location", f"/users/{user['id']}"))

    def _user(self, request: Request, rest: str) -> Answer:
        number = _number(rest, 10**9)
        user = self.users.get(number)
        expected = header(request, "if-match")
        if request.method not in SAFE and expected not in ("", "*", etag(_written(user))):
            raise Refused(412, "Somebody changed it in the meantime.")
        if request.method == "DELETE":
            self.users.remove(number)
            return Answer(204)
        if request.method in ("PUT", "PATCH"):
            _needs_json(request)
            user = self.users.change(number, request.body, whole=request.method == "PUT")
        return _json(request, 200, user)

    def _bytes(self, request: Request, rest: str) -> Answer:
        data = seeded(_number(rest, MOST_BYTES), self.seed)
        return _content(request, 200, "application/octet-stream", data)

    def _slow(self, request: Request, rest: str) -> Answer:
        asked = parse_qs(request.target.partition("?")[2]).get("ms", ["500"])[0]
        wait = _number(asked, 600_000)
        answer = _content(request, 200, "text/plain", f"This took {wait} ms.\n".encode())
        return replace(answer, think=wait * MS)

    def _events(self, request: Request, rest: str) -> Answer:
        said = [f"id: {n}\nevent: tick\ndata: {n} of 5\n\n".encode() for n in range(1, 6)]
        parts = tuple(Part(data, 200 * MS if n else 0) for n, data in enumerate(said))
        fields = (("content-type", "text/event-stream"), ("cache-control", "no-store"))
        return Answer(200, fields, parts)

    def _echo(self, request: Request, rest: str) -> Answer:
        kind = header(request, "content-type") or "application/octet-stream"
        return _content(request, 200, kind, request.body, cache="no-store")

    def _status(self, request: Request, rest: str) -> Answer:
        status = _number(rest, 599)
        if status < 200:
            raise Refused(404, "A final status belongs here, 200 to 599.")
        if status in (204, 205, 304):
            return Answer(status)
        return _content(request, status, "text/plain", f"{status}\n".encode())

    def _old(self, request: Request, rest: str) -> Answer:
        return Answer(301, (("location", "/"), ("content-length", "0")))


def _path(target: str) -> str:
    """The path of a target in any form: "/a?b", "http://host/a" (RFC 9112 section 3.2)."""
    if "://" in target[:16]:
        target = "/" + target.split("/", 3)[3] if target.count("/") > 2 else "/"
    return target.partition("?")[0] or "/"


def header(request: Request, name: str) -> str:
    """The values of one field of a request, joined as RFC 9110 section 5.2 says; "" without."""
    return ", ".join(value for key, value in request.headers if key.lower() == name)


def _page(request: Request, rest: str) -> Answer:
    page = pages()[_path(request.target)]
    cache = f"max-age={page.max_age}" if page.max_age else "no-cache"
    answer = _content(request, 200, page.kind, page.data, cache)
    links = tuple(("link", f"<{path}>; rel=preload; as={_use(path)}") for path in page.pushes)
    if answer.status != 200:
        return answer
    return replace(answer, headers=(*answer.headers, *links), pushes=page.pushes)


def _use(path: str) -> str:
    """What a preloaded path is for (the "as" of a link, HTML section 4.6.7.17)."""
    uses = {"css": "style", "js": "script", "svg": "image", "png": "image"}
    return uses[path.rpartition(".")[2]]


def _content(
    request: Request, status: int, kind: str, data: bytes, cache: str = "no-cache"
) -> Answer:
    """`data` as the answer, or that nothing changed."""
    body, coding = coded(data, kind, header(request, "accept-encoding"))
    tag = etag(body)
    fields = (("etag", tag), ("cache-control", cache), ("vary", "accept-encoding"))
    known = header(request, "if-none-match")
    if status == 200 and request.method in SAFE and (known == "*" or tag in known):
        return Answer(304, fields)
    fields = (
        ("content-type", kind),
        ("content-length", str(len(body))),
        *((("content-encoding", coding),) if coding else ()),
        *fields,
        ("repr-digest", digest(body)),
    )
    return Answer(status, fields, (Part(body),) if body else ())


def _json(request: Request, status: int, value: object, *more: tuple[str, str]) -> Answer:
    answer = _content(request, status, "application/json", _written(value))
    return replace(answer, headers=(*answer.headers, *more))


def _written(value: object) -> bytes:
    return json.dumps(value, indent=1, ensure_ascii=False).encode() + b"\n"


def _needs_json(request: Request) -> None:
    kind = header(request, "content-type").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise Refused(415, "Send application/json.")


def _number(text: str, most: int) -> int:
    """A whole number from 0 up to `most`. Raises Refused (404)."""
    if not (text.isascii() and text.isdigit()) or len(text) > 12 or int(text) > most:
        raise Refused(404, f"A number up to {most} belongs here.")
    return int(text)


def problem(status: int, text: str, *fields: tuple[str, str]) -> Answer:
    """A refusal with its reason (RFC 9457), for the site and for the servers around it."""
    data = json.dumps({"status": status, "title": text}).encode() + b"\n"
    known = (
        ("content-type", "application/problem+json"),
        ("content-length", str(len(data))),
    )
    return Answer(status, (*known, *fields), (Part(data),))
