"""The keys of plots of a conversation, as a part of the table of all keys."""

from __future__ import annotations

from wirestep.ui.key import Key

PLOTS: dict[str, tuple[Key, ...]] = {
    "plots": (
        Key("plots.rtt", "1", "kind(1)", "Round-trip time"),
        Key("plots.window", "2", "kind(2)", "Bytes in flight against windows"),
        Key("plots.sequence", "3", "kind(3)", "Sequence over time (Stevens)"),
        Key("plots.tcptrace", "4", "kind(4)", "Sequence over time (tcptrace)"),
        Key("plots.throughput", "5", "kind(5)", "Throughput and goodput"),
        Key("plots.streams", "6", "kind(6)", "Streams"),
        Key("plots.next", "tab", "other(1)", "Next plot", "Plot", "tab"),
        Key("plots.before", "shift+tab", "other(-1)", "Plot before", "", "shift+tab"),
        Key("plots.turn", "r", "turn", "The other side's data", "Other side"),
        Key("plots.flow", "right_square_bracket", "flow(1)", "Next conversation", "", "]"),
        Key("plots.flow_back", "left_square_bracket", "flow(-1)", "Conversation before", "", "["),
        Key("plots.back", "q,escape,P", "back", "Back", "Back", "q Esc"),
    ),
    "graph": (
        Key("graph.left", "left,h", "move(-1)", "Sample before", "", "← h"),
        Key("graph.right", "right,l", "move(1)", "Next sample", "", "→ l"),
        Key("graph.page_left", "pageup,ctrl+b,shift+left", "page(-1)", "Further left", "", "PgUp"),
        Key("graph.page_right", "pagedown,ctrl+f,shift+right", "page(1)", "Further right"),
        Key("graph.first", "home,g", "edge(False)", "First sample", "", "Home g"),
        Key("graph.last", "end,G", "edge(True)", "Last sample", "", "End G"),
        Key("graph.in", "plus,equals_sign", "zoom(1)", "Zoom in", "Zoom", "+ -"),
        Key("graph.out", "minus", "zoom(-1)", "Zoom out", "", "-"),
        Key("graph.all", "0", "zoom(0)", "All of it"),
        Key("graph.mark", "n", "mark(1)", "Next retransmission or other mark"),
        Key("graph.mark_back", "N", "mark(-1)", "The one before"),
        Key("graph.enter", "enter", "enter", "To the packet of the sample", "Packet", "Enter"),
    ),
}
TITLES = {
    "plots": "Plots of a conversation",
    "graph": "Cursor of a plot",
}
