"""Numbers of WebSocket and what they are called (IANA "WebSocket Protocol Registries")."""

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10

OPCODES = {
    CONTINUATION: "Continuation",
    TEXT: "Text",
    BINARY: "Binary",
    CLOSE: "Connection Close",
    PING: "Ping",
    PONG: "Pong",
}

CLOSES = {
    1000: "Normal Closure",
    1001: "Going Away",
    1002: "Protocol error",
    1003: "Unsupported Data",
    1004: "Reserved",
    1005: "No Status Rcvd",
    1006: "Abnormal Closure",
    1007: "Invalid frame payload data",
    1008: "Policy Violation",
    1009: "Message Too Big",
    1010: "Mandatory Ext.",
    1011: "Internal Error",
    1012: "Service Restart",
    1013: "Try Again Later",
    1014: "Bad Gateway",
    1015: "TLS handshake",
    3000: "Unauthorized",
    3003: "Forbidden",
    3008: "Timeout",
}

NEVER_SENT = frozenset((1004, 1005, 1006, 1015))
"""Codes that no frame may carry (RFC 6455 section 7.4.1)."""
