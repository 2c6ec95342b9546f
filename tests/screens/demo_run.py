"""The real wizard on the real demo, without a terminal: every page over HTTP to the simulated GitLab."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest import mock

from screens.app import WizardApp
from screens.beginning import begun
from wizard import demo
from wizard.commands.invocation import Invocation
from wizard.commands.opening import prepared
from wizard.commands.options import Common
from wizard.gateways.git import Git
from wizard.output.console import Console
from wizard.sandbox.server import Sandbox


@dataclass(frozen=True)
class DemoRun:
    """One run of the wizard, and what is at its other ends."""

    app: WizardApp
    box: Sandbox
    repo: Path

    @property
    def changed_files(self) -> set[str]:
        """The files of the work tree that differ from its commit."""
        return set(Git(self.repo).status())

    def project(self, path: str) -> Mapping[str, Any]:
        """A project as the simulated GitLab has it now."""
        world: Any = self.box.world.export()
        return next(found for found in world["projects"] if found["path"] == path)


@contextlib.contextmanager
def demo_run(folder: Path, *, world: Path | None = None, project: str | None = None) -> Iterator[DemoRun]:
    """Begin the wizard on the demo, or on another world that has a user with a token `demo`; files lie in `folder`."""
    console = Console(io.StringIO(), io.StringIO(), {})
    with (
        mock.patch("tempfile.tempdir", str(folder)),
        demo.serving(world) as box,
        demo.cloned(box, project, console) as made,
        prepared(Invocation(console, Common(repo=made.repo, token_file=made.hand_out_token())), choose=True) as ready,
    ):
        beginning = replace(begun(ready), token_source="the demo", kept=None, options=Common(demo=True))
        yield DemoRun(WizardApp(beginning), box, made.repo)
