"""Two wires, one story: the same endpoints say the same, on the virtual wire and on sockets."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from peering import drive, place, serving

from wirestep.session import Session
from wirestep.session.driving_lab import Plan
from wirestep.wires.scenario import load
from wirestep.wires.tap import capture, log

STORIES = {
    "http1-keep-alive": "",
    "http1-chunked": "",
    "tls12-full": "1.1",
    "tls13-full": "1.1",
    "http2-page": "2",
    "http3-1rtt": "",
    "websocket-echo": "",
    "dns-simple": "",
    "dns-cname": "",
}
"""By scenario: the version that its client speaks."""


def story(session: Session) -> dict[str, list[str]]:
    """By side: what it said, message after message."""
    session.settle()
    drawn = session.ladder(None)
    while drawn is None:
        session.settle()
        drawn = session.ladder(None)
    steps = [step for step in drawn.steps if step.level == "message"]
    opener = next(step.sender for step in steps)
    told: dict[str, list[str]] = {"client": [], "server": []}
    for step in steps:
        told["client" if step.sender == opener else "server"].append(step.label)
    return told


@pytest.mark.parametrize("name", STORIES)
async def test_the_same_messages_on_both_wires(name: str, tmp_path: Path) -> None:
    scenario = load(name)
    run = scenario.start()
    run.run()
    assert run.outcome.error == ""
    virtual = Session(capture(run, "client"))
    virtual.secrets.add(log(run))
    virtual.load()

    [errand] = scenario.errands
    async with serving(Plan(root=str(tmp_path / "root.pem"), infer=True)) as lab:
        # The lab has HTTP/3 where it has HTTPS.
        _, at = place(lab, "https" if errand.scheme == "h3" else errand.scheme)
        driving = await asyncio.to_thread(
            drive,
            f"{errand.scheme}://{at}/",
            *errand.requests,
            version=STORIES[name],
            options={**errand.options, "roots": Path(lab.root).read_bytes()},
            infer=True,
        )
    assert driving.error == ""
    assert story(driving.session) == story(virtual)
