"""`doctor --images`: which of the images that generated files name are old, by the date of the data alone."""

from __future__ import annotations

import datetime
import io
import socket
from dataclasses import replace

import pytest

from wizard import cli
from wizard.commands import doctor
from wizard.generate import images as catalogue
from wizard.generate.images import Base, Images, Reference
from wizard.output.console import Console

CHOSEN = datetime.date(2026, 1, 1)
SMALL = Images(
    CHOSEN,
    {"tools": "alpine:3.24"},
    {"uv": Base("ghcr.io/astral-sh/uv:{version}", "0.13", False), "node": Base("node:{version}", "24", True)},
    {"pnpm": "12.0"},
)


def asked(monkeypatch: pytest.MonkeyPatch, *, chosen: datetime.date) -> tuple[int, str, str]:
    """Ask from anywhere, without a network."""

    def refuse(*_: object) -> None:
        raise AssertionError("no network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(doctor, "images", lambda: replace(SMALL, date=chosen))
    out, err = io.StringIO(), io.StringIO()
    code = cli.run(["doctor", "--images"], Console(out, err, {}))
    return code, out.getvalue(), err.getvalue()


@pytest.mark.parametrize(("days", "old"), [(0, False), (180, False), (181, True), (4000, True)])
def test_a_version_is_old_after_180_days(days: int, old: bool) -> None:
    assert Reference("a:1", CHOSEN).old(CHOSEN + datetime.timedelta(days=days)) is old


def test_every_image_and_tool_is_named_once() -> None:
    assert [reference.text for reference in SMALL.references()] == [
        "alpine:3.24", "ghcr.io/astral-sh/uv:0.13", "node:24", "pnpm==12.0",
    ]  # fmt: skip
    real = catalogue.images()
    assert len({*real.references()}) == len(real.jobs) + len(real.bases) + len(real.packages)


def test_all_is_well_while_the_versions_are_recent(monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, err = asked(monkeypatch, chosen=datetime.datetime.now(datetime.UTC).date())
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == ["ok"] * 4
    assert "4 references, 0 older than 180 days" in err


def test_old_versions_fail_the_check_and_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, err = asked(monkeypatch, chosen=datetime.date(2020, 2, 3))
    assert code == 1
    assert "old      alpine:3.24: chosen 2020-02-03, " in out
    assert "4 references, 4 older than 180 days" in err
