"""What the numbers of HTTP/3 are called (RFC 9114 sections 6.2, 7.2, 8.1; RFC 9204; IANA)."""

from __future__ import annotations

from collections.abc import Mapping

DATA, HEADERS, CANCEL_PUSH, SETTINGS, PUSH_PROMISE, GOAWAY = 0, 1, 3, 4, 5, 7
ORIGIN, MAX_PUSH_ID, WEBTRANSPORT = 0x0C, 0x0D, 0x41
PRIORITY_REQUEST, PRIORITY_PUSH = 0xF0700, 0xF0701
FRAMES: Mapping[int, str] = {
    DATA: "DATA",
    HEADERS: "HEADERS",
    CANCEL_PUSH: "CANCEL_PUSH",
    SETTINGS: "SETTINGS",
    PUSH_PROMISE: "PUSH_PROMISE",
    GOAWAY: "GOAWAY",
    ORIGIN: "ORIGIN",
    MAX_PUSH_ID: "MAX_PUSH_ID",
    WEBTRANSPORT: "WEBTRANSPORT_STREAM",
    0x4D: "METADATA",
    PRIORITY_REQUEST: "PRIORITY_UPDATE",
    PRIORITY_PUSH: "PRIORITY_UPDATE (push)",
}
OLD_FRAMES = frozenset((2, 6, 8, 9))
"""Of HTTP/2, forbidden here (RFC 9114 section 7.2.8)."""

ON_CONTROL = frozenset(
    (CANCEL_PUSH, SETTINGS, GOAWAY, ORIGIN, MAX_PUSH_ID, PRIORITY_REQUEST, PRIORITY_PUSH)
)
"""Frames for the control stream alone (RFC 9114 section 7, table 1)."""
ON_REQUESTS = frozenset((DATA, HEADERS, PUSH_PROMISE))

CONTROL, PUSH, ENCODER, DECODER, WEBTRANSPORT_STREAM = 0, 1, 2, 3, 0x54
STREAMS: Mapping[int, str] = {
    CONTROL: "Control stream",
    PUSH: "Push stream",
    ENCODER: "QPACK encoder stream",
    DECODER: "QPACK decoder stream",
    WEBTRANSPORT_STREAM: "WebTransport stream",
}

TABLE_CAPACITY = 0x01
SETTING_NAMES: Mapping[int, str] = {
    TABLE_CAPACITY: "SETTINGS_QPACK_MAX_TABLE_CAPACITY",
    0x06: "SETTINGS_MAX_FIELD_SECTION_SIZE",
    0x07: "SETTINGS_QPACK_BLOCKED_STREAMS",
    0x08: "SETTINGS_ENABLE_CONNECT_PROTOCOL",
    0x33: "SETTINGS_H3_DATAGRAM",
    0x4D44: "SETTINGS_ENABLE_METADATA",
    0x276: "SETTINGS_H3_DATAGRAM (draft)",
    0xFFD277: "SETTINGS_H3_DATAGRAM (draft)",
    0x2B603742: "SETTINGS_ENABLE_WEBTRANSPORT (draft)",
    0xC671706A: "SETTINGS_WEBTRANSPORT_MAX_SESSIONS (draft)",
}
OLD_SETTINGS = frozenset((2, 3, 4, 5))
"""Of HTTP/2, forbidden here (RFC 9114 section 7.2.4.1)."""
SETTING_FIELDS: Mapping[int, str] = {
    TABLE_CAPACITY: "http3.settings.qpack.max_table_capacity",
    0x06: "http3.settings.max_field_section_size",
    0x07: "http3.settings.qpack.blocked_streams",
    0x08: "http3.settings.extended_connect",
}

STATUSES: Mapping[int, str] = {
    100: "Continue",
    101: "Switching Protocols",
    103: "Early Hints",
    200: "OK",
    201: "Created",
    202: "Accepted",
    204: "No Content",
    206: "Partial Content",
    301: "Moved Permanently",
    302: "Found",
    303: "See Other",
    304: "Not Modified",
    307: "Temporary Redirect",
    308: "Permanent Redirect",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    408: "Request Timeout",
    409: "Conflict",
    410: "Gone",
    412: "Precondition Failed",
    413: "Content Too Large",
    414: "URI Too Long",
    415: "Unsupported Media Type",
    416: "Range Not Satisfiable",
    421: "Misdirected Request",
    425: "Too Early",
    429: "Too Many Requests",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}
"""(IANA HTTP status codes)"""

KNOWN_HEADERS = (
    *("method", "path", "scheme", "authority", "status", "protocol"),
    *("accept", "accept-encoding", "accept-language", "age", "alt-svc", "authorization"),
    *("cache-control", "content-encoding", "content-length", "content-type", "cookie", "date"),
    *("etag", "expires", "host", "if-modified-since", "if-none-match", "last-modified", "location"),
    *("origin", "priority", "range", "referer", "server", "set-cookie", "te", "trailer"),
    *("user-agent", "vary", "via"),
)
PSEUDO = frozenset(("method", "path", "scheme", "authority", "status", "protocol"))
HEADER_FIELDS: Mapping[str, str] = {
    (":" if name in PSEUDO else "") + name: f"http3.headers.{name.replace('-', '_')}"
    for name in KNOWN_HEADERS
}
"""Headers that a filter can ask for by name."""


def reserved(number: int) -> bool:
    """A number that means nothing, so that nobody comes to rely on it (RFC 9114 section 7.2.8)."""
    return number >= 0x21 and (number - 0x21) % 0x1F == 0


def frame_name(kind: int) -> str:
    """What people call a frame."""
    return FRAMES.get(kind) or ("Reserved (GREASE)" if reserved(kind) else f"Frame 0x{kind:x}")


def stream_name(kind: int) -> str:
    """What people call a one-way stream."""
    return STREAMS.get(kind) or (
        "Reserved (GREASE) stream" if reserved(kind) else f"Stream of type 0x{kind:x}"
    )
