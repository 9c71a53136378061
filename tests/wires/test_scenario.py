"""Scenario files: what they may say, and how it is told that they say something wrong."""

from __future__ import annotations

import subprocess
import sys

import pytest

from wirestep.wires import units
from wirestep.wires.contract import MS, Link
from wirestep.wires.scenario import Scenario, load, parse, shelf

PLAIN = """
title = "A title"
shows = "Something."
[[link]]
rtt = "40ms"
[[host]]
name = "client"
[[host]]
name = "server"
called = "lab.test"
[[host.serve]]
scheme = "tcp"
[[errand]]
scheme = "tcp"
"""


def test_what_is_not_said_is_as_usual() -> None:
    scenario = parse(PLAIN, "plain")
    assert (scenario.name, scenario.title, scenario.hosts) == (
        "plain",
        "A title",
        ("client", "server"),
    )
    assert scenario.link == Link(delay=20 * MS)
    assert [part.addresses for part in scenario.parts] == [("192.0.2.10",), ("192.0.2.20",)]
    assert scenario.stack == ("tcp",)
    (errand,) = scenario.errands
    assert (errand.to, errand.wanted) == (("server", 7), "lab.test")


WRONG = {
    "no TOML": ("title = ", "plain: Invalid value"),
    "a key that is not known": (
        PLAIN.replace("rtt", "rt"),
        "plain: link: rt: there is no such key; is 'rtt' meant?",
    ),
    "a key of the file": ("colour = 1\n" + PLAIN, "plain: colour: there is no such key; there are"),
    "no title": (PLAIN.replace("title", "titel"), "plain: title: is missing"),
    "a time without its unit": (
        PLAIN.replace('"40ms"', "40"),
        "plain: link: rtt: 40 is no time: a number and ns, us, ms, s or min",
    ),
    "a share above 1": (
        PLAIN.replace('rtt = "40ms"', 'loss = "120%"'),
        "plain: link: loss: '120%' is not between 0 and 1",
    ),
    "an MTU that IP does not allow": (
        PLAIN.replace('rtt = "40ms"', "mtu = 20"),
        "plain: link: mtu: 20 is not between 68 and 65535",
    ),
    "one host": (PLAIN.replace('name = "server"', 'name = "client"'), "plain: host: there must be"),
    "an address that is none": (
        PLAIN.replace('name = "client"', 'name = "client"\naddress = "1.2.3"'),
        "plain: host 1: address: '1.2.3' does not appear to be an IPv4 or IPv6 address",
    ),
    "a scheme that is not known": (
        PLAIN.replace('scheme = "tcp"', 'scheme = "gopher"'),
        "plain: host 2, serve: scheme: 'gopher' is no scheme; there are http, https",
    ),
    "a version that is not known": (
        PLAIN + 'version = "9"\n',
        "plain: errand: scheme: tcp has no version '9'",
    ),
    "a stack without a transport": (
        PLAIN.replace(
            '[[errand]]\nscheme = "tcp"', '[[errand]]\nstack = ["tls", "http1"]\nport = 1'
        ),
        "plain: errand: stack: ['tls', 'http1'] is no stack: it begins with tcp or udp",
    ),
    "a layer that nobody knows": (
        PLAIN.replace(
            '[[errand]]\nscheme = "tcp"', '[[errand]]\nstack = ["tcp", "smtp"]\nport = 1'
        ),
        "plain: errand: stack: 'smtp' is no protocol that can be driven",
    ),
    "a host that is not there": (
        PLAIN + 'to = "elsewhere"\nfrom = "nobody"\n',
        "plain: errand: from: there is no host 'nobody'",
    ),
    "a fate that is none": (
        PLAIN + '[[fault]]\nfate = "forget"\npacket = 1\n',
        "plain: fault: fate: 'forget' is none of deliver, drop",
    ),
    "a fault that strikes nothing": (
        PLAIN + '[[fault]]\nfate = "drop"\n',
        "plain: fault: packet: there must be this or match",
    ),
    "a swap that would change the length": (
        PLAIN + '[[fault]]\nfate = "edit"\npacket = 1\nswap = ["a", "bc"]\n',
        "plain: fault: swap: there must be two texts of one length",
    ),
    "an option of TCP": (
        PLAIN.replace('name = "client"', 'name = "client"\ntcp = { windows = 9 }'),
        "plain: host 1: tcp: there is no 'windows'; there are ",
    ),
    "an identity": (
        PLAIN.replace('name = "client"', 'name = "client"\nidentity = "forged"'),
        "plain: host 1: identity: 'forged' is none of ed25519",
    ),
}


@pytest.mark.parametrize(("content", "told"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_told_by_file_and_key(content: str, told: str) -> None:
    with pytest.raises(ValueError, match=r"^plain: ") as raised:
        parse(content, "plain")
    assert str(raised.value).startswith(told)


def test_a_scenario_of_one_s_own(tmp_path: object) -> None:
    path = f"{tmp_path}/own.toml"
    with open(path, "w") as file:
        file.write(PLAIN)
    assert load(path).title == "A title"
    with pytest.raises(ValueError, match="No such file"):
        load(f"{tmp_path}/other.toml")
    with pytest.raises(ValueError, match="there is no scenario 'nothing'"):
        load("nothing")


def scenario() -> Scenario:
    return load("tls13-full")


def test_what_the_user_wants_otherwise() -> None:
    plan = scenario().plan({"rtt": "10ms", "loss": "2%", "rate": "2mbit", "seed": 9, "mtu": 1400})
    assert plan.link == Link(delay=5 * MS, loss=0.02, rate=2_000_000, mtu=1400)
    assert plan.seed == 9


@pytest.mark.parametrize(
    ("overrides", "told"),
    [
        ({"rt": "1ms"}, "rt: there is no such key; is 'rtt' meant?"),
        ({"rtt": "soon"}, "rtt: 'soon' is no time"),
        ({"version": "5"}, "https has no version '5'; there are 1.1, 2, 3"),
        ({"options": 5}, "options: 5 is no table"),
        ({"seed": "x"}, "seed: 'x' is no whole number"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_wishes_that_cannot_be(overrides: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match="^" + told.split("'")[0].split(";")[0]):
        scenario().plan(overrides)


def test_another_version_and_other_requests() -> None:
    run = scenario().start(overrides={"version": "3", "requests": ["/bytes/100"], "options": {}})
    run.run()
    assert [len(response.body) for response in run.responses] == [100]
    assert run.journeys[0].data[9] == 17  # UDP


def test_a_list_of_scenarios_needs_no_engine() -> None:
    """The home screen lists them: neither OpenSSL nor aioquic may be loaded for that."""
    code = (
        "import sys; from wirestep.wires.scenario import shelf; shelf();"
        "print(*sorted({'aioquic', 'OpenSSL', 'h2', 'h11', 'dns'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
    assert shelf()


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (units.nanoseconds, "280ms", 280 * MS),
        (units.nanoseconds, "1.5 s", 1500 * MS),
        (units.nanoseconds, "7us", 7000),
        (units.nanoseconds, 0, 0),
        (units.share, "2%", 0.02),
        (units.share, 0.5, 0.5),
        (units.share, "0.5", 0.5),
        (units.rate, "2mbit", 2_000_000),
        (units.rate, "64 kbit/s", 64_000),
        (units.rate, 0, 0),
        (units.count, "64kib", 65_536),
        (units.count, 7, 7),
    ],
)
def test_quantities(read: object, text: object, value: float) -> None:
    assert read(text) == value


@pytest.mark.parametrize(
    ("read", "text"),
    [
        *((units.nanoseconds, text) for text in ("5", "ms", "-1ms", "5 weeks", 5, None, "")),
        *((units.share, text) for text in ("2", "-1%", "x", True, None)),
        *((units.rate, text) for text in ("10", "fast", -1)),
        *((units.count, text) for text in (-1, 1.5, "many", True)),
    ],
)
def test_what_is_no_quantity(read: object, text: object) -> None:
    with pytest.raises(ValueError, match="is n"):
        read(text)
