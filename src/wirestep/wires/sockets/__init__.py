"""THE SYSTEM'S OWN WIRE: endpoints over real sockets, and a record of what passed."""

from .dial import Dialer
from .failures import word
from .host import Heard, Host, Party
from .listen import listen_tcp, listen_udp
from .seen import Clock, Seen, Watch

__all__ = [
    "Clock",
    "Dialer",
    "Heard",
    "Host",
    "Party",
    "Seen",
    "Watch",
    "listen_tcp",
    "listen_udp",
    "word",
]
