"""The file of keys and theme: what it may say, and every mistake with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from wizard.errors import UsageError
from wizard.preferences import Known, Preferences, preferences

KNOWN = Known({"review.save", "plan.filter"}, {"textual-dark", "high-contrast"})


def read(folder: Path, text: str | bytes) -> Preferences:
    file = folder / "config.yml"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return preferences(file, KNOWN)


def test_without_a_file_the_usual_holds(tmp_path: Path) -> None:
    assert preferences(tmp_path / "config.yml", KNOWN) == Preferences()


def test_keys_and_theme_are_read(tmp_path: Path) -> None:
    found = read(tmp_path, "version: 1\ntheme: high-contrast\nkeys:\n  review.save: ctrl+s,f2\n")
    assert found == Preferences({"review.save": "ctrl+s,f2"}, "high-contrast")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "version: 1\nkeys:\n  review.sav: f2\n",
            "line 3: there is no action 'review.sav'; did you mean 'review.save'?",
        ),
        ("version: 1\nkeys:\n  review.save: 2\n", "line 3: review.save needs a key"),
        ("version: 1\nkeys: [f2]\n", "line 2: keys must map actions to keys"),
        (
            "version: 1\ntheme: high-contras\n",
            "line 2: there is no theme 'high-contras'; did you mean 'high-contrast'?",
        ),
        ("version: 1\nthem: x\n", "line 2: there is no key 'them'; did you mean 'theme'?"),
        ("theme: textual-dark\n", "version must be 1"),
        ("- a\n", "line 1: this is no mapping"),
        ("version: 1\nkeys: {\n", "line 3"),
        (b"\xff", "not text in UTF-8"),
    ],
)
def test_a_mistake_names_file_and_line(tmp_path: Path, text: str | bytes, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(tmp_path, text)
    assert str(tmp_path / "config.yml") in caught.value.message
    assert told in caught.value.message


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read(tmp_path, "them: x\nkeys:\n  a: f1\n  b: f2\n")
    assert caught.value.message.count("config.yml") == 4
