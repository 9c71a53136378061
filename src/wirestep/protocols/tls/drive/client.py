"""The client's side of TLS, and what a host remembers between its connections."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass, field
from ipaddress import ip_address

from OpenSSL import SSL

from wirestep.exchange.contract import Input, Output, Received, Wish
from wirestep.exchange.options import flag, text

from . import private
from .layer import Inner, Layer
from .states import CLIENT, CLIENT_12, CLIENT_13, SHORT_CLIENT
from .terms import Terms, identity, make_context, present, terms, trust


@dataclass
class Ticket:
    """A session that can be gone on with, once (RFC 8446 appendix C.4)."""

    session: SSL.Session
    alpn: str
    version: str


@dataclass
class Known:
    """A context, and the tickets that came through it; OpenSSL uses them with no other."""

    context: SSL.Context
    tickets: dict[str, Ticket] = field(default_factory=dict)
    """The newest from each server, by the host of the wish."""


class Client(Layer):
    """A client of TLS."""

    peer = "server"
    asks = True

    def __init__(self, inner: Inner, wish: Wish) -> None:
        options = wish.options
        agreed = terms(options)
        known = _known(wish, agreed)
        host = _host(wish.host)
        name = text(options, "server_name", "" if _is_address(host) else host)
        engine = SSL.Connection(known.context)
        super().__init__(engine, inner, (CLIENT, "start"), agreed.patience, host)
        engine.set_connect_state()
        self.watch.facts["server name"] = name
        if name:
            engine.set_tlsext_host_name(private.ascii_name(name))
        if flag(options, "verify", True):
            private.expect_host(engine, host)
        self._offered = [alpn for alpn in inner if alpn]
        if self._offered:
            engine.set_alpn_protos([alpn.encode("latin-1") for alpn in self._offered])
        self._server, self._tickets = wish.host, known.tickets
        self._ticket = self._take() if flag(options, "resume", True) else None
        if self._ticket:
            engine.set_session(self._ticket.session)
        self._room = self._early_room() if flag(options, "early", False) else 0
        self._early = bytearray()
        """Early data, as long as nobody knows whether the server took it."""
        self._answered = False
        """Whether anything came from the server."""
        self._kept = 0

    def states(self) -> tuple[str, ...]:
        if self.watch.version == "1.3":
            return CLIENT_13
        return SHORT_CLIENT if self.watch.facts.get("session") == "resumed" else CLIENT_12

    def begin(self) -> None:
        if self._room and self._ticket:
            self.enter(self._ticket.alpn)

    def shake(self) -> None:
        # The first step was taken with the early data; after the next no more can be early.
        if self._early and not self._answered:
            raise SSL.WantReadError
        self.engine.do_handshake()

    def write_early(self, data: bytes) -> bytes:
        if self._answered:
            return data
        fits = data[: self._room - len(self._early)]
        if fits:
            private.write_early(self.engine, fits)
            self._early += fits
        return data[len(fits) :]

    def whole(self, alpn: str) -> None:
        self._room = 0
        if not self._early:
            return
        sent, self._early = bytes(self._early), bytearray()
        if self.watch.early_taken:
            self.watch.facts["early data"] = f"{len(sent):,} bytes, taken by the server"
            return
        self.watch.facts["early data"] = f"{len(sent):,} bytes, refused and sent again"
        self.say("The server did not take the early data; it is sent again.")
        if self._ticket and alpn == self._ticket.alpn:
            self.pending[:0] = sent
        else:
            self.inside = None
            self.pending.clear()

    def handle(self, event: Input, now: int) -> list[Output]:
        self._answered = self._answered or isinstance(event, Received)
        out = super().handle(event, now)
        self._keep()
        return out

    def _take(self) -> Ticket | None:
        """The ticket of this server, where it fits what is offered; it is used up."""
        ticket = self._tickets.get(self._server)
        if ticket is None or (ticket.alpn and ticket.alpn not in self.inner):
            return None
        return self._tickets.pop(self._server)

    def _early_room(self) -> int:
        if self._ticket is None or self._ticket.version != "1.3":
            return 0
        return private.early_room(self._ticket.session)

    def _keep(self) -> None:
        """Keep the last ticket that came."""
        come = self.watch.tickets if self.watch.version == "1.3" else int(self.connected)
        if not self.connected or come <= self._kept:
            return
        self._kept = come
        session = self.engine.get_session()
        if session is not None:
            self._tickets[self._server] = Ticket(session, self.alpn, self.watch.version)


def _known(wish: Wish, agreed: Terms) -> Known:
    """The context for these terms: of an earlier connection of this host, or a new one."""
    options = wish.options
    verify = flag(options, "verify", True)
    mine, roots = identity(options), options.get("roots")
    memory = options.get("memory")
    key = ("tls", agreed, verify, mine and mine.certificate_pem, roots)
    if isinstance(memory, MutableMapping) and isinstance(known := memory.get(key), Known):
        return known
    context = make_context(False, agreed, SSL.VERIFY_PEER if verify else SSL.VERIFY_NONE)
    context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    if isinstance(roots, bytes | str):
        trust(context, roots.encode() if isinstance(roots, str) else roots)
    elif verify:
        context.set_default_verify_paths()
    if mine:
        present(context, mine)
    known = Known(context)
    if isinstance(memory, MutableMapping):
        memory[key] = known
    return known


def _host(host: str) -> str:
    """The name without a port: "[::1]:443" is ::1."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0] if host.count(":") == 1 else host


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
