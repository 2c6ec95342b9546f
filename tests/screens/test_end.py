"""The end of the screens: a mistake leaves no value of a variable on the terminal, and no read is waited for."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from screens.app import WizardApp
from screens.failure import crash_report
from tests.screens.fakes import FakeBackend, beginning
from tests.screens.harness import settle

MARKER = "glpat-typed-into-the-form"


async def test_a_crash_shows_where_and_no_value(capsys: pytest.CaptureFixture[str]) -> None:
    app = WizardApp(beginning(FakeBackend()))

    def fail() -> None:
        typed = MARKER
        box = Input(value=typed)
        raise ValueError(f"no {box.value}")

    async def crash() -> None:
        async with app.run_test() as pilot:
            await settle(pilot)
            app.call_later(fail)
            await settle(pilot)

    with pytest.raises(ValueError, match=MARKER):
        await crash()
    app._print_error_renderables()
    captured = capsys.readouterr()
    told = captured.out + captured.err
    assert "the program failed: ValueError" in told
    assert "test_end.py, line" in told
    assert MARKER not in told


async def test_whoever_leaves_waits_for_no_server() -> None:
    begun = beginning(FakeBackend())
    app = WizardApp(begun)
    async with app.run_test() as pilot:
        await settle(pilot)
        assert not begun.leaving.is_set()
        app.exit()
        assert begun.leaving.is_set()


def test_a_crash_report_is_no_markup() -> None:
    evil = type("[bold]Evil[/bold]", (Exception,), {})()
    assert "[bold]Evil[/bold]" in crash_report(evil).plain
    assert "unknown" in crash_report(None).plain
