"""The file of the columns: kept whole, read with care."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wirestep.session.cells import DEFAULT
from wirestep.session.choices import Choice, Choices, choices_file, load_choices, save_choices


@pytest.fixture(autouse=True)
def _own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


def written(text: str | bytes) -> tuple[Choices, str]:
    path = choices_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_choices()


def test_without_a_file_it_is_the_usual_list() -> None:
    choices, problem = load_choices()
    assert choices.names == DEFAULT
    assert not problem
    assert not choices_file().exists()


def test_what_is_kept_comes_back() -> None:
    chosen = Choices(
        (Choice("number"), Choice("tcp.window_size", 9), Choice("info"), Choice("time", 12)),
        "problem",
    )
    assert save_choices(chosen) == ""
    assert load_choices() == (chosen, "")
    assert [path.name for path in choices_file().parent.iterdir()] == ["columns.toml"]


@pytest.mark.parametrize(
    ("text", "names", "colour"),
    [
        ("column = [", DEFAULT, "protocol"),
        (b"\xff\xfe", DEFAULT, "protocol"),
        ("", DEFAULT, "protocol"),
        ("column = 7", DEFAULT, "protocol"),
        ('colour = "mauve"\n[[column]]\nname = "info"', DEFAULT, "protocol"),
        ('[[column]]\nname = "\\u001b[31m"\n[[column]]\nname = "info"', DEFAULT, "protocol"),
        ('[[column]]\nname = "time"\nwidth = "wide"\n', DEFAULT, "protocol"),
        ('colour = "off"\n[[column]]\nname = "time"\n', ("time", "info"), "off"),
        ('[[column]]\nname = "time"\n[[column]]\nname = "time"\n', ("time", "info"), "protocol"),
    ],
)
def test_what_is_wrong_is_ignored_and_told(
    text: str | bytes, names: tuple[str, ...], colour: str
) -> None:
    choices, problem = written(text)
    assert choices.names == names
    assert choices.colour == colour
    assert "columns.toml" in problem
    assert "\x1b" not in problem


@given(st.text(max_size=200))
def test_no_text_is_too_strange(text: str) -> None:
    choices, _ = written(text.encode("utf-8", "surrogatepass"))
    assert "info" in choices.names


def test_a_width_is_never_absurd() -> None:
    choices, _ = written('[[column]]\nname = "time"\nwidth = 100000\n[[column]]\nname = "info"')
    assert choices.columns[0].width == 200


def test_where_nothing_can_be_written_a_sentence_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "file"))
    assert "not kept" in save_choices(Choices())
    assert load_choices()[0] == Choices()
