"""Pipelines of every kind that is generated, and how a test reads them as GitLab does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from wizard.answers import AcrMirror, EcrMirror, Environment, GarMirror, LoginMirror
from wizard.generate.pipeline import Pipeline, Stages
from wizard.generate.pipeline_logins import BaseToken

BASE = BaseToken("Platform/base-images", "PULL_PLATFORM_BASE_IMAGES_USER", "PULL_PLATFORM_BASE_IMAGES_TOKEN")
OTHER_BASE = BaseToken("ops/tools", "PULL_OPS_TOOLS_USER", "PULL_OPS_TOOLS_TOKEN")
ECR = EcrMirror(
    to="ecr",
    registry="123456789012.dkr.ecr.eu-central-1.amazonaws.com",
    repository="app",
    region="eu-central-1",
    role="arn:aws:iam::123456789012:role/push",
)
GAR = GarMirror(
    to="gar",
    registry="europe-west3-docker.pkg.dev",
    repository="project/apps/app",
    audience="https://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/gitlab/providers/gitlab",
    service_account="pusher@project.iam.gserviceaccount.com",
    when="default-branch",
)
ACR = AcrMirror(to="acr", registry="team.azurecr.io", repository="app", client_id="c", tenant_id="t", when="manual")
HARBOR = LoginMirror(
    to="harbor", registry="harbor.example.com:8443", repository="team/app", username="robot$ci", password="env:H"
)
STAGING = Environment(
    name="staging", namespace="app-staging", agent="acme/agents:staging", url="https://staging.example.com"
)
PRODUCTION = Environment(name="production", namespace="app", agent="acme/agents:production", when="manual")
RELEASED = Environment(name="customers", namespace="app-customers", agent="acme/agents:production", when="tag")

SAMPLES: Mapping[str, Pipeline] = {
    "defaults": Pipeline(),
    "everything": Pipeline(
        stages=Stages("Build images", "publish", "deploy", "mirror"),
        runner_tags=("docker", "linux amd64"),
        default_branch="Main/2.x",
        platforms=("linux/amd64", "linux/arm64", "linux/arm/v7"),
        tags=("branch", "latest", "semver", "iid"),
        environments=(STAGING, PRODUCTION, RELEASED),
        mirrors=(ECR, ECR, GAR, ACR, HARBOR, HARBOR),
    ),
    "protected": Pipeline(protected_only=True, environments=(STAGING, PRODUCTION), mirrors=(ECR,)),
    "external": Pipeline(external_repository="team/app", environments=(STAGING,), mirrors=(HARBOR,)),
    "external with a base image": Pipeline(external_repository="team/app", base_job_token=True),
    "external with a base image by token": Pipeline(external_repository="team/app", base_tokens=(BASE,)),
    "base image by token": Pipeline(base_tokens=(BASE,)),
    "branches and tags only": Pipeline(merge_requests=False),
    "by stage": Pipeline(wait_for_stages=True, environments=(STAGING,), mirrors=(ECR,)),
    "no tags": Pipeline(tags=(), environments=(STAGING,)),
    "releases only": Pipeline(tags=("semver",)),
    "numbers only": Pipeline(tags=("iid",)),
    "socket": Pipeline(engine="socket", base_tokens=(BASE,), platforms=("linux/arm64",)),
    "buildkit": Pipeline(engine="buildkit", default_branch="main"),
    "buildah": Pipeline(engine="buildah", base_tokens=(BASE, OTHER_BASE)),
    "kaniko": Pipeline(engine="kaniko", external_repository="team/app"),
}


@dataclass(frozen=True)
class Reference:
    """GitLab's `!reference [job, keyword]`."""

    path: tuple[str, ...]


class _Loader(yaml.SafeLoader):
    pass


_Loader.add_constructor(
    "!reference",
    lambda loader, node: Reference(tuple(loader.construct_sequence(node))),  # type: ignore[arg-type]  # the stub knows no node types
)


def load(text: str) -> dict[str, Any]:
    """Read a pipeline with its references."""
    document = yaml.load(text, Loader=_Loader)  # noqa: S506  # a safe loader with one more tag
    assert isinstance(document, dict)
    return document


def as_schema_sees(value: Any) -> Any:
    """Replace references by the list that the schema knows for them."""
    if isinstance(value, Reference):
        return list(value.path)
    if isinstance(value, dict):
        return {key: as_schema_sees(item) for key, item in value.items()}
    return [as_schema_sees(item) for item in value] if isinstance(value, list) else value


def commands(document: Mapping[str, Any], job: str, keyword: str) -> list[str]:
    """Return the commands of a job with references resolved."""
    found: list[str] = []
    for item in document[job].get(keyword, []):
        if isinstance(item, Reference):
            found += commands(document, item.path[0], item.path[1])
        else:
            found.append(item)
    return found


def script(document: Mapping[str, Any], job: str) -> str:
    """Return what a runner executes: before_script and script in one shell."""
    parts = commands(document, job, "before_script") + commands(document, job, "script")
    return "\n".join(parts) + "\n"


def jobs(document: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the visible jobs."""
    return ((name, job) for name, job in document.items() if not name.startswith("."))
