"""Options of wishes and servers, as aioquic takes them."""

from __future__ import annotations

import ssl

from aioquic.quic.configuration import QuicConfiguration

from wirestep.exchange.contract import Wish
from wirestep.exchange.options import Options, flag, number, text, whole
from wirestep.protocols.quic.names import READABLE, V1, V2

from .engine import INITIAL_RTT, KeyLog

CONGESTION = ("reno", "cubic")
DATAGRAM = 65_535
"""Largest DATAGRAM frame taken, bytes (RFC 9221)."""
IDLE = 30.0
"""Seconds."""


def version(value: object) -> int:
    """1, 2, or the number of any other, also as text. Raises ValueError with the user's words."""
    try:
        found = int(value, 0) if isinstance(value, str) else value
    except ValueError:
        found = None
    if not isinstance(found, int) or not 0 < found < 1 << 32:
        raise ValueError(f"quic_version: {value!r} is no version of QUIC")
    return V2 if found == 2 else found


def versions(options: Options, name: str, usual: list[int]) -> list[int]:
    """A list of versions, the best first; as text with commas."""
    value = options.get(name)
    if value is None:
        return usual
    listed = value.split(",") if isinstance(value, str) else value
    if not isinstance(listed, list | tuple):
        listed = [listed]
    return [version(one) for one in listed] or usual


def shared(made: QuicConfiguration, options: Options) -> QuicConfiguration:
    """What both ends may be told."""
    made.initial_rtt = INITIAL_RTT
    made.max_datagram_frame_size = DATAGRAM
    made.idle_timeout = number(options, "idle_timeout", IDLE)
    made.congestion_control_algorithm = text(options, "congestion", CONGESTION[0])
    if made.congestion_control_algorithm not in CONGESTION:
        raise ValueError(f"congestion: one of {', '.join(CONGESTION)}")
    made.max_data = whole(options, "max_data", made.max_data)
    made.max_stream_data = whole(options, "max_stream_data", made.max_stream_data)
    return made


def of_client(wish: Wish, protocols: list[str], log: KeyLog) -> QuicConfiguration:
    """A client's. Raises ValueError with the user's words."""
    options = wish.options
    made = QuicConfiguration(
        is_client=True,
        alpn_protocols=protocols,
        server_name=text(options, "server_name", "") or host_name(wish.host),
        secrets_log_file=log,  # type: ignore[arg-type]  # all it needs is to be written to
        verify_mode=ssl.CERT_REQUIRED if flag(options, "verify", True) else ssl.CERT_NONE,
    )
    first = version(options.get("quic_version", V1))
    made.original_version = first
    usual = [first if first in READABLE else V1]
    made.supported_versions = versions(options, "quic_versions", usual)
    if first not in made.supported_versions:
        made.supported_versions.append(first)
    trust(made, options.get("roots"))
    return shared(made, options)


def host_name(authority: str) -> str:
    """The host of "host", "host:port", "[v6]:port", "v6"."""
    if authority.startswith("["):
        return authority[1:].partition("]")[0]
    return authority.partition(":")[0] if authority.count(":") == 1 else authority


def trust(made: QuicConfiguration, roots: object) -> None:
    """Whose certificates count: `roots` (PEM, or the name of a file of them), else the system's.

    Where the system names no store that is there, aioquic takes Mozilla's (certifi).
    """
    if isinstance(roots, bytes):
        made.cadata = roots
    elif isinstance(roots, str):
        made.cafile = roots
    else:
        paths = ssl.get_default_verify_paths()
        made.cafile, made.capath = paths.cafile, paths.capath
