"""The first page: as whom and with what, and every way to log in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Event as Stop
from typing import Any

import pytest
from textual.pilot import Pilot

from screens.beginning import Beginning
from screens.connect import Connected, ConnectScreen
from screens.device import DeviceScreen
from screens.widgets.top_bar import Trail
from tests.screens.fakes import URL, FakeBackend, beginning
from tests.screens.harness import Harness, flowed, settle
from wizard.change import Notice
from wizard.errors import WizardError
from wizard.gateways.device_login import Invitation
from wizard.secret import Secret
from wizard.session import Connection

TRAIL = Trail("", 1, 0)
MARKER = "glpat-m4rker"
REFUSED = WizardError("token-refused", "GitLab does not accept the token: 401 Unauthorized", "It may be expired.")


@dataclass
class Ring:
    """A keyring."""

    there: bool = True
    fails: WizardError | None = None
    kept: list[str] = field(default_factory=list)
    forgotten: int = 0

    def can_keep(self) -> bool:
        return self.there

    def keep(self, token: Secret) -> None:
        if self.fails:
            raise self.fails
        self.kept.append(token.reveal())

    def forget(self) -> None:
        if self.fails:
            raise self.fails
        self.forgotten += 1


@dataclass
class CodeLogin:
    """GitLab's side of a log-in by a code, decided by the test."""

    ends: Secret | WizardError = field(default_factory=lambda: Secret(MARKER))
    decided: Stop = field(default_factory=Stop)
    stopped: list[bool] = field(default_factory=list)

    def begin(self) -> Invitation:
        return Invitation("0A44-L90H", f"{URL}/oauth/device", 300, 5, Secret("d3vice"))

    def finish(self, _: Invitation, stop: Stop) -> Secret | None:
        while not stop.is_set() and not self.decided.wait(0.01):
            pass
        self.stopped.append(stop.is_set())
        if stop.is_set():
            return None
        if isinstance(self.ends, WizardError):
            raise self.ends
        return self.ends


def page(begin: Beginning) -> Harness:
    return Harness(lambda: ConnectScreen(TRAIL, begin))


async def press(pilot: Pilot[Any], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
    await settle(pilot)


async def until(pilot: Pilot[Any], seen: Callable[[], bool]) -> None:
    """Wait while a thread that is waiting itself brings something about."""
    for _ in range(500):
        await pilot.pause(0.01)
        if seen():
            return
    raise AssertionError("it did not come about")


async def test_host_token_identity_scopes_and_expiry_are_shown_and_enter_goes_on() -> None:
    app = page(beginning())
    async with app.run_test() as pilot:
        await settle(pilot)
        for fact in ("19.5.0-ee at https://gitlab.example.com", "maint", "api", "until 2027-11-01",
                     "from GITLAB_TOKEN", "acme/team/app"):  # fmt: skip
            assert fact in flowed(app)
        await press(pilot, "enter")
        assert isinstance(app.results[-1], Connected)


async def test_what_the_token_cannot_do_is_told_with_what_to_do() -> None:
    backend = FakeBackend()
    usual = backend.connect()
    warning = Notice("scope-too-low", "the token has the scopes read_api", "To apply, make one with api.")
    backend.connect = lambda: replace(usual, warnings=(warning,))  # type: ignore[method-assign]
    app = page(beginning(backend))
    async with app.run_test() as pilot:
        await settle(pilot)
        assert "! the token has the scopes read_api. To apply, make one with api." in flowed(app)
        await press(pilot, "enter")
        assert app.results


async def test_without_a_token_one_is_asked_for_and_never_shown() -> None:
    tokens: list[Secret | None] = []
    app = page(beginning(source="", tokens=tokens))
    async with app.run_test() as pilot:
        await settle(pilot)
        assert "none found" in flowed(app)
        assert f"{URL}/-/user_settings/personal_access_tokens" in flowed(app)
        await press(pilot, *MARKER)
        assert MARKER not in app.export_screenshot()
        await press(pilot, "enter")
        assert "from what you typed" in flowed(app)
    assert tokens == [Secret(MARKER)]


@pytest.mark.parametrize("typed", ["", "two words"])
async def test_what_cannot_be_a_token_is_told_and_not_sent(typed: str) -> None:
    backend = FakeBackend()
    app = page(beginning(backend, source=""))
    async with app.run_test() as pilot:
        await press(pilot, *(key if key != " " else "space" for key in typed), "enter")
        assert "✗ the line" in flowed(app)
    assert backend.count("connect") == 0


async def test_a_refusal_and_the_page_that_makes_another_token_are_seen_at_once_in_a_small_terminal() -> None:
    app = page(beginning(FakeBackend(fails={"connect": [REFUSED]})))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "401 Unauthorized" in flowed(app)
        assert "scopes=api" in flowed(app)


async def test_another_token_can_be_typed_after_a_refusal_or_the_same_tried_again() -> None:
    tokens: list[Secret | None] = []
    app = page(beginning(FakeBackend(fails={"connect": [REFUSED, REFUSED]}), tokens=tokens))
    async with app.run_test() as pilot:
        await settle(pilot)
        assert "401 Unauthorized" in flowed(app)
        await press(pilot, "ctrl+r")
        await press(pilot, *MARKER, "enter")
        assert "You are maint" in flowed(app)
    assert tokens == [None, None, Secret(MARKER)]


async def test_enter_alone_tries_again_where_the_token_was_not_to_blame() -> None:
    away = WizardError("unreachable", "https://gitlab.example.com cannot be reached: Connection refused")
    backend = FakeBackend(fails={"connect": [away, REFUSED]})
    app = page(beginning(backend))
    async with app.run_test() as pilot:
        await settle(pilot)
        assert "Enter alone tries again" in flowed(app)
        await press(pilot, "enter")
        assert "401 Unauthorized" in flowed(app)
        assert "Enter alone tries again" not in flowed(app)
        await press(pilot, "enter")
        await until(pilot, lambda: "✗ the line is empty" in flowed(app))
    assert backend.count("connect") == 2


async def test_a_token_that_works_can_be_exchanged_for_another() -> None:
    tokens: list[Secret | None] = []
    app = page(beginning(tokens=tokens))
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "end", "enter", *MARKER, "enter")
        await press(pilot, "enter")
        assert app.results[-1].log_in.token == Secret(MARKER)
    assert tokens == [None, Secret(MARKER)]


@pytest.mark.parametrize(
    ("ring", "source", "offered"),
    [(Ring(), "", True), (Ring(there=False), "", False), (None, "", False), (Ring(), "GITLAB_TOKEN", False)],
)
async def test_only_a_typed_token_is_offered_to_be_kept_where_there_is_a_keyring(
    ring: Ring | None, source: str, offered: bool
) -> None:
    app = page(replace(beginning(source=source), keeper=ring))
    async with app.run_test() as pilot:
        await press(pilot, *([] if source else [*MARKER, "enter"]))
        assert ("keep the token in the keyring" in flowed(app)) is offered
        await press(pilot, "enter")
        assert app.results
    assert ring is None or ring.kept == []  # nobody asked for it


async def test_the_token_is_kept_when_that_is_chosen() -> None:
    ring = Ring()
    app = page(replace(beginning(source=""), keeper=ring))
    async with app.run_test() as pilot:
        await press(pilot, *MARKER, "enter")
        await press(pilot, "down", "enter")
        assert app.results
    assert ring.kept == [MARKER]


async def test_a_keyring_that_refuses_is_told_and_the_connection_stands() -> None:
    ring = Ring(fails=WizardError("keyring", "the keyring cannot be written: KeyringLocked", "Unlock it."))
    app = page(replace(beginning(source=""), keeper=ring))
    async with app.run_test() as pilot:
        await press(pilot, *MARKER, "enter")
        await press(pilot, "down", "enter")
        assert "cannot be written: KeyringLocked" in flowed(app)
        assert app.results == []
        await press(pilot, "up", "enter")
        assert app.results


@pytest.mark.parametrize(("source", "offered"), [("the keyring", True), ("GITLAB_TOKEN", False)])
async def test_only_a_token_of_the_keyring_can_be_taken_out_of_it(source: str, offered: bool) -> None:
    app = page(replace(beginning(source=source), keeper=Ring()))
    async with app.run_test() as pilot:
        await settle(pilot)
        assert ("take this token out of the keyring" in flowed(app)) is offered


async def test_a_token_that_is_taken_out_is_not_tried_again() -> None:
    ring, tokens = Ring(), list[Secret | None]()
    app = page(replace(beginning(source="the keyring", tokens=tokens), keeper=ring))
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "end", "enter")
        assert ring.forgotten == 1
        assert "Token taken out of the keyring" in flowed(app)
        await press(pilot, "ctrl+r", *MARKER, "enter")
        assert app.results == []
        assert "keep the token in the keyring" in flowed(app)
    assert tokens == [None, Secret(MARKER)]


async def test_a_token_that_stays_in_the_keyring_is_told_and_the_connection_stands() -> None:
    ring = Ring(fails=WizardError("keyring", "the keyring cannot be written: KeyringLocked", "Unlock it."))
    app = page(replace(beginning(source="the keyring"), keeper=ring))
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "end", "enter")
        assert "cannot be written: KeyringLocked" in flowed(app)
        await press(pilot, "home", "enter")
        assert app.results


async def test_the_browser_is_the_recommended_way_where_it_is_one() -> None:
    login, tokens = CodeLogin(), list[Secret | None]()
    app = page(replace(beginning(source="", tokens=tokens), code_login=lambda: login, keeper=Ring()))
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "0A44-L90H" in flowed(app))
        assert isinstance(app.screen, DeviceScreen)
        assert f"{URL}/oauth/device" in flowed(app)
        login.decided.set()
        await until(pilot, lambda: "from your log-in with the browser" in flowed(app))
        assert "keyring" not in flowed(app)  # it would be dead tomorrow
        assert MARKER not in app.export_screenshot()
    assert tokens == [Secret(MARKER)]


async def test_a_log_in_by_the_browser_can_be_left_and_a_token_typed() -> None:
    login = CodeLogin()
    app = page(replace(beginning(source=""), code_login=lambda: login))
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "0A44-L90H" in flowed(app))
        await pilot.press("escape")
        await until(pilot, lambda: login.stopped == [True])
        await press(pilot, "down", "enter", *MARKER, "enter")
        assert "from what you typed" in flowed(app)


async def test_a_code_that_was_not_used_is_told_and_another_one_had() -> None:
    login = CodeLogin(ends=WizardError("device-expired", "the code was not used in time", "Begin again."))
    login.decided.set()
    app = page(replace(beginning(source=""), code_login=lambda: login))
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "enter")
        assert "the code was not used in time" in flowed(app)
        login.ends = Secret(MARKER)
        await press(pilot, "ctrl+r")
        await press(pilot, "enter")
    assert isinstance(app.results[-1].connection, Connection)
