"""What can be seen of a handshake while OpenSSL does it: states, keys, alerts, distrust."""

from __future__ import annotations

from collections.abc import Callable

from OpenSSL import SSL, crypto

from wirestep.exchange.contract import Fact, Output, Panel, Say, Secret
from wirestep.exchange.machine import Machine, Table
from wirestep.model import safe

from . import private, sentences
from .states import events

VERSIONS = {0x301: "1.0", 0x302: "1.1", 0x303: "1.2", 0x304: "1.3"}
_READ_ALERT, _WRITE_ALERT = 0x4004, 0x4008
_KEYS = {
    "CLIENT_RANDOM": "master",
    "CLIENT_EARLY_TRAFFIC_SECRET": "early",
    "CLIENT_HANDSHAKE_TRAFFIC_SECRET": "handshake",
    "CLIENT_TRAFFIC_SECRET_0": "application",
}
"""Labels of the key log, and what people call the keys; the server's come with them."""


class Watch:
    """One handshake, seen from one end; what is to be said goes to `put`."""

    def __init__(
        self,
        engine: SSL.Connection,
        table: Table,
        start: str,
        peer: str,
        host: str,
        put: Callable[[Output], None],
    ) -> None:
        self.machine = Machine(table, start)
        self.now = 0
        self._table, self._start = table, start
        self.kind = ""
        """See states.events."""
        self.why = ""
        """What the verification, or an alert, said before OpenSSL complains."""
        self.early_taken = False
        """A client: the server took the early data."""
        self.tickets = 0
        """A client: how many tickets came."""
        self.accepts: tuple[str, ...] = ()
        """A server: ALPN identifiers of what is spoken here, the first before others."""
        self.facts: dict[str, str] = {}
        self._engine, self._peer, self._host, self._put = engine, peer, host, put
        self._keys: list[str] = []

    @property
    def state(self) -> str:
        """Where the handshake stands."""
        return self.machine.state

    @property
    def version(self) -> str:
        """Such as "1.3"; before it is agreed, the highest that is offered."""
        return VERSIONS.get(self._engine.get_protocol_version(), "")

    def begin(self, now: int) -> None:
        """The way is open; what is entered is entered from here on."""
        self.now, self.machine = now, Machine(self._table, self._start, now)

    def panel(self, states: tuple[str, ...]) -> Panel:
        """What stands on the screen; `states`: the usual way."""
        facts = [Fact(name, value) for name, value in self.facts.items() if value]
        if self._keys:
            facts.append(Fact("keys", ", ".join(self._keys)))
        return self.machine.panel(f"TLS {self.version}".strip(), states, facts)

    def note_facts(self, alpn: str) -> None:
        """What was agreed."""
        engine = self._engine
        self.facts["cipher"] = engine.get_cipher_name() or ""
        self.facts["group"] = engine.get_group_name() or ""
        self.facts["session"] = "resumed" if private.resumed(engine) else "new"
        self.facts["ALPN"] = safe(alpn)
        certificate = engine.get_peer_certificate()
        if certificate is not None:
            self.facts["certificate"] = sentences.owner(certificate)

    def step(self, event: str) -> bool:
        """Go through the table with an event, under the most particular name it knows."""
        version = "1.3" if self.version == "1.3" else "1.2"
        kind = self.kind or ("resumed" if private.resumed(self._engine) else "")
        return any(self.machine.go(name, self.now) for name in events(event, version, kind))

    # what OpenSSL calls

    def seen(self, where: int, result: int) -> None:
        """A step of the handshake was taken, or an alert passed."""
        number = result & 0xFF
        if where & _READ_ALERT == _READ_ALERT and number:
            self.why = sentences.refused(self._peer, number)
        elif where & _WRITE_ALERT == _WRITE_ALERT and number:
            self._put(Say(f"The alert “{sentences.alert(number)}” is sent."))
        elif where & SSL.SSL_CB_LOOP:
            state = self._engine.get_state_string().decode("ascii")
            step = state.removeprefix("SSLv3/TLS ").removeprefix("TLSv1.3 ")
            self.early_taken |= step == "write end of early data"
            self.tickets += step == "read server session ticket"
            before = self.state
            self.step(step)
            if step == "write client hello" and before == "wait EncryptedExtensions":
                self.facts["retried"] = "another group was asked for (HelloRetryRequest)"

    def key(self, line: bytes) -> None:
        """A line for the key log."""
        text = line.decode("ascii")
        self._put(Secret(text))
        known = _KEYS.get(text.partition(" ")[0])
        if known and known not in self._keys:
            self._keys.append(known)

    def verified(self, certificate: crypto.X509, code: int, good: bool) -> bool:
        """A certificate of the chain was looked at; whether it is believed."""
        if not good:
            text = private.verify_text(code)
            self.why = sentences.distrust(code, certificate, self._host, text)
        return good


def attach(context: SSL.Context, verify: int) -> None:
    """Let all connections of a context tell their watches; `verify`: SSL.VERIFY_..."""
    context.set_info_callback(lambda engine, where, result: watch_of(engine).seen(where, result))
    context.set_keylog_callback(lambda engine, line: watch_of(engine).key(line))
    context.set_verify(
        verify,
        lambda engine, certificate, code, depth, good: watch_of(engine).verified(
            certificate, code, bool(good)
        ),
    )


def watch_of(engine: SSL.Connection) -> Watch:
    """Who watches this connection."""
    watch = engine.get_app_data()
    assert isinstance(watch, Watch)
    return watch
