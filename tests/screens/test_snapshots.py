"""What each page looks like, in a small and in a wide window; a page with a clock or a spinner has no picture."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from screens.app import WizardApp
from screens.connect import Connected
from tests.screens.fakes import FakeBackend, beginning
from tests.screens.harness import settle
from wizard.errors import WizardError

SIZES = {"small": (80, 24), "wide": (200, 50)}
REFUSED = WizardError("token-refused", "GitLab does not accept the token: 401 Unauthorized", "It may be expired.")
Way = tuple[str, tuple[str, ...], dict[str, Any]]
PAGES: dict[str, Way] = {
    "connect": ("connect", (), {}),
    "token": ("connect", (), {"source": ""}),
    "refused": ("connect", (), {"backend": FakeBackend(fails={"connect": [REFUSED] * 2})}),
    "project": ("project", (), {}),
    "registry": ("step:registry", (), {}),
    "shared-images": ("step:pull", (), {}),
    "build": ("step:build", (), {}),
    "variables": ("step:variables", (), {}),
    "review": ("plan", ("down", "down"), {}),
    "confirm": ("plan", ("enter",), {}),
    "help": ("step:registry", ("f1",), {}),
}


def at(page: str, given: dict[str, Any]) -> WizardApp:
    """Return the wizard at a page, with everything before it done as recommended."""
    backend = given.get("backend") or FakeBackend()
    app = WizardApp(beginning(**{**given, "backend": backend}))
    way = app._journey
    way.here = page
    if page != "connect":
        way.draft = way.draft.put("project", "acme/team/app")
        way.connected, way.state = Connected(backend, backend.connect()), backend.found
    return app


def arrive(keys: tuple[str, ...]) -> Callable[[Pilot[Any]], Awaitable[None]]:
    async def run(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        for key in keys:
            await pilot.press(key)
            await settle(pilot)

    return run


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("page", PAGES)
def test_a_page_looks_as_it_did(page: str, size: str, snap_compare: Any) -> None:
    here, keys, given = PAGES[page]
    assert snap_compare(at(here, given), terminal_size=SIZES[size], run_before=arrive(keys))
