"""What the numbers in DNS messages are called (IANA, Domain Name System Parameters)."""

PAIRS = """
1 A 2 NS 3 MD 4 MF 5 CNAME 6 SOA 7 MB 8 MG 9 MR 10 NULL 11 WKS 12 PTR 13 HINFO 14 MINFO 15 MX
16 TXT 17 RP 18 AFSDB 19 X25 20 ISDN 21 RT 22 NSAP 23 NSAP-PTR 24 SIG 25 KEY 26 PX 27 GPOS 28 AAAA
29 LOC 30 NXT 31 EID 32 NIMLOC 33 SRV 34 ATMA 35 NAPTR 36 KX 37 CERT 38 A6 39 DNAME 40 SINK 41 OPT
42 APL 43 DS 44 SSHFP 45 IPSECKEY 46 RRSIG 47 NSEC 48 DNSKEY 49 DHCID 50 NSEC3 51 NSEC3PARAM
52 TLSA 53 SMIMEA 55 HIP 56 NINFO 57 RKEY 58 TALINK 59 CDS 60 CDNSKEY 61 OPENPGPKEY 62 CSYNC
63 ZONEMD 64 SVCB 65 HTTPS 66 DSYNC 67 HHIT 68 BRID 99 SPF 100 UINFO 101 UID 102 GID 103 UNSPEC
104 NID 105 L32 106 L64 107 LP 108 EUI48 109 EUI64 128 NXNAME 249 TKEY 250 TSIG 251 IXFR 252 AXFR
253 MAILB 254 MAILA 255 ANY 256 URI 257 CAA 258 AVC 259 DOA 260 AMTRELAY 261 RESINFO 262 WALLET
263 CLA 264 IPN 32768 TA 32769 DLV
"""


def _pairs(text: str) -> dict[int, str]:
    words = text.split()
    return {int(number): name for number, name in zip(words[::2], words[1::2], strict=True)}


def _lines(text: str) -> dict[int, str]:
    split = (line.split(maxsplit=1) for line in text.splitlines() if line.strip())
    return {int(number): name for number, name in split}


TYPES = _pairs(PAIRS)
NUMBERS = {name: number for number, name in TYPES.items()}
CLASSES = _pairs("1 IN 2 CS 3 CH 4 HS 254 NONE 255 ANY")

OPCODES = _lines("""
0 Standard query
1 Inverse query
2 Server status request
4 Zone change notification
5 Dynamic update
6 DNS Stateful operations (DSO)
""")
RCODES = _lines("""
0 No error
1 Format error
2 Server failure
3 No such name
4 Not implemented
5 Refused
6 Name exists
7 RRset exists
8 RRset does not exist
9 Not authoritative
10 Name out of zone
11 DSO-TYPE not implemented
16 Bad OPT version or TSIG signature failure
17 Key not recognized
18 Signature out of time window
19 Bad TKEY mode
20 Duplicate key name
21 Algorithm not supported
22 Bad truncation
23 Bad or missing server cookie
""")
RCODE_MNEMONICS = _pairs("""
0 NOERROR 1 FORMERR 2 SERVFAIL 3 NXDOMAIN 4 NOTIMP 5 REFUSED 6 YXDOMAIN 7 YXRRSET 8 NXRRSET
9 NOTAUTH 10 NOTZONE 11 DSOTYPENI 16 BADSIG 17 BADKEY 18 BADTIME 19 BADMODE 20 BADNAME 21 BADALG
22 BADTRUNC 23 BADCOOKIE
""")

OPTIONS = _lines("""
1 LLQ: long-lived query
2 UL: update lease
3 NSID: name server identifier
5 DAU: DNSSEC algorithms understood
6 DHU: DS hashes understood
7 N3U: NSEC3 hashes understood
8 ECS: client subnet
9 EXPIRE: zone expiry
10 COOKIE
11 TCP keepalive
12 PADDING
13 CHAIN: closest trust point
14 KEY TAG
15 EDE: extended DNS error
16 Client tag
17 Server tag
18 Report channel
19 ZONEVERSION
20292 Umbrella ident
26946 Device ID
""")
DSO_TYPES = _pairs("1 Keepalive 2 Retry-Delay 3 Encryption-Padding 64 SUBSCRIBE 65 PUSH") | {
    66: "UNSUBSCRIBE",
    67: "RECONFIRM",
}
FAMILIES = _pairs("1 IPv4 2 IPv6")
EDE_CODES = _lines("""
0 Other error
1 Unsupported DNSKEY algorithm
2 Unsupported DS digest type
3 Stale answer
4 Forged answer
5 DNSSEC indeterminate
6 DNSSEC bogus
7 Signature expired
8 Signature not yet valid
9 DNSKEY missing
10 RRSIGs missing
11 No zone key bit set
12 NSEC missing
13 Cached error
14 Not ready
15 Blocked
16 Censored
17 Filtered
18 Prohibited
19 Stale NXDOMAIN answer
20 Not authoritative
21 Not supported
22 No reachable authority
23 Network error
24 Invalid data
25 Signature expired before valid
26 Too early
27 Unsupported NSEC3 iterations value
28 Unable to conform to policy
29 Synthesized
30 Invalid query type
31 Rate limited
32 Over quota
""")
SVC_KEYS = _pairs("""
0 mandatory 1 alpn 2 no-default-alpn 3 port 4 ipv4hint 5 ech 6 ipv6hint 7 dohpath 8 ohttp
9 tls-supported-groups 10 docpath
""")

ALGORITHMS = _pairs("""
1 RSAMD5 2 DH 3 DSA 4 ECC 5 RSASHA1 6 DSA-NSEC3-SHA1 7 RSASHA1-NSEC3-SHA1 8 RSASHA256 10 RSASHA512
12 ECC-GOST 13 ECDSAP256SHA256 14 ECDSAP384SHA384 15 ED25519 16 ED448 17 SM2SM3 23 ECC-GOST12
252 INDIRECT 253 PRIVATEDNS 254 PRIVATEOID
""")
DIGESTS = _pairs(
    "0 Reserved 1 SHA-1 2 SHA-256 3 GOST-R-34.11-94 4 SHA-384 5 GOST-R-34.11-2012 6 SM3"
)
NSEC3_HASHES = _pairs("1 SHA-1")
CERT_TYPES = _pairs("1 PKIX 2 SPKI 3 PGP 4 IPKIX 5 ISPKI 6 IPGP 7 ACPKIX 8 IACPKIX 253 URI 254 OID")
SSH_ALGORITHMS = _pairs("1 RSA 2 DSA 3 ECDSA 4 Ed25519 6 Ed448")
SSH_DIGESTS = _pairs("1 SHA-1 2 SHA-256")
TLSA_USAGES = _pairs("0 PKIX-TA 1 PKIX-EE 2 DANE-TA 3 DANE-EE 255 PrivCert")
TLSA_SELECTORS = _pairs("0 Cert 1 SPKI 255 PrivSel")
TLSA_MATCHES = _pairs("0 Full 1 SHA2-256 2 SHA2-512 255 PrivMatch")
ZONEMD_SCHEMES = _pairs("1 SIMPLE")
ZONEMD_HASHES = _pairs("1 SHA-384 2 SHA-512")
GATEWAYS = _pairs("0 none 1 IPv4 2 IPv6 3 name")
IPSEC_ALGORITHMS = _pairs("0 none 1 DSA 2 RSA 3 ECDSA 4 EdDSA")
TKEY_MODES = _lines("""
1 server assignment
2 Diffie-Hellman exchange
3 GSS-API negotiation
4 resolver assignment
5 key deletion
""")


def type_name(number: int) -> str:
    """A type as a master file writes it; unknown ones by number (RFC 3597 section 5)."""
    return TYPES.get(number) or f"TYPE{number}"


def class_name(number: int) -> str:
    """A class as a master file writes it (RFC 3597 section 5)."""
    return CLASSES.get(number) or f"CLASS{number}"
