"""DNS between dig and named."""

from __future__ import annotations

from recorder.scene import Scene
from recorder.scenes import zones
from recorder.stage import Stage

NAMED = ("named", "-g", "-n", "1", "-c")
SERVER = "@198.51.100.53"
ZONES = {
    "example.org": "example.org.zone",
    "example.net": "example.net.zone",
    "100.51.198.in-addr.arpa": "reverse.zone",
}
QUESTIONS = (
    ("www.example.org", "A"),
    ("www.example.org", "AAAA"),
    ("www.example.org", "HTTPS"),
    ("shop.example.org", "A"),
    ("example.org", "MX"),
    ("example.org", "TXT"),
    ("example.org", "SOA"),
    ("example.org", "NS"),
    ("example.org", "CAA"),
    ("_sip._tcp.example.org", "SRV"),
    ("sip.example.org", "NAPTR"),
    ("80.100.51.198.in-addr.arpa", "PTR"),
    ("nobody.example.org", "A"),
    ("www.example.org", "LOC"),
    ("www.example.com", "A"),
)


def start_named(stage: Stage, example: str = zones.EXAMPLE + zones.BIG + "\n") -> None:
    """An authoritative server for example.org and example.net at 198.51.100.53."""
    stage.write("named.conf", zones.config("198.51.100.53", ZONES, recursion=False))
    stage.write("example.org.zone", example)
    stage.write("example.net.zone", zones.STORE)
    stage.write("reverse.zone", zones.REVERSE)
    stage.start("server", *NAMED, "named.conf", ready="tcp:53")


def truncated(stage: Stage) -> None:
    start_named(stage)
    with stage.capture("port 53"):
        stage.run("client", "dig", SERVER, "big.example.org", "TXT")


def records(stage: Stage) -> None:
    start_named(stage)
    with stage.capture("port 53"):
        for name, kind in QUESTIONS:
            stage.run("client", "dig", "+noall", "+answer", SERVER, name, kind)


def delegation(stage: Stage) -> None:
    for number, (address, origin, zone) in enumerate(zones.TREE):
        stage.write(f"{number}.zone", zones.ZONE.format(origin="root.example") + zone)
        config = zones.config(address, {origin: f"{number}.zone"}, recursion=False)
        stage.write(f"{number}.conf", config)
        stage.start("server", *NAMED, f"{number}.conf", ready="tcp:53")
    stage.write("hints", zones.HINTS)
    stage.write("resolver.conf", zones.config("127.0.0.1", {}, recursion=True) + zones.HINT)
    stage.run("server", "sleep", "1", quiet=True)
    with stage.capture("port 53"):
        stage.start("client", *NAMED, "resolver.conf", "-4", ready="tcp:53")
        stage.run("client", "dig", "@127.0.0.1", "www.shop.example")


SCENES = (
    Scene(
        name="dns-truncated",
        title="TC says: ask again over TCP",
        about="The answer does not fit the 1,232 bytes that the client's EDNS option offers. The "
        "server sets TC, and dig asks the same question again over TCP, where each message has "
        "two bytes of length in front.",
        protocols=("UDP", "TCP", "DNS"),
        programs=("dig", "named"),
        play=truncated,
        rtt_ms=60,
        round_trips=3,
        answer="tcp && dns.flags.response == 1",
    ),
    Scene(
        name="dns-records",
        title="15 questions, one each kind",
        about="A, AAAA, HTTPS, a chain of CNAMEs, MX, TXT, SOA, NS, CAA, SRV, NAPTR and PTR; then "
        "a name that does not exist (NXDOMAIN), a type that the name has not (no data, the SOA "
        "says for how long) and a zone that the server refuses to speak about.",
        protocols=("UDP", "DNS"),
        programs=("dig", "named"),
        play=records,
        rtt_ms=40,
        round_trips=1,
        answer="dns.flags.response == 1",
    ),
    Scene(
        name="dns-delegation",
        title="root, then example, then shop",
        about="A resolver that knows only a root server's address finds www.shop.example: the "
        "root refers it to the servers of example, those to the servers of shop.example, and "
        "there the answer is. It shows each server only as much of the name as it needs "
        "(RFC 9156).",
        protocols=("UDP", "DNS"),
        programs=("dig", "named"),
        play=delegation,
        rtt_ms=40,
        round_trips=3,
        answer="dns.a == 198.51.100.80",
    ),
)
