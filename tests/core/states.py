"""States, answers and plans written briefly: what a case does not name is a fresh project of a Maintainer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import yaml

from wizard import layout
from wizard.answers import Answers
from wizard.answers_file import read_answers
from wizard.change import Change, Plan
from wizard.changes.file import blob_ids
from wizard.generate.detection import Detection, detect
from wizard.plan import build_plan
from wizard.planning.options import PlanOptions
from wizard.secret import Secret
from wizard.state import (
    DeployTokenState,
    FileState,
    Identity,
    Instance,
    JobTokenScope,
    Known,
    ProjectState,
    ProtectionRule,
    Remembered,
    RepositoryState,
    Role,
    SourceState,
    State,
    Unknown,
    VariableState,
)

CASES = Path(__file__).parents[1] / "plan_cases"
TODAY = date(2026, 11, 24)
URL = "https://gitlab.example.com"
REGISTRY = "registry.example.com:5050"
PROJECT = "acme/team/app"
UNKNOWN = "unknown"
FRESH_POLICY = {
    "enabled": False,
    "cadence": "1d",
    "keep_n": 10,
    "older_than": "90d",
    "name_regex": ".*",
    "name_regex_keep": None,
}
IN_REPOSITORY = ("file", "commit", "merge-request")
_BUILDABLE = {"Dockerfile": "FROM registry.example.com/base:1\nEXPOSE 8080\nUSER 10001\n"}
"""What lies in a project that is asked to be built, unless the case says what does."""

T = TypeVar("T")
Document = Mapping[str, Any]


def load(path: Path) -> dict[str, Any]:
    """Read one YAML file of cases."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(document, dict), path
    return document


def answers_of(document: Document | None, sets: Sequence[str] = ()) -> Answers:
    """Read answers as from a file, with `--set` flags over them."""
    text = yaml.safe_dump({"version": 1, **(document or {})}, sort_keys=False)
    return read_answers(text, name="answers.yml", sets=sets)


def options_of(document: Document) -> PlanOptions:
    """Read what the command line adds."""
    return PlanOptions(
        allow_dirty=bool(document.get("allow_dirty")),
        overwrite=frozenset(document.get("overwrite", ())),
        rotate=frozenset(document.get("rotate", ())),
    )


def planned(case: Document, sets: Sequence[str] = ()) -> Plan:
    """Plan a case: its answers against its state."""
    answers = answers_of(case.get("answers"), sets)
    return build_plan(answers, state_of(case.get("state", {}), answers), options_of(case.get("options", {})))


def settings(plan: Plan) -> tuple[Change, ...]:
    """The changes that are not about the repository's files."""
    return tuple(change for change in plan.changes if change.kind not in IN_REPOSITORY)


def state_of(document: Document, answers: Answers) -> State:
    """Build a state; each part may be `unknown`."""
    project = project_of({"id": 10, "path": PROJECT, **document.get("project", {})})
    return State(
        today=TODAY,
        instance=Instance(URL, (19, 5), "19.5.0-ee"),
        identity=_identity(document.get("identity", {})),
        project=project,
        repository=_repository(document.get("files", _BUILDABLE if answers.build else {}), answers),
        variables=_rows(document.get("variables", ()), variable_of),
        deploy_tokens=_rows(document.get("deploy_tokens", ()), deploy_token_of),
        protection_rules=_rows(document.get("protection_rules", ()), _rule),
        protected_branches=_rows(document.get("protected_branches", ("main",)), str),
        protected_tags=_rows(document.get("protected_tags", ()), str),
        sources={path: source_of(path, given) for path, given in document.get("sources", {}).items()},
        agents=_rows(document.get("agents", ()), str),
        secrets={name: Secret(value) for name, value in document.get("secrets", {}).items()},
        remembered=_remembered(document.get("remembered", {})),
    )


def project_of(given: Document) -> ProjectState:
    """Build a project as its own Maintainer sees it."""
    path = given["path"]
    parts = path.split("/")[:-1]
    around = ["/".join(parts[:length]) for length in range(len(parts), 0, -1)]
    policy = given.get("cleanup", FRESH_POLICY)
    access = given.get("registry", "enabled")
    return ProjectState(
        id=given["id"],
        path=path,
        visibility=given.get("visibility", "private"),
        role=Role[given.get("role", "maintainer").upper()],
        default_branch=given.get("default_branch", "main"),
        web_url=f"{URL}/{path}",
        registry_access=_unknown() if access == UNKNOWN else access,
        image_prefix=f"{REGISTRY}/{path.lower()}" if given.get("instance_registry", True) else None,
        cleanup=_unknown() if policy == UNKNOWN else policy,
        archived=given.get("archived", False),
        groups=tuple((number, group) for number, group in enumerate(given.get("groups", around), start=1)),
    )


def variable_of(given: Document) -> VariableState:
    """Build a variable; a hidden one never shows its value."""
    value = None if given.get("hidden") else given.get("value", "")
    return VariableState(
        key=given["key"],
        environment_scope=given.get("scope", "*"),
        variable_type=given.get("type", "env_var"),
        masked=given.get("masked", bool(given.get("hidden"))),
        hidden=given.get("hidden", False),
        protected=given.get("protected", False),
        raw=given.get("raw", True),
        description=given.get("description"),
        value=Secret(value) if value is not None else None,
    )


def deploy_token_of(given: Document) -> DeployTokenState:
    """Build a deploy token that never expires unless the case says so."""
    return DeployTokenState(
        id=given["id"],
        name=given["name"],
        username=f"gitlab+deploy-token-{given['id']}",
        scopes=tuple(given.get("scopes", ("read_registry",))),
        expires_at=given.get("expires_at"),
        revoked=given.get("revoked", False),
        expired=given.get("expired", False),
    )


def source_of(path: str, given: Document | None) -> SourceState:
    """Build a project whose images ours uses; None: GitLab answers 404 for it."""
    if given is None:
        return SourceState(path, None)
    project = project_of({"id": 20, "path": path, **given})
    return SourceState(
        path, project, _scope(given.get("scope", {}), project), _rows(given.get("deploy_tokens", ()), deploy_token_of)
    )


def _scope(given: Document | str, project: ProjectState) -> Known[JobTokenScope]:
    if not isinstance(given, Mapping):
        return _unknown()
    projects = {project.id: project.path, **given.get("projects", {})}
    projects |= {1000 + number: f"others/p{number}" for number in range(given.get("others", 0))}
    return JobTokenScope(given.get("enabled", True), projects, given.get("groups", {}))


def _rule(given: Document) -> ProtectionRule:
    return ProtectionRule(given["id"], given["pattern"], given.get("push"), given.get("delete"))


def _identity(given: Document) -> Identity:
    scopes = given.get("scopes", ("api",))
    return Identity(3, given.get("username", "maint"), scopes=_unknown() if scopes == UNKNOWN else tuple(scopes))


def _repository(files: Mapping[str, str], answers: Answers) -> RepositoryState:
    contents = {path: text.encode() for path, text in files.items()}
    detection = detect(contents, layout.manifests(answers)) if contents else Detection()
    return RepositoryState(
        files={path: FileState(path, contents.get(path)) for path in layout.writable(answers)},
        detection=detection,
        sources=blob_ids((found.path for found in detection.workloads), contents),
    )


def _remembered(given: Document) -> Remembered:
    return Remembered(
        references=given.get("references", {}),
        unstored={name: tuple(ids) for name, ids in given.get("unstored", {}).items()},
        orphans={name: tuple(ids) for name, ids in given.get("orphans", {}).items()},
        blobs=given.get("blobs", {}),
        unfinished=tuple(given.get("unfinished", ())),
    )


def _rows(given: Any, read: Callable[[Any], T]) -> Known[tuple[T, ...]]:
    return _unknown() if given == UNKNOWN else tuple(read(row) for row in given)


def _unknown() -> Unknown:
    return Unknown("403 Forbidden")
