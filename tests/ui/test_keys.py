"""The table of keys."""

from __future__ import annotations

import pytest
from textual.keys import _character_to_key

from wirestep.ui.app import HELP, Opened, Wirestep
from wirestep.ui.keys import PLACES, TITLES, Key
from wirestep.ui.screens.columns import ColumnsPanel
from wirestep.ui.screens.compare import CompareScreen
from wirestep.ui.screens.conversations import Conversations
from wirestep.ui.screens.export import ExportPanel
from wirestep.ui.screens.follow import Follow
from wirestep.ui.screens.home import Home
from wirestep.ui.screens.lab import LabScreen
from wirestep.ui.screens.lab_branches import Branches
from wirestep.ui.screens.lab_versus import Versus
from wirestep.ui.screens.ledger import LedgerScreen
from wirestep.ui.screens.objects import ObjectList
from wirestep.ui.screens.paper import Paper
from wirestep.ui.screens.plots import PlotScreen
from wirestep.ui.screens.race import RaceScreen
from wirestep.ui.screens.statistics import Statistics
from wirestep.ui.widgets.ends_view import EndsView
from wirestep.ui.widgets.field_tree import FieldTree
from wirestep.ui.widgets.graph_view import GraphView
from wirestep.ui.widgets.hex_view import HexView
from wirestep.ui.widgets.ladder_view import LadderView
from wirestep.ui.widgets.link_view import LinkView
from wirestep.ui.widgets.packet_list import PacketList
from wirestep.ui.widgets.plot_view import PlotView
from wirestep.ui.widgets.rows import Rows
from wirestep.ui.widgets.wire_view import WireView

OWNERS = {
    "app": Wirestep,
    "list": Rows,
    "home": Home,
    "transport": Opened,
    "inspector": Opened,
    "packets": PacketList,
    "columns": ColumnsPanel,
    "ladder": LadderView,
    "tree": FieldTree,
    "bytes": HexView,
    "conversations": Conversations,
    "statistics": Statistics,
    "plot": PlotView,
    "follow": Follow,
    "objects": ObjectList,
    "export": ExportPanel,
    "lab": LabScreen,
    "wire": WireView,
    "ends": EndsView,
    "link": LinkView,
    "branches": Branches,
    "versus": Versus,
    "ledger": LedgerScreen,
    "race": RaceScreen,
    "compare": CompareScreen,
    "plots": PlotScreen,
    "graph": GraphView,
    "paper": Paper,
}
ALL = [(place, key) for place, keys in PLACES.items() for key in keys]


def test_ids_are_unique() -> None:
    ids = [key.id for _, key in ALL]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(("place", "key"), ALL, ids=lambda value: getattr(value, "id", value))
def test_every_action_can_be_done_there(place: str, key: Key) -> None:
    name = key.action.split("(")[0]
    assert callable(getattr(OWNERS[place], f"action_{name}", None)), name
    assert place in TITLES


@pytest.mark.parametrize(
    "places",
    [
        ("transport", "inspector", "app"),
        ("packets", "list", "transport", "inspector", "app"),
        ("columns", "list"),
        ("ladder", "list"),
        ("tree", "list"),
        ("bytes", "list"),
        ("home", "app"),
        ("conversations", "app"),
        ("statistics", "list", "app"),
        ("plot", "app"),
        ("follow", "list", "app"),
        ("objects", "list", "app"),
        ("export", "list"),
        ("wire", "lab"),
        ("ends", "lab"),
        ("branches", "list"),
        ("versus", "list", "app"),
        ("ledger", "list", "app"),
        ("race", "app"),
        ("compare", "list", "app"),
        ("graph", "plots", "app"),
    ],
)
def test_no_key_has_two_meanings_in_one_place(places: tuple[str, ...]) -> None:
    keys = [name for place in places for key in PLACES[place] for name in key.keys.split(",")]
    assert len(keys) == len(set(keys))


def test_a_key_is_named_as_textual_names_it() -> None:
    for _, key in ALL:
        for name in key.keys.split(","):
            assert len(name) > 1 or name == _character_to_key(name)


def test_the_help_leaves_no_place_out() -> None:
    shown = {place for places in HELP.values() for place in places}
    assert shown | {"paper"} == set(PLACES)
