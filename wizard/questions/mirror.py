"""Copies of the published image in other registries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from wizard.previews.copies import copies
from wizard.question import Choice, Known, ListQuestion, Question, Step
from wizard.questions.common import fits, maskable, project_path, when_first

_LOGIN = ("dockerhub", "harbor", "gitlab", "generic")
_HELP = {
    "gar": "Its host, such as europe-west1-docker.pkg.dev.",
    "acr": "Its host, such as NAME.azurecr.io.",
}


def _kind(*kinds: str) -> Callable[[Known], bool]:
    return lambda known: known.item.get("to") in kinds


def _host(known: Known) -> str | None:
    return {"dockerhub": "docker.io", "gitlab": "registry.gitlab.com"}.get(str(known.item.get("to")))


def _repository(known: Known) -> str | None:
    path = project_path(known).lower()
    return (path.rpartition("/")[2] if known.item.get("to") in ("ecr", "acr") else path) or None


def _region(known: Known) -> str | None:
    parts = str(known.item.get("registry", "")).split(".")
    return parts[3] if len(parts) > 4 and parts[1:3] == ["dkr", "ecr"] else None


def _password(known: Known) -> str:
    return f"env:{str(known.item.get('to', 'registry')).upper()}_TOKEN"


def _kinds(_: Known) -> tuple[Choice, ...]:
    return (
        Choice("ecr", "Amazon ECR", "Logs in by OIDC: no key is stored."),
        Choice("gar", "Google Artifact Registry", "Logs in by workload identity: no key is stored."),
        Choice("acr", "Azure Container Registry", "Logs in by a federated credential: no key is stored."),
        Choice("dockerhub", "Docker Hub", "Logs in by user and access token."),
        Choice("harbor", "Harbor", "Logs in by a robot account."),
        Choice("gitlab", "another GitLab", "Logs in by a deploy token of that GitLab."),
        Choice("generic", "any other registry", "Logs in by user and password."),
    )


def _registry(kind: str, *others: str) -> Question:
    """Ask for the host; what a host looks like depends on the kind."""
    return Question(
        key="registry",
        text="What is the address of that registry?",
        help=_HELP.get(kind, "Its host, with a port if it has one."),
        form="text",
        default=_host,
        check=fits("mirror.registry", kind),
        when=_kind(kind, *others),
    )


_ITEM = (
    Question(
        key="to",
        text="Where does the copy go?",
        help="The kind of registry decides how the job logs in. Without a stored key nothing can leak.",
        form="choice",
        default=lambda _: "ecr",
        choices=_kinds,
        topic="mirror",
    ),
    Question(
        key="registry",
        text="What is the address of that registry?",
        help="ACCOUNT.dkr.ecr.REGION.amazonaws.com with the 12-digit number of the account.",
        form="text",
        check=fits("mirror.registry", "ecr"),
        when=_kind("ecr"),
    ),
    _registry("gar"),
    _registry("acr"),
    _registry(*_LOGIN),
    Question(
        key="repository",
        text="Under which path is the image stored there?",
        help="As that registry names it, without a tag. For Google: PROJECT/REPOSITORY/IMAGE.",
        form="text",
        default=_repository,
        check=fits("mirror.repository"),
    ),
    Question(
        key="region",
        text="In which AWS region is it?",
        help="Such as eu-central-1.",
        form="text",
        default=_region,
        check=fits("mirror.region", "ecr"),
        when=_kind("ecr"),
    ),
    Question(
        key="role",
        text="Which AWS role does the job take on?",
        help="The ARN of a role that trusts this GitLab and may push there: arn:aws:iam::ACCOUNT:role/NAME.",
        form="text",
        check=fits("mirror.role", "ecr"),
        when=_kind("ecr"),
        topic="mirror",
    ),
    Question(
        key="audience",
        text="Which workload identity provider does the job use?",
        help="Its full name: //iam.googleapis.com/projects/NUMBER/locations/global/workloadIdentityPools/POOL/"
        "providers/PROVIDER.",
        form="text",
        check=fits("mirror.audience", "gar"),
        when=_kind("gar"),
        topic="mirror",
    ),
    Question(
        key="service_account",
        text="As which service account does the job act?",
        help="Its address, such as push@my-project.iam.gserviceaccount.com. It must be an Artifact Registry Writer.",
        form="text",
        check=fits("mirror.service_account", "gar"),
        when=_kind("gar"),
    ),
    Question(
        key="client_id",
        text="What is the application (client) id?",
        help="Of the app registration or managed identity that holds the federated credential and may push (AcrPush).",
        form="text",
        check=fits("mirror.client_id", "acr"),
        when=_kind("acr"),
        topic="mirror",
    ),
    Question(
        key="tenant_id",
        text="What is the directory (tenant) id?",
        help="Of the Microsoft Entra directory that the identity belongs to.",
        form="text",
        check=fits("mirror.tenant_id", "acr"),
        when=_kind("acr"),
    ),
    Question(
        key="username",
        text="Who logs in there?",
        help="A user or, better, a robot account that may push to that path only.",
        form="text",
        check=fits("mirror.username", "generic"),
        when=_kind(*_LOGIN),
    ),
    Question(
        key="password",
        text="Where is the password or token of that user?",
        help="Say where it is, not what it is: env:NAME, file:PATH or keyring:SERVICE/USER; ask: you type it unseen. "
        "It is stored in GitLab, masked and hidden.",
        form="secret",
        default=_password,
        check=fits("mirror.password", "generic"),
        unseen=maskable,
        when=_kind(*_LOGIN),
        topic="secrets",
    ),
    Question(
        key="when",
        text="When is the image copied?",
        help="The copy is the published image itself, not a second build.",
        form="choice",
        default=lambda _: "tag",
        choices=lambda _: when_first("tag"),
    ),
)


def _title(item: Mapping[str, Any]) -> str:
    return f"{item.get('registry', '')}/{item.get('repository', '')} ({item.get('to', '')})"


STEP = Step(
    key="mirror",
    title="Copies elsewhere",
    intro=lambda _: "A job can copy the published image to other registries, for example to the one of your cloud.",
    when=lambda known: known.draft.get("build.enabled") is True,
    questions=(
        ListQuestion(
            key="mirror",
            text="Which other registries get a copy?",
            help="One job is made for each. Most projects need none.",
            noun="copy",
            title=_title,
            topic="mirror",
            item=_ITEM,
            preview=copies,
        ),
    ),
)
