"""WebSocket: messages both ways over what began as HTTP (RFC 6455, compression in RFC 7692)."""

from wirestep.decode.contract import Protocol

from .decode import WebSocketDecoder
from .fields import FIELDS

PROTOCOL = Protocol(
    "websocket",
    "WebSocket",
    "WebSocket Protocol",
    "RFC 6455",
    WebSocketDecoder,
    FIELDS,
    hue="pink",
    package="wirestep.protocols.websocket",
)
