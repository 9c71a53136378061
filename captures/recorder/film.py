"""One scene from an empty stage to the finished pcapng and its entry in the index."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from recorder.index import Entry
from recorder.network import Network
from recorder.pcapng import Packet, read_pcap, write_pcapng
from recorder.scene import Scene
from recorder.stage import KEY_LOG, RAW, Stage

NEEDED = ("ip", "ss", "ethtool", "tcpdump", "tshark")
INTERFACE = "eth0"


@dataclass(frozen=True, slots=True)
class Program:
    """How a program says its version, and which line and words of its answer to keep."""

    ask: tuple[str, ...]
    pick: Callable[[str], str]
    package: str = ""


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0].strip()


def _first_words(count: int) -> Callable[[str], str]:
    return lambda text: " ".join(_first_line(text).split()[:count])


def _chromium(text: str) -> str:
    return next(line for line in text.splitlines() if line.startswith("Chromium")).split(" built")[
        0
    ]


PROGRAMS = {
    "busybox": Program(("busybox",), _first_words(2), "busybox-static"),
    "chromium": Program(("chromium", "--version"), _chromium),
    "chronyd": Program(("chronyd", "--version"), lambda text: text.split(" (+")[0], "chrony"),
    "curl": Program(("curl", "--version"), _first_words(2)),
    "dig": Program(("dig", "-v"), _first_line, "bind9-dnsutils"),
    "dnsmasq": Program(("dnsmasq", "--version"), _first_words(3), "dnsmasq-base"),
    "named": Program(("named", "-v"), _first_words(2), "bind9"),
    "nghttp": Program(("nghttp", "--version"), _first_line, "nghttp2-client"),
    "nginx": Program(("nginx", "-v"), lambda text: _first_line(text).split(": ")[-1]),
    "openssl": Program(("openssl", "version"), _first_words(2)),
    "ping": Program(("ping", "-V"), _first_line, "iputils-ping"),
    "python": Program(("python3", "--version"), _first_line),
    "radvd": Program(("radvd", "--version"), _first_line),
    "traceroute": Program(("traceroute", "--version"), _first_line),
}


def missing(scenes: list[Scene]) -> list[str]:
    """Programs that the scenes need and this machine lacks, as words for the user."""
    wanted = {name for scene in scenes for name in scene.programs if name in PROGRAMS}
    lacking = []
    for name in (*NEEDED, *sorted(wanted)):
        package = PROGRAMS[name].package if name in PROGRAMS else ""
        if shutil.which(name) is None:
            lacking.append(f"{name} (package {package})" if package else name)
    modules = {name for scene in scenes for name in scene.programs if name not in PROGRAMS}
    lacking += [f"{name} (Python)" for name in sorted(modules) if find_spec(name) is None]
    return lacking


def film(scene: Scene, folder: Path) -> Entry:
    """Plays one scene and writes its capture into `folder`."""
    with (
        tempfile.TemporaryDirectory(prefix="wirestep-") as place,
        Network(
            scene.rtt_ms / 1000,
            scene.rate,
            neighbours_known=scene.neighbours_known,
            own_names=scene.own_names,
        ) as network,
    ):
        workshop = Path(place)
        with Stage(workshop, network.wire) as stage:
            scene.play(stage)
        _check_losses(stage)
        packets = _kept(workshop / RAW, scene.keep)
        keys = workshop / KEY_LOG
        secrets = keys.read_bytes() if keys.exists() else b""
        software = [*map(_version, scene.programs), _version_of_tcpdump()]
        path = folder / f"{scene.name}.pcapng"
        comment = _provenance(scene, software, stage.said)
        write_pcapng(path, packets, comment=comment, interface=INTERFACE, secrets=secrets)
    return {
        "name": scene.name,
        "file": path.name,
        "title": scene.title,
        "about": scene.about,
        "protocols": list(scene.protocols),
        "packets": len(packets),
        "bytes": path.stat().st_size,
        "rtt_ms": scene.rtt_ms,
        "round_trips": scene.round_trips,
        "wait_ms": scene.wait_ms,
        "answer": scene.answer,
        "software": software,
        "commands": stage.said,
    }


def _check_losses(stage: Stage) -> None:
    for loss in stage.wire.losses:
        if loss.lost != len(loss.places):
            raise RuntimeError(f"only {loss.lost} of {len(loss.places)} frames were lost")


def _kept(raw: Path, keep: str) -> list[Packet]:
    """Packets that match the display filter, in the order of their times."""
    packets = list(read_pcap(raw))
    if keep:
        command = ("tshark", "-n", "-r", str(raw), "-Y", keep, "-T", "fields", "-e", "frame.number")
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        packets = [packets[int(number) - 1] for number in done.stdout.split()]
    if not packets:
        raise RuntimeError("nothing was captured")
    return sorted(packets, key=lambda packet: packet.time)


def _version(name: str) -> str:
    """Name and version of a program or, where it is none that we know, of a Python package."""
    if name not in PROGRAMS:
        return f"{name} {version(name)}"
    program = PROGRAMS[name]
    done = subprocess.run(program.ask, capture_output=True, text=True, check=False)
    return program.pick(done.stdout + done.stderr)


def _version_of_tcpdump() -> str:
    done = subprocess.run(("tcpdump", "--version"), capture_output=True, text=True, check=False)
    return _first_words(3)(done.stdout + done.stderr)


def _provenance(scene: Scene, software: list[str], said: list[str]) -> str:
    path = f"Recorded by captures/make.py {scene.name} in network namespaces, at the client"
    wire = f"round trip {scene.rtt_ms} ms, {scene.rate / 1e6:g} Mbit/s, offloads off"
    commands = "\n".join(said)
    return f"{scene.about}\n\n{path}; {wire}.\nSoftware: {', '.join(software)}.\n{commands}"
