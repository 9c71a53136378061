"""The keys of the dialog that exports."""

from __future__ import annotations

from wirestep.ui.key import Key

EXPORT: dict[str, tuple[Key, ...]] = {
    "export": (
        Key("export.write", "w", "write", "Write it: asks where", "write", "enter w"),
        Key("export.part", "space", "part", "All, what is shown, the conversation", "part"),
        Key("export.secrets", "r", "secrets", "Redact secrets, or keep them", "redact"),
        Key("export.help", "question_mark,f1", "help", "Help: all keys", "", "?"),
        Key("export.back", "q,escape,x", "back", "Stop writing, or close", "close", "esc"),
    ),
}
TITLES = {"export": "Export"}
