"""Display filters in Wireshark's language (wireshark-filter(4), version 4).

`compile_filter` reads one, `Filter.matches` judges a frame, `complete` says what could be typed.
"""

from __future__ import annotations

from wirestep.decode.contract import Registry

from .select_complete import complete
from .select_parse import parse
from .select_types import BadFilter, Completion, Filter, FrameValues

__all__ = ["BadFilter", "Completion", "Filter", "FrameValues", "compile_filter", "complete"]


def compile_filter(text: str, registry: Registry) -> Filter:
    """The filter that `text` says, over the fields and protocols of `registry`.

    Raises:
        BadFilter: what is wrong with it, and where.
    """
    return parse(text, registry)
