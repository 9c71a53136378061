"""What a race is run over: what is asked for, and the numbers of the link, as people write them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from wirestep.wires.contract import MS

from .lab_settings import MOST_SEED, duration, rate, share, whole, written_rate, written_time

KEYS = ("rtt", "loss", "rate", "seed", "path")


@dataclass(frozen=True, slots=True)
class RaceWish:
    """One race; the same wish gives the same race."""

    path: str = "/"
    rtt: int = 280 * MS
    """Nanoseconds."""
    loss: float = 0.0
    """0 to 1"""
    rate: int = 0
    """Bits a second; 0: no limit."""
    seed: int = 1

    def overrides(self, version: str | None) -> dict[str, object]:
        """As wires.scenario takes them."""
        wanted: dict[str, object] = {
            "rtt": f"{self.rtt}ns",
            "loss": self.loss,
            "rate": f"{self.rate}bit",
            "seed": self.seed,
            "requests": [self.path],
        }
        return wanted if version is None else {**wanted, "version": version}

    def words(self) -> str:
        """As `changed` reads it: "rtt 280ms loss 2% rate none path /"."""
        bits = "none" if not self.rate else written_rate(self.rate).replace(" ", "")
        time = written_time(self.rtt).replace(" ", "")
        return f"rtt {time} loss {100 * self.loss:g}% rate {bits} path {self.path}"

    def changed(self, words: str) -> RaceWish:
        """With what a line of names and values says.

        Raises:
            ValueError: what is wrong with it.
        """
        found = words.replace("=", " ").split()
        if len(found) % 2:
            raise ValueError(f"a name and its value, as in {self.words()}")
        wish = self
        for name, value in zip(found[::2], found[1::2], strict=True):
            wish = wish.with_one(name, value)
        return wish

    def with_one(self, name: str, value: str) -> RaceWish:
        """With one value, as it is typed.

        Raises:
            ValueError: it cannot be read, or there is no such name.
        """
        if name == "rtt":
            return replace(self, rtt=duration(value))
        if name == "loss":
            return replace(self, loss=share(value))
        if name == "rate":
            return replace(self, rate=rate(value))
        if name == "seed":
            return replace(self, seed=whole(value, 0, MOST_SEED, "seed"))
        if name == "path":
            if not re.fullmatch(r"/[!-~]{0,1000}", value):
                raise ValueError(f"{value!r} is no path: /, /style.css, /bytes/20000")
            return replace(self, path=value)
        raise ValueError(f"{name!r} is none of {', '.join(KEYS)}")
