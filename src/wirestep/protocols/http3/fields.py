"""What the fields of HTTP/3 are called, how they are written."""

from wirestep.decode.fields import table

from . import names

_HEADERS = "\n".join(
    f"{field} {'uint' if header == ':status' else 'str'} {header}"
    for header, field in names.HEADER_FIELDS.items()
)

FIELDS = table(
    f"""
http3.stream_id                          uint  Stream ID
http3.stream_type                        hex8  Stream type
http3.push_id                            uint  Push ID
http3.session_id                         uint  Session ID
http3.stream_data                        bytes Stream data
http3.frame_type                         hex8  Type
http3.frame_length                       uint  Length
http3.frame_payload                      bytes Frame payload
http3.data                               bytes Data
http3.body                               group Body
http3.body.reassembled.length            uint  Reassembled body length
http3.body.reassembled.data              bytes Reassembled body data
http3.body_decompression_failed          group Body cannot be decoded
http3.decoded                            group Decoded body
http3.file_data                          str   File data
http3.datagram.quarter_stream_id         uint  Quarter stream ID
http3.datagram.context_id                uint  Context ID
http3.datagram.payload                   bytes Datagram payload
http3.settings                           group Settings
http3.settings.id                        hex8  Settings identifier
http3.settings.value                     uint  Settings value
http3.settings.qpack.max_table_capacity  uint  Maximum table capacity
http3.settings.qpack.blocked_streams     uint  Blocked streams
http3.settings.max_field_section_size    uint  Maximum field section size
http3.settings.extended_connect          uint  Extended CONNECT
http3.goaway.id                          uint  Last stream or push ID
http3.max_push_id                        uint  Maximum push ID
http3.priority_update_element_id         uint  Priority update element ID
http3.priority_update_field_value        str   Priority update field value
http3.origin.length                      uint  Origin length
http3.origin                             str   Origin
http3.headers                            group Header section
http3.headers.insert_count               uint  Required insert count (as coded)
http3.headers.required_insert_count      uint  Required insert count
http3.headers.delta_base                 uint  Delta base (as coded)
http3.headers.base                       uint  Base
http3.headers.count                      uint  Headers
http3.headers.blocked                    bytes Blocked header section
http3.unblocked                          group Header section that was blocked
http3.headers.header                     group Header
http3.headers.header.index               uint  Index
http3.headers.header.representation      str   Representation
http3.headers.header.name.index          uint  Name index
http3.headers.header.name.length         uint  Name length
http3.headers.header.name                str   Name
http3.headers.header.value.length        uint  Value length
http3.headers.header.value               str   Value
http3.qpack.instruction                  group Instruction
http3.qpack.capacity                     uint  Table capacity
http3.qpack.duplicate                    uint  Index to duplicate
http3.qpack.name.index                   uint  Name index
http3.qpack.name.length                  uint  Name length
http3.qpack.name                         str   Name
http3.qpack.value.length                 uint  Value length
http3.qpack.value                        str   Value
http3.qpack.inserted                     uint  Entries inserted so far
http3.qpack.acknowledged                 uint  Section acknowledged (stream ID)
http3.qpack.cancelled                    uint  Stream cancelled (stream ID)
http3.qpack.increment                    uint  Insert count increment
{_HEADERS}
""",
    {
        "http3.stream_type": names.STREAMS,
        "http3.frame_type": names.FRAMES,
        "http3.settings.id": names.SETTING_NAMES,
        "http3.headers.status": names.STATUSES,
    },
)
