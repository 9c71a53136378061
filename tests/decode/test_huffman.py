"""The Huffman code against RFC 7541 and hpack."""

from __future__ import annotations

import pytest
from hpack.huffman import HuffmanEncoder
from hpack.huffman_constants import REQUEST_CODES, REQUEST_CODES_LENGTH
from hypothesis import given
from hypothesis import strategies as st

from wirestep.decode.huffman import unpacked

ENCODER = HuffmanEncoder(REQUEST_CODES, REQUEST_CODES_LENGTH)


@pytest.mark.parametrize(
    ("coded", "said"),
    [
        ("f1e3c2e5f23a6ba0ab90f4ff", "www.example.com"),
        ("a8eb10649cbf", "no-cache"),
        ("25a849e95ba97d7f", "custom-key"),
        ("25a849e95bb8e8b4bf", "custom-value"),
        ("d07abe941054d444a8200595040b8166e082a62d1bff", "Mon, 21 Oct 2013 20:13:21 GMT"),
        ("9d29ad171863c78f0b97c8e9ae82ae43d3", "https://www.example.com"),
        ("", ""),
    ],
)
def test_strings_of_rfc_7541_appendix_c(coded: str, said: str) -> None:
    assert unpacked(bytes.fromhex(coded)) == (said.encode(), "")


@given(st.binary(max_size=400))
def test_what_hpack_packs(data: bytes) -> None:
    assert unpacked(ENCODER.encode(data)) == (data, "")


def test_every_octet() -> None:
    assert unpacked(ENCODER.encode(bytes(range(256)))) == (bytes(range(256)), "")


def test_padding_must_be_the_start_of_eos_and_short() -> None:
    assert unpacked(b"\x1f") == (b"a", "")  # 00011 and three ones
    said, fault = unpacked(b"\x18")
    assert (said, "padding" in fault) == (b"a", True)
    said, fault = unpacked(b"\xf8\xff")  # a code of eight bits, then eight ones
    assert (said, "padding" in fault) == (b"&", True)
    said, fault = unpacked(b"\x1f\xff")
    assert (said, "padding" in fault) == (b"a", True)


def test_eos_may_not_be_said() -> None:
    said, fault = unpacked(b"\x1f\xff\xff\xff\xff")
    assert said == b"a"
    assert fault.startswith("EOS")
