"""An HTTP/1.1 server on h11 that shows what the protocol can do: h1_server.py ADDRESS PORT."""

from __future__ import annotations

import gzip
import socket
import sys
from collections.abc import Callable, Iterator

import h11

ETAG = b'"v1"'
PAGE = b"<!doctype html>\n<title>Example</title>\n<p>" + b"kept alive, " * 60 + b"</p>\n"
PARTS = (b"first part\n", b"second, after a pause for thought\n", b"third and last\n")
Answer = Iterator[h11.Event]
Headers = list[tuple[bytes, bytes]]


def page(request: h11.Request, body: bytes) -> Answer:
    """The page, or 304 for somebody who has it; gzip for who takes it; no body for HEAD."""
    asked = dict(request.headers)
    tag: Headers = [(b"etag", ETAG), (b"vary", b"accept-encoding")]
    if asked.get(b"if-none-match") == ETAG:
        yield h11.Response(status_code=304, headers=tag, reason=b"Not Modified")
        yield h11.EndOfMessage()
        return
    content = PAGE
    if b"gzip" in asked.get(b"accept-encoding", b""):
        content = gzip.compress(PAGE, mtime=0)
        tag.append((b"content-encoding", b"gzip"))
    tag += [(b"content-type", b"text/html"), (b"content-length", b"%d" % len(content))]
    yield h11.Response(status_code=200, headers=tag, reason=b"OK")
    if request.method != b"HEAD":
        yield h11.Data(data=content)
    yield h11.EndOfMessage()


def moved(request: h11.Request, body: bytes) -> Answer:
    headers: Headers = [(b"location", b"/"), (b"content-length", b"0")]
    yield h11.Response(status_code=301, headers=headers, reason=b"Moved Permanently")
    yield h11.EndOfMessage()


def parts(request: h11.Request, body: bytes) -> Answer:
    headers: Headers = [(b"content-type", b"text/plain"), (b"trailer", b"x-parts")]
    headers.append((b"transfer-encoding", b"chunked"))
    yield h11.Response(status_code=200, headers=headers, reason=b"OK")
    for part in PARTS:
        yield h11.Data(data=part)
    yield h11.EndOfMessage(headers=[(b"x-parts", b"%d" % len(PARTS))])


def stored(request: h11.Request, body: bytes) -> Answer:
    content = b'{"stored": %d}\n' % len(body)
    headers: Headers = [(b"location", b"/notes/7"), (b"content-type", b"application/json")]
    headers.append((b"content-length", b"%d" % len(content)))
    yield h11.Response(status_code=201, headers=headers, reason=b"Created")
    yield h11.Data(data=content)
    yield h11.EndOfMessage()


def missing(request: h11.Request, body: bytes) -> Answer:
    headers: Headers = [(b"content-length", b"10")]
    yield h11.Response(status_code=404, headers=headers, reason=b"Not Found")
    yield h11.Data(data=b"not here.\n")
    yield h11.EndOfMessage()


PLACES: dict[bytes, Callable[[h11.Request, bytes], Answer]] = {
    b"/": page,
    b"/old": moved,
    b"/parts": parts,
    b"/notes": stored,
}


def serve(peer: socket.socket) -> None:
    """One connection, from its first request to its end."""
    connection = h11.Connection(h11.SERVER)
    request: h11.Request | None = None
    body = b""
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            if connection.they_are_waiting_for_100_continue:
                go_on = h11.InformationalResponse(status_code=100, headers=[], reason=b"Continue")
                peer.sendall(connection.send(go_on) or b"")
            connection.receive_data(peer.recv(65536))
        elif isinstance(event, h11.Request):
            request, body = event, b""
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage) and request is not None:
            for answer in PLACES.get(request.target, missing)(request, body):
                if data := connection.send(answer):
                    peer.sendall(data)
            if connection.our_state is not h11.DONE:
                return
            connection.start_next_cycle()
        else:
            return


with socket.create_server((sys.argv[1], int(sys.argv[2]))) as listener:
    while True:
        accepted, _ = listener.accept()
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with accepted:
            serve(accepted)
