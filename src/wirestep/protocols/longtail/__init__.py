"""The long tail: protocols that scapy reads for us, as trees of fields with byte spans.

A protocol with a folder of its own here is not in this list. scapy is imported when the first
packet of the long tail is decoded, never before.
"""

from functools import partial

from wirestep.decode.contract import Protocol

from .bindings import BINDINGS, Binding
from .decode import ScapyDecoder

CARRIERS = frozenset({"geneve", "gtp", "mpls", "nsh"})
"""Only carry other packets: not drawn on the ladder."""


def _level(binding: Binding) -> str:
    if binding.name in CARRIERS:
        return ""
    return "message" if "udp.port" in binding.on else "packet"


PROTOCOLS: tuple[Protocol, ...] = tuple(
    Protocol(
        binding.name,
        binding.label,
        binding.title,
        "scapy",
        partial(ScapyDecoder, binding),
        {},
        on=binding.on,
        level=_level(binding),
        hue="grey",
    )
    for binding in BINDINGS
)
