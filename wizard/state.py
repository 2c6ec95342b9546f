"""What is there: in GitLab, in the repository, on this machine. Read by `wizard.discover`, never changed.

What the caller's role may not read is `Unknown`, never absent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum
from typing import Any, TypeAlias, TypeVar
from urllib.parse import urlsplit

from wizard.generate.detection import Detection
from wizard.secret import Secret


class Role(IntEnum):
    """GitLab's access levels. The set is open (25 is the Security Manager): compare with `>=`."""

    NONE = 0
    GUEST = 10
    PLANNER = 15
    REPORTER = 20
    DEVELOPER = 30
    MAINTAINER = 40
    OWNER = 50
    ADMIN = 60


@dataclass(frozen=True, slots=True)
class Unknown:
    """A part of the state that could not be read, and why."""

    reason: str


T = TypeVar("T")
Known: TypeAlias = T | Unknown


@dataclass(frozen=True, slots=True)
class Instance:
    """The GitLab server."""

    url: str
    version: tuple[int, int]
    version_text: str

    @property
    def hosted(self) -> bool:
        """Whether it is GitLab.com, which brings runners of its own."""
        return urlsplit(self.url).hostname == "gitlab.com"


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose token this is, and what it may do."""

    user_id: int
    username: str
    admin: bool = False
    bot: bool = False
    scopes: Known[tuple[str, ...]] = ()
    expires_at: date | None = None


@dataclass(frozen=True, slots=True)
class ProjectState:
    """One project as this caller sees it."""

    id: int
    path: str
    visibility: str
    role: int
    default_branch: str | None
    web_url: str
    registry_access: Known[str]
    """enabled, private or disabled."""
    image_prefix: str | None
    """HOST/path of the project's images; None where the instance has no registry."""
    cleanup: Known[Mapping[str, Any] | None]
    archived: bool = False
    ci_enabled: bool = True
    empty: bool = False
    groups: tuple[tuple[int | None, str], ...] = ()
    """The groups around it, nearest first: (id or None where it was not read, full path)."""

    @property
    def registry_host(self) -> str | None:
        """Host (with port) of the instance's registry."""
        return self.image_prefix.split("/", 1)[0] if self.image_prefix else None


@dataclass(frozen=True, slots=True)
class VariableState:
    """A CI/CD variable; `value` is None where it is hidden."""

    key: str
    environment_scope: str = "*"
    variable_type: str = "env_var"
    masked: bool = False
    hidden: bool = False
    protected: bool = False
    raw: bool = False
    description: str | None = None
    value: Secret | None = None


@dataclass(frozen=True, slots=True)
class DeployTokenState:
    """A deploy token; GitLab never shows its secret again."""

    id: int
    name: str
    username: str
    scopes: tuple[str, ...]
    expires_at: date | None = None
    revoked: bool = False
    expired: bool = False

    def active(self, today: date) -> bool:
        """Whether it can still log in: a token dies at 00:00 UTC of its expiry date."""
        return not (self.revoked or self.expired or (self.expires_at is not None and self.expires_at <= today))


@dataclass(frozen=True, slots=True)
class JobTokenScope:
    """Who may come into a project with a CI_JOB_TOKEN."""

    enabled: bool
    projects: Mapping[int, str] = field(default_factory=dict)
    groups: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProtectionRule:
    """A repository protection rule of the registry."""

    id: int
    pattern: str
    push: str | None
    delete: str | None


@dataclass(frozen=True, slots=True)
class TagState:
    """A tag of an image; `created` is None where GitLab does not tell, or was not asked because there are too many."""

    name: str
    created: date | None = None


@dataclass(frozen=True, slots=True)
class ImageState:
    """An image in the project's registry (GitLab: a container repository): its full path without host, and its tags."""

    path: str
    tags: tuple[TagState, ...] = ()


@dataclass(frozen=True, slots=True)
class RunnerState:
    """A runner that may take jobs of the project. GitLab tells neither its executor nor whether it is privileged."""

    id: int
    description: str
    tags: tuple[str, ...] = ()
    run_untagged: bool = True
    online: bool = True
    paused: bool = False


@dataclass(frozen=True, slots=True)
class SourceState:
    """A project whose images ours uses; `project` is None where it is missing or not ours to see (GitLab: 404)."""

    path: str
    project: ProjectState | None
    job_token_scope: Known[JobTokenScope] = Unknown("")
    deploy_tokens: Known[tuple[DeployTokenState, ...]] = Unknown("")


@dataclass(frozen=True, slots=True)
class FileState:
    """A file where it would be written. `content` None: not there."""

    path: str
    content: bytes | None = None
    uncommitted: bool = False
    """Untracked, or different from HEAD."""
    ours: bool = False
    """Its content is what the last apply on this machine wrote."""
    last_commit_id: str | None = None
    """The last commit that touched it, where the file was read through the API."""
    obstacle: str | None = None
    """Why no file can be written there: a folder, a symbolic link that leaves the repository, …"""
    ignored: bool = False
    """Whether git would not add it unless forced to (`.gitignore`)."""


@dataclass(frozen=True, slots=True)
class DeliveryBranch:
    """The branch that a delivery goes to, as GitLab has it."""

    name: str
    exists: bool = False
    ours: bool = False
    """Our commit on top of the default branch."""
    merged: bool = False
    head: str | None = None
    base: str | None = None
    """The head of the default branch."""
    can_push: bool = True
    merge_request: int | None = None
    """The iid of the open merge request from it to the default branch."""


@dataclass(frozen=True, slots=True)
class RepositoryState:
    """The files that a plan may write, as they are where the delivery goes."""

    files: Mapping[str, FileState]
    detection: Detection
    branch: DeliveryBranch | None = None
    """None for a delivery into the work tree."""
    sources: Mapping[str, str] = field(default_factory=dict)
    """Manifests with workloads, to their git blob ids: overlays build on them, and they are never written."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What this machine's journal knows of earlier applies on the project."""

    references: Mapping[str, str] = field(default_factory=dict)
    """Change id to the reference that its value was last written from."""
    unstored: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Deploy-token change id, of tokens that may have been made unseen, to the token ids that were there before."""
    orphans: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Deploy-token change id to the ids of tokens that were made, and whose secret was never stored."""
    blobs: Mapping[str, str] = field(default_factory=dict)
    """File change id to the git blob id of what was last written."""
    unfinished: tuple[str, ...] = ()
    """Ids of changes that were begun and not finished, in order."""


@dataclass(frozen=True, slots=True)
class State:
    """Everything that `build_plan` may know."""

    today: date
    instance: Instance
    identity: Identity
    project: ProjectState
    repository: RepositoryState
    variables: Known[tuple[VariableState, ...]] = ()
    deploy_tokens: Known[tuple[DeployTokenState, ...]] = ()
    protection_rules: Known[tuple[ProtectionRule, ...]] = ()
    protected_branches: Known[tuple[str, ...]] = ()
    protected_tags: Known[tuple[str, ...]] = ()
    sources: Mapping[str, SourceState] = field(default_factory=dict)
    agents: Known[tuple[str, ...]] = ()
    """Context names PATH:NAME of the GitLab agents registered in this project."""
    merged_stages: tuple[str, ...] | None = None
    """The stages of the merged configuration by GitLab's own lint, where the file includes others'."""
    images: Known[tuple[ImageState, ...]] | None = None
    """The images in the project's registry; None: nobody has looked (see `wizard.looking_up`)."""
    runners: Known[tuple[RunnerState, ...]] | None = None
    """The runners of the project; None: nobody has looked (see `wizard.looking_up`)."""
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    """The local secrets that could be read now, by reference."""
    remembered: Remembered = Remembered()
