"""The site of the lab: requests in, answers out, no protocol."""

from __future__ import annotations

import gzip
import json
import struct
import zlib
from hashlib import sha256

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wirestep.exchange.contract import Request
from wirestep.exchange.site import METHODS, Answer, Site
from wirestep.exchange.site_pages import choose, digest, etag, pages

JSON = (("content-type", "application/json"),)
MS = 1_000_000


def ask(
    site: Site, method: str, target: str, *headers: tuple[str, str], body: bytes = b""
) -> Answer:
    return site.respond(Request(method, target, headers, body))


def fields(answer: Answer) -> dict[str, str]:
    return dict(answer.headers)


def test_the_page_names_what_belongs_to_it() -> None:
    answer = ask(Site(), "GET", "/")
    assert answer.status == 200
    assert answer.pushes == ("/style.css", "/app.js", "/logo.svg")
    page = answer.body.decode()
    for path, part in pages().items():
        if path not in ("/", "/about"):
            assert f'="{path}"' in page
            assert len(part.data) > 300
    links = [value for name, value in answer.headers if name == "link"]
    assert links[0] == "</style.css>; rel=preload; as=style"


@pytest.mark.parametrize("path", sorted(pages()))
def test_every_page_comes_whole_plain_and_coded(path: str) -> None:
    plain = ask(Site(), "GET", path)
    assert fields(plain)["content-length"] == str(len(plain.body))
    assert fields(plain)["repr-digest"] == digest(plain.body)
    for coding, opened in (("gzip", gzip.decompress), ("br", brotli.decompress)):
        coded = ask(Site(), "GET", path, ("accept-encoding", coding))
        if "content-encoding" in fields(coded):
            assert fields(coded)["content-encoding"] == coding
            assert opened(coded.body) == plain.body
            assert coding == "br" or coded.body[4:8] == bytes(4)  # no date: the same each time
            assert len(coded.body) < len(plain.body)
            assert fields(coded)["etag"] != fields(plain)["etag"]
        else:
            assert path == "/waves.png"
        assert fields(coded)["repr-digest"] == digest(coded.body)


def test_only_what_is_worth_it_is_coded() -> None:
    kind, coding = ("content-type", "text/plain"), ("accept-encoding", "gzip")
    for size, coded in ((100, False), (300, True), (262_144, True), (262_145, False)):
        answer = ask(Site(), "POST", "/echo", kind, coding, body=b"a" * size)
        assert ("content-encoding" in fields(answer)) == coded


def test_the_picture_is_a_picture() -> None:
    data = ask(Site(), "GET", "/waves.png").body
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, names, pixels = 8, [], b""
    while at < len(data):
        (size,) = struct.unpack_from(">I", data, at)
        name, content = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        assert struct.unpack_from(">I", data, at + 8 + size)[0] == zlib.crc32(name + content)
        names.append(name)
        pixels += content if name == b"IDAT" else b""
        at += size + 12
    assert names == [b"IHDR", b"PLTE", b"IDAT", b"IEND"]
    assert len(zlib.decompress(pixels)) == 120 * (320 + 1)


def test_what_did_not_change_is_not_sent_again() -> None:
    tag = fields(ask(Site(), "GET", "/style.css"))["etag"]
    again = ask(Site(), "GET", "/style.css", ("if-none-match", f'"other", {tag}'))
    assert (again.status, again.body) == (304, b"")
    assert fields(again)["etag"] == tag
    assert "content-length" not in fields(again)
    assert ask(Site(), "GET", "/style.css", ("if-none-match", '"other"')).status == 200


def test_head_says_what_get_would_and_sends_nothing() -> None:
    for path in ("/", "/users", "/bytes/1000", "/events", "/nowhere"):
        said, sent = ask(Site(), "HEAD", path), ask(Site(), "GET", path)
        assert (said.status, said.headers, said.body) == (sent.status, sent.headers, b"")


def test_users_can_be_added_changed_and_forgotten() -> None:
    site = Site()
    before = json.loads(ask(site, "GET", "/users").body)
    assert [user["id"] for user in before] == [1, 2, 3]
    added = ask(site, "POST", "/users", *JSON, body=b'{"name": "Grace Hopper", "born": 1906}')
    assert (added.status, fields(added)["location"]) == (201, "/users/4")
    assert json.loads(added.body) == {"id": 4, "name": "Grace Hopper", "born": 1906}
    changed = ask(site, "PATCH", "/users/4", *JSON, body=b'{"born": 1907}')
    assert json.loads(changed.body) == {"id": 4, "name": "Grace Hopper", "born": 1907}
    replaced = ask(site, "PUT", "/users/4", *JSON, body=b'{"name": "G. Hopper"}')
    assert json.loads(replaced.body) == {"id": 4, "name": "G. Hopper"}
    assert ask(site, "DELETE", "/users/4").status == 204
    assert ask(site, "GET", "/users/4").status == 404
    # Its number is not given again.
    assert json.loads(ask(site, "POST", "/users", *JSON, body=b'{"name": "x"}').body)["id"] == 5
    assert json.loads(ask(Site(), "GET", "/users").body) == before


def test_a_change_of_what_changed_meanwhile_is_refused() -> None:
    site = Site()
    tag = fields(ask(site, "GET", "/users/1"))["etag"]
    first = ask(site, "PATCH", "/users/1", *JSON, ("if-match", tag), body=b'{"born": 1}')
    second = ask(site, "PATCH", "/users/1", *JSON, ("if-match", tag), body=b'{"born": 2}')
    assert (first.status, second.status) == (200, 412)
    assert etag(ask(site, "GET", "/users/1").body) == fields(first)["etag"]


REFUSALS = [
    ("GET", "/nothing", (), b"", 404),
    ("GET", "/users/99", (), b"", 404),
    ("GET", "/users/x", (), b"", 404),
    ("GET", "/bytes/99999999999", (), b"", 404),
    ("GET", "/bytes/-1", (), b"", 404),
    ("GET", "//", (), b"", 404),
    ("DELETE", "/", (), b"", 405),
    ("PUT", "/users", JSON, b"{}", 405),
    ("POST", "/users/1", JSON, b"{}", 405),
    ("BREW", "/", (), b"", 501),
    ("POST", "/users", (), b'{"name": "x"}', 415),
    ("POST", "/users", JSON, b"{", 400),
    ("POST", "/users", JSON, b"[" * 100_000, 400),
    ("POST", "/users", JSON, b"[]", 422),
    ("POST", "/users", JSON, b'{"born": 1}', 422),
]


@pytest.mark.parametrize(
    ("method", "target", "headers", "body", "status"),
    REFUSALS,
    ids=[f"{one[0]}-{one[1].strip('/')}-{one[4]}-{len(one[3])}" for one in REFUSALS],
)
def test_what_cannot_be_done_is_refused_with_a_reason(
    method: str, target: str, headers: tuple[tuple[str, str], ...], body: bytes, status: int
) -> None:
    answer = ask(Site(), method, target, *headers, body=body)
    assert answer.status == status
    said = json.loads(answer.body)
    assert said["status"] == status
    assert said["title"].endswith(".")
    assert fields(answer)["content-length"] == str(len(answer.body))
    assert ("allow" in fields(answer)) == (status == 405)


def test_a_collection_that_strangers_add_to_has_an_end() -> None:
    site = Site()
    answers = [ask(site, "POST", "/users", *JSON, body=b'{"name": "x"}') for _ in range(1000)]
    assert [answer.status for answer in answers] == [201] * 997 + [507] * 3


def test_bytes_are_the_same_for_the_same_seed() -> None:
    first = ask(Site(seed=7), "GET", "/bytes/5000").body
    assert len(first) == 5000
    assert ask(Site(seed=7), "GET", "/bytes/5000").body == first
    assert ask(Site(seed=8), "GET", "/bytes/5000").body != first
    # shake_256 is not ours: the first bytes of its output do not depend on how many are asked.
    assert ask(Site(seed=7), "GET", "/bytes/100").body == first[:100]
    assert sha256(first).hexdigest()[:16] in fields(ask(Site(seed=7), "GET", "/bytes/5000"))["etag"]


def test_thinking_and_events_take_their_time() -> None:
    assert ask(Site(), "GET", "/slow?ms=250").think == 250 * MS
    assert ask(Site(), "GET", "/slow").think == 500 * MS
    assert ask(Site(think=3 * MS), "GET", "/").think == 3 * MS
    events = ask(Site(), "GET", "/events")
    assert [part.after for part in events.parts] == [0, *[200 * MS] * 4]
    assert "content-length" not in fields(events)
    assert events.body.count(b"\n\n") == 5


def test_options_name_the_methods() -> None:
    assert fields(ask(Site(), "OPTIONS", "/users"))["allow"] == "GET, HEAD, OPTIONS, POST"
    assert fields(ask(Site(), "OPTIONS", "*"))["allow"] == ", ".join(METHODS)


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("", ""),
        ("gzip", "gzip"),
        ("gzip, br", "br"),
        ("gzip;q=0.9, br;q=0.1", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("*", "br"),
        ("identity", ""),
        ("gzip;q=x", ""),
        ("br;q=0, gzip;q=0", ""),
    ],
)
def test_the_best_coding_that_is_accepted(accepted: str, coding: str) -> None:
    assert choose(accepted) == coding


@given(
    st.sampled_from([*METHODS, "TRACE", ""]),
    st.one_of(st.text(max_size=40), st.sampled_from(["/", "/users", "/users/1", "/bytes/3"])),
    st.lists(
        st.tuples(st.sampled_from(["accept-encoding", "content-type", "if-match"]), st.text())
    ),
    st.binary(max_size=40),
)
def test_whatever_is_asked_there_is_an_answer(
    method: str, target: str, headers: list[tuple[str, str]], body: bytes
) -> None:
    answer = Site().respond(Request(method, target, tuple(headers), body))
    assert 200 <= answer.status < 600
    assert all(name == name.lower() for name, _ in answer.headers)
