"""The first look at a file: the same packets that the session has, before it is there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from wirestep.protocols import registry
from wirestep.session import FirstLook, Session, Unreadable
from wirestep.session.plain import TRANSPORTS
from wirestep.session.shelf import bundled_folder

NAMES = {1: "icmp", 2: "igmp", 6: "tcp", 17: "udp", 58: "icmpv6"}


def captures() -> list[Path]:
    return sorted(bundled_folder().glob("*.pcapng"))


def test_labels_and_hues_are_those_of_the_cards() -> None:
    cards = registry({})
    assert NAMES.keys() == TRANSPORTS.keys()
    for number, name in NAMES.items():
        assert (cards[name].label, cards[name].hue) == TRANSPORTS[number]


@pytest.mark.parametrize("path", captures(), ids=lambda path: path.stem)
def test_packets_are_those_of_the_session(path: Path) -> None:
    first = FirstLook.open(str(path))
    assert first is not None
    session = Session.open(str(path))
    session.load()
    assert 0 < first.total <= session.total
    assert first.first_time == session.first_time
    for row in first.rows(0, first.count):
        same = session.row(row.record)
        assert (row.time, row.length, row.flow) == (same.time, same.length, same.flow)
        assert not row.settled
    first.close()
    session.close()


def test_columns_are_called_as_in_the_session() -> None:
    first, session = FirstLook.open(str(captures()[0])), Session.open(str(captures()[0]))
    assert first is not None
    for name in ("number", "time", "source", "info", "seq", "http.host"):
        assert first.column(name) == session.column(name)
    first.show_columns(("number", "seq", "info"))
    assert first.row(0).cells == ("", "", "")
    first.close()
    session.close()


def test_what_is_no_capture_is_refused_in_the_sessions_words(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.pcap"
    wrong.write_bytes(b"not a capture at all, only some text")
    for path in (str(wrong), str(tmp_path / "none.pcap"), str(tmp_path)):
        with pytest.raises(Unreadable) as told:
            Session.open(path)
        if Path(path).is_dir():
            assert FirstLook.open(path) is None  # the session says it
            continue
        with pytest.raises(Unreadable) as first:
            FirstLook.open(path)
        assert str(first.value) == str(told.value)


def test_a_pipe_is_left_to_the_session(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert FirstLook.open(str(tmp_path / "pipe")) is None


def test_nothing_that_decodes_is_imported_for_it() -> None:
    code = (
        "import sys; from wirestep.session import FirstLook; import wirestep.ui.app; "
        "FirstLook.open(sys.argv[1]).rows(0, 50); "
        "print([n for n in sys.modules if n.startswith(('wirestep.protocols', 'scapy', "
        "'cryptography')) or n == 'wirestep.session.session'])"
    )
    argv = [sys.executable, "-c", code, str(captures()[0])]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
