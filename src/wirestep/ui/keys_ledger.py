"""The keys of ledger, race and comparison, as a part of the table of all keys."""

from __future__ import annotations

from wirestep.ui.key import Key

LEDGER: dict[str, tuple[Key, ...]] = {
    "ledger": (
        Key("ledger.all", "a", "all", "All conversations, or this one", "All/one"),
        Key("ledger.next", "right_square_bracket", "other(1)", "Next conversation", "", "]"),
        Key("ledger.before", "left_square_bracket", "other(-1)", "Conversation before", "", "["),
        Key("ledger.measure", "w", "measure", "Run the change in the lab: measured", "Measure"),
        Key("ledger.fold", "f", "fold", "Short waits as one line, or each for itself", "Fold"),
        Key("ledger.race", "r", "race", "Race the same request over other protocols", "Race"),
        Key("ledger.compare", "c", "compare", "Compare with another exchange", "Compare"),
        Key("ledger.one", "1", "pane(1)", "The bill"),
        Key("ledger.two", "2", "pane(2)", "What if"),
        Key("ledger.three", "3", "pane(3)", "Waterfall"),
        Key("ledger.pane", "tab", "pane_next(1)", "Next pane", "Pane", "tab"),
        Key("ledger.pane_back", "shift+tab", "pane_next(-1)", "Pane before", "", "shift+tab"),
        Key("ledger.back", "q,escape,B", "back", "Back", "Back", "q Esc"),
    ),
    "race": (
        Key("race.play", "space,p", "play", "Play and pause", "Play", "space"),
        Key("race.left", "left,h", "scrub(-1)", "A little back", "Scrub", "← →"),
        Key("race.right", "right", "scrub(1)", "A little forward"),
        Key("race.start", "home,g", "edge(-1)", "To the begin", "", "Home g"),
        Key("race.end", "end,G", "edge(1)", "To the end", "", "End G"),
        Key("race.one", "1", "lane(1)", "Open lane 1 in the inspector", "Open lane", "1-4"),
        Key("race.two", "2", "lane(2)", "Open lane 2"),
        Key("race.three", "3", "lane(3)", "Open lane 3"),
        Key("race.four", "4", "lane(4)", "Open lane 4"),
        Key("race.up", "up,k", "choose(-1)", "Lane above", "", "↑ k"),
        Key("race.down", "down,j", "choose(1)", "Lane below", "", "↓ j"),
        Key("race.open", "enter", "lane(0)", "Open the lane in the inspector", "", "Enter"),
        Key("race.faster", "plus,equals_sign", "speed(1)", "Faster", "Speed", "+ -"),
        Key("race.slower", "minus", "speed(-1)", "Slower"),
        Key("race.edit", "e", "edit", "Edit link and request: RTT, loss, rate, path", "Edit"),
        Key("race.seed", "s", "seed", "Another seed: other losses", "New seed"),
        Key("race.ledger", "l,B", "ledger", "The bill of the lane", "Ledger"),
        Key("race.pane", "tab", "pane_next(1)", "Lanes or finish, where one fits", "", "tab"),
        Key("race.pane_back", "shift+tab", "pane_next(-1)", "The other", "", "shift+tab"),
        Key("race.compare", "c", "compare", "Compare the lane with the fastest other", "Compare"),
        Key("race.back", "q,escape", "back", "Back", "", "q Esc"),
    ),
    "compare": (
        Key("compare.next", "n", "next(1)", "Next difference", "Next difference", "n N"),
        Key("compare.before", "N", "next(-1)", "Difference before", "", "N"),
        Key("compare.time", "t", "time", "Align by time, or by step", "By time"),
        Key("compare.equal", "equals_sign", "equal", "Hide what is equal", "Hide equal", "="),
        Key("compare.swap", "s", "swap", "Swap the two", "Swap"),
        Key("compare.one", "1", "pane(1)", "Steps"),
        Key("compare.two", "2", "pane(2)", "Fields of both", "Fields", "enter"),
        Key("compare.three", "3", "pane(3)", "Totals"),
        Key("compare.pane", "tab", "pane_next(1)", "Next pane", "Pane", "tab"),
        Key("compare.pane_back", "shift+tab", "pane_next(-1)", "Pane before", "", "shift+tab"),
        Key("compare.back", "q,escape", "back", "Back", "Back", "q Esc"),
    ),
}
TITLES = {
    "ledger": "Ledger",
    "race": "Race",
    "compare": "Compare exchanges",
}
