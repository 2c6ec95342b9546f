"""Discover: reads what is there, side by side, and returns it as one frozen `State`. It changes nothing.

Three rounds of reads, each of them concurrent: who and which project; what the project and the sources hold; and, for a
delivery through the API, the files on the branch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from wizard import decode, layout
from wizard.answers import Answers
from wizard.change import Notice
from wizard.errors import WizardError
from wizard.gateways.gitlab import Api, DeniedError, NotFoundError, encoded
from wizard.gateways.work_tree import WorkTree
from wizard.generate.merged_stages import for_lint, stages_of
from wizard.journal import Journal
from wizard.reading import Reader, accepted, allowed, present
from wizard.remote_files import branch_reads, delivery_branch, remote_repository
from wizard.secret import Secret
from wizard.state import Identity, Instance, ProjectState, RepositoryState, SourceState, State, Unknown
from wizard.token_report import refuse_expired, token_warnings
from wizard.work_files import work_tree_repository

OLDEST = (17, 4)
"""GitLab 17.4 brought masked and hidden variables."""


@dataclass(frozen=True, slots=True)
class Connection:
    """The GitLab server, and whose token this is."""

    instance: Instance
    identity: Identity
    warnings: tuple[Notice, ...] = ()
    """What the token cannot do, and that it ends soon."""


@dataclass(frozen=True, slots=True)
class Discovery:
    """What discovering needs: the gateways, today's date, and the local secrets that could be read."""

    api: Api
    project: str
    today: date
    work_tree: WorkTree | None = None
    reader: Reader = field(default_factory=Reader)
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    journal_folder: Path | None = None

    def state(self, answers: Answers) -> State:
        """Read everything that a plan for these answers may need."""
        sources = tuple(dict.fromkeys(pull.project for pull in answers.pull))
        first = self.reader.together(
            {
                **connection_reads(self.api),
                "project": self._project(self.project),
                **{f"source:{path}": present(self._project(path)) for path in sources},
            }
        )
        connection = connect(self.api.url, first, self.today)
        admin = connection.identity.admin
        project = decode.project(first["project"], admin=admin)
        found = {path: first[f"source:{path}"] for path in sources}
        projects = {path: decode.project(body, admin=admin) if body else None for path, body in found.items()}
        remembered = Journal(self.api.url, project.id, self.journal_folder).remembered()
        by_api = answers.delivery.mode != "working-tree"
        second = self.reader.together(
            {
                **self._project_reads(project),
                **{name: read for path, source in projects.items() if source
                   for name, read in source_reads(self.api, path, source).items()},
                **(branch_reads(self.api, project, answers.delivery.branch) if by_api else {}),
            }
        )  # fmt: skip
        if by_api:
            branch = delivery_branch(answers.delivery.branch, second)
            repository = remote_repository(self.api, self.reader, project, branch, answers)
        else:
            repository = work_tree_repository(self.work_tree, answers, remembered)
        return State(
            today=self.today,
            instance=connection.instance,
            identity=connection.identity,
            project=project,
            repository=repository,
            variables=_of(second["variables"], decode.variables),
            deploy_tokens=_of(second["deploy_tokens"], decode.deploy_tokens),
            protection_rules=_of(second["rules"], decode.rules),
            protected_branches=_of(second["protected_branches"], decode.names),
            protected_tags=_of(second["protected_tags"], decode.names),
            agents=_of(second["agents"], decode.agents),
            merged_stages=self._merged_stages(project, repository),
            sources={path: source_state(path, source, second) for path, source in projects.items()},
            secrets=self.secrets,
            remembered=remembered,
        )

    def _merged_stages(self, project: ProjectState, repository: RepositoryState) -> tuple[str, ...] | None:
        """Ask GitLab's lint which stages there are, only where the file leaves that to others."""
        file = repository.files.get(layout.CI_FILE)
        content = for_lint(file.content if file else None, f"/{layout.PIPELINE}")
        if content is None:
            return None
        path = f"/projects/{project.id}/ci/lint"
        answer = self.reader.together({"lint": accepted(lambda: self.api.ask(path, {"content": content}))})["lint"]
        merged = answer.get("merged_yaml") if isinstance(answer, Mapping) else None
        return stages_of(merged) if isinstance(merged, str) else None

    def _project(self, path: str) -> Callable[[], Any]:
        return lambda: self.api.get(f"/projects/{encoded(path)}")

    def _project_reads(self, project: ProjectState) -> dict[str, Callable[[], Any]]:
        at = f"/projects/{project.id}"
        lists = {
            "variables": f"{at}/variables",
            "deploy_tokens": f"{at}/deploy_tokens",
            "rules": f"{at}/registry/protection/repository/rules",
            "protected_branches": f"{at}/protected_branches",
            "protected_tags": f"{at}/protected_tags",
        }
        reads = {name: allowed(partial(self.api.rows, path)) for name, path in lists.items()}
        # Agents are only suggested; an instance without them must not stop a plan.
        return {**reads, "agents": accepted(partial(self.api.rows, f"{at}/cluster_agents"))}


def source_reads(api: Api, path: str, source: ProjectState) -> dict[str, Callable[[], Any]]:
    """Return the reads that tell how a project lets others in."""
    at = f"/projects/{source.id}"
    return {
        f"scope:{path}": allowed(partial(api.get, f"{at}/job_token_scope")),
        f"projects:{path}": allowed(partial(api.rows, f"{at}/job_token_scope/allowlist")),
        f"groups:{path}": allowed(partial(api.rows, f"{at}/job_token_scope/groups_allowlist")),
        f"tokens:{path}": allowed(partial(api.rows, f"{at}/deploy_tokens")),
    }


def connection_reads(api: Api) -> dict[str, Callable[[], Any]]:
    """Return the reads that tell which server this is and whose token."""
    return {
        "version": lambda: api.get("/version"),
        "user": lambda: api.get("/user"),
        "token": accepted(lambda: api.get("/personal_access_tokens/self")),
    }


def connect(url: str, found: Mapping[str, Any], today: date) -> Connection:
    """Check that this is a GitLab that we can work with, and a token that may read its API and has not ended."""
    version, user = found["version"], found["user"]
    if not isinstance(version, Mapping) or "version" not in version or not isinstance(user, Mapping):
        raise WizardError("not-gitlab", f"{url} does not answer as GitLab's API does", "Check the address (--url).")
    instance = decode.instance(url, version)
    if instance.version < OLDEST:
        raise WizardError(
            "gitlab-too-old",
            f"{url} is GitLab {instance.version_text}; {OLDEST[0]}.{OLDEST[1]} or later is needed",
            "Ask its administrator to upgrade: hidden variables came with 17.4.",
        )
    identity = decode.identity(user, found["token"])
    refuse_expired(identity, today, url)
    return Connection(instance, identity, token_warnings(identity, today, url))


def explained(error: WizardError, project: str) -> WizardError:
    """Say of a project that GitLab answers 404 for what that may mean."""
    if isinstance(error, NotFoundError) and "Project Not Found" in error.message:
        return WizardError(
            "project-not-found",
            f"{project}: GitLab says 404 Project Not Found: the project is missing, or not yours to see",
            "Check the path (--project), and that the token's owner is a member: GitLab does not tell the two apart.",
        )
    if isinstance(error, DeniedError) and error.code == "scope-too-low":
        return WizardError(
            error.code, f"the token may not use the API: {error.message}", "Create a token with the scope `api`."
        )
    return error


def _of(rows: Any, read: Callable[[Any], Any]) -> Any:
    return rows if isinstance(rows, Unknown) else read(rows)


def source_state(path: str, project: ProjectState | None, second: Mapping[str, Any]) -> SourceState:
    """Put together what `source_reads` brought."""
    if project is None:
        return SourceState(path, None)
    scope = [second[f"{name}:{path}"] for name in ("scope", "projects", "groups")]
    unknown = next((part for part in scope if isinstance(part, Unknown)), None)
    return SourceState(
        path,
        project,
        unknown or decode.job_token_scope(*scope),
        _of(second[f"tokens:{path}"], decode.deploy_tokens),
    )
