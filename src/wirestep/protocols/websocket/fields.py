"""All fields of WebSocket; those that Wireshark has are called as there."""

from wirestep.decode.fields import table

from .names import CLOSES, OPCODES

FIELDS = table(
    """
websocket.fin                    bool   Fin
websocket.rsv                    hex1   Reserved
websocket.pmc                    bool   Per-message compressed
websocket.rsv2                   bool   Reserved 2
websocket.rsv3                   bool   Reserved 3
websocket.opcode                 uint   Opcode
websocket.mask                   bool   Mask
websocket.payload_length         uint   Payload length
websocket.payload_length_ext_16  uint   Extended payload length (16 bits)
websocket.payload_length_ext_64  uint   Extended payload length (64 bits)
websocket.masking_key            bytes  Masking key
websocket.masked_payload         bytes  Masked payload
websocket.payload                group  Payload
websocket.payload.compressed     bytes  Compressed payload
websocket.payload.part           bytes  Part of a message
websocket.payload.text           str    Text
websocket.payload.binary         bytes  Binary
websocket.payload.close          group  Close
websocket.payload.close.status_code  uint  Status code
websocket.payload.close.reason   str    Reason
websocket.payload.ping           bytes  Ping
websocket.payload.pong           bytes  Pong
websocket.payload.unknown        bytes  Unknown
websocket.message                group  Message
websocket.message.compressed     bytes  Compressed message
websocket.inflated               group  Inflated message
websocket.fragment.count         uint   Fragment count
websocket.reassembled.length     uint   Reassembled payload length
websocket.stray                  bytes  Bytes where no frame is known to start
""",
    names={
        "websocket.opcode": OPCODES,
        "websocket.payload.close.status_code": CLOSES,
    },
)
