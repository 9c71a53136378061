"""A TCP of our own, without sockets and clocks (RFC 9293)."""

from .connection import Connection
from .cookies import Cookies
from .options import Options
from .segment import Segment, refusal
from .states import State
from .tcb import Point
from .timers import Alarm

__all__ = ["Alarm", "Connection", "Cookies", "Options", "Point", "Segment", "State", "refusal"]
