"""Five network namespaces in a row: client, home router, the wire, far router, servers.

    client 192.0.2.10 --- wire --- 192.0.2.1 near router 203.0.113.1 --- wire ---
    203.0.113.2 far router 198.51.100.1 --- 198.51.100.53 .80 .. servers

and the same in 2001:db8::/32. Everything is taken away again on leaving.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from recorder.wire import Link, Wire

PREFIX = "wirestep-"
NAMES = Path("/etc/netns")
NAMESPACES = ("client", "near", "wire", "far", "server")
OFFLOADS = ("rx", "tx", "sg", "tso", "gso", "gro")
ACCESS_DELAY = 0.001
ACCESS_RATE = 100e6
SETTINGS = {
    "net/ipv4/ip_no_pmtu_disc": "0",
    "net/ipv4/tcp_no_metrics_save": "1",
    "net/ipv6/conf/all/accept_ra": "0",
    "net/ipv6/conf/default/accept_ra": "0",
    "net/ipv6/conf/all/router_solicitations": "0",
    "net/ipv6/conf/default/router_solicitations": "0",
    "net/ipv6/conf/all/accept_dad": "0",
    "net/ipv6/conf/default/accept_dad": "0",
}
FORWARDING = {"net/ipv4/ip_forward": "1", "net/ipv6/conf/all/forwarding": "1"}
HOSTS = {
    "198.51.100.4": "a.root.example",
    "198.51.100.5": "ns.nic.example",
    "198.51.100.53": "ns.example.org",
    "198.51.100.80": "www.example.org",
    "198.51.100.81": "static.example.org",
    "198.51.100.123": "time.example.org",
    "2001:db8:2::80": "www6.example.org",
}


@dataclass(frozen=True, slots=True)
class Port:
    """One end of a veth pair: its namespace, name, hardware address and addresses."""

    where: str
    name: str
    mac: str
    addresses: tuple[str, ...] = ()


CLIENT = Port("client", "eth0", "02:00:00:00:00:10", ("192.0.2.10/24", "2001:db8:1::10/64"))
NEAR_HOME = Port("near", "lan0", "02:00:00:00:00:01", ("192.0.2.1/24", "2001:db8:1::1/64"))
NEAR_AWAY = Port("near", "wan0", "02:00:00:00:01:01", ("203.0.113.1/24", "2001:db8:ff::1/64"))
FAR_AWAY = Port("far", "wan0", "02:00:00:00:01:02", ("203.0.113.2/24", "2001:db8:ff::2/64"))
FAR_HOME = Port("far", "lan0", "02:00:00:00:02:01", ("198.51.100.1/24", "2001:db8:2::1/64"))
SERVER = Port(
    "server",
    "eth0",
    "02:00:00:00:02:10",
    tuple(f"{host}/24" if "." in host else f"{host}/64" for host in HOSTS),
)
PAIRS = (
    (CLIENT, Port("wire", "w0", "02:00:00:00:ff:00")),
    (NEAR_HOME, Port("wire", "w1", "02:00:00:00:ff:01")),
    (NEAR_AWAY, Port("wire", "w2", "02:00:00:00:ff:02")),
    (FAR_AWAY, Port("wire", "w3", "02:00:00:00:ff:03")),
    (FAR_HOME, SERVER),
)
ROUTES = (
    ("client", "default", "192.0.2.1"),
    ("client", "default", "2001:db8:1::1"),
    ("near", "198.51.100.0/24", "203.0.113.2"),
    ("near", "2001:db8:2::/64", "2001:db8:ff::2"),
    ("far", "192.0.2.0/24", "203.0.113.1"),
    ("far", "2001:db8:1::/64", "2001:db8:ff::1"),
    ("server", "default", "198.51.100.1"),
    ("server", "default", "2001:db8:2::1"),
)


class Network:
    """The namespaces and the wire between them, while the `with` block runs.

    round_trip: seconds, client to server and back. rate: bit/s of the long link.
    """

    def __init__(
        self, round_trip: float, rate: float, *, neighbours_known: bool, own_names: bool
    ) -> None:
        transit = round_trip / 2 - ACCESS_DELAY
        self.wire = Wire(
            [Link("w0", "w1", ACCESS_DELAY, ACCESS_RATE), Link("w2", "w3", transit, rate)]
        )
        self._neighbours_known = neighbours_known
        self._own_names = own_names

    def __enter__(self) -> Network:
        self._remove()
        for name in NAMESPACES:
            _ip("netns", "add", PREFIX + name)
            _set(name, SETTINGS | (FORWARDING if name in ("near", "far") else {}))
            _ip("-n", PREFIX + name, "link", "set", "lo", "up")
        _set("wire", {"net/ipv6/conf/all/disable_ipv6": "1"})
        _set("wire", {"net/ipv6/conf/default/disable_ipv6": "1"})
        for one, other in PAIRS:
            _join(one, other)
        for one, other in PAIRS:
            for port in (one, other):
                _configure(port)
        for where, target, gateway in ROUTES:
            _ip("-n", PREFIX + where, "route", "add", target, "via", gateway)
        if self._neighbours_known:
            _introduce()
        _write_names(self._own_names)
        self.wire.start(PREFIX + "wire")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.wire.stop()
        self._remove()

    def _remove(self) -> None:
        for name in NAMESPACES:
            subprocess.run(("ip", "netns", "del", PREFIX + name), check=False, capture_output=True)
            shutil.rmtree(NAMES / (PREFIX + name), ignore_errors=True)
        with contextlib.suppress(OSError):
            NAMES.rmdir()


def inside(where: str) -> tuple[str, ...]:
    """What to put in front of a command so that it runs in a namespace."""
    return ("ip", "netns", "exec", PREFIX + where)


def _ip(*words: str) -> None:
    subprocess.run(("ip", *words), check=True)


def _set(where: str, settings: dict[str, str]) -> None:
    for key, value in settings.items():
        command = (*inside(where), "tee", f"/proc/sys/{key}")
        subprocess.run(command, input=value.encode(), check=True, stdout=subprocess.DEVNULL)


def _join(one: Port, other: Port) -> None:
    front = ("link", "add", one.name, "address", one.mac, "netns", PREFIX + one.where)
    back = ("peer", "name", other.name, "address", other.mac, "netns", PREFIX + other.where)
    _ip(*front, "type", "veth", *back)


def _configure(port: Port) -> None:
    switches = [word for offload in OFFLOADS for word in (offload, "off")]
    command = (*inside(port.where), "ethtool", "-K", port.name, *switches)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    space = ("-n", PREFIX + port.where)
    _ip(*space, "link", "set", port.name, "up")
    for address in port.addresses:
        nodad = ("nodad",) if ":" in address else ()
        _ip(*space, "addr", "add", address, "dev", port.name, *nodad)


def _introduce() -> None:
    """Tells every neighbour the other's hardware address, so that no capture begins with ARP."""
    for one, other in ((CLIENT, NEAR_HOME), (NEAR_AWAY, FAR_AWAY), (FAR_HOME, SERVER)):
        for who, knows in ((one, other), (other, one)):
            for address in knows.addresses:
                place = ("lladdr", knows.mac, "dev", who.name, "nud", "permanent")
                host = address.split("/")[0]
                _ip("-n", PREFIX + who.where, "neigh", "replace", host, *place)


def _write_names(own: bool) -> None:
    """/etc/hosts and /etc/resolv.conf as the client sees them (man 8 ip-netns)."""
    folder = NAMES / (PREFIX + "client")
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"{address} {name}\n" for address, name in HOSTS.items() if own and "." in address]
    (folder / "hosts").write_text("127.0.0.1 localhost\n" + "".join(lines))
    (folder / "resolv.conf").write_text("nameserver 198.51.100.53\n")
