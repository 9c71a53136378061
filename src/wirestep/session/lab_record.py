"""What passed on a wire as a capture: to look into, or to save."""

from __future__ import annotations

import numpy as np

from wirestep.timeline.plots_tcp import Window
from wirestep.timeline.scale import Way
from wirestep.wires import tap
from wirestep.wires.contract import START
from wirestep.wires.run import Run

from .session import Session


def session_of(run: Run, name: str, place: str) -> Session:
    """An ended capture of what was seen at a place by now, with the run's secrets.

    `place` is "wire", or the name of a host. Raises ValueError where there is no such host.
    """
    capture = tap.capture(run, place)
    capture.name = f"{name}, seen on the wire" if place == tap.WIRE else f"{name}, seen by {place}"
    capture.learn(tap.log(run))
    session = Session(capture)
    session.ways = {at: Way(*way, known=True) for at, way in enumerate(tap.ways(run, place))}
    session.windows = {
        ends: Window(
            np.array([START + point.time for point in points], np.int64),
            np.array([point.cwnd for point in points], np.int64),
        )
        for host in run.hosts
        for ends, points in host.histories.items()
    }
    return session


def save(run: Run, path: str, place: str) -> int:
    """Write it as pcapng, with the secrets, readable by its owner only; how many packets.

    Raises:
        OSError: the file cannot be written. ValueError: there is no such host.
    """
    return tap.save(run, path, place)
