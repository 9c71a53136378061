"""The layers under applications: decode only, one file each."""

from wirestep.decode.contract import Protocol

from . import data, ethernet, frame, ipv4, tcp, udp

PROTOCOLS: tuple[Protocol, ...] = (
    frame.PROTOCOL,
    ethernet.PROTOCOL,
    ipv4.PROTOCOL,
    tcp.PROTOCOL,
    udp.PROTOCOL,
    data.PROTOCOL,
)
