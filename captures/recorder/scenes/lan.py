"""The layers below: ARP, ICMP, IPv6 neighbours, DHCP, NTP."""

from __future__ import annotations

from recorder.scene import Scene
from recorder.stage import Stage

RADVD = """interface lan0 {
  AdvSendAdvert on;
  MinRtrAdvInterval 30;
  MaxRtrAdvInterval 60;
  prefix 2001:db8:1::/64 { };
  RDNSS 2001:db8:2::53 { };
};
"""
LEASES = "192.0.2.100,192.0.2.120,1h"
NO_ANSWER = 1


def ping(stage: Stage) -> None:
    with stage.capture("arp or icmp or (ip[6:2] & 0x1fff != 0)"):
        stage.run("client", "ping", "-n", "-c", "1", "192.0.2.1")
        stage.run("client", "ping", "-n", "-c", "2", "-i", "0.3", "198.51.100.80")
        stage.run("client", "ping", "-n", "-c", "1", "-s", "3200", "198.51.100.80")
        stage.run("client", "ping", "-n", "-c", "1", "-W", "4", "192.0.2.77", wrong=[NO_ANSWER])


def trace(stage: Stage) -> None:
    command = ("traceroute", "-n", "-q", "1", "-N", "1", "-m", "5", "198.51.100.80")
    with stage.capture("icmp or udp"):
        stage.run("client", *command)


def neighbours(stage: Stage) -> None:
    stage.write("radvd.conf", RADVD)
    for address in ("2001:db8:1::10/64",):
        stage.run("client", "ip", "addr", "del", address, "dev", "eth0", quiet=True)
    switch = "/proc/sys/net/ipv6/conf/eth0/"
    settings = (("accept_ra", "2"), ("accept_dad", "1"), ("router_solicitations", "3"))
    stage.run("client", "tee", switch + "disable_ipv6", text="1", quiet=True)
    for name, value in settings:
        stage.run("client", "tee", switch + name, text=value, quiet=True)
    stage.start("near", "radvd", "-n", "-C", "radvd.conf", "-p", "radvd.pid")
    stage.run("near", "sleep", "1", quiet=True)
    with stage.capture("ip6"):
        stage.run("client", "tee", switch + "disable_ipv6", text="0")
        stage.run("client", "sleep", "4")
        stage.run("client", "ping", "-n", "-c", "2", "-i", "0.3", "2001:db8:2::80")
        stage.run("client", "sleep", "5", quiet=True)


def lease(stage: Stage) -> None:
    stage.write("leases", "")
    stage.run("client", "ip", "addr", "flush", "dev", "eth0", quiet=True)
    server = ("dnsmasq", "-d", "-p", "0", "--interface=lan0", f"--dhcp-range={LEASES}")
    options = ("--no-ping", "--dhcp-leasefile=leases", "--domain=example.org", "--conf-file=empty")
    stage.write("empty", "")
    dns = "--dhcp-option=option:dns-server,198.51.100.53"
    stage.start("near", *server, *options, dns, ready="udp:67")
    client = ("busybox", "udhcpc", "-f", "-q", "-R", "-n", "-i", "eth0", "-s", "/bin/true")
    with stage.capture("udp port 67 or udp port 68"):
        stage.run("client", *client, "-x", "hostname:laptop")


def clock(stage: Stage) -> None:
    stage.write("chrony.conf", "allow\nlocal stratum 2\nport 123\ncmdport 0\npidfile chrony.pid\n")
    stage.start("server", "chronyd", "-x", "-d", "-f", "chrony.conf", ready="udp:123")
    stage.run("server", "sleep", "2", quiet=True)
    ask = "server 198.51.100.123 iburst maxsamples 4"
    with stage.capture("udp port 123"):
        stage.run("client", "chronyd", "-Q", "-t", "12", "-f", "none", ask)


SCENES = (
    Scene(
        name="arp-ping",
        title="who has? ping, fragments",
        about="Before the first ping the client asks by ARP who has its gateway's address. Then "
        "pings near and far (see the TTL; the first takes longer, for routers ask too), one of "
        "3,200 bytes that travels in three IPv4 fragments, and one to an address that nobody has.",
        protocols=("ARP", "IPv4", "ICMP"),
        programs=("ping",),
        play=ping,
        rtt_ms=40,
        neighbours_known=False,
    ),
    Scene(
        name="traceroute",
        title="TTL 1, 2, 3: who drops it?",
        about="Probes with a TTL of one, two, three. Each router that counts it down to zero "
        "says so with ICMP time exceeded, and quotes the probe; the host itself answers with "
        "port unreachable.",
        protocols=("UDP", "ICMP"),
        programs=("traceroute",),
        play=trace,
        rtt_ms=40,
    ),
    Scene(
        name="ipv6-neighbours",
        title="an address from nothing",
        about="A host switches IPv6 on: it joins groups, makes a link-local address and asks "
        "whether anybody has it, asks for routers, makes a global address out of the advertised "
        "prefix and pings beyond; the router asks for its hardware address before it hands over "
        "the reply.",
        protocols=("IPv6", "ICMPv6"),
        programs=("radvd", "ping"),
        play=neighbours,
        rtt_ms=40,
        neighbours_known=False,
    ),
    Scene(
        name="dhcp-lease",
        title="discover, offer, request, ack",
        about="A host without an address asks everybody (0.0.0.0 to 255.255.255.255) for one, is "
        "offered one, asks for it and gets it with router, name server and lease time.",
        protocols=("UDP", "DHCP"),
        programs=("busybox", "dnsmasq"),
        play=lease,
        rtt_ms=40,
    ),
    Scene(
        name="ntp-clock",
        title="four times tell the offset",
        about="Three questions to a time server. From the four times of an exchange (left, "
        "arrived, left again, came back) the client computes how wrong its clock is and how long "
        "the way was.",
        protocols=("UDP", "NTP"),
        programs=("chronyd",),
        play=clock,
        rtt_ms=40,
        round_trips=1,
        answer="ntp.flags.mode == 4",
    ),
)
