"""What the fields of QUIC are called, how they are written."""

from wirestep.decode.fields import table

from . import names

FIELDS = table(
    """
quic.packet                          group Packet
quic.packet_length                   uint  Packet length
quic.decryption                      str   Decryption
quic.header_form                     uint  Header form
quic.fixed_bit                       bool  Fixed bit
quic.long.packet_type                uint  Packet type
quic.long.packet_type_v2             uint  Packet type
quic.long.reserved                   uint  Reserved
quic.long.unused                     uint  Unused
quic.protected_bits                  uint  Bits under header protection
quic.vn.unused                       hex1  Unused
quic.version                         hex4  Version
quic.supported_version               hex4  Supported version
quic.dcil                            uint  Destination connection ID length
quic.dcid                            bytes Destination connection ID
quic.scil                            uint  Source connection ID length
quic.scid                            bytes Source connection ID
quic.token_length                    uint  Token length
quic.token                           bytes Token
quic.length                          uint  Length
quic.spin_bit                        bool  Spin bit
quic.short.reserved                  uint  Reserved
quic.key_phase                       bool  Key phase bit
quic.packet_number_length            uint  Packet number length
quic.packet_number                   uint  Packet number
quic.payload                         bytes Payload
quic.protected_payload               bytes Protected payload
quic.remaining_payload               bytes Remaining payload
quic.retry_token                     bytes Retry token
quic.retry_integrity_tag             bytes Retry integrity tag
quic.unpredictable_bits              bytes Unpredictable bits
quic.stateless_reset_token           bytes Stateless reset token
quic.datagram_padding                bytes Padding behind the packets
quic.decrypted                       group Decrypted payload
quic.frame                           group Frame
quic.frame_type                      hex8  Frame type
quic.padding_length                  uint  Padding length
quic.ack.largest_acknowledged        uint  Largest acknowledged
quic.ack.ack_delay                   uint  ACK delay
quic.ack.ack_range_count             uint  ACK range count
quic.ack.first_ack_range             uint  First ACK range
quic.ack.gap                         uint  Gap
quic.ack.ack_range                   uint  ACK range
quic.ack.range                       str   Acknowledged
quic.ack.ect0_count                  uint  ECT(0) count
quic.ack.ect1_count                  uint  ECT(1) count
quic.ack.ecn_ce_count                uint  ECN-CE count
quic.rsts.stream_id                  uint  Stream ID
quic.rsts.application_error_code     uint  Application error code
quic.rsts.final_size                 uint  Final size
quic.ss.stream_id                    uint  Stream ID
quic.ss.application_error_code       uint  Application error code
quic.crypto.offset                   uint  Offset
quic.crypto.length                   uint  Length
quic.crypto.crypto_data              bytes Crypto data
quic.nt.length                       uint  Token length
quic.nt.token                        bytes Token
quic.stream.type                     uint  STREAM
quic.stream.off                      bool  Offset is there
quic.stream.len                      bool  Length is there
quic.stream.fin                      bool  Fin
quic.stream.stream_id                uint  Stream ID
quic.stream.initiator                uint  Stream initiator
quic.stream.direction                uint  Stream direction
quic.stream.offset                   uint  Offset
quic.stream.length                   uint  Length
quic.stream_data                     bytes Stream data
quic.md.maximum_data                 uint  Maximum data
quic.msd.stream_id                   uint  Stream ID
quic.msd.maximum_stream_data         uint  Maximum stream data
quic.ms.max_streams                  uint  Maximum streams
quic.sb.stream_data_limit            uint  Stream data limit
quic.sdb.stream_id                   uint  Stream ID
quic.sib.stream_limit                uint  Stream limit
quic.nci.sequence                    uint  Sequence
quic.nci.retire_prior_to             uint  Retire prior to
quic.nci.connection_id.length        uint  Connection ID length
quic.nci.connection_id               bytes Connection ID
quic.nci.stateless_reset_token       bytes Stateless reset token
quic.rci.sequence                    uint  Sequence
quic.path_challenge.data             bytes Data
quic.path_response.data              bytes Data
quic.cc.error_code                   uint  Error code
quic.cc.error_code.app               uint  Application error code
quic.cc.error_code.tls_alert         uint  TLS alert
quic.cc.frame_type                   hex8  Frame type
quic.cc.reason_phrase.length         uint  Reason phrase length
quic.cc.reason_phrase                str   Reason phrase
quic.dg.length                       uint  Datagram length
quic.dg                              bytes Datagram
quic.af.sequence_number              uint  Sequence number
quic.af.ack_eliciting_threshold      uint  ACK-eliciting threshold
quic.af.request_max_ack_delay        uint  Requested maximum ACK delay
quic.af.reordering_threshold         uint  Reordering threshold
quic.ft.unknown                      bytes Frame that nobody knows
""",
    {
        "quic.header_form": names.FORMS,
        "quic.long.packet_type": names.TYPES,
        "quic.long.packet_type_v2": names.TYPES_V2,
        "quic.version": names.VERSIONS,
        "quic.supported_version": names.VERSIONS,
        "quic.packet_number_length": names.NUMBER_LENGTHS,
        "quic.frame_type": names.FRAMES,
        "quic.stream.initiator": names.INITIATORS,
        "quic.stream.direction": names.DIRECTIONS,
        "quic.cc.error_code": names.ERRORS,
        "quic.cc.frame_type": names.FRAMES,
    },
)
