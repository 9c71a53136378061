"""Bytes at rest: capture files and streams, and columns of what is in them.

`open_capture` looks at the head, `load` indexes the rest a window at a time; meanwhile anybody may
read the packets indexed so far from the `Capture`, and their headers from its `Columns`.
"""

from .columns import Columns
from .files import load, open_capture
from .flows import Flows
from .frames import Interface
from .live import LiveCapture
from .sniff import NotACapture
from .store import Capture
from .write import PcapngWriter, save

__all__ = [
    "Capture",
    "Columns",
    "Flows",
    "Interface",
    "LiveCapture",
    "NotACapture",
    "PcapngWriter",
    "load",
    "open_capture",
    "save",
]
