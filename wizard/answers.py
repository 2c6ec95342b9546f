"""Answers: what the user wants. The format of `.gitlab/registry-wizard.yml`, as frozen values.

An absent section means *not managed*: nothing is planned there and nothing that exists is removed. A field that is
`None` takes what is detected (see `wizard.complete`). No secret is ever held here, only references to secrets.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints
from pydantic.dataclasses import dataclass

from wizard.answer_types import (
    Agent,
    AuthHost,
    AwsRegion,
    AwsRole,
    Branch,
    Description,
    EcrHost,
    Engine,
    EnvironmentName,
    HealthPath,
    Host,
    Image,
    Keep,
    Label,
    Level,
    ObjectName,
    OneLine,
    Platform,
    Port,
    ProjectPath,
    Regex,
    RelativePath,
    Repository,
    RunnerTag,
    Scope,
    SecretReference,
    Stack,
    TagRule,
    Url,
    VariableKey,
    Version,
    When,
    WorkloadKind,
)

FILE = ".gitlab/registry-wizard.yml"

_CONFIG = ConfigDict(extra="forbid", str_strip_whitespace=False, populate_by_name=True, use_attribute_docstrings=True)


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class External:
    """A registry other than GitLab's own that takes the images."""

    host: Host
    """Without a scheme; stored as `DOCKER_REGISTRY`."""
    repository: Repository
    """Where in it the image goes; written into the pipeline."""
    username: OneLine
    """Stored as `DOCKER_REGISTRY_USER`."""
    password: SecretReference
    """Stored as `DOCKER_REGISTRY_PASS`, masked and hidden."""


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Cleanup:
    """The cleanup policy of the project's registry (allowed values: GitLab's `ContainerExpirationPolicy`)."""

    enabled: bool = True
    """false: switch the policy off."""
    cadence: Literal["1d", "7d", "14d", "1month", "3month"] = "7d"
    """How often it runs."""
    keep: Keep | None = 10
    """How many tags of each image stay; null: no limit by number."""
    older_than: Literal["7d", "14d", "30d", "60d", "90d"] | None = "14d"
    """Only tags older than this go; null: whatever their age."""
    remove: Regex = ".*"
    """Tags to remove, RE2, matched whole."""
    retain: Regex | None = None
    """Tags to keep whatever happens; null: latest, the default branch, versions and signatures."""


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Protect:
    """Least role that may push to, or delete from, the project's own repository path."""

    push: Level | None = "maintainer"
    """Least role that may push; null: no limit."""
    delete: Level | None = "maintainer"
    """Least role that may delete; null: no limit."""


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Registry:
    """Where the images go, and how that place is kept."""

    target: Literal["gitlab", "external"] = "gitlab"
    """The registry that takes the images."""
    external: External | None = None
    """With target external."""
    visibility: Literal["project", "private"] | None = None
    """project: as visible as the project; private: members only; null: as it is."""
    cleanup: Cleanup | None = None
    """The cleanup policy; null: as it is."""
    protect: Protect | Literal["none"] | None = None
    """none: remove the rule for the project's own path; null: as it is."""


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Pull:
    """A private image of another project on the same GitLab that this pipeline uses."""

    project: ProjectPath
    """The project that owns the image."""
    image: Image = ""
    """The image, below that project's registry path."""
    as_: Annotated[Literal["job", "base"], Field(alias="as")] = "base"
    """job: the image that a job runs in; base: `FROM` in the Dockerfile."""
    with_: Annotated[Literal["auto", "job-token", "deploy-token"], Field(alias="with")] = "auto"
    """How the pipeline logs in there; auto: the job token where it reaches."""
    enforce: bool = False
    """Also switch the source project's job-token scope on."""
    absent: bool = False
    """Remove what was set up for this item."""


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class DockerAuth:
    """Another registry that the runner itself must pull from: an entry of `DOCKER_AUTH_CONFIG`."""

    host: AuthHost
    """Host, or host and path (GitLab Runner 17.5 and later)."""
    username: OneLine | None = None
    """The user, robot or token name that logs in there."""
    password: SecretReference | None = None
    """A reference to its password or token."""
    absent: bool = False
    """Take the entry out again."""


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Build:
    """The build and publish jobs."""

    enabled: bool = True
    """false: no build and no publish job."""
    engine: Engine = "dind"
    """The program that builds the image."""
    runner_tags: Annotated[tuple[RunnerTag, ...], Field(max_length=50)] | None = None
    """Tags of the runner for our jobs; null: those that the present pipeline's jobs agree on."""
    dockerfile: RelativePath = "Dockerfile"
    """Where the Dockerfile lies."""
    generate_dockerfile: bool = True
    """Write a Dockerfile, only when there is none."""
    stack: Stack = "auto"
    """What a written Dockerfile is for; auto: as detected."""
    context: RelativePath = "."
    """The folder that the build sees."""
    platforms: Annotated[tuple[Platform, ...], Field(min_length=1)] = ("linux/amd64",)
    """What the image runs on."""
    tags: tuple[TagRule, ...] = ("branch", "latest", "semver")
    """Tags of the published image, beside the commit's."""


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class App:
    """The workload in Kubernetes."""

    name: Label | None = None
    """Its name; null: the last part of the project's path."""
    port: Port | None = None
    """Where it listens; null: the Dockerfile's EXPOSE, else 8080."""
    replicas: Annotated[int, Field(ge=0, le=1000)] = 2
    """How many copies run."""
    health_path: HealthPath | None = None
    """What answers when it is well; null: probe the port by TCP."""
    run_as: Annotated[int, Field(ge=1, le=2147483647)] | None = None
    """The user id; null: the image's numeric USER, else 10001."""


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class OwnWorkload:
    """A container in a manifest of the repository that is to run the image."""

    name: ObjectName
    """The workload's name in its manifest."""
    kind: WorkloadKind = "Deployment"
    """Its kind in the manifest."""
    file: RelativePath
    """The manifest; it stays as it is."""
    container: Label
    """The container, or init container, that runs the image. For a second one, list the workload again."""


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class PullSecret:
    """The image pull secret that the deploy job creates, and the life of its deploy token."""

    name: Label = "gitlab-registry"
    """The name of the Kubernetes secret."""
    expires_in_days: Annotated[int, Field(ge=1, le=3650)] = 365
    """The life of the deploy token in it."""


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Environment:
    """One GitLab environment and the namespace that it deploys to."""

    name: EnvironmentName
    """The environment's name in GitLab."""
    namespace: Label
    """The Kubernetes namespace."""
    agent: Agent
    """Its context: path of the project that registers it, a colon, its name."""
    url: Url | None = None
    """Where people reach it; GitLab links there."""
    when: When = "default-branch"
    """What starts the deployment."""


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Kubernetes:
    """Deployment by the GitLab agent for Kubernetes."""

    environments: Annotated[tuple[Environment, ...], Field(min_length=1)]
    """Where it is deployed to, at least one."""
    workloads: tuple[OwnWorkload, ...] = ()
    """Workloads of manifests that are there already: an overlay gives them the image and the pull secret."""
    app: App = App()
    """The workload of the manifests that are written; not where `workloads` names some that are there."""
    pull_secret: PullSecret = PullSecret()
    """The secret by which the cluster pulls the image."""


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Deploy:
    """Where the image runs."""

    kubernetes: Kubernetes
    """By the GitLab agent for Kubernetes."""


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class EcrMirror:
    """AWS Elastic Container Registry, logged in to by an OIDC role."""

    to: Literal["ecr"]
    """The kind of registry."""
    registry: EcrHost
    """Its host."""
    repository: Repository
    """The repository that takes the copies."""
    region: AwsRegion
    """The AWS region."""
    role: AwsRole
    """The role that the job takes on by OIDC."""
    when: When = "tag"
    """What starts the copy."""


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class GarMirror:
    """Google Artifact Registry, logged in to by workload identity federation."""

    to: Literal["gar"]
    """The kind of registry."""
    registry: Host
    """Its host, such as europe-west1-docker.pkg.dev."""
    repository: Repository
    """PROJECT/REPOSITORY/IMAGE that takes the copies."""
    audience: OneLine
    """The workload identity provider."""
    service_account: OneLine
    """The service account that the job acts as."""
    when: When = "tag"
    """What starts the copy."""


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class AcrMirror:
    """Azure Container Registry, logged in to by a federated credential."""

    to: Literal["acr"]
    """The kind of registry."""
    registry: Host
    """Its host, such as NAME.azurecr.io."""
    repository: Repository
    """The repository that takes the copies."""
    client_id: OneLine
    """The application (client) id of the federated identity."""
    tenant_id: OneLine
    """The directory (tenant) id."""
    when: When = "tag"
    """What starts the copy."""


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class LoginMirror:
    """A registry that takes a user name and a password or token."""

    to: Literal["dockerhub", "harbor", "gitlab", "generic"]
    """The kind of registry."""
    registry: Host
    """Its host, such as docker.io."""
    repository: Repository
    """The repository that takes the copies."""
    username: OneLine
    """The user, robot or token name that logs in there."""
    password: SecretReference
    """A reference to its password or token."""
    when: When = "tag"
    """What starts the copy."""


Mirror = Annotated[EcrMirror | GarMirror | AcrMirror | LoginMirror, Field(discriminator="to")]


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Variable:
    """A further CI/CD variable of the project. Its identity is (key, scope)."""

    key: VariableKey
    """Its name; names that begin with CI_ are GitLab's own."""
    value: Annotated[str, StringConstraints(max_length=10000)] | None = None
    """A reference; a literal only where masked and hidden are false (`literal:` escapes a prefix)."""
    masked: bool = True
    """Job logs show [MASKED] in place of the value."""
    hidden: bool | None = None
    """Nobody can read the value in GitLab again; null: as masked."""
    protected: bool = False
    """Only jobs on protected branches and tags get it."""
    raw: bool = True
    """A $ in the value stays a $."""
    scope: Scope = "*"
    """The environments whose jobs get it; * stands for any text."""
    type: Literal["env_var", "file"] = "env_var"
    """file: jobs get the path of a file that holds the value."""
    description: Description = ""
    """What it is for, shown in GitLab."""
    absent: bool = False
    """Remove the variable."""


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Delivery:
    """How the files reach the repository."""

    mode: Literal["working-tree", "branch", "merge-request"] = "working-tree"
    """Into the checked-out files, or by the API to a branch, with or without a merge request."""
    branch: Branch = "registry-wizard/setup"
    """The branch for branch and merge-request."""


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Answers:
    """Everything that the user wants for one project."""

    version: Version = 1
    """The version of this format."""
    project: ProjectPath | None = None
    """Its full path; null: the `origin` remote's."""
    registry: Registry | None = None
    """Where the images go, and how that place is kept; null: left as it is."""
    pull: tuple[Pull, ...] = ()
    """Private images of other projects on the same GitLab that this pipeline uses."""
    docker_auth: tuple[DockerAuth, ...] = ()
    """Other registries that the runner itself must pull from: DOCKER_AUTH_CONFIG."""
    build: Build | None = None
    """The build and publish jobs; null: as detected."""
    deploy: Deploy | None = None
    """Where the image runs; null: left as it is."""
    mirror: tuple[Mirror, ...] = ()
    """Copies of the published image elsewhere: ecr, gar, acr, dockerhub, harbor, gitlab, generic."""
    variables: tuple[Variable, ...] = ()
    """Further CI/CD variables of the project."""
    delivery: Delivery = Delivery()
    """How the files reach the repository."""
