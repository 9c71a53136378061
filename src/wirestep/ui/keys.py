"""All keys in one table: the screens bind from it, the help and the footer are written from it."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from wirestep.ui.key import Key as Key
from wirestep.ui.keys_export import EXPORT
from wirestep.ui.keys_export import TITLES as EXPORT_TITLES
from wirestep.ui.keys_lab import LAB
from wirestep.ui.keys_lab import TITLES as LAB_TITLES
from wirestep.ui.keys_ledger import LEDGER
from wirestep.ui.keys_ledger import TITLES as LEDGER_TITLES
from wirestep.ui.keys_plots import PLOTS
from wirestep.ui.keys_plots import TITLES as PLOTS_TITLES

PLACES: dict[str, tuple[Key, ...]] = {
    "app": (
        Key("app.help", "question_mark,f1", "help", "Help: all keys", "Keys", "?"),
        Key("app.palette", "ctrl+p,colon", "command_palette", "Command palette", "", "^p :"),
        Key("app.theme", "d", "theme", "Dark or light theme", "Theme"),
        Key("app.open", "o", "open_file", "Open a file", "File"),
        Key("app.quit", "ctrl+q", "leave", "Quit", "", "^q"),
    ),
    "list": (
        Key("list.up", "up,k", "move(-1)", "Up", "", "↑ k", quick=True),
        Key("list.down", "down,j", "move(1)", "Down", "", "↓ j", quick=True),
        Key("list.page_up", "pageup,ctrl+b", "page(-1)", "Page up", "", "PgUp ^b", quick=True),
        Key("list.page_down", "pagedown,ctrl+f", "page(1)", "Page down", "", "PgDn ^f", quick=True),
        Key("list.top", "home,g", "edge(False)", "First (gg works too)", "", "Home g"),
        Key("list.bottom", "end,G", "edge(True)", "Last; 5G goes to number 5", "", "End G"),
        Key("list.enter", "enter", "enter", "Open, fold or follow the line", "", "Enter"),
    ),
    "home": (
        Key("home.enter", "enter", "enter", "Open the capture, or the lab", "Open", "enter"),
        Key("home.step", "s", "step", "Open and stand on the first packet's ladder", "Step"),
        Key("home.find", "slash", "find", "Find among captures and scenarios", "Find", "/"),
        Key("home.race", "r", "race", "Race one request over four stacks", "Race"),
        Key("home.one", "1", "pane(1)", "Captures"),
        Key("home.two", "2", "pane(2)", "The lab's scenarios"),
        Key("home.three", "3", "pane(3)", "Recent files"),
        Key("home.four", "4", "pane(4)", "Details, where only one pane fits"),
        Key("home.five", "5", "pane(5)", "Preview, where only one pane fits"),
        Key("home.next", "tab", "pane_next(1)", "Next pane", "", "Tab"),
        Key("home.before", "shift+tab", "pane_next(-1)", "Pane before", "", "shift+Tab"),
        Key("home.back", "q,escape", "back", "Quit", "", "q Esc"),
    ),
    "transport": (
        Key("step.message", "full_stop", "message(1)", "Next message", "Step", "."),
        Key("step.message_back", "comma", "message(-1)", "Message before", "", ","),
        Key("step.packet", "shift+right", "packet(1)", "Next packet", "", "shift+→"),
        Key("step.packet_back", "shift+left", "packet(-1)", "Packet before", "", "shift+←"),
        Key("play.toggle", "space,p", "play", "Play and pause", "Play", "space"),
        Key("play.faster", "right_curly_bracket", "speed(1)", "Play faster", "", "}"),
        Key("play.slower", "left_curly_bracket", "speed(-1)", "Play slower", "", "{"),
        Key("play.gap", "w", "gap", "Longest wait while playing"),
        Key(
            "conversation.next",
            "right_square_bracket",
            "peer(1)",
            "Next in the conversation",
            "",
            "]",
        ),
        Key(
            "conversation.back",
            "left_square_bracket",
            "peer(-1)",
            "Before in the conversation",
            "",
            "[",
        ),
        Key("break.set", "b", "breakpoint", "Breakpoint: a filter that stops playing"),
        Key("play.newest", "F", "newest", "Follow the newest packet"),
        Key("mark.set", "m", "mark", "Mark the packet with a letter", "", "m a"),
        Key("mark.go", "apostrophe", "marked", "To a mark", "", "' a"),
        Key("go.number", "ctrl+g", "go_to", "Go to a packet or a time", "", "^g"),
    ),
    "inspector": (
        Key("filter.edit", "f", "filter", "Display filter", "Filter"),
        Key("find.start", "slash", "find", "Find in the list, the bytes, the fields", "Find", "/"),
        Key("find.next", "n", "find_next(1)", "Find the next one"),
        Key("find.back", "N", "find_next(-1)", "Find the one before"),
        Key("conversations.show", "C", "conversations", "Conversations", "Conv."),
        Key("colour.next", "c", "colour", "Colour: by protocol, problem, conversation, off"),
        Key("columns.show", "number_sign", "columns", "Columns: choose, order, size", "", "#"),
        Key("statistics.show", "S", "statistics", "Statistics", "Stats"),
        Key("ledger.show", "B", "ledger", "The bill: where each round trip went", "Bill"),
        Key("plots.show", "P", "plots", "Plots of the conversation over time", "Plots"),
        Key("stream.follow", "v", "follow", "Follow the stream"),
        Key("objects.show", "X", "objects", "Objects: what was sent as files"),
        Key("time.form", "t", "time_form", "Time: since the first, delta, clock, epoch", "Time"),
        Key("time.reference", "ctrl+t", "reference", "Count time from this packet", "", "^t"),
        Key("names.toggle", "e", "names", "Names or addresses"),
        Key("meaning.toggle", "M", "explain", "Meaning of the field: show it, or not", "Meaning"),
        Key("comment.edit", "semicolon", "comment", "Comment on the packet", "", ";"),
        Key("file.save", "s", "save", "Save as pcapng, with comments"),
        Key("file.export", "x", "export", "Export: HAR, qlog, JSON, CSV, drawings, packets"),
        Key("file.about", "i", "about", "About this file"),
        Key("pane.one", "1", "pane(1)", "Packets"),
        Key("pane.two", "2", "pane(2)", "Ladder"),
        Key("pane.three", "3", "pane(3)", "Decode"),
        Key("pane.four", "4", "pane(4)", "Bytes"),
        Key("pane.next", "tab", "pane_next(1)", "Next pane", "", "Tab"),
        Key("pane.back", "shift+tab", "pane_next(-1)", "Pane before", "", "shift+Tab"),
        Key("pane.zoom", "backslash,z", "zoom", "One pane only, and back", "", "\\ z"),
        Key("pane.layout", "vertical_line", "layout", "Panes side by side or stacked", "", "|"),
        Key("pane.narrower", "less_than_sign", "resize(-1)", "Left pane narrower", "", "<"),
        Key("pane.wider", "greater_than_sign", "resize(1)", "Left pane wider", "", ">"),
        Key("screen.back", "q,escape", "back", "Back", "Back", "q Esc"),
    ),
    "packets": (
        Key("packets.aim_left", "left,h", "aim(-1)", "Column to the left", "", "← h"),
        Key("packets.aim_right", "right,l", "aim(1)", "Column to the right", "", "→ l"),
        Key("packets.sort", "O", "sort", "Sort by the column: up, down, not", "Order"),
    ),
    "columns": (
        Key("columns.toggle", "space", "switch", "Show the column, or not", "on/off"),
        Key("columns.left", "shift+up,K", "carry(-1)", "Further left", "move", "K J"),
        Key("columns.right", "shift+down,J", "carry(1)", "Further right"),
        Key(
            "columns.narrower",
            "less_than_sign,left,h",
            "widen(-1)",
            "Narrower",
            "size",
            "< >",
        ),
        Key("columns.wider", "greater_than_sign,right,l", "widen(1)", "Wider", "", ">"),
        Key("columns.automatic", "0,equals_sign", "widen(0)", "Automatic width", "", "0"),
        Key("columns.sort", "O", "sort", "Sort by the column", "order"),
        Key("columns.add", "a", "add", "Add a field by its name", "add"),
        Key("columns.reset", "r", "reset", "The usual columns", "reset"),
        Key("columns.help", "question_mark,f1", "help", "Help: all keys", "", "?"),
        Key("columns.undo", "u", "undo", "Undo", "undo"),
        Key("columns.back", "q,escape,number_sign", "back", "Close", "close", "esc"),
    ),
    "ladder": (
        Key("ladder.form", "t", "form", "To scale in time, or an arrow a row", "Time-scale"),
        Key("ladder.finer", "plus,equals_sign", "closer(1)", "Finer; in time: zoom in", "", "+"),
        Key("ladder.coarser", "minus", "closer(-1)", "Coarser; in time: zoom out", "", "-"),
        Key("ladder.pan_down", "J", "pan(1)", "Look further down, the selection stays", "", "J K"),
        Key("ladder.pan_up", "K", "pan(-1)", "Look further up"),
        Key("ladder.lane_left", "H", "lane(-1)", "The arrow's target further left", "", "H L"),
        Key("ladder.lane_right", "L", "lane(1)", "The arrow's target further right"),
        Key("ladder.lane_hide", "D", "lane(0)", "Hide the arrow's target, with its arrows"),
        Key("ladder.lanes", "A", "lanes_back", "All lifelines, as they were"),
        Key("ladder.kin", "T", "kin", "To what this arrow resumes, or back", "Resumed"),
        Key("ladder.depth", "z", "depth(0)", "The next depth", "Depth"),
        Key("ladder.open", "right,l", "unfold(True)", "What carried this arrow", "", "→ l"),
        Key("ladder.close", "left,h", "unfold(False)", "Fold it away", "", "← h"),
    ),
    "tree": (
        Key("tree.open", "right,l", "unfold(True)", "Unfold, or into it", "", "→ l"),
        Key("tree.close", "left,h", "unfold(False)", "Fold, or out of it", "", "← h"),
        Key("tree.all", "asterisk,E", "unfold_all", "Unfold all, fold all", "", "*"),
        Key("tree.filter", "a", "apply", "Filter by this field", "Apply"),
        Key("tree.filter_not", "A", "apply_not", "Filter by all but this value"),
        Key("tree.column", "K", "column", "Show it as a column, or no longer", "Column"),
        Key("tree.copy", "y", "copy", "Copy the value", "Copy"),
        Key("tree.copy_filter", "Y", "copy_filter", "Copy it as a filter"),
    ),
    "bytes": (
        Key("bytes.left", "left,h", "shift(-1)", "Byte before", "", "← h"),
        Key("bytes.right", "right,l", "shift(1)", "Next byte", "", "→ l"),
        Key("bytes.buffer", "u", "buffer(1)", "Next buffer: frame, stream, body", "Buffer"),
        Key("bytes.buffer_back", "U", "buffer(-1)", "Buffer before"),
        Key("bytes.copy", "y", "copy", "Copy the selected bytes as hex", "Copy"),
    ),
    "conversations": (
        Key("conversations.filter", "f", "apply", "Filter by this conversation", "Filter"),
        Key("conversations.find", "slash", "find", "Find", "Find", "/"),
        Key("conversations.sort", "s", "sort", "Sort by the next column", "Sort"),
        Key("conversations.turn", "r", "turn", "Turn the order round", "Reverse"),
        Key("conversations.follow", "v", "follow", "Follow the stream", "Follow"),
        Key("conversations.back", "q,escape", "back", "Back", "Back", "q Esc"),
    ),
    "statistics": (
        Key("statistics.hierarchy", "1", "view(1)", "Protocol hierarchy"),
        Key("statistics.conversations", "2", "view(2)", "Conversations"),
        Key("statistics.endpoints", "3", "view(3)", "Endpoints"),
        Key("statistics.io", "4", "view(4)", "Packets and bits over time"),
        Key("statistics.rtt", "5", "view(5)", "Round-trip times"),
        Key("statistics.throughput", "6", "view(6)", "Throughput of a conversation"),
        Key("statistics.lengths", "7", "view(7)", "Packet lengths"),
        Key("statistics.expert", "8", "view(8)", "Expert information"),
        Key("statistics.form", "tab", "form(1)", "Next level or unit", "Level/unit", "Tab"),
        Key("statistics.form_back", "shift+tab", "form(-1)", "Level or unit before"),
        Key("statistics.shown", "a", "shown", "All packets, or those the filter shows", "All"),
        Key("statistics.sort", "s", "sort", "Sort by the next column", "Sort"),
        Key("statistics.turn", "r", "turn", "Turn the order round", "Reverse"),
        Key("statistics.filter", "f", "apply", "Filter by this row", "Filter"),
        Key("statistics.one", "t", "one(6)", "Throughput of this conversation", "Throughput"),
        Key("statistics.trips", "u", "one(5)", "Round trips of this conversation", "RTT"),
        Key("statistics.open", "right,l", "unfold(True)", "Packets of this remark", "", "→ l"),
        Key("statistics.close", "left,h", "unfold(False)", "Fold them away", "", "← h"),
        Key("statistics.finer", "plus,equals_sign", "zoom(1)", "Shorter intervals", "Finer", "+"),
        Key("statistics.coarser", "minus", "zoom(-1)", "Longer intervals", "", "-"),
        Key("statistics.back", "q,escape", "back", "Back", "Back", "q Esc"),
    ),
    "plot": (
        Key("plot.left", "left,h", "move(-1)", "Interval before", "", "← h"),
        Key("plot.right", "right,l", "move(1)", "Next interval", "", "→ l"),
        Key("plot.page_left", "pageup,ctrl+b", "page(-1)", "Further left", "", "PgUp ^b"),
        Key("plot.page_right", "pagedown,ctrl+f", "page(1)", "Further right", "", "PgDn ^f"),
        Key("plot.first", "home,g", "edge(False)", "First interval", "", "Home g"),
        Key("plot.last", "end,G", "edge(True)", "Last interval", "", "End G"),
        Key("plot.problem", "n", "peak(1)", "Next interval with problems"),
        Key("plot.problem_back", "N", "peak(-1)", "The one with problems before"),
        Key("plot.enter", "enter", "enter", "First packet of the interval", "", "Enter"),
    ),
    "follow": (
        Key(
            "follow.level",
            "l,right,tab",
            "level(1)",
            "Next level: TLS, a stream, messages",
            "Level",
            "l →",
        ),
        Key("follow.level_back", "h,left,shift+tab", "level(-1)", "Level before", "", "h ←"),
        Key("follow.form", "t,x", "form", "Text or hex", "Text/hex"),
        Key("follow.side", "b", "side", "Both sides, client, server", "Sides"),
        Key("follow.save", "s", "save", "Save these bytes", "Save"),
        Key("follow.back", "q,escape", "back", "Back", "Back", "q Esc"),
    ),
    "objects": (
        Key("objects.save", "s", "save(False)", "Save this object", "Save"),
        Key("objects.save_all", "a", "save(True)", "Save all objects", "Save all"),
        Key("objects.back", "q,escape", "back", "Back", "Back", "q Esc"),
    ),
    **EXPORT,
    **LAB,
    **LEDGER,
    **PLOTS,
    "paper": (
        Key("paper.back", "q,escape,enter,question_mark,f1", "back", "Close", "Close", "q Esc"),
    ),
}
TITLES = {
    "app": "Everywhere",
    "list": "In every list",
    "home": "Home",
    "transport": "Step and play",
    "inspector": "Inspector",
    "packets": "Packet list",
    "columns": "Columns",
    "ladder": "Ladder",
    "tree": "Decode",
    "bytes": "Bytes",
    "conversations": "Conversations",
    "statistics": "Statistics",
    "plot": "Plots",
    "follow": "Follow stream",
    "objects": "Objects",
    "paper": "Pages",
    **EXPORT_TITLES,
    **LAB_TITLES,
    **LEDGER_TITLES,
    **PLOTS_TITLES,
}


def bindings(*places: str, priority: bool = False) -> list[BindingType]:
    """The bindings of some places, for a class's BINDINGS."""
    return [
        Binding(
            key.keys, key.action, key.title, show=False, id=key.id, priority=priority or key.quick
        )
        for place in places
        for key in PLACES[place]
    ]


NAMES = {
    "full_stop": ".",
    "comma": ",",
    "plus": "+",
    "minus": "-",
    "slash": "/",
    "asterisk": "*",
    "semicolon": ";",
    "space": "space",
    "question_mark": "?",
}


def spoken(key: Key) -> str:
    """The keys as people read them."""
    if key.spoken:
        return key.spoken
    first = key.keys.split(",")
    return " ".join(NAMES.get(name, name) for name in first)


def footer(*places: str) -> list[Key]:
    """The keys that the footer shows, in order."""
    return [key for place in places for key in PLACES[place] if key.short]
