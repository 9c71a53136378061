"""The long tail: protocols that scapy reads for us, as trees of fields with byte spans.

A protocol with a folder of its own here is not in this list. scapy is imported when the first
packet of the long tail is decoded, never before.
"""

from functools import partial

from wirestep.decode.contract import Protocol

from .bindings import BINDINGS
from .decode import ScapyDecoder

PROTOCOLS: tuple[Protocol, ...] = tuple(
    Protocol(
        binding.name,
        binding.label,
        binding.title,
        "scapy",
        partial(ScapyDecoder, binding),
        {},
        on=binding.on,
        hue="grey",
    )
    for binding in BINDINGS
)
