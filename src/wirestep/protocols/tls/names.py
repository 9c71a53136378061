"""Numbers of TLS and their names (IANA "TLS Parameters", RFC 8446, RFC 8447)."""

from . import suites_early, suites_late

GREASE_VALUES = tuple(0x0A0A + 0x1010 * step for step in range(16))
"""Numbers that mean nothing, sent so that nobody chokes on unknown ones (RFC 8701)."""
GREASE_16 = dict.fromkeys(GREASE_VALUES, "Reserved (GREASE)")

CONTENTS = {
    20: "Change Cipher Spec",
    21: "Alert",
    22: "Handshake",
    23: "Application Data",
    24: "Heartbeat",
    25: "Connection ID",
}
VERSIONS = {
    **GREASE_16,
    0x0002: "SSL 2.0",
    0x0101: "GMTLS",
    0x0300: "SSL 3.0",
    0x0301: "TLS 1.0",
    0x0302: "TLS 1.1",
    0x0303: "TLS 1.2",
    0x0304: "TLS 1.3",
    **{0x7F00 + draft: f"TLS 1.3 (draft {draft})" for draft in range(14, 29)},
    0xFB17: "TLS 1.3 (Facebook draft 23)",
    0xFB1A: "TLS 1.3 (Facebook draft 26)",
    0xFEFD: "DTLS 1.2",
    0xFEFF: "DTLS 1.0",
    0xFEFC: "DTLS 1.3",
}
HANDSHAKES = {
    0: "Hello Request",
    1: "Client Hello",
    2: "Server Hello",
    3: "Hello Verify Request",
    4: "New Session Ticket",
    5: "End of Early Data",
    6: "Hello Retry Request",
    8: "Encrypted Extensions",
    11: "Certificate",
    12: "Server Key Exchange",
    13: "Certificate Request",
    14: "Server Hello Done",
    15: "Certificate Verify",
    16: "Client Key Exchange",
    20: "Finished",
    21: "Client Certificate URL",
    22: "Certificate Status",
    23: "Supplemental Data",
    24: "Key Update",
    25: "Compressed Certificate",
    67: "Next Protocol",
    203: "Channel ID",
    254: "Message Hash",
}
ALERT_LEVELS = {1: "Warning", 2: "Fatal"}
HEARTBEATS = {1: "Request", 2: "Response"}
HEARTBEAT_MODES = {1: "Peer allowed to send requests", 2: "Peer not allowed to send requests"}
COMPRESSIONS = {0: "null", 1: "DEFLATE", 64: "LZS"}
HASHES = {
    0: "None",
    1: "MD5",
    2: "SHA1",
    3: "SHA224",
    4: "SHA256",
    5: "SHA384",
    6: "SHA512",
    7: "SM3",
    8: "Intrinsic",
}
SIGNERS = {0: "Anonymous", 1: "RSA", 2: "DSA", 3: "ECDSA", 4: "SM2", 7: "Ed25519", 8: "Ed448"}
CURVE_TYPES = {1: "explicit_prime", 2: "explicit_char2", 3: "named_curve"}
POINT_FORMATS = {0: "uncompressed", 1: "ansiX962_compressed_prime", 2: "ansiX962_compressed_char2"}
NAME_TYPES = {0: "host_name"}
FRAGMENT_LENGTHS = {1: "512", 2: "1024", 3: "2048", 4: "4096"}
STATUS_TYPES = {1: "OCSP", 2: "OCSP Multi"}
CERTIFICATE_KINDS = {0: "X.509", 1: "OpenPGP", 2: "Raw Public Key"}
CERTIFICATE_TYPES = {
    1: "RSA Sign",
    2: "DSS Sign",
    3: "RSA Fixed DH",
    4: "DSS Fixed DH",
    5: "RSA Ephemeral DH",
    6: "DSS Ephemeral DH",
    20: "Fortezza DMS",
    21: "GOST R 34.10-94",
    22: "GOST R 34.10-2001",
    64: "ECDSA Sign",
    65: "RSA Fixed ECDH",
    66: "ECDSA Fixed ECDH",
    67: "GOST Sign 256",
    68: "GOST Sign 512",
    80: "IBC Params",
}
PSK_MODES = {
    0: "PSK-only key establishment (psk_ke)",
    1: "PSK with (EC)DHE key establishment (psk_dhe_ke)",
    **dict.fromkeys((0x0B + 0x1F * step for step in range(8)), "Reserved (GREASE)"),
}
KEY_UPDATES = {0: "update_not_requested", 1: "update_requested"}
COMPRESSORS = {1: "zlib", 2: "brotli", 3: "zstd"}
SRTP_PROFILES = {
    1: "SRTP_AES128_CM_HMAC_SHA1_80",
    2: "SRTP_AES128_CM_HMAC_SHA1_32",
    5: "SRTP_NULL_HMAC_SHA1_80",
    6: "SRTP_NULL_HMAC_SHA1_32",
    7: "SRTP_AEAD_AES_128_GCM",
    8: "SRTP_AEAD_AES_256_GCM",
}
TOKEN_KEYS = {0: "rsa2048_pkcs1.5", 1: "rsa2048_pss", 2: "ecdsap256"}
ECH_KINDS = {0: "Outer", 1: "Inner"}
HPKE_KDFS = {1: "HKDF-SHA256", 2: "HKDF-SHA384", 3: "HKDF-SHA512"}
HPKE_AEADS = {1: "AES-128-GCM", 2: "AES-256-GCM", 3: "ChaCha20Poly1305", 0xFFFF: "Export-only"}
QUIC_PARAMETERS = {
    0x00: "original_destination_connection_id",
    0x01: "max_idle_timeout",
    0x02: "stateless_reset_token",
    0x03: "max_udp_payload_size",
    0x04: "initial_max_data",
    0x05: "initial_max_stream_data_bidi_local",
    0x06: "initial_max_stream_data_bidi_remote",
    0x07: "initial_max_stream_data_uni",
    0x08: "initial_max_streams_bidi",
    0x09: "initial_max_streams_uni",
    0x0A: "ack_delay_exponent",
    0x0B: "max_ack_delay",
    0x0C: "disable_active_migration",
    0x0D: "preferred_address",
    0x0E: "active_connection_id_limit",
    0x0F: "initial_source_connection_id",
    0x10: "retry_source_connection_id",
    0x11: "version_information",
    0x20: "max_datagram_frame_size",
    0x2AB2: "grease_quic_bit",
    0x3129: "google_user_agent",
    0x4752: "google_quic_version",
    0xFF04DE1B: "min_ack_delay",
    0xFF73DB: "version_information_draft",
}
QUIC_VERSIONS = {0x00000001: "1", 0x6B3343CF: "2"}

SUITES = {
    **GREASE_16,
    **{
        int(number, 16): name
        for lines in (suites_early.LINES, suites_late.LINES)
        for number, name in (line.split() for line in lines.split("\n") if line)
    },
}
SPECS = {
    **SUITES,
    0x010080: "SSL_CK_RC4_128_WITH_MD5",
    0x020080: "SSL_CK_RC4_128_EXPORT40_WITH_MD5",
    0x030080: "SSL_CK_RC2_128_CBC_WITH_MD5",
    0x040080: "SSL_CK_RC2_128_CBC_EXPORT40_WITH_MD5",
    0x050080: "SSL_CK_IDEA_128_CBC_WITH_MD5",
    0x060040: "SSL_CK_DES_64_CBC_WITH_MD5",
    0x0700C0: "SSL_CK_DES_192_EDE3_CBC_WITH_MD5",
}
"""Cipher specs of the SSLv2 hello: three bytes; those of SSLv3 and TLS start with a zero."""
