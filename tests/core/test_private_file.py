"""Files of the program that nobody else may read: whole or not there, and never in place of something else."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from wizard.gateways.private_file import write_private


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_put_in_place_of_the_one_before_and_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text("before")
    path.chmod(0o644)
    write_private(path, "ä → after\n")
    assert path.read_bytes() == "ä → after\n".encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert names(tmp_path) == ["plan.json"]


def test_a_name_of_the_greatest_length_can_be_written(tmp_path: Path) -> None:
    write_private(tmp_path / ("n" * 255), "text")
    assert (tmp_path / ("n" * 255)).read_text() == "text"


def test_a_link_is_replaced_and_what_it_leads_to_is_not_written(tmp_path: Path) -> None:
    (tmp_path / "theirs").write_text("theirs")
    (tmp_path / "link").symlink_to("theirs")
    write_private(tmp_path / "link", "ours")
    assert (tmp_path / "theirs").read_text() == "theirs"
    assert (tmp_path / "link").read_text() == "ours"
    assert not (tmp_path / "link").is_symlink()


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["folder", "pipe"])
def test_what_is_not_a_file_is_not_replaced(tmp_path: Path, make: object) -> None:
    path = tmp_path / "there"
    make(path)  # type: ignore[operator]  # a function of a path
    before = path.stat()
    with pytest.raises(OSError, match="is not a file"):
        write_private(path, "text")
    assert path.stat().st_ino == before.st_ino
    assert names(tmp_path) == ["there"]


def test_a_device_is_not_replaced() -> None:
    with pytest.raises(OSError, match="is not a file"):
        write_private(Path(os.devnull), "text")
    assert Path(os.devnull).is_char_device()


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "plan.json"
    path.write_text("before")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_private(path, "after")
    assert path.read_text() == "before"
    assert names(tmp_path) == ["plan.json"]


def test_a_reader_never_sees_half_of_it(tmp_path: Path) -> None:
    path, seen = tmp_path / "plan.json", set()
    write_private(path, "0" * 100_000)
    ended = threading.Event()

    def read() -> None:
        while not ended.is_set():
            text = path.read_text()
            seen.add((len(text), len(set(text))))

    reader = threading.Thread(target=read)
    reader.start()
    for digit in "123456789" * 5:
        write_private(path, digit * 100_000)
    ended.set()
    reader.join()
    assert seen == {(100_000, 1)}
