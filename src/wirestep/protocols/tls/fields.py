"""What the fields of TLS are called, how they are written."""

from wirestep.decode.fields import table

from . import names, registries

RECORD_FIELDS = table(
    """
tls.record                            group Record layer
tls.record.content_type               uint  Content type
tls.record.opaque_type                uint  Opaque type
tls.record.version                    hex2  Version
tls.record.length                     uint  Length
tls.record.no_padding                 bool  No padding
tls.record.decryption                 str   Decryption
tls.record.fragment                   bytes Encrypted fragment
tls.record.nonce                      bytes Explicit nonce
tls.record.iv                         bytes Initialization vector
tls.record.ciphertext                 bytes Ciphertext
tls.record.tag                        bytes Authentication tag
tls.record.mac                        bytes Message authentication code
tls.record.decrypted                  group Decrypted record
tls.record.plaintext                  bytes Plain bytes
tls.record.padding                    bytes Padding
tls.change_cipher_spec                group Change cipher spec
tls.change_cipher_spec.type           uint  Type
tls.change_cipher_spec.encrypted      bytes Encrypted message
tls.alert_message                     group Alert
tls.alert_message.level               uint  Level
tls.alert_message.desc                uint  Description
tls.alert_message.encrypted           bytes Encrypted alert
tls.app_data                          bytes Encrypted application data
tls.heartbeat_message                 group Heartbeat
tls.heartbeat_message.type            uint  Type
tls.heartbeat_message.payload_length  uint  Payload length
tls.heartbeat_message.payload         bytes Payload
tls.heartbeat_message.padding         bytes Padding
tls.heartbeat_message.encrypted       bytes Encrypted heartbeat
tls.handshake                         group Handshake
tls.handshake.encrypted               bytes Encrypted handshake message
tls.handshake.cipher_spec_len         uint  Cipher specs length
tls.handshake.challenge_length        uint  Challenge length
tls.handshake.cipherspec              hex3  Cipher spec
tls.handshake.challenge               bytes Challenge
tls.ignored_unknown_record            bytes Bytes that are no record
""",
    {
        "tls.record.content_type": names.CONTENTS,
        "tls.record.opaque_type": names.CONTENTS,
        "tls.record.version": names.VERSIONS,
        "tls.change_cipher_spec.type": {1: "change_cipher_spec"},
        "tls.alert_message.level": names.ALERT_LEVELS,
        "tls.alert_message.desc": registries.ALERTS,
        "tls.heartbeat_message.type": names.HEARTBEATS,
        "tls.handshake.cipherspec": names.SPECS,
    },
)

SCHEDULE_FIELDS = table(
    """
tls.schedule                          group Key schedule
tls.schedule.secret                   bytes Secret
tls.schedule.from                     str   Made from
tls.schedule.function                 str   By
tls.schedule.salt                     bytes Salt
tls.schedule.input                    str   Input
tls.schedule.messages                 str   Messages
tls.schedule.transcript               bytes Transcript hash
tls.schedule.label                    str   In the key log
tls.schedule.key                      bytes Key
tls.schedule.iv                       bytes IV
tls.schedule.verified                 bool  The Finished fits
"""
)

MESSAGE_FIELDS = table(
    """
tls.handshake.type                                  uint  Handshake type
tls.handshake.length                                uint  Length
tls.handshake.data                                  bytes Data
tls.handshake.version                               hex2  Version
tls.handshake.random                                bytes Random
tls.handshake.random_time                           when  GMT Unix time
tls.handshake.random_bytes                          bytes Random bytes
tls.handshake.session                               group Session
tls.handshake.session_id_length                     uint  Session ID length
tls.handshake.session_id                            bytes Session ID
tls.handshake.cipher_suites_length                  uint  Cipher suites length
tls.handshake.ciphersuites                          group Cipher suites
tls.handshake.ciphersuite                           hex2  Cipher suite
tls.handshake.comp_methods_length                   uint  Compression methods length
tls.handshake.comp_methods                          group Compression methods
tls.handshake.comp_method                           uint  Compression method
tls.handshake.chosen                                str   Agreed on
tls.handshake.ja3_full                              str   JA3 full string
tls.handshake.ja3                                   str   JA3
tls.handshake.ja3s_full                             str   JA3S full string
tls.handshake.ja3s                                  str   JA3S
tls.handshake.ja4                                   str   JA4
tls.handshake.ja4_r                                 str   JA4 unhashed
tls.handshake.session_ticket_lifetime_hint          uint  Session ticket lifetime hint
tls.handshake.session_ticket_age_add                uint  Session ticket age add
tls.handshake.session_ticket_nonce_length           uint  Session ticket nonce length
tls.handshake.session_ticket_nonce                  bytes Session ticket nonce
tls.handshake.session_ticket_length                 uint  Session ticket length
tls.handshake.session_ticket                        bytes Session ticket
tls.handshake.verify_data                           bytes Verify data
tls.handshake.md5_hash                              bytes MD5 hash
tls.handshake.sha_hash                              bytes SHA-1 hash
tls.handshake.key_update.request_update             uint  Key update request
tls.handshake.npn_selected_protocol_len             uint  Selected protocol length
tls.handshake.npn_selected_protocol                 str   Selected protocol
tls.handshake.npn_padding_len                       uint  Padding length
tls.handshake.npn_padding                           bytes Padding
tls.handshake.server_curve_type                     hex1  Curve type
tls.handshake.server_named_curve                    hex2  Named curve
tls.handshake.server_point_len                      uint  Public key length
tls.handshake.server_point                          bytes Public key
tls.handshake.client_point_len                      uint  Public key length
tls.handshake.client_point                          bytes Public key
tls.handshake.p_len                                 uint  p length
tls.handshake.p                                     bytes p
tls.handshake.g_len                                 uint  g length
tls.handshake.g                                     bytes g
tls.handshake.ys_len                                uint  Public key length
tls.handshake.ys                                    bytes Public key
tls.handshake.yc_len                                uint  Public key length
tls.handshake.yc                                    bytes Public key
tls.handshake.modulus_len                           uint  Modulus length
tls.handshake.modulus                               bytes Modulus
tls.handshake.exponent_len                          uint  Exponent length
tls.handshake.exponent                              bytes Exponent
tls.handshake.sig_len                               uint  Signature length
tls.handshake.sig                                   bytes Signature
tls.handshake.hint_len                              uint  Hint length
tls.handshake.hint                                  bytes Hint
tls.handshake.identity_len                          uint  Identity length
tls.handshake.identity                              bytes Identity
tls.handshake.epms_len                              uint  Encrypted premaster length
tls.handshake.epms                                  bytes Encrypted premaster
tls.handshake.certificates_length                   uint  Certificates length
tls.handshake.certificates                          group Certificates
tls.handshake.certificate_length                    uint  Certificate length
tls.handshake.certificate                           bytes Certificate
tls.handshake.certificate.subject                   str   Subject
tls.handshake.certificate.issuer                    str   Issuer
tls.handshake.certificate.serial                    str   Serial number
tls.handshake.certificate.not_before                when  Valid from
tls.handshake.certificate.not_after                 when  Valid until
tls.handshake.certificate.signature                 str   Signature
tls.handshake.certificate_request_context_length    uint  Certificate request context length
tls.handshake.certificate_request_context           bytes Certificate request context
tls.handshake.cert_types_count                      uint  Certificate types count
tls.handshake.cert_types                            group Certificate types
tls.handshake.cert_type                             uint  Certificate type
tls.handshake.client_cert_vrfy.sig_len              uint  Signature length
tls.handshake.client_cert_vrfy.sig                  bytes Signature
tls.handshake.ocsp_response_list_len                uint  OCSP responses length
tls.handshake.ocsp_response_list                    group OCSP responses
tls.handshake.ocsp_response_len                     uint  OCSP response length
tls.handshake.ocsp_response                         bytes OCSP response
tls.compress_certificate.uncompressed_length        uint  Uncompressed length
tls.compress_certificate.compressed_certificate_message.length uint Length
tls.compress_certificate.compressed_certificate_message bytes Compressed certificate message
tls.compress_certificate.message                    group Decompressed message
""",
    {
        "tls.handshake.type": names.HANDSHAKES,
        "tls.handshake.version": names.VERSIONS,
        "tls.handshake.ciphersuite": names.SUITES,
        "tls.handshake.comp_method": names.COMPRESSIONS,
        "tls.handshake.key_update.request_update": names.KEY_UPDATES,
        "tls.handshake.server_curve_type": names.CURVE_TYPES,
        "tls.handshake.server_named_curve": registries.GROUPS,
        "tls.handshake.cert_type": names.CERTIFICATE_TYPES,
    },
)
