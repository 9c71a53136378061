"""What is open: the only door for the screen and the command line.

Names are looked up when they are first asked for: the screen shows its first packets before the
decoders, which `Session` needs, are imported.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .first import FirstLook
    from .lab import Lab
    from .lab_shelf import scenarios
    from .opening import BadSearch, Unreadable
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
    "FirstLook",
    "Flowline",
    "FrameView",
    "Lab",
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
    "scenarios",
]
PLACES = {
    "FirstLook": "first",
    "BadSearch": "opening",
    "Lab": "lab",
    "Unreadable": "opening",
    "Session": "session",
    "bundled": "shelf",
    "find_bundled": "shelf",
    "recents": "shelf",
    "remember": "shelf",
    "scenarios": "lab_shelf",
}
"""By name: the module that has it; views have all others."""


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f".{PLACES.get(name, 'views')}", __name__), name)
    globals()[name] = value
    return value
