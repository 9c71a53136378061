"""WebSocket: messages both ways over what began as HTTP (RFC 6455, compression in RFC 7692)."""

from wirestep.decode.contract import Protocol
from wirestep.decode.offers import Followed

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
    follow=Followed(
        "WebSocket messages",
        ("websocket.payload.text", "websocket.payload.binary"),
        lines=("websocket.payload.text",),
    ),
    package="wirestep.protocols.websocket",
)
