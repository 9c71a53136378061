"""Run as a program: a network namespace of its own with a TUN device in it.

Its first argument is the number of a socket. Over that it hands out the device, and then sockets
made in the namespace, one for each request; it ends when the socket is closed, and with it goes the
namespace.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import socket
import struct
import sys
from pathlib import Path

NEWUSER, NEWNET = 0x1000_0000, 0x4000_0000
TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 1, 0x1000
SIOCSIFADDR, SIOCSIFNETMASK, SIOCSIFMTU, SIOCSIFFLAGS = 0x8916, 0x891C, 0x8922, 0x8914
UP_AND_RUNNING = 0x41
NAME = b"wire0"


def unshare() -> None:
    """Enter a new network namespace; who is not root becomes it in a user namespace."""
    uid, gid = os.getuid(), os.getgid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(NEWNET if uid == 0 else NEWNET | NEWUSER):
        raise OSError(ctypes.get_errno(), "unshare: " + os.strerror(ctypes.get_errno()))
    if uid:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"0 {uid} 1")
        Path("/proc/self/gid_map").write_text(f"0 {gid} 1")


def tun(address: str, mtu: int) -> int:
    """The file descriptor of a TUN device that is up, in a network of 255.255.255.0."""
    device = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", NAME, IFF_TUN | IFF_NO_PI))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:

        def request(what: int, value: bytes, name: bytes = NAME) -> None:
            fcntl.ioctl(control, what, struct.pack("16s24s", name, value))

        def told(host: str) -> bytes:
            return struct.pack("HH4s", socket.AF_INET, 0, socket.inet_aton(host))

        request(SIOCSIFADDR, told(address))
        request(SIOCSIFNETMASK, told("255.255.255.0"))
        request(SIOCSIFMTU, struct.pack("i", mtu))
        request(SIOCSIFFLAGS, struct.pack("h", UP_AND_RUNNING))
        request(SIOCSIFFLAGS, struct.pack("h", UP_AND_RUNNING), b"lo")
    return device


def main(channel: socket.socket) -> None:
    asked = json.loads(channel.recv(4096))
    try:
        unshare()
        for name, value in asked["sysctl"].items():
            Path("/proc/sys", *name.split(".")).write_text(value)
        device = tun(asked["address"], asked["mtu"])
    except OSError as error:
        channel.send(str(error).encode() or b"no namespace")
        return
    socket.send_fds(channel, [b""], [device])
    while channel.recv(1):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as made:
            socket.send_fds(channel, [b" "], [made.fileno()])


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
