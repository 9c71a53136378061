"""What is noted of frames: final sizes against aioquic's, and what is given up."""

from __future__ import annotations

import pytest
from aioquic.quic.packet import QuicStreamFrame
from aioquic.quic.stream import FinalSizeError, QuicStreamReceiver
from hypothesis import given, settings
from hypothesis import strategies as st

from wirestep.decode.cursor import Cursor
from wirestep.model import Source
from wirestep.protocols.quic import frames
from wirestep.protocols.quic.frames import Told, read_frames


def notes(data: bytes, told: Told) -> list[str]:
    cursor = Cursor(Source("frames", data))
    read_frames(cursor, told)
    root = cursor.finish("quic.decrypted")
    return [note.text for field in root.walk() for note in field.notes]


FRAME = st.tuples(st.booleans(), st.integers(0, 9), st.integers(0, 4), st.booleans())


@settings(max_examples=150, deadline=None)
@given(st.lists(FRAME, max_size=6))
def test_final_sizes_as_aioquic_judges_them(said: list[tuple[bool, int, int, bool]]) -> None:
    """STREAM and RESET_STREAM frames in any order (RFC 9000 section 4.5)."""
    peer, told = QuicStreamReceiver(stream_id=0, readable=True), Told()
    for reset, offset, size, final in said:
        if peer.is_finished:
            break  # aioquic looks no further
        try:
            if reset:
                peer.handle_reset(final_size=offset)
            else:
                peer.handle_frame(QuicStreamFrame(data=bytes(size), fin=final, offset=offset))
            fine = True
        except FinalSizeError:
            fine = False
        if reset:
            data = bytes((4, 0, 0, offset))
        else:
            data = bytes((0x0E | final, 0, offset, size)) + bytes(size)
        found = [text for text in notes(data, told) if "FINAL_SIZE_ERROR" in text]
        assert bool(found) != fine
        if not fine:
            break


def test_sizes_are_forgotten_beyond_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "MAX_SIZES", 3)
    told = Told()
    for stream in range(9):
        notes(bytes((0x0A, 4 * stream, 1, 0)), told)
    assert list(told.sizes) == [24, 28, 32]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("1c 00 00 00", ""),
        ("1c 0a 06 00", "given up"),
        ("1c 0c 00 00", ""),
        ("1c 4128 06 00", "given up"),
        ("1d 00 00", ""),
        ("1d 4100 00", ""),
        ("1d 4102 00", "given up"),
        ("04 00 00 05", ""),
        ("04 00 410c 05", "given up"),
        ("05 00 4100", ""),
        ("05 00 410c", "given up"),
    ],
)
def test_what_is_given_up_with_an_error(data: str, said: str) -> None:
    told = notes(bytes.fromhex(data), Told())
    assert len(told) == bool(said)
    assert said in "".join(told)
