"""Records of every type that dnspython knows, in its spelling, and messages that carry them."""

from __future__ import annotations

import dns.message
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

OWNER = "_25._tcp.host-7.example.org."

SAMPLES = """
A 198.51.100.77
NS ns-9.example.net.
CNAME target-3.example.com.
SOA ns-1.example.org. hostmaster-2.example.org. 2026112201 7203 3607 1209605 301
WKS 10.1.2.77 6 25 80 443
PTR printer-4.example.org.
HINFO "VAX-11/780" "UNIX \\"V7\\""
MX 513 mail-2.example.net.
TXT "v=spf1 -all" "second; \\"quoted\\" \\\\ \\200\\255 string" ""
TXT one
RP admin.example.org. info.example.net.
AFSDB 258 afs-3.example.org.
X25 "311061700956"
ISDN "150862028003217" "004"
ISDN "150862028003217"
RT 772 relay-5.example.net.
NSAP 0x47.0005.80.005a00.0000.0001.e133.ffffff000161.00
NSAP-PTR nsap-owner.example.org.
SIG A 5 3 86401 20261231235958 20261101000203 2642 example.net. oJB1W6WNGv+ldvQ3WDG0MQkg5IEhjRip
KEY 513 3 8 AwEAAc3pQ1hm7nU2yZ0lbf4s9Vd8a/8wq5cN2yYtTgRr0Jtq
PX 1029 map822.example.net. map400.example.org.
GPOS -32.6882 116.8652 250.0
AAAA 2001:db8:17:2::5a:f00d
AAAA ::ffff:203.0.113.9
LOC 52 22 23.417 N 4 53 32.021 E -2.00m 30.00m 10000.00m 20.00m
LOC 33 51 35.900 S 151 12 40.000 W 42849672.95m 0.00m 90000000.00m 1.00m
SRV 770 1541 5062 sip-8.example.net.
NAPTR 1030 515 "u" "E2U+sip" "!^.*$!sip:info@example.com!" .
NAPTR 1031 516 "s" "SIP+D2U" "" _sip._udp.example.com.
KX 2050 kx-7.example.org.
CERT PGP 4660 RSASHA256 mQINBFit2jsBEADrbl5vjVxYeAE0g0IDYCBpHirv1Sjlqxx5gjtP
CERT 65280 1 200 AQIDBA==
DNAME moved-2.example.net.
APL 1:192.168.32.0/21 !1:192.168.38.0/28 2:2001:db8:ff00::/40 !2:2001:db8:a::1/128
APL
DS 60485 13 2 3d1e0a7755c2f09b8d6a4e13f07b22c19a5d8e6f40b1c2d3e4f5061728394a5b
SSHFP 4 2 3d1e0a7755c2f09b8d6a4e13f07b22c19a5d8e6f40b1c2d3e4f5061728394a5b
IPSECKEY 10 1 2 192.0.2.38 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==
IPSECKEY 11 0 3 . AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==
IPSECKEY 12 3 2 gateway-6.example.org. AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==
IPSECKEY 13 2 2 2001:db8:0:8002::2000:1 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==
RRSIG MX 14 4 3605 20270102030405 20261122151617 30909 example.org. oJB1W6WNGv+ldvQ3WDG0MQkg5IEhjRip
NSEC zz-host.example.org. A MX RRSIG NSEC TYPE1234 CAA
DNSKEY 257 3 13 AwEAAc3pQ1hm7nU2yZ0lbf4s9Vd8a/8wq5cN2yYtTgRr0Jtq
DNSKEY 384 3 1 AwEAAc3pQ1hm7nU2yZ0lbf4s9Vd8a/8wq5cN2yYtTgRr0Jtq
DHCID AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA=
NSEC3 1 1 1285 aabbccdd 2t7b4g4vsa5smi47k61mv5bv1a22bojr NS SOA MX RRSIG DNSKEY NSEC3PARAM
NSEC3 1 0 12 - 2t7b4g4vsa5smi47k61mv5bv1a22bojr
NSEC3PARAM 1 0 1541 0badcafe
TLSA 3 0 1 3d1e0a7755c2f09b8d6a4e13f07b22c19a5d8e6f40b1c2d3e4f5061728394a5b
SMIMEA 2 0 1 3d1e0a7755c2f09b8d6a4e13f07b22c19a5d8e6f40b1c2d3e4f5061728394a5b
HIP 2 200100107b1a74df365639cc39f1d578 AwEAAbdxyhNuSutc5EMzxTs9LBPCIkOF \
rv1.example.net. rv2.example.org.
NINFO "zone is" "fine"
CDS 60486 14 2 3d1e0a7755c2f09b8d6a4e13f07b22c19a5d8e6f40b1c2d3e4f5061728394a5b
CDNSKEY 256 3 15 AwEAAc3pQ1hm7nU2yZ0lbf4s9Vd8a/8wq5cN2yYtTgRr0Jtq
OPENPGPKEY mQINBFit2jsBEADrbl5vjVxYeAE0g0IDYCBpHirv1Sjlqxx5gjtP
CSYNC 2026112299 3 A NS AAAA
ZONEMD 2026112298 1 1 3d1e0a7755c2f09b8d6a4e13f07b22c19a5d8e6f40b1c2d3e4f5061728394a5b\
3d1e0a7755c2f09b8d6a4e13f07b22c1
SVCB 16 svc-2.example.org. mandatory="alpn,ipv4hint" alpn="h2,h3" no-default-alpn port="8443" \
ipv4hint="192.0.2.1,192.0.2.77" ech="AAYAAQIDBAU=" \
ipv6hint="2001:db8::1,2001:db8::53:9" key667="he\\"llo\\210"
SVCB 0 pool-3.example.net.
HTTPS 1 . alpn="h3,h2" port="4443"
DSYNC CDS NOTIFY 5359 scanner-1.example.net.
HHIT AwEAAc3pQ1hm7nU2
BRID AwEAAc3pQ1hm7nU3
SPF "v=spf1 include:example.net -all"
NID 772 0014:4fff:ff20:ee64
L32 1030 10.1.2.77
L64 1286 2001:0db8:1140:1000
LP 1543 l64-subnet.example.com.
EUI48 00-00-5e-90-01-2a
EUI64 00-00-5e-ef-10-00-02-2b
URI 2571 5142 "ftp://ftp1.example.com/public"
CAA 128 issuewild "ca-4.example.net; policy=ev"
CAA 0 iodef "mailto:security@example.com"
CAA 1 tbs "unknown tag"
AVC "app-name:WIRE|app-class:OAM"
AMTRELAY 10 0 1 203.0.113.15
AMTRELAY 129 1 2 2001:db8::15
AMTRELAY 3 0 3 amtrelays.example.com.
AMTRELAY 4 1 0 .
RESINFO "qnamemin" "exterr=15-17" "infourl=https://resolver.example.com/guide"
WALLET "BTC" "bc1qxy2kgdygjrsqtzq2n0yrf2493p83kkfjhx0wlh"
DLV 60487 5 1 2bb183af5f22588179a53b0a98631fad1a292118
TKEY gss-tsig. 1793491323 1798761598 3 16 AQIDBAUGBwg=
TSIG hmac-sha256. 1795362000 301 8 AQIDBAUGBwg= 4660 NOERROR 0
NULL \\# 5 0102030405
MB \\# 12 026d62076578616d706c6500
TYPE65280 \\# 7 c00c01020304ff
"""
CASES = [line for line in SAMPLES.splitlines() if line]


def message_with(text: str) -> tuple[bytes, dns.rdata.Rdata]:
    """A response whose one answer is the sample, and dnspython's reading of it."""
    kind, _, rest = text.partition(" ")
    number = dns.rdatatype.from_text(kind)
    rdata = dns.rdata.from_text(dns.rdataclass.IN, number, rest)
    message = dns.message.make_response(dns.message.make_query(OWNER, number))
    answer = dns.rrset.from_rdata(dns.name.from_text(OWNER), 86399, rdata)
    message.answer.append(answer)
    wire = message.to_wire()
    return wire, rdata
