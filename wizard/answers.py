"""Answers: what the user wants. The format of `.gitlab/registry-wizard.yml`, as frozen values.

An absent section means *not managed*: nothing is planned there and nothing that exists is removed. A field that is
`None` takes what is detected (see `wizard.complete`). No secret is ever held here, only references to secrets.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints
from pydantic.dataclasses import dataclass

from wizard.validators import (
    check_agent,
    check_branch,
    check_host,
    check_image,
    check_one_line,
    check_project_path,
    check_reference,
    check_regex,
    check_relative_path,
    check_repository,
    check_url,
)

FILE = ".gitlab/registry-wizard.yml"

_CONFIG = ConfigDict(extra="forbid", str_strip_whitespace=False, populate_by_name=True)


def _checked(check: Callable[[str], str | None]) -> AfterValidator:
    def validate(value: str) -> str:
        problem = check(value)
        if problem:
            raise ValueError(problem)
        return value

    return AfterValidator(validate)


OneLine = Annotated[str, StringConstraints(min_length=1, max_length=255), _checked(check_one_line)]
SecretReference = Annotated[str, StringConstraints(max_length=1024), _checked(check_reference)]
RelativePath = Annotated[str, StringConstraints(max_length=1024), _checked(check_relative_path)]
Host = Annotated[str, _checked(check_host)]
ProjectPath = Annotated[str, StringConstraints(max_length=255), _checked(check_project_path)]
Repository = Annotated[str, StringConstraints(max_length=255), _checked(check_repository)]
Label = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
Regex = Annotated[str, StringConstraints(min_length=1, max_length=255), _checked(check_regex)]
When = Literal["tag", "default-branch", "manual"]
Engine = Literal["dind", "socket", "buildkit", "buildah", "kaniko"]
Stack = Literal["auto", "php", "node", "python", "go", "java", "ruby", "dotnet", "rust", "static"]
TagRule = Literal["branch", "latest", "semver", "iid"]
Level = Literal["maintainer", "owner", "admin"]
Port = Annotated[int, Field(ge=1, le=65535)]


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class External:
    """A registry other than GitLab's own that takes the images."""

    host: Host
    """Without a scheme; stored as `DOCKER_REGISTRY`."""
    repository: Repository
    """Written into the pipeline."""
    username: OneLine
    """Stored as `DOCKER_REGISTRY_USER`."""
    password: SecretReference
    """Stored as `DOCKER_REGISTRY_PASS`, masked and hidden."""


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Cleanup:
    """The cleanup policy of the project's registry (allowed values: GitLab's `ContainerExpirationPolicy`)."""

    enabled: bool = True
    cadence: Literal["1d", "7d", "14d", "1month", "3month"] = "7d"
    keep: Literal[1, 5, 10, 25, 50, 100] | None = 10
    """How many tags of each image stay; null: no limit by number."""
    older_than: Literal["7d", "14d", "30d", "60d", "90d"] | None = "14d"
    remove: Regex = ".*"
    """Tags to remove, RE2, matched whole."""
    retain: Regex | None = None
    """Tags to keep whatever happens; null: latest, the default branch, versions and signatures."""


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Protect:
    """Least role that may push to, or delete from, the project's own repository path."""

    push: Level | None = "maintainer"
    delete: Level | None = "maintainer"


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Registry:
    """Where the images go, and how that place is kept."""

    target: Literal["gitlab", "external"] = "gitlab"
    external: External | None = None
    visibility: Literal["project", "private"] | None = None
    """project: as visible as the project; private: members only; null: as it is."""
    cleanup: Cleanup | None = None
    protect: Protect | Literal["none"] | None = None
    """none: remove the rule for the project's own path; null: as it is."""


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Pull:
    """A private image of another project on the same GitLab that this pipeline uses."""

    project: ProjectPath
    image: Annotated[str, StringConstraints(max_length=255), _checked(check_image)] = ""
    """Below that project's registry path."""
    as_: Annotated[Literal["job", "base"], Field(alias="as")] = "base"
    """job: a job's `image:`; base: `FROM` in the Dockerfile."""
    with_: Annotated[Literal["auto", "job-token", "deploy-token"], Field(alias="with")] = "auto"
    enforce: bool = False
    """Also switch the source project's job-token scope on."""
    absent: bool = False
    """Remove what was set up for this item."""


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class DockerAuth:
    """Another registry that the runner itself must pull from: an entry of `DOCKER_AUTH_CONFIG`."""

    host: Annotated[str, StringConstraints(max_length=255, pattern=r"^[A-Za-z0-9][A-Za-z0-9.:/_-]*$")]
    """Host, or host and path (GitLab Runner 17.5 and later)."""
    username: OneLine | None = None
    password: SecretReference | None = None
    absent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Build:
    """The build and publish jobs."""

    enabled: bool = True
    engine: Engine = "dind"
    dockerfile: RelativePath = "Dockerfile"
    generate_dockerfile: bool = True
    """Only when there is none."""
    stack: Stack = "auto"
    context: RelativePath = "."
    platforms: Annotated[
        tuple[Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+/[a-z0-9_]+(/[a-z0-9.]+)?$")], ...],
        Field(min_length=1),
    ] = ("linux/amd64",)
    tags: tuple[TagRule, ...] = ("branch", "latest", "semver")
    """Beside the commit."""


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class App:
    """The workload in Kubernetes."""

    name: Label | None = None
    """null: the last part of the project's path."""
    port: Port | None = None
    """null: the Dockerfile's EXPOSE, else 8080."""
    replicas: Annotated[int, Field(ge=0, le=1000)] = 2
    health_path: (
        Annotated[str, StringConstraints(pattern=r"^/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*$", max_length=255)] | None
    ) = None
    """null: probe the port by TCP."""
    run_as: Annotated[int, Field(ge=1, le=2147483647)] | None = None
    """null: the image's numeric USER, else 10001."""


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class PullSecret:
    """The image pull secret that the deploy job creates, and the life of its deploy token."""

    name: Label = "gitlab-registry"
    expires_in_days: Annotated[int, Field(ge=1, le=3650)] = 365


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Environment:
    """One GitLab environment and the namespace that it deploys to."""

    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]*$", max_length=63)]
    namespace: Label
    agent: Annotated[str, StringConstraints(max_length=255), _checked(check_agent)]
    url: Annotated[str, _checked(check_url)] | None = None
    when: When = "default-branch"


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Kubernetes:
    """Deployment by the GitLab agent for Kubernetes."""

    environments: Annotated[tuple[Environment, ...], Field(min_length=1)]
    app: App = App()
    pull_secret: PullSecret = PullSecret()


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Deploy:
    """Where the image runs."""

    kubernetes: Kubernetes


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class EcrMirror:
    """AWS Elastic Container Registry, logged in to by an OIDC role."""

    to: Literal["ecr"]
    registry: Annotated[str, StringConstraints(pattern=r"^[0-9]{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(\.cn)?$")]
    repository: Repository
    region: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$")]
    role: Annotated[str, StringConstraints(pattern=r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+$")]
    when: When = "tag"


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class GarMirror:
    """Google Artifact Registry, logged in to by workload identity federation."""

    to: Literal["gar"]
    registry: Host
    repository: Repository
    audience: OneLine
    service_account: OneLine
    when: When = "tag"


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class AcrMirror:
    """Azure Container Registry, logged in to by a federated credential."""

    to: Literal["acr"]
    registry: Host
    repository: Repository
    client_id: OneLine
    tenant_id: OneLine
    when: When = "tag"


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class LoginMirror:
    """A registry that takes a user name and a password or token."""

    to: Literal["dockerhub", "harbor", "gitlab", "generic"]
    registry: Host
    repository: Repository
    username: OneLine
    password: SecretReference
    when: When = "tag"


Mirror = Annotated[EcrMirror | GarMirror | AcrMirror | LoginMirror, Field(discriminator="to")]


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Variable:
    """A further CI/CD variable of the project. Its identity is (key, scope)."""

    key: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]{1,255}$")]
    value: Annotated[str, StringConstraints(max_length=10000)] | None = None
    """A reference; a literal only where masked and hidden are false (`literal:` escapes a prefix)."""
    masked: bool = True
    hidden: bool | None = None
    """null: as masked."""
    protected: bool = False
    raw: bool = True
    scope: Annotated[str, StringConstraints(min_length=1, max_length=255), _checked(check_one_line)] = "*"
    type: Literal["env_var", "file"] = "env_var"
    description: Annotated[str, StringConstraints(max_length=255), _checked(check_one_line)] = ""
    absent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Delivery:
    """How the files reach the repository."""

    mode: Literal["working-tree", "branch", "merge-request"] = "working-tree"
    branch: Annotated[str, StringConstraints(max_length=255), _checked(check_branch)] = "registry-wizard/setup"


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Answers:
    """Everything that the user wants for one project."""

    version: Literal[1] = 1
    project: ProjectPath | None = None
    """null: the `origin` remote's."""
    registry: Registry | None = None
    pull: tuple[Pull, ...] = ()
    docker_auth: tuple[DockerAuth, ...] = ()
    build: Build | None = None
    deploy: Deploy | None = None
    mirror: tuple[Mirror, ...] = ()
    variables: tuple[Variable, ...] = ()
    delivery: Delivery = Delivery()
