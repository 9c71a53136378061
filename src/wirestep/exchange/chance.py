"""Random numbers and the date for engines of other people that ask the system for them.

aioquic and wsproto call `os.urandom`, make keys and read the clock under names of their own
modules. `lend` puts stand-ins under those names, once. A stand-in asks whoever runs the endpoint
(`drawing`), and the system where nobody said anything: real sockets notice nothing of it. What is
given holds for the thread, or the task, that gave it.

Not seeded: what is drawn inside OpenSSL (the signatures of RSA and ECDSA keys; Ed25519 draws none).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from types import ModuleType, SimpleNamespace
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, x448, x25519

from .contract import Chance

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class System:
    """The system's own random numbers."""

    def randbytes(self, n: int, /) -> bytes:
        return os.urandom(n)

    def randrange(self, start: int, stop: int, /) -> int:
        # 128 bits more than needed: the bias is too small to be seen.
        size = (stop - start).bit_length() // 8 + 17
        return start + int.from_bytes(os.urandom(size), "big") % (stop - start)

    def random(self) -> float:
        return (int.from_bytes(os.urandom(7), "big") >> 3) / (1 << 53)


SYSTEM = System()
_chance: ContextVar[Chance] = ContextVar("chance", default=SYSTEM)
_date: ContextVar[int | None] = ContextVar("date", default=None)


@contextmanager
def drawing(chance: Chance, date: int | None = None) -> Iterator[None]:
    """Engines called in here draw from `chance`; for them it is `date` (ns since 1970).

    Without a date the system's holds.
    """
    chance_before, date_before = _chance.set(chance), _date.set(date)
    try:
        yield
    finally:
        _chance.reset(chance_before)
        _date.reset(date_before)


def urandom(n: int) -> bytes:
    """What `os.urandom` is for an engine."""
    return _chance.get().randbytes(n)


def utcnow() -> datetime:
    """What the date is for an engine, to the microsecond."""
    date = _date.get()
    return datetime.now(UTC) if date is None else EPOCH + timedelta(microseconds=date // 1000)


class _Beside:
    """A module of which some names are others."""

    def __init__(self, module: ModuleType, **others: object) -> None:
        self._module = module
        self.__dict__.update(others)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)


def _curve_key(curve: ec.EllipticCurve) -> ec.EllipticCurvePrivateKey:
    # The order of each curve in use is above 2 ** (key_size - 1), so this is never out of range.
    number = int.from_bytes(urandom(curve.key_size // 8 + 8), "big")
    return ec.derive_private_key(number % (1 << (curve.key_size - 1)) or 1, curve)


def _x25519_key() -> x25519.X25519PrivateKey:
    return x25519.X25519PrivateKey.from_private_bytes(urandom(32))


def _x448_key() -> x448.X448PrivateKey:
    return x448.X448PrivateKey.from_private_bytes(urandom(56))


STAND_INS: dict[str, object] = {
    "os": _Beside(os, urandom=urandom),
    "utcnow": utcnow,
    "x25519": _Beside(x25519, X25519PrivateKey=SimpleNamespace(generate=_x25519_key)),
    "x448": _Beside(x448, X448PrivateKey=SimpleNamespace(generate=_x448_key)),
    "ec": _Beside(ec, generate_private_key=_curve_key),
}


def lend(module: ModuleType, *names: str) -> None:
    """Put the stand-ins of `names` (keys of STAND_INS) into an engine's module.

    Raises AttributeError where the module has no such name: this version of the engine draws its
    numbers in another way, and must be looked at.
    """
    for name in names:
        getattr(module, name)
        setattr(module, name, STAND_INS[name])
