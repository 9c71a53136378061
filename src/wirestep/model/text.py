"""The one place that makes text from the wire safe for a terminal.

A terminal obeys control characters, and bidi controls reorder what stands around them; a name in
a packet may hold both. Everything that came from a packet or a file passes here before it is shown.
"""

from __future__ import annotations

import re

_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # C0, DEL, C1: escape sequences start here
    "\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f"  # bidi and invisible
    "\u2028\u2029\ufeff\ufff9-\ufffb\ud800-\udfff"  # separators, annotations, lone surrogates
    "\U000e0000-\U000e007f]"  # tags
)
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\x00": "\\0"}


def _escape(found: re.Match[str]) -> str:
    char = found.group()
    if char in _SHORT:
        return _SHORT[char]
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def safe(text: str) -> str:
    """`text` with every character that a terminal would obey spelled out as an escape."""
    return _UNSAFE.sub(_escape, text)
