"""Numbers of HTTP/2 and what they are called (IANA "HTTP/2 Parameters")."""

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY = range(8)
WINDOW_UPDATE, CONTINUATION, ALTSVC = 8, 9, 10
ORIGIN, PRIORITY_UPDATE = 12, 16

TYPES = {
    DATA: "DATA",
    HEADERS: "HEADERS",
    PRIORITY: "PRIORITY",
    RST_STREAM: "RST_STREAM",
    SETTINGS: "SETTINGS",
    PUSH_PROMISE: "PUSH_PROMISE",
    PING: "PING",
    GOAWAY: "GOAWAY",
    WINDOW_UPDATE: "WINDOW_UPDATE",
    CONTINUATION: "CONTINUATION",
    ALTSVC: "ALTSVC",
    ORIGIN: "ORIGIN",
    PRIORITY_UPDATE: "PRIORITY_UPDATE",
}

END_STREAM, ACK, END_HEADERS, PADDED, HAS_PRIORITY = 0x1, 0x1, 0x4, 0x8, 0x20

HEADER_TABLE_SIZE, ENABLE_PUSH, MAX_CONCURRENT_STREAMS, INITIAL_WINDOW_SIZE = 1, 2, 3, 4
MAX_FRAME_SIZE, MAX_HEADER_LIST_SIZE, EXTENDED_CONNECT, NO_RFC7540_PRIORITIES = 5, 6, 8, 9

SETTINGS_NAMES = {
    HEADER_TABLE_SIZE: "Header table size",
    ENABLE_PUSH: "Enable PUSH",
    MAX_CONCURRENT_STREAMS: "Max concurrent streams",
    INITIAL_WINDOW_SIZE: "Initial Windows size",
    MAX_FRAME_SIZE: "Max frame size",
    MAX_HEADER_LIST_SIZE: "Max header list size",
    EXTENDED_CONNECT: "Extended CONNECT",
    NO_RFC7540_PRIORITIES: "No RFC 7540 priorities",
}

_ERRORS = """NO_ERROR PROTOCOL_ERROR INTERNAL_ERROR FLOW_CONTROL_ERROR SETTINGS_TIMEOUT
    STREAM_CLOSED FRAME_SIZE_ERROR REFUSED_STREAM CANCEL COMPRESSION_ERROR CONNECT_ERROR
    ENHANCE_YOUR_CALM INADEQUATE_SECURITY HTTP_1_1_REQUIRED"""
ERRORS = dict(enumerate(_ERRORS.split()))

_OWN = """accept accept-charset accept-encoding accept-language accept-ranges
    access-control-allow-origin allow authorization cache-control content-disposition
    content-encoding content-language content-location content-range content-type cookie date
    etag expect expires from if-match if-modified-since if-none-match if-range
    if-unmodified-since last-modified link location proxy-authenticate proxy-authorization range
    referer refresh retry-after server set-cookie strict-transport-security user-agent vary via
    www-authenticate :authority :path :method :scheme"""
TEXTS = {name: f"http2.headers.{name.lstrip(':').replace('-', '_')}" for name in _OWN.split()}
"""Header names that have fields of their own."""
NUMBERS = {
    ":status": "http2.headers.status",
    "age": "http2.headers.age",
    "content-length": "http2.headers.content_length",
    "max-forwards": "http2.headers.max_forwards",
}
"""Those whose value is a number."""
TEXTS[":protocol"] = "http2.headers.protocol"
