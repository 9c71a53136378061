"""All fields of HTTP/2; those that Wireshark has are called as there."""

from wirestep.decode.fields import table

from .names import ERRORS, NUMBERS, SETTINGS_NAMES, TEXTS, TYPES

_LINES = """
http2.magic                  str    Magic
http2.length                 uint   Length
http2.type                   uint   Type
http2.flags                  hex1   Flags
http2.flags.end_stream       bool   End Stream
http2.flags.eh               bool   End Headers
http2.flags.padded           bool   Padded
http2.flags.priority         bool   Priority
http2.flags.ack.ping         bool   ACK
http2.flags.ack.settings     bool   ACK
http2.flags.unused           hex1   Unused
http2.flags.unused_settings  hex1   Unused
http2.flags.unused_ping      hex1   Unused
http2.flags.reserved         hex1   Unused
http2.r                      hex4   Reserved
http2.streamid               uint   Stream identifier
http2.stream_state           str    State of the stream
http2.unknown                bytes  Unknown
http2.padding                hex1   Pad length
http2.pad_length             uint   Pad length
http2.exclusive              bool   Exclusive
http2.stream_dependency      uint   Stream dependency
http2.headers.weight         uint   Weight
http2.headers.weight_real    uint   Weight, counted from 1
http2.data.data              bytes  Data
http2.data.padding           bytes  Padding
http2.body                   group  Body
http2.body.reassembled.length  uint  Reassembled body length
http2.body.reassembled.data  bytes  Reassembled body data
http2.body_decompression_failed  group  Body cannot be decoded
http2.decoded                group  Decoded body
http2.file_data              str    File data
http2.headers                bytes  Header block fragment
http2.headers.padding        bytes  Padding
http2.header                 str    Header
http2.header.repr            str    Representation
http2.header.pattern         hex1   Pattern
http2.header.prefix          uint   Prefix, all ones
http2.header.index           uint   Index
http2.header.literal         uint   No index
http2.header.huffman         bool   In Huffman code
http2.header.name.coded_length   uint  Length on the wire
http2.header.name.length     uint   Name length
http2.header.name            str    Name
http2.header.value.coded_length  uint  Length on the wire
http2.header.value.length    uint   Value length
http2.header.value           str    Value
http2.header.evicted         uint   Entries that left the table for it
http2.header.part            bytes  Part of a header
http2.header.joined          group  Header of two frames
http2.header.more            bytes  More headers
http2.header.length          uint   Header length
http2.header.count           uint   Header count
http2.header_table_size_update  group  Header table size update
http2.header_table_size_update.header_table_size  uint  Header table size
http2.table.count            uint   Entries in the dynamic table
http2.table.size             uint   Bytes in the dynamic table
http2.table.before           group  Dynamic table before
http2.table.after            group  Dynamic table after
http2.table.entry            str    Entry
http2.request.full_uri       str    Full request URI
http2.request_in             uint   Request in frame
http2.time                   span   Time since request
http2.headers.protocol       str    :protocol
http2.rst_stream.error       uint   Error
http2.settings               group  Settings
http2.settings.id            uint   Settings identifier
http2.settings.header_table_size       uint  Header table size
http2.settings.enable_push             uint  Enable PUSH
http2.settings.max_concurrent_streams  uint  Max concurrent streams
http2.settings.initial_window_size     uint  Initial window size
http2.settings.max_frame_size          uint  Max frame size
http2.settings.max_header_list_size    uint  Max header list size
http2.settings.extended_connect        uint  Extended CONNECT
http2.settings.no_rfc7540_priorities   uint  No RFC 7540 priorities
http2.settings.unknown       uint   Unknown setting
http2.push_promise.r         hex4   Reserved
http2.push_promise.promised_stream_id  uint  Promised stream identifier
http2.push_promise.header    bytes  Header block fragment
http2.push_promise.padding   bytes  Padding
http2.ping                   bytes  Ping
http2.pong                   bytes  Pong
http2.goway.r                hex4   Reserved
http2.goaway.last_stream_id  uint   Last stream identifier
http2.goaway.error           uint   Error
http2.goaway.addata          bytes  Additional debug data
http2.window_update.r        hex4   Reserved
http2.window_update.window_size_increment  uint  Window size increment
http2.window.connection      int    Left of the connection's window
http2.window.stream          int    Left of the stream's window
http2.continuation.header    bytes  Continuation header
http2.altsvc.origin.len      uint   Origin length
http2.altsvc.origin          str    Origin
http2.altsvc.field_value     str    Alternative services
http2.origin                 group  Origin
http2.origin.origin_len      uint   Origin length
http2.origin.origin          str    Origin
http2.priority_update.r      hex4   Reserved
http2.priority_update_stream_id    uint  Prioritized stream identifier
http2.priority_update_field_value  str   Priority
"""
_KNOWN = {field: header for header, field in (TEXTS | NUMBERS).items()}
_OWN = "".join(
    f"{field} {'uint' if _KNOWN[field] in NUMBERS else 'str'} {_KNOWN[field]}\n"
    for field in sorted(_KNOWN)
    if f"{field} " not in _LINES
)

FIELDS = table(
    _LINES + _OWN,
    names={
        "http2.type": TYPES,
        "http2.settings.id": SETTINGS_NAMES,
        "http2.rst_stream.error": ERRORS,
        "http2.goaway.error": ERRORS,
    },
)
