"""What the fields of TLS extensions are called, how they are written."""

from wirestep.decode.fields import table

from . import names, registries

EXTENSION_FIELDS = table(
    """
tls.handshake.extensions_length                          uint  Extensions length
tls.handshake.extensions                                 group Extensions
tls.handshake.extension                                  group Extension
tls.handshake.extension.type                             uint  Type
tls.handshake.extension.len                              uint  Length
tls.handshake.extension.data                             bytes Data
tls.handshake.extensions_server_name_list_len            uint  Server name list length
tls.handshake.extensions_server_name_list                group Server names
tls.handshake.extensions_server_name_type                uint  Server name type
tls.handshake.extensions_server_name_len                 uint  Server name length
tls.handshake.extensions_server_name                     str   Server name
tls.handshake.max_fragment_length                        uint  Maximum fragment length
tls.handshake.extensions_status_request_type             uint  Certificate status type
tls.handshake.extensions_status_request_len              uint  Certificate status length
tls.handshake.extensions_status_request_item             group Certificate status
tls.handshake.extensions_status_request_list_len         uint  Certificate status list length
tls.handshake.extensions_status_request_list             group Certificate statuses
tls.handshake.extensions_status_request_responder_ids_len uint Responder ID list length
tls.handshake.extensions_status_request_responder_ids    bytes Responder IDs
tls.handshake.extensions_status_request_exts_len         uint  Request extensions length
tls.handshake.extensions_status_request_exts             bytes Request extensions
tls.handshake.extensions_supported_groups_length         uint  Supported groups list length
tls.handshake.extensions_supported_groups                group Supported groups
tls.handshake.extensions_supported_group                 hex2  Supported group
tls.handshake.extensions_ec_point_formats_length         uint  EC point formats length
tls.handshake.extensions_ec_point_formats                group EC point formats
tls.handshake.extensions_ec_point_format                 uint  EC point format
tls.handshake.extensions_srp_len                         uint  SRP username length
tls.handshake.extensions_srp_username                    str   SRP username
tls.handshake.sig_hash_alg_len                           uint  Signature schemes length
tls.handshake.sig_hash_algs                              group Signature schemes
tls.handshake.sig_hash_alg                               hex2  Signature scheme
tls.handshake.sig_hash_hash                              uint  Hash
tls.handshake.sig_hash_sig                               uint  Signature
dtls.use_srtp.protection_profiles_length                 uint  Protection profiles length
dtls.use_srtp.protection_profiles                        group Protection profiles
dtls.use_srtp.protection_profile                         hex2  Protection profile
dtls.use_srtp.mki_length                                 uint  MKI length
dtls.use_srtp.mki                                        bytes MKI
tls.handshake.extension.heartbeat.mode                   uint  Mode
tls.handshake.extensions_alpn_len                        uint  ALPN extension length
tls.handshake.extensions_alpn_list                       group ALPN protocols
tls.handshake.extensions_alpn_str_len                    uint  ALPN string length
tls.handshake.extensions_alpn_str                        str   ALPN protocol
tls.handshake.extensions_alps_len                        uint  ALPS extension length
tls.handshake.extensions_alps_alpn_list                  group Protocols with settings
tls.handshake.extensions_alps_alpn_str_len               uint  Protocol length
tls.handshake.extensions_alps_alpn_str                   str   Protocol with settings
tls.handshake.extensions_alps.settings                   bytes Application settings
tls.sct.scts_length                                      uint  SCT list length
tls.sct.scts                                             group SCT list
tls.sct.sct_length                                       uint  SCT length
tls.sct.sct                                              group SCT
tls.sct.sct_version                                      uint  SCT version
tls.sct.sct_logid                                        bytes Log ID
tls.sct.sct_timestamp                                    when  Timestamp
tls.sct.sct_extensions_length                            uint  Extensions length
tls.sct.sct_extensions                                   bytes Extensions
tls.sct.sct_signature_length                             uint  Signature length
tls.sct.sct_signature                                    bytes Signature
tls.handshake.cert_type.types_len                        uint  Certificate type list length
tls.handshake.cert_type.types                            group Certificate types
tls.handshake.cert_type.type                             hex1  Certificate type
tls.handshake.extensions_padding_data                    bytes Padding
tls.token_binding.major                                  uint  Major version
tls.token_binding.minor                                  uint  Minor version
tls.token_binding.key_parameters_length                  uint  Key parameters length
tls.token_binding.key_parameters                         group Key parameters
tls.token_binding.key_parameter                          uint  Key parameter
tls.compress_certificate.algorithms_length               uint  Algorithms length
tls.compress_certificate.algorithms                      group Algorithms
tls.compress_certificate.algorithm                       uint  Algorithm
tls.record_size_limit                                    uint  Record size limit
tls.handshake.cred.valid_time                            uint  Valid time
tls.handshake.cred.pubkey_len                            uint  Public key length
tls.handshake.cred.pubkey                                bytes Public key
tls.handshake.cred.signature_len                         uint  Signature length
tls.handshake.cred.signature                             bytes Signature
tls.early_data.max_early_data_size                       uint  Maximum early data size
tls.handshake.extensions.supported_versions_len          uint  Supported versions length
tls.handshake.extensions.supported_versions              group Supported versions
tls.handshake.extensions.supported_version               hex2  Supported version
tls.handshake.extensions.cookie_len                      uint  Cookie length
tls.handshake.extensions.cookie                          bytes Cookie
tls.handshake.dnames_len                                 uint  Distinguished names length
tls.handshake.dnames                                     group Distinguished names
tls.handshake.dname_len                                  uint  Distinguished name length
tls.handshake.dname                                      group Distinguished name
tls.handshake.dname.der                                  bytes Name
tls.extension.oid_filters_length                         uint  OID filters length
tls.extension.oid_filters                                group OID filters
tls.extension.oid_filters.oid_length                     uint  OID length
tls.extension.oid_filters.oid                            bytes OID
tls.extension.oid_filters.values_length                  uint  Values length
tls.extension.oid_filters.values                         bytes Values
tls.connection_id_length                                 uint  Connection ID length
tls.connection_id                                        bytes Connection ID
tls.ticket_request.new_session_count                     uint  Tickets for new sessions
tls.ticket_request.resumption_count                      uint  Tickets for resumptions
tls.handshake.extensions_npn_str_len                     uint  Protocol length
tls.handshake.extensions_npn                             str   Next protocol
tls.handshake.extensions_reneg_info_len                  uint  Renegotiation info length
tls.handshake.extensions_reneg_info                      bytes Renegotiation info
tls.trust_anchors_length                                 uint  Trust anchors length
tls.trust_anchors                                        group Trust anchors
tls.trust_anchor_id_length                               uint  Trust anchor ID length
tls.trust_anchor_id                                      bytes Trust anchor ID
tls.flags_length                                         uint  Flags length
tls.flags                                                hex1  Flags
""",
    {
        "tls.handshake.extension.type": registries.EXTENSIONS,
        "tls.handshake.extensions_server_name_type": names.NAME_TYPES,
        "tls.handshake.max_fragment_length": names.FRAGMENT_LENGTHS,
        "tls.handshake.extensions_status_request_type": names.STATUS_TYPES,
        "tls.handshake.extensions_supported_group": registries.GROUPS,
        "tls.handshake.extensions_ec_point_format": names.POINT_FORMATS,
        "tls.handshake.sig_hash_alg": registries.SIGNATURES,
        "tls.handshake.sig_hash_hash": names.HASHES,
        "tls.handshake.sig_hash_sig": names.SIGNERS,
        "dtls.use_srtp.protection_profile": names.SRTP_PROFILES,
        "tls.handshake.extension.heartbeat.mode": names.HEARTBEAT_MODES,
        "tls.handshake.cert_type.type": names.CERTIFICATE_KINDS,
        "tls.token_binding.key_parameter": names.TOKEN_KEYS,
        "tls.compress_certificate.algorithm": names.COMPRESSORS,
        "tls.handshake.extensions.supported_version": names.VERSIONS,
    },
)

KEY_FIELDS = table(
    """
tls.handshake.extensions_key_share_client_length            uint  Client key share length
tls.handshake.extensions_key_share_entries                  group Key share entries
tls.handshake.extensions_key_share_entry                    group Key share entry
tls.handshake.extensions_key_share_group                    uint  Group
tls.handshake.extensions_key_share_key_exchange_length      uint  Key exchange length
tls.handshake.extensions_key_share_key_exchange             bytes Key exchange
tls.handshake.extensions_key_share_selected_group           uint  Selected group
tls.handshake.extensions.psk.identities.length              uint  Identities length
tls.handshake.extensions.psk.identities                     group PSK identities
tls.handshake.extensions.psk.identity                       group PSK identity
tls.handshake.extensions.psk.identity.identity_length       uint  Identity length
tls.handshake.extensions.psk.identity.identity              bytes Identity
tls.handshake.extensions.psk.identity.obfuscated_ticket_age uint  Obfuscated ticket age
tls.handshake.extensions.psk.identity.selected              uint  Selected identity
tls.handshake.extensions.psk.binders_len                    uint  PSK binders length
tls.handshake.extensions.psk.binders                        group PSK binders
tls.handshake.extensions.psk.binder_len                     uint  Binder length
tls.handshake.extensions.psk.binder                         bytes Binder
tls.extension.psk_ke_modes_length                           uint  PSK key exchange modes length
tls.extension.psk_ke_modes                                  group PSK key exchange modes
tls.extension.psk_ke_mode                                   uint  PSK key exchange mode
tls.ech.client_hello_type                                   uint  Client hello type
tls.ech.cipher_suite                                        group Cipher suite
tls.ech.hpke.kdf_id                                         uint  KDF
tls.ech.hpke.aead_id                                        uint  AEAD
tls.ech.config_id                                           uint  Config ID
tls.ech.enc_length                                          uint  Encapsulated key length
tls.ech.enc                                                 bytes Encapsulated key
tls.ech.payload_length                                      uint  Payload length
tls.ech.payload                                             bytes Payload
tls.ech.confirmation                                        bytes Confirmation
tls.ech.retry_configs                                       bytes Retry configurations
tls.ech.outer_length                                        uint  Outer extensions length
tls.ech.outer                                               group Outer extensions
tls.ech.outer_type                                          uint  Outer extension
tls.esni.suite                                              hex2  Cipher suite
tls.esni.record_digest_length                               uint  Record digest length
tls.esni.record_digest                                      bytes Record digest
tls.esni.encrypted_sni_length                               uint  Encrypted SNI length
tls.esni.encrypted_sni                                      bytes Encrypted SNI
tls.esni.nonce                                              bytes Nonce
tls.quic.varint_size                                        uint  Size of the number (two bits)
tls.quic.parameter                                          group Parameter
tls.quic.parameter.type                                     uint  Type
tls.quic.parameter.length                                   uint  Length
tls.quic.parameter.value                                    bytes Value
tls.quic.parameter.data                                     bytes Data
tls.quic.parameter.original_destination_connection_id       bytes Original destination connection ID
tls.quic.parameter.max_idle_timeout                         uint  Maximum idle timeout (ms)
tls.quic.parameter.stateless_reset_token                    bytes Stateless reset token
tls.quic.parameter.max_udp_payload_size                     uint  Maximum UDP payload size
tls.quic.parameter.initial_max_data                         uint  Initial maximum data
tls.quic.parameter.initial_max_stream_data_bidi_local       uint  Initial maximum, own streams
tls.quic.parameter.initial_max_stream_data_bidi_remote      uint  Initial maximum, peer's streams
tls.quic.parameter.initial_max_stream_data_uni              uint  Initial maximum, one-way streams
tls.quic.parameter.initial_max_streams_bidi                 uint  Initial number of streams
tls.quic.parameter.initial_max_streams_uni                  uint  Initial number of one-way streams
tls.quic.parameter.ack_delay_exponent                       uint  ACK delay exponent
tls.quic.parameter.max_ack_delay                            uint  Maximum ACK delay (ms)
tls.quic.parameter.preferred_address.ipv4address            ipv4  IPv4 address
tls.quic.parameter.preferred_address.ipv4port               uint  IPv4 port
tls.quic.parameter.preferred_address.ipv6address            ipv6  IPv6 address
tls.quic.parameter.preferred_address.ipv6port               uint  IPv6 port
tls.quic.parameter.preferred_address.connectionid.length    uint  Connection ID length
tls.quic.parameter.preferred_address.connectionid           bytes Connection ID
tls.quic.parameter.preferred_address.statelessresettoken    bytes Stateless reset token
tls.quic.parameter.active_connection_id_limit               uint  Active connection ID limit
tls.quic.parameter.initial_source_connection_id             bytes Initial source connection ID
tls.quic.parameter.retry_source_connection_id               bytes Retry source connection ID
tls.quic.parameter.max_datagram_frame_size                  uint  Maximum datagram frame size
tls.quic.parameter.min_ack_delay                            uint  Minimum ACK delay (us)
tls.quic.parameter.vi.chosen_version                        hex4  Chosen version
tls.quic.parameter.vi.other_version                         hex4  Other version
tls.quic.parameter.google.user_agent                        str   User agent
tls.quic.parameter.google.quic_version                      hex4  QUIC version
""",
    {
        "tls.handshake.extensions_key_share_group": registries.GROUPS,
        "tls.handshake.extensions_key_share_selected_group": registries.GROUPS,
        "tls.extension.psk_ke_mode": names.PSK_MODES,
        "tls.ech.client_hello_type": names.ECH_KINDS,
        "tls.ech.hpke.kdf_id": names.HPKE_KDFS,
        "tls.ech.hpke.aead_id": names.HPKE_AEADS,
        "tls.ech.outer_type": registries.EXTENSIONS,
        "tls.esni.suite": names.SUITES,
        "tls.quic.parameter.type": names.QUIC_PARAMETERS,
        "tls.quic.parameter.vi.chosen_version": names.QUIC_VERSIONS,
        "tls.quic.parameter.vi.other_version": names.QUIC_VERSIONS,
        "tls.quic.parameter.google.quic_version": names.QUIC_VERSIONS,
    },
)
