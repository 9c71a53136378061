"""URLs as people type them."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from wirestep.session.driving_url import BadUrl, is_url, read_url


@pytest.mark.parametrize(
    ("text", "host", "port", "target"),
    [
        ("https://example.org", "example.org", None, "/"),
        ("https://Example.org:8443/a/b?c=d&e=%20f#part", "example.org", 8443, "/a/b?c=d&e=%20f"),
        ("http://[::1]:80/x", "::1", 80, "/x"),
        ("wss://[2001:db8::1]", "2001:db8::1", None, "/"),
        ("https://127.0.0.1?q", "127.0.0.1", None, "/?q"),
        ("dns:///example.org?type=AAAA", "", None, "/example.org?type=AAAA"),
        ("https://bücher.example/straße", "xn--bcher-kva.example", None, "/stra%C3%9Fe"),
        ("tcp://a_b.example:7", "a_b.example", 7, "/"),
    ],
)
def test_what_a_url_names(text: str, host: str, port: int | None, target: str) -> None:
    assert is_url(text)
    url = read_url(text)
    assert (url.host, url.port, url.target) == (host, port, target)
    plain = urlsplit(text)
    assert url.scheme == plain.scheme
    if text.isascii():
        assert (url.host, url.port) == (plain.hostname or "", plain.port)


@pytest.mark.parametrize(
    ("text", "why", "place"),
    [
        ("https://exa mple/", "no URL has", 11),
        ("https://a/\x1b[31m", "no URL has", 10),
        ("https://[::1/", "not closed", 8),
        ("https://[::1]x/", "after the bracket", 13),
        ("https://[12]/", "no IPv6 address", 9),
        ("https://::1/", "stands in brackets", 8),
        ("https://a:0/", "from 1 to 65535", 10),
        ("https://a:65536/", "from 1 to 65535", 10),
        ("https://a:9x/", "from 1 to 65535", 10),
        ("https://a:/", "from 1 to 65535", 10),
        ("https://me:pw@a/", "Authorization", 8),
        ("https://a..b/", "name of a host", 8),
        ("https://-a/", "name of a host", 8),
        ("https://" + "a" * 64, "name of a host", 8),
        ("https://" + "ü" * 70, "name of a host", 8),
    ],
)
def test_what_is_wrong_and_where(text: str, why: str, place: int) -> None:
    with pytest.raises(BadUrl, match=why) as caught:
        read_url(text)
    _, line, mark = str(caught.value).split("\n")
    assert mark.index("^") == 2 + place
    assert "\x1b" not in line


@pytest.mark.parametrize("text", ["a.pcap", "/a/b://c", "://x", "1x://a", "-H", "C:\\x"])
def test_what_is_no_url(text: str) -> None:
    assert not is_url(text)


def test_the_port_is_named_where_it_is_not_the_usual_one() -> None:
    assert read_url("https://a:443/").authority(443) == "a"
    assert read_url("https://a:444/").authority(443) == "a:444"
    assert read_url("https://[::1]:444/").authority(443) == "[::1]:444"
