"""The nouns: frozen values that look only at themselves; standard library only."""

from .field import LEVELS, Field, Note, Span, Value
from .flow import Address, Flow, Side
from .message import MESSAGE_LEVELS, Message
from .record import Record
from .source import Piece, Source
from .text import safe

__all__ = [
    "LEVELS",
    "MESSAGE_LEVELS",
    "Address",
    "Field",
    "Flow",
    "Message",
    "Note",
    "Piece",
    "Record",
    "Side",
    "Source",
    "Span",
    "Value",
    "safe",
]
