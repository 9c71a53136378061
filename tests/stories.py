"""What each bundled capture must hold, as display filters of Wireshark's."""

from __future__ import annotations

OURS = "ip.src == 192.0.2.10"
LOST = "tcp.analysis.lost_segment"
AGAIN = "tcp.analysis.fast_retransmission"
# What a capture must hold: display filter -> how many packets, or at least how many ("2+").
STORIES: dict[str, dict[str, int | str]] = {
    "page-load": {
        'dns.flags.response == 1 && dns.qry.type == 65 && dns.qry.name == "www.example.org"': 1,
        "dns.flags.response == 1 && dns.qry.type == 28": 2,
        "dns.a == 198.51.100.80": "1+",
        "tls.handshake.type == 1": 2,
        'http2.headers.path == "/"': 1,
        'http2.headers.path == "/style.css"': 1,
        'http2.headers.path == "/wave.png"': 1,
        "http2.headers.status == 200": 3,
        "tcp.flags.syn == 1 && tcp.flags.ack == 0": 2,
        "png": 1,
    },
    "dns-over-https": {
        'udp && dns.flags.response == 0 && dns.qry.name == "dns.example.org"': 2,
        'udp && dns.qry.name == "www.example.org"': 0,
        'http2 && dns.flags.response == 1 && dns.qry.name == "www.example.org"': 1,
        "http.response.code == 200": 1,
    },
    "websocket-chat": {
        'http.sec_websocket_extensions contains "permessage-deflate"': 2,
        "http.response.code == 101": 1,
        "websocket.opcode == 9": 2,
        "websocket.opcode == 10": 2,
        "websocket.opcode == 2": 2,
        "websocket.opcode == 0": "2+",
        "websocket.rsv == 4": "8+",
        "websocket.payload.close.status_code == 1000": 2,
    },
    "dns-truncated": {
        "udp && dns.flags.truncated == 1": 1,
        "udp && dns.resp.type == 41 && dns.rr.udp_payload_size == 1232": 2,
        "tcp && dns.flags.response == 1 && dns.count.answers == 16": 1,
    },
    "dns-records": {
        "dns.flags.response == 0": 15,
        "dns.cname && dns.count.answers == 3": 1,
        "dns.flags.rcode == 3": 1,
        "dns.flags.rcode == 5": 1,
        "dns.srv.port == 5060": "1+",
        "dns.resp.type == 65": 1,
        "dns.flags.response == 1 && dns.flags.rcode == 0 && dns.count.answers == 0": 1,
    },
    "dns-delegation": {
        "ip.src == 198.51.100.4 && dns.count.answers == 0 && dns.count.auth_rr > 0": 1,
        "ip.src == 198.51.100.5 && dns.count.answers == 0 && dns.count.auth_rr > 0": 1,
        "ip.src == 198.51.100.53 && dns.flags.authoritative == 1 && dns.count.answers == 1": 1,
    },
    "tcp-lost-syn": {
        "tcp.flags.syn == 1 && tcp.flags.ack == 0": 2,
        "tcp.analysis.retransmission && tcp.analysis.rto > 0.9": 1,
        "http.response.code == 200": 1,
    },
    "tcp-loss": {
        LOST: 1,
        "tcp.analysis.duplicate_ack": "3+",
        AGAIN: 1,
        "tcp.options.sack_le": "3+",
        "http.response.code == 200 && http.content_length == 50000": 1,
    },
    "tcp-lost-tail": {
        # A silence of two round trips and more at the client; then the probe shows the hole.
        f"tcp.time_delta > 0.15 && {LOST}": 1,
        "tcp.options.sack_le": 1,
        "tcp.analysis.retransmission": 1,
    },
    "tcp-refused": {
        "http.response.code == 200": 1,
        "tcp.flags.reset == 1": 1,
        "icmp.type == 3 && icmp.code == 13": 1,
        "ip.dst == 198.51.100.83 && tcp.flags.syn == 1": "3+",
        "ip.src == 198.51.100.83": 0,
    },
    "happy-eyeballs": {
        "dns.aaaa == 2001:db8:2::80": "1+",
        "ipv6.src == 2001:db8:1::10 && tcp.flags.syn == 1": "1+",
        "ipv6.src == 2001:db8:2::80": 0,
        "ip && http.response.code == 200": 1,
    },
    "tcp-tiny-window": {
        "tcp.analysis.zero_window": "1+",
        "tcp.analysis.window_full": "1+",
        "http.response.code == 200": 1,
    },
    "http1-keepalive": {
        "tcp.stream == 0 && http.request": 9,
        "http.response.code == 100": 1,
        "http.response.code == 304": 1,
        "http.response.code == 301": 1,
        "http.response.code == 404": 1,
        'http.content_encoding == "gzip"': 1,
        "http.chunk_size": 1,
    },
    "http2-streams": {
        "http2.headers.status == 200": "1+",
        "http2.streamid == 1 && http2.streamid == 3 && http2.streamid == 11": "1+",
        LOST: 1,
        AGAIN: 1,
        "tcp.flags.syn == 1 && tcp.flags.ack == 0": 1,
    },
    "tls12-full": {
        "tls.handshake.type == 12 && tls.handshake.type == 14": 1,
        "tls.handshake.type == 20": 2,
        "http.response.code == 200": 1,
    },
    "tls13-full": {
        "tls.handshake.type == 2 && tls.handshake.type == 8 && tls.handshake.type == 11": 1,
        "tls.handshake.extensions.supported_version == 0x0304": 2,
        "tls.handshake.type == 4": 2,
        "http.response.code == 200": 1,
    },
    "tls13-hello-retry": {
        "tls.handshake.type == 1": 2,
        "tls.handshake.type == 2": 2,
        # The Random that marks a HelloRetryRequest (RFC 8446 section 4.1.3).
        "tls.handshake.random == cf:21:ad:74:e5:9a:61:11:be:1d:8c:02:1e:65:b8:91:"
        "c2:a2:11:16:7a:bb:8c:5e:07:9e:09:e2:c8:a8:33:9c": 1,
        "http.response.code == 200": 1,
    },
    "tls13-resumed-0rtt": {
        "tcp.stream == 0 && tls.handshake.type == 4": 2,
        "tls.handshake.type == 1 && tls.handshake.extension.type == 42 && http.request": 1,
        "tcp.stream == 1 && tls.handshake.type == 11": 0,
        "tls.handshake.type == 5": 1,
        "http.response.code == 200": 2,
    },
    "tls13-alert": {
        "tls.alert_message.desc == 48": 1,
        "http": 0,
    },
    "quic-http3": {
        "http3.frame_type == 1 && udp.srcport == 443": 6,
        "quic.decryption_failed": 0,
    },
    "quic-0rtt": {
        "quic.long.packet_type == 1 && quic.stream.stream_id == 0": 1,
        "tls.handshake.type == 11": 0,
        "http3.frame_type == 1 && udp.srcport == 443": 1,
        "quic.decryption_failed": 0,
    },
    "arp-ping": {
        "arp.opcode == 1": 4,
        "arp.opcode == 2": 1,
        "icmp.type == 0": 4,
        "ip.flags.mf == 1": 4,
        "ip.fragment.count == 3": 2,
    },
    "traceroute": {
        "icmp.type == 11": 2,
        "icmp.type == 3 && icmp.code == 3": 1,
        f"{OURS} && ip.ttl == 1": "1+",
    },
    "ipv6-neighbours": {
        "icmpv6.type == 135 && ipv6.src == ::": 2,
        "icmpv6.type == 133": "1+",
        "icmpv6.type == 134 && icmpv6.opt.prefix == 2001:db8:1::": "1+",
        "icmpv6.type == 136": "1+",
        "icmpv6.type == 143": "1+",
        "icmpv6.type == 129": 2,
    },
    "dhcp-lease": {f"dhcp.option.dhcp == {kind}": 1 for kind in (1, 2, 3, 5)},
    "ntp-clock": {"ntp.flags.mode == 3": "2+", "ntp.flags.mode == 4": "2+"},
}
