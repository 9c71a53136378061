"""The keys of ledger, race and comparison, as a part of the table of all keys."""

from __future__ import annotations

from wirestep.ui.key import Key

LEDGER: dict[str, tuple[Key, ...]] = {
    "ledger": (
        Key("ledger.all", "a", "all", "All conversations, or this one", "All/one"),
        Key("ledger.next", "right_square_bracket", "other(1)", "Next conversation", "", "]"),
        Key("ledger.before", "left_square_bracket", "other(-1)", "Conversation before", "", "["),
        Key("ledger.race", "r", "race", "Race the same request over other protocols", "Race"),
        Key("ledger.one", "1", "pane(1)", "The bill"),
        Key("ledger.two", "2", "pane(2)", "What if"),
        Key("ledger.three", "3", "pane(3)", "Waterfall"),
        Key("ledger.pane", "tab", "pane_next(1)", "Next pane", "Pane", "tab"),
        Key("ledger.pane_back", "shift+tab", "pane_next(-1)", "Pane before", "", "shift+tab"),
        Key("ledger.back", "q,escape,B", "back", "Back", "Back", "q Esc"),
    ),
}
TITLES = {
    "ledger": "Ledger",
}
