"""Zones and configurations for named."""

from __future__ import annotations

OPTIONS = """options {{
  directory ".";
  listen-on {{ {address}; }};
  listen-on-v6 {{ none; }};
  pid-file none;
  session-keyfile none;
  dnssec-validation no;
  recursion {recursion};
  allow-recursion {{ any; }};
  minimal-responses {minimal};
  max-udp-size 4096;
  {more}
}};
controls {{ }};
{zones}
"""

ZONE = """$TTL 3600
@ SOA ns.{origin}. hostmaster.{origin}. 2026010100 7200 900 1209600 300
"""

EXAMPLE = (
    ZONE.format(origin="example.org")
    + """@ NS ns
@ NS ns.example.net.
@ MX 10 mail
@ MX 20 backup.example.net.
@ TXT "v=spf1 mx -all"
@ TXT "two strings " "in one record"
@ CAA 0 issue "ca.example.net"
ns A 198.51.100.53
ns AAAA 2001:db8:2::53
mail A 198.51.100.25
www A 198.51.100.80
www AAAA 2001:db8:2::80
www HTTPS 1 . alpn=h2 ipv4hint=198.51.100.80 ipv6hint=2001:db8:2::80
static A 198.51.100.81
static AAAA 2001:db8:2::81
dns A 198.51.100.53
time A 198.51.100.123
shop CNAME store.cdn
store.cdn CNAME edge.cdn
edge.cdn A 198.51.100.90
_sip._tcp SRV 10 60 5060 sip
sip NAPTR 10 100 "s" "SIP+D2T" "" _sip._tcp.example.org.
"""
)

BIG = "big TXT " + "\nbig TXT ".join(
    f'"{number:02d} of 16: a record long enough that together they outgrow one datagram, '
    f'whatever {size} bytes the client offers"'
    for number, size in ((number, 1232) for number in range(1, 17))
)

STORE = (
    ZONE.format(origin="example.net")
    + """@ NS ns
ns A 198.51.100.54
mail A 198.51.100.26
"""
)

REVERSE = ZONE.format(origin="example.org") + "@ NS ns.example.org.\n80 PTR www.example.org.\n"

# Three servers, each for one zone: address, origin, what is in it.
TREE = (
    (
        "198.51.100.4",
        ".",
        """@ NS a.root.example.
a.root.example. A 198.51.100.4
example. NS ns.nic.example.
ns.nic.example. A 198.51.100.5
""",
    ),
    (
        "198.51.100.5",
        "example",
        """@ NS ns.nic
ns.nic A 198.51.100.5
a.root A 198.51.100.4
shop NS ns.shop
ns.shop A 198.51.100.53
""",
    ),
    (
        "198.51.100.53",
        "shop.example",
        """@ NS ns
ns A 198.51.100.53
www A 198.51.100.80
""",
    ),
)
HINTS = ". 3600 IN NS a.root.example.\na.root.example. 3600 IN A 198.51.100.4\n"
HINT = 'zone "." { type hint; file "hints"; };\n'


def config(
    address: str, zones: dict[str, str], *, recursion: bool, minimal: str = "no", more: str = ""
) -> str:
    """A named.conf; zones: origin -> file name."""
    written = "\n".join(
        f'zone "{origin}" {{ type primary; file "{name}"; }};' for origin, name in zones.items()
    )
    return OPTIONS.format(
        address=address,
        recursion="yes" if recursion else "no",
        minimal=minimal,
        more=more,
        zones=written,
    )
