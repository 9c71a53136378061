"""What a client does to its connection between two answers, to be looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from aioquic.quic.connection import QuicConnection

from wirestep.exchange.contract import Output, Rebind, Say
from wirestep.exchange.options import Options, whole

from . import inside
from .connection import PING

DEEDS = {
    "migrate": "after so many answers: go on from another port, with another connection id",
    "rebind": "after so many answers: another port, the same connection id, as behind a NAT",
    "key_update": "after so many answers: new keys",
    "new_cid": "after so many answers: another connection id",
}


class Deeds:
    """Those that are still to be done; each is done once."""

    def __init__(self, options: Options) -> None:
        self._left = {name: whole(options, name, 0) for name in DEEDS if name in options}

    def due(self, quic: QuicConnection, answers: int) -> list[Output]:
        """Do what the answers so far ask for; not before the handshake is confirmed.

        (RFC 9000 section 9, RFC 9001 section 6: neither migration nor new keys are earlier.)
        """
        if not self._left or not inside.confirmed(quic) or inside.ending(quic):
            return []
        out: list[Output] = []
        for name in [name for name, after in self._left.items() if after <= answers]:
            del self._left[name]
            out += _DO[name](quic)
            # Something has to be sent, so that the server learns of it.
            quic.send_ping(PING)
        return out


def _migrate(quic: QuicConnection) -> Iterable[Output]:
    # Observers shall not see that it is the same connection (RFC 9000 section 9.5).
    quic.change_connection_id()
    return (Rebind(), Say("migrates: another port, another connection id"))


def _rebind(quic: QuicConnection) -> Iterable[Output]:
    return (Rebind(), Say("goes on from another port, and does not notice"))


def _key_update(quic: QuicConnection) -> Iterable[Output]:
    quic.request_key_update()
    return (Say("updates its keys"),)


def _new_cid(quic: QuicConnection) -> Iterable[Output]:
    quic.change_connection_id()
    return (Say("goes on with another connection id"),)


_DO: dict[str, Callable[[QuicConnection], Iterable[Output]]] = {
    "migrate": _migrate,
    "rebind": _rebind,
    "key_update": _key_update,
    "new_cid": _new_cid,
}
