"""The ledger: where each round trip of an exchange went."""

from .chain import KINDS, Chain, Wait
from .clocks import Trip
from .ledger import Item, Ledger, ledger
from .passing import Told

__all__ = ["KINDS", "Chain", "Item", "Ledger", "Told", "Trip", "Wait", "ledger"]
