"""The mutable world behind the simulated API: look-ups, ids, and what lives only while it is served."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar, cast

from wizard.sandbox.loading import export_world
from wizard.sandbox.schema import DeployToken, Group, Job, Project, Token, User, WorldState

Clock = Callable[[], datetime]
Attached = TypeVar("Attached")


def system_clock() -> datetime:
    """Return the time of this machine, in UTC: a GitLab is an outside system and has a clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the two servers listen: the URL of GitLab, and HOST:PORT of its registry."""

    url: str = "http://gitlab.invalid"
    registry: str = "registry.invalid"


@dataclass(frozen=True, slots=True)
class LoggedCall:
    """One API call as it was answered."""

    method: str
    path: str
    status: int


class World:
    """One world being served. Hold `lock` around every use of it."""

    def __init__(self, state: WorldState, clock: Clock = system_clock, addresses: Addresses | None = None) -> None:
        """Index a completed state (see `wizard.sandbox.loading`)."""
        self.state = state
        self.clock = clock
        self.addresses = addresses or Addresses()
        self.lock = threading.RLock()
        self.log: list[LoggedCall] = []
        self.started = clock()
        self._attached: dict[object, object] = {}
        self._exporters: list[Callable[[], None]] = []
        self._users = {user.username.lower(): user for user in state.users}
        self._tokens = {token.value: (user, token) for user in state.users for token in user.tokens}
        self._groups = {group.path.lower(): group for group in state.groups}
        self._projects: dict[str, Project] = {}
        self._project_ids = {project.id: project for project in state.projects}
        self._jobs = {job.token: (project, job) for project in state.projects for job in project.jobs}
        self._counters: dict[str, int] = {}
        self._index_projects()
        self._start_counters()

    def _index_projects(self) -> None:
        self._projects = {old.lower(): item for item in self.state.projects for old in item.former_paths}
        self._projects |= {item.path.lower(): item for item in self.state.projects}

    def _start_counters(self) -> None:
        self._counters = {
            "deploy_token": max((token.id for owner in self.state.homes for token in owner.deploy_tokens), default=0),
            "job": max((job.id for _, job in self._jobs.values()), default=0),
            "pipeline": max((job.pipeline for _, job in self._jobs.values()), default=0),
            "environment": max((item.id for one in self.state.projects for item in one.environments), default=0),
            "schedule": max((item.id for one in self.state.projects for item in one.pipeline_schedules), default=0),
            "agent": max((item.id for one in self.state.projects for item in one.agents), default=0),
            "token": 0,
        }
        for _, token in self._tokens.values():
            self.token_id(token)

    def now(self) -> datetime:
        """Return the present moment of this world."""
        return self.clock()

    def next_id(self, kind: str, above: int = 0) -> int:
        """Return an id never given before for this kind, and higher than `above`."""
        self._counters[kind] = max(self._counters.get(kind, 0), above) + 1
        return self._counters[kind]

    def stable_id(self, kind: str, key: object) -> int:
        """Return one and the same id for a thing that has none in the world file."""
        known = self.attached(_StableIds).ids.setdefault(kind, {})
        if key not in known:
            known[key] = self.next_id(kind)
        return known[key]

    def token_id(self, token: Token) -> int:
        """Return the id of an access token."""
        return self.stable_id("token", token.value)

    def attached(self, kind: Callable[[World], Attached]) -> Attached:
        """Return the one object of this kind that lives beside this world, made on first use."""
        if kind not in self._attached:
            self._attached[kind] = kind(self)
        return cast("Attached", self._attached[kind])

    def before_export(self, writer: Callable[[], None]) -> None:
        """Let `writer` put what is kept elsewhere back into the state before it is exported."""
        self._exporters.append(writer)

    def export(self) -> dict[str, object]:
        """Return the world as it is now, as plain data with every key present."""
        for write in self._exporters:
            write()
        return export_world(self.state)

    @property
    def version(self) -> tuple[int, int]:
        """The major and minor version of this GitLab, as far as its text gives them."""
        numbers = [int(part) for part in re.findall(r"\d+", self.state.instance.version)[:2]]
        return (numbers[0], numbers[1]) if len(numbers) == 2 else (0, 0)

    @property
    def revision(self) -> str:
        """The short commit id that this version shows as what it was built from."""
        return hashlib.sha256(self.state.instance.version.encode()).hexdigest()[:11]

    @property
    def registry_host(self) -> str | None:
        """The host in image names; None: this instance has no registry."""
        given = self.state.instance.registry
        return self.addresses.registry if given == "auto" else given

    def user(self, name: str) -> User | None:
        """Find a user by name."""
        return self._users.get(name.lower())

    def user_by_id(self, number: int) -> User | None:
        """Find a user by id."""
        return next((user for user in self.state.users if user.id == number), None)

    def access_token(self, secret: str) -> tuple[User, Token] | None:
        """Find an access token and whose it is."""
        return self._tokens.get(secret)

    def add_access_token(self, user: User, token: Token) -> None:
        """Give a user a further token."""
        user.tokens.append(token)
        self._tokens[token.value] = (user, token)
        self.token_id(token)

    def job(self, secret: str) -> tuple[Project, Job] | None:
        """Find the job of a job token, whatever its status."""
        return self._jobs.get(secret)

    def add_job(self, project: Project, job: Job) -> None:
        """Let a project have a further job."""
        project.jobs.append(job)
        self._jobs[job.token] = (project, job)

    def deploy_tokens(self) -> Iterator[tuple[Project | Group, DeployToken]]:
        """Walk all deploy tokens with what they belong to."""
        for owner in self.state.homes:
            for token in owner.deploy_tokens:
                yield owner, token

    def project(self, reference: str) -> Project | None:
        """Find a project by number, full path or former path."""
        if reference.isascii() and reference.isdigit():
            return self._project_ids.get(int(reference))
        return self._projects.get(reference.lower())

    def group(self, reference: str) -> Group | None:
        """Find a group by number or full path."""
        if reference.isascii() and reference.isdigit():
            return next((group for group in self.state.groups if group.id == int(reference)), None)
        return self._groups.get(reference.lower())

    def ancestors(self, path: str) -> list[Group]:
        """Return the groups around a project or group, the outermost first."""
        parts = path.lower().split("/")
        around = ("/".join(parts[:count]) for count in range(1, len(parts)))
        return [self._groups[parent] for parent in around if parent in self._groups]

    def rename(self, project: Project, path: str) -> None:
        """Give a project another path; the old one goes on answering, and references follow."""
        old = project.path
        project.former_paths = [*(past for past in project.former_paths if past.lower() != path.lower()), old]
        project.path = path
        for other in self.state.projects:
            scope = other.job_token_scope
            scope.projects = [path if entry == old else entry for entry in scope.projects]
        for user in self.state.users:
            for token in user.tokens:
                token.of = path if token.of == old else token.of
        self._index_projects()


class _StableIds:
    def __init__(self, _world: World) -> None:
        self.ids: dict[str, dict[object, int]] = {}
