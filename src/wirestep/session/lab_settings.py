"""The numbers of a link as people write them: shown, typed, nudged, and put into a plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import log

from wirestep.wires import units
from wirestep.wires.contract import MS, SECOND, Link
from wirestep.wires.plan import Plan

from .lab_views import Setting

MOST_TIME = 60 * SECOND
MTUS = (68, 65_535)
MOST_SEED = (1 << 63) - 1


class BadSetting(ValueError):
    """A number that cannot be read: one sentence."""


def duration(text: str) -> int:
    """Ns: "280ms", "1.5 s"; a number alone is milliseconds.

    Raises:
        BadSetting: it is none, or more than a minute.
    """
    value = _read(units.nanoseconds, f"{text} ms" if _bare(text) else text)
    if value > MOST_TIME:
        raise BadSetting(f"{text!r} is more than a minute")
    return round(value)


def share(text: str) -> float:
    """0 to 1: "2%", "0.5 %"; a number alone is per cent.

    Raises:
        BadSetting: it is none.
    """
    return _read(units.share, f"{text}%" if _bare(text) else text)


def rate(text: str) -> int:
    """Bits a second: "2mbit", "64 kbit/s"; a number alone is Mbit/s; "none": no limit.

    Raises:
        BadSetting: it is none.
    """
    if text.strip().lower() in ("0", "none", "no limit"):
        return 0
    return round(_read(units.rate, f"{text} mbit" if _bare(text) else text))


def whole(text: str, low: int, high: int, what: str) -> int:
    """A whole number from `low` to `high`.

    Raises:
        BadSetting: it is none.
    """
    plain = text.strip().replace(" ", "").removesuffix("B")
    if not plain.isdecimal() or not low <= int(plain) <= high:
        raise BadSetting(f"{text!r} is no {what}: a whole number from {low} to {high}")
    return int(plain)


def _bare(text: str) -> bool:
    return text.strip().replace(".", "", 1).isdecimal()


def _read(reader: Callable[[object], int | float], text: str) -> float:
    try:
        return float(reader(text))
    except ValueError as error:
        raise BadSetting(str(error)) from None


def written_time(ns: int) -> str:
    """ "280 ms", "1.5 s"."""
    if ns >= 10 * SECOND:
        return f"{ns / SECOND:g} s"
    return f"{ns / MS:,.6g} ms".replace(",", " ")


def written_rate(bits: int) -> str:
    """ "2 Mbit/s", "no limit"."""
    if not bits:
        return "no limit"
    for size, unit in ((1_000_000_000, "Gbit/s"), (1_000_000, "Mbit/s"), (1000, "kbit/s")):
        if bits >= size:
            return f"{bits / size:g} {unit}"
    return f"{bits} bit/s"


@dataclass(frozen=True, slots=True)
class Knob:
    """One setting: how it is read from a plan and put into one."""

    name: str
    title: str
    get: Callable[[Plan], int | float]
    put: Callable[[Link, int | float], Link]
    read: Callable[[str], int | float]
    """Raises BadSetting."""
    write: Callable[[int | float], str]
    steps: tuple[int | float, ...]
    """What the arrow keys go through; ascending."""
    slides: bool = False
    """Whether a slider helps."""


def _delays(plan: Plan) -> int:
    links = list(plan.links.values()) or [plan.link]
    there = links[0].delay
    back = links[1].delay if len(links) > 1 else there
    return there + back


def _of(name: str) -> Callable[[Plan], int | float]:
    def get(plan: Plan) -> int | float:
        links = list(plan.links.values()) or [plan.link]
        value: int | float = max(getattr(link, name) for link in links)
        return value

    return get


def _times(*ms: float) -> tuple[int, ...]:
    return tuple(round(one * MS) for one in ms)


KNOBS = (
    Knob(
        "rtt",
        "RTT",
        _delays,
        lambda link, value: replace(link, delay=round(value) // 2),
        duration,
        lambda value: written_time(round(value)),
        _times(0, 1, 5, 10, 20, 40, 80, 120, 200, 280, 400, 600, 1000, 2000),
        slides=True,
    ),
    Knob(
        "loss",
        "loss",
        _of("loss"),
        lambda link, value: replace(link, loss=float(value)),
        share,
        lambda value: f"{100 * value:g} %",
        (0.0, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0),
        slides=True,
    ),
    Knob(
        "rate",
        "rate",
        _of("rate"),
        lambda link, value: replace(link, rate=round(value)),
        rate,
        lambda value: written_rate(round(value)),
        (0, 64_000, 256_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000, 50_000_000, 100_000_000),
        slides=True,
    ),
    Knob(
        "jitter",
        "jitter",
        _of("jitter"),
        lambda link, value: replace(link, jitter=round(value)),
        duration,
        lambda value: written_time(round(value)),
        _times(0, 1, 2, 5, 10, 20, 50, 100),
    ),
    Knob(
        "mtu",
        "MTU",
        _of("mtu"),
        lambda link, value: replace(link, mtu=round(value)),
        lambda text: whole(text, *MTUS, "MTU"),
        lambda value: f"{round(value):,} B".replace(",", " "),
        (576, 1280, 1400, 1420, 1492, 1500, 9000),
    ),
)
BY_NAME = {knob.name: knob for knob in KNOBS}


def put(plan: Plan, name: str, value: int | float) -> Plan:
    """The plan with another value of one setting, on all links.

    Raises:
        BadSetting: there is no such setting.
    """
    if name == "seed":
        return replace(plan, seed=round(value))
    knob = BY_NAME.get(name)
    if knob is None:
        raise BadSetting(f"there is no setting {name!r}")
    links = {way: knob.put(link, value) for way, link in plan.links.items()}
    return replace(plan, link=knob.put(plan.link, value), links=links)


def typed(name: str, text: str) -> int | float:
    """A setting as somebody typed it.

    Raises:
        BadSetting: what is wrong with it.
    """
    if name == "seed":
        return whole(text, 0, MOST_SEED, "seed")
    return BY_NAME[name].read(text)


def nudged(plan: Plan, name: str, by: int) -> int | float:
    """The next value above or below."""
    if name == "seed":
        return max(0, plan.seed + by)
    knob = BY_NAME[name]
    now = knob.get(plan)
    others = [step for step in knob.steps if (step > now if by > 0 else step < now)]
    if not others:
        return now
    return others[0] if by > 0 else others[-1]


def settings(plan: Plan, usual: Plan) -> tuple[Setting, ...]:
    """All settings of a plan; `usual` is the scenario's own."""
    shown = [_setting(knob, plan, usual) for knob in KNOBS]
    seed = Setting("seed", "seed", str(plan.seed), str(plan.seed), None, plan.seed != usual.seed)
    return (*shown, seed)


def _setting(knob: Knob, plan: Plan, usual: Plan) -> Setting:
    value, text = knob.get(plan), knob.write(knob.get(plan))
    every = {knob.get(replace(plan, links={}, link=link)) for link in plan.links.values()}
    if len(every) > 1:
        text = f"{knob.write(min(every)).split()[0]}–{knob.write(max(every))}"
    place = None
    if knob.slides:
        high = float(knob.steps[-1]) or 1.0
        # Of a range that spans powers of ten, the slider shows the power.
        place = log(1 + 20 * min(1.0, value / high)) / log(21)
    changed = (plan.link, plan.links) != (usual.link, usual.links) and value != knob.get(usual)
    return Setting(knob.name, knob.title, text, knob.write(value), place, changed)


def changes(plan: Plan, usual: Plan) -> str:
    """What of the settings is not as the scenario says: "RTT 40 ms, seed 3"."""
    return ", ".join(f"{s.title} {s.shown}" for s in settings(plan, usual) if s.changed)
