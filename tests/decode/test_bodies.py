"""Bodies with a build of their own, against tshark and against Python's json."""

from __future__ import annotations

import json
from email.parser import BytesParser
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from frames import tcp_records, tshark_fields
from hypothesis import given
from hypothesis import strategies as st
from trees import check_names, check_tree

from wirestep.decode import bodies_form, bodies_json, bodies_multipart
from wirestep.decode.bodies import read_body
from wirestep.decode.cursor import Cursor
from wirestep.decode.engine import Engine
from wirestep.model import Field, Message, Side, Source, Value
from wirestep.protocols import REGISTRY

JSON = (
    b' {"a": 1, "b": [true, false, null, -1.5e3, "x\\"y", "\xc3\xa9"], "c": {"d": {}, "e": []},'
    b'\r\n\t"deep": [[[{"k": "v"}]]] }\n'
)
FORM = b"a=1&b+c=%20two&empty=&%C3%A9=%3D&novalue"
MULTIPART = (
    b'pre\r\n--X+X\r\nContent-Disposition: form-data; name="f"\r\n\r\nhello\r\n--X+X\r\n'
    b'Content-Type: application/json\r\nX-Other: 1\r\n\r\n{"k":2}\r\n--X+X--\r\ntrail'
)
KINDS = {
    b"application/json; charset=utf-8": JSON,
    b"application/problem+json": b'{"title":"none"}',
    b"application/x-www-form-urlencoded": FORM,
    b'multipart/form-data; boundary="X+X"': MULTIPART,
}
NAMES = (
    "json.key",
    "json.member",
    "json.value.string",
    "json.value.number",
    "urlencoded-form.key",
    "urlencoded-form.value",
    "mime_multipart.type",
    "mime_multipart.header.content-type",
)


def tree(data: bytes, kind: str) -> Field:
    cursor = Cursor(Source("Body", data))
    read_body(cursor, "http.file_data", len(data), kind)
    root = cursor.finish("body")
    if len(data) < 10_000:  # the check takes the square of it
        check_tree(root, data)
    check_names(root, REGISTRY)
    return root


def values(root: Field, name: str) -> list[Value]:
    return [field.value for field in root.walk() if field.name == name]


def notes(root: Field) -> list[str]:
    return [f"{note.level}: {note.text}" for field in root.walk() for note in field.notes]


def posted(kind: bytes, body: bytes) -> bytes:
    head = b"POST /x HTTP/1.1\r\nHost: h\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
    return head % (kind, len(body)) + body


def test_the_same_values_as_tshark(tmp_path: Path) -> None:
    turns = [(Side.CLIENT, posted(kind, body)) for kind, body in KINDS.items()]
    records = tcp_records(turns, 80)
    engine = Engine(REGISTRY)
    for record, said in zip(records, tshark_fields(records, NAMES, tmp_path), strict=True):
        found: dict[str, list[str]] = {name: [] for name in NAMES}
        for message in engine.feed(record, full=True):
            for field in roots(message):
                if field.name in found:
                    found[field.name].append(REGISTRY.info(field.name).plain(field.value))
        # tshark puts a member's value before its name
        for name in NAMES:
            assert sorted(found[name]) == sorted(said[name]), (record.number, name)


def roots(message: Message) -> list[Field]:
    assert message.root is not None
    return list(message.root.walk())


def rebuilt(node: Field) -> object:
    """What a tree says, as Python's json gives it."""
    inner = [child for child in node.children if child.name != "json.bracket"]
    match node.name:
        case "json.object":
            return {str(one.value): rebuilt(one.children[1]) for one in inner}
        case "json.array":
            return [rebuilt(one) for one in inner]
        case "json.value.number":
            return json.loads(str(node.value))
        case "json.value.string":
            return node.value
    return {"json.value.true": True, "json.value.false": False, "json.value.null": None}[node.name]


def text_of(data: bytes) -> object:
    [top] = tree(data, "application/json").children
    [value] = [child for child in top.children if child.name != "json.space"]
    return rebuilt(value)


PLAIN = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | PLAIN,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(PLAIN, inner, max_size=4),
    max_leaves=20,
)


@given(value=ANY, indent=st.sampled_from([None, 0, 3]), ascii_=st.booleans())
def test_any_value_reads_as_python_reads_it(
    value: object, indent: int | None, ascii_: bool
) -> None:
    data = json.dumps(value, indent=indent, ensure_ascii=ascii_).encode()
    assert text_of(data) == value


@given(data=st.binary(max_size=60), kind=st.sampled_from([kind.decode() for kind in KINDS]))
def test_any_bytes_are_read_to_their_end(data: bytes, kind: str) -> None:
    tree(data, kind)
    tree(b"--X+X\r\n" + data + b"\r\n--X+X", kind)
    tree(b'{"a":[' + data, kind)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'{"a": 1', "broken: it ends too early"),
        (b'{"a" 1}', "broken: a colon is missing"),
        (b"[1 2]", "broken: a comma is missing"),
        (b"[1,]", "broken: a comma with nothing behind it"),
        (b'["x', "broken: a string that does not end"),
        (b"{a: 1}", "broken: no name starts here"),
        (b"[nope]", "broken: no JSON value starts here"),
        (b"{} {}", "broken: more behind the end of the JSON text"),
        (b"", None),
    ],
)
def test_what_is_broken_is_told(data: bytes, said: str | None) -> None:
    assert notes(tree(data, "application/json")) == ([] if said is None else [said])
    with pytest.raises(json.JSONDecodeError):
        json.loads(data)


def test_what_was_read_before_stands() -> None:
    root = tree(b'{"a": {"b": "c"}, "d": [1, 2, oh no', "application/json")
    assert values(root, "json.key") == ["a", "b", "d"]
    assert values(root, "json.value.number") == ["1", "2"]
    assert values(root, "json.rest") == ["oh no"]


def test_half_a_pair_of_surrogates_can_be_printed() -> None:
    [value] = values(tree(b'["\\ud83d"]', "application/json"), "json.value.string")
    assert str(value).encode() == b"\\ud83d"


def test_depth_and_count_are_bounded() -> None:
    deep = tree(b"[" * 100_000, "application/json")
    assert notes(deep) == [f"odd: over {bodies_json.MAX_DEPTH} levels"]
    many = tree(b"[" + b"1," * 50_000 + b"1]", "application/json")
    assert len(values(many, "json.value.number")) == bodies_json.MAX_VALUES - 1
    assert len(notes(many)) == 1
    form = tree(b"a=1&" * 50_000, "application/x-www-form-urlencoded")
    assert len(values(form, "urlencoded-form.key")) == bodies_form.MAX_ITEMS
    parts = tree(b"--B\r\n\r\nx\r\n" * 5_000 + b"--B--", "multipart/mixed; boundary=B")
    assert len(values(parts, "mime_multipart.part")) == bodies_multipart.MAX_PARTS


def test_a_form_as_python_reads_it() -> None:
    root = tree(FORM, "application/x-www-form-urlencoded")
    keys, said = values(root, "urlencoded-form.key"), values(root, "urlencoded-form.value")
    assert list(zip(keys, said, strict=True)) == parse_qsl(FORM.decode(), keep_blank_values=True)


def test_parts_as_the_mail_library_reads_them() -> None:
    kind = "multipart/form-data; boundary=X+X"
    mail = BytesParser().parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + MULTIPART)
    root = tree(MULTIPART, kind)
    parts = [part.get_payload(decode=True) for part in mail.walk() if not part.is_multipart()]
    assert parts == [str(text).encode() for text in values(root, "mime_multipart.text")]
    assert values(root, "mime_multipart.preamble") == [f"{mail.preamble}\r\n".encode()]
    assert values(root, "json.key") == ["k"]


def test_parts_within_parts_end() -> None:
    body = b"x"
    for depth in range(10):
        head = b"--%d\r\nContent-Type: multipart/mixed; boundary=%d\r\n\r\n" % (depth, depth - 1)
        body = head + body + b"\r\n--%d--" % depth
    root = tree(body, "multipart/mixed; boundary=9")
    assert len(values(root, "mime_multipart.part")) == 5
