"""The format of a world: the state of a simulated GitLab, as it is written in a file and as it is kept while serving.

Defaults are the values that a fresh GitLab gives. An id of 0 and an empty name mean *not given*; completing a world
(see `wizard.sandbox.loading`) fills them in. Secrets are left out of every repr.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import UTC, date, datetime, time
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, PlainSerializer, model_validator
from pydantic.dataclasses import dataclass

from wizard.sandbox.roles import Level, RoleName

_CONFIG = ConfigDict(extra="forbid", populate_by_name=True)

Scope = Literal[
    "api", "read_api", "read_user", "read_repository", "write_repository", "read_registry", "write_registry",
    "read_virtual_registry", "write_virtual_registry", "create_runner", "manage_runner", "k8s_proxy", "self_rotate",
    "ai_features", "mcp", "sudo", "admin_mode", "read_service_ping", "openid", "profile", "email",
]  # fmt: skip
DeployScope = Literal[
    "read_repository", "read_registry", "write_registry", "read_package_registry", "write_package_registry",
    "read_virtual_registry", "write_virtual_registry",
]  # fmt: skip
JobStatus = Literal[
    "created", "waiting_for_resource", "preparing", "pending", "running", "success", "failed", "canceled", "skipped",
    "manual", "scheduled",
]  # fmt: skip
PipelineSource = Literal["push", "web", "api", "schedule", "trigger", "pipeline", "chat", "merge_request_event"]
Tier = Literal["production", "staging", "testing", "development", "other"]
Visibility = Literal["private", "internal", "public"]
Switch = Literal["enabled", "disabled"]
VariableType = Literal["env_var", "file"]
ProtectionLevel = Literal["maintainer", "owner", "admin"]


def _midnight(value: Any) -> Any:
    """A plain date means the start of that day in UTC, and so does a text that holds only a date."""
    if isinstance(value, str) and len(value) == len("2027-01-01"):
        value = date.fromisoformat(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time(), UTC)
    return value


def _in_utc(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _short(value: datetime) -> str:
    return value.date().isoformat() if value.time() == time() else value.isoformat().replace("+00:00", "Z")


Id = Annotated[int, Field(ge=1)]
Text = Annotated[str, Field(min_length=1)]
Moment = Annotated[datetime, BeforeValidator(_midnight), AfterValidator(_in_utc), PlainSerializer(_short)]


@dataclass(slots=True, kw_only=True, config=_CONFIG)
class Token:
    """An access token of a user; `granular` lists the rights of a fine-grained one, which then has no scopes."""

    value: Text = field(repr=False)
    name: str = "token"
    kind: Literal["personal", "project", "group", "oauth"] = "personal"
    scopes: list[Scope] = field(default_factory=lambda: ["api"])
    granular: list[str] | None = None
    of: str | None = None
    """Path of the project or group of a project or group token."""
    role: RoleName | None = None
    expires_at: Moment | None = None
    revoked: bool = False


@dataclass(slots=True, kw_only=True, config=_CONFIG)
class User:
    """A person, or the bot of a project or group token."""

    id: Id = 0
    username: Text = ""
    name: str = ""
    email: str = ""
    admin: bool = False
    blocked: bool = False
    password: str | None = field(default=None, repr=False)
    two_factor: bool = False
    external: bool = False
    tokens: list[Token] = field(default_factory=list)


@dataclass(slots=True, kw_only=True, config=_CONFIG)
class InstanceVariable:
    """A CI/CD variable of the instance: without a scope, never hidden."""

    key: str
    value: str = field(default="", repr=False)
    masked: bool = False
    protected: bool = False
    raw: bool = False
    variable_type: VariableType = "env_var"
    description: str | None = None


@dataclass(slots=True, kw_only=True, config=_CONFIG)
class Variable:
    """A CI/CD variable of a project or group; (key, environment_scope) is its identity."""

    key: str
    value: str = field(default="", repr=False)
    environment_scope: str = "*"
    masked: bool = False
    hidden: bool = False
    protected: bool = False
    raw: bool = False
    variable_type: VariableType = "env_var"
    description: str | None = None


@dataclass(slots=True, kw_only=True, config=_CONFIG)
class DeployToken:
    """A deploy token with its secret, which GitLab shows only once."""

    id: Id = 0
    name: Text
    username: Text = ""
    token: Text = field(default="", repr=False)
    scopes: list[DeployScope] = field(default_factory=lambda: ["read_registry"])
    expires_at: Moment | None = None
    revoked: bool = False


@dataclass(slots=True, kw_only=True, config=_CONFIG)
class Group:
    """A group or subgroup; members pass on to everything below."""

    id: Id = 0
    path: Text
    visibility: Visibility = "private"
    members: dict[str, RoleName] = field(default_factory=dict)
    variables: list[Variable] = field(default_factory=list)
    deploy_tokens: list[DeployToken] = field(default_factory=list)


@dataclass(slots=True, kw_only=True, config=_CONFIG)
class ProtectedBranch:
    """Who may push to and merge into the branches of one name or wildcard."""

    push: Level = "maintainer"
    merge: Level = "maintainer"


@dataclass(slots=True, kw_only=True, config=_CONFIG)
class Branch:
    """A branch: the files of the branch it starts from, with its own laid over them; null takes one away."""

    from_: str = Field(default="", alias="from")
    files: dict[str, str | None] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True, config=_CONFIG)
class MergeRequest:
    """A merge request within the project."""

    iid: Id = 0
    source: Text
    target: str = ""
    title: str = ""
    state: Literal["opened", "closed", "merged", "locked"] = "opened"


@dataclass(slots=True, kw_only=True, config=_CONFIG)
class JobTokenScope:
    """Whose job tokens may come in: paths of projects and groups beside the project itself."""

    enabled: bool = True
    projects: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True, config=_CONFIG)
class CleanupPolicy:
    """GitLab's `container_expiration_policy`; the defaults are the database's."""

    enabled: bool = False
    cadence: Literal["1d", "7d", "14d", "1month", "3month"] = "1d"
    keep_n: Literal[1, 5, 10, 25, 50, 100] | None = 10
    older_than: Literal["7d", "14d", "30d", "60d", "90d"] | None = "90d"
    name_regex: str | None = ".*"
    name_regex_keep: str | None = None


@dataclass(slots=True, kw_only=True, config=_CONFIG)
class Protection:
    """A protection rule of the registry, for repositories or for tags; null: that action is not restricted."""

    id: Id = 0
    pattern: Text
    push: ProtectionLevel | None = None
    delete: ProtectionLevel | None = None


@dataclass(slots=True, kw_only=True, config=_CONFIG)
class Job:
    """A CI/CD job; its token works while the status is `running`."""

    id: Id = 0
    name: Text = "build"
    stage: Text = "test"
    status: JobStatus = "running"
    started_by: Text
    token: Text = field(default="", repr=False)
    ref: str = ""
    environment: str | None = None
    pipeline: Id = 0
    """Jobs with the same number make one pipeline; left out: the job is a pipeline of its own."""
    source: PipelineSource = "push"
    """What started its pipeline."""
    trace: str = ""


@dataclass(slots=True, kw_only=True, config=_CONFIG)
class Environment:
    """An environment that jobs deploy to; without a tier GitLab guesses it by the name."""

    id: Id = 0
    name: Text
    external_url: str | None = None
    state: Literal["available", "stopping", "stopped"] = "available"
    tier: Tier | None = None
    description: str | None = None
    kubernetes_namespace: str | None = None


@dataclass(slots=True, kw_only=True, config=_CONFIG)
class Schedule:
    """A pipeline schedule; `ref` is stored in full, as `refs/heads/main`."""

    id: Id = 0
    description: Text
    ref: str = ""
    cron: Text
    cron_timezone: Text = "UTC"
    active: bool = True
    owner: str | None = None


@dataclass(slots=True, kw_only=True, config=_CONFIG)
class Agent:
    """A GitLab agent for Kubernetes, registered in this project."""

    id: Id = 0
    name: Text


@dataclass(slots=True, kw_only=True, config=_CONFIG)
class Project:
    """A project with its repository, registry and CI/CD settings."""

    id: Id = 0
    path: Text
    visibility: Visibility = "private"
    registry: Literal["enabled", "private", "disabled"] = "enabled"
    ci: Switch = "enabled"
    repository: Switch = "enabled"
    former_paths: list[str] = field(default_factory=list)
    archived: bool = False
    default_branch: Text = "main"
    protected_branches: dict[str, ProtectedBranch] = field(default_factory=dict)
    members: dict[str, RoleName] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    branches: dict[str, Branch] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    """Git tags: name to the branch whose head has it."""
    protected_tags: dict[str, Level] = field(default_factory=dict)
    """Names or wildcards of tags, and who may make such a tag."""
    merge_requests: list[MergeRequest] = field(default_factory=list)
    locked: bool = False
    variables: list[Variable] = field(default_factory=list)
    deploy_tokens: list[DeployToken] = field(default_factory=list)
    job_token_scope: JobTokenScope = field(default_factory=JobTokenScope)
    cleanup_policy: CleanupPolicy = field(default_factory=CleanupPolicy)
    repository_protection: list[Protection] = field(default_factory=list)
    tag_protection: list[Protection] = field(default_factory=list)
    images: dict[str, dict[str, str]] = field(default_factory=dict)
    image_dates: dict[str, dict[str, Moment]] = field(default_factory=dict)
    """When tags of `images` were made; a tag that is not named here is as old as the world."""
    jobs: list[Job] = field(default_factory=list)
    environments: list[Environment] = field(default_factory=list)
    pipeline_schedules: list[Schedule] = field(default_factory=list)
    agents: list[Agent] = field(default_factory=list)

    @model_validator(mode="before")
    @classmethod
    def _protect_the_default_branch(cls, given: Any) -> Any:
        """GitLab protects the default branch of a new project by itself (`doc/user/project/repository/branches`)."""
        if isinstance(given, Mapping) and "protected_branches" not in given:
            branch = given.get("default_branch", "main")
            return {**given, "protected_branches": {branch: {}} if isinstance(branch, str) else {}}
        return given


@dataclass(slots=True, kw_only=True, config=_CONFIG)
class Limits:
    """Numbers that an administrator sets; `allowlist` counts projects and groups each by itself."""

    project_variables: Annotated[int, Field(ge=0)] = 8000
    group_variables: Annotated[int, Field(ge=0)] = 30000
    allowlist: Annotated[int, Field(ge=0)] = 200


@dataclass(slots=True, kw_only=True, config=_CONFIG)
class RateLimit:
    """At most `requests` calls of one user in `per_seconds` seconds."""

    requests: Annotated[int, Field(ge=1)]
    per_seconds: Annotated[int, Field(ge=1)] = 60


@dataclass(slots=True, kw_only=True, config=_CONFIG)
class OAuthApplication:
    """An OAuth application that may use the device grant."""

    client_id: Text
    scopes: list[Scope] = field(default_factory=lambda: ["api"])


@dataclass(slots=True, kw_only=True, config=_CONFIG)
class InstanceSettings:
    """The instance as its administrator set it up."""

    version: Text = "19.5.0-ee"
    enterprise: bool = True
    registry: Text | None = "registry.test:5050"
    """Host in image names; `auto`: the simulated registry's own address; null: the instance has no registry."""
    enforce_job_token_allowlist: bool = False
    limits: Limits = field(default_factory=Limits)
    maintenance: bool = False
    latency_ms: Annotated[int, Field(ge=0, le=600_000)] = 0
    rate_limit: RateLimit | None = None
    variables: list[InstanceVariable] = field(default_factory=list)
    oauth_applications: list[OAuthApplication] = field(default_factory=list)


@dataclass(slots=True, kw_only=True, config=_CONFIG)
class WorldState:
    """A whole world, version 1."""

    version: Literal[1]
    instance: InstanceSettings = field(default_factory=InstanceSettings)
    users: list[User] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    projects: list[Project] = field(default_factory=list)

    @property
    def homes(self) -> list[Group | Project]:
        """Everything that has members, variables and deploy tokens: the groups, then the projects."""
        return [*self.groups, *self.projects]
