"""What is open: the only door for the screen and the command line."""

from .opening import Unreadable
from .search import BadSearch
from .session import Session
from .shelf import bundled, find_bundled, recents, remember
from .views import (
    Buffer,
    Bundled,
    Flowline,
    FrameView,
    Node,
    Progress,
    Recent,
    Region,
    Row,
    Turn,
)

__all__ = [
    "BadSearch",
    "Buffer",
    "Bundled",
    "Flowline",
    "FrameView",
    "Node",
    "Progress",
    "Recent",
    "Region",
    "Row",
    "Session",
    "Turn",
    "Unreadable",
    "bundled",
    "find_bundled",
    "recents",
    "remember",
]
