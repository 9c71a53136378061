"""Opens the records of one connection: which keys are in use, where a record stands in their count.

Nothing here guesses: a record counts as opened only when its tag or MAC fits. Keys that the next
records may have are tried where the protocol lets a sender change them unseen: after early data
(RFC 8446 section 4.2.10), and after records that nobody could read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from wirestep.decode.secrets import Secrets
from wirestep.model import Side

from .ciphers import CBC, STREAM, is_modern_suite, suite
from .names import SUITES
from .parameters import CLIENT_HELLO, LABELS, SERVER_HELLO, TLS_1_3, Parameters
from .schedule import MASTER, Agreed, Keys, ModernKeys, modern_keys, old_keys

END_OF_EARLY_DATA, FINISHED, KEY_UPDATE = 5, 20, 24
CLEAR, EARLY, HANDSHAKE, TRAFFIC, OLD = "clear", "early", "handshake", "traffic", "old"
"""What protects a direction: nothing, then the secrets of TLS 1.3; OLD: those before it."""
MOVES = {(EARLY, END_OF_EARLY_DATA): HANDSHAKE, (HANDSHAKE, FINISHED): TRAFFIC}
"""What a message does to the direction it is sent in (RFC 8446 appendix A)."""
SECRETS = {
    (Side.CLIENT, EARLY): "CLIENT_EARLY_TRAFFIC_SECRET",
    (Side.CLIENT, HANDSHAKE): "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
    (Side.SERVER, HANDSHAKE): "SERVER_HANDSHAKE_TRAFFIC_SECRET",
    (Side.CLIENT, TRAFFIC): "CLIENT_TRAFFIC_SECRET_0",
    (Side.SERVER, TRAFFIC): "SERVER_TRAFFIC_SECRET_0",
}
LATER = {EARLY: (HANDSHAKE, TRAFFIC), HANDSHAKE: (TRAFFIC,)}
AHEAD = 128
"""Sequence numbers that are tried where records may be missing."""
PATIENCE = 4
"""Records in a row that may fail before no more are tried."""
NO_HANDSHAKE = "handshake not captured"
NO_TAG = "the record does not verify with"
UNLINKED = {
    CBC: "the record before it, whose end is its IV, is missing",
    STREAM: "bytes before it are missing, and the key stream of RC4 runs on from them",
}
"""Why a record cannot be opened that hangs on those before it."""


class Opened(NamedTuple):
    """A record with its plain bytes."""

    plain: bytes
    """All that was sealed; in TLS 1.3 with the type of the content and the padding behind it."""
    front: int
    """Bytes of the fragment before the ciphertext."""
    back: int
    """Bytes behind it."""
    keys: Keys
    number: int


class Sealed(NamedTuple):
    """A record that stays as it is, and why."""

    why: str
    broken: bool = False


@dataclass
class Lock:
    """What protects one direction."""

    stage: str = CLEAR
    keys: Keys | None = None
    agreed: Agreed | None = None
    number: int = 0
    """Sequence number of the next record; at least this where `unsure`."""
    link: bytes | None = b""
    """What the record before it leaves behind; None where that is not known."""
    unsure: bool = False
    """Records may be missing."""
    patience: int = PATIENCE

    def move(self, stage: str, keys: Keys | None = None, agreed: Agreed | None = None) -> None:
        """Other keys from the next record on."""
        self.stage, self.keys, self.agreed = stage, keys, agreed
        self.number, self.link = 0, b"" if keys is None else keys.start
        self.unsure, self.patience = False, PATIENCE

    def opened(self, number: int, body: bytes) -> None:
        """The record of that sequence number was opened with the keys that are here."""
        assert self.keys is not None
        self.number, self.link = number + 1, self.keys.link(body, self.link)
        self.unsure, self.patience = False, PATIENCE


class Try(NamedTuple):
    """Keys that may fit, and the numbers that a record may have."""

    keys: Keys
    stage: str
    numbers: range
    agreed: Agreed | None = None


@dataclass
class Opener:
    """Both directions of one connection."""

    locks: tuple[Lock, Lock] = field(default_factory=lambda: (Lock(), Lock()))

    def copy(self) -> Opener:
        """As it is now; keys are shared."""
        return Opener((replace(self.locks[0]), replace(self.locks[1])))

    def lost(self, side: Side) -> None:
        """Records of this side are missing."""
        lock = self.locks[side]
        lock.unsure, lock.patience, lock.link = True, PATIENCE, None

    def changed(self, side: Side, parameters: Parameters) -> None:
        """A ChangeCipherSpec before TLS 1.3: what was agreed on holds from the next record on."""
        if not parameters.modern:
            self.locks[side].move(OLD, agreed=_agreed(parameters))

    def heard(self, side: Side, kind: int, parameters: Parameters) -> None:
        """A handshake message went by in this direction; `parameters` know it already."""
        lock = self.locks[side]
        if kind == CLIENT_HELLO:
            if lock.stage in (CLEAR, EARLY):
                lock.move(EARLY if parameters.early else CLEAR)
        elif not parameters.modern:
            return
        elif kind == SERVER_HELLO and not parameters.retried:
            self.locks[Side.SERVER].move(HANDSHAKE)
            if self.locks[Side.CLIENT].stage != EARLY:
                self.locks[Side.CLIENT].move(HANDSHAKE)
        elif kind == KEY_UPDATE and isinstance(lock.keys, ModernKeys):
            lock.move(TRAFFIC, lock.keys.updated())
        elif (lock.stage, kind) in MOVES:
            lock.move(MOVES[lock.stage, kind])

    def passed(self, side: Side) -> None:
        """A record of which not all was captured."""
        lock = self.locks[side]
        lock.number, lock.link = lock.number + 1, None

    def open(
        self, side: Side, record: bytes, parameters: Parameters, secrets: Secrets
    ) -> Opened | Sealed:
        """What a whole record holds, header and all; or why that cannot be told."""
        lock = self.locks[side]
        head, body = record[:5], record[5:]
        if not lock.patience:
            return Sealed("given up: the records before it did not verify")
        why = self._prepare(side, parameters, secrets)
        if lock.link is None and lock.keys is not None:
            unlinked = bool(lock.keys.start)
            lock.link = lock.keys.link(body, lock.link)
            if unlinked:
                lock.number += 1
                return Sealed(UNLINKED[lock.keys.suite.cipher.kind])
        tried = lock.keys is not None and lock.stage != EARLY
        for guess in self._tries(side, parameters, secrets):
            same = guess.keys is lock.keys
            link = lock.link or b"" if same else guess.keys.start
            for number in guess.numbers:
                plain = guess.keys.open(number, head, body, link)
                if plain is None:
                    continue
                if not same:
                    lock.move(guess.stage, guess.keys, guess.agreed)
                lock.opened(number, body)
                return Opened(plain, guess.keys.front, guess.keys.back, guess.keys, number)
        return self._failed(lock, body, why, tried)

    def _failed(self, lock: Lock, body: bytes, why: str, tried: bool) -> Sealed:
        lock.number += 1
        if lock.keys is not None:
            lock.link = lock.keys.link(body, lock.link)
        if not tried:
            return Sealed(why or "early data, rejected or under another secret")
        assert lock.keys is not None
        lock.patience -= 1
        lost = lock.unsure
        lock.unsure = True
        if lost and not lock.patience:
            return Sealed(f"given up: no record verifies with {lock.keys.name} any more", True)
        return Sealed(f"{NO_TAG} {lock.keys.name}", True)

    def _prepare(self, side: Side, parameters: Parameters, secrets: Secrets) -> str:
        """Get the keys of this direction, if they are not there; else why they are missing."""
        lock = self.locks[side]
        if lock.keys is not None:
            return ""
        if lock.stage == CLEAR:
            return _unknown(_agreed(parameters)) or NO_HANDSHAKE
        if lock.stage == OLD:
            assert lock.agreed is not None
            found = _old(lock.agreed, side, secrets)
        elif lock.stage == EARLY:
            label, random = SECRETS[side, EARLY], parameters.client_random
            return "" if secrets.get(label, random) else _missing(label, random, secrets)
        else:
            found = _modern(side, lock.stage, parameters, secrets)
        if isinstance(found, str):
            return found
        # the key log may have grown since the first record
        lock.keys, lock.link = found, found.start if not lock.number else None
        return ""

    def _tries(self, side: Side, parameters: Parameters, secrets: Secrets) -> Iterator[Try]:
        lock = self.locks[side]
        count = AHEAD if lock.unsure else 1
        if lock.keys is not None:
            yield Try(lock.keys, lock.stage, range(lock.number, lock.number + count))
        elif lock.stage == EARLY:
            for keys in _early(parameters, secrets):
                yield Try(keys, EARLY, range(lock.number, lock.number + count))
        if lock.stage in (CLEAR, OLD) and lock.unsure and not parameters.modern:
            # the ChangeCipherSpec was among what is missing
            agreed = _agreed(parameters)
            if agreed != lock.agreed and not _unknown(agreed):
                found = _old(agreed, side, secrets)
                if not isinstance(found, str):
                    yield Try(found, OLD, range(count), agreed)
        if lock.stage == EARLY or lock.unsure or lock.keys is None:
            for stage in LATER.get(lock.stage, ()):
                found = _modern(side, stage, parameters, secrets)
                if not isinstance(found, str):
                    yield Try(found, stage, range(count))
        if lock.unsure and lock.stage == TRAFFIC and isinstance(lock.keys, ModernKeys):
            yield Try(lock.keys.updated(), TRAFFIC, range(count))


def _agreed(parameters: Parameters) -> Agreed:
    return Agreed(
        parameters.client_random,
        parameters.server_random,
        -1 if parameters.suite is None else parameters.suite,
        parameters.version or 0,
        parameters.encrypt_then_mac,
        parameters.compression,
        parameters.master,
    )


def _unknown(agreed: Agreed) -> str:
    """What of a handshake is missing or not known here."""
    if not agreed.client_random:
        return f"{NO_HANDSHAKE}: no ClientHello"
    if not agreed.server_random or agreed.suite < 0:
        return f"{NO_HANDSHAKE}: no ServerHello"
    if suite(agreed.suite) is None:
        return f"unsupported suite {SUITES.get(agreed.suite, hex(agreed.suite))}"
    if agreed.compression:
        return "unsupported: compressed records"
    return ""


def _old(agreed: Agreed, side: Side, secrets: Secrets) -> Keys | str:
    """Keys before TLS 1.3, or why there are none."""
    why = _unknown(agreed)
    if why:
        return why
    master = secrets.get(MASTER, agreed.client_random) or agreed.master
    if not master:
        return _missing(MASTER, agreed.client_random, secrets)
    keys = old_keys(agreed, master, side)
    if keys is None:
        version = LABELS.get(agreed.version, hex(agreed.version))
        return f"unsupported: {SUITES.get(agreed.suite, '')} in {version}"
    return keys


def _modern(side: Side, stage: str, parameters: Parameters, secrets: Secrets) -> Keys | str:
    """Keys of TLS 1.3, or why there are none."""
    agreed = _agreed(parameters)
    why = _unknown(agreed)
    if why:
        return why
    if agreed.version != TLS_1_3 and not 0x7F19 <= agreed.version <= 0x7F1C:
        return "unsupported draft of TLS 1.3"  # until draft 25 records had another header
    found = suite(agreed.suite)
    label = SECRETS[side, stage]
    secret = secrets.get(label, agreed.client_random)
    if secret is None:
        return _missing(label, agreed.client_random, secrets)
    if found is None or not is_modern_suite(agreed.suite):
        return f"unsupported: {SUITES.get(agreed.suite, '')} in TLSv1.3"
    return modern_keys(label, secret, found)


def _early(parameters: Parameters, secrets: Secrets) -> Iterator[Keys]:
    """Nobody says which suite early data has; of those offered, those whose hash is as long."""
    label = SECRETS[Side.CLIENT, EARLY]
    secret = secrets.get(label, parameters.client_random)
    if secret is None:
        return
    for number in parameters.offered:
        found = suite(number) if is_modern_suite(number) else None
        if found is not None and len(secret) == (48 if found.hash == "sha384" else 32):
            yield modern_keys(label, secret, found)


def _missing(label: str, random: bytes, secrets: Secrets) -> str:
    """Which secret is not there, and what is instead."""
    said = f"no {label} for client random {random[:8].hex()}…; the key log has "
    labels = secrets.labels(random)
    if labels:
        return f"{said}only {', '.join(sorted(labels))}"
    count = secrets.connections
    if not count:
        return f"{said}no connection at all"
    return f"{said}{count} other connection{'s' if count > 1 else ''}"
