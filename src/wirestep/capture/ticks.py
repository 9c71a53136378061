"""Interface clock ticks to nanoseconds (draft-ietf-opsawg-pcapng section 4.2, if_tsresol)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .arrays import Array
from .options import Clock

SECOND = 1_000_000_000
_WIDE = 34
"""Bits of a binary fraction that can be multiplied by SECOND in 64 bits."""


def nanoseconds(ticks: Array, interface: Array, clocks: Sequence[Clock]) -> Array:
    """int64: `ticks` (uint64) of each row's interface since the epoch; absurd ones wrap."""
    out = np.zeros(len(ticks), np.uint64)
    if not len(ticks):
        return out.astype(np.int64)
    units = np.array([clock.unit for clock in clocks], np.uint8)[interface]
    for unit in np.unique(units).tolist():
        rows = units == unit
        out[rows] = (_binary if unit & 0x80 else _decimal)(ticks[rows], unit & 0x7F)
    if any(clock.offset for clock in clocks):
        shifts = [clock.offset * SECOND & 0xFFFF_FFFF_FFFF_FFFF for clock in clocks]
        out += np.array(shifts, np.uint64)[interface]
    return out.astype(np.int64)


def _decimal(ticks: Array, power: int) -> Array:
    if power <= 9:
        return ticks * np.uint64(10 ** (9 - power))
    if power - 9 > 19:
        return np.zeros_like(ticks)
    return ticks // np.uint64(10 ** (power - 9))


def _binary(ticks: Array, power: int) -> Array:
    """Whole seconds and fraction apart, so that the product stays within 64 bits."""
    if power >= 64:
        seconds, fraction = np.zeros_like(ticks), ticks
    else:
        seconds = ticks >> np.uint64(power)
        fraction = ticks & np.uint64((1 << power) - 1)
    if power > _WIDE:
        drop = power - _WIDE
        fraction = fraction >> np.uint64(drop) if drop < 64 else np.zeros_like(fraction)
        power = _WIDE
    return seconds * np.uint64(SECOND) + (fraction * np.uint64(SECOND) >> np.uint64(power))
