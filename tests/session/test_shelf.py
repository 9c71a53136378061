"""Bundled captures and recent files."""

from pathlib import Path

import pytest

from wirestep.session import bundled, find_bundled, recents, remember
from wirestep.session.shelf import MAX_RECENTS


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def test_at_least_ten_captures_come_along() -> None:
    found = bundled()
    assert len(found) >= 10
    assert all(Path(entry.path).is_file() and entry.packets > 0 for entry in found)
    assert all(0 < len(entry.title) <= 30 and entry.protocols for entry in found)


def test_a_bundled_capture_is_found_by_its_name() -> None:
    entry = bundled()[0]
    assert find_bundled(entry.name) == entry.path
    assert find_bundled("no such capture") is None


def test_recent_files_the_newest_first_each_once(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"{number}.pcap").write_bytes(b"")
        remember(str(tmp_path / f"{number}.pcap"), number, 100 + number)
    remember(str(tmp_path / "0.pcap"), 7, 200)
    assert [(Path(entry.path).name, entry.packets) for entry in recents()] == [
        ("0.pcap", 7),
        ("2.pcap", 2),
        ("1.pcap", 1),
    ]


def test_recent_files_that_are_gone_are_not_shown(tmp_path: Path) -> None:
    gone = tmp_path / "gone.pcap"
    gone.write_bytes(b"")
    remember(str(gone), 1, 1)
    gone.unlink()
    assert recents() == []


def test_only_so_many_are_kept(tmp_path: Path) -> None:
    for number in range(MAX_RECENTS + 5):
        (tmp_path / f"{number}.pcap").write_bytes(b"")
        remember(str(tmp_path / f"{number}.pcap"), 1, number)
    assert len(recents()) == MAX_RECENTS


def test_bundled_captures_are_not_recent_files() -> None:
    remember(bundled()[0].path, 1, 1)
    assert recents() == []


def test_a_broken_list_is_an_empty_list(tmp_path: Path) -> None:
    path = tmp_path / "state" / "wirestep" / "recent.json"
    path.parent.mkdir(parents=True)
    path.write_text('[{"path": 1}')
    assert recents() == []
