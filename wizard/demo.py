"""The demo: the simulated GitLab with its own world, and a throwaway clone of one of its projects."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

from wizard.answers import FILE
from wizard.errors import UsageError
from wizard.gateways.git import Git
from wizard.output.console import Console
from wizard.sandbox.server import Sandbox
from wizard.secret import Secret

TOKEN_NAME = "demo"  # noqa: S105  # the name of a token, not a token
"""The token of the world that the demo uses."""
_AUTHOR = ("-c", "user.name=Registry Wizard demo", "-c", "user.email=demo@example.com", "-c", "commit.gpgsign=false")


@dataclass(frozen=True, slots=True)
class Demo:
    """A throwaway clone of a project of a running sandbox, and the token to work with."""

    folder: Path
    """Holds the clone and whatever else the demo leaves; gone afterwards, unless something was changed."""
    token: Secret

    @property
    def repo(self) -> Path:
        """The clone; its `origin` is the sandbox."""
        return self.folder / "repo"

    @property
    def state(self) -> Path:
        """Where the journal of the demo lies, so that it never mixes with that of real projects."""
        return self.folder / "state"

    @property
    def token_file(self) -> Path:
        """Where the token lies once it was handed out."""
        return self.folder / "token"

    def hand_out_token(self) -> Path:
        """Write the token to a file that only its owner can read, for other processes."""
        with os.fdopen(os.open(self.token_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
            stream.write(f"{self.token.reveal()}\n")
        return self.token_file


@contextmanager
def running(project: str | None, console: Console) -> Iterator[Demo]:
    """Serve the demo's world inside this process, with a clone of one of its projects."""
    with serving(None) as box, cloned(box, project, console) as demo:
        yield demo


@contextmanager
def serving(
    world: Path | None, *, port: int = 0, control: bool = False, signing_key: Path | None = None
) -> Iterator[Sandbox]:
    """Serve a world, by default the demo's."""
    with as_file(files("assets") / "worlds" / "demo.yml") as usual:
        box = Sandbox(world or usual, port=port, control=control, signing_key=signing_key)
    with box:
        yield box


@contextmanager
def cloned(box: Sandbox, project: str | None, console: Console) -> Iterator[Demo]:
    """Make the clone. Afterwards it is removed; where something was changed it stays, and the console says where."""
    state = box.world.state
    chosen = _chosen({found.path: found.files for found in state.projects}, project)
    token = next((token for user in state.users for token in user.tokens if token.name == TOKEN_NAME), None)
    if token is None:
        raise UsageError("demo-world", f"no user of the world has a token that is named {TOKEN_NAME!r}")
    folder = Path(tempfile.mkdtemp(prefix="registry-wizard-demo-")).resolve()
    demo = Demo(folder, Secret(token.value))
    try:
        branch = next(found.default_branch for found in state.projects if found.path == chosen[0])
        _clone(demo.repo, f"{box.url}/{chosen[0]}.git", branch, chosen[1])
        yield demo
    finally:
        _leave(demo, console)


def _chosen(projects: Mapping[str, Mapping[str, str]], wanted: str | None) -> tuple[str, Mapping[str, str]]:
    """Return the project and its files; by default the first one with an answers file."""
    name = wanted or next((path for path, tree in projects.items() if FILE in tree), next(iter(projects), ""))
    if name not in projects:
        raise UsageError(
            "demo-project", f"the demo has no project {name!r}", f"--project is one of: {', '.join(sorted(projects))}."
        )
    return name, {FILE: f"version: 1\nproject: {name}\n", **projects[name]}


def _clone(repo: Path, origin: str, branch: str, tree: Mapping[str, str]) -> None:
    for path, content in tree.items():
        file = repo / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8", newline="")
    git = Git(repo)
    git.run("init", "--quiet", f"--initial-branch={branch}")
    git.run("remote", "add", "origin", origin)
    git.run("add", "--all")
    git.run(*_AUTHOR, "commit", "--quiet", "--message", "The project as it was")


def _leave(demo: Demo, console: Console) -> None:
    changed = demo.repo.is_dir() and (demo.repo / ".git").is_dir() and Git(demo.repo).status()
    if not changed:
        shutil.rmtree(demo.folder, ignore_errors=True)
        return
    demo.token_file.unlink(missing_ok=True)
    shutil.rmtree(demo.state, ignore_errors=True)
    console.note(
        f"The demo's repository lies in {demo.repo}\n"
        f"  look at it:  git -C {demo.repo} status\n"
        f"               git -C {demo.repo} diff\n"
        f"  remove it:   rm -r {demo.folder}"
    )
