"""Colours: two palettes for true colour, two for sixteen colours, and styles made from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from rich.color import Color
from rich.style import Style
from textual.app import App
from textual.theme import Theme


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one look, as "#rrggbb"."""

    name: str
    dark: bool
    fg: str
    dim: str
    faint: str
    bg: str
    panel: str
    sel: str
    """Background of the selected line."""
    selfg: str
    acc: str
    warn: str
    """Held, or now."""
    bad: str
    """Lost, or broken."""
    good: str
    """Done, or right."""
    hl: str
    """Background of the selected bytes."""
    hlfg: str
    hues: Mapping[str, str]
    """By the name of a hue; a protocol keeps its hue everywhere."""
    tint: float
    """How much of its hue the background of a badge takes; 0 where colours cannot be mixed."""

    def hue(self, name: str) -> str:
        """The colour of a hue; grey for a name that is not known."""
        return self.hues.get(ALIASES.get(name, name), self.hues["grey"])

    def badge(self, name: str, over: str) -> str:
        """The background of a badge of this hue on the background `over`."""
        return mix(over, self.hue(name), self.tint) if self.tint else over


HUES = ("blue", "violet", "teal", "yellow", "orange", "green", "grey", "pink")
ALIASES = {
    "purple": "violet",
    "mauve": "violet",
    "magenta": "violet",
    "cyan": "teal",
    "gold": "yellow",
    "amber": "orange",
    "red": "pink",
    "gray": "grey",
    "": "grey",
}
LANES = ("blue", "violet", "teal", "green", "yellow", "orange", "pink", "grey")
"""Hues of lifelines, from left to right."""


def _hues(*colours: str) -> Mapping[str, str]:
    return MappingProxyType(dict(zip(HUES, colours, strict=True)))


DARK = Palette(
    name="dark",
    dark=True,
    fg="#cdd6f4",
    dim="#7f849c",
    faint="#45475a",
    bg="#11111b",
    panel="#181825",
    sel="#313a5a",
    selfg="#ffffff",
    acc="#89b4fa",
    warn="#f9e2af",
    bad="#f38ba8",
    good="#a6e3a1",
    hl="#f9e2af",
    hlfg="#11111b",
    hues=_hues(
        "#8aadf4", "#c6a0f6", "#8bd5ca", "#eed49f", "#f5a97f", "#a6da95", "#b8c0e0", "#f5bde6"
    ),
    tint=0.2,
)
LIGHT = Palette(
    name="light",
    dark=False,
    fg="#33374c",
    dim="#6b7088",
    faint="#a9aec2",
    bg="#fafafc",
    panel="#f0f1f6",
    sel="#cfdcfb",
    selfg="#10131f",
    acc="#1e5fd0",
    warn="#9a6700",
    bad="#c21f4b",
    good="#2b7a2b",
    hl="#ffd84d",
    hlfg="#111111",
    hues=_hues(
        "#1e66c8", "#7a35c9", "#0f7f78", "#9a6700", "#b9521a", "#2f7d1e", "#5b6180", "#b0308f"
    ),
    tint=0.2,
)
DARK16 = Palette(
    name="dark16",
    dark=True,
    fg="#aaaaaa",
    dim="#aaaaaa",
    faint="#555555",
    bg="#000000",
    panel="#000000",
    sel="#0000aa",
    selfg="#ffffff",
    acc="#55ffff",
    warn="#ffff55",
    bad="#ff5555",
    good="#55ff55",
    hl="#aa5500",
    hlfg="#ffffff",
    hues=_hues(
        "#55ffff", "#ff55ff", "#00aaaa", "#ffff55", "#aa5500", "#55ff55", "#aaaaaa", "#aa00aa"
    ),
    tint=0.0,
)
LIGHT16 = Palette(
    name="light16",
    dark=False,
    fg="#000000",
    dim="#555555",
    faint="#aaaaaa",
    bg="#ffffff",
    panel="#ffffff",
    sel="#aaaaaa",
    selfg="#000000",
    acc="#0000aa",
    warn="#aa5500",
    bad="#aa0000",
    good="#00aa00",
    hl="#ffff55",
    hlfg="#000000",
    hues=_hues(
        "#0000aa", "#aa00aa", "#00aaaa", "#aa5500", "#aa0000", "#00aa00", "#555555", "#ff55ff"
    ),
    tint=0.0,
)
DARK_THEME, LIGHT_THEME = "wirestep-dark", "wirestep-light"


def palette(app: App[Any]) -> Palette:
    """The palette that fits the theme and the colours of the terminal."""
    dark, light = looks(app)
    return dark if app.current_theme.dark else light


def looks(app: App[Any]) -> tuple[Palette, Palette]:
    """The dark and the light palette for the colours of the terminal."""
    few = app.console.color_system in ("standard", "windows")
    return (DARK16, LIGHT16) if few else (DARK, LIGHT)


def theme(look: Palette) -> Theme:
    """The theme for the widgets that are not ours."""
    return Theme(
        name=DARK_THEME if look.dark else LIGHT_THEME,
        primary=look.acc,
        secondary=look.hue("violet"),
        accent=look.acc,
        warning=look.warn,
        error=look.bad,
        success=look.good,
        foreground=look.fg,
        background=look.bg,
        surface=look.bg,
        panel=look.panel,
        dark=look.dark,
        variables={
            "border-blurred": look.faint,
            "scrollbar": look.faint,
            "scrollbar-background": look.bg,
            "scrollbar-hover": look.acc,
            "scrollbar-active": look.acc,
            "scrollbar-background-hover": look.bg,
            "scrollbar-background-active": look.bg,
            "scrollbar-corner-color": look.bg,
        },
    )


@lru_cache(4096)
def mix(first: str, second: str, share: float) -> str:
    """The colour that lies `share` of the way from the first to the second."""
    pairs = zip(_parts(first), _parts(second), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _parts(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))


@lru_cache(8192)
def style(
    fg: str, bg: str, *, bold: bool = False, italic: bool = False, underline: bool = False
) -> Style:
    """A style with both colours set: without them a terminal without colours fails."""
    return Style(
        color=Color.parse(fg),
        bgcolor=Color.parse(bg),
        bold=bold or None,
        italic=italic or None,
        underline=underline or None,
    )


BADGES = MappingProxyType(
    {
        "TCP": "blue",
        "UDP": "blue",
        "TLS": "violet",
        "h1": "teal",
        "h2": "teal",
        "DNS": "yellow",
        "QUIC": "orange",
        "h3": "orange",
        "gRPC": "green",
        "WS": "pink",
        "HTTP1": "teal",
        "HTTP2": "teal",
        "HTTP/1.1": "teal",
        "HTTP/2": "teal",
        "HTTP3": "orange",
        "HTTP/3": "orange",
        "WEBSOCKET": "pink",
        "WebSocket": "pink",
    }
)
"""Hues of badges, by what the index of captures, scenarios and panels call the protocols."""


def badge_hue(name: str) -> str:
    """The hue of a badge; grey for what has none of its own."""
    return BADGES.get(name, "grey")
