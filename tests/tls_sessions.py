"""Real TLS sessions with HTTP/1 inside, and the key logs of them."""

from __future__ import annotations

import datetime
import shutil
import socket
import ssl
import subprocess
import threading
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from frames import Turn

from wirestep.model import Side

C, S = Side.CLIENT, Side.SERVER
NO_ENCRYPT_THEN_MAC = 0x80000
"""SSL_OP_NO_ENCRYPT_THEN_MAC, which the ssl module has no name for."""
BODY = bytes(range(256)) * 80
ASKED = b"POST /first?x=1 HTTP/1.1\r\nHost: host.example\r\nContent-Length: 3\r\n\r\nabc"
ANSWERED = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY
AGAIN = b"GET /second HTTP/1.1\r\nHost: host.example\r\n\r\n"
NOTHING = b"HTTP/1.1 204 No Content\r\n\r\n"


@dataclass(frozen=True)
class Session:
    """What went over the wire, and the secrets behind it."""

    turns: tuple[Turn, ...]
    keylog: bytes


@cache
def folder() -> Path:
    """A place for keys, emptied by nobody but the system."""
    return Path(mkdtemp(prefix="tls-sessions-"))


@cache
def certificate(kind: str) -> Path:
    """A certificate with its key, in one file; `kind` is "ec" or "rsa"."""
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    if kind == "ec":
        key = ec.generate_private_key(ec.SECP256R1())
    else:
        key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"{kind}.example")])
    start = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(0x1D2C3B4A)
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=9000))
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = folder() / f"{kind}.pem"
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


def contexts(
    kind: str, suites: str, version: ssl.TLSVersion, options: int = 0, alpn: str = "http/1.1"
) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A client's and a server's, of one version and some suites."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    client.check_hostname = False
    client.verify_mode = ssl.CERT_NONE
    server.load_cert_chain(certificate(kind))
    for context in (client, server):
        if suites:
            context.set_ciphers(f"{suites}:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = context.maximum_version = version
            context.options |= options
        if alpn:
            context.set_alpn_protocols([alpn])
    log = folder() / f"keys-{len(list(folder().iterdir()))}"
    client.keylog_filename = str(log)
    return client, server


class Ends:
    """A client and a server in memory; what they say to each other is kept."""

    def __init__(
        self,
        client: ssl.SSLContext,
        server: ssl.SSLContext,
        name: str,
        before: ssl.SSLSession | None = None,
    ) -> None:
        pipes = [ssl.MemoryBIO() for _ in range(4)]
        self.ends = (
            client.wrap_bio(pipes[0], pipes[1], server_hostname=name, session=before),
            server.wrap_bio(pipes[2], pipes[3], server_side=True),
        )
        self.turns: list[Turn] = []
        self._ways = ((C, pipes[1], pipes[2]), (S, pipes[3], pipes[0]))

    def carry(self) -> bool:
        """Bring over what was said; whether there was anything."""
        moved = False
        for side, out, target in self._ways:
            data = out.read()
            if data:
                self.turns.append((side, data))
                target.write(data)
                moved = True
        return moved

    def attempt(self, step: Callable[[], object]) -> None:
        """Take a step that may have to wait for the other end, or be refused."""
        try:
            step()
        except ssl.SSLError:
            return

    def shake(self) -> None:
        """The handshake, as far as it goes."""
        while True:
            for end in self.ends:
                self.attempt(end.do_handshake)
            if not self.carry():
                break


def talk(
    pair: tuple[ssl.SSLContext, ssl.SSLContext],
    said: Sequence[tuple[Side, bytes]] = ((C, ASKED), (S, ANSWERED), (C, AGAIN), (S, NOTHING)),
    before: ssl.SSLSession | None = None,
) -> tuple[Session, ssl.SSLObject]:
    """A handshake, what both say, an orderly end; and the client's end, to resume it with."""
    client, server = pair
    both = Ends(client, server, "host.example", before)
    ends, carry, attempt = both.ends, both.carry, both.attempt
    both.shake()
    for side, data in said:
        ends[side].write(data)
        carry()
        got = b""
        while len(got) < len(data):
            got += ends[side.other].read(65536)
        assert got == data
    resumable = ends[0]
    attempt(ends[0].unwrap)
    carry()
    attempt(ends[1].unwrap)
    carry()
    log = Path(str(client.keylog_filename)).read_bytes()
    return Session(tuple(both.turns), log), resumable


@cache
def session(kind: str, suites: str, version: int, options: int = 0) -> Session:
    """One such session."""
    return talk(contexts(kind, suites, ssl.TLSVersion(version), options))[0]


# sessions by the openssl program, which can do what the ssl module cannot


def openssl_session(
    options: Sequence[str], typed: Sequence[bytes], server: Sequence[str]
) -> Session:
    """What `openssl s_client` and `s_server` say to each other; skips where there is none."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    place = folder() / f"served-{len(list(folder().iterdir()))}"
    place.mkdir()
    (place / "page").write_bytes(b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello")
    log, port = place / "keys", _free_port()
    command = ["openssl", "s_server", "-accept", str(port), "-cert", str(certificate("ec"))]
    listener = socket.create_server(("127.0.0.1", 0))
    with subprocess.Popen(
        [*command, "-HTTP", "-naccept", "1", *server],
        cwd=place,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as serving:
        relay = _Relay(listener, port)
        relay.start()
        command = ["openssl", "s_client", "-connect", f"127.0.0.1:{listener.getsockname()[1]}"]
        with subprocess.Popen(
            [*command, "-keylogfile", str(log), *options],
            cwd=place,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as asking:
            assert asking.stdin is not None
            for line in typed:
                relay.rest()  # a line that is read together with the one before is no command
                asking.stdin.write(line)
                asking.stdin.flush()
            relay.join(10)
            asking.terminate()
        serving.terminate()
    listener.close()
    return Session(tuple(relay.turns), log.read_bytes())


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    assert isinstance(port, int)
    return port


class _Relay(threading.Thread):
    """Carries bytes between one client and one server and keeps them, in order."""

    def __init__(self, listener: socket.socket, port: int) -> None:
        super().__init__(daemon=True)
        self.listener, self.port = listener, port
        self.turns: list[Turn] = []
        self.rested = 0

    def run(self) -> None:
        client, _ = self.listener.accept()
        server = _connected(self.port)
        with client, server:
            back = threading.Thread(target=self._carry, args=(server, client, S), daemon=True)
            back.start()
            self._carry(client, server, C)
            back.join(10)

    def rest(self, quiet: float = 0.25, patience: float = 10) -> None:
        """Wait until something was said since the last rest, and then nothing more for a while."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            count = len(self.turns)
            time.sleep(quiet)
            if len(self.turns) == count > self.rested:
                break
        self.rested = len(self.turns)

    def _carry(self, source: socket.socket, target: socket.socket, side: Side) -> None:
        try:
            while data := source.recv(65536):
                self.turns.append((side, data))
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            return


def _connected(port: int) -> socket.socket:
    for _ in range(100):
        try:
            return socket.create_connection(("127.0.0.1", port), 10)
        except ConnectionRefusedError:
            time.sleep(0.05)
    raise TimeoutError("the server did not start")
