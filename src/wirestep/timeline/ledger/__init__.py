"""The ledger: where each round trip of an exchange went."""

from .chain import KINDS, Chain, Wait
from .clocks import Trip
from .credits import Clock, Credit
from .ledger import Item, Ledger, Moment, ledger
from .passing import Told
from .whatif import Foreseen, foreseen

__all__ = [
    "KINDS",
    "Chain",
    "Clock",
    "Credit",
    "Foreseen",
    "Item",
    "Ledger",
    "Moment",
    "Told",
    "Trip",
    "Wait",
    "foreseen",
    "ledger",
]
