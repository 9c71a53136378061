"""Whole screens: each composes widgets, carries its keys, and asks the session.

A screen that is opened by a key is imported then, by its name here: the first picture does not
wait for it.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .columns import ColumnsPanel
    from .compare import CompareScreen
    from .conversations import Conversations, Pick
    from .export import ExportPanel
    from .follow import Follow
    from .home import Home
    from .lab import LabScreen
    from .lab_branches import Branches
    from .lab_versus import Versus
    from .ledger import LedgerScreen
    from .letters import Choice, Letters
    from .objects import ObjectList
    from .paper import Help, Paper
    from .plots import PlotPlace, PlotScreen
    from .race import RaceScreen
    from .statistics import Place, Statistics, Went

__all__ = [
    "Branches",
    "Choice",
    "ColumnsPanel",
    "CompareScreen",
    "Conversations",
    "ExportPanel",
    "Follow",
    "Help",
    "Home",
    "LabScreen",
    "LedgerScreen",
    "Letters",
    "ObjectList",
    "Paper",
    "Pick",
    "Place",
    "PlotPlace",
    "PlotScreen",
    "RaceScreen",
    "Statistics",
    "Versus",
    "Went",
]
PLACES = {
    "Branches": "lab_branches",
    "Choice": "letters",
    "ColumnsPanel": "columns",
    "CompareScreen": "compare",
    "Conversations": "conversations",
    "ExportPanel": "export",
    "Follow": "follow",
    "Help": "paper",
    "Home": "home",
    "LabScreen": "lab",
    "LedgerScreen": "ledger",
    "Letters": "letters",
    "ObjectList": "objects",
    "Paper": "paper",
    "Pick": "conversations",
    "Place": "statistics",
    "PlotPlace": "plots",
    "PlotScreen": "plots",
    "RaceScreen": "race",
    "Statistics": "statistics",
    "Versus": "lab_versus",
    "Went": "statistics",
}
"""By name: the module that has it."""


def __getattr__(name: str) -> object:
    if name not in PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f".{PLACES[name]}", __name__), name)
    globals()[name] = value
    return value
