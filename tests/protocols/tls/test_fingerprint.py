"""JA4 of known programs, by the lists published with them; tshark is the witness for JA3."""

from __future__ import annotations

import pytest

from wirestep.protocols.tls.facts import Facts
from wirestep.protocols.tls.fingerprint import ja3, ja3s, ja4, ja4_raw

SUITES = "1301 1302 1303 c02b c02f c02c c030 cca9 cca8 c013 c014 009c 009d 002f 0035"
SCHEMES = "0403 0804 0401 0503 0805 0501 0806 0601"


def numbers(text: str) -> list[int]:
    return [int(number, 16) for number in text.split()]


def hello(extensions: str, protocols: list[str]) -> Facts:
    facts = Facts(1, 0x0303)
    facts.suites = [0x3A3A, *numbers(SUITES)]
    facts.extensions = [0xCACA, *numbers(extensions), 0x1A1A]
    facts.schemes, facts.protocols = numbers(SCHEMES), protocols
    facts.versions = [0x2A2A, 0x0304, 0x0303]
    return facts


CHROME = "001b 0000 0033 0010 4469 0017 002d 000d 0005 0023 0012 002b ff01 000b 000a 0015"
OPERA = "fe0d 0033 ff01 0017 001b 000a 0000 0010 0005 002b 002d 0012 000b 44cd 000d 0023"


@pytest.mark.parametrize(
    ("extensions", "line"),
    [
        (CHROME, "t13d1516h2_8daaf6152771_e5627efa2ab1"),
        (OPERA, "t13d1516h2_8daaf6152771_d8a2da3f94cd"),
    ],
)
def test_browsers(extensions: str, line: str) -> None:
    assert ja4(hello(extensions, ["h2", "http/1.1"])) == line


def test_the_lists_are_sorted() -> None:
    assert ja4_raw(hello("0012 0000 000b 0010", ["h2"])) == (
        "t13d1504h2_002f,0035,009c,009d,1301,1302,1303,c013,c014,c02b,c02c,c02f,c030,cca8,cca9"
        "_000b,0012_0403,0804,0401,0503,0805,0501,0806,0601"
    )


@pytest.mark.parametrize(
    ("protocols", "ends"),
    [
        ([], "00"),
        ([""], "00"),
        (["h2"], "h2"),
        (["http/1.1"], "h1"),
        (["\xab"], "cb"),
        (["0"], "00"),
    ],
)
def test_ends_of_the_first_protocol(protocols: list[str], ends: str) -> None:
    assert ja4(hello("0010", protocols)).split("_")[0] == f"t13i1501{ends}"


def test_a_hello_without_anything() -> None:
    facts = Facts(1, 0x0303)
    assert ja4(facts) == "t12i000000_000000000000_000000000000"
    assert ja3(facts) == "771,,,,"
    assert ja3s(facts) == "771,,"
